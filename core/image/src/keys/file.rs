//! Key files: one line of text, a kind and digits.
//!
//! The kind is part of the line because two keys of 32 bytes look alike, and a station's key given where a signer's
//! belongs should be told so.

use super::{KeyError, PublicKey, SigningKey, StationPublic, StationSecret, locked::SUFFIX};
use crate::{
    limits::KEY_FILE_LEN_MAX,
    write::{Access, write_new},
};
use hpke::{Deserializable, Serializable};
use std::{
    io::{ErrorKind, Read},
    path::Path,
};
use zeroize::Zeroizing;

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
    pub(super) fn prefix(self) -> &'static str {
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
        let known = |prefix: &str| Kind::ALL.into_iter().find(|kind| kind.prefix() == prefix);
        if let Some(kind) = known(prefix) {
            return Ok(kind);
        }
        let locked = prefix.strip_suffix(SUFFIX).and_then(known);
        match locked.filter(|kind| kind.is_secret()) {
            Some(kind) => Err(KeyError::Locked { kind }),
            None if prefix.starts_with("imprint-") => Err(KeyError::UnknownKind),
            None => Err(KeyError::NotAKey),
        }
    }

    fn is_secret(self) -> bool {
        matches!(self, Kind::SigningSecret | Kind::StationSecret)
    }

    pub(super) fn decode(self, text: &str) -> Result<Zeroizing<[u8; 32]>, KeyError> {
        let found = match Kind::of(text) {
            // Another kind is worse than a passphrase.
            Err(KeyError::Locked { kind }) if kind != self => kind,
            found => found?,
        };
        if found != self {
            return Err(KeyError::WrongKind {
                expected: self,
                found,
            });
        }
        let (_, digits) = one_line(text).split_once(':').unwrap_or_default();
        let mut bytes = Zeroizing::new([0; 32]);
        match base16ct::lower::decode(digits, &mut *bytes) {
            Ok(decoded) if decoded.len() == 32 => Ok(bytes),
            _ => Err(KeyError::Damaged { kind: self }),
        }
    }

    pub(super) fn encode(self, bytes: &[u8]) -> Zeroizing<String> {
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
        Self::from_text(&read_line(path)?)
    }

    /// Writes a key file. One that is there is never replaced: a lost key cannot be made again. A secret one can be read
    /// by its owner alone.
    fn save(&self, path: &Path) -> Result<(), KeyError> {
        let access = match Self::KIND.is_secret() {
            true => Access::Owner,
            false => Access::Ordinary,
        };
        Ok(write_new(path, self.to_text().as_bytes(), access)?)
    }
}

/// A line without its end: LF, CR LF or none.
pub(crate) fn one_line(text: &str) -> &str {
    let line = text.strip_suffix("\r\n").or(text.strip_suffix('\n'));
    line.unwrap_or(text)
}

/// The text of a file of one line: a key or a share.
pub(crate) fn read_line(path: &Path) -> Result<Zeroizing<String>, KeyError> {
    // One byte more than there may be, so that a longer file shows.
    let capacity = KEY_FILE_LEN_MAX + 1;
    let mut text = Zeroizing::new(String::with_capacity(capacity));
    let read = std::fs::File::open(path)
        .and_then(|file| file.take(capacity as u64).read_to_string(&mut text));
    match read {
        Ok(len) if len > KEY_FILE_LEN_MAX => Err(KeyError::NotAKey),
        Ok(_) => Ok(text),
        Err(error) if error.kind() == ErrorKind::InvalidData => Err(KeyError::NotAKey),
        Err(error) => Err(KeyError::Io {
            path: path.display().to_string(),
            message: error.to_string(),
        }),
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
