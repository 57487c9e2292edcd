//! Every bound of a worker process, each with its reason.

use std::time::Duration;

/// Memory a worker may allocate, in bytes: what a unit may cost a station that runs dozens of them. A script's own budget
/// is below it, so that a script that takes too much ends with its line and not with its process.
pub const WORKER_MEMORY_LEN_MAX: usize = 256 << 20;

/// Address space of a worker, in bytes. It bounds what the counting allocator does not see: plugins, and libraries in C.
/// Address space is not memory: each thread's stack and allocation arena reserves up to 128 MiB of it and touches little.
pub(super) const ADDRESS_SPACE_LEN_MAX: u64 = 1 << 30;

/// Arenas of the C library's allocator, so that a worker's threads do not use up its address space.
pub(super) const ARENA_COUNT_MAX: &str = "2";

/// Time from the start of the worker to the start of the unit: to open an image, load plugins, open a probe.
pub(super) const SETUP_TIME: Duration = Duration::from_secs(20);

/// Time a worker has past its unit's time, in which the engine ends the unit by itself, before it is killed. Shorter than
/// a second, so that a unit of two seconds is over within three.
pub(super) const KILL_GRACE: Duration = Duration::from_millis(950);

/// Longest wait for a permit. A journal on a disk that is written to by others answers within a second, a cloud over a slow
/// line within a few.
pub(super) const GATE_TIME: Duration = Duration::from_secs(30);

/// Longest answer of a gate, in bytes. The pipe to a worker holds 64 KiB, so that writing it never waits for a worker that
/// does not read.
pub(super) const ANSWER_LEN_MAX: usize = 48 << 10;

/// Time a worker has after a cancel: the script's `on_abort` may take a second.
pub(super) const CANCEL_GRACE: Duration = Duration::from_millis(1_950);

/// Time for what follows the report: reading dumps over the wire, saving a board. 16 MiB at 100 kB/s are under three
/// minutes.
pub(super) const AFTERWARDS_TIME: Duration = Duration::from_secs(300);

/// How often the client looks at its clocks.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// Processor time a worker has beyond its unit's time: for the image, the plugins and what follows the report. It ends a
/// worker whose client is gone and whose script is deaf.
pub(super) const CPU_TIME_EXTRA: Duration = Duration::from_secs(60);

/// Longest line between the two, in bytes: a report with a full log and full records.
pub(super) const LINE_LEN_MAX: u64 = 16 << 20;

/// Failures kept of what a worker tells outside its unit: one for each dump, and who names more dumps than this sees that
/// they fail.
pub(super) const FAILURES_MAX: usize = 64;

/// Messages that wait for the client. A worker that is faster than its reader waits.
pub(super) const WAITING_MESSAGES_MAX: usize = 256;

/// Kept of what a worker wrote to its standard error, in bytes: the last lines tell why it ended.
pub(super) const ERROR_TEXT_LEN_MAX: usize = 4 << 10;

/// Bytes read at once for a dump.
pub(super) const DUMP_BLOCK_LEN: u64 = 64 << 10;

/// Longest dump, in bytes: the address space of a core is mostly empty, and memories are not larger.
pub(super) const DUMP_LEN_MAX: u64 = 64 << 20;
