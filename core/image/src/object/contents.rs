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

use super::{error::ObjectError, pairs};
use crate::{
    limits::{
        ADDRESS_END, DEVICE_SECTION_LEN_MAX, DIRECTORY_LEN_MAX, ENTRY_COUNT_MAX,
        PAYLOAD_FILE_LEN_MAX, SCRIPT_LEN_MAX, SECTION_COUNT_MAX, SEGMENT_COUNT_MAX,
    },
    recipe::{Limits, Name, RelativePath, Right, SettingValue},
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
    /// `device`, `script`, `module/PATH` or `payload/NAME`.
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
        contents.check()?;
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

    fn encode(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing to a vector cannot fail, and no type here refuses")
    }

    fn prefix_len(&self) -> u64 {
        (HEADER_LEN + self.encode().len()) as u64
    }

    /// Whether all parts fit each other.
    fn check(&self) -> Result<(), ObjectError> {
        if !self.limits.are_valid() {
            return Err(damaged("a limit is out of its range"));
        }
        if self.sections.len() > SECTION_COUNT_MAX || self.settings.len() > ENTRY_COUNT_MAX {
            return Err(damaged("it has too many entries"));
        }
        if !self
            .sections
            .is_sorted_by(|left, right| left.name < right.name)
        {
            return Err(damaged("its sections are not sorted"));
        }
        let payloads: BTreeSet<String> = self
            .payloads
            .keys()
            .map(|name| format!("{PAYLOAD}{name}"))
            .collect();
        let mut payload_count = 0;
        let mut fixed_count = 0;
        for section in &self.sections {
            let len_max = match section.name.as_str() {
                SCRIPT => {
                    fixed_count += 1;
                    SCRIPT_LEN_MAX
                }
                DEVICE => {
                    fixed_count += 1;
                    DEVICE_SECTION_LEN_MAX
                }
                name if payloads.contains(name) => {
                    payload_count += 1;
                    u64::from(u32::MAX)
                }
                name => {
                    let path = name.strip_prefix(MODULE).unwrap_or_default();
                    RelativePath::try_from(path.to_owned()).map_err(damaged)?;
                    SCRIPT_LEN_MAX
                }
            };
            if section.len > len_max {
                return Err(damaged(format!("section `{}` is too large", section.name)));
            }
        }
        if fixed_count != 2 || payload_count != self.payloads.len() {
            return Err(damaged("a section is missing"));
        }
        self.payloads
            .iter()
            .try_for_each(|(name, payload)| self.check_payload(name, payload))
    }

    fn check_payload(&self, name: &Name, payload: &PayloadEntry) -> Result<(), ObjectError> {
        let bad = |what: &str| Err(damaged(format!("payload `{name}`: {what}")));
        if payload.segments.is_empty() || payload.segments.len() > SEGMENT_COUNT_MAX {
            return bad("no or too many segments");
        }
        let mut end = None;
        for segment in &payload.segments {
            // A segment that touches its predecessor should have been joined to it.
            if segment.len == 0 || end.is_some_and(|end| segment.address <= end) {
                return bad("its segments are not in normal form");
            }
            match segment.address.checked_add(segment.len) {
                Some(after) if after <= ADDRESS_END => end = Some(after),
                _ => return bad("a segment leaves the address space"),
            }
        }
        let section = format!("{PAYLOAD}{name}");
        let index = self.sections.binary_search_by(|it| it.name.cmp(&section));
        if index.map(|index| self.sections[index].len) != Ok(payload.len()) {
            return bad("its segments are not as long as its section");
        }
        Ok(())
    }
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

fn damaged(message: impl ToString) -> ObjectError {
    ObjectError::Damaged {
        part: "directory".into(),
        message: message.to_string(),
    }
}

/// Largest payload an object is built with; larger ones exist only in objects that are streamed.
const _: () = assert!(PAYLOAD_FILE_LEN_MAX <= u32::MAX as u64);
