//! Control of the core through its debug registers (ARMv7-M Architecture Reference Manual C1.6, ARMv6-M C1.6).
//!
//! Our own rather than probe-rs's `Core`, whose waits sleep by the host's clock.

use crate::{
    bus::Bus,
    error::TargetError,
    limits::{HALT_TIMEOUT, REGISTER_TIMEOUT},
    watch::milliseconds,
};
use std::time::Duration;

/// CPUID.
pub(crate) const CPUID: u64 = 0xE000_ED00;
/// The core's debug registers; where errors of core control are said to be.
pub(crate) const CORE_DEBUG: u64 = DHCSR;
/// AIRCR, and the write that requests a system reset (ARMv7-M B3.2.6).
pub(crate) const AIRCR: u64 = 0xE000_ED0C;
pub(crate) const AIRCR_SYSRESETREQ: u32 = 0x05FA_0004;
const DHCSR: u64 = 0xE000_EDF0;
const DCRSR: u64 = 0xE000_EDF4;
const DCRDR: u64 = 0xE000_EDF8;
const DEMCR: u64 = 0xE000_EDFC;

const DHCSR_KEY: u32 = 0xA05F << 16;
const C_DEBUGEN: u32 = 1 << 0;
const C_HALT: u32 = 1 << 1;
const C_STEP: u32 = 1 << 2;
const S_REGRDY: u32 = 1 << 16;
const S_HALT: u32 = 1 << 17;
const S_SLEEP: u32 = 1 << 18;
const S_LOCKUP: u32 = 1 << 19;
const DCRSR_WRITE: u32 = 1 << 16;
/// Halt on a HardFault.
const VC_HARDERR: u32 = 1 << 10;

/// Registers, numbered as in DCRSR.REGSEL.
pub(crate) mod register {
    pub(crate) const R0: u32 = 0;
    pub(crate) const R1: u32 = 1;
    pub(crate) const R9: u32 = 9;
    pub(crate) const SP: u32 = 13;
    pub(crate) const LR: u32 = 14;
    pub(crate) const PC: u32 = 15;
    pub(crate) const XPSR: u32 = 16;
    /// The highest number that ARMv7-M defines: the last of the floating-point registers.
    pub(crate) const MAX: u32 = 0x5F;
}

/// What the core is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoreStatus {
    /// Executing.
    Running,
    /// In debug state.
    Halted,
    /// Waiting for an event or interrupt.
    Sleeping,
    /// Locked up after a fault in a fault handler.
    LockedUp,
}

impl Bus<'_> {
    pub(crate) fn core_status(&mut self) -> Result<CoreStatus, TargetError> {
        let dhcsr = self.read_word(DHCSR)?;
        Ok(if dhcsr & S_LOCKUP != 0 {
            CoreStatus::LockedUp
        } else if dhcsr & S_HALT != 0 {
            CoreStatus::Halted
        } else if dhcsr & S_SLEEP != 0 {
            CoreStatus::Sleeping
        } else {
            CoreStatus::Running
        })
    }

    /// Switches halting debug on. The core keeps doing what it does.
    pub(crate) fn enable_debug(&mut self) -> Result<(), TargetError> {
        self.write_word(DHCSR, DHCSR_KEY | C_DEBUGEN)
    }

    /// Switches halting debug off; a halted core runs on.
    pub(crate) fn disable_debug(&mut self) -> Result<(), TargetError> {
        self.write_word(DEMCR, 0)?;
        self.write_word(DHCSR, DHCSR_KEY)?;
        self.flush(DHCSR)
    }

    pub(crate) fn halt(&mut self) -> Result<(), TargetError> {
        self.write_word(DHCSR, DHCSR_KEY | C_DEBUGEN | C_HALT)?;
        self.wait_halted("halt")
    }

    /// Lets a halted core run on as it would without a debugger: its faults are its own again.
    pub(crate) fn run_free(&mut self) -> Result<(), TargetError> {
        self.write_word(DEMCR, 0)?;
        self.run()
    }

    /// Lets a halted core run on.
    pub(crate) fn run(&mut self) -> Result<(), TargetError> {
        self.write_word(DHCSR, DHCSR_KEY | C_DEBUGEN)?;
        self.flush(DHCSR)
    }

    pub(crate) fn step(&mut self) -> Result<(), TargetError> {
        self.write_word(DHCSR, DHCSR_KEY | C_DEBUGEN | C_STEP)?;
        self.wait_halted("step")
    }

    pub(crate) fn wait_halted(&mut self, action: &'static str) -> Result<(), TargetError> {
        let halted = self.poll(Duration::ZERO, HALT_TIMEOUT, |bus| {
            let status = bus.core_status()?;
            Ok((status == CoreStatus::Halted).then_some(()))
        })?;
        let timeout_ms = milliseconds(HALT_TIMEOUT);
        halted.ok_or(TargetError::CoreTimeout { action, timeout_ms })
    }

    /// Makes a HardFault halt the core, so that a fault in code we run is seen at once.
    pub(crate) fn catch_faults(&mut self) -> Result<(), TargetError> {
        self.write_word(DEMCR, VC_HARDERR)
    }

    pub(crate) fn read_register(&mut self, register: u32) -> Result<u32, TargetError> {
        check_register(register)?;
        self.write_word(DCRSR, register)?;
        self.wait_register()?;
        self.read_word(DCRDR)
    }

    pub(crate) fn write_register(&mut self, register: u32, value: u32) -> Result<(), TargetError> {
        check_register(register)?;
        self.write_word(DCRDR, value)?;
        self.write_word(DCRSR, register | DCRSR_WRITE)?;
        self.wait_register()
    }

    fn wait_register(&mut self) -> Result<(), TargetError> {
        let ready = self.poll(Duration::ZERO, REGISTER_TIMEOUT, |bus| {
            Ok((bus.read_word(DHCSR)? & S_REGRDY != 0).then_some(()))
        })?;
        let timeout_ms = milliseconds(REGISTER_TIMEOUT);
        ready.ok_or(TargetError::CoreTimeout {
            action: "transfer a register",
            timeout_ms,
        })
    }
}

fn check_register(register: u32) -> Result<(), TargetError> {
    if register > register::MAX {
        return Err(TargetError::Unsupported {
            what: "access to this core register",
            reason: "ARMv7-M numbers core registers from 0x00 to 0x5f",
        });
    }
    Ok(())
}
