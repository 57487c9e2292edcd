//! Writing a file whole or not at all.
//!
//! Completing a file renames it to its path, which would put it in the place of whatever is there. Only a plain file may
//! be replaced: never a device, a pipe, a socket or a folder, and no symbolic link either. The link would go and the file
//! it names would stay as it was, which is not what anyone who made the link expects.

use std::{
    fs::{File, FileType},
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

/// Writes `bytes` to a new file at `path`. One that is there already is an error and stays.
pub fn write_new(path: &Path, bytes: &[u8], access: Access) -> Result<(), WriteError> {
    let mut file = AtomicFile::create(path, access)?;
    file.file()
        .write_all(bytes)
        .map_err(|error| WriteError::new(path, &error))?;
    file.complete_new()
}

/// A file that becomes visible at its path when it is complete. Dropped before that, it leaves nothing.
pub struct AtomicFile<'a> {
    path: &'a Path,
    temporary: NamedTempFile,
}

impl<'a> AtomicFile<'a> {
    /// Makes an empty file next to `path`, where there is nothing or a plain file.
    pub fn create(path: &'a Path, access: Access) -> Result<Self, WriteError> {
        check_replaceable(path)?;
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
        // Minutes may have passed since the file was made.
        check_replaceable(path)?;
        persist(self.temporary).map_err(|error| failed(error.error))?;
        // The name is on disk when its folder is.
        #[cfg(unix)]
        File::open(folder(path))
            .and_then(|folder| folder.sync_all())
            .map_err(failed)?;
        Ok(())
    }
}

/// Refuses a path at which there is something else than a plain file.
pub fn check_replaceable(path: &Path) -> Result<(), WriteError> {
    match path.symlink_metadata() {
        Ok(metadata) if metadata.is_file() => Ok(()),
        Ok(metadata) => Err(WriteError::not_a_file(path, metadata.file_type())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(WriteError::new(path, &error)),
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
    reason: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    DiskFull,
    Exists,
    NotAFile,
    Other,
}

impl WriteError {
    /// The system's refusal of something done to `path`.
    pub fn new(path: &Path, error: &io::Error) -> WriteError {
        WriteError {
            path: path.display().to_string(),
            message: error.to_string(),
            reason: match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Reason::DiskFull,
                io::ErrorKind::AlreadyExists => Reason::Exists,
                _ => Reason::Other,
            },
        }
    }

    /// There is something at `path` that is not a plain file, and stays.
    pub fn not_a_file(path: &Path, found: FileType) -> WriteError {
        let found = match found {
            found if found.is_symlink() => "a symbolic link",
            found if found.is_dir() => "a folder",
            _ => "a device, a pipe or a socket",
        };
        WriteError {
            path: path.display().to_string(),
            message: format!("expected a plain file or nothing there, found {found}"),
            reason: Reason::NotAFile,
        }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self.reason {
            Reason::Other => "IMP-1090",
            Reason::DiskFull => "IMP-1091",
            Reason::Exists => "IMP-1092",
            Reason::NotAFile => "IMP-1093",
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        Some(match self.reason {
            Reason::DiskFull => {
                "the disk is full: make room and try again; nothing was written".into()
            }
            Reason::Exists => "choose another name, or remove the file first".into(),
            Reason::NotAFile => {
                "name a plain file, or the one that the link leads to; nothing was written".into()
            }
            Reason::Other => {
                "check that the folder exists and may be written; nothing was written".into()
            }
        })
    }
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::{
        fs,
        os::unix::{fs::symlink, net::UnixListener},
    };

    #[test]
    fn only_a_plain_file_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("plain"), "before").unwrap();
        fs::create_dir(at("empty")).unwrap();
        symlink("plain", at("link")).unwrap();
        symlink("nowhere", at("dangling")).unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        let count = || fs::read_dir(folder.path()).unwrap().count();
        let before = count();
        for (name, found) in [
            ("empty", "a folder"),
            ("link", "a symbolic link"),
            ("dangling", "a symbolic link"),
            ("socket", "a device, a pipe or a socket"),
        ] {
            let kind = || at(name).symlink_metadata().unwrap().file_type();
            let kind_before = kind();
            let error = write_atomic(&at(name), b"after").unwrap_err();
            assert_eq!(error.code(), "IMP-1093", "{error}");
            assert!(error.message.ends_with(found), "{error}");
            assert_eq!((kind(), count()), (kind_before, before), "{name}");
        }
        assert_eq!(fs::read(at("plain")).unwrap(), b"before");
        write_atomic(&at("plain"), b"after").unwrap();
        assert_eq!(fs::read(at("plain")).unwrap(), b"after");
    }

    #[test]
    fn what_appears_while_the_file_is_written_stays_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        for is_new in [false, true] {
            let file = AtomicFile::create(&path, Access::Ordinary).unwrap();
            symlink("nowhere", &path).unwrap();
            let result = match is_new {
                true => file.complete_new(),
                false => file.complete(),
            };
            assert_eq!(result.unwrap_err().code(), "IMP-1093");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
            fs::remove_file(&path).unwrap();
        }
    }
}
