//! Root documents: who may do what for one owner, in numbered versions.
//!
//! ```text
//! 0   8   magic 89 'I' 'M' 'R' 0D 0A 1A 0A
//! 8   2   version = 1
//! 10  2   zero
//! 12  4   length of the body
//! 16      body, deterministic CBOR
//!         signatures, 96 bytes each: public key, Ed25519 signature; sorted by key id, each key once
//! ```
//!
//! Signed is `imprint-root-v1`, a zero byte, the body, and the public keys of all signers in their order. After TUF (The
//! Update Framework): a document is replaced by one that enough keys of the old role root and of the new one have signed,
//! so a stolen key below the threshold can be thrown out, and nobody can be talked into an older document.

mod body;
mod error;
mod role;

pub use error::RootError;
pub use role::{Role, RoleKeys};

use super::{KeyId, PublicKey, SigningKey};
use crate::limits::{ROOT_BODY_LEN_MAX, ROOT_SIGNATURE_COUNT_MAX};
use body::Body;
use std::{collections::BTreeMap, num::NonZeroU64};

const MAGIC: [u8; 8] = [0x89, b'I', b'M', b'R', 0x0D, 0x0A, 0x1A, 0x0A];
const VERSION: u16 = 1;
const DOMAIN: &[u8] = b"imprint-root-v1\0";
const HEADER_LEN: usize = 16;
/// Bytes of one signature with its key.
const RECORD_LEN: usize = 32 + 64;

/// A root document whose signatures hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootDocument {
    body: Body,
    /// Sorted by key id, each once.
    signers: Vec<PublicKey>,
    bytes: Vec<u8>,
}

impl RootDocument {
    /// The first document of an owner, whose name has 1 to 64 bytes. `signers` are of the new role root.
    pub fn first(
        owner: &str,
        roles: BTreeMap<Role, RoleKeys>,
        signers: &[&SigningKey],
    ) -> Result<RootDocument, RootError> {
        let body = Body {
            owner: owner.into(),
            number: NonZeroU64::MIN,
            roles,
        };
        let first = RootDocument::make(body, signers)?;
        RootDocument::from_bytes(&first.bytes)
    }

    /// The document behind this one. `signers` are of this role root and of the new one.
    pub fn next(
        &self,
        roles: BTreeMap<Role, RoleKeys>,
        signers: &[&SigningKey],
    ) -> Result<RootDocument, RootError> {
        let number = self.body.number.checked_add(1);
        let body = Body {
            owner: self.body.owner.clone(),
            number: number.ok_or(RootError::Number {
                found: u64::MAX,
                last: u64::MAX,
            })?,
            roles,
        };
        let next = RootDocument::make(body, signers)?;
        next.check_follows(self)?;
        Ok(next)
    }

    fn make(body: Body, signers: &[&SigningKey]) -> Result<RootDocument, RootError> {
        body.check()?;
        let mut signers = signers.to_vec();
        signers.sort_by_key(|signer| signer.public().id());
        let keys: Vec<PublicKey> = signers.iter().map(|signer| signer.public()).collect();
        let body_bytes = body.to_bytes();
        let message = message(&body_bytes, &keys);
        let mut bytes = [&MAGIC[..], &VERSION.to_le_bytes(), &[0; 2]].concat();
        bytes.extend((body_bytes.len() as u32).to_le_bytes());
        bytes.extend(body_bytes);
        for (signer, key) in signers.iter().zip(&keys) {
            bytes.extend(key.to_bytes());
            bytes.extend(signer.sign(&message));
        }
        // What is made is read: it must pass as any other.
        RootDocument::parse(&bytes)
    }

    /// Reads a document that is the first one here, strictly. Enough of its own role root have signed, and if its number
    /// is 1, nobody else.
    pub fn from_bytes(bytes: &[u8]) -> Result<RootDocument, RootError> {
        let document = RootDocument::parse(bytes)?;
        document.check_threshold(&document)?;
        if document.number() == 1 {
            document.check_signers(&[&document])?;
        }
        Ok(document)
    }

    /// Reads a document that takes the place of `last`, strictly.
    pub fn from_bytes_after(bytes: &[u8], last: &RootDocument) -> Result<RootDocument, RootError> {
        let document = RootDocument::parse(bytes)?;
        document.check_follows(last)?;
        Ok(document)
    }

    /// Reads a document whose signatures hold, whoever made them.
    fn parse(bytes: &[u8]) -> Result<RootDocument, RootError> {
        let (body_bytes, records) = split(bytes)?;
        let body = Body::from_bytes(body_bytes)?;
        let signatures = signatures(records)?;
        let signers: Vec<PublicKey> = signatures.iter().map(|(key, _)| *key).collect();
        let message = message(body_bytes, &signers);
        if let Some((key, _)) = signatures
            .iter()
            .find(|(key, it)| !key.verify(&message, it))
        {
            let message = format!("the one of {} does not hold", key.id());
            return Err(RootError::Signature { message });
        }
        Ok(RootDocument {
            body,
            signers,
            bytes: bytes.to_vec(),
        })
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whose it is.
    pub fn owner(&self) -> &str {
        &self.body.owner
    }

    /// Which of the owner's documents it is, from 1.
    pub fn number(&self) -> u64 {
        self.body.number.get()
    }

    /// The keys of a role, if it has that.
    pub fn role(&self, role: Role) -> Option<&RoleKeys> {
        self.body.roles.get(&role)
    }

    /// All roles it has.
    pub fn roles(&self) -> &BTreeMap<Role, RoleKeys> {
        &self.body.roles
    }

    /// Who signed it.
    pub fn signers(&self) -> impl Iterator<Item = KeyId> {
        self.signers.iter().map(PublicKey::id)
    }

    /// Whether it may take the place of `last`: it is the next one, of the same owner, and enough keys of the old role
    /// root have signed it, and nobody else but those of its own.
    pub fn check_follows(&self, last: &RootDocument) -> Result<(), RootError> {
        if self.owner() != last.owner() {
            return Err(RootError::Owner {
                expected: last.owner().into(),
                found: self.owner().into(),
            });
        }
        if last.number().checked_add(1) != Some(self.number()) {
            return Err(RootError::Number {
                found: self.number(),
                last: last.number(),
            });
        }
        self.check_threshold(self)?;
        self.check_threshold(last)?;
        self.check_signers(&[self, last])
    }

    /// Whether enough of the role root of `of` have signed.
    fn check_threshold(&self, of: &RootDocument) -> Result<(), RootError> {
        let role = of.root_role();
        let found = role.map_or(0, |role| role.count_in(&self.signers));
        let threshold = role.map_or(usize::MAX, RoleKeys::threshold);
        match found >= threshold {
            true => Ok(()),
            false => Err(RootError::TooFewSigners {
                number: of.number(),
                threshold,
                found,
            }),
        }
    }

    /// Whether all who signed are of the role root of one of `of`.
    fn check_signers(&self, of: &[&RootDocument]) -> Result<(), RootError> {
        let known = |signer: &PublicKey| {
            let mut roles = of.iter().filter_map(|it| it.root_role());
            roles.any(|role| role.keys().contains(signer))
        };
        match self.signers.iter().find(|signer| !known(signer)) {
            Some(stranger) => Err(RootError::UnknownSigner {
                signer: stranger.id(),
            }),
            None => Ok(()),
        }
    }

    fn root_role(&self) -> Option<&RoleKeys> {
        self.role(Role::Root)
    }
}

/// One signature with its key.
type Record = [u8; RECORD_LEN];

/// Body and signatures.
fn split(bytes: &[u8]) -> Result<(&[u8], &[Record]), RootError> {
    if bytes.get(..8) != Some(&MAGIC) {
        return Err(RootError::NotARoot);
    }
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER_LEN>() else {
        return Err(damaged("it is cut"));
    };
    let version = u16::from_le_bytes([header[8], header[9]]);
    if version != VERSION {
        return Err(RootError::Version { found: version });
    }
    if header[10..12] != [0; 2] {
        return Err(damaged("reserved bytes are not zero"));
    }
    let body_len = u32::from_le_bytes([header[12], header[13], header[14], header[15]]);
    if !(1..=ROOT_BODY_LEN_MAX).contains(&u64::from(body_len)) {
        return Err(damaged(format!("a body of {body_len} bytes")));
    }
    let Some((body, rest)) = rest.split_at_checked(body_len as usize) else {
        return Err(damaged("it is cut"));
    };
    let (records, rest) = rest.as_chunks::<RECORD_LEN>();
    if !rest.is_empty() || !(1..=ROOT_SIGNATURE_COUNT_MAX).contains(&records.len()) {
        return Err(damaged("its signatures are cut, none, or too many"));
    }
    Ok((body, records))
}

/// Signers, sorted and each once, and their signatures.
fn signatures(records: &[Record]) -> Result<Vec<(PublicKey, [u8; 64])>, RootError> {
    let bad = |message: &str| RootError::Signature {
        message: message.into(),
    };
    let mut signatures = Vec::new();
    for record in records {
        let (Some(key), Some(signature)) = (record.first_chunk(), record.last_chunk()) else {
            return Err(bad("a record is cut"));
        };
        let key = PublicKey::from_bytes(key).ok_or_else(|| bad("a signer's key is none"))?;
        signatures.push((key, *signature));
    }
    match signatures.is_sorted_by(|left, right| left.0.id() < right.0.id()) {
        true => Ok(signatures),
        false => Err(bad("the signers are not sorted, or one is there twice")),
    }
}

fn message(body: &[u8], signers: &[PublicKey]) -> Vec<u8> {
    let mut message = [DOMAIN, body].concat();
    signers
        .iter()
        .for_each(|key| message.extend(key.to_bytes()));
    message
}

fn damaged(message: impl Into<String>) -> RootError {
    RootError::Damaged {
        message: message.into(),
    }
}
