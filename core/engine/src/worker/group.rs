//! The end of a worker, with whatever it had started: QEMU, behind some links.
//!
//! A worker ends what it started. One that is killed, or crashes, cannot.

use std::{
    io,
    process::{Child, ExitStatus},
};

/// Waits for the end of a worker, which leads a process group of its own, and ends what is left of the group.
#[cfg(target_os = "linux")]
pub(super) fn wait(worker: &mut Child) -> io::Result<ExitStatus> {
    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
    let pid = i32::try_from(worker.id()).ok().and_then(Pid::from_raw);
    if let Some(pid) = pid {
        // Until its end is taken notice of, its number is nobody else's, and so is the group's.
        let _ = waitid(
            WaitId::Pid(pid),
            WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
        );
        let _ = kill_process_group(pid, Signal::KILL);
    }
    worker.wait()
}

/// Elsewhere what a killed worker had started is left.
#[cfg(not(target_os = "linux"))]
pub(super) fn wait(worker: &mut Child) -> io::Result<ExitStatus> {
    worker.wait()
}
