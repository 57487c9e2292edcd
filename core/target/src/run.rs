//! Running test code on the target, with what it prints and how it ends.
//!
//! Code ends by returning, by a BKPT of its own, or by semihosting's exit (Arm "Semihosting for AArch32 and AArch64").
//! Of semihosting there is output and exit, and as much of files as the start-up code of a C library asks for its
//! console; nothing that would reach the host.

use crate::{
    bus::Bus,
    call::{CallTime, Caller, address32, unexpected_halt, wait_stopped},
    core_control::register,
    error::TargetError,
    limits::{SEMIHOSTING_LEN_MAX, SEMIHOSTING_NAME_LEN_MAX},
    watch::nanoseconds,
};
use std::time::Duration;

/// Test code to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Address of the first instruction; bit 0 is ignored.
    pub pc: u64,
    /// Initial stack pointer. Eight bytes below it are used for the return.
    pub sp: u64,
    /// R0 to R3.
    pub args: [u32; 4],
    /// Longest time until it ends, in milliseconds on the link's clock.
    pub timeout_ms: u32,
}

/// How test code ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// It returned.
    Returned {
        /// R0.
        result: u32,
    },
    /// It called semihosting's exit.
    Exit {
        /// The exit code; 0 for success.
        code: u32,
    },
    /// It met a BKPT instruction.
    Breakpoint {
        /// Where.
        pc: u32,
        /// The number in the instruction.
        number: u8,
        /// R0.
        r0: u32,
    },
}

/// `BKPT`, whose low byte is its number.
const BKPT: u16 = 0xBE00;
/// The BKPT of semihosting on M-profile cores.
const BKPT_SEMIHOSTING: u16 = 0xBEAB;
/// Reason "application exit" of `SYS_EXIT`.
const APPLICATION_EXIT: u32 = 0x20026;
/// What a refused or failed operation returns.
const FAILED: u32 = u32::MAX;

mod operation {
    pub(super) const OPEN: u32 = 0x01;
    pub(super) const CLOSE: u32 = 0x02;
    pub(super) const WRITEC: u32 = 0x03;
    pub(super) const WRITE0: u32 = 0x04;
    pub(super) const WRITE: u32 = 0x05;
    pub(super) const ISTTY: u32 = 0x09;
    pub(super) const ERRNO: u32 = 0x13;
    pub(super) const EXIT: u32 = 0x18;
    pub(super) const EXIT_EXTENDED: u32 = 0x20;
}

/// Runs code on a halted core. `on_output` gets what it prints, as it comes.
pub(crate) fn run_code(
    bus: &mut Bus<'_>,
    run: &Run,
    on_output: &mut dyn FnMut(&[u8]),
) -> Result<RunEnd, TargetError> {
    let what = || "the test code".to_string();
    let caller = Caller::on_stack(bus, run.sp, 0)?;
    let end_ns = bus.watch().now_ns() + nanoseconds(Duration::from_millis(run.timeout_ms.into()));
    caller.start(bus, address32(run.pc)?, &run.args)?;
    loop {
        let left_ns = end_ns.saturating_sub(bus.watch().now_ns());
        let timeout = Duration::from_nanos(left_ns);
        wait_stopped(
            bus,
            CallTime {
                expected: Duration::ZERO,
                timeout,
            },
            &what,
        )
        .map_err(|error| whole_time(error, run))?;
        let pc = bus.read_register(register::PC)?;
        if pc == caller.return_address() {
            return Ok(RunEnd::Returned {
                result: bus.read_register(register::R0)?,
            });
        }
        let mut code = [0; 2];
        // A core that halted where nothing can be read did not halt at a BKPT.
        let instruction = match bus.read(u64::from(pc), &mut code) {
            Ok(()) => u16::from_le_bytes(code),
            Err(TargetError::BusFault { .. }) => 0,
            Err(error) => return Err(error),
        };
        match instruction {
            BKPT_SEMIHOSTING => {
                if let Some(code) = semihosting(bus, pc, on_output)? {
                    return Ok(RunEnd::Exit { code });
                }
                bus.write_register(register::PC, pc + 2)?;
                bus.run()?;
            }
            _ if instruction & 0xFF00 == BKPT => {
                let r0 = bus.read_register(register::R0)?;
                return Ok(RunEnd::Breakpoint {
                    pc,
                    number: instruction as u8,
                    r0,
                });
            }
            _ => return Err(unexpected_halt(bus, pc, &what)?),
        }
    }
}

/// A time-out in the middle names the whole time, not what was left of it.
fn whole_time(error: TargetError, run: &Run) -> TargetError {
    match error {
        TargetError::CallTimeout { what, pc, .. } => TargetError::CallTimeout {
            what,
            pc,
            timeout_ms: run.timeout_ms.into(),
        },
        other => other,
    }
}

/// Answers one semihosting call. The exit code, if it was an exit.
fn semihosting(
    bus: &mut Bus<'_>,
    pc: u32,
    on_output: &mut dyn FnMut(&[u8]),
) -> Result<Option<u32>, TargetError> {
    let operation = bus.read_register(register::R0)?;
    let argument = bus.read_register(register::R1)?;
    let answer = match operation {
        operation::EXIT => return Ok(Some(exit_code(argument, 0))),
        operation::EXIT_EXTENDED => {
            let [reason, subcode] = words(bus, argument)?;
            return Ok(Some(exit_code(reason, subcode)));
        }
        operation::WRITEC => {
            on_output(&bytes(bus, argument, 1)?);
            0
        }
        operation::WRITE0 => {
            on_output(&text(bus, argument)?);
            0
        }
        operation::WRITE => {
            let [_handle, address, len] = words(bus, argument)?;
            let taken = len.min(SEMIHOSTING_LEN_MAX);
            on_output(&bytes(bus, address, taken)?);
            // The number of bytes not written; the C library then writes the rest.
            len - taken
        }
        operation::OPEN => open(bus, argument)?,
        operation::ISTTY => 1,
        operation::CLOSE | operation::ERRNO => 0,
        _ => return Err(TargetError::Semihosting { operation, pc }),
    };
    bus.write_register(register::R0, answer)?;
    Ok(None)
}

/// An application's exit has the code `subcode`; any other reason is a failure and is itself the code.
fn exit_code(reason: u32, subcode: u32) -> u32 {
    if reason == APPLICATION_EXIT {
        subcode
    } else {
        reason.max(1)
    }
}

/// The console `:tt`, as C libraries open it at the start; any other file fails to open.
fn open(bus: &mut Bus<'_>, argument: u32) -> Result<u32, TargetError> {
    let [address, mode, len] = words(bus, argument)?;
    if len > SEMIHOSTING_NAME_LEN_MAX || bytes(bus, address, len)? != b":tt" {
        return Ok(FAILED);
    }
    // Modes 0 to 3 read, 4 to 7 write, 8 to 11 append: stdin, stdout, stderr.
    Ok(mode / 4)
}

fn words<const N: usize>(bus: &mut Bus<'_>, address: u32) -> Result<[u32; N], TargetError> {
    let mut values = [0; N];
    for (index, value) in (0u64..).zip(&mut values) {
        *value = bus.read_word(u64::from(address & !3) + 4 * index)?;
    }
    Ok(values)
}

fn bytes(bus: &mut Bus<'_>, address: u32, len: u32) -> Result<Vec<u8>, TargetError> {
    let mut buffer = vec![0; len as usize];
    bus.read(u64::from(address), &mut buffer)?;
    Ok(buffer)
}

/// A text that ends with a zero byte, cut at the limit.
fn text(bus: &mut Bus<'_>, address: u32) -> Result<Vec<u8>, TargetError> {
    const CHUNK_LEN: u32 = 32;
    let mut text = Vec::new();
    while text.len() < SEMIHOSTING_LEN_MAX as usize {
        let from = address + text.len() as u32;
        // Up to the next boundary only: a text may end just before memory does.
        let chunk = bytes(bus, from, CHUNK_LEN - from % CHUNK_LEN)?;
        if let Some(len) = chunk.iter().position(|byte| *byte == 0) {
            text.extend_from_slice(&chunk[..len]);
            return Ok(text);
        }
        text.extend_from_slice(&chunk);
    }
    Ok(text)
}
