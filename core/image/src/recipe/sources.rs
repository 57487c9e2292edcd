//! Where the files of a recipe come from.

use super::RelativePath;
use std::{
    collections::BTreeMap,
    fs::File,
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
};

/// Gives the files that a recipe names.
pub trait Sources {
    /// Reads the whole file at `path` if it has at most `len_max` bytes.
    fn read(&self, path: &RelativePath, len_max: u64) -> Result<Vec<u8>, SourceError>;
}

/// The files below a folder. Symbolic links are followed, but not out of it.
pub struct FolderSources {
    root: PathBuf,
}

impl FolderSources {
    /// The folder `root`, which is where the recipe lies.
    pub fn new(root: &Path) -> Result<Self, SourceError> {
        let root = root
            .canonicalize()
            .map_err(|error| SourceError::from_io(&root.display().to_string(), &error))?;
        Ok(FolderSources { root })
    }
}

impl Sources for FolderSources {
    fn read(&self, path: &RelativePath, len_max: u64) -> Result<Vec<u8>, SourceError> {
        let io = |error| SourceError::from_io(path.as_str(), &error);
        let full = self.root.join(path.as_str()).canonicalize().map_err(io)?;
        if !full.starts_with(&self.root) {
            return Err(SourceError::Outside {
                path: path.to_string(),
            });
        }
        // Opening a pipe would wait for its other end.
        if !full.metadata().map_err(io)?.is_file() {
            return Err(SourceError::NotAFile {
                path: path.to_string(),
            });
        }
        let mut bytes = Vec::new();
        File::open(&full)
            .and_then(|file| file.take(len_max + 1).read_to_end(&mut bytes))
            .map_err(io)?;
        check_len(path, bytes.len() as u64, len_max)?;
        Ok(bytes)
    }
}

/// Files in memory, by path: for programs that have no folder.
#[derive(Clone, Debug, Default)]
pub struct MemorySources(pub BTreeMap<String, Vec<u8>>);

impl Sources for MemorySources {
    fn read(&self, path: &RelativePath, len_max: u64) -> Result<Vec<u8>, SourceError> {
        let Some(bytes) = self.0.get(path.as_str()) else {
            return Err(SourceError::NotFound {
                path: path.to_string(),
            });
        };
        check_len(path, bytes.len() as u64, len_max)?;
        Ok(bytes.clone())
    }
}

fn check_len(path: &RelativePath, len: u64, len_max: u64) -> Result<(), SourceError> {
    if len <= len_max {
        return Ok(());
    }
    Err(SourceError::TooLarge {
        path: path.to_string(),
        len_max,
    })
}

/// A file of a recipe that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// It is not there.
    #[error("`{path}` is not there")]
    NotFound {
        /// As the recipe names it.
        path: String,
    },
    /// A symbolic link leads out of the folder.
    #[error("`{path}` leads out of the recipe's folder")]
    Outside {
        /// As the recipe names it.
        path: String,
    },
    /// A folder, a pipe or a device.
    #[error("`{path}` is not a file")]
    NotAFile {
        /// As the recipe names it.
        path: String,
    },
    /// Beyond the limit.
    #[error("`{path}` has more than {len_max} bytes")]
    TooLarge {
        /// As the recipe names it.
        path: String,
        /// The limit.
        len_max: u64,
    },
    /// The system refuses.
    #[error("`{path}` cannot be read: {message}")]
    Io {
        /// As the recipe names it.
        path: String,
        /// What the system says.
        message: String,
    },
}

impl SourceError {
    fn from_io(path: &str, error: &std::io::Error) -> SourceError {
        let path = path.to_owned();
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => SourceError::NotFound { path },
            _ => SourceError::Io {
                path,
                message: error.to_string(),
            },
        }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            SourceError::NotFound { .. } => "IMP-1030",
            SourceError::Outside { .. } => "IMP-1031",
            SourceError::NotAFile { .. } => "IMP-1032",
            SourceError::TooLarge { .. } => "IMP-1033",
            SourceError::Io { .. } => "IMP-1034",
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            SourceError::NotFound { .. } => {
                "paths are relative to the folder of the recipe; build the firmware first".into()
            }
            SourceError::Outside { .. } => "copy the file into the recipe's folder".into(),
            SourceError::NotAFile { .. } => "name a plain file".into(),
            SourceError::TooLarge { .. } => "check that it is the right file".into(),
            SourceError::Io { .. } => "check the permissions of the file".into(),
        })
    }
}
