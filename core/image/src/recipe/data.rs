//! Serial numbers and data: what is different on every unit, and where it goes.

use super::{DateFormat, Name, RelativePath};
use crate::{
    limits::{INTEGER_LEN_MAX, WINDOW_LEN_MAX},
    serial::Encoding,
};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Deserializer, de::Error};

/// A serial number of a recipe.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename = "SerialNumber")]
pub struct SerialPlacement {
    /// The definition file.
    pub definition: RelativePath,
    /// Where its first value goes; further values of a unit lie behind it.
    pub address: u64,
    /// How a value lies there.
    #[serde(default = "raw")]
    pub encoding: Encoding,
    /// The payload it is merged with before programming; without one the script programs it.
    #[serde(default)]
    pub into: Option<Name>,
    /// Whether it may lie over bytes of that payload.
    #[serde(default)]
    pub over: bool,
    /// What becomes of the number of a unit that failed.
    #[serde(default)]
    pub on_fail: OnFail,
}

/// What becomes of the serial number of a unit that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum OnFail {
    /// A later unit gets it.
    #[default]
    #[n(0)]
    GiveBack,
    /// No unit gets it.
    #[n(1)]
    Burn,
}

/// A data window of a recipe.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename = "Data")]
pub struct DataWindow {
    /// First byte.
    pub address: u64,
    /// Length in bytes, 1 to 65,536.
    #[serde(deserialize_with = "window_len")]
    pub len: u32,
    /// Where its value comes from.
    pub source: DataSource,
    /// How the value lies there.
    #[serde(default)]
    pub encoding: DataEncoding,
    /// The payload it is merged with before programming; without one the script programs it.
    #[serde(default)]
    pub into: Option<Name>,
    /// Whether it may lie over bytes of that payload.
    #[serde(default)]
    pub over: bool,
}

/// Where the value of a data window comes from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(flat)]
pub enum DataSource {
    /// Given for the unit: `--value NAME=...`.
    #[n(0)]
    Value,
    /// The scanned barcode.
    #[n(1)]
    Barcode,
    /// The unique identifier of the target.
    #[n(2)]
    Uid(#[n(0)] UidTransform),
    /// The time of the run, UTC.
    #[n(3)]
    Date(#[n(0)] DateFormat),
    /// The name of the station.
    #[n(4)]
    Station,
    /// The script gives it.
    #[n(5)]
    Script,
    /// A named result of a run test.
    #[n(6)]
    Result(#[n(0)] Name, #[n(1)] Name),
}

/// What is made of a unique identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum UidTransform {
    /// Its bytes as they are read.
    #[n(0)]
    Raw,
    /// The 32 bytes of their SHA-256.
    #[n(1)]
    Sha256,
    /// Their CRC-32 (IEEE 802.3), four bytes, lowest first.
    #[n(2)]
    Crc32,
}

/// How a value lies in a data window. A shorter one is filled, a longer one refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum DataEncoding {
    /// Bytes as they are; text as UTF-8; a given value `0x...` or `hex:...` is bytes.
    #[default]
    Raw,
    /// Text in printable ASCII.
    Ascii {
        /// What is behind a shorter text.
        #[serde(default = "erased")]
        fill: u8,
    },
    /// A number, lowest byte first, in all of the window, at most 8 bytes.
    Little,
    /// A number, highest byte first, in all of the window, at most 8 bytes.
    Big,
    /// A MAC address, 6 bytes.
    Mac,
    /// An EUI-64, 8 bytes.
    Eui64,
}

impl DataWindow {
    /// The encoding with its length.
    pub(crate) fn encoding(&self) -> Encoding {
        let len = self.len;
        match self.encoding {
            DataEncoding::Raw => Encoding::Raw,
            DataEncoding::Ascii { fill } => Encoding::Ascii { len, fill },
            DataEncoding::Little => Encoding::Little { len },
            DataEncoding::Big => Encoding::Big { len },
            DataEncoding::Mac => Encoding::Mac,
            DataEncoding::Eui64 => Encoding::Eui64,
        }
    }

    /// Why its length, source and encoding do not fit each other.
    pub(crate) fn defect(&self) -> Option<String> {
        defect(self.len, &self.source, &self.encoding())
    }
}

/// Why a window's length, source and encoding do not fit each other.
pub(crate) fn defect(len: u32, source: &DataSource, encoding: &Encoding) -> Option<String> {
    let encoded = encoding.len().unwrap_or(1);
    if matches!(encoding, Encoding::Little { .. } | Encoding::Big { .. }) && len > INTEGER_LEN_MAX {
        return Some(format!(
            "a number has at most {INTEGER_LEN_MAX} bytes, found a window of {len}"
        ));
    }
    if encoded > len {
        return Some(format!(
            "its encoding needs {encoded} bytes, found a window of {len}"
        ));
    }
    let bytes = match source {
        DataSource::Uid(UidTransform::Raw) => 1,
        DataSource::Uid(UidTransform::Sha256) => 32,
        DataSource::Uid(UidTransform::Crc32) => 4,
        DataSource::Date(format) => match encoding {
            Encoding::Mac | Encoding::Eui64 => return Some("a date is no address".into()),
            Encoding::Raw | Encoding::Ascii { .. } => format.text_len(),
            Encoding::Little { .. } | Encoding::Big { .. } => 1,
        },
        _ => return None,
    };
    let is_uid = matches!(source, DataSource::Uid(_));
    let needed = match encoding {
        Encoding::Raw => bytes,
        // Bytes as text are two digits each.
        Encoding::Ascii { .. } if is_uid => 2 * bytes,
        Encoding::Ascii { .. } => bytes,
        Encoding::Little { .. } | Encoding::Big { .. } if is_uid => {
            return Some("a unique identifier is bytes, no number".into());
        }
        Encoding::Mac | Encoding::Eui64 if bytes > encoded => bytes,
        _ => 1,
    };
    (needed > len).then(|| format!("its value has {needed} bytes, found a window of {len}"))
}

fn window_len<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let len = u32::deserialize(deserializer)?;
    if (1..=WINDOW_LEN_MAX).contains(&len) {
        return Ok(len);
    }
    Err(D::Error::custom(format!(
        "expected `len` of 1 to {WINDOW_LEN_MAX} bytes, found {len}"
    )))
}

fn raw() -> Encoding {
    Encoding::Raw
}

fn erased() -> u8 {
    0xFF
}
