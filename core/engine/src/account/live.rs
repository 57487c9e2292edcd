//! Which open attempts are under way: each holds a lock that its process cannot outlive.

use super::disk::{private, remove};
use imprint_ledger::AttemptId;
use std::{
    fs::{File, TryLockError},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

/// The folder of all of them.
const OPEN: &str = "open";

/// The lock of an attempt that is under way.
#[derive(Debug)]
pub(super) struct Live {
    /// Locked until it is closed, which the system does for a process that dies.
    _lock: File,
    path: PathBuf,
}

impl Live {
    /// Takes the lock of an attempt that begins.
    pub(super) fn begin(state: &Path, attempt: AttemptId) -> io::Result<Live> {
        std::fs::create_dir_all(state.join(OPEN))?;
        let path = path(state, attempt);
        let lock = private().write(true).create_new(true).open(&path)?;
        lock.lock()?;
        Ok(Live { _lock: lock, path })
    }

    /// The attempt has ended, in the books too.
    pub(super) fn end(self) -> io::Result<()> {
        remove(&self.path)
    }
}

/// Whether an attempt that the books call open has a process no more.
pub(super) fn is_dead(state: &Path, attempt: AttemptId) -> io::Result<bool> {
    is_unlocked(&path(state, attempt))
}

/// Whether nobody holds the lock of a file, or there is none.
fn is_unlocked(path: &Path) -> io::Result<bool> {
    match File::open(path) {
        Ok(file) => match file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// Removes the locks of attempts that died before the books knew them. The caller is in a transaction, where no lock is
/// made.
pub(super) fn sweep(state: &Path, is_known: impl Fn(&str) -> bool) -> io::Result<()> {
    let entries = match std::fs::read_dir(state.join(OPEN)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        if !is_known(&name.to_string_lossy()) && is_unlocked(&entry.path())? {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Removes what a dead attempt left.
pub(super) fn bury(state: &Path, attempt: AttemptId) -> io::Result<()> {
    remove(&path(state, attempt))
}

fn path(state: &Path, attempt: AttemptId) -> PathBuf {
    state.join(OPEN).join(attempt.to_string())
}
