//! Keys: who signs, who may open, who is trusted for what.
//!
//! People and stations are known by their keys alone. A signer's key is trusted by itself, or in a role that its owner's
//! root document gives it.

mod error;
mod file;
mod locked;
mod ring;
mod root;
mod trust;

pub use error::KeyError;
pub use file::{KeyFile, Kind};
pub use locked::{LockCost, LockedKey, SecretKey};
pub use ring::{KeyRing, RingEntry, RingError, RingId};
pub use root::{Role, RoleKeys, RootDocument, RootError};
pub use trust::TrustAnchors;

pub(crate) use file::{one_line, read_line};
pub(crate) use trust::{Shortfall, Vouchers};

use ed25519_dalek::{Signature, Signer};
use hpke::{Kem, Serializable};
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::Zeroizing;

/// The key encapsulation of grants: DHKEM(X25519, HKDF-SHA256), RFC 9180 section 4.1.
pub(crate) type StationKem = hpke::kem::X25519HkdfSha256;

/// The system's source of randomness. It panics where the system has none, which no caller could mend.
pub fn system_random() -> impl CryptoRng {
    rand_core::UnwrapErr(getrandom::SysRng)
}

/// Names a public key: SHA-256 over its kind and its bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 32]);

impl KeyId {
    fn of(kind: Kind, public: &[u8; 32]) -> KeyId {
        let digest = Sha256::new()
            .chain_update(kind.prefix())
            .chain_update([0])
            .chain_update(public);
        KeyId(digest.finalize().into())
    }

    /// The id that 64 lower-case hexadecimal digits name.
    pub fn from_hex(digits: &str) -> Option<KeyId> {
        let mut id = [0; 32];
        let decoded = base16ct::lower::decode(digits, &mut id).ok()?;
        (decoded.len() == 32).then_some(KeyId(id))
    }
}

impl<C> minicbor::Encode<C> for KeyId {
    fn encode<W: minicbor::encode::Write>(
        &self,
        encoder: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        encoder.bytes(&self.0)?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for KeyId {
    fn decode(
        decoder: &mut minicbor::Decoder<'b>,
        _: &mut C,
    ) -> Result<Self, minicbor::decode::Error> {
        let id = decoder.bytes()?.try_into();
        id.map(KeyId)
            .map_err(|_| minicbor::decode::Error::message("a key id has 32 bytes"))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The secret key of someone who signs images and grants: Ed25519, RFC 8032.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// A new one.
    pub fn generate(random: &mut dyn CryptoRng) -> SigningKey {
        let mut seed = Zeroizing::new([0; 32]);
        random.fill_bytes(&mut *seed);
        SigningKey(ed25519_dalek::SigningKey::from_bytes(&seed))
    }

    /// Its public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

/// The public key of someone who signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey(ed25519_dalek::VerifyingKey);

impl PublicKey {
    /// Its name.
    pub fn id(&self) -> KeyId {
        KeyId::of(Kind::SigningPublic, self.0.as_bytes())
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The key of these bytes, if they are one: a point of the curve, not of small order, in its only encoding.
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<PublicKey> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).ok()?;
        let canonical = key.to_edwards().compress().as_bytes() == bytes;
        (canonical && !key.is_weak()).then_some(PublicKey(key))
    }

    /// Whether `signature` is this key's over `message`.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let signature = Signature::from_bytes(signature);
        self.0.verify_strict(message, &signature).is_ok()
    }
}

/// The secret key of a station, which opens what was granted to it: X25519, RFC 7748.
#[derive(Clone)]
pub struct StationSecret(<StationKem as Kem>::PrivateKey);

impl StationSecret {
    /// A new one.
    pub fn generate(mut random: &mut dyn CryptoRng) -> StationSecret {
        StationSecret(StationKem::gen_keypair_with_rng(&mut random).0)
    }

    /// Its public half.
    pub fn public(&self) -> StationPublic {
        StationPublic(StationKem::sk_to_pk(&self.0))
    }

    pub(crate) fn inner(&self) -> &<StationKem as Kem>::PrivateKey {
        &self.0
    }
}

/// The public key of a station.
#[derive(Clone, PartialEq, Eq)]
pub struct StationPublic(<StationKem as Kem>::PublicKey);

impl StationPublic {
    /// Its name.
    pub fn id(&self) -> KeyId {
        KeyId::of(Kind::StationPublic, &self.0.to_bytes().into())
    }

    pub(crate) fn inner(&self) -> &<StationKem as Kem>::PublicKey {
        &self.0
    }
}

impl fmt::Debug for StationPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StationPublic({})", self.id())
    }
}
