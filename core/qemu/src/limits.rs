//! All limits of this crate, each with its reason.

use std::time::Duration;

/// Oldest QEMU that the boards are used with: the one whose ways are known. Older ones may lack the object `qtest`.
pub const VERSION_MIN: (u32, u32) = (7, 2);

/// Longest wait for one answer. QEMU answers within a millisecond; a machine under load may keep it from running for
/// seconds.
pub const ANSWER_TIME: Duration = Duration::from_secs(8);

/// Longest packet of QEMU's debugger: it says that it sends 4096 bytes at most, and half as much again is no packet.
pub const PACKET_LEN_MAX: usize = 6 << 10;

/// Longest line of qtest: two digits for each byte of the longest read, and the word before them.
pub const LINE_LEN_MAX: usize = 2 * READ_LEN_MAX as usize + 64;

/// Bytes of one read over qtest: the RAM of a small chip.
pub const READ_LEN_MAX: u32 = 16 << 10;

/// Longest answer to `--version`: two lines.
pub const VERSION_LEN_MAX: usize = 4 << 10;

/// Kept of what QEMU wrote to its standard error: the last lines say why it ended.
pub const ERROR_TEXT_LEN_MAX: usize = 2 << 10;

/// Code that QEMU keeps translated, in MiB. It takes 1 GiB of address space unless told, which is all that a worker has.
pub const TRANSLATED_MIB: u32 = 32;

/// Breakpoints in QEMU at a time. One halfword of 256 in random bytes looks like a BKPT: 32 in 16 KiB. More than this is
/// memory full of them, and the first ones have to do.
pub const BREAKPOINTS_MAX: usize = 2048;
