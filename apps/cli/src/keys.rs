//! Key files that are named on the command line.

use crate::{
    failure::{Result, argument, unreadable},
    files,
};
use imprint::{
    image::{
        keys::{KeyError, KeyFile, LockedKey, SecretKey},
        limits::KEY_FILE_LEN_MAX,
    },
    report::Failure,
};
use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Reads a key file of one kind; an error names the file.
pub fn load<K: KeyFile>(path: &Path) -> Result<K> {
    K::load(path).map_err(|error| named(path, error).into())
}

/// Reads several.
pub fn load_all<K: KeyFile>(paths: &[PathBuf]) -> Result<Vec<K>> {
    paths.iter().map(|path| load(path)).collect()
}

/// Where passphrases come from: a file, or the person at the terminal.
pub struct Passphrase(pub Option<PathBuf>);

impl Passphrase {
    /// Reads a secret key; one under a passphrase is unlocked.
    pub fn load<K: SecretKey>(&self, path: &Path) -> Result<K> {
        match K::load(path) {
            Err(KeyError::Locked { .. }) => {
                let locked = LockedKey::load(path).map_err(|error| named(path, error))?;
                self.unlock(&locked, path)
            }
            loaded => loaded.map_err(|error| named(path, error).into()),
        }
    }

    /// Reads several.
    pub fn load_all<K: SecretKey>(&self, paths: &[PathBuf]) -> Result<Vec<K>> {
        paths.iter().map(|path| self.load(path)).collect()
    }

    /// Unlocks a key; `path` is what a question and an error call it.
    pub fn unlock<K: SecretKey>(&self, locked: &LockedKey, path: &Path) -> Result<K> {
        let passphrase = self.get(&format!("passphrase of {}: ", path.display()))?;
        locked
            .unlock(&passphrase)
            .map_err(|error| named(path, error).into())
    }

    /// A new passphrase, asked for twice.
    pub fn choose(&self, path: &Path) -> Result<Zeroizing<String>> {
        let chosen = self.get(&format!("new passphrase of {}: ", path.display()))?;
        if self.0.is_none() && *self.get("the same again: ")? != *chosen {
            return Err(argument("the two passphrases differ", "try again").into());
        }
        Ok(chosen)
    }

    fn get(&self, question: &str) -> Result<Zeroizing<String>> {
        if let Some(path) = &self.0 {
            let text = Zeroizing::new(files::read_text(path, KEY_FILE_LEN_MAX as u64)?);
            let line = text.lines().next().unwrap_or_default();
            return Ok(Zeroizing::new(line.to_string()));
        }
        if !std::io::stdin().is_terminal() {
            return Err(argument(
                "the key is under a passphrase, and there is nobody to ask for it",
                "name a file that holds it: --passphrase-file FILE",
            )
            .into());
        }
        rpassword::prompt_password(question)
            .map(Zeroizing::new)
            .map_err(|error| unreadable("terminal".as_ref(), error).into())
    }
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
