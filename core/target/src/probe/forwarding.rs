//! The forwarding probe: stands before any probe and lets each transfer pass by the watch.
//!
//! It wraps what probe-rs opened, or a wire, at the level of debug port registers. A probe without that level (ST-Link
//! speaks of memory and cores) is wrapped one level up, in `interface`.

use super::{WireProbe, dap_error, interface::ForwardingInterface, wire_fault};
use crate::{link::millivolts, watch::Watch, wire::WireFault};
use imprint_transcript::{Action, Port};
use probe_rs::{
    CoreStatus,
    architecture::arm::{
        ArmCommunicationInterface, ArmDebugInterface, ArmError, DapProbe, RawDapAccess,
        RegisterAddress, sequences::ArmDebugSequence,
    },
    probe::{DebugProbe, DebugProbeError, Probe, WireProtocol, cmsisdap::CmsisDap},
};
use std::{fmt, sync::Arc};

/// nRESET in `DAP_SWJ_Pins`.
const PIN_RESET: u32 = 1 << 7;

/// A probe and the watch over it.
pub(crate) struct Forwarding {
    inner: Probe,
    watch: Arc<Watch>,
    name: String,
    has_dap: bool,
}

impl Forwarding {
    pub(crate) fn new(mut inner: Probe, watch: Arc<Watch>) -> Self {
        let has_dap = inner.try_as_dap_probe().is_some();
        Self {
            name: inner.get_name(),
            inner,
            watch,
            has_dap,
        }
    }

    /// Whether probe-rs should switch on overrun detection: its drivers do so for all probes that shift bits
    /// themselves (J-Link, FTDI, ...), and not for CMSIS-DAP, whose firmware repeats transfers.
    fn wants_overrun_detection(&mut self) -> bool {
        // Named in full: `TryInto` has a method of that name, too.
        Probe::try_into::<CmsisDap>(&mut self.inner).is_none()
            && Probe::try_into::<WireProbe>(&mut self.inner).is_none()
    }

    /// One transfer past the watch.
    fn transfer<T>(
        &mut self,
        transfer: impl FnOnce(&mut dyn DapProbe) -> Result<T, ArmError>,
        action: impl FnOnce(Result<&T, WireFault>) -> Action,
    ) -> Result<T, ArmError> {
        self.watch.before_transfer().map_err(dap_error)?;
        let Some(probe) = self.inner.try_as_dap_probe() else {
            return Err(no_dap().into());
        };
        let result = transfer(probe);
        let outcome = result
            .as_ref()
            .map_err(|error| wire_fault(error).unwrap_or(WireFault::NoAnswer));
        self.watch
            .after_transfer(outcome.as_ref().err().copied(), || action(outcome));
        result
    }

    /// One action on the line, which knows no acknowledge.
    fn drive<T>(
        &mut self,
        action: impl FnOnce(&mut dyn DapProbe) -> Result<T, DebugProbeError>,
        line: impl FnOnce(Option<&T>) -> Action,
    ) -> Result<T, DebugProbeError> {
        if self.watch.before_transfer().is_err() {
            return Err(DebugProbeError::Other("stopped".into()));
        }
        let Some(probe) = self.inner.try_as_dap_probe() else {
            return Err(no_dap());
        };
        let result = action(probe);
        self.watch
            .after_transfer(None, || line(result.as_ref().ok()));
        result
    }
}

impl Forwarding {
    /// The reset line, in a transcript, as the pins that it is one of.
    fn note_reset(&self, level: u32) {
        self.watch.note(|| Action::Pins {
            output: level,
            select: PIN_RESET,
            // This way of driving it does not show the pins.
            read: None,
        });
    }
}

fn no_dap() -> DebugProbeError {
    DebugProbeError::InterfaceNotAvailable {
        interface_name: "DAP",
    }
}

impl fmt::Debug for Forwarding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Forwarding({})", self.name)
    }
}

impl DebugProbe for Forwarding {
    fn get_name(&self) -> &str {
        &self.name
    }

    fn speed_khz(&self) -> u32 {
        self.inner.speed_khz()
    }

    fn set_speed(&mut self, speed_khz: u32) -> Result<u32, DebugProbeError> {
        let set_khz = self.inner.set_speed(speed_khz)?;
        self.watch.note(|| Action::Clock {
            khz: speed_khz,
            set_khz,
        });
        Ok(set_khz)
    }

    fn attach(&mut self) -> Result<(), DebugProbeError> {
        self.inner
            .attach_to_unspecified()
            .map_err(|error| match error {
                probe_rs::Error::Probe(error) => error,
                other => DebugProbeError::Other(other.to_string()),
            })
    }

    fn detach(&mut self) -> Result<(), probe_rs::Error> {
        self.inner.detach()
    }

    fn target_reset(&mut self) -> Result<(), DebugProbeError> {
        self.inner.target_reset()?;
        self.note_reset(0);
        self.note_reset(PIN_RESET);
        Ok(())
    }

    fn target_reset_assert(&mut self) -> Result<(), DebugProbeError> {
        self.inner.target_reset_assert()?;
        self.note_reset(0);
        Ok(())
    }

    fn target_reset_deassert(&mut self) -> Result<(), DebugProbeError> {
        self.inner.target_reset_deassert()?;
        self.note_reset(PIN_RESET);
        Ok(())
    }

    fn select_protocol(&mut self, protocol: WireProtocol) -> Result<(), DebugProbeError> {
        self.inner.select_protocol(protocol)
    }

    fn active_protocol(&self) -> Option<WireProtocol> {
        self.inner.protocol()
    }

    fn has_arm_interface(&self) -> bool {
        self.inner.has_arm_debug_interface()
    }

    fn try_get_arm_debug_interface<'probe>(
        mut self: Box<Self>,
        sequence: Arc<dyn ArmDebugSequence>,
    ) -> Result<Box<dyn ArmDebugInterface + 'probe>, (Box<dyn DebugProbe>, ArmError)> {
        if self.has_dap {
            let detect_overrun = self.wants_overrun_detection();
            return Ok(ArmCommunicationInterface::create(
                self,
                sequence,
                detect_overrun,
            ));
        }
        let Self { inner, watch, .. } = *self;
        match inner.try_into_arm_debug_interface(sequence) {
            Ok(interface) => Ok(Box::new(ForwardingInterface::new(interface, watch))),
            Err((probe, error)) => Err((Box::new(Self::new(probe, watch)), error)),
        }
    }

    fn into_probe(self: Box<Self>) -> Box<dyn DebugProbe> {
        self
    }

    fn try_as_dap_probe(&mut self) -> Option<&mut dyn DapProbe> {
        if self.has_dap { Some(self) } else { None }
    }

    fn get_target_voltage(&mut self) -> Result<Option<f32>, DebugProbeError> {
        let volts = self.inner.get_target_voltage()?;
        self.watch.note(|| Action::Voltage {
            millivolts: millivolts(volts),
        });
        Ok(volts)
    }
}

impl RawDapAccess for Forwarding {
    fn raw_read_register(&mut self, address: RegisterAddress) -> Result<u32, ArmError> {
        let (port, register) = place(address);
        self.transfer(
            |probe| probe.raw_read_register(address),
            |outcome| Action::Read {
                port,
                register,
                answer: outcome.copied().map_err(Into::into),
            },
        )
    }

    fn raw_write_register(&mut self, address: RegisterAddress, value: u32) -> Result<(), ArmError> {
        let (port, register) = place(address);
        self.transfer(
            |probe| probe.raw_write_register(address, value),
            |outcome| Action::Write {
                port,
                register,
                value,
                fault: outcome.err().map(Into::into),
            },
        )
    }

    fn raw_read_block(
        &mut self,
        address: RegisterAddress,
        values: &mut [u32],
    ) -> Result<(), ArmError> {
        let (port, register) = place(address);
        let count = values.len();
        self.transfer(
            |probe| probe.raw_read_block(address, values).map(|()| &*values),
            |outcome| Action::ReadBlock {
                port,
                register,
                count,
                answer: outcome.map(|values| values.to_vec()).map_err(Into::into),
            },
        )
        .map(|_| ())
    }

    fn raw_write_block(
        &mut self,
        address: RegisterAddress,
        values: &[u32],
    ) -> Result<(), ArmError> {
        let (port, register) = place(address);
        self.transfer(
            |probe| probe.raw_write_block(address, values),
            |outcome| Action::WriteBlock {
                port,
                register,
                values: values.to_vec(),
                fault: outcome.err().map(Into::into),
            },
        )
    }

    fn raw_flush(&mut self) -> Result<(), ArmError> {
        self.transfer(
            |probe| probe.raw_flush(),
            |outcome| Action::Flush {
                fault: outcome.err().map(Into::into),
            },
        )
    }

    fn configure_jtag(&mut self, skip_scan: bool) -> Result<(), DebugProbeError> {
        self.drive(
            |probe| probe.configure_jtag(skip_scan),
            |_| chip("jtag configure".into()),
        )
    }

    fn jtag_sequence(&mut self, cycles: u8, tms: bool, tdi: u64) -> Result<(), DebugProbeError> {
        self.drive(
            |probe| probe.jtag_sequence(cycles, tms, tdi),
            |_| chip(format!("jtag {cycles} tms {tms} {tdi:#x}")),
        )
    }

    fn swj_sequence(&mut self, bit_len: u8, bits: u64) -> Result<(), DebugProbeError> {
        self.drive(
            |probe| probe.swj_sequence(bit_len, bits),
            |_| Action::Line {
                bit_count: bit_len,
                bits,
            },
        )
    }

    fn swj_pins(
        &mut self,
        pin_out: u32,
        pin_select: u32,
        pin_wait: u32,
    ) -> Result<u32, DebugProbeError> {
        self.drive(
            |probe| probe.swj_pins(pin_out, pin_select, pin_wait),
            |pins| Action::Pins {
                output: pin_out,
                select: pin_select,
                read: pins.copied(),
            },
        )
    }

    fn into_probe(self: Box<Self>) -> Box<dyn DebugProbe> {
        self
    }

    fn core_status_notification(&mut self, state: CoreStatus) -> Result<(), DebugProbeError> {
        match self.inner.try_as_dap_probe() {
            Some(probe) => probe.core_status_notification(state),
            None => Ok(()),
        }
    }
}

impl DapProbe for Forwarding {}

fn place(address: RegisterAddress) -> (Port, u8) {
    let port = if address.is_ap() {
        Port::Access
    } else {
        Port::Debug
    };
    (port, address.a2_and_3())
}

/// What a transcript says for people alone.
fn chip(what: String) -> Action {
    Action::Chip { what, fault: None }
}
