//! Secret keys under a passphrase.
//!
//! ```text
//! imprint-signing-secret-1.locked:argon2id:m=65536,t=3,p=1:SALT:BOX
//! ```
//!
//! The box is the key under AES-256-GCM, whose own key is Argon2id (RFC 9106) of the passphrase and the salt. The nonce is
//! zero: with a new salt each time, no key encrypts twice. Everything before the box is authenticated with it. What a file
//! may ask for in memory and passes is bounded before anything is computed.

use super::{KeyError, KeyFile, Kind, SigningKey, StationSecret, one_line, read_line};
use crate::{
    limits::{LOCK_LANES_MAX, LOCK_MEMORY_MAX_KIB, LOCK_PASSES_MAX},
    write::{Access, write_new},
};
use aes_gcm::{Aes256Gcm, KeyInit, aead::AeadInOut};
use argon2::{Algorithm, Argon2, Params, Version};
use rand_core::CryptoRng;
use std::{fmt, ops::RangeInclusive, path::Path};
use zeroize::Zeroizing;

/// Behind the kind, in a file under a passphrase.
pub(super) const SUFFIX: &str = ".locked";

const SALT_LEN: usize = 16;
/// The key and the tag of AES-GCM.
const BOX_LEN: usize = 32 + 16;

/// The secret keys, which a passphrase can protect.
pub trait SecretKey: KeyFile {}

impl SecretKey for SigningKey {}
impl SecretKey for StationSecret {}

/// A secret key under a passphrase.
#[derive(Clone, PartialEq, Eq)]
pub struct LockedKey {
    kind: Kind,
    cost: LockCost,
    salt: [u8; SALT_LEN],
    sealed: [u8; BOX_LEN],
}

/// What it costs to try one passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockCost {
    /// Memory in KiB, 8 to 1,048,576, and at least 8 a lane.
    pub memory_kib: u32,
    /// Passes over the memory, 1 to 16.
    pub passes: u32,
    /// Lanes, 1 to 4.
    pub lanes: u32,
}

/// The second recommendation of RFC 9106, section 4, on one lane: a fraction of a second on any machine.
impl Default for LockCost {
    fn default() -> LockCost {
        LockCost {
            memory_kib: 64 << 10,
            passes: 3,
            lanes: 1,
        }
    }
}

impl LockedKey {
    /// Puts a key under a passphrase, whose UTF-8 bytes count as they are.
    pub fn lock<K: SecretKey>(
        key: &K,
        passphrase: &str,
        cost: LockCost,
        random: &mut dyn CryptoRng,
    ) -> Result<LockedKey, KeyError> {
        if passphrase.is_empty() {
            return Err(KeyError::EmptyPassphrase);
        }
        let mut locked = LockedKey {
            kind: K::KIND,
            cost: cost.checked()?,
            salt: [0; SALT_LEN],
            sealed: [0; BOX_LEN],
        };
        random.fill_bytes(&mut locked.salt);
        let mut secret = K::KIND.decode(&key.to_text())?;
        let cipher = locked.cipher(passphrase)?;
        let tag = cipher
            .encrypt_inout_detached(
                &[0; 12].into(),
                locked.front().as_bytes(),
                secret.as_mut_slice().into(),
            )
            .expect("32 bytes are within the 64 GiB of AES-GCM");
        locked.sealed[..32].copy_from_slice(&*secret);
        locked.sealed[32..].copy_from_slice(&tag);
        Ok(locked)
    }

    /// Takes the key out again.
    pub fn unlock<K: SecretKey>(&self, passphrase: &str) -> Result<K, KeyError> {
        if self.kind != K::KIND {
            return Err(KeyError::WrongKind {
                expected: K::KIND,
                found: self.kind,
            });
        }
        let cipher = self.cipher(passphrase)?;
        let mut secret = Zeroizing::new([0; 32]);
        secret.copy_from_slice(&self.sealed[..32]);
        let mut tag = [0; 16];
        tag.copy_from_slice(&self.sealed[32..]);
        cipher
            .decrypt_inout_detached(
                &[0; 12].into(),
                self.front().as_bytes(),
                secret.as_mut_slice().into(),
                &tag.into(),
            )
            .map_err(|_| KeyError::WrongPassphrase)?;
        K::from_text(&self.kind.encode(&*secret))
    }

    /// What the key inside is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What it costs to try one passphrase.
    pub fn cost(&self) -> LockCost {
        self.cost
    }

    /// The line of its file.
    pub fn to_text(&self) -> String {
        let sealed = base16ct::lower::encode_string(&self.sealed);
        format!("{}:{sealed}\n", self.front())
    }

    /// Reads the line of its file.
    pub fn from_text(text: &str) -> Result<LockedKey, KeyError> {
        let kind = match Kind::of(text) {
            Err(KeyError::Locked { kind }) => kind,
            Ok(kind) => return Err(KeyError::NotLocked { kind }),
            Err(error) => return Err(error),
        };
        let damaged = || KeyError::Damaged { kind };
        let parts: Vec<&str> = one_line(text).split(':').collect();
        let &[_, "argon2id", cost, salt, sealed] = &parts[..] else {
            return Err(damaged());
        };
        let mut locked = LockedKey {
            kind,
            cost: LockCost::from_text(cost).ok_or_else(damaged)?,
            salt: [0; SALT_LEN],
            sealed: [0; BOX_LEN],
        };
        decode(salt, &mut locked.salt).ok_or_else(damaged)?;
        decode(sealed, &mut locked.sealed).ok_or_else(damaged)?;
        locked.cost = locked.cost.checked()?;
        Ok(locked)
    }

    /// Reads its file.
    pub fn load(path: &Path) -> Result<LockedKey, KeyError> {
        LockedKey::from_text(&read_line(path)?)
    }

    /// Writes its file, which its owner alone can read. One that is there is never replaced.
    pub fn save(&self, path: &Path) -> Result<(), KeyError> {
        Ok(write_new(path, self.to_text().as_bytes(), Access::Owner)?)
    }

    /// The line up to the box, which is authenticated with it.
    fn front(&self) -> String {
        let (kind, salt) = (
            self.kind.prefix(),
            base16ct::lower::encode_string(&self.salt),
        );
        format!("{kind}{SUFFIX}:argon2id:{}:{salt}", self.cost)
    }

    fn cipher(&self, passphrase: &str) -> Result<Aes256Gcm, KeyError> {
        let LockCost {
            memory_kib,
            passes,
            lanes,
        } = self.cost;
        let cost = |error: argon2::Error| KeyError::LockCost {
            message: error.to_string(),
        };
        let params = Params::new(memory_kib, passes, lanes, Some(32)).map_err(cost)?;
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), &self.salt, &mut *key)
            .map_err(cost)?;
        Ok(Aes256Gcm::new((&*key).into()))
    }
}

impl fmt::Debug for LockedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LockedKey({}, {})", self.kind.name(), self.cost)
    }
}

impl LockCost {
    /// Bounds it, so that a file can take neither all memory nor all day.
    fn checked(self) -> Result<LockCost, KeyError> {
        let checks: [(&str, u32, RangeInclusive<u32>); 3] = [
            ("lanes", self.lanes, 1..=LOCK_LANES_MAX),
            ("passes", self.passes, 1..=LOCK_PASSES_MAX),
            (
                "KiB of memory",
                self.memory_kib,
                8 * self.lanes.min(LOCK_LANES_MAX)..=LOCK_MEMORY_MAX_KIB,
            ),
        ];
        for (what, found, range) in checks {
            if !range.contains(&found) {
                let (least, most) = range.into_inner();
                return Err(KeyError::LockCost {
                    message: format!("expected {least} to {most} {what}, found {found}"),
                });
            }
        }
        Ok(self)
    }

    fn from_text(text: &str) -> Option<LockCost> {
        let mut parts = text.split(',');
        let mut part = |name: &str| decimal(parts.next()?.strip_prefix(name)?);
        let cost = LockCost {
            memory_kib: part("m=")?,
            passes: part("t=")?,
            lanes: part("p=")?,
        };
        parts.next().is_none().then_some(cost)
    }
}

/// A number without sign and leading zeros. One that is too large for its type is beyond every limit, and stays so.
fn decimal(digits: &str) -> Option<u32> {
    let is_number = !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
    let leading_zero = digits.len() > 1 && digits.starts_with('0');
    (is_number && !leading_zero).then(|| digits.parse().unwrap_or(u32::MAX))
}

impl fmt::Display for LockCost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LockCost {
            memory_kib,
            passes,
            lanes,
        } = self;
        write!(f, "m={memory_kib},t={passes},p={lanes}")
    }
}

/// Exactly as many digits as `to` has bytes.
fn decode(digits: &str, to: &mut [u8]) -> Option<()> {
    let len = to.len();
    let decoded = base16ct::lower::decode(digits, to).ok()?;
    (decoded.len() == len).then_some(())
}
