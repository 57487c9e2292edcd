//! Keys: who signs, who may open.
//!
//! A key file is one line: what the key is for, a version, and the key in hexadecimal. The kind is written out because
//! all keys are 32 bytes that look alike, and a station's key given where a signer's belongs should be told so.

use crate::{
    limits::KEY_FILE_LEN_MAX,
    write::{Access, AtomicFile, WriteError},
};
use ed25519_dalek::{Signature, Signer};
use hpke::{Deserializable, Kem, Serializable};
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use std::{fmt, io::Read, path::Path};
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

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `SigningKey`.
    SigningSecret,
    /// `PublicKey`.
    SigningPublic,
    /// `StationSecret`.
    StationSecret,
    /// `StationPublic`.
    StationPublic,
}

impl Kind {
    const ALL: [Kind; 4] = [
        Kind::SigningSecret,
        Kind::SigningPublic,
        Kind::StationSecret,
        Kind::StationPublic,
    ];

    /// What a key file begins with.
    fn prefix(self) -> &'static str {
        match self {
            Kind::SigningSecret => "imprint-signing-secret-1",
            Kind::SigningPublic => "imprint-signing-public-1",
            Kind::StationSecret => "imprint-station-secret-1",
            Kind::StationPublic => "imprint-station-public-1",
        }
    }

    /// Words for a message.
    pub fn name(self) -> &'static str {
        match self {
            Kind::SigningSecret => "the secret key of a signer",
            Kind::SigningPublic => "the public key of a signer",
            Kind::StationSecret => "the secret key of a station",
            Kind::StationPublic => "the public key of a station",
        }
    }

    /// The kind of the key in a file, whatever it is.
    pub fn of(text: &str) -> Result<Kind, KeyError> {
        let prefix = text.split(':').next().unwrap_or_default();
        let known = Kind::ALL.into_iter().find(|kind| kind.prefix() == prefix);
        known.ok_or_else(|| match prefix.starts_with("imprint-") {
            true => KeyError::UnknownKind,
            false => KeyError::NotAKey,
        })
    }

    fn decode(self, text: &str) -> Result<Zeroizing<[u8; 32]>, KeyError> {
        let found = Kind::of(text)?;
        if found != self {
            return Err(KeyError::WrongKind {
                expected: self,
                found,
            });
        }
        let line = text.strip_suffix('\n').unwrap_or(text);
        let line = line.strip_suffix('\r').unwrap_or(line);
        let (_, digits) = line.split_once(':').unwrap_or_default();
        let mut bytes = Zeroizing::new([0; 32]);
        match base16ct::lower::decode(digits, &mut *bytes) {
            Ok(decoded) if decoded.len() == 32 => Ok(bytes),
            _ => Err(KeyError::Damaged { kind: self }),
        }
    }

    fn encode(self, bytes: &[u8]) -> Zeroizing<String> {
        let digits = Zeroizing::new(base16ct::lower::encode_string(bytes));
        Zeroizing::new(format!("{}:{}\n", self.prefix(), *digits))
    }
}

/// What all four kinds of key files share.
pub trait KeyFile: Sized {
    /// What it is.
    const KIND: Kind;

    /// The line of a key file.
    fn to_text(&self) -> Zeroizing<String>;

    /// Reads the line of a key file.
    fn from_text(text: &str) -> Result<Self, KeyError>;

    /// Reads a key file.
    fn load(path: &Path) -> Result<Self, KeyError> {
        let io = |error: std::io::Error| KeyError::Io {
            path: path.display().to_string(),
            message: error.to_string(),
        };
        let mut text = Zeroizing::new(String::new());
        std::fs::File::open(path)
            .map_err(io)?
            .take(KEY_FILE_LEN_MAX as u64)
            .read_to_string(&mut text)
            .map_err(|_| KeyError::NotAKey)?;
        Self::from_text(&text)
    }

    /// Writes a key file. One that is there is never replaced: a lost key cannot be made again. A secret one can be read
    /// by its owner alone.
    fn save(&self, path: &Path) -> Result<(), KeyError> {
        let access = match Self::KIND {
            Kind::SigningSecret | Kind::StationSecret => Access::Owner,
            Kind::SigningPublic | Kind::StationPublic => Access::Ordinary,
        };
        let mut file = AtomicFile::create(path, access)?;
        std::io::Write::write_all(file.file(), self.to_text().as_bytes())
            .map_err(|error| WriteError::new(path, &error))?;
        Ok(file.complete_new()?)
    }
}

impl KeyFile for SigningKey {
    const KIND: Kind = Kind::SigningSecret;

    fn to_text(&self) -> Zeroizing<String> {
        Self::KIND.encode(self.0.as_bytes())
    }

    fn from_text(text: &str) -> Result<Self, KeyError> {
        let seed = Self::KIND.decode(text)?;
        Ok(SigningKey(ed25519_dalek::SigningKey::from_bytes(&seed)))
    }
}

impl KeyFile for PublicKey {
    const KIND: Kind = Kind::SigningPublic;

    fn to_text(&self) -> Zeroizing<String> {
        Self::KIND.encode(self.0.as_bytes())
    }

    fn from_text(text: &str) -> Result<Self, KeyError> {
        let bytes = Self::KIND.decode(text)?;
        PublicKey::from_bytes(&bytes).ok_or(KeyError::Damaged { kind: Self::KIND })
    }
}

impl KeyFile for StationSecret {
    const KIND: Kind = Kind::StationSecret;

    fn to_text(&self) -> Zeroizing<String> {
        let bytes = Zeroizing::new(<[u8; 32]>::from(self.0.to_bytes()));
        Self::KIND.encode(&*bytes)
    }

    fn from_text(text: &str) -> Result<Self, KeyError> {
        let bytes = Self::KIND.decode(text)?;
        Deserializable::from_bytes(&*bytes)
            .map(StationSecret)
            .map_err(|_| KeyError::Damaged { kind: Self::KIND })
    }
}

impl KeyFile for StationPublic {
    const KIND: Kind = Kind::StationPublic;

    fn to_text(&self) -> Zeroizing<String> {
        Self::KIND.encode(&self.0.to_bytes())
    }

    fn from_text(text: &str) -> Result<Self, KeyError> {
        let bytes = Self::KIND.decode(text)?;
        Deserializable::from_bytes(&*bytes)
            .map(StationPublic)
            .map_err(|_| KeyError::Damaged { kind: Self::KIND })
    }
}

/// A key that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Something else altogether.
    #[error("the file is not an Imprint key")]
    NotAKey,
    /// A key of a version or kind that this program does not know.
    #[error("the key is of an unknown kind or version")]
    UnknownKind,
    /// A key for another purpose.
    #[error("expected {}, found {}", expected.name(), found.name())]
    WrongKind {
        /// What is needed.
        expected: Kind,
        /// What the file holds.
        found: Kind,
    },
    /// Digits missing or wrong, or no key of that kind at all.
    #[error("the file begins as {}, but its digits are not one", kind.name())]
    Damaged {
        /// What it says it is.
        kind: Kind,
    },
    /// The system refuses.
    #[error("key file `{path}` cannot be read: {message}")]
    Io {
        /// The file.
        path: String,
        /// What the system says.
        message: String,
    },
    /// It could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl KeyError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            KeyError::NotAKey => "IMP-2001",
            KeyError::UnknownKind => "IMP-2002",
            KeyError::WrongKind { .. } => "IMP-2003",
            KeyError::Damaged { .. } => "IMP-2004",
            KeyError::Io { .. } => "IMP-2005",
            KeyError::Write(error) => error.code(),
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            KeyError::NotAKey => "`imprint key new NAME` makes a pair of key files".into(),
            KeyError::UnknownKind => "a newer Imprint may know it".into(),
            KeyError::WrongKind { expected, .. } => format!("give {}", expected.name()),
            KeyError::Damaged { .. } => "copy the key file again".into(),
            KeyError::Io { .. } => "check the path and the permissions".into(),
            KeyError::Write(error) => return error.help(),
        })
    }
}
