//! Running test code that answers in RAM: no halt while it runs, so that what it measures is not disturbed.
//!
//! ```text
//! 0   4  magic 0x54504D49, "IMPT"
//! 4   4  state: 0 running, 1 done
//! 8   4  exit code
//! 12  4  length of the results, at most 4096
//! 16     results: lines `name=value`
//! ```
//!
//! All numbers are little-endian. The host zeroes the first 16 bytes before the start. The code writes the magic first and the
//! state last.

use crate::{
    bus::Bus,
    call::{Caller, address32, unexpected_halt},
    core_control::{CoreStatus, register},
    error::TargetError,
    limits::MAILBOX_LEN_MAX,
    run::Run,
};
use std::time::Duration;

/// "IMPT".
const MAGIC: u32 = 0x5450_4D49;
const RUNNING: u32 = 0;
const DONE: u32 = 1;
const HEADER_LEN: u64 = 16;

/// How test code ended that answers in RAM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxEnd {
    /// Its exit code; 0 is success.
    pub exit_code: u32,
    /// What it wrote as results.
    pub results: Vec<u8>,
}

/// What a look at core and mailbox found.
enum Look {
    Done,
    Stopped(CoreStatus),
    Garbage(u32),
}

/// Runs code on a halted core until its mailbox says that it is done, then halts the core.
pub(crate) fn run_with_mailbox(
    bus: &mut Bus<'_>,
    run: &Run,
    address: u64,
) -> Result<MailboxEnd, TargetError> {
    let what = || "the test code".to_string();
    bus.write(address, &[0; HEADER_LEN as usize])?;
    let caller = Caller::on_stack(bus, run.sp, 0)?;
    caller.start(bus, address32(run.pc)?, &run.args)?;
    let timeout = Duration::from_millis(run.timeout_ms.into());
    let found = bus.poll(Duration::ZERO, timeout, |bus| look(bus, address))?;
    bus.halt()?;
    let pc = bus.read_register(register::PC)?;
    match found {
        Some(Look::Done) => results(bus, address),
        Some(Look::Garbage(state)) => Err(unusable(
            address,
            format!("its state is {state:#x}, expected 0 or 1"),
        )),
        Some(Look::Stopped(CoreStatus::LockedUp)) => Err(TargetError::Lockup { what: what(), pc }),
        Some(Look::Stopped(_)) if pc == caller.return_address() => {
            Err(unusable(address, "the code returned and wrote none".into()))
        }
        Some(Look::Stopped(_)) => Err(unexpected_halt(bus, pc, &what)?),
        None => Err(TargetError::CallTimeout {
            what: what(),
            timeout_ms: run.timeout_ms.into(),
            pc,
        }),
    }
}

/// The core first: what one that has stopped left in the mailbox is final.
fn look(bus: &mut Bus<'_>, address: u64) -> Result<Option<Look>, TargetError> {
    let status = bus.core_status()?;
    let magic = bus.read_word(address)?;
    let state = bus.read_word(address + 4)?;
    Ok(match (magic, state, status) {
        (MAGIC, DONE, _) => Some(Look::Done),
        (MAGIC, state, _) if state != RUNNING => Some(Look::Garbage(state)),
        (_, _, CoreStatus::Halted | CoreStatus::LockedUp) => Some(Look::Stopped(status)),
        _ => None,
    })
}

fn results(bus: &mut Bus<'_>, address: u64) -> Result<MailboxEnd, TargetError> {
    let exit_code = bus.read_word(address + 8)?;
    let len = bus.read_word(address + 12)?;
    if len > MAILBOX_LEN_MAX {
        return Err(unusable(
            address,
            format!("its results have {len} bytes, at most {MAILBOX_LEN_MAX} are taken"),
        ));
    }
    let mut results = vec![0; len as usize];
    bus.read(address + HEADER_LEN, &mut results)?;
    Ok(MailboxEnd { exit_code, results })
}

fn unusable(address: u64, message: String) -> TargetError {
    TargetError::Mailbox { address, message }
}
