//! What can be wrong with a state folder.

use imprint_ledger::{Damage, Refusal};
use std::{io, path::Path};

/// A unit that may not begin, or accounts that cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// A restriction is not met.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The folder's files are not what was written.
    #[error("the accounts in `{folder}` are damaged: {damage}")]
    Damaged {
        /// The folder.
        folder: String,
        /// How it shows.
        damage: Damage,
    },
    /// A file that must be there is not.
    #[error("the accounts in `{folder}` are not whole: `{name}` is missing")]
    Missing {
        /// The folder.
        folder: String,
        /// The file.
        name: String,
    },
    /// The system refuses.
    #[error("the accounts in `{folder}` cannot be kept: {message}")]
    Io {
        /// The folder.
        folder: String,
        /// What the system says.
        message: String,
    },
    /// Something could not be made durable before: what is on disk is not known until the folder is opened again.
    #[error("the accounts in `{folder}` could not be written before, and are closed")]
    Closed {
        /// The folder.
        folder: String,
    },
}

impl AccountError {
    pub(super) fn io(folder: &Path, error: &io::Error) -> AccountError {
        AccountError::Io {
            folder: folder.display().to_string(),
            message: error.to_string(),
        }
    }

    pub(super) fn damaged(folder: &Path, damage: Damage) -> AccountError {
        AccountError::Damaged {
            folder: folder.display().to_string(),
            damage,
        }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            AccountError::Refused(refusal) => refusal.code(),
            AccountError::Damaged { damage, .. } => damage.code(),
            AccountError::Missing { .. } => "IMP-8131",
            AccountError::Io { .. } => "IMP-8132",
            AccountError::Closed { .. } => "IMP-8133",
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        let text = match self {
            AccountError::Refused(refusal) => refusal.help(),
            AccountError::Damaged { damage, .. } => damage.help(),
            AccountError::Missing { .. } => {
                "restore the whole folder from a backup; a part of it says less than was made"
            }
            AccountError::Io { .. } => "check the folder, its owner and the free space of the disk",
            AccountError::Closed { .. } => {
                "mend what the first error named, then start the program again"
            }
        };
        Some(text.into())
    }
}
