//! Key files that are named on the command line.

use crate::failure::Result;
use imprint::{
    image::keys::{KeyError, KeyFile},
    report::Failure,
};
use std::path::{Path, PathBuf};

/// Reads a key file of one kind; an error names the file.
pub fn load<K: KeyFile>(path: &Path) -> Result<K> {
    K::load(path).map_err(|error| named(path, error).into())
}

/// Reads several.
pub fn load_all<K: KeyFile>(paths: &[PathBuf]) -> Result<Vec<K>> {
    paths.iter().map(|path| load(path)).collect()
}

/// The failure with the file's name, where the error does not have it.
pub fn named(path: &Path, error: KeyError) -> Failure {
    let has_name = matches!(error, KeyError::Io { .. } | KeyError::Write(_));
    let mut failure = Failure::from(error);
    if !has_name {
        failure.message = format!("key file `{}`: {}", path.display(), failure.message);
    }
    failure
}
