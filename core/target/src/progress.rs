//! What is being done, how far it is, and what it has changed so far.

use crate::watch::Moment;
use std::{fmt, ops::Range};

/// A kind of work on a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Finding and attaching the target.
    Attach,
    /// A single access to memory, a register or the core.
    Access,
    /// Erasing.
    Erase,
    /// Programming.
    Program,
    /// Comparing with what was programmed.
    Verify,
    /// Looking for bytes that are not erased.
    BlankCheck,
    /// Running code on the target.
    Run,
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Attach => "attach",
            Self::Access => "access",
            Self::Erase => "erase",
            Self::Program => "program",
            Self::Verify => "verify",
            Self::BlankCheck => "blank check",
            Self::Run => "run",
        })
    }
}

/// How far a step of the flash path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The step.
    pub step: Step,
    /// Bytes done.
    pub done: u64,
    /// Bytes to do.
    pub total: u64,
    /// When that was.
    pub now: Moment,
}

/// Which non-volatile memory was changed since the target was attached. A range is noted before its change begins: after a failure
/// it may be half done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Erased, in the order in which it was.
    pub erased: Vec<Range<u64>>,
    /// Programmed.
    pub programmed: Vec<Range<u64>>,
}

impl Changes {
    /// Nothing was changed.
    pub fn is_empty(&self) -> bool {
        self.erased.is_empty() && self.programmed.is_empty()
    }

    pub(crate) fn note_erase(&mut self, address: u64, len: u64) {
        note(&mut self.erased, address, len);
    }

    pub(crate) fn note_program(&mut self, address: u64, len: u64) {
        note(&mut self.programmed, address, len);
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return formatter.write_str("nothing was changed");
        }
        let parts = [("erased", &self.erased), ("programmed", &self.programmed)];
        let parts = parts.iter().filter(|(_, ranges)| !ranges.is_empty());
        for (index, (verb, ranges)) in parts.enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(formatter, "{comma}{verb}")?;
            for range in ranges.iter() {
                write!(formatter, " {:#010x}..{:#010x}", range.start, range.end)?;
            }
        }
        Ok(())
    }
}

/// Adds a range, to the last one where it continues that.
fn note(ranges: &mut Vec<Range<u64>>, address: u64, len: u64) {
    match ranges.last_mut() {
        Some(last) if last.end == address => last.end += len,
        _ => ranges.push(address..address + len),
    }
}
