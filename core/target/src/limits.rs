//! All limits of this crate, each with its reason.

use std::time::Duration;

/// Tries to find a debug port before a socket counts as empty. probe-rs's own sequence keeps on for five seconds; a
/// gang programmer meets empty sockets all day.
pub const CONNECT_TRIES: u32 = 2;

/// Pause after a try, on the link's clock: a chip that has just been powered answers within a few milliseconds.
/// probe-rs repeats the whole set-up five times, so an empty socket costs five such pauses and their line sequences.
pub const CONNECT_PAUSE: Duration = Duration::from_millis(4);

/// Below this a probe that measures the target's supply sees an empty socket. No supported core runs below 1.6 V.
pub const TARGET_VOLTAGE_MV_MIN: u32 = 1000;

/// Longest time a core may take to halt when asked (one instruction, or a bus transfer that has stalled).
pub const HALT_TIMEOUT: Duration = Duration::from_millis(100);

/// Longest time from a reset request until the core answers again. PSoC 6 states 600 ms, the longest known.
pub const RESET_TIMEOUT: Duration = Duration::from_millis(1000);

/// Time for a reset that nobody watches. Chips load protection within a millisecond; this is a person's blink.
pub const RESET_UNSEEN_PAUSE: Duration = Duration::from_millis(20);

/// How long the reset line is held: the longest any supported chip asks for is 20 us; capacitors at the line take more.
pub const RESET_LINE_PULSE: Duration = Duration::from_millis(10);

/// Longest transfer of one core register (DHCSR.S_REGRDY); cores take a few cycles.
pub const REGISTER_TIMEOUT: Duration = Duration::from_millis(100);

/// Longest slice of a pause between two looks at the cancel token.
pub const PAUSE_SLICE: Duration = Duration::from_millis(10);

/// Longest pause between two polls, so that the end of a long wait is seen soon after it happened.
pub const POLL_PAUSE_MAX: Duration = Duration::from_millis(5);

/// Longest `Init` or `UnInit` of a flash algorithm, as in probe-rs.
pub const INIT_TIMEOUT: Duration = Duration::from_secs(2);

/// A function of an algorithm may take this many times what the datasheet calls typical before it counts as stuck.
/// Worst case figures at the end of a part's life are five to ten times the typical ones.
pub const BUSY_FACTOR: u32 = 20;

/// Stack for an algorithm that does not say how much it needs. probe-rs gives 512 bytes; this is twice that.
pub const ALGORITHM_STACK_LEN: u32 = 1024;

/// Stack for the resident routines, which push five words.
pub const RESIDENT_STACK_LEN: u32 = 64;

/// Below this a read back costs fewer round trips than a CRC on the target.
pub const CRC_LEN_MIN: u64 = 512;

/// Bytes of one CRC call. A step of the progress, and what is read back to find the byte that differs.
pub const CRC_CHUNK_LEN: u64 = 64 << 10;

/// Bytes of one read when memory is compared on the host: a step of the progress.
pub const READ_CHUNK_LEN: usize = 16 << 10;

/// Longest text one semihosting call may write: a line, not a dump.
pub const SEMIHOSTING_LEN_MAX: u32 = 4 << 10;

/// Longest results in a mailbox, in bytes: as much as semihosting may write at once.
pub const MAILBOX_LEN_MAX: u32 = SEMIHOSTING_LEN_MAX;

/// Longest name of a file that test code may ask for; the only one known is `:tt`.
pub const SEMIHOSTING_NAME_LEN_MAX: u32 = 64;
