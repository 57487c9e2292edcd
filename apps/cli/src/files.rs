//! Reading and writing files, with the name in every error.

use crate::failure::{Result, exists, unreadable, unwritable};
use imprint::image::write::{Access, AtomicFile, write_atomic};
use std::{
    fs::{self, File, Metadata},
    io::{Read, Write},
    path::{Path, PathBuf},
};

/// Opens a plain file, or a link to one. Whatever else is there is refused unopened: to open a pipe waits for a writer.
pub fn open(path: &Path) -> Result<File> {
    let failed = |error| unreadable(path, error);
    check_plain(path, &path.metadata().map_err(failed)?)?;
    let file = File::open(path).map_err(failed)?;
    // It may be another file by now.
    check_plain(path, &file.metadata().map_err(failed)?)?;
    Ok(file)
}

/// Refuses what `open` would refuse, for a file that is opened elsewhere; one that is not there is told there.
pub fn refuse_special(path: &Path) -> Result<()> {
    match path.metadata() {
        Ok(metadata) if !metadata.is_dir() => check_plain(path, &metadata),
        _ => Ok(()),
    }
}

fn check_plain(path: &Path, metadata: &Metadata) -> Result<()> {
    match metadata {
        it if it.is_file() => Ok(()),
        it if it.is_dir() => Err(unreadable(path, "it is a folder").into()),
        _ => Err(unreadable(path, "it is a device, a pipe or a socket").into()),
    }
}

/// Reads a whole file of at most `len_max` bytes.
pub fn read(path: &Path, len_max: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?
        .take(len_max.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(path, error))?;
    if bytes.len() as u64 > len_max {
        return Err(unreadable(path, format!("it has more than {len_max} bytes")).into());
    }
    Ok(bytes)
}

/// Reads a text of at most `len_max` bytes.
pub fn read_text(path: &Path, len_max: u64) -> Result<String> {
    let text = String::from_utf8(read(path, len_max)?);
    Ok(text.map_err(|_| unreadable(path, "it is not UTF-8 text"))?)
}

/// Writes a file whole or not at all.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    Ok(write_atomic(path, bytes)?)
}

/// Writes a file that is not there yet; one with the same bytes may stay.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    if path.symlink_metadata().is_ok() {
        return refuse_other(path, bytes);
    }
    let mut file = AtomicFile::create(path, Access::Ordinary)?;
    Write::write_all(file.file(), bytes).map_err(|error| unwritable(path, error))?;
    Ok(file.complete_new()?)
}

/// Refuses a file that is there with other bytes than these.
pub fn refuse_other(path: &Path, bytes: &[u8]) -> Result<()> {
    if path.symlink_metadata().is_err() {
        return Ok(());
    }
    let is_same = read(path, bytes.len() as u64).is_ok_and(|found| found == bytes);
    match is_same {
        true => Ok(()),
        false => Err(exists(path).into()),
    }
}

/// Makes a folder and those above it.
pub fn create_folder(path: &Path) -> Result<()> {
    Ok(fs::create_dir_all(path).map_err(|error| unwritable(path, error))?)
}

/// The files of a folder with this extension, in order of their names; none if there is no folder.
pub fn list(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(folder, error).into()),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
