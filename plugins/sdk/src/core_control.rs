//! Control of the core.

use crate::{error::Result, glue_host::CoreCalls};

/// The core of the attached target.
pub struct CoreControl<'a> {
    calls: CoreCalls<'a>,
}

impl<'a> CoreControl<'a> {
    pub(crate) fn new(calls: CoreCalls<'a>) -> Self {
        Self { calls }
    }

    /// Halts the core.
    pub fn halt(&mut self) -> Result<()> {
        self.calls.halt()
    }

    /// Lets the core run.
    pub fn run(&mut self) -> Result<()> {
        self.calls.run()
    }

    /// Executes one instruction.
    pub fn step(&mut self) -> Result<()> {
        self.calls.step()
    }

    /// Resets the target and lets it run.
    pub fn reset(&mut self) -> Result<()> {
        self.calls.reset(false)
    }

    /// Resets the target and stops it before its first instruction.
    pub fn reset_and_halt(&mut self) -> Result<()> {
        self.calls.reset(true)
    }

    /// Reads a core register, numbered as DCRSR.REGSEL (ARMv7-M Architecture Reference Manual C1.6.3).
    pub fn read_register(&mut self, number: u32) -> Result<u32> {
        self.calls.register_read(number)
    }

    /// Writes a core register.
    pub fn write_register(&mut self, number: u32, value: u32) -> Result<()> {
        self.calls.register_write(number, value)
    }
}
