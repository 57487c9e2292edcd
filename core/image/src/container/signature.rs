//! Signatures: who vouches for header and manifest.
//!
//! ```text
//! 0   32  public key of the signer, Ed25519
//! 32  64  signature
//! ```
//!
//! Records are sorted by key id, each key once. What is signed is `imprint-image-v1`, a zero byte, the header, the
//! manifest, and the public keys of all signers in their order. The last part is why no record can be added, replaced or
//! taken away, and why a station that trusts one of several signers can still check every bit of the others.

use super::{ImageError, ImageId, header::HEADER_LEN};
use crate::keys::{PublicKey, SigningKey};
use sha2::{Digest, Sha256};

/// Bytes of one record.
pub(super) const RECORD_LEN: usize = 32 + 64;

const DOMAIN: &[u8] = b"imprint-image-v1\0";

/// What an image with this front is called.
pub(super) fn image_id(header: &[u8; HEADER_LEN], manifest: &[u8]) -> ImageId {
    let digest = Sha256::new().chain_update(header).chain_update(manifest);
    ImageId(digest.finalize().into())
}

/// The signature block of `signers`, which are sorted by key id.
pub(super) fn sign(header: &[u8; HEADER_LEN], manifest: &[u8], signers: &[&SigningKey]) -> Vec<u8> {
    let keys: Vec<PublicKey> = signers.iter().map(|signer| signer.public()).collect();
    let message = message(header, manifest, &keys);
    let records = signers.iter().zip(&keys);
    records
        .flat_map(|(signer, key)| [&key.to_bytes()[..], &signer.sign(&message)].concat())
        .collect()
}

/// The records of a signature block, not verified yet.
pub(super) struct Signatures(Vec<(PublicKey, [u8; 64])>);

impl Signatures {
    /// Reads a signature block, strictly.
    pub fn parse(block: &[u8]) -> Result<Signatures, ImageError> {
        let mut records = Vec::new();
        for record in block.chunks_exact(RECORD_LEN) {
            let (Some(key), Some(signature)) = (record.first_chunk(), record.last_chunk()) else {
                return Err(damaged("a record is cut"));
            };
            let Some(key) = PublicKey::from_bytes(key) else {
                return Err(damaged("a signer's key is none"));
            };
            records.push((key, *signature));
        }
        if !records.is_sorted_by(|left, right| left.0.id() < right.0.id()) {
            return Err(damaged("the signers are not sorted, or one is there twice"));
        }
        Ok(Signatures(records))
    }

    /// Who signed, if the signatures hold.
    pub fn signers(&self) -> Vec<PublicKey> {
        self.0.iter().map(|(key, _)| *key).collect()
    }

    /// Checks all of them.
    pub fn verify(&self, header: &[u8; HEADER_LEN], manifest: &[u8]) -> Result<(), ImageError> {
        let message = message(header, manifest, &self.signers());
        for (key, signature) in &self.0 {
            if !key.verify(&message, signature) {
                return Err(damaged(format!("the one of {} does not hold", key.id())));
            }
        }
        Ok(())
    }
}

fn message(header: &[u8; HEADER_LEN], manifest: &[u8], signers: &[PublicKey]) -> Vec<u8> {
    let mut message = [DOMAIN, header, manifest].concat();
    signers
        .iter()
        .for_each(|key| message.extend(key.to_bytes()));
    message
}

fn damaged(message: impl Into<String>) -> ImageError {
    ImageError::Signature {
        message: message.into(),
    }
}
