//! Why an image cannot be made.

use crate::keys::KeyId;
use std::io;

/// An image that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The family asked for is not the one of the object's device.
    #[error("the object's device is of the family `{expected}`, found a requirement for `{found}`")]
    Family {
        /// Of the object.
        expected: String,
        /// Of the options.
        found: String,
    },
    /// More signers than an image can have, or one twice.
    #[error("an image takes 1 to {count_max} different signers, found {count}")]
    Signers {
        /// Different ones given.
        count: usize,
        /// The limit.
        count_max: usize,
    },
    /// More stations than an image takes, or one twice.
    #[error("an image takes at most {count_max} different stations, found {count}")]
    Stations {
        /// Different ones given.
        count: usize,
        /// The limit.
        count_max: u64,
    },
    /// A station's key that encrypts nothing.
    #[error("the public key of the station {station} cannot be used")]
    StationKey {
        /// The key.
        station: KeyId,
    },
    /// Beyond the limit.
    #[error("the image's {what} has {len} bytes, at most {len_max} are sealed")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Found.
        len: u64,
        /// The limit.
        len_max: u64,
    },
    /// Distributors beyond the limit, or one twice.
    #[error("an image names at most {count_max} different distributors, found {count}")]
    Distributors {
        /// Different ones given.
        count: usize,
        /// The limit.
        count_max: usize,
    },
    /// Restrictions that cannot be.
    #[error("the restrictions cannot be: {message}")]
    Restrictions {
        /// Why.
        message: String,
    },
    /// A Job that nobody could ever open.
    #[error("a Job is always encrypted, and there is nobody who could open it")]
    NobodyOpens,
    /// A SAP has no counts that go on.
    #[error("the image to replace is a SAP, which no Job can replace")]
    ReplacesSap,
    /// No number behind it.
    #[error("the image to replace has the last revision there is")]
    LastRevision,
    /// The system refuses.
    #[error("the image cannot be written: {0}")]
    Io(#[from] io::Error),
}

impl SealError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            SealError::Family { .. } => "IMP-2150",
            SealError::Signers { .. } => "IMP-2151",
            SealError::Stations { .. } => "IMP-2152",
            SealError::StationKey { .. } => "IMP-2153",
            SealError::TooLarge { .. } => "IMP-2154",
            SealError::Restrictions { .. } => "IMP-2124",
            SealError::NobodyOpens => "IMP-2125",
            SealError::ReplacesSap => "IMP-2126",
            SealError::LastRevision => "IMP-2127",
            SealError::Distributors { .. } => "IMP-2128",
            SealError::Io(_) => "IMP-2156",
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            SealError::Family { expected, .. } => format!("require the family `{expected}`"),
            SealError::Signers { .. } => "give each signing key once".into(),
            SealError::Stations { .. } => "give each station's public key once".into(),
            SealError::StationKey { .. } => "ask the station for its public key again".into(),
            SealError::TooLarge { .. } => "make the payloads smaller".into(),
            SealError::Distributors { .. } => {
                "give each distributor once; whoever has more lists them in a root document".into()
            }
            SealError::Restrictions { .. } => "correct the policy".into(),
            SealError::NobodyOpens => {
                "seal it for its owner, --owner OWNER.pub, or for a station, --to STATION.pub"
                    .into()
            }
            SealError::ReplacesSap => "seal a new Job, without --replaces".into(),
            SealError::LastRevision => "seal a new Job, without --replaces".into(),
            SealError::Io(_) => "check the folder and the free space of the disk".into(),
        })
    }
}
