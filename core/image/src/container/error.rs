//! Why an image is refused.

use super::ImageId;
use crate::{
    keys::{KeyId, Role},
    object::ObjectError,
};
use std::io;

/// An image that is refused.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// Something else altogether.
    #[error("the file is not an Imprint image{}", if *is_object { " but an object, which is not sealed" } else { "" })]
    NotAnImage {
        /// Whether it is an object.
        is_object: bool,
    },
    /// A format that this program does not know.
    #[error("the image has format version {found}, expected 1")]
    Version {
        /// Of the file.
        found: u16,
    },
    /// A suite that this program does not know.
    #[error("the image uses cryptographic suite {found:#06x}, known are 0x0001 and 0x8001")]
    Suite {
        /// Of the file.
        found: u16,
    },
    /// A header that cannot be.
    #[error("the image's header is damaged: {message}")]
    Header {
        /// How it shows.
        message: String,
    },
    /// The file ends too early.
    #[error("the image is cut short: expected {expected} bytes, found {found}")]
    Truncated {
        /// By its header.
        expected: u64,
        /// Of the file.
        found: u64,
    },
    /// Something behind the image that is no grant.
    #[error("behind the image's {image_len} bytes there are {trailing_len} that are no grants")]
    Trailing {
        /// Where the image ends.
        image_len: u64,
        /// What follows.
        trailing_len: u64,
    },
    /// Signed by nobody who is trusted here.
    #[error("the image is signed by {}, who is not trusted here", list(signers))]
    UnknownSigner {
        /// All who signed.
        signers: Vec<KeyId>,
    },
    /// Signed by some of those who are needed.
    #[error(
        "the image needs {threshold} signatures of the role {role} of `{owner}`, found {found}"
    )]
    TooFewSigners {
        /// Whose root document asks for them.
        owner: String,
        /// Which of its roles.
        role: Role,
        /// How many must sign.
        threshold: usize,
        /// How many did.
        found: usize,
    },
    /// A signature that does not hold, or signatures in a wrong order.
    #[error("the image's signatures are damaged: {message}")]
    Signature {
        /// How it shows.
        message: String,
    },
    /// Signed, but not a manifest.
    #[error("the image's manifest cannot be read: {message}")]
    Manifest {
        /// How it shows.
        message: String,
    },
    /// The manifest asks for something this program does not know.
    #[error("the image needs feature {key}, which this program does not know")]
    UnknownFeature {
        /// The manifest key.
        key: u64,
    },
    /// A hash of the index that does not fit the one above it.
    #[error("the image's index is damaged: {message}")]
    Index {
        /// Where it shows.
        message: String,
    },
    /// A chunk that does not fit its hash, or cannot be decrypted.
    #[error("the image's payload is damaged: chunk {number} at file offset {offset:#x}")]
    Chunk {
        /// Which, from 0.
        number: u64,
        /// Where in the file.
        offset: u64,
    },
    /// Sealed, but no sound object.
    #[error("the sealed object cannot be used: {0}")]
    Object(#[from] ObjectError),
    /// Manifest and object contradict each other.
    #[error("the image's manifest and its object disagree about the {what}")]
    Disagreement {
        /// About what.
        what: &'static str,
    },
    /// A read past the end.
    #[error("{len} bytes at offset {offset:#x} lie outside of {within}")]
    Range {
        /// First byte.
        offset: u64,
        /// How many.
        len: u64,
        /// Of what.
        within: String,
    },
    /// The object has no payload of that name.
    #[error("the image has no payload `{name}`")]
    NoPayload {
        /// The name.
        name: String,
    },
    /// Encrypted, and no key given.
    #[error("the image is encrypted, and no station key was given")]
    StationKeyNeeded,
    /// Encrypted to others.
    #[error("the image has no grant for the station {station}")]
    NotForThisStation {
        /// The station's key.
        station: KeyId,
    },
    /// There is a grant for this station, but not a good one.
    #[error("the grant for the station {station} is refused: {message}")]
    Grant {
        /// The station's key.
        station: KeyId,
        /// Why.
        message: String,
    },
    /// There are no grants of a plain image.
    #[error("the image is not encrypted and needs no grants")]
    NotEncrypted,
    /// A Job that is run without the cloud it belongs to.
    #[error(
        "the image is a Job: each of its units needs a permit from the cloud of its virtual factory"
    )]
    CloudNeeded,
    /// A Job, and no share given.
    #[error("the image is a Job, which opens only with the cloud's share")]
    ShareNeeded,
    /// A share of something else.
    #[error("the share is of the image {found}, expected one of {expected}")]
    ShareOfAnother {
        /// The image.
        expected: ImageId,
        /// The image that the share names.
        found: ImageId,
    },
    /// A share that does not fit to the grant.
    #[error("the share and the grant do not give the key of the image")]
    WrongShare,
    /// No share at all.
    #[error("the file is not a Job's share, or it is damaged")]
    Share,
    /// Opened by a grant that permits no run.
    #[error("the image was opened by its owner's grant, which permits no run")]
    OwnersGrant,
    /// A file of grants that is none.
    #[error("the grants cannot be read: {message}")]
    Grants {
        /// Why.
        message: String,
    },
    /// The system refuses.
    #[error("the image cannot be read: {0}")]
    Io(#[from] io::Error),
}

fn list(ids: &[KeyId]) -> String {
    let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
    ids.join(", ")
}

impl ImageError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            ImageError::NotAnImage { .. } => "IMP-2100",
            ImageError::Version { .. } => "IMP-2101",
            ImageError::Suite { .. } => "IMP-2102",
            ImageError::Header { .. } => "IMP-2103",
            ImageError::Truncated { .. } => "IMP-2104",
            ImageError::Trailing { .. } => "IMP-2105",
            ImageError::UnknownSigner { .. } | ImageError::TooFewSigners { .. } => "IMP-2106",
            ImageError::Signature { .. } => "IMP-2107",
            ImageError::Manifest { .. } => "IMP-2108",
            ImageError::UnknownFeature { .. } => "IMP-2109",
            ImageError::Index { .. } => "IMP-2111",
            ImageError::Chunk { .. } => "IMP-2112",
            ImageError::Object(_) => "IMP-2113",
            ImageError::Disagreement { .. } => "IMP-2114",
            ImageError::Range { .. } => "IMP-2115",
            ImageError::Io(_) => "IMP-2116",
            ImageError::NoPayload { .. } => "IMP-2117",
            ImageError::ShareNeeded => "IMP-2120",
            ImageError::ShareOfAnother { .. } => "IMP-2121",
            ImageError::WrongShare => "IMP-2122",
            ImageError::CloudNeeded => "IMP-2110",
            ImageError::Share => "IMP-2123",
            ImageError::NotEncrypted => "IMP-2155",
            ImageError::StationKeyNeeded => "IMP-2200",
            ImageError::NotForThisStation { .. } => "IMP-2201",
            ImageError::Grant { .. } => "IMP-2202",
            ImageError::Grants { .. } => "IMP-2203",
            ImageError::OwnersGrant => "IMP-2204",
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        let text = match self {
            ImageError::NotAnImage { is_object: true } => {
                "seal it first: imprint seal X.sapobj --sap -o X.sap --key SIGNING.key"
            }
            ImageError::NotAnImage { is_object: false } => {
                "give a .sap file; if it was transferred as text, transfer it as binary"
            }
            ImageError::Version { .. } | ImageError::Suite { .. } => {
                "use a newer Imprint, or seal the object again with this one"
            }
            ImageError::UnknownFeature { .. } => "use a newer Imprint",
            ImageError::UnknownSigner { .. } => {
                "compare the key id with the signer's (imprint key show FILE), then trust the signer's public key"
            }
            ImageError::TooFewSigners { .. } => {
                "let more keys of that role sign when the object is sealed, or trust the owner's newest root document"
            }
            ImageError::NotEncrypted => "everyone can open it: no grant is needed",
            ImageError::CloudNeeded => {
                "run it on a station that is connected to its cloud, or seal the object as a SAP"
            }
            ImageError::ShareNeeded => "the cloud gives it to a station with the first permit",
            ImageError::ShareOfAnother { .. } => {
                "give the share that was written when this very image was sealed"
            }
            ImageError::WrongShare => {
                "compare the share with the one that was written when the image was sealed"
            }
            ImageError::Share => "copy the file of the share again",
            ImageError::Range { .. } => return None,
            ImageError::NoPayload { .. } => "`imprint inspect` lists the payloads",
            ImageError::Io(_) => "check the file and its medium",
            ImageError::StationKeyNeeded => "give this station's secret key: --station-key FILE",
            ImageError::NotForThisStation { .. } => {
                "ask the owner for a grant to this station's public key"
            }
            ImageError::Grant { .. } => "ask the owner for a new grant to this station",
            ImageError::OwnersGrant => "grant it to the station that runs it",
            ImageError::Grants { .. } => "copy the file of grants again",
            ImageError::Manifest { .. }
            | ImageError::Object(_)
            | ImageError::Disagreement { .. } => "the image was signed like this: tell its signer",
            ImageError::Header { .. }
            | ImageError::Truncated { .. }
            | ImageError::Trailing { .. }
            | ImageError::Signature { .. }
            | ImageError::Index { .. }
            | ImageError::Chunk { .. } => {
                "copy the image again from where it came from; it must not be used"
            }
        };
        Some(text.into())
    }
}
