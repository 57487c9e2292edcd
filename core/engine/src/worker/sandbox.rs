//! Limits of the system on a worker, set before it opens a plugin or a script.
//!
//! They are the only ones that hold a plugin, a native function or an allocation burst.

use super::limits::{ADDRESS_SPACE_LEN_MAX, CPU_TIME_EXTRA};
use std::{io, time::Duration};

/// Limits that hold from the first line on: address space, no core file, no new privileges.
#[cfg(target_os = "linux")]
pub(super) fn enter() -> io::Result<()> {
    use rustix::process::Resource;
    lower(Resource::As, ADDRESS_SPACE_LEN_MAX)?;
    lower(Resource::Core, 0)?;
    rustix::thread::set_no_new_privs(true)?;
    Ok(())
}

/// Limits the processor time, once the image has said how long its unit may take.
#[cfg(target_os = "linux")]
pub(super) fn limit_cpu_time(unit_time: Duration) -> io::Result<()> {
    // Two threads compute at most: the script's, and the watch over it.
    let time = unit_time.saturating_mul(2).saturating_add(CPU_TIME_EXTRA);
    lower(rustix::process::Resource::Cpu, time.as_secs())
}

/// Lowers a limit; one that is lower already stays.
#[cfg(target_os = "linux")]
fn lower(resource: rustix::process::Resource, limit: u64) -> io::Result<()> {
    use rustix::process::{Rlimit, getrlimit, setrlimit};
    let before = getrlimit(resource);
    let least = |old: Option<u64>| Some(old.map_or(limit, |old| old.min(limit)));
    let new = Rlimit {
        current: least(before.current),
        maximum: least(before.maximum),
    };
    Ok(setrlimit(resource, new)?)
}

/// Other systems have no such limits here: the client's clock and the allocator's limit remain.
#[cfg(not(target_os = "linux"))]
pub(super) fn enter() -> io::Result<()> {
    let _ = ADDRESS_SPACE_LEN_MAX;
    Ok(())
}

/// See `enter`.
#[cfg(not(target_os = "linux"))]
pub(super) fn limit_cpu_time(unit_time: Duration) -> io::Result<()> {
    let _ = (unit_time, CPU_TIME_EXTRA);
    Ok(())
}
