//! All limits of this crate, each with its reason.

/// Longest line, in bytes: a block of `BLOCK_COUNT_MAX` values, or what was handed in for a unit.
pub const LINE_LEN_MAX: usize = 256 << 10;

/// Most values of one block. Drivers cut blocks at the wrap of the address, 256 words; no probe takes more than 64 KiB at once.
pub(crate) const BLOCK_COUNT_MAX: usize = 16 << 10;

/// Most lines of a header: each key once.
pub(crate) const HEADER_LINES_MAX: usize = 32;

/// Longest pause in one entry: waits are written in slices of 10 ms.
pub const PASS_NS_MAX: u64 = 1_000_000_000;
