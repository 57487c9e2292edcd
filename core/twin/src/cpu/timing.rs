//! What instructions cost, in core cycles.
//!
//! Averages of the Cortex-M3 and M4 tables (Cortex-M3 TRM, 3.3), rounded to whole cycles, so that a program's time is
//! right to some ten percent and the same everywhere. Not modelled: pairs of loads, write buffers, alignment of
//! 32-bit instructions, and prefetch beyond the rule that straight code from flash runs without wait states and a
//! branch or a data read pays for them.

/// Every instruction.
pub(crate) const BASE: u32 = 1;
/// A load or store beyond the base: the transfer itself.
pub(crate) const TRANSFER: u32 = 1;
/// A branch that is taken refills the pipeline.
pub(crate) const BRANCH: u32 = 2;
/// A divide, between 2 and 12 cycles, beyond the base.
pub(crate) const DIVIDE: u32 = 5;
/// A multiply with a 64-bit result, between 3 and 5 cycles on Cortex-M3, beyond the base.
pub(crate) const LONG_MULTIPLY: u32 = 3;
/// Exception entry (Cortex-M3 TRM, 3.9.1: 12 cycles).
pub(crate) const EXCEPTION_ENTRY: u32 = 12;
/// Exception return.
pub(crate) const EXCEPTION_RETURN: u32 = 10;
