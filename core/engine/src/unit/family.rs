//! The family at work: its calls, and what it may do to the target meanwhile.
//!
//! A failure below the family (the target lost, the unit cancelled) comes back through the plugin as a bare status; the
//! failure itself is kept here, so that the report says what really happened.

use super::{Book, UnitSession, Wiring, step::named};
use crate::{
    codes,
    limits::{COMMAND_LEN_MAX, UID_LEN_MAX},
    plugin::{
        Cancellation, FamilyError, FamilySession, FamilyStatus, HostCall, HostCore, HostDebugPort,
        HostError, HostResult, HostTarget, LogLevel,
    },
    report::{Changes, Failure, to_hex},
};
use imprint_device::Device;
use imprint_image::recipe::Right;
use imprint_target::{Call, CancelToken, Meter, Target, TargetError};
use std::{sync::Arc, time::Duration};

impl UnitSession {
    /// Opens the family's session. Nothing moves on the wire.
    pub(super) fn open_family(&mut self) -> Result<(), Failure> {
        let (name, family) = (self.device_name(), self.family.clone());
        let (mut host, _) = self.host();
        let session = family.open(&mut host, &name);
        let kept = host.kept.take();
        self.family_session = Some(session.map_err(|error| failure_of(error, kept))?);
        Ok(())
    }

    /// Calls the family with the target.
    pub(super) fn family_call<T>(
        &mut self,
        call: impl FnOnce(&mut FamilySession, &mut dyn HostTarget) -> Result<T, FamilyError>,
    ) -> Result<T, Failure> {
        let (mut host, family) = self.host();
        let family = family
            .ok_or_else(|| Failure::new(codes::WRONG_ORDER, "the family's session is not open"))?;
        let result = call(family, &mut host);
        let kept = host.kept.take();
        result.map_err(|error| failure_of(error, kept))
    }

    /// The unique identifier of the chip.
    pub(crate) fn uid(&mut self) -> Result<Vec<u8>, Failure> {
        self.wiring.target()?;
        let device = self.device_name();
        let uid = self.step(named("read uid", ""), |unit| {
            unit.family_call(|family, host| family.read_uid(host))
                .map_err(|failure| {
                    if failure.code != UNSUPPORTED {
                        return failure;
                    }
                    Failure {
                        code: codes::NO_UID.into(),
                        message: format!(
                            "{device} has no unique identifier that its maker documents"
                        ),
                        help: Some("use a serial number instead, or leave `chip.uid()` out".into()),
                        ..failure
                    }
                })
        })?;
        let uid = &uid[..uid.len().min(UID_LEN_MAX)];
        self.book.uid.get_or_insert_with(|| to_hex(uid));
        Ok(uid.to_vec())
    }

    /// Reads an option.
    pub(crate) fn option_read(&mut self, name: &str) -> Result<u64, Failure> {
        self.wiring.target()?;
        self.family_call(|family, host| family.option_read(host, name))
    }

    /// Writes an option.
    pub(crate) fn option_write(&mut self, name: &str, value: u64) -> Result<(), Failure> {
        self.require(Right::OptionBytes, "writing an option")?;
        self.wiring.target()?;
        self.permit()?;
        self.step(named("write option", name), |unit| {
            unit.book.note_option(name);
            unit.family_call(|family, host| family.option_write(host, name, value))
        })
    }

    /// Runs a command of the family.
    pub(crate) fn command(&mut self, name: &str, input: &[u8]) -> Result<Vec<u8>, Failure> {
        if input.len() > COMMAND_LEN_MAX {
            return Err(
                Failure::new(codes::UNIT_LIMIT, "the input of a command is too long")
                    .with_difference(
                        format!("at most {COMMAND_LEN_MAX} bytes"),
                        input.len().to_string(),
                    ),
            );
        }
        self.wiring.target()?;
        // What a command does is the family's business, so it may be anything.
        self.permit()?;
        self.step(named("command", name), |unit| {
            unit.family_call(|family, host| family.command(host, name, input))
        })
    }

    /// The host's side of a call, and the family's.
    fn host(&mut self) -> (Host<'_>, Option<&mut FamilySession>) {
        let host = Host {
            wiring: &mut self.wiring,
            meter: &self.meter,
            book: &mut self.book,
            device: &self.frozen.device,
            cancel: self.control.cancel.clone(),
            kept: None,
        };
        (host, self.family_session.as_mut())
    }
}

/// `FamilyStatus::Unsupported` as a code.
const UNSUPPORTED: &str = "IMP-5103";

/// What a family offers, or none where it does not.
pub(super) fn offered<T>(result: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(failure) if failure.code == UNSUPPORTED => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// The failure of a call: what was kept below the family if that is what failed, else what the family says.
fn failure_of(error: FamilyError, kept: Option<Failure>) -> Failure {
    let is_from_below = matches!(error.status, FamilyStatus::Target | FamilyStatus::Cancelled);
    if let (true, Some(mut kept)) = (is_from_below, kept) {
        if !codes::is_final(&kept.code) {
            let FamilyError {
                operation, family, ..
            } = &error;
            kept.message = format!("{operation} of `{family}` failed: {}", kept.message);
        }
        return kept;
    }
    let code = match error.status {
        FamilyStatus::Mismatch if error.operation == "identify" => "IMP-4002",
        FamilyStatus::Locked => "IMP-4003",
        FamilyStatus::Cancelled => codes::CANCELLED,
        _ => error.code(),
    };
    Failure {
        code: code.into(),
        message: error.to_string(),
        address: error.address,
        help: error.help(),
        ..Failure::default()
    }
}

/// A target that was lost while a family changed it: of that the wire knows nothing, the book does.
fn by_family(error: TargetError, changes: &Changes) -> Failure {
    let wire_knows_nothing =
        matches!(&error, TargetError::Lost { changed, .. } if changed.is_empty());
    let mut failure = Failure::from(error);
    if wire_knows_nothing && !changes.is_empty() {
        failure.message = "the target was lost while its family changed it".into();
        failure.help = Some(
            "check contacts and supply; the report says what was begun, erase the chip again"
                .into(),
        );
    }
    failure
}

/// What a family may do to the target during one call.
struct Host<'a> {
    wiring: &'a mut Wiring,
    meter: &'a Meter,
    book: &'a mut Book,
    device: &'a Device,
    cancel: CancelToken,
    /// The last failure below the family.
    kept: Option<Failure>,
}

impl Host<'_> {
    /// Works on the attached target.
    fn target<T>(
        &mut self,
        work: impl FnOnce(&mut Target) -> Result<T, TargetError>,
    ) -> HostResult<T> {
        let result = match self.wiring.target() {
            Ok(target) => work(target).map_err(|error| by_family(error, &self.book.changes)),
            Err(failure) => Err(failure),
        };
        self.kept(result)
    }

    /// Keeps a failure while its status goes through the plugin.
    fn kept<T>(&mut self, result: Result<T, Failure>) -> HostResult<T> {
        result.map_err(|failure| {
            let status = match failure.code.as_str() {
                codes::CANCELLED | codes::UNIT_TIME => FamilyStatus::Cancelled,
                "IMP-4003" => FamilyStatus::Locked,
                codes::WRONG_ORDER => FamilyStatus::Unsupported,
                _ => FamilyStatus::Target,
            };
            let error = HostError {
                status,
                address: failure.address,
                message: failure.message.clone(),
            };
            self.kept = Some(failure);
            error
        })
    }

    /// Works on the debug port, whether the target is attached or not.
    fn port<T>(
        &mut self,
        on_port: impl FnOnce(&mut imprint_target::DebugPortSession) -> Result<T, TargetError>,
        on_target: impl FnOnce(&mut Target) -> Result<T, TargetError>,
    ) -> HostResult<T> {
        let result = match &mut *self.wiring {
            Wiring::DebugPort(port) => on_port(port).map_err(Failure::from),
            other => other.target().and_then(|target| Ok(on_target(target)?)),
        };
        self.kept(result)
    }
}

impl HostTarget for Host<'_> {
    fn read(&mut self, address: u64, buffer: &mut [u8]) -> HostResult<()> {
        self.target(|target| target.read(address, buffer))
    }

    fn write(&mut self, address: u64, data: &[u8]) -> HostResult<()> {
        self.target(|target| target.write(address, data))
    }

    fn call(&mut self, call: &HostCall) -> HostResult<u64> {
        let args = call.args.map(|argument| argument as u32);
        let call = Call {
            entry: call.entry,
            stack: call.stack,
            static_base: call.static_base,
            args,
            timeout_ms: call.timeout_ms,
        };
        self.target(|target| target.call(&call)).map(u64::from)
    }

    fn delay_us(&mut self, us: u64) -> HostResult<()> {
        let result = self.wiring.delay(Duration::from_micros(us));
        self.kept(result)
    }

    fn progress(&mut self, done: u64, total: u64) {
        self.book.progress(done, total, self.meter.now());
    }

    fn log(&mut self, _level: LogLevel, message: &str) {
        self.book.log("family", message);
    }

    fn cancellation(&self) -> Cancellation {
        let cancel = self.cancel.clone();
        Arc::new(move || cancel.is_cancelled())
    }

    fn property(&self, name: &str) -> Option<&str> {
        self.device.properties.get(name).map(String::as_str)
    }

    fn debug_port(&mut self) -> Option<&mut dyn HostDebugPort> {
        match self.wiring {
            Wiring::DebugPort(_) | Wiring::Target(_) => Some(self),
            _ => None,
        }
    }

    fn core(&mut self) -> Option<&mut dyn HostCore> {
        match self.wiring {
            Wiring::Target(_) => Some(self),
            _ => None,
        }
    }
}

impl HostDebugPort for Host<'_> {
    fn dp_read(&mut self, register: u8) -> HostResult<u32> {
        self.port(
            |port| port.dp_read(register),
            |target| target.dp_read(register),
        )
    }

    fn dp_write(&mut self, register: u8, value: u32) -> HostResult<()> {
        self.port(
            |port| port.dp_write(register, value),
            |target| target.dp_write(register, value),
        )
    }

    fn ap_read(&mut self, ap: u8, register: u8) -> HostResult<u32> {
        self.port(
            |port| port.ap_read(ap, register),
            |target| target.ap_read(ap, register),
        )
    }

    fn ap_write(&mut self, ap: u8, register: u8, value: u32) -> HostResult<()> {
        self.port(
            |port| port.ap_write(ap, register, value),
            |target| target.ap_write(ap, register, value),
        )
    }

    fn reset_line(&mut self, asserted: bool) -> HostResult<()> {
        self.port(
            |port| port.reset_line(asserted),
            |target| target.reset_line(asserted),
        )
    }
}

impl HostCore for Host<'_> {
    fn halt(&mut self) -> HostResult<()> {
        self.target(Target::halt)
    }

    fn run(&mut self) -> HostResult<()> {
        self.target(Target::run)
    }

    fn step(&mut self) -> HostResult<()> {
        self.target(Target::step)
    }

    fn reset(&mut self, halt: bool) -> HostResult<()> {
        self.target(|target| {
            if halt {
                target.reset_and_halt()
            } else {
                target.reset()
            }
        })
    }

    fn register_read(&mut self, number: u32) -> HostResult<u32> {
        self.target(|target| target.read_register(number))
    }

    fn register_write(&mut self, number: u32, value: u32) -> HostResult<()> {
        self.target(|target| target.write_register(number, value))
    }
}
