//! The manifest: what anyone may know of an image, signed.
//!
//! Deterministic CBOR (RFC 8949 section 4.2.1): one map, integer keys ascending. Keys below 1000 are critical, an unknown
//! one makes the image be refused; keys from 1000 are ignorable, their values byte strings, kept as they are. What was
//! read is written again and compared, so that there is one encoding only.

use super::{ImageError, Restrictions, merkle::Hash};
use crate::{
    keys::KeyId,
    limits::{DISTRIBUTOR_COUNT_MAX, EXTENSION_COUNT_MAX, NAME_LEN_MAX},
    recipe::{Limits, Name, Right},
};
use minicbor::{Decode, Decoder, Encode, Encoder, decode::Error};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    num::NonZeroU64,
    str::FromStr,
};

/// First ignorable key.
const IGNORABLE: u64 = 1000;

/// A manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Stand-alone or connected. Keys 1, 14 and 15.
    pub kind: Kind,
    /// Of the object. Key 2.
    pub name: Name,
    /// Part number of the device. Key 3.
    pub device: String,
    /// Random, minted for each deployment: counts follow it. Key 4.
    pub deployment_id: [u8; 16],
    /// What the run may do. Key 5.
    pub rights: BTreeSet<Right>,
    /// How long it may take. Key 6.
    pub limits: Limits,
    /// The plugin it needs. Key 7.
    pub family: FamilyRequirement,
    /// Who may issue grants beside those who signed or are trusted. At most 8. Key 8.
    pub distributors: BTreeSet<KeyId>,
    /// Length of the object in bytes. Key 9.
    pub object_len: u64,
    /// SHA-256 over `imprint-object-v1`, a zero byte, the salt and the object id. The salt is at the start of the
    /// payload: without it, nobody can confirm a guess of what an encrypted image holds. Key 10.
    pub object_commitment: [u8; 32],
    /// Root of the index. Key 11.
    pub root: [u8; 32],
    /// Commitment to the content key, in an encrypted image. Key 12.
    pub key_commitment: Option<[u8; 32]>,
    /// How often, when, where and on what it may be used. Key 13.
    pub restrictions: Restrictions,
    /// Ignorable entries, by key from 1000.
    pub extensions: BTreeMap<u64, Vec<u8>>,
}

/// Stand-alone or connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 0: runs without a cloud.
    Sap,
    /// 1: needs a permit for each unit.
    Job {
        /// The virtual factory it is bound to. Key 14.
        factory: [u8; 16],
        /// Counts the images of one deployment, from 1. Key 15.
        revision: NonZeroU64,
    },
}

impl Kind {
    /// Its number, in the manifest and in grants.
    pub(super) fn number(self) -> u8 {
        match self {
            Kind::Sap => 0,
            Kind::Job { .. } => 1,
        }
    }

    /// Whether it is a Job.
    pub fn is_job(self) -> bool {
        matches!(self, Kind::Job { .. })
    }
}

/// The plugin an image needs. Which file that is, by hash, is the station's own decision.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FamilyRequirement {
    /// Id of the family, for example `nordic.nrf5`.
    #[n(0)]
    pub id: String,
    /// Major version of the plugin ABI.
    #[n(1)]
    pub abi_major: u16,
    /// Least version of the plugin.
    #[n(2)]
    pub version_min: Version,
}

/// A version: major, minor, patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub struct Version {
    /// Changes what was there.
    #[n(0)]
    pub major: u32,
    /// Adds.
    #[n(1)]
    pub minor: u32,
    /// Mends.
    #[n(2)]
    pub patch: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Version, String> {
        let numbers: Result<Vec<u32>, _> = text.split('.').map(str::parse).collect();
        match numbers.as_deref() {
            Ok(&[major, minor, patch]) => Ok(Version {
                major,
                minor,
                patch,
            }),
            _ => Err(format!("expected a version like 1.2.3, found `{text}`")),
        }
    }
}

impl Manifest {
    /// Its bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.encode(&mut Encoder::new(&mut bytes))
            .expect("writing to a vector cannot fail, and no type here refuses");
        bytes
    }

    /// Reads a manifest, strictly.
    pub fn from_bytes(bytes: &[u8]) -> Result<Manifest, ImageError> {
        let damaged = |message: String| ImageError::Manifest { message };
        check_features(bytes)?;
        let fields = Fields::decode(bytes)?;
        let manifest = fields.complete().map_err(damaged)?;
        if manifest.to_bytes() != bytes {
            return Err(damaged("it is not in its only encoding".into()));
        }
        Ok(manifest)
    }

    fn encode(
        &self,
        to: &mut Encoder<&mut Vec<u8>>,
    ) -> Result<(), minicbor::encode::Error<core::convert::Infallible>> {
        let optional = [
            !self.distributors.is_empty(),
            self.key_commitment.is_some(),
            !self.restrictions.is_empty(),
            self.kind.is_job(),
            self.kind.is_job(),
        ];
        let optional = optional.into_iter().filter(|it| *it).count();
        to.map((10 + optional + self.extensions.len()) as u64)?;
        to.u8(1)?.u8(self.kind.number())?;
        to.u8(2)?.encode(&self.name)?;
        to.u8(3)?.str(&self.device)?;
        to.u8(4)?.bytes(&self.deployment_id)?;
        to.u8(5)?.encode(&self.rights)?;
        to.u8(6)?.encode(self.limits)?;
        to.u8(7)?.encode(&self.family)?;
        if !self.distributors.is_empty() {
            to.u8(8)?.encode(&self.distributors)?;
        }
        to.u8(9)?.u64(self.object_len)?;
        to.u8(10)?.bytes(&self.object_commitment)?;
        to.u8(11)?.bytes(&self.root)?;
        if let Some(commitment) = &self.key_commitment {
            to.u8(12)?.bytes(commitment)?;
        }
        if !self.restrictions.is_empty() {
            self.restrictions.encode(to.u8(13)?)?;
        }
        if let Kind::Job { factory, revision } = &self.kind {
            to.u8(14)?.bytes(factory)?;
            to.u8(15)?.u64(revision.get())?;
        }
        for (key, value) in &self.extensions {
            to.u64(*key)?.bytes(value)?;
        }
        Ok(())
    }
}

/// Refuses critical keys that are unknown, whatever the values are: of a manifest that is newer and cannot be read it is
/// said that it is newer.
fn check_features(bytes: &[u8]) -> Result<(), ImageError> {
    let mut from = Decoder::new(bytes);
    let count = from.map().ok().flatten().unwrap_or_default();
    for _ in 0..count {
        match from.u64() {
            Ok(key) if key == 0 || (16..IGNORABLE).contains(&key) => {
                return Err(ImageError::UnknownFeature { key });
            }
            Ok(_) if from.skip().is_ok() => {}
            // What else is wrong shows when the values are read.
            _ => break,
        }
    }
    Ok(())
}

/// A manifest while it is read: what may be missing is an option.
#[derive(Default)]
struct Fields {
    kind: Option<u8>,
    name: Option<Name>,
    device: Option<String>,
    deployment_id: Option<[u8; 16]>,
    rights: Option<BTreeSet<Right>>,
    limits: Option<Limits>,
    family: Option<FamilyRequirement>,
    distributors: BTreeSet<KeyId>,
    object_len: Option<u64>,
    object_commitment: Option<Hash>,
    root: Option<Hash>,
    key_commitment: Option<Hash>,
    restrictions: Restrictions,
    factory: Option<[u8; 16]>,
    revision: Option<NonZeroU64>,
    extensions: BTreeMap<u64, Vec<u8>>,
}

impl Fields {
    fn decode(bytes: &[u8]) -> Result<Fields, ImageError> {
        let damaged = |error: Error| ImageError::Manifest {
            message: error.to_string(),
        };
        let mut from = Decoder::new(bytes);
        let count = from.map().map_err(damaged)?;
        let mut fields = Fields::default();
        // A map of unknown length, and entries twice or out of order, show when all is written again.
        for _ in 0..count.unwrap_or_default() {
            let key = from.u64().map_err(damaged)?;
            fields.decode_one(key, &mut from).map_err(damaged)?;
        }
        if from.position() != bytes.len() {
            let message = "there are bytes behind it".into();
            return Err(ImageError::Manifest { message });
        }
        Ok(fields)
    }

    fn decode_one(&mut self, key: u64, from: &mut Decoder) -> Result<(), Error> {
        match key {
            1 => self.kind = Some(from.u8()?),
            2 => self.name = Some(from.decode()?),
            3 => self.device = Some(short_text(from.str()?)?),
            4 => self.deployment_id = Some(array(from)?),
            5 => self.rights = Some(from.decode()?),
            6 => self.limits = Some(from.decode()?),
            7 => self.family = Some(from.decode()?),
            8 => self.distributors = from.decode()?,
            9 => self.object_len = Some(from.u64()?),
            10 => self.object_commitment = Some(array(from)?),
            11 => self.root = Some(array(from)?),
            12 => self.key_commitment = Some(array(from)?),
            13 => self.restrictions = Restrictions::decode(from)?,
            14 => self.factory = Some(array(from)?),
            15 => self.revision = Some(from.decode()?),
            _ if self.extensions.len() == EXTENSION_COUNT_MAX => {
                return Err(Error::message("too many ignorable entries"));
            }
            _ => {
                self.extensions.insert(key, from.bytes()?.to_vec());
            }
        }
        Ok(())
    }

    fn complete(self) -> Result<Manifest, String> {
        let missing = |key: u32| move || format!("entry {key} is missing");
        let limits = self.limits.ok_or_else(missing(6))?;
        if !limits.are_valid() {
            return Err("a limit is out of its range".into());
        }
        let family = self.family.ok_or_else(missing(7))?;
        short_text(&family.id).map_err(|error| error.to_string())?;
        if self.distributors.len() > DISTRIBUTOR_COUNT_MAX {
            return Err("there are too many distributors".into());
        }
        let kind = match (
            self.kind.ok_or_else(missing(1))?,
            self.factory,
            self.revision,
        ) {
            (0, None, None) => Kind::Sap,
            (0, ..) => return Err("it is a SAP with an entry of a Job".into()),
            (1, factory, revision) => Kind::Job {
                factory: factory.ok_or_else(missing(14))?,
                revision: revision.ok_or_else(missing(15))?,
            },
            (found, ..) => return Err(format!("it is of the unknown kind {found}")),
        };
        Ok(Manifest {
            kind,
            name: self.name.ok_or_else(missing(2))?,
            device: self.device.ok_or_else(missing(3))?,
            deployment_id: self.deployment_id.ok_or_else(missing(4))?,
            rights: self.rights.ok_or_else(missing(5))?,
            limits,
            family,
            distributors: self.distributors,
            object_len: self.object_len.ok_or_else(missing(9))?,
            object_commitment: self.object_commitment.ok_or_else(missing(10))?,
            root: self.root.ok_or_else(missing(11))?,
            key_commitment: self.key_commitment,
            restrictions: self.restrictions,
            extensions: self.extensions,
        })
    }
}

fn short_text(text: &str) -> Result<String, Error> {
    if text.len() > NAME_LEN_MAX {
        return Err(Error::message("a name is too long"));
    }
    Ok(text.to_owned())
}

fn array<const N: usize>(from: &mut Decoder) -> Result<[u8; N], Error> {
    let bytes = from.bytes()?;
    bytes
        .try_into()
        .map_err(|_| Error::message(format!("expected {N} bytes, found {}", bytes.len())))
}
