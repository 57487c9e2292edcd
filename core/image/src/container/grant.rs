//! Grants: each lets one station open one encrypted image.
//!
//! ```text
//! 0    8   magic 89 'I' 'M' 'G' 0D 0A 1A 0A
//! 8    2   version = 1
//! 10   2   kind: 0 of a SAP, 1 of a Job
//! 12   2   suite of the image
//! 14   2   flags: bit 0 = the owner's grant, which opens but permits no run; other bits zero
//! 16   32  image id
//! 48   32  key id of the station
//! 80   8   cap: most successful units of the station; 2^64-1 if it has no cap of its own
//! 88   8   until: last second of its validity, since 1970-01-01 UTC; 2^64-1 if it has no end
//! 96   16  zero
//! 112  32  encapsulated key      HPKE base mode (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM;
//! 144  48  encrypted secret      info `imprint-grant-v1`, a zero byte, the suite; associated data: bytes 0 to 111
//! 192  32  public key of the issuer, Ed25519
//! 224  64  signature of the issuer over `imprint-grant-v1`, a zero byte, bytes 0 to 223
//! ```
//!
//! The secret is the content key of a SAP, or the stations' share of a Job's.
//!
//! Grants are no part of the signed image, so that a new station never needs a new signature on it. They follow the
//! image or lie in a file of their own, one after the other.

use super::{Date, ImageError, ImageId, Kind, SealError, chunk::ContentKey, header::Suite};
use crate::keys::{KeyId, PublicKey, SigningKey, StationKem, StationPublic, StationSecret};
use hpke::{Deserializable, OpModeR, OpModeS, Serializable, aead::AeadTag};
use rand_core::CryptoRng;
use std::cmp::Reverse;
use zeroize::Zeroizing;

const MAGIC: [u8; 8] = [0x89, b'I', b'M', b'G', 0x0D, 0x0A, 0x1A, 0x0A];
const DOMAIN: &[u8] = b"imprint-grant-v1\0";
const VERSION: u16 = 1;
/// Flag of an owner's grant.
const OWNER: u16 = 1;
/// Stands for no cap and no end.
const NONE: u64 = u64::MAX;

/// Bytes that say what is granted to whom; the encrypted secret is bound to them.
const SUBJECT_LEN: usize = 112;
/// Bytes that the issuer signs.
const SIGNED_LEN: usize = 224;
/// Bytes of a grant.
pub(super) const GRANT_LEN: usize = 288;

type Aead = hpke::aead::AesGcm256;
type Kdf = hpke::kdf::HkdfSha256;

/// One grant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Grant([u8; GRANT_LEN]);

/// What a grant permits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GrantTerms {
    /// Most units that may pass on the station, below 2^64-1; none: no cap of its own.
    pub cap: Option<u64>,
    /// Last second of its validity, since 1970-01-01 UTC, below 2^64-1; none: no end.
    pub until_s: Option<u64>,
    /// Whether it is the owner's: it opens the image, but permits no run.
    pub owner: bool,
}

impl GrantTerms {
    /// What an owner is given: everything but a run.
    pub const OWNER: GrantTerms = GrantTerms {
        cap: None,
        until_s: None,
        owner: true,
    };

    /// Sorts the best first: what permits a run, then the largest cap, then the latest end.
    pub(super) fn rank(&self) -> impl Ord + use<> {
        let or_none = |number: Option<u64>| Reverse(number.unwrap_or(NONE));
        (self.owner, or_none(self.cap), or_none(self.until_s))
    }
}

/// What a grant is of.
#[derive(Clone, Copy)]
pub(super) struct Subject {
    /// The image.
    pub image: ImageId,
    /// Its kind.
    pub kind: Kind,
}

impl Grant {
    /// Encrypts the secret of an image to a station.
    pub(super) fn issue(
        subject: Subject,
        secret: &ContentKey,
        station: &StationPublic,
        terms: &GrantTerms,
        issuer: &SigningKey,
        mut random: &mut dyn CryptoRng,
    ) -> Result<Grant, SealError> {
        let suite = Suite::Encrypted.number();
        let flags = if terms.owner { OWNER } else { 0 };
        let mut bytes = [0; GRANT_LEN];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..10].copy_from_slice(&VERSION.to_le_bytes());
        bytes[10..12].copy_from_slice(&u16::from(subject.kind.number()).to_le_bytes());
        bytes[12..14].copy_from_slice(&suite.to_le_bytes());
        bytes[14..16].copy_from_slice(&flags.to_le_bytes());
        bytes[16..48].copy_from_slice(&subject.image.0);
        bytes[48..80].copy_from_slice(&station.id().0);
        bytes[80..88].copy_from_slice(&terms.cap.unwrap_or(NONE).to_le_bytes());
        bytes[88..96].copy_from_slice(&terms.until_s.unwrap_or(NONE).to_le_bytes());
        let mut secret = secret.clone();
        let (encapsulated, tag) =
            hpke::single_shot_seal_inout_detached_with_rng::<Aead, Kdf, StationKem>(
                &OpModeS::Base,
                station.inner(),
                &info(suite),
                secret.as_mut_slice().into(),
                &bytes[..SUBJECT_LEN],
                &mut random,
            )
            .map_err(|_| SealError::StationKey {
                station: station.id(),
            })?;
        bytes[112..144].copy_from_slice(&encapsulated.to_bytes());
        bytes[144..176].copy_from_slice(&*secret);
        bytes[176..192].copy_from_slice(&tag.to_bytes());
        bytes[192..224].copy_from_slice(&issuer.public().to_bytes());
        let signature = issuer.sign(&message(&bytes));
        bytes[224..].copy_from_slice(&signature);
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

    /// What it claims to permit.
    pub fn terms(&self) -> GrantTerms {
        let number = |offset| Some(self.u64_at(offset)).filter(|number| *number != NONE);
        GrantTerms {
            cap: number(80),
            until_s: number(88),
            owner: self.u16_at(14) & OWNER != 0,
        }
    }

    /// Who claims to have issued it, if it is a key.
    pub fn issuer(&self) -> Option<KeyId> {
        PublicKey::from_bytes(&self.field(192)).map(|issuer| issuer.id())
    }

    /// Verifies it and decrypts the secret. `may_issue` decides whose grants count; at `time_s`, if it is given, the
    /// grant must not be over. The error says why not.
    pub(super) fn open(
        &self,
        kind: Kind,
        station: &StationSecret,
        may_issue: impl FnOnce(&PublicKey) -> bool,
        time_s: Option<u64>,
    ) -> Result<ContentKey, String> {
        let issuer = PublicKey::from_bytes(&self.field(192)).ok_or("its issuer's key is none")?;
        if !may_issue(&issuer) {
            return Err(format!("its issuer {} may not issue it", issuer.id()));
        }
        let signature = self.0.last_chunk().ok_or("it is cut")?;
        if !issuer.verify(&message(&self.0), signature) {
            return Err("its signature does not hold".into());
        }
        self.check_form(kind)?;
        if let (Some(until_s), Some(time_s)) = (self.terms().until_s, time_s)
            && time_s > until_s
        {
            return Err(format!("it was valid until {}", Date(until_s)));
        }
        self.decrypt(station)
            .ok_or_else(|| "its secret cannot be decrypted".into())
    }

    /// What is fixed in a grant of this kind of image.
    fn check_form(&self, kind: Kind) -> Result<(), String> {
        if self.u16_at(8) != VERSION || self.u16_at(12) != Suite::Encrypted.number() {
            return Err("it is of an unknown version or suite".into());
        }
        if self.u16_at(10) != u16::from(kind.number()) {
            return Err("it is of another kind of image".into());
        }
        let reserved = self.0[96..112].iter().any(|byte| *byte != 0);
        if self.u16_at(14) & !OWNER != 0 || reserved {
            return Err("it says something that this program does not know".into());
        }
        Ok(())
    }

    fn decrypt(&self, station: &StationSecret) -> Option<ContentKey> {
        let mut secret = Zeroizing::new(self.field(144));
        hpke::single_shot_open_inout_detached::<Aead, Kdf, StationKem>(
            &OpModeR::Base,
            station.inner(),
            &Deserializable::from_bytes(&self.0[112..144]).ok()?,
            &info(self.u16_at(12)),
            secret.as_mut_slice().into(),
            &self.0[..SUBJECT_LEN],
            &AeadTag::<Aead>::from_bytes(&self.0[176..192]).ok()?,
        )
        .ok()?;
        Some(secret)
    }

    fn field(&self, offset: usize) -> [u8; 32] {
        let mut field = [0; 32];
        field.copy_from_slice(&self.0[offset..offset + 32]);
        field
    }

    fn u16_at(&self, offset: usize) -> u16 {
        u16::from_le_bytes([self.0[offset], self.0[offset + 1]])
    }

    fn u64_at(&self, offset: usize) -> u64 {
        let mut value = [0; 8];
        value.copy_from_slice(&self.0[offset..offset + 8]);
        u64::from_le_bytes(value)
    }
}

/// What grants of one image are made of.
pub struct Granting {
    pub(super) subject: Subject,
    pub(super) secret: ContentKey,
}

impl Granting {
    /// A grant to a further station. It counts where `Image::may_issue` says so of the issuer.
    pub fn issue(
        &self,
        station: &StationPublic,
        terms: &GrantTerms,
        issuer: &SigningKey,
        random: &mut dyn CryptoRng,
    ) -> Result<Grant, SealError> {
        Grant::issue(self.subject, &self.secret, station, terms, issuer, random)
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
