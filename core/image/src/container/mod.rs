//! The container: an object sealed as an image.
//!
//! ```text
//! 0       header, 64 bytes, fixed
//! 64      manifest, deterministic CBOR: what anyone may know
//!         signatures, 96 bytes each
//!         index: hashes of all stored chunks, as tiles of a tree, top first
//!         payload: chunks of salt and object, encrypted or plain
//!         grants, 288 bytes each, appended at any time
//! ```
//!
//! Signatures cover header, manifest and the set of signers; the manifest holds the root of the index; the index holds
//! the hash of each chunk; the header fixes all lengths. So every bit up to the grants is authenticated, and each grant
//! is signed on its own. Opening reads the front and the top of the tree, whatever the size; the rest is checked when it
//! is used, in the very buffer it is used from.
//!
//! Byte layouts in full: `docs/image-format.md`.

mod chunk;
mod date;
mod error;
mod grant;
mod header;
mod job;
mod manifest;
mod merkle;
mod open;
mod parallel;
mod plain;
mod policy;
mod read;
mod restrictions;
mod seal;
mod seal_error;
mod signature;
#[cfg(test)]
mod tests;
mod unlock;

pub use crate::keys::TrustAnchors;
pub use date::Date;
pub use error::ImageError;
pub use grant::{Grant, GrantTerms, Granting};
pub use header::{HEADER_LEN, Header, Suite};
pub use job::{JobOptions, Share};
pub use manifest::{FamilyRequirement, Kind, Manifest, Version};
pub use open::{HeaderView, Image};
pub use policy::{Policy, PolicyError, StationName};
pub use read::{OpenImage, SegmentReader};
pub use restrictions::Restrictions;
pub use seal::{ObjectStream, SealOptions, seal, seal_job, seal_job_stream, seal_stream};
pub use seal_error::SealError;
pub use unlock::Unlock;

use std::fmt;

/// SHA-256 of header and manifest: what an image is called.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageId(pub [u8; 32]);

impl fmt::Display for ImageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ImageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
