//! The object: a recipe frozen with all it refers to, the same bytes on every machine.
//!
//! It is an archive of named sections behind a directory. No time, no path of the machine and no format of a firmware
//! file gets into it, so equal inputs have an equal `ObjectId`. It is not sealed and cannot be run.

mod build;
mod check;
mod contents;
mod entries;
mod error;
mod memory_hash;
pub(crate) mod pairs;
mod place;

pub use contents::{Contents, Input, PayloadEntry, Section, SegmentEntry};
pub use entries::{DataEntry, SerialEntry};
pub use error::{BuildError, ObjectError};

pub(crate) use contents::{
    DEVICE, HEADER_LEN, LIST, MODULE, PAYLOAD, PLAN, SCRIPT, device_from_bytes, directory_len,
};

use crate::{limits::OBJECT_LEN_MAX, plan::Plan, recipe::Name, serial::List};
use imprint_device::FrozenDevice;
use sha2::{Digest, Sha256};
use std::fmt;

/// SHA-256 of the bytes of an object: what `sha256sum` prints for its file.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ObjectId(pub [u8; 32]);

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An object, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    contents: Contents,
    bytes: Vec<u8>,
    id: ObjectId,
}

impl Object {
    /// Reads an object. Every byte is checked against its hash.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Object, ObjectError> {
        if bytes.len() as u64 > OBJECT_LEN_MAX {
            return Err(ObjectError::TooLarge {
                len: bytes.len() as u64,
                len_max: OBJECT_LEN_MAX,
            });
        }
        let contents = Contents::from_prefix(&bytes)?;
        let expected = contents.object_len();
        if expected != bytes.len() as u64 {
            let found = bytes.len() as u64;
            return Err(ObjectError::Length { expected, found });
        }
        let id = ObjectId(Sha256::digest(&bytes).into());
        let object = Object {
            contents,
            bytes,
            id,
        };
        object.check_sections()?;
        Ok(object)
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its name by content.
    pub fn id(&self) -> ObjectId {
        self.id
    }

    /// What it says of itself.
    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// The script.
    pub fn script(&self) -> &str {
        // Checked to be text by `check_sections`.
        std::str::from_utf8(self.section(SCRIPT)).unwrap_or_default()
    }

    /// The text of the module that scripts import as `path`.
    pub fn module(&self, path: &str) -> Option<&str> {
        let name = format!("{MODULE}{path}");
        self.contents.section(&name)?;
        std::str::from_utf8(self.section(&name)).ok()
    }

    /// The device it was built for.
    pub fn device(&self) -> Result<FrozenDevice, ObjectError> {
        device_from_bytes(self.section(DEVICE))
    }

    /// The segments of a payload, with their addresses.
    pub fn payload(&self, name: &str) -> Option<Vec<(u64, &[u8])>> {
        let entry = self.contents.payloads.get(name)?;
        let mut rest = self.section(&format!("{PAYLOAD}{name}"));
        let segments = entry.segments.iter().map(|segment| {
            let (data, after) = rest.split_at(segment.len as usize);
            rest = after;
            (segment.address, data)
        });
        Some(segments.collect())
    }

    /// The plan of its payloads.
    pub fn plan(&self) -> Result<Plan, ObjectError> {
        let device = self.device()?;
        Plan::from_bytes(self.section(PLAN), &self.contents, &device.device)
    }

    /// The values of a serial number that has a list.
    pub fn list(&self, serial: &str) -> Option<List> {
        let name = format!("{LIST}{serial}");
        self.contents.section(&name)?;
        List::from_bytes(self.section(&name)).ok()
    }

    /// The bytes of a section; empty if there is none.
    fn section(&self, name: &str) -> &[u8] {
        let Some((offset, section)) = self.contents.section(name) else {
            return &[];
        };
        self.range(offset, section.len)
    }

    /// Bytes of a section: `from_bytes` has compared the sum of all lengths with that of the file.
    fn range(&self, offset: u64, len: u64) -> &[u8] {
        &self.bytes[offset as usize..(offset + len) as usize]
    }

    fn check_sections(&self) -> Result<(), ObjectError> {
        for (offset, section) in self.contents.sections_at() {
            let bytes = self.range(offset, section.len);
            let damaged = |what: &str| ObjectError::Damaged {
                part: format!("section `{}`", section.name),
                message: what.into(),
            };
            if Sha256::digest(bytes)[..] != section.sha256 {
                return Err(damaged("its hash differs"));
            }
            let is_text = section.name == SCRIPT || section.name.starts_with(MODULE);
            if is_text && std::str::from_utf8(bytes).is_err() {
                return Err(damaged("it is not UTF-8 text"));
            }
            if let Some(serial) = section.name.strip_prefix(LIST) {
                self.contents.check_list(serial, bytes)?;
            }
        }
        let device = self.device()?;
        self.contents.check_device(&device)?;
        self.check_payloads(&self.plan()?, &device)
    }

    /// What the directory and the plan say of payloads is true of their bytes.
    fn check_payloads(&self, plan: &Plan, device: &FrozenDevice) -> Result<(), ObjectError> {
        let damaged = |part: &str, message: &str| ObjectError::Damaged {
            part: part.into(),
            message: message.into(),
        };
        let segments = |name: &Name| self.payload(name.as_str()).unwrap_or_default();
        let payloads = &self.contents.payloads;
        if *plan != Plan::of(&self.contents, &device.device, segments) {
            return Err(damaged("section `plan`", "it is not that of the payloads"));
        }
        let same = payloads
            .iter()
            .all(|(name, payload)| memory_hash::of(segments(name)) == payload.memory_sha256);
        let plain = payloads.iter().filter(|(_, payload)| !payload.window);
        let all = memory_hash::of(plain.flat_map(|(name, _)| segments(name)));
        match same && all == self.contents.memory_sha256 {
            true => Ok(()),
            false => Err(damaged("directory", "a memory hash differs")),
        }
    }
}
