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

use super::{KeyId, PublicKey, SigningKey};
use crate::limits::{
    NAME_LEN_MAX, ROLE_KEY_COUNT_MAX, ROOT_BODY_LEN_MAX, ROOT_SIGNATURE_COUNT_MAX,
};
use minicbor::{Decode, Decoder, Encode, Encoder, decode::Error};
use std::{collections::BTreeMap, fmt, num::NonZeroU64};

const MAGIC: [u8; 8] = [0x89, b'I', b'M', b'R', 0x0D, 0x0A, 0x1A, 0x0A];
const VERSION: u16 = 1;
const DOMAIN: &[u8] = b"imprint-root-v1\0";
const HEADER_LEN: usize = 16;
/// Bytes of one signature with its key.
const RECORD_LEN: usize = 32 + 64;

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Role {
    /// Replace the root document.
    #[n(1)]
    Root,
    /// Sign images.
    #[n(2)]
    Release,
    /// Sign restrictions and Jobs.
    #[n(3)]
    Policy,
    /// Issue grants.
    #[n(4)]
    Distributor,
    /// Sign lists of plugins.
    #[n(5)]
    Plugin,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 5] = [
        Role::Root,
        Role::Release,
        Role::Policy,
        Role::Distributor,
        Role::Plugin,
    ];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Role::Root => "root",
            Role::Release => "release",
            Role::Policy => "policy",
            Role::Distributor => "distributor",
            Role::Plugin => "plugin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The keys of a role, and how many of them must sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleKeys {
    threshold: usize,
    /// Sorted by their bytes, each once.
    keys: Vec<PublicKey>,
}

impl RoleKeys {
    /// So many of these.
    pub fn new(
        threshold: usize,
        keys: impl IntoIterator<Item = PublicKey>,
    ) -> Result<RoleKeys, RootError> {
        let mut keys: Vec<PublicKey> = keys.into_iter().collect();
        keys.sort_by_key(PublicKey::to_bytes);
        let refuse = |message: String| Err(RootError::Roles { message });
        if keys.is_sorted_by(|left, right| left.to_bytes() < right.to_bytes()) == false {
            return refuse("a role has a key twice".into());
        }
        let count = keys.len();
        if !(1..=ROLE_KEY_COUNT_MAX).contains(&count) {
            return refuse(format!(
                "a role has 1 to {ROLE_KEY_COUNT_MAX} keys, found {count}"
            ));
        }
        if !(1..=count).contains(&threshold) {
            return refuse(format!("{threshold} of {count} keys cannot sign"));
        }
        Ok(RoleKeys { threshold, keys })
    }

    /// How many must sign.
    pub fn threshold(&self) -> usize {
        self.threshold
    }

    /// Who may.
    pub fn keys(&self) -> &[PublicKey] {
        &self.keys
    }

    /// How many of `signers`, none of whom is there twice, are of this role.
    pub(super) fn count_in(&self, signers: &[PublicKey]) -> usize {
        signers.iter().filter(|it| self.keys.contains(it)).count()
    }
}

/// A root document whose signatures hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootDocument {
    body: Body,
    /// Sorted by key id, each once.
    signers: Vec<PublicKey>,
    bytes: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Body {
    owner: String,
    number: NonZeroU64,
    roles: BTreeMap<Role, RoleKeys>,
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
        RootDocument::make(body, signers)
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
        RootDocument::from_bytes(&bytes)
    }

    /// Reads a document, strictly. All its signatures hold, and enough are of its own role root; whether it follows
    /// another is for `check_follows`.
    pub fn from_bytes(bytes: &[u8]) -> Result<RootDocument, RootError> {
        let (body_bytes, records) = split(bytes)?;
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
        let body = Body::from_bytes(body_bytes)?;
        let document = RootDocument {
            body,
            signers,
            bytes: bytes.to_vec(),
        };
        document.check_threshold(&document)?;
        if document.number() == 1 {
            document.check_signers(&[&document])?;
        }
        Ok(document)
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
            roles.any(|role| role.keys.contains(signer))
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

impl Body {
    fn check(&self) -> Result<(), RootError> {
        let refuse = |message: String| Err(RootError::Roles { message });
        if !(1..=NAME_LEN_MAX).contains(&self.owner.len()) {
            return refuse(format!(
                "the owner's name must have 1 to {NAME_LEN_MAX} bytes"
            ));
        }
        for needed in [Role::Root, Role::Release] {
            if !self.roles.contains_key(&needed) {
                return refuse(format!("the role {needed} is missing"));
            }
        }
        let distributor = self.roles.get(&Role::Distributor);
        if distributor.is_some_and(|role| role.threshold != 1) {
            return refuse("a grant has one issuer: the threshold of distributor is 1".into());
        }
        Ok(())
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.encode(&mut Encoder::new(&mut bytes))
            .expect("writing to a vector cannot fail, and no type here refuses");
        bytes
    }

    fn encode(
        &self,
        to: &mut Encoder<&mut Vec<u8>>,
    ) -> Result<(), minicbor::encode::Error<core::convert::Infallible>> {
        to.map(3)?.u8(1)?.str(&self.owner)?;
        to.u8(2)?.u64(self.number.get())?;
        to.u8(3)?.array(self.roles.len() as u64)?;
        for (role, keys) in &self.roles {
            to.array(3)?.encode(role)?.u64(keys.threshold as u64)?;
            to.array(keys.keys.len() as u64)?;
            for key in &keys.keys {
                to.bytes(&key.to_bytes())?;
            }
        }
        Ok(())
    }

    fn from_bytes(bytes: &[u8]) -> Result<Body, RootError> {
        let mut from = Decoder::new(bytes);
        let body = Body::decode(&mut from)??;
        if body.to_bytes() != bytes {
            return Err(damaged("its body is not in its only encoding"));
        }
        body.check()?;
        Ok(body)
    }

    /// What is not in its only encoding shows when it is written again.
    fn decode(from: &mut Decoder) -> Result<Result<Body, RootError>, Error> {
        let entry = |from: &mut Decoder, key: u8| match from.u8()? == key {
            true => Ok(()),
            false => Err(Error::message(format!("expected entry {key}"))),
        };
        if from.map()? != Some(3) {
            return Err(Error::message("expected three entries"));
        }
        entry(from, 1)?;
        let owner = from.str()?.to_owned();
        entry(from, 2)?;
        let number = from.decode()?;
        entry(from, 3)?;
        let mut roles = BTreeMap::new();
        for _ in 0..from.array()?.unwrap_or_default() {
            if from.array()? != Some(3) {
                return Err(Error::message("a role has three entries"));
            }
            let role = from.decode()?;
            let threshold = from.u16()?;
            match RoleKeys::new(threshold.into(), public_keys(from)?) {
                Ok(keys) => roles.insert(role, keys),
                Err(error) => return Ok(Err(error)),
            };
        }
        Ok(Ok(Body {
            owner,
            number,
            roles,
        }))
    }
}

fn public_keys(from: &mut Decoder) -> Result<Vec<PublicKey>, Error> {
    let mut keys = Vec::new();
    for _ in 0..from.array()?.unwrap_or_default() {
        let key = from.bytes()?.try_into().ok();
        let key = key.and_then(PublicKey::from_bytes);
        keys.push(key.ok_or_else(|| Error::message("a key is none"))?);
    }
    Ok(keys)
}

/// Body and signatures.
fn split(bytes: &[u8]) -> Result<(&[u8], &[u8]), RootError> {
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
    rest.split_at_checked(body_len as usize)
        .ok_or_else(|| damaged("it is cut"))
}

/// Signers, sorted and each once, and their signatures.
fn signatures(records: &[u8]) -> Result<Vec<(PublicKey, [u8; 64])>, RootError> {
    let bad = |message: &str| RootError::Signature {
        message: message.into(),
    };
    let (records, rest) = records.as_chunks::<RECORD_LEN>();
    if !rest.is_empty() || !(1..=ROOT_SIGNATURE_COUNT_MAX).contains(&records.len()) {
        return Err(bad("they are cut, none, or too many"));
    }
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

impl From<Error> for RootError {
    fn from(error: Error) -> RootError {
        damaged(error.to_string())
    }
}

/// A root document that is refused, or cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RootError {
    /// Something else altogether.
    #[error("the file is not a root document")]
    NotARoot,
    /// A format that this program does not know.
    #[error("the root document has format version {found}, expected 1")]
    Version {
        /// Of the file.
        found: u16,
    },
    /// Cut, or not in its only encoding.
    #[error("the root document is damaged: {message}")]
    Damaged {
        /// How it shows.
        message: String,
    },
    /// Roles that cannot be.
    #[error("the roles of the root document cannot be: {message}")]
    Roles {
        /// Why.
        message: String,
    },
    /// A signature that does not hold, or signatures in a wrong order.
    #[error("the signatures of the root document are damaged: {message}")]
    Signature {
        /// How it shows.
        message: String,
    },
    /// Not enough of a role root.
    #[error(
        "the root document needs {threshold} signatures of the role root of number {number}, found {found}"
    )]
    TooFewSigners {
        /// Whose role root.
        number: u64,
        /// How many must sign.
        threshold: usize,
        /// How many did.
        found: usize,
    },
    /// Signed by somebody of neither role root.
    #[error("the root document is signed by {signer}, who is not of the role root")]
    UnknownSigner {
        /// Who.
        signer: KeyId,
    },
    /// A document of another owner.
    #[error("the root document is of `{found}`, expected one of `{expected}`")]
    Owner {
        /// The owner of the document before.
        expected: String,
        /// The owner of this one.
        found: String,
    },
    /// Not the next number.
    #[error("the root document has number {found}, and does not follow number {last}")]
    Number {
        /// Its number.
        found: u64,
        /// The highest number so far.
        last: u64,
    },
}

impl RootError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            RootError::NotARoot => "IMP-2013",
            RootError::Version { .. } => "IMP-2014",
            RootError::Damaged { .. } => "IMP-2015",
            RootError::Roles { .. } => "IMP-2016",
            RootError::Signature { .. } => "IMP-2017",
            RootError::TooFewSigners { .. } => "IMP-2018",
            RootError::UnknownSigner { .. } => "IMP-2019",
            RootError::Owner { .. } => "IMP-2020",
            RootError::Number { .. } => "IMP-2021",
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            RootError::NotARoot => "give the owner's .root file".into(),
            RootError::Version { .. } => "a newer Imprint may know it".into(),
            RootError::Damaged { .. } | RootError::Signature { .. } => {
                "copy the root document again; it must not be used".into()
            }
            RootError::Roles { .. } => {
                "it needs the roles root and release, each with keys and a threshold".into()
            }
            RootError::TooFewSigners { .. } => {
                "sign it with more keys of that role root, all at once".into()
            }
            RootError::UnknownSigner { .. } => {
                "only keys of the old and the new role root sign it".into()
            }
            RootError::Owner { .. } => "each owner has documents of their own".into(),
            RootError::Number { last, .. } => match last.checked_add(1) {
                Some(next) => {
                    format!("give the documents one after the other, number {next} first")
                }
                None => "there is no number behind it".into(),
            },
        })
    }
}
