//! The debug port of a target, and the way from there to an attached target.
//!
//! The steps are those of probe-rs's `Session`, with the vendor's debug sequence, but without its waits by the host's
//! clock, and such that the probe can be had back.

use crate::{
    bus::Bus,
    chips::{Chips, core_type},
    control::Control,
    core_control::CPUID,
    error::TargetError,
    explain::Access,
    limits::RESET_TIMEOUT,
    link::{Link, millivolts},
    watch::{Watch, milliseconds},
};
use imprint_device::FrozenDevice;
use probe_rs::{
    CoreType, Permissions,
    architecture::arm::{
        ArmDebugInterface, ArmError, FullyQualifiedApAddress,
        dp::{DpAddress, DpRegisterAddress},
        sequences::ArmDebugSequence,
    },
};
use std::sync::Arc;

/// The access port of the core's bus.
pub(crate) const MEMORY_AP: u8 = 0;
/// nRESET in `DAP_SWJ_Pins`.
const PIN_RESET: u32 = 1 << 7;

/// A connected debug port.
pub(crate) struct Port {
    interface: Box<dyn ArmDebugInterface>,
    pub(crate) watch: Arc<Watch>,
    sequence: Arc<dyn ArmDebugSequence>,
    core_type: CoreType,
    pub(crate) frozen: Arc<FrozenDevice>,
    name: String,
    voltage_mv: Option<u32>,
}

impl Port {
    /// Connects to the debug port and checks that it is one the device can have.
    pub(crate) fn open(
        mut link: Link,
        chips: &Chips,
        frozen: Arc<FrozenDevice>,
        control: Control,
        hold_in_reset: bool,
    ) -> Result<Self, TargetError> {
        let device = &frozen.device;
        let sequence = chips.sequence(device)?;
        let core_type = core_type(device.core);
        link.watch.arm(control);
        link.set_clock_khz(device.swd.clock_khz);
        let (name, voltage_mv) = (link.name().to_string(), link.voltage_mv());
        if hold_in_reset {
            link.hold_in_reset()?;
        }
        let watch = link.watch.clone();
        let interface = link.connect()?;
        let mut port = Self {
            interface,
            watch,
            sequence,
            core_type,
            frozen,
            name,
            voltage_mv,
        };
        let dpidr = port.dp_read(0x0)?;
        port.check_dpidr(dpidr)?;
        Ok(port)
    }

    /// From a connected debug port to a core under debug control. Nothing is unlocked on the way.
    pub(crate) fn attach(&mut self, under_reset: bool) -> Result<(), TargetError> {
        self.identify()?;
        let sequence = self.sequence.clone();
        let unlocked = sequence.debug_device_unlock(
            &mut *self.interface,
            &memory_ap(),
            &Permissions::default(),
        );
        match unlocked {
            Ok(()) => {}
            Err(ArmError::ReAttachRequired) => self.reconnect()?,
            Err(error) => return Err(self.explain(&error, "attach")),
        }
        if under_reset {
            self.catch_reset()?;
        }
        sequence
            .debug_core_start(
                &mut *self.interface,
                &memory_ap(),
                self.core_type,
                None,
                None,
            )
            .map_err(|error| locked_if_refused(self.explain_core(&error)))?;
        let cpuid = self.bus()?.read_word(CPUID).map_err(locked_if_refused)?;
        self.check_cpuid(cpuid)?;
        if under_reset {
            let (core_type, mut bus) = (self.core_type, self.bus()?);
            bus.wait_halted("halt after reset")?;
            let cleared = sequence.reset_catch_clear(bus.memory(), core_type, None);
            cleared.map_err(|error| bus.failed(&error, Access::Write(CPUID)))?;
        }
        Ok(())
    }

    /// Connects once more, after something that has ended the connection.
    pub(crate) fn reconnect(&mut self) -> Result<(), TargetError> {
        let result = self.interface.reinitialize();
        result.map_err(|error| self.explain(&error, "connect again"))
    }

    /// Gives the probe back. The core runs on without a debugger.
    pub(crate) fn close(mut self) -> Link {
        // The unit is over; what stopped it must not stop the leaving.
        self.watch.arm(Control::default());
        let (sequence, core_type) = (self.sequence.clone(), self.core_type);
        if let Ok(mut bus) = self.bus() {
            // A target that is gone cannot be left properly. Some vendors' sequences leave the core halted.
            let _ = sequence.debug_core_stop(bus.memory(), core_type);
            let _ = bus.disable_debug();
        }
        let Self {
            interface,
            watch,
            name,
            ..
        } = self;
        Link::reopened(interface.close(), watch, name)
    }

    pub(crate) fn bus(&mut self) -> Result<Bus<'_>, TargetError> {
        let watch = self.watch.clone();
        match self.interface.memory_interface(&memory_ap()) {
            Ok(memory) => Ok(Bus::new(memory, watch)),
            Err(error) => Err(watch.explain(&error, Access::Port("reach memory"))),
        }
    }

    /// Resets the target with what the vendor's sequence does. By probe-rs it waits by the host's clock, so it gets a
    /// limit on the link's.
    pub(crate) fn reset(&mut self, halt: bool) -> Result<(), TargetError> {
        let (sequence, core_type) = (self.sequence.clone(), self.core_type);
        let watch = self.watch.clone();
        let mut bus = self.bus()?;
        let failed = |bus: &Bus<'_>, error: &ArmError| bus.failed(error, Access::Port("reset"));
        if halt {
            // Without C_DEBUGEN the vector catch has no effect.
            bus.enable_debug()?;
            let caught = sequence.reset_catch_set(bus.memory(), core_type, None);
            caught.map_err(|error| failed(&bus, &error))?;
        }
        let reset = watch.with_limit(RESET_TIMEOUT, || {
            sequence.reset_system(bus.memory(), core_type, None)
        });
        let timeout_ms = milliseconds(RESET_TIMEOUT);
        match reset {
            None | Some(Err(ArmError::Timeout)) => {
                return Err(TargetError::CoreTimeout {
                    action: "come out of reset",
                    timeout_ms,
                });
            }
            Some(result) => result.map_err(|error| failed(&bus, &error))?,
        }
        if !halt {
            // A core that was halted before the reset is so after it.
            return bus.run_free();
        }
        bus.wait_halted("halt after reset")?;
        let cleared = sequence.reset_catch_clear(bus.memory(), core_type, None);
        cleared.map_err(|error| failed(&bus, &error))
    }

    pub(crate) fn voltage_mv(&mut self) -> Option<u32> {
        // A probe that was turned into an interface of its own tells no more than it did before.
        match self.interface.try_dap_probe_mut() {
            Some(probe) => millivolts(probe.get_target_voltage().ok()?),
            None => self.voltage_mv,
        }
    }

    pub(crate) fn dp_read(&mut self, register: u8) -> Result<u32, TargetError> {
        let address = dp_register(register)?;
        let result = self
            .interface
            .read_raw_dp_register(DpAddress::Default, address);
        result.map_err(|error| self.explain(&error, "read a debug port register"))
    }

    pub(crate) fn dp_write(&mut self, register: u8, value: u32) -> Result<(), TargetError> {
        let address = dp_register(register)?;
        if register == 0x8 {
            return Err(TargetError::Unsupported {
                what: "a write to DP SELECT",
                reason: "it is set by the access to an access port's register",
            });
        }
        let result = self
            .interface
            .write_raw_dp_register(DpAddress::Default, address, value)
            .and_then(|()| self.interface.flush());
        result.map_err(|error| self.explain(&error, "write a debug port register"))
    }

    pub(crate) fn ap_read(&mut self, ap: u8, register: u8) -> Result<u32, TargetError> {
        let register = ap_register(register)?;
        let address = FullyQualifiedApAddress::v1_with_default_dp(ap);
        let result = self.interface.read_raw_ap_register(&address, register);
        result.map_err(|error| self.explain(&error, "read an access port register"))
    }

    pub(crate) fn ap_write(&mut self, ap: u8, register: u8, value: u32) -> Result<(), TargetError> {
        let register = ap_register(register)?;
        let address = FullyQualifiedApAddress::v1_with_default_dp(ap);
        let result = self
            .interface
            .write_raw_ap_register(&address, register, value)
            .and_then(|()| self.interface.flush());
        result.map_err(|error| self.explain(&error, "write an access port register"))
    }

    pub(crate) fn reset_line(&mut self, asserted: bool) -> Result<(), TargetError> {
        let level = if asserted { 0 } else { PIN_RESET };
        let result = self.interface.swj_pins(level, PIN_RESET, 0);
        result
            .map_err(|error| self.explain(&ArmError::Probe(error), "drive the reset line"))
            .map(|_| ())
    }

    /// Under reset: lets the core come out of it and halt before its first instruction.
    fn catch_reset(&mut self) -> Result<(), TargetError> {
        let (sequence, core_type) = (self.sequence.clone(), self.core_type);
        let mut bus = self.bus()?;
        // Without C_DEBUGEN the vector catch has no effect, and the default sequence sets it only later.
        bus.enable_debug()?;
        let caught = sequence.reset_catch_set(bus.memory(), core_type, None);
        caught.map_err(|error| bus.failed(&error, Access::Port("catch the reset")))?;
        bus.flush(CPUID)?;
        drop(bus);
        let released = sequence.reset_hardware_deassert(&mut *self.interface, &memory_ap());
        released.map_err(|error| self.explain(&error, "release the reset line"))
    }

    fn explain(&self, error: &ArmError, action: &'static str) -> TargetError {
        self.watch.explain(error, Access::Port(action))
    }

    fn explain_core(&self, error: &ArmError) -> TargetError {
        self.watch.explain(error, Access::Read(CPUID))
    }
}

/// A core whose debug registers cannot be reached is locked.
fn locked_if_refused(error: TargetError) -> TargetError {
    match error {
        TargetError::BusFault { .. } | TargetError::Probe { .. } => TargetError::Locked {
            reason: "its core cannot be reached".into(),
        },
        other => other,
    }
}

fn memory_ap() -> FullyQualifiedApAddress {
    FullyQualifiedApAddress::v1_with_default_dp(MEMORY_AP)
}

fn dp_register(register: u8) -> Result<DpRegisterAddress, TargetError> {
    if !matches!(register, 0x0 | 0x4 | 0x8 | 0xC) {
        return Err(TargetError::Unsupported {
            what: "access to this debug port register",
            reason: "there are 0x0, 0x4, 0x8 and 0xc",
        });
    }
    Ok(DpRegisterAddress {
        address: register,
        bank: None,
    })
}

fn ap_register(register: u8) -> Result<u64, TargetError> {
    if !register.is_multiple_of(4) {
        return Err(TargetError::Unsupported {
            what: "access to this access port register",
            reason: "registers are four bytes apart",
        });
    }
    Ok(register.into())
}
