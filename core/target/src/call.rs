//! Calls of code that lies in the target's memory.
//!
//! The return address is a BKPT in RAM, so a function that returns halts the core. A HardFault halts it too, and a
//! lock-up is seen in the poll: no call hangs, and each failure names the place.

use crate::{
    bus::Bus,
    core_control::{CoreStatus, register},
    error::TargetError,
    watch::milliseconds,
};
use std::time::Duration;

/// `BKPT #0`, twice: a word that halts the core wherever execution enters it.
pub(crate) const HALT_CODE: [u8; 4] = [0x00, 0xBE, 0x00, 0xBE];
/// xPSR with nothing but the Thumb bit.
pub(crate) const XPSR_THUMB: u32 = 1 << 24;
/// IPSR of a HardFault, the low nine bits of xPSR (ARMv7-M B1.5.2).
const EXCEPTION_MASK: u32 = 0x1FF;
const EXCEPTION_HARD_FAULT: u32 = 3;
/// Offset of the return address in an exception frame (ARMv7-M B1.5.6).
const FRAME_PC: u64 = 0x18;

/// A call of code that is already in the target's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Address of the function; bit 0 is ignored.
    pub entry: u64,
    /// Initial stack pointer. Eight bytes below it are used for the return.
    pub stack: u64,
    /// Value of R9, the static base of position-independent code.
    pub static_base: u64,
    /// R0 to R3.
    pub args: [u32; 4],
    /// Longest time to wait for the return, in milliseconds on the link's clock.
    pub timeout_ms: u32,
}

/// How long a call may take, and how long it should.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallTime {
    /// The first poll comes after this time.
    pub(crate) expected: Duration,
    pub(crate) timeout: Duration,
}

/// A halted core that calls can be made on.
pub(crate) struct Caller {
    /// Where `HALT_CODE` lies.
    return_address: u32,
}

impl Caller {
    /// Prepares a halted core for calls that return to `return_address`, where `HALT_CODE` has been written.
    pub(crate) fn prepare(
        bus: &mut Bus<'_>,
        return_address: u32,
        stack_top: u32,
        static_base: u32,
    ) -> Result<Self, TargetError> {
        bus.catch_faults()?;
        bus.write_register(register::XPSR, XPSR_THUMB)?;
        bus.write_register(register::SP, stack_top)?;
        bus.write_register(register::R9, static_base)?;
        Ok(Self { return_address })
    }

    /// Prepares a halted core for one call whose return point is written below its stack.
    pub(crate) fn on_stack(
        bus: &mut Bus<'_>,
        stack: u64,
        static_base: u32,
    ) -> Result<Self, TargetError> {
        let top = address32(stack)? & !7;
        let return_address = top.checked_sub(8).ok_or(TargetError::Unsupported {
            what: "a stack at this address",
            reason: "there is nothing below it",
        })?;
        bus.write(u64::from(return_address), &HALT_CODE)?;
        Self::prepare(bus, return_address, return_address, static_base)
    }

    /// Where a function returns to.
    pub(crate) fn return_address(&self) -> u32 {
        self.return_address
    }

    /// Starts a function and leaves it running.
    pub(crate) fn start(
        &self,
        bus: &mut Bus<'_>,
        entry: u32,
        args: &[u32],
    ) -> Result<(), TargetError> {
        for (number, argument) in (register::R0..).zip(args) {
            bus.write_register(number, *argument)?;
        }
        bus.write_register(register::LR, self.return_address | 1)?;
        bus.write_register(register::PC, entry & !1)?;
        bus.run()
    }

    /// Waits for the function to return and gives its R0. `what` names it in errors.
    pub(crate) fn finish(
        &self,
        bus: &mut Bus<'_>,
        time: CallTime,
        what: &dyn Fn() -> String,
    ) -> Result<u32, TargetError> {
        wait_stopped(bus, time, what)?;
        let pc = bus.read_register(register::PC)?;
        if pc != self.return_address {
            return Err(unexpected_halt(bus, pc, what)?);
        }
        bus.read_register(register::R0)
    }
}

/// Waits until the core has halted. One that locks up or runs out of time is halted and is an error.
pub(crate) fn wait_stopped(
    bus: &mut Bus<'_>,
    time: CallTime,
    what: &dyn Fn() -> String,
) -> Result<(), TargetError> {
    let stopped = bus.poll(time.expected, time.timeout, |bus| {
        let status = bus.core_status()?;
        Ok(matches!(status, CoreStatus::Halted | CoreStatus::LockedUp).then_some(status))
    })?;
    if stopped == Some(CoreStatus::Halted) {
        return Ok(());
    }
    bus.halt()?;
    let pc = bus.read_register(register::PC)?;
    Err(match stopped {
        Some(_) => TargetError::Lockup { what: what(), pc },
        None => TargetError::CallTimeout {
            what: what(),
            timeout_ms: milliseconds(time.timeout),
            pc,
        },
    })
}

/// Why the core halted at `pc`.
pub(crate) fn unexpected_halt(
    bus: &mut Bus<'_>,
    pc: u32,
    what: &dyn Fn() -> String,
) -> Result<TargetError, TargetError> {
    let exception = bus.read_register(register::XPSR)? & EXCEPTION_MASK;
    if exception != EXCEPTION_HARD_FAULT {
        return Ok(TargetError::UnexpectedHalt { what: what(), pc });
    }
    let frame = bus.read_register(register::SP)?;
    // Where even the stack is wrong, the handler's address has to do.
    let pc = bus.read_word(u64::from(frame) + FRAME_PC).unwrap_or(pc);
    Ok(TargetError::HardFault { what: what(), pc })
}

/// An address of a Cortex-M.
pub(crate) fn address32(address: u64) -> Result<u32, TargetError> {
    u32::try_from(address).map_err(|_| TargetError::Unsupported {
        what: "access to this address",
        reason: "addresses of this core have 32 bits",
    })
}
