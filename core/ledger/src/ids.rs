//! Names of things that are counted: plain bytes, given from outside.
//!
//! This crate knows no image and no chip; whoever uses it fills these from a manifest, a target, a random source.

use crate::limits::UID_LEN_MAX;
use sha2::{Digest, Sha256};
use std::fmt;

macro_rules! id {
    ($(#[$meta:meta])* $name:ident, $len:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                hex(&self.0, formatter)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                hex(&self.0, formatter)
            }
        }
    };
}

id!(
    /// A deployment: what counts follow, through deleting, adding again and replacing an image. From the manifest.
    DeploymentId,
    16
);
id!(
    /// One attempt at one unit. Random; chosen by whoever drives the run.
    AttemptId,
    16
);
id!(
    /// A serial number that units draw from, or a list of values supplied from outside. Shared by all deployments that
    /// name it.
    SerialId,
    32
);
id!(
    /// SHA-256 of what a serial number's indices mean: positions, step, start, end, encoding, or the rows of a list.
    DefinitionHash,
    32
);
id!(
    /// What is kept of a value that was used, instead of the value: enough of a SHA-256 to tell values apart.
    ValueHash,
    16
);

id!(
    /// A station, as the key it signs with is known.
    StationId,
    32
);
id!(
    /// A sealed image.
    ImageId,
    32
);
id!(
    /// SHA-256 over the bytes of a request: what a reply answers.
    RequestHash,
    32
);

/// A run of permits that one station holds. Numbered by the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeaseId(pub u64);

/// The cloud's share of a Job's content key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyShare(pub [u8; 32]);

/// A key is not shown.
impl fmt::Debug for KeyShare {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KeyShare(..)")
    }
}

impl ValueHash {
    /// The hash of `value` in `list`. The same text in two lists has two hashes, so that they cannot be linked.
    pub fn of(list: SerialId, value: &[u8]) -> ValueHash {
        let digest = Sha256::new()
            .chain_update(b"imprint-value-v1\0")
            .chain_update(list.0)
            .chain_update(value)
            .finalize();
        let mut hash = [0; 16];
        hash.copy_from_slice(&digest[..16]);
        ValueHash(hash)
    }
}

/// The unique id of a target, as it was read from it: 1 to 64 bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid(Vec<u8>);

impl Uid {
    /// `None` if `bytes` are none or too many to be a chip's id.
    pub fn new(bytes: &[u8]) -> Option<Uid> {
        (1..=UID_LEN_MAX)
            .contains(&bytes.len())
            .then(|| Uid(bytes.to_vec()))
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, formatter)
    }
}

impl fmt::Debug for Uid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, formatter)
    }
}

fn hex(bytes: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes
        .iter()
        .try_for_each(|byte| write!(formatter, "{byte:02x}"))
}
