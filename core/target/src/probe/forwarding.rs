//! The forwarding probe: stands before any probe and lets each transfer pass by the watch.
//!
//! It wraps what probe-rs opened, or a wire, at the level of debug port registers. A probe without that level (ST-Link
//! speaks of memory and cores) is wrapped one level up, in `interface`.

use super::{WireProbe, dap_error, interface::ForwardingInterface, wire_fault};
use crate::{watch::Watch, wire::WireFault};
use probe_rs::{
    CoreStatus,
    architecture::arm::{
        ArmCommunicationInterface, ArmDebugInterface, ArmError, DapProbe, RawDapAccess,
        RegisterAddress, sequences::ArmDebugSequence,
    },
    probe::{DebugProbe, DebugProbeError, Probe, WireProtocol, cmsisdap::CmsisDap},
};
use std::{
    fmt::{self, Write as _},
    sync::Arc,
};

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
        line: impl FnOnce(Option<&T>, &mut String),
    ) -> Result<T, ArmError> {
        self.watch.before_transfer().map_err(dap_error)?;
        let Some(probe) = self.inner.try_as_dap_probe() else {
            return Err(no_dap().into());
        };
        let result = transfer(probe);
        let fault = result
            .as_ref()
            .err()
            .map(|error| wire_fault(error).unwrap_or(WireFault::NoAnswer));
        self.watch
            .after_transfer(fault, |text| line(result.as_ref().ok(), text));
        result
    }

    /// One action on the line, which knows no acknowledge.
    fn drive<T>(
        &mut self,
        action: impl FnOnce(&mut dyn DapProbe) -> Result<T, DebugProbeError>,
        line: impl FnOnce(&mut String),
    ) -> Result<T, DebugProbeError> {
        if self.watch.before_transfer().is_err() {
            return Err(DebugProbeError::Other("stopped".into()));
        }
        let Some(probe) = self.inner.try_as_dap_probe() else {
            return Err(no_dap());
        };
        let result = action(probe);
        self.watch.after_transfer(None, line);
        result
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
        self.inner.set_speed(speed_khz)
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
        self.inner.target_reset()
    }

    fn target_reset_assert(&mut self) -> Result<(), DebugProbeError> {
        self.inner.target_reset_assert()
    }

    fn target_reset_deassert(&mut self) -> Result<(), DebugProbeError> {
        self.inner.target_reset_deassert()
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
        self.inner.get_target_voltage()
    }
}

impl RawDapAccess for Forwarding {
    fn raw_read_register(&mut self, address: RegisterAddress) -> Result<u32, ArmError> {
        self.transfer(
            |probe| probe.raw_read_register(address),
            |value, text| {
                start_line(text, "read", address);
                if let Some(value) = value {
                    let _ = write!(text, " = {value:#010x}");
                }
            },
        )
    }

    fn raw_write_register(&mut self, address: RegisterAddress, value: u32) -> Result<(), ArmError> {
        self.transfer(
            |probe| probe.raw_write_register(address, value),
            |_, text| {
                start_line(text, "write", address);
                let _ = write!(text, " = {value:#010x}");
            },
        )
    }

    fn raw_read_block(
        &mut self,
        address: RegisterAddress,
        values: &mut [u32],
    ) -> Result<(), ArmError> {
        self.transfer(
            |probe| probe.raw_read_block(address, values).map(|()| &*values),
            |values, text| {
                start_line(text, "read", address);
                write_words(text, values.map_or(&[], |values| values));
            },
        )
        .map(|_| ())
    }

    fn raw_write_block(
        &mut self,
        address: RegisterAddress,
        values: &[u32],
    ) -> Result<(), ArmError> {
        self.transfer(
            |probe| probe.raw_write_block(address, values),
            |_, text| {
                start_line(text, "write", address);
                write_words(text, values);
            },
        )
    }

    fn raw_flush(&mut self) -> Result<(), ArmError> {
        self.transfer(|probe| probe.raw_flush(), |_, text| text.push_str("flush"))
    }

    fn configure_jtag(&mut self, skip_scan: bool) -> Result<(), DebugProbeError> {
        self.drive(
            |probe| probe.configure_jtag(skip_scan),
            |text| text.push_str("jtag configure"),
        )
    }

    fn jtag_sequence(&mut self, cycles: u8, tms: bool, tdi: u64) -> Result<(), DebugProbeError> {
        self.drive(
            |probe| probe.jtag_sequence(cycles, tms, tdi),
            |text| {
                let _ = write!(text, "jtag {cycles} tms {tms} {tdi:#x}");
            },
        )
    }

    fn swj_sequence(&mut self, bit_len: u8, bits: u64) -> Result<(), DebugProbeError> {
        self.drive(
            |probe| probe.swj_sequence(bit_len, bits),
            |text| {
                let _ = write!(text, "line {bit_len} bits {bits:#x}");
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
            |text| {
                let _ = write!(text, "pins {pin_out:#04x} of {pin_select:#04x}");
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

// Writing to a String cannot fail, so the results of `write!` are dropped here and above.
fn start_line(text: &mut String, verb: &str, address: RegisterAddress) {
    let port = if address.is_ap() { "ap" } else { "dp" };
    let _ = write!(text, "{port}.{verb} {:#x}", address.a2_and_3());
}

fn write_words(text: &mut String, values: &[u32]) {
    let _ = write!(text, " x{} =", values.len());
    for value in values {
        let _ = write!(text, " {value:08x}");
    }
}
