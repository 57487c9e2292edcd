//! Grants: each lets one station open one encrypted image.
//!
//! ```text
//! 0    8   magic 89 'I' 'M' 'G' 0D 0A 1A 0A
//! 8    2   version = 1
//! 10   2   kind: 0 SAP; 1 is reserved for Jobs
//! 12   2   suite of the image
//! 14   2   zero
//! 16   32  image id
//! 48   32  key id of the station
//! 80   32  encapsulated key        HPKE base mode (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM;
//! 112  48  encrypted content key   info `imprint-grant-v1`, a zero byte, the suite; associated data: bytes 0 to 79
//! 160  32  public key of the issuer, Ed25519
//! 192  64  signature of the issuer over `imprint-grant-v1`, a zero byte, bytes 0 to 191
//! ```
//!
//! Grants are no part of the signed image, so that a new station never needs a new signature on it. They follow the
//! image or lie in a file of their own, one after the other.

use super::{ImageError, ImageId, SealError, chunk::ContentKey, header::Suite};
use crate::keys::{KeyId, PublicKey, SigningKey, StationKem, StationPublic, StationSecret};
use hpke::{Deserializable, OpModeR, OpModeS, Serializable, aead::AeadTag};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

const MAGIC: [u8; 8] = [0x89, b'I', b'M', b'G', 0x0D, 0x0A, 0x1A, 0x0A];
const DOMAIN: &[u8] = b"imprint-grant-v1\0";
const VERSION: u16 = 1;
const KIND_SAP: u16 = 0;

/// Bytes that say what is granted to whom; the encrypted key is bound to them.
const SUBJECT_LEN: usize = 80;
/// Bytes that the issuer signs.
const SIGNED_LEN: usize = 192;
/// Bytes of a grant.
pub(super) const GRANT_LEN: usize = 256;

type Aead = hpke::aead::AesGcm256;
type Kdf = hpke::kdf::HkdfSha256;

/// One grant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Grant([u8; GRANT_LEN]);

impl Grant {
    /// Encrypts the content key of an image to a station.
    pub(super) fn issue(
        image: ImageId,
        content_key: &ContentKey,
        station: &StationPublic,
        issuer: &SigningKey,
        mut random: &mut dyn CryptoRng,
    ) -> Result<Grant, SealError> {
        let suite = Suite::Encrypted.number();
        let mut bytes = [0; GRANT_LEN];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..10].copy_from_slice(&VERSION.to_le_bytes());
        bytes[10..12].copy_from_slice(&KIND_SAP.to_le_bytes());
        bytes[12..14].copy_from_slice(&suite.to_le_bytes());
        bytes[16..48].copy_from_slice(&image.0);
        bytes[48..80].copy_from_slice(&station.id().0);
        let mut key = content_key.clone();
        let (encapsulated, tag) =
            hpke::single_shot_seal_inout_detached_with_rng::<Aead, Kdf, StationKem>(
                &OpModeS::Base,
                station.inner(),
                &info(suite),
                key.as_mut_slice().into(),
                &bytes[..SUBJECT_LEN],
                &mut random,
            )
            .map_err(|_| SealError::StationKey {
                station: station.id(),
            })?;
        bytes[80..112].copy_from_slice(&encapsulated.to_bytes());
        bytes[112..144].copy_from_slice(&*key);
        bytes[144..160].copy_from_slice(&tag.to_bytes());
        bytes[160..192].copy_from_slice(&issuer.public().to_bytes());
        let signature = issuer.sign(&message(&bytes));
        bytes[192..].copy_from_slice(&signature);
        Ok(Grant(bytes))
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> &[u8; GRANT_LEN] {
        &self.0
    }

    /// The grants in `bytes`, one after the other. None of them is verified yet.
    pub fn parse_all(bytes: &[u8]) -> Result<Vec<Grant>, ImageError> {
        let bad = |message: String| ImageError::Grants { message };
        let (records, rest) = bytes.as_chunks::<GRANT_LEN>();
        if !rest.is_empty() {
            let found = bytes.len();
            return Err(bad(format!("{found} bytes are no multiple of {GRANT_LEN}")));
        }
        match records.iter().position(|record| !is_grant(record)) {
            Some(index) => Err(bad(format!("record {index} does not begin as a grant"))),
            None => Ok(records.iter().map(|record| Grant(*record)).collect()),
        }
    }

    /// The image it is for.
    pub fn image(&self) -> ImageId {
        ImageId(self.field(16))
    }

    /// The station it is for.
    pub fn station(&self) -> KeyId {
        KeyId(self.field(48))
    }

    /// Verifies it and decrypts the content key. `may_issue` decides whose grants count. The error says why not.
    pub(super) fn open(
        &self,
        secret: &StationSecret,
        may_issue: impl FnOnce(&PublicKey) -> bool,
    ) -> Result<ContentKey, String> {
        let issuer = PublicKey::from_bytes(&self.field(160)).ok_or("its issuer's key is none")?;
        if !may_issue(&issuer) {
            return Err(format!("its issuer {} is not trusted here", issuer.id()));
        }
        let signature = self.0.last_chunk().ok_or("it is cut")?;
        if !issuer.verify(&message(&self.0), signature) {
            return Err("its signature does not hold".into());
        }
        let suite = Suite::Encrypted.number();
        match (
            self.u16_at(8),
            self.u16_at(10),
            self.u16_at(12),
            self.u16_at(14),
        ) {
            (VERSION, KIND_SAP, found, 0) if found == suite => {}
            (VERSION, 1, _, _) => return Err("it is a Job's".into()),
            _ => return Err("it is of an unknown version, kind or suite".into()),
        }
        let mut key = Zeroizing::new(self.field(112));
        let damaged = |_| "its key cannot be decrypted".to_owned();
        hpke::single_shot_open_inout_detached::<Aead, Kdf, StationKem>(
            &OpModeR::Base,
            secret.inner(),
            &Deserializable::from_bytes(&self.0[80..112]).map_err(damaged)?,
            &info(suite),
            key.as_mut_slice().into(),
            &self.0[..SUBJECT_LEN],
            &AeadTag::<Aead>::from_bytes(&self.0[144..160]).map_err(damaged)?,
        )
        .map_err(damaged)?;
        Ok(key)
    }

    fn field(&self, offset: usize) -> [u8; 32] {
        let mut field = [0; 32];
        field.copy_from_slice(&self.0[offset..offset + 32]);
        field
    }

    fn u16_at(&self, offset: usize) -> u16 {
        u16::from_le_bytes([self.0[offset], self.0[offset + 1]])
    }
}

/// Whether a record begins as a grant does.
pub(super) fn is_grant(record: &[u8; GRANT_LEN]) -> bool {
    record.starts_with(&MAGIC)
}

fn info(suite: u16) -> Vec<u8> {
    [DOMAIN, &suite.to_le_bytes()].concat()
}

fn message(bytes: &[u8; GRANT_LEN]) -> Vec<u8> {
    [DOMAIN, &bytes[..SIGNED_LEN]].concat()
}
