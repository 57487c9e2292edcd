//! QEMU as a process: started with two sockets it is born with, killed when it is dropped.
//!
//! The sockets are pairs, handed over as descriptors: no file, no port that another could take, nothing to wait for. QEMU
//! starts in whatever limits the process has that starts it, and is told to take little enough memory for a worker's.

use crate::{
    error::QemuError,
    limits::{ANSWER_TIME, ERROR_TEXT_LEN_MAX, TRANSLATED_MIB, VERSION_LEN_MAX, VERSION_MIN},
};
use command_fds::{CommandFdExt, FdMapping};
use std::{
    io::{self, Read},
    os::{fd::OwnedFd, unix::net::UnixStream},
    process::{Child, Command, Stdio},
};

/// The program, found as the shell finds it.
const PROGRAM: &str = "qemu-system-arm";
/// The descriptors that QEMU is born with. The first one also takes the place of the open image that a worker has there,
/// which is none of QEMU's business.
const GDB_DESCRIPTOR: i32 = 3;
const QTEST_DESCRIPTOR: i32 = 4;

/// A running QEMU.
pub(crate) struct Process {
    child: Child,
    error_text: UnixStream,
}

/// The near ends of its sockets.
pub(crate) struct Sockets {
    pub gdb: UnixStream,
    pub qtest: UnixStream,
}

impl Process {
    /// Starts a machine of QEMU, its core stopped.
    pub(crate) fn start(machine: &str) -> Result<(Process, Sockets), QemuError> {
        check_version()?;
        let not_started = |error: io::Error| not_started(&error);
        let (gdb, far_gdb) = UnixStream::pair().map_err(not_started)?;
        let (qtest, far_qtest) = UnixStream::pair().map_err(not_started)?;
        let (error_text, far_error_text) = UnixStream::pair().map_err(not_started)?;
        for stream in [&gdb, &qtest] {
            stream
                .set_read_timeout(Some(ANSWER_TIME))
                .and_then(|()| stream.set_write_timeout(Some(ANSWER_TIME)))
                .map_err(not_started)?;
        }
        error_text.set_nonblocking(true).map_err(not_started)?;
        let mut command = Command::new(PROGRAM);
        command
            .args(["-nodefaults", "-no-user-config", "-machine", machine])
            .args(["-accel", &format!("tcg,tb-size={TRANSLATED_MIB}")])
            .args(["-S", "-display", "none", "-serial", "none"])
            .args(["-monitor", "none"])
            .args(["-chardev", &socket("gdb", GDB_DESCRIPTOR)])
            .args(["-gdb", "chardev:gdb"])
            .args(["-chardev", &socket("qtest", QTEST_DESCRIPTOR)])
            .args(["-object", "qtest,id=buses,chardev=qtest,log=none"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(OwnedFd::from(far_error_text));
        command
            .fd_mappings(vec![
                mapping(far_gdb, GDB_DESCRIPTOR),
                mapping(far_qtest, QTEST_DESCRIPTOR),
            ])
            .map_err(|error| not_started(io::Error::other(error)))?;
        let child = command.spawn().map_err(not_started)?;
        // With the command go the far ends: what reads then sees the end of QEMU.
        drop(command);
        let process = Process { child, error_text };
        Ok((process, Sockets { gdb, qtest }))
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The error of a QEMU that closed its sockets, with its last words.
    pub(crate) fn ended(&mut self) -> QemuError {
        // What it has to say it wrote before its sockets closed. One that is ending cannot be killed, and tells how it ended;
        // one that closed them and lives on is ended.
        let _ = self.child.kill();
        let status = self.child.wait();
        let mut text = Vec::new();
        let mut block = [0; 1024];
        while let Ok(len @ 1..) = self.error_text.read(&mut block) {
            text.extend_from_slice(&block[..len]);
            let too_many = text.len().saturating_sub(ERROR_TEXT_LEN_MAX);
            text.drain(..too_many);
        }
        let text = String::from_utf8_lossy(&text);
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        // A fatal end prints all registers after its reason.
        let reason = lines.clone().rfind(|line| line.starts_with("qemu"));
        let last = reason.or_else(|| lines.next_back());
        let status = status.map_or(String::new(), |status| status.to_string());
        QemuError::Ended {
            text: last.map_or(status, str::to_string),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended by itself cannot be killed, and need not be.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn socket(id: &str, descriptor: i32) -> String {
    format!("socket,id={id},fd={descriptor}")
}

fn mapping(stream: UnixStream, child_fd: i32) -> FdMapping {
    FdMapping {
        parent_fd: stream.into(),
        child_fd,
    }
}

fn not_started(error: &io::Error) -> QemuError {
    QemuError::NotStarted {
        program: PROGRAM.into(),
        reason: error.to_string(),
    }
}

/// Asks which version it is. A program that says nothing is killed.
fn check_version() -> Result<(), QemuError> {
    let not_started = |error: io::Error| not_started(&error);
    let (near, far) = UnixStream::pair().map_err(not_started)?;
    near.set_read_timeout(Some(ANSWER_TIME))
        .map_err(not_started)?;
    let mut command = Command::new(PROGRAM);
    command
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(OwnedFd::from(far))
        .stderr(Stdio::null());
    let mut child = command.spawn().map_err(not_started)?;
    drop(command);
    let mut answer = Vec::new();
    let read = near.take(VERSION_LEN_MAX as u64).read_to_end(&mut answer);
    let _ = child.kill();
    let _ = child.wait();
    if read.is_err() {
        return Err(QemuError::Silent {
            asked: format!("{PROGRAM} --version"),
        });
    }
    let text = String::from_utf8_lossy(&answer);
    let found = text.lines().next().unwrap_or_default();
    match version(found) {
        Some(version) if version >= VERSION_MIN => Ok(()),
        _ => Err(QemuError::Version {
            program: PROGRAM.into(),
            found: found.chars().take(100).collect(),
        }),
    }
}

/// `QEMU emulator version 7.2.22 (Debian ...)`.
fn version(line: &str) -> Option<(u32, u32)> {
    let rest = line.strip_prefix("QEMU emulator version ")?;
    let mut parts = rest.split(|letter: char| !letter.is_ascii_digit());
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions() {
        for (line, expect) in [
            (
                "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg)",
                Some((7, 2)),
            ),
            ("QEMU emulator version 10.0.2", Some((10, 0))),
            ("QEMU emulator version 8.1", Some((8, 1))),
            ("QEMU emulator version seven", None),
            ("GNU gdb (GDB) 13.1", None),
            ("", None),
        ] {
            assert_eq!(version(line), expect, "{line}");
        }
    }
}
