//! The header: 64 bytes that fix the length of everything behind them.
//!
//! ```text
//! 0   8   magic 89 'I' 'M' 'P' 0D 0A 1A 0A: the first byte and the line ends catch transfers as text (after PNG)
//! 8   2   format version = 1
//! 10  2   suite
//! 12  4   zero
//! 16  4   length of the manifest
//! 20  4   length of the signatures
//! 24  8   length of the index
//! 32  8   length of the payload
//! 40  24  zero
//! ```
//!
//! Integers are little-endian.

use super::{chunk::Chunks, error::ImageError, merkle::Levels, signature::RECORD_LEN};
use crate::limits::{IMAGE_PAYLOAD_LEN_MAX, MANIFEST_LEN_MAX, SIGNATURE_COUNT_MAX};

const MAGIC: [u8; 8] = [0x89, b'I', b'M', b'P', 0x0D, 0x0A, 0x1A, 0x0A];
const OBJECT_MAGIC: [u8; 8] = [0x89, b'I', b'M', b'O', 0x0D, 0x0A, 0x1A, 0x0A];
const VERSION: u16 = 1;

/// Bytes of a header.
pub const HEADER_LEN: usize = 64;

/// All cryptography of an image, chosen by one number: there are no algorithm fields that could be mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// 1: AES-256-GCM chunks, grants by HPKE (X25519, HKDF-SHA256, AES-256-GCM), Ed25519, SHA-256.
    Encrypted,
    /// 0x8001: plain chunks, Ed25519, SHA-256. For SAP images only.
    Plain,
}

impl Suite {
    /// Its number.
    pub fn number(self) -> u16 {
        match self {
            Suite::Encrypted => 0x0001,
            Suite::Plain => 0x8001,
        }
    }

    fn of(number: u16) -> Result<Suite, ImageError> {
        match number {
            0x0001 => Ok(Suite::Encrypted),
            0x8001 => Ok(Suite::Plain),
            found => Err(ImageError::Suite { found }),
        }
    }
}

/// A header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The cryptography.
    pub suite: Suite,
    /// Of the manifest, in bytes.
    pub manifest_len: u32,
    /// Of all signatures, in bytes.
    pub signatures_len: u32,
    /// Of the index, in bytes.
    pub index_len: u64,
    /// Of the payload as stored, in bytes.
    pub payload_len: u64,
}

impl Header {
    /// Its bytes.
    pub fn to_bytes(&self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..10].copy_from_slice(&VERSION.to_le_bytes());
        bytes[10..12].copy_from_slice(&self.suite.number().to_le_bytes());
        bytes[16..20].copy_from_slice(&self.manifest_len.to_le_bytes());
        bytes[20..24].copy_from_slice(&self.signatures_len.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.index_len.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.payload_len.to_le_bytes());
        bytes
    }

    /// Reads a header. All lengths in it are possible and fit each other.
    pub fn from_bytes(bytes: &[u8]) -> Result<Header, ImageError> {
        if bytes.get(..8) != Some(&MAGIC) {
            let is_object = bytes.get(..8) == Some(&OBJECT_MAGIC);
            return Err(ImageError::NotAnImage { is_object });
        }
        let Some(bytes) = bytes.first_chunk::<HEADER_LEN>() else {
            let (expected, found) = (HEADER_LEN as u64, bytes.len() as u64);
            return Err(ImageError::Truncated { expected, found });
        };
        let version = u16::from_le_bytes([bytes[8], bytes[9]]);
        if version != VERSION {
            return Err(ImageError::Version { found: version });
        }
        let suite = Suite::of(u16::from_le_bytes([bytes[10], bytes[11]]))?;
        if bytes[12..16]
            .iter()
            .chain(&bytes[40..])
            .any(|byte| *byte != 0)
        {
            return Err(damaged("reserved bytes are not zero"));
        }
        let header = Header {
            suite,
            manifest_len: u32_at(bytes, 16),
            signatures_len: u32_at(bytes, 20),
            index_len: u64_at(bytes, 24),
            payload_len: u64_at(bytes, 32),
        };
        header.check()?;
        Ok(header)
    }

    /// How the payload is cut into chunks.
    pub(super) fn chunks(&self) -> Result<Chunks, ImageError> {
        Chunks::of_stored(self.suite, self.payload_len)
            .ok_or_else(|| damaged("the payload has a length that no chunks have"))
    }

    /// Number of signatures.
    pub fn signature_count(&self) -> usize {
        self.signatures_len as usize / RECORD_LEN
    }

    /// Offset of the signatures in the file.
    pub fn signatures_offset(&self) -> u64 {
        HEADER_LEN as u64 + u64::from(self.manifest_len)
    }

    /// Offset of the index in the file.
    pub fn index_offset(&self) -> u64 {
        self.signatures_offset() + u64::from(self.signatures_len)
    }

    /// Offset of the payload in the file.
    pub fn payload_offset(&self) -> u64 {
        self.index_offset() + self.index_len
    }

    /// Bytes of the image proper: what follows are grants.
    pub fn image_len(&self) -> u64 {
        self.payload_offset() + self.payload_len
    }

    fn check(&self) -> Result<(), ImageError> {
        let manifest_len = u64::from(self.manifest_len);
        if !(1..=MANIFEST_LEN_MAX).contains(&manifest_len) {
            return Err(damaged(format!("a manifest of {manifest_len} bytes")));
        }
        let whole = (self.signatures_len as usize).is_multiple_of(RECORD_LEN);
        if !whole || !(1..=SIGNATURE_COUNT_MAX).contains(&self.signature_count()) {
            return Err(damaged(format!(
                "signatures of {} bytes",
                self.signatures_len
            )));
        }
        if self.payload_len > IMAGE_PAYLOAD_LEN_MAX {
            return Err(damaged(format!("a payload of {} bytes", self.payload_len)));
        }
        let expected = Levels::of(self.chunks()?.count()).index_len();
        if self.index_len != expected {
            let found = self.index_len;
            return Err(damaged(format!(
                "an index of {found} bytes, expected {expected}"
            )));
        }
        Ok(())
    }
}

fn damaged(message: impl Into<String>) -> ImageError {
    ImageError::Header {
        message: message.into(),
    }
}

fn u32_at(bytes: &[u8; HEADER_LEN], offset: usize) -> u32 {
    let mut value = [0; 4];
    value.copy_from_slice(&bytes[offset..offset + 4]);
    u32::from_le_bytes(value)
}

fn u64_at(bytes: &[u8; HEADER_LEN], offset: usize) -> u64 {
    let mut value = [0; 8];
    value.copy_from_slice(&bytes[offset..offset + 8]);
    u64::from_le_bytes(value)
}
