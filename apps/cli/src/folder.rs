//! A new folder of files that appears whole or not at all.

use crate::failure::{Result, exists, unwritable};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Writes files, named from the folder on, or leaves nothing: they are written beside their place and then moved there.
/// The folder must not exist or be empty.
pub fn write_all(dir: &Path, files: &[(impl AsRef<str>, Vec<u8>)]) -> Result<()> {
    let failed = |error| unwritable(dir, error);
    match fs::read_dir(dir).map(Iterator::count) {
        Ok(0) => fs::remove_dir(dir).map_err(failed)?,
        Ok(_) => return Err(exists(dir).into()),
        Err(_) if dir.symlink_metadata().is_ok() => return Err(exists(dir).into()),
        Err(_) => {}
    }
    let parent: PathBuf = match dir.parent() {
        Some(parent) if parent != Path::new("") => parent.into(),
        _ => ".".into(),
    };
    fs::create_dir_all(&parent).map_err(failed)?;
    let temporary = tempfile::Builder::new()
        .prefix(".imprint-new-")
        .tempdir_in(&parent)
        .map_err(failed)?;
    let project = temporary.path().join("project");
    fs::create_dir(&project).map_err(failed)?;
    for (name, bytes) in files {
        let path = project.join(name.as_ref());
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        fs::write(path, bytes).map_err(failed)?;
    }
    Ok(fs::rename(&project, dir).map_err(failed)?)
}
