//! A wire as one of probe-rs's probes.
//!
//! All of the glue between the two; everything probe-rs does above register level runs unchanged over a twin.

use super::dap_error;
use crate::wire::{Port, SharedWire};
use probe_rs::{
    CoreStatus,
    architecture::arm::{
        ArmCommunicationInterface, ArmDebugInterface, ArmError, DapProbe, RawDapAccess,
        RegisterAddress, sequences::ArmDebugSequence,
    },
    probe::{DebugProbe, DebugProbeError, WireProtocol},
};
use std::{fmt, sync::Arc};

/// nRESET in `DAP_SWJ_Pins`.
const PIN_RESET: u32 = 1 << 7;

/// A wire as a probe.
pub(crate) struct WireProbe {
    wire: SharedWire,
    name: String,
    clock_khz: u32,
}

impl WireProbe {
    pub(crate) fn new(wire: SharedWire) -> Self {
        let name = wire.lock().name();
        Self {
            wire,
            name,
            clock_khz: 1000,
        }
    }

    /// Another probe on the same wire.
    #[cfg(test)]
    pub(crate) fn again(&self) -> Self {
        Self::new(self.wire.clone())
    }

    fn set_reset(&mut self, level: u32) {
        self.wire.lock().pins(level, PIN_RESET);
    }
}

impl fmt::Debug for WireProbe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)
    }
}

impl DebugProbe for WireProbe {
    fn get_name(&self) -> &str {
        &self.name
    }

    fn speed_khz(&self) -> u32 {
        self.clock_khz
    }

    fn set_speed(&mut self, speed_khz: u32) -> Result<u32, DebugProbeError> {
        self.clock_khz = self.wire.lock().set_clock_khz(speed_khz);
        Ok(self.clock_khz)
    }

    fn attach(&mut self) -> Result<(), DebugProbeError> {
        Ok(())
    }

    fn detach(&mut self) -> Result<(), probe_rs::Error> {
        Ok(())
    }

    fn target_reset(&mut self) -> Result<(), DebugProbeError> {
        self.set_reset(0);
        self.set_reset(PIN_RESET);
        Ok(())
    }

    fn target_reset_assert(&mut self) -> Result<(), DebugProbeError> {
        self.set_reset(0);
        Ok(())
    }

    fn target_reset_deassert(&mut self) -> Result<(), DebugProbeError> {
        self.set_reset(PIN_RESET);
        Ok(())
    }

    fn select_protocol(&mut self, protocol: WireProtocol) -> Result<(), DebugProbeError> {
        match protocol {
            WireProtocol::Swd => Ok(()),
            WireProtocol::Jtag => Err(DebugProbeError::UnsupportedProtocol(protocol)),
        }
    }

    fn active_protocol(&self) -> Option<WireProtocol> {
        Some(WireProtocol::Swd)
    }

    fn has_arm_interface(&self) -> bool {
        true
    }

    fn try_get_arm_debug_interface<'probe>(
        self: Box<Self>,
        sequence: Arc<dyn ArmDebugSequence>,
    ) -> Result<Box<dyn ArmDebugInterface + 'probe>, (Box<dyn DebugProbe>, ArmError)> {
        Ok(ArmCommunicationInterface::create(self, sequence, false))
    }

    fn into_probe(self: Box<Self>) -> Box<dyn DebugProbe> {
        self
    }

    fn try_as_dap_probe(&mut self) -> Option<&mut dyn DapProbe> {
        Some(self)
    }

    fn get_target_voltage(&mut self) -> Result<Option<f32>, DebugProbeError> {
        Ok(self.wire.lock().voltage_mv().map(|mv| mv as f32 / 1000.0))
    }
}

impl RawDapAccess for WireProbe {
    fn raw_read_register(&mut self, address: RegisterAddress) -> Result<u32, ArmError> {
        let (port, register) = split(address);
        let result = self.wire.lock().read_register(port, register);
        result.map_err(dap_error)
    }

    fn raw_write_register(&mut self, address: RegisterAddress, value: u32) -> Result<(), ArmError> {
        let (port, register) = split(address);
        let result = self.wire.lock().write_register(port, register, value);
        result.map_err(dap_error)
    }

    fn raw_read_block(
        &mut self,
        address: RegisterAddress,
        values: &mut [u32],
    ) -> Result<(), ArmError> {
        let (port, register) = split(address);
        let result = self.wire.lock().read_block(port, register, values);
        result.map_err(dap_error)
    }

    fn raw_write_block(
        &mut self,
        address: RegisterAddress,
        values: &[u32],
    ) -> Result<(), ArmError> {
        let (port, register) = split(address);
        let result = self.wire.lock().write_block(port, register, values);
        result.map_err(dap_error)
    }

    fn raw_flush(&mut self) -> Result<(), ArmError> {
        let result = self.wire.lock().flush();
        result.map_err(dap_error)
    }

    fn jtag_sequence(&mut self, _: u8, _: bool, _: u64) -> Result<(), DebugProbeError> {
        Err(DebugProbeError::UnsupportedProtocol(WireProtocol::Jtag))
    }

    fn swj_sequence(&mut self, bit_len: u8, bits: u64) -> Result<(), DebugProbeError> {
        self.wire.lock().line_sequence(bit_len, bits);
        Ok(())
    }

    fn swj_pins(
        &mut self,
        pin_out: u32,
        pin_select: u32,
        _pin_wait: u32,
    ) -> Result<u32, DebugProbeError> {
        Ok(self.wire.lock().pins(pin_out, pin_select))
    }

    fn into_probe(self: Box<Self>) -> Box<dyn DebugProbe> {
        self
    }

    fn core_status_notification(&mut self, _: CoreStatus) -> Result<(), DebugProbeError> {
        Ok(())
    }
}

impl DapProbe for WireProbe {}

fn split(address: RegisterAddress) -> (Port, u8) {
    let port = if address.is_ap() {
        Port::Access
    } else {
        Port::Debug
    };
    (port, address.a2_and_3())
}
