//! A file that several readers share, each at its own position.
//!
//! An image stays what it was when it was opened, whatever its path becomes, and several units read it at once.

use crate::error::unreadable;
use imprint::report::Failure;
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::FileExt,
    path::Path,
    sync::Arc,
};

/// One reader. A clone is another reader of the same file.
#[derive(Clone)]
pub(crate) struct SharedFile {
    file: Arc<File>,
    position: u64,
}

impl SharedFile {
    /// Opens a plain file. Anything else is refused unopened: a pipe would wait.
    pub(crate) fn open(path: &Path) -> Result<SharedFile, Failure> {
        let failed = |error: io::Error| unreadable(path, error);
        if !path.metadata().map_err(failed)?.is_file() {
            return Err(unreadable(path, "it is no plain file"));
        }
        Ok(SharedFile {
            file: Arc::new(File::open(path).map_err(failed)?),
            position: 0,
        })
    }
}

impl Read for SharedFile {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let len = self.file.read_at(to, self.position)?;
        self.position += len as u64;
        Ok(len)
    }
}

impl Seek for SharedFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (base, offset) = match to {
            SeekFrom::Start(position) => (position, 0),
            SeekFrom::Current(offset) => (self.position, offset),
            SeekFrom::End(offset) => (self.file.metadata()?.len(), offset),
        };
        let position = base.checked_add_signed(offset);
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_reader_has_its_own_position() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        let expect = std::fs::read(&path).unwrap();
        let mut first = SharedFile::open(&path).unwrap();
        let mut second = first.clone();
        second.seek(SeekFrom::End(-4)).unwrap();
        let mut bytes = Vec::new();
        first.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, expect);
        bytes.clear();
        second.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, expect[expect.len() - 4..]);
        assert_eq!(
            first.seek(SeekFrom::Current(-1)).unwrap(),
            expect.len() as u64 - 1
        );
        assert!(first.seek(SeekFrom::Current(i64::MIN)).is_err());
    }

    #[test]
    fn what_is_no_plain_file_is_not_opened() {
        for path in ["/", "/dev/null", "/nowhere"] {
            let failure = SharedFile::open(path.as_ref()).err().unwrap();
            assert_eq!(failure.code, "IMP-9031", "{path}");
        }
    }
}
