//! The transcript's file, which grows while the unit runs and so cannot appear whole.
//!
//! It is opened at its path by a process that may belong to root: a device, a pipe or a link there must not be written to.

use crate::{engine::Transcript, report::Failure};
use imprint_image::write::{WriteError, check_replaceable};
use rustix::fs::OFlags;
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// A line of text for each transfer. It is an aid, so a disk that fills up does not end the unit.
pub(super) fn transcript(path: &Path) -> Result<Transcript, Failure> {
    let mut file = BufWriter::new(create(path)?);
    Ok(Box::new(move |line| {
        let _ = writeln!(file, "{line}");
    }))
}

/// Makes the file, or empties the plain one that is there.
fn create(path: &Path) -> Result<File, WriteError> {
    // Some devices act when they are opened, so that nothing is opened before this.
    check_replaceable(path)?;
    let failed = |error: io::Error| WriteError::new(path, &error);
    // What is put there in between is not followed, not waited for, and not emptied.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .custom_flags(flags.bits().cast_signed())
        .open(path)
        .map_err(failed)?;
    let kind = file.metadata().map_err(failed)?.file_type();
    if !kind.is_file() {
        return Err(WriteError::not_a_file(path, kind));
    }
    file.set_len(0).map_err(failed)?;
    Ok(file)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::{
        fs,
        os::unix::{fs::symlink, net::UnixListener},
    };

    #[test]
    fn a_plain_file_is_emptied_and_nothing_else_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("plain"), "before").unwrap();
        symlink("plain", at("link")).unwrap();
        symlink("nowhere", at("dangling")).unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, at("pipe"), 0o600.into()).unwrap();
        for name in ["link", "dangling", "socket", "pipe", "."] {
            let failure = transcript(&at(name)).err().unwrap();
            assert_eq!(failure.code, "IMP-1093", "{name}: {failure}");
        }
        assert_eq!(fs::read(at("plain")).unwrap(), b"before");
        assert!(!at("nowhere").exists());

        for name in ["plain", "new"] {
            let mut write = transcript(&at(name)).unwrap();
            write("a line");
            drop(write);
            assert_eq!(fs::read(at(name)).unwrap(), b"a line\n", "{name}");
        }
    }
}
