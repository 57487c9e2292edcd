//! Serial numbers and data windows as an object has them.

use super::contents::is_false;
use crate::{
    limits::WINDOW_LEN_MAX,
    recipe::{DataSource, Name, OnFail, UidTransform, window_defect},
    serial::{Definition, Encoding, EncodingError, RawValue, SerialValue, parse_hex},
};
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

/// One serial number.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SerialEntry {
    /// What its values are.
    #[n(1)]
    pub definition: Definition,
    /// Where the first value of a unit goes.
    #[n(2)]
    pub address: u64,
    /// How a value lies there.
    #[n(3)]
    pub encoding: Encoding,
    /// Bytes of each value in memory.
    #[n(4)]
    pub value_len: u32,
    /// The payload it is merged with.
    #[n(5)]
    pub into: Option<Name>,
    /// Whether it may lie over bytes of that payload.
    #[n(6)]
    #[cbor(skip_if = "is_false")]
    pub over: bool,
    /// What becomes of the number of a unit that failed.
    #[n(7)]
    pub on_fail: OnFail,
}

impl SerialEntry {
    /// Bytes of all values of a unit.
    pub fn len(&self) -> u64 {
        u64::from(self.value_len) * u64::from(self.definition.per_unit)
    }

    /// Never: a value has at least one byte.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of a value as they are programmed, `value_len` of them.
    pub fn encode(&self, value: &SerialValue) -> Result<Vec<u8>, EncodingError> {
        let bytes = value.encode(&self.encoding)?;
        match bytes.len() == self.value_len as usize {
            true => Ok(bytes),
            false => Err(EncodingError::new(format!(
                "expected {} bytes of serial number, found {}",
                self.value_len,
                bytes.len()
            ))),
        }
    }

    /// Whether a list is the one its definition means, and each value fits.
    pub(super) fn check_list(&self, list: &[String]) -> Result<(), String> {
        if self.definition.count() != Some(list.len() as u64) {
            return Err(format!("it has {} values", list.len()));
        }
        self.definition
            .check_encoding(&self.encoding, Some(list))
            .map_err(|error| error.to_string())?;
        match self.definition.value_len(&self.encoding, list) == Some(self.value_len) {
            true => Ok(()),
            false => Err("its values have another length".into()),
        }
    }

    pub(super) fn check(&self) -> Result<(), String> {
        self.definition.check()?;
        // Values of a list are in another section, which is checked when it is read.
        self.definition
            .check_encoding(&self.encoding, None)
            .map_err(|error| error.to_string())?;
        let is_list = self.definition.is_list();
        match self.definition.value_len(&self.encoding, &[]) {
            Some(len) if len == self.value_len => Ok(()),
            None if is_list && self.value_len > 0 => Ok(()),
            _ => Err("its value has another length".into()),
        }
    }
}

/// One window for data.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DataEntry {
    /// First byte.
    #[n(1)]
    pub address: u64,
    /// Length in bytes.
    #[n(2)]
    pub len: u32,
    /// Where its value comes from.
    #[n(3)]
    pub source: DataSource,
    /// How the value lies there.
    #[n(4)]
    pub encoding: Encoding,
    /// The payload it is merged with.
    #[n(5)]
    pub into: Option<Name>,
    /// Whether it may lie over bytes of that payload.
    #[n(6)]
    #[cbor(skip_if = "is_false")]
    pub over: bool,
}

impl DataEntry {
    /// The bytes of a value that was given, scanned, named by the station, set by the script or found by a test: all of
    /// the window. A unique identifier is given as `RawValue::Bytes`.
    pub fn encode(&self, value: &RawValue) -> Result<Vec<u8>, EncodingError> {
        let mut bytes = match (&self.source, value) {
            (DataSource::Uid(transform), RawValue::Bytes(uid)) => {
                let made = transform.apply(uid);
                self.encoding.encode(&RawValue::Bytes(made))?
            }
            (DataSource::Value, RawValue::Text(text)) if self.encoding == Encoding::Raw => {
                given_bytes(text)?
            }
            (_, value) => self.encoding.encode(value)?,
        };
        let len = self.len as usize;
        if bytes.len() > len {
            return Err(EncodingError::new(format!(
                "expected at most {len} bytes of data, found {}",
                bytes.len()
            )));
        }
        bytes.resize(len, 0xFF);
        Ok(bytes)
    }

    /// The bytes of a time in seconds since 1970 UTC, for a window whose source is a date.
    pub fn encode_date(&self, seconds: u64) -> Result<Vec<u8>, EncodingError> {
        let DataSource::Date(format) = &self.source else {
            return Err(EncodingError::new("the window is not for a date"));
        };
        let text = format
            .text(seconds)
            .ok_or_else(|| EncodingError::new("the date is past the year 9999"))?;
        self.encode(&RawValue::Text(text))
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if !(1..=WINDOW_LEN_MAX).contains(&self.len) || !self.encoding.is_sound(WINDOW_LEN_MAX) {
            return Err("its length is out of range".into());
        }
        let fills = match self.encoding {
            Encoding::Ascii { len, .. } | Encoding::Little { len } | Encoding::Big { len } => {
                len == self.len
            }
            Encoding::Raw | Encoding::Mac | Encoding::Eui64 => true,
        };
        if !fills {
            return Err("its encoding has another length".into());
        }
        window_defect(self.len, &self.source, &self.encoding).map_or(Ok(()), Err)
    }
}

impl UidTransform {
    /// What is programmed of a unique identifier.
    pub fn apply(self, uid: &[u8]) -> Vec<u8> {
        match self {
            UidTransform::Raw => uid.to_vec(),
            UidTransform::Sha256 => Sha256::digest(uid).to_vec(),
            UidTransform::Crc32 => crc32fast::hash(uid).to_le_bytes().to_vec(),
        }
    }
}

/// Bytes of a value that was given for a raw window: hexadecimal behind `0x` or `hex:`, else the text itself.
fn given_bytes(text: &str) -> Result<Vec<u8>, EncodingError> {
    let Some(digits) = text
        .strip_prefix("0x")
        .or_else(|| text.strip_prefix("hex:"))
    else {
        return Ok(text.as_bytes().to_vec());
    };
    parse_hex(digits).ok_or_else(|| {
        EncodingError::new(format!(
            "expected pairs of hexadecimal digits behind `0x` or `hex:`, found {text:?}"
        ))
    })
}
