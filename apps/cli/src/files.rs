//! Reading and writing files, with the name in every error.

use crate::failure::{Result, unreadable, unwritable};
use imprint::image::write::write_atomic;
use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

/// Opens a file; a folder is refused here, where the name is known.
pub fn open(path: &Path) -> Result<File> {
    let file = File::open(path).map_err(|error| unreadable(path, error))?;
    match file
        .metadata()
        .map_err(|error| unreadable(path, error))?
        .is_dir()
    {
        true => Err(unreadable(path, "it is a folder").into()),
        false => Ok(file),
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
