//! The few things a journal asks of a disk, so that a test can take the power away between any two of them.

use std::{
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// A folder on a disk. Nothing is durable before the `sync` that follows it.
pub(super) trait Disk {
    /// The bytes of a file from an offset on; `None` if there is no such file.
    fn read(&mut self, name: &str, offset: u64) -> io::Result<Option<Vec<u8>>>;

    /// Writes at an offset, making the file if need be.
    fn write(&mut self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts a file.
    fn cut(&mut self, name: &str, len: u64) -> io::Result<()>;

    /// Makes the content of a file durable.
    fn sync(&mut self, name: &str) -> io::Result<()>;

    /// Puts a file in the place of another.
    fn rename(&mut self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file; one that is not there is no error.
    fn remove(&mut self, name: &str) -> io::Result<()>;

    /// Makes the names in the folder durable.
    fn sync_names(&mut self) -> io::Result<()>;
}

/// The real one.
pub(super) struct RealDisk(pub(super) PathBuf);

impl RealDisk {
    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn open(&self, name: &str) -> io::Result<File> {
        OpenOptions::new().write(true).open(self.path(name))
    }
}

impl Disk for RealDisk {
    fn read(&mut self, name: &str, offset: u64) -> io::Result<Option<Vec<u8>>> {
        let mut file = match File::open(self.path(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    fn write(&mut self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut file = private()
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.path(name))?;
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(bytes)
    }

    fn cut(&mut self, name: &str, len: u64) -> io::Result<()> {
        self.open(name)?.set_len(len)
    }

    fn sync(&mut self, name: &str) -> io::Result<()> {
        self.open(name)?.sync_data()
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        std::fs::rename(self.path(from), self.path(to))
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        remove(&self.path(name))
    }

    fn sync_names(&mut self) -> io::Result<()> {
        sync_folder(&self.0)
    }
}

/// How every file of a state folder is made: for its owner alone.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Removes a file; one that is not there is no error.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes the names in a folder durable.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    // Other systems have no such call, and order the names themselves.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}
