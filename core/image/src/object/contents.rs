//! The directory of an object: everything about it but the bytes of its sections.
//!
//! ```text
//! 0   8   magic 89 'I' 'M' 'O' 0D 0A 1A 0A
//! 8   2   version = 1, little-endian
//! 10  2   zero
//! 12  4   length of the directory, little-endian
//! 16  32  SHA-256 of the directory
//! 48      directory, deterministic CBOR
//!         sections, in the order of the directory, nothing between or behind
//! ```

use super::{
    check,
    entries::{DataEntry, SerialEntry},
    error::ObjectError,
    pairs,
};
use crate::{
    barcode::BarcodeRules,
    limits::{DIRECTORY_LEN_MAX, PAYLOAD_FILE_LEN_MAX},
    recipe::{Limits, Link, Name, Power, Right, RunTest, SettingValue},
    serial::List,
};
use imprint_device::FrozenDevice;
use minicbor::{Decode, Encode};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

const MAGIC: [u8; 8] = [0x89, b'I', b'M', b'O', 0x0D, 0x0A, 0x1A, 0x0A];
const VERSION: u16 = 1;
/// Bytes before the directory.
pub(crate) const HEADER_LEN: usize = 48;

/// Name of the section with the script.
pub(crate) const SCRIPT: &str = "script";
/// Name of the section with the frozen device.
pub(crate) const DEVICE: &str = "device";
/// What the names of modules begin with.
pub(crate) const MODULE: &str = "module/";
/// What the names of payloads begin with.
pub(crate) const PAYLOAD: &str = "payload/";
/// What the names of lists of serial numbers begin with.
pub(crate) const LIST: &str = "list/";
/// Name of the section with the plan.
pub(crate) const PLAN: &str = "plan";

/// What an object says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Contents {
    /// Of the recipe.
    #[n(1)]
    pub name: Name,
    /// Part number of the device.
    #[n(2)]
    pub device: String,
    /// Family of the device.
    #[n(3)]
    pub family: String,
    /// What the script may do.
    #[n(4)]
    pub rights: BTreeSet<Right>,
    /// How long it may take.
    #[n(5)]
    pub limits: Limits,
    /// Values for the script.
    #[n(6)]
    #[cbor(with = "pairs")]
    pub settings: BTreeMap<Name, SettingValue>,
    /// Firmware, by the name the script uses.
    #[n(7)]
    #[cbor(with = "pairs")]
    pub payloads: BTreeMap<Name, PayloadEntry>,
    /// All sections, sorted by name.
    #[n(8)]
    pub sections: Vec<Section>,
    /// How the target is reached, if the recipe says so.
    #[n(9)]
    pub link: Option<Link>,
    /// How it is fed, if the recipe says so.
    #[n(10)]
    pub power: Option<Power>,
    /// Serial numbers, by the name the script uses.
    #[n(11)]
    #[cbor(with = "pairs", skip_if = "BTreeMap::is_empty")]
    pub serials: BTreeMap<Name, SerialEntry>,
    /// Data that differs from unit to unit, by the name the script uses.
    #[n(12)]
    #[cbor(with = "pairs", skip_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<Name, DataEntry>,
    /// Which scanned text selects the image.
    #[n(13)]
    pub barcode: Option<BarcodeRules>,
    /// Run tests, in the order they run.
    #[n(14)]
    #[cbor(skip_if = "Vec::is_empty")]
    pub tests: Vec<RunTest>,
    /// What it was built from, sorted by role.
    #[n(15)]
    pub inputs: Vec<Input>,
    /// Hash of what all payloads that are no windows leave in memory.
    #[n(16)]
    #[cbor(with = "minicbor::bytes")]
    pub memory_sha256: [u8; 32],
}

/// A file that an object was built from.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Input {
    /// `recipe`, `device`, `script`, `module/PATH`, `payload/NAME`, `serial/NAME` or `list/NAME`.
    #[n(0)]
    pub role: String,
    /// Of the file as it was read.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub sha256: [u8; 32],
}

/// One payload. Its bytes are the section `payload/NAME`, segment after segment.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PayloadEntry {
    /// SHA-256 of the file it was read from.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub input_sha256: [u8; 32],
    /// Whether it may lie over other payloads.
    #[n(2)]
    pub window: bool,
    /// Sorted by address, neither touching nor overlapping.
    #[n(3)]
    pub segments: Vec<SegmentEntry>,
    /// Hash of what it leaves in memory: the same for every format of the file.
    #[n(4)]
    #[cbor(with = "minicbor::bytes")]
    pub memory_sha256: [u8; 32],
    /// Whether it may be programmed only after all tests have passed.
    #[n(5)]
    #[cbor(skip_if = "is_false")]
    pub after_tests: bool,
}

impl PayloadEntry {
    /// Bytes in all segments.
    pub fn len(&self) -> u64 {
        self.segments.iter().map(|it| it.len).sum()
    }

    /// Never: a payload has at least one byte.
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }
}

/// Where one run of bytes goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SegmentEntry {
    /// Of the first byte.
    #[n(0)]
    pub address: u64,
    /// At least 1 byte.
    #[n(1)]
    pub len: u64,
}

/// One section.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Section {
    /// `device`, `plan`, `script`, `list/NAME`, `module/PATH` or `payload/NAME`.
    #[n(0)]
    pub name: String,
    /// In bytes.
    #[n(1)]
    pub len: u64,
    /// Of its bytes.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub sha256: [u8; 32],
}

impl Contents {
    /// Header and directory: all bytes of the object before its sections.
    pub fn to_prefix(&self) -> Vec<u8> {
        let directory = self.encode();
        let mut bytes = MAGIC.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend([0; 2]);
        bytes.extend((directory.len() as u32).to_le_bytes());
        bytes.extend(Sha256::digest(&directory));
        bytes.extend(directory);
        bytes
    }

    /// Reads header and directory from the start of an object.
    pub fn from_prefix(bytes: &[u8]) -> Result<Contents, ObjectError> {
        let directory_len = directory_len(bytes)?;
        let found = bytes.len() as u64;
        let expected = HEADER_LEN as u64 + directory_len;
        if expected > found {
            return Err(ObjectError::Length { expected, found });
        }
        let directory = &bytes[HEADER_LEN..expected as usize];
        if Sha256::digest(directory)[..] != bytes[16..HEADER_LEN] {
            return Err(damaged("its hash differs"));
        }
        let contents: Contents = minicbor::decode(directory).map_err(damaged)?;
        if contents.encode() != directory {
            return Err(damaged("it is not in its only encoding"));
        }
        check::check(&contents)?;
        Ok(contents)
    }

    /// Bytes of the whole object.
    pub fn object_len(&self) -> u64 {
        self.prefix_len() + self.sections.iter().map(|it| it.len).sum::<u64>()
    }

    /// All sections with their offsets in the object.
    pub fn sections_at(&self) -> impl Iterator<Item = (u64, &Section)> {
        self.sections
            .iter()
            .scan(self.prefix_len(), |offset, section| {
                let start = *offset;
                *offset += section.len;
                Some((start, section))
            })
    }

    /// A section and its offset in the object.
    pub fn section(&self, name: &str) -> Option<(u64, &Section)> {
        self.sections_at().find(|(_, section)| section.name == name)
    }

    /// Where serial numbers and data go, and the payload each is merged with.
    pub fn windows(&self) -> impl Iterator<Item = (Option<&Name>, SegmentEntry)> {
        let serials = self.serials.values().map(|serial| {
            let (address, len) = (serial.address, serial.len());
            (serial.into.as_ref(), SegmentEntry { address, len })
        });
        let data = self.data.values().map(|data| {
            let (address, len) = (data.address, u64::from(data.len));
            (data.into.as_ref(), SegmentEntry { address, len })
        });
        serials.chain(data)
    }

    /// A section.
    pub(super) fn section_named(&self, name: &str) -> Option<&Section> {
        let index = (self.sections).binary_search_by(|it| it.name.as_str().cmp(name));
        index.ok().map(|index| &self.sections[index])
    }

    /// SHA-256 of the file that had a role when the object was built.
    pub fn input(&self, role: &str) -> Option<[u8; 32]> {
        let index = (self.inputs).binary_search_by(|it| it.role.as_str().cmp(role));
        index.ok().map(|index| self.inputs[index].sha256)
    }

    /// Paths of the modules, sorted.
    pub fn modules(&self) -> impl Iterator<Item = &str> {
        (self.sections.iter()).filter_map(|section| section.name.strip_prefix(MODULE))
    }

    /// Refuses a device other than the directory's.
    pub(crate) fn check_device(&self, frozen: &FrozenDevice) -> Result<(), ObjectError> {
        if frozen.device.name == self.device && frozen.device.family == self.family {
            return Ok(());
        }
        Err(damaged("its device is not that of the section `device`"))
    }

    /// Reads the list of a serial number and refuses one that is another's.
    pub(crate) fn check_list(&self, serial: &str, bytes: &[u8]) -> Result<List, ObjectError> {
        let bad = |message: String| ObjectError::Damaged {
            part: format!("section `{LIST}{serial}`"),
            message,
        };
        let list = List::from_bytes(bytes).map_err(bad)?;
        let entry = self.serials.get(serial);
        let fits = entry.map(|entry| entry.check_list(list.values()));
        match fits.unwrap_or_else(|| Err("there is no such serial number".into())) {
            Ok(()) => Ok(list),
            Err(message) => Err(bad(message)),
        }
    }

    fn encode(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing to a vector cannot fail, and no type here refuses")
    }

    fn prefix_len(&self) -> u64 {
        (HEADER_LEN + self.encode().len()) as u64
    }
}

pub(super) fn is_false(value: &bool) -> bool {
    !value
}

/// Length of the directory, from the header at the start of `bytes`.
pub(crate) fn directory_len(bytes: &[u8]) -> Result<u64, ObjectError> {
    if bytes.get(..8) != Some(&MAGIC) {
        return Err(ObjectError::NotAnObject);
    }
    let Some(header) = bytes.first_chunk::<HEADER_LEN>() else {
        return Err(ObjectError::Length {
            expected: HEADER_LEN as u64,
            found: bytes.len() as u64,
        });
    };
    let version = u16::from_le_bytes([header[8], header[9]]);
    if version != VERSION {
        return Err(ObjectError::Version { found: version });
    }
    if header[10..12] != [0; 2] {
        return Err(damaged("reserved bytes are not zero"));
    }
    let len = u32::from_le_bytes([header[12], header[13], header[14], header[15]]);
    if u64::from(len) > DIRECTORY_LEN_MAX {
        return Err(damaged(format!(
            "{len} bytes are more than {DIRECTORY_LEN_MAX}"
        )));
    }
    Ok(u64::from(len))
}

/// The bytes of the section `device`.
pub(super) fn device_to_bytes(device: &FrozenDevice) -> Vec<u8> {
    minicbor_serde::to_vec(device)
        .expect("writing to a vector cannot fail, and no type here refuses")
}

/// Reads the section `device`. Its hash vouches for its bytes; fields that a later description adds have defaults, so
/// there is more than one way to write it.
pub(crate) fn device_from_bytes(bytes: &[u8]) -> Result<FrozenDevice, ObjectError> {
    let bad = |message: String| ObjectError::Damaged {
        part: "section `device`".into(),
        message,
    };
    let mut deserializer = minicbor_serde::Deserializer::new(bytes);
    let device =
        FrozenDevice::deserialize(&mut deserializer).map_err(|error| bad(error.to_string()))?;
    if deserializer.decoder().position() != bytes.len() {
        return Err(bad("there are bytes behind it".into()));
    }
    Ok(device)
}

pub(super) fn damaged(message: impl ToString) -> ObjectError {
    ObjectError::Damaged {
        part: "directory".into(),
        message: message.to_string(),
    }
}

/// Largest payload an object is built with; larger ones exist only in objects that are streamed.
const _: () = assert!(PAYLOAD_FILE_LEN_MAX <= u32::MAX as u64);
