//! The bounds on reading one input: memory by a counting allocator, time by the clock of the process.
//!
//! Not the wall clock: a machine that does something else beside must not make a finding.

use cap::Cap;
use rustix::time::{ClockId, clock_gettime};
use std::{alloc::System, time::Duration};

/// Most memory that reading one input may hold, in bytes, beyond what was held before.
pub const MEMORY_LEN_MAX: usize = 64 << 20;

/// Longest time that reading one input may take, on all cores together.
pub const CPU_TIME_MAX: Duration = Duration::from_secs(1);

/// Counts, and refuses what goes beyond the bound, which ends the process.
#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// Calls `read` under the bounds. Two calls at once would count each other's memory.
pub fn bounded(read: impl FnOnce()) {
    let limit = ALLOCATOR.allocated().saturating_add(MEMORY_LEN_MAX);
    // Above what is allocated, so it cannot fail.
    let _ = ALLOCATOR.set_limit(limit);
    let began = cpu_time();
    read();
    let took = cpu_time().saturating_sub(began);
    let _ = ALLOCATOR.set_limit(usize::MAX);
    assert!(
        took <= CPU_TIME_MAX,
        "reading took {took:?}, at most {CPU_TIME_MAX:?}"
    );
}

/// What the process has used of all cores.
pub fn cpu_time() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        u64::try_from(now.tv_sec).unwrap_or_default(),
        u32::try_from(now.tv_nsec).unwrap_or_default(),
    )
}
