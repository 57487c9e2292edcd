//! Writing a file whole or not at all.

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
};
use tempfile::{NamedTempFile, PersistError};

/// Who may read a new file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Whoever the system's defaults allow.
    Ordinary,
    /// The owner alone: for secrets.
    Owner,
}

/// Writes `bytes` to `path`. The file appears complete and on disk, or what was there stays.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    AtomicFile::create(path, Access::Ordinary)?.write_whole(bytes)
}

/// A file that becomes visible at its path when it is complete. Dropped before that, it leaves nothing.
pub struct AtomicFile<'a> {
    path: &'a Path,
    temporary: NamedTempFile,
}

impl<'a> AtomicFile<'a> {
    /// Makes an empty file next to `path`.
    pub fn create(path: &'a Path, access: Access) -> Result<Self, WriteError> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".imprint-");
        #[cfg(unix)]
        if access == Access::Ordinary {
            use std::{fs::Permissions, os::unix::fs::PermissionsExt};
            // The process's mask takes away from this, as for any new file. Without it the file is the owner's alone.
            builder.permissions(Permissions::from_mode(0o666));
        }
        let temporary = builder
            .tempfile_in(folder(path))
            .map_err(|error| WriteError::new(path, &error))?;
        Ok(AtomicFile { path, temporary })
    }

    /// The file to write to.
    pub fn file(&mut self) -> &mut File {
        self.temporary.as_file_mut()
    }

    /// Writes all of `bytes` and completes the file.
    pub fn write_whole(mut self, bytes: &[u8]) -> Result<(), WriteError> {
        let path = self.path;
        self.file()
            .write_all(bytes)
            .map_err(|error| WriteError::new(path, &error))?;
        self.complete()
    }

    /// Puts what was written on disk and at its path.
    pub fn complete(self) -> Result<(), WriteError> {
        let path = self.path;
        self.persist(|temporary| temporary.persist(path))
    }

    /// As `complete`, but a file that is there already is an error and stays.
    pub fn complete_new(self) -> Result<(), WriteError> {
        let path = self.path;
        self.persist(|temporary| temporary.persist_noclobber(path))
    }

    fn persist(
        self,
        persist: impl FnOnce(NamedTempFile) -> Result<File, PersistError>,
    ) -> Result<(), WriteError> {
        let path = self.path;
        let failed = |error: io::Error| WriteError::new(path, &error);
        self.temporary.as_file().sync_all().map_err(failed)?;
        persist(self.temporary).map_err(|error| failed(error.error))?;
        // The name is on disk when its folder is.
        #[cfg(unix)]
        File::open(folder(path))
            .and_then(|folder| folder.sync_all())
            .map_err(failed)?;
        Ok(())
    }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// A file that could not be written. Nothing of it is left.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` cannot be written: {message}")]
pub struct WriteError {
    /// The file.
    pub path: String,
    /// What the system says.
    pub message: String,
    kind: io::ErrorKind,
}

impl WriteError {
    /// The system's refusal of something done to `path`.
    pub fn new(path: &Path, error: &io::Error) -> WriteError {
        WriteError {
            path: path.display().to_string(),
            message: error.to_string(),
            kind: error.kind(),
        }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self.kind {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "IMP-1091",
            io::ErrorKind::AlreadyExists => "IMP-1092",
            _ => "IMP-1090",
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        Some(match self.code() {
            "IMP-1091" => "the disk is full: make room and try again; nothing was written".into(),
            "IMP-1092" => "choose another name, or remove the file first".into(),
            _ => "check that the folder exists and may be written; nothing was written".into(),
        })
    }
}
