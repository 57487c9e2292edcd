//! From a value to the bytes that are programmed: serial numbers and data alike.

use crate::limits::{INTEGER_LEN_MAX, SERIAL_TEXT_LEN_MAX};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Deserializer, de::Error};

/// How a value lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[cbor(flat)]
pub enum Encoding {
    /// Its bytes as they are.
    #[n(0)]
    Raw,
    /// Its text in printable ASCII, filled at the end.
    #[n(1)]
    Ascii {
        /// Bytes it takes, 1 to 65,536.
        #[n(0)]
        #[serde(deserialize_with = "text_len")]
        len: u32,
        /// What is behind a shorter text.
        #[n(1)]
        #[serde(default = "erased")]
        fill: u8,
    },
    /// Its number, lowest byte first.
    #[n(2)]
    Little {
        /// Bytes it takes, 1 to 8.
        #[n(0)]
        #[serde(deserialize_with = "integer_len")]
        len: u32,
    },
    /// Its number, highest byte first.
    #[n(3)]
    Big {
        /// Bytes it takes, 1 to 8.
        #[n(0)]
        #[serde(deserialize_with = "integer_len")]
        len: u32,
    },
    /// The six bytes of a MAC address: twelve hexadecimal digits, with or without `:` or `-` between bytes.
    #[n(4)]
    Mac,
    /// The eight bytes of an EUI-64, written likewise.
    #[n(5)]
    Eui64,
}

/// A value that is to be programmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RawValue {
    /// Text, perhaps of a number.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A number.
    Integer(i64),
}

/// A value that does not fit where it goes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EncodingError {
    message: String,
}

impl EncodingError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        EncodingError {
            message: message.into(),
        }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        "IMP-8190"
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        Some("give a value that fits the encoding which the recipe declares".into())
    }
}

impl Encoding {
    /// Bytes of every value, where the encoding says so; `Raw` has those of its value.
    pub fn len(&self) -> Option<u32> {
        match self {
            Encoding::Raw => None,
            Encoding::Ascii { len, .. } | Encoding::Little { len } | Encoding::Big { len } => {
                Some(*len)
            }
            Encoding::Mac => Some(6),
            Encoding::Eui64 => Some(8),
        }
    }

    /// Never: every encoding has at least one byte.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The bytes of a value.
    pub fn encode(&self, value: &RawValue) -> Result<Vec<u8>, EncodingError> {
        match *self {
            Encoding::Raw => match value {
                RawValue::Text(text) => Ok(text.as_bytes().to_vec()),
                RawValue::Bytes(bytes) => Ok(bytes.clone()),
                RawValue::Integer(number) => Err(EncodingError::new(format!(
                    "the number {number} needs the encoding `little` or `big`"
                ))),
            },
            Encoding::Ascii { len, fill } => ascii(value, len, fill),
            Encoding::Little { len } => {
                let bytes = number(value, len)?.to_le_bytes();
                Ok(bytes[..len as usize].to_vec())
            }
            Encoding::Big { len } => {
                let bytes = number(value, len)?.to_be_bytes();
                Ok(bytes[bytes.len() - len as usize..].to_vec())
            }
            Encoding::Mac => address(value, 6, "a MAC address"),
            Encoding::Eui64 => address(value, 8, "an EUI-64"),
        }
    }

    /// Whether its lengths are in their ranges: what a decoder must ask. Text is bounded by what holds it.
    pub(crate) fn is_sound(&self, text_len_max: u32) -> bool {
        match self {
            Encoding::Ascii { len, .. } => (1..=text_len_max).contains(len),
            Encoding::Little { len } | Encoding::Big { len } => (1..=INTEGER_LEN_MAX).contains(len),
            Encoding::Raw | Encoding::Mac | Encoding::Eui64 => true,
        }
    }
}

fn ascii(value: &RawValue, len: u32, fill: u8) -> Result<Vec<u8>, EncodingError> {
    let text = match value {
        RawValue::Text(text) => text.clone(),
        RawValue::Bytes(bytes) => bytes.iter().map(|byte| format!("{byte:02X}")).collect(),
        RawValue::Integer(number) => number.to_string(),
    };
    if let Some(found) = text.chars().find(|it| !matches!(it, ' '..='~')) {
        return Err(EncodingError::new(format!(
            "expected printable ASCII, found {found:?} in {text:?}"
        )));
    }
    if text.len() > len as usize {
        return Err(EncodingError::new(format!(
            "expected at most {len} characters, found {} in {text:?}",
            text.len()
        )));
    }
    let mut bytes = text.into_bytes();
    bytes.resize(len as usize, fill);
    Ok(bytes)
}

/// The number of a value in two's complement, if its `len` bytes hold it: as a signed or as an unsigned one.
fn number(value: &RawValue, len: u32) -> Result<i128, EncodingError> {
    let number = match value {
        RawValue::Integer(number) => i128::from(*number),
        RawValue::Text(text) => parse_number(text).ok_or_else(|| {
            EncodingError::new(format!("expected a number as 12 or 0x0C, found {text:?}"))
        })?,
        RawValue::Bytes(_) => {
            return Err(EncodingError::new(
                "bytes are no number: they need the encoding `raw`",
            ));
        }
    };
    let bits = 8 * len;
    if number < -(1 << (bits - 1)) || number >= 1 << bits {
        return Err(EncodingError::new(format!(
            "the number {number} does not fit in {len} bytes"
        )));
    }
    Ok(number)
}

fn parse_number(text: &str) -> Option<i128> {
    // The standard library would also take `+1`.
    let (digits, radix, negative) = match (text.strip_prefix("0x"), text.strip_prefix('-')) {
        (Some(digits), _) => (digits, 16, false),
        (None, Some(digits)) => (digits, 10, true),
        (None, None) => (text, 10, false),
    };
    if !digits.starts_with(|it: char| it.is_ascii_hexdigit()) {
        return None;
    }
    let number = i128::from_str_radix(digits, radix).ok()?;
    Some(if negative { -number } else { number })
}

fn address(value: &RawValue, len: usize, what: &str) -> Result<Vec<u8>, EncodingError> {
    let bytes = match value {
        RawValue::Text(text) => parse_address(text),
        RawValue::Bytes(bytes) => Some(bytes.clone()),
        RawValue::Integer(_) => None,
    };
    match bytes.filter(|bytes| bytes.len() == len) {
        Some(bytes) => Ok(bytes),
        None => Err(EncodingError::new(format!(
            "expected {what}, {} hexadecimal digits, found {}",
            2 * len,
            match value {
                RawValue::Text(text) => format!("{text:?}"),
                RawValue::Bytes(bytes) => format!("{} bytes", bytes.len()),
                RawValue::Integer(number) => format!("the number {number}"),
            }
        ))),
    }
}

fn parse_address(text: &str) -> Option<Vec<u8>> {
    let separator = text.chars().find(|it| matches!(it, ':' | '-'));
    let digits: String = match separator {
        // Pairs with the same separator between all of them.
        Some(separator) => {
            let pairs: Vec<&str> = text.split(separator).collect();
            if pairs.iter().any(|pair| pair.len() != 2) {
                return None;
            }
            pairs.concat()
        }
        None => text.into(),
    };
    parse_hex(&digits)
}

/// Bytes from pairs of hexadecimal digits, upper or lower case.
pub(crate) fn parse_hex(digits: &str) -> Option<Vec<u8>> {
    base16ct::mixed::decode_vec(digits).ok()
}

fn text_len<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    within(u32::deserialize(deserializer)?, SERIAL_TEXT_LEN_MAX as u32)
}

fn integer_len<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    within(u32::deserialize(deserializer)?, INTEGER_LEN_MAX)
}

fn within<E: Error>(len: u32, max: u32) -> Result<u32, E> {
    if (1..=max).contains(&len) {
        return Ok(len);
    }
    Err(E::custom(format!(
        "expected `len` of 1 to {max} bytes, found {len}"
    )))
}

fn erased() -> u8 {
    0xFF
}
