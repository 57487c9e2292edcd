//! Why a key cannot be used.

use super::Kind;
use crate::write::WriteError;

/// A key that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Something else altogether.
    #[error("the file is not an Imprint key")]
    NotAKey,
    /// A key of a version or kind that this program does not know.
    #[error("the key is of an unknown kind or version")]
    UnknownKind,
    /// A key for another purpose.
    #[error("expected {}, found {}", expected.name(), found.name())]
    WrongKind {
        /// What is needed.
        expected: Kind,
        /// What the file holds.
        found: Kind,
    },
    /// Digits missing or wrong, or no key of that kind at all.
    #[error("the file begins as {}, but its digits are not one", kind.name())]
    Damaged {
        /// What it says it is.
        kind: Kind,
    },
    /// Under a passphrase, and none is asked for here.
    #[error("{} is under a passphrase", kind.name())]
    Locked {
        /// What it is.
        kind: Kind,
    },
    /// No passphrase is needed.
    #[error("{} is not under a passphrase", kind.name())]
    NotLocked {
        /// What it is.
        kind: Kind,
    },
    /// The box does not open: its tag is the only witness, and says no more.
    #[error("the passphrase is wrong, or the key file was changed")]
    WrongPassphrase,
    /// Cost beyond the limits.
    #[error("the passphrase's cost is out of its range: {message}")]
    LockCost {
        /// How.
        message: String,
    },
    /// Nothing at all.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// The system refuses.
    #[error("key file `{path}` cannot be read: {message}")]
    Io {
        /// The file.
        path: String,
        /// What the system says.
        message: String,
    },
    /// It could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl KeyError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            KeyError::NotAKey => "IMP-2001",
            KeyError::UnknownKind => "IMP-2002",
            KeyError::WrongKind { .. } => "IMP-2003",
            KeyError::Damaged { .. } => "IMP-2004",
            KeyError::Io { .. } => "IMP-2005",
            KeyError::Locked { .. } => "IMP-2010",
            KeyError::WrongPassphrase => "IMP-2011",
            KeyError::LockCost { .. } => "IMP-2012",
            KeyError::EmptyPassphrase => "IMP-2022",
            KeyError::NotLocked { .. } => "IMP-2027",
            KeyError::Write(error) => error.code(),
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            KeyError::NotAKey => "`imprint key new NAME` makes a pair of key files".into(),
            KeyError::UnknownKind => "a newer Imprint may know it".into(),
            KeyError::WrongKind { expected, .. } => format!("give {}", expected.name()),
            KeyError::Damaged { .. } => "copy the key file again".into(),
            KeyError::Io { .. } => "check the path and the permissions".into(),
            KeyError::Locked { .. } => "give its passphrase: --passphrase-file FILE".into(),
            KeyError::WrongPassphrase => {
                "try the passphrase again; if it is right, take the key file from its backup".into()
            }
            KeyError::LockCost { .. } => "lock the key again with a cost within the range".into(),
            KeyError::EmptyPassphrase => "give a passphrase, or leave the key file plain".into(),
            KeyError::NotLocked { .. } => "use the key file as it is".into(),
            KeyError::Write(error) => return error.help(),
        })
    }
}
