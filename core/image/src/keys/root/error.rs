//! Why a root document is refused, or cannot be made.

use crate::keys::KeyId;

/// A root document that is refused, or cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RootError {
    /// Something else altogether.
    #[error("the file is not a root document")]
    NotARoot,
    /// A format that this program does not know.
    #[error("the root document has format version {found}, expected 1")]
    Version {
        /// Of the file.
        found: u16,
    },
    /// Cut, or not in its only encoding.
    #[error("the root document is damaged: {message}")]
    Damaged {
        /// How it shows.
        message: String,
    },
    /// Roles that cannot be.
    #[error("the roles of the root document cannot be: {message}")]
    Roles {
        /// Why.
        message: String,
    },
    /// A signature that does not hold, or signatures in a wrong order.
    #[error("the signatures of the root document are damaged: {message}")]
    Signature {
        /// How it shows.
        message: String,
    },
    /// Not enough of a role root.
    #[error(
        "the root document needs {threshold} signatures of the role root of number {number}, found {found}"
    )]
    TooFewSigners {
        /// Whose role root.
        number: u64,
        /// How many must sign.
        threshold: usize,
        /// How many did.
        found: usize,
    },
    /// Signed by somebody of neither role root.
    #[error("the root document is signed by {signer}, who is not of the role root")]
    UnknownSigner {
        /// Who.
        signer: KeyId,
    },
    /// A document of another owner.
    #[error("the root document is of `{found}`, expected one of `{expected}`")]
    Owner {
        /// The owner of the document before.
        expected: String,
        /// The owner of this one.
        found: String,
    },
    /// Not the next number.
    #[error("the root document has number {found}, and does not follow number {last}")]
    Number {
        /// Its number.
        found: u64,
        /// The highest number so far.
        last: u64,
    },
}

impl RootError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            RootError::NotARoot => "IMP-2013",
            RootError::Version { .. } => "IMP-2014",
            RootError::Damaged { .. } => "IMP-2015",
            RootError::Roles { .. } => "IMP-2016",
            RootError::Signature { .. } => "IMP-2017",
            RootError::TooFewSigners { .. } => "IMP-2018",
            RootError::UnknownSigner { .. } => "IMP-2019",
            RootError::Owner { .. } => "IMP-2020",
            RootError::Number { .. } => "IMP-2021",
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            RootError::NotARoot => "give the owner's .root file".into(),
            RootError::Version { .. } => "a newer Imprint may know it".into(),
            RootError::Damaged { .. } | RootError::Signature { .. } => {
                "copy the root document again; it must not be used".into()
            }
            RootError::Roles { .. } => {
                "it needs the roles root and release, each with keys and a threshold".into()
            }
            RootError::TooFewSigners { .. } => {
                "sign it with more keys of that role root, all at once".into()
            }
            RootError::UnknownSigner { .. } => {
                "only keys of the old and the new role root sign it".into()
            }
            RootError::Owner { .. } => "each owner has documents of their own".into(),
            RootError::Number { last, .. } => match last.checked_add(1) {
                Some(next) => {
                    format!("give the documents one after the other, number {next} first")
                }
                None => "there is no number behind it".into(),
            },
        })
    }
}
