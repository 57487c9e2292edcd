//! Serial numbers: what their values are, and how they lie in memory.
//!
//! A definition is shared by all recipes that refer to it. Who draws which value, and what becomes of it when a unit
//! fails, is the accounts' business; here value k is a pure function of k.

mod counter;
mod encoding;
mod error;
mod list;
mod positions;
mod source;

pub use counter::{Counter, CounterError, Direction, Fastest};
pub use encoding::{Encoding, EncodingError, RawValue};
pub use error::SerialError;
pub use list::List;
pub use positions::{Position, PositionMismatch, Positions};
pub use source::{DefinitionSource, ValuesSource};

pub(crate) use encoding::parse_hex;

use crate::{
    limits::{LIST_COUNT_MAX, PER_UNIT_MAX, SERIAL_TEXT_LEN_MAX},
    recipe::Name,
};
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

/// What one kind of serial number is. It is the same in every image that draws from the same counter.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Definition {
    /// What the counter is called, across recipes.
    #[n(1)]
    pub id: Name,
    /// What its values are.
    #[n(2)]
    pub values: Values,
    /// How many values one unit takes, 1 to 64.
    #[n(3)]
    pub per_unit: u32,
}

/// Where values come from.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum Values {
    /// Counted.
    #[n(0)]
    Counter(#[n(0)] Counter),
    /// From the section `list/NAME` of the object.
    #[n(1)]
    List {
        /// How many.
        #[n(0)]
        count: u64,
        /// SHA-256 of the section.
        #[n(1)]
        #[cbor(with = "minicbor::bytes")]
        sha256: [u8; 32],
    },
    /// Given for each unit.
    #[n(2)]
    Supplied(#[n(0)] Positions),
}

/// One serial number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialValue {
    /// As it is shown, recorded and typed in.
    pub text: String,
    /// As it is programmed raw: one byte a position, or the text of a list.
    pub bytes: Vec<u8>,
}

impl SerialValue {
    fn of_digits(positions: &Positions, digits: &[u8]) -> SerialValue {
        SerialValue {
            text: positions.text(digits),
            bytes: positions.bytes(digits),
        }
    }

    fn of_text(text: &str) -> SerialValue {
        SerialValue {
            text: text.into(),
            bytes: text.as_bytes().to_vec(),
        }
    }

    /// The bytes that are programmed.
    pub fn encode(&self, encoding: &Encoding) -> Result<Vec<u8>, EncodingError> {
        if *encoding == Encoding::Raw {
            return Ok(self.bytes.clone());
        }
        encoding.encode(&RawValue::Text(self.text.clone()))
    }
}

impl Definition {
    /// How many values there are; none where they are supplied.
    pub fn count(&self) -> Option<u64> {
        match &self.values {
            Values::Counter(counter) => Some(counter.count()),
            Values::List { count, .. } => Some(*count),
            Values::Supplied(_) => None,
        }
    }

    /// Value `index`, from 0; none past the last. `list` are the values of a list, and empty for the others.
    pub fn value(&self, index: u64, list: &[String]) -> Option<SerialValue> {
        match &self.values {
            Values::Counter(counter) => {
                let digits = counter.digits(index)?;
                Some(SerialValue::of_digits(counter.positions(), &digits))
            }
            Values::List { .. } => {
                let text = list.get(usize::try_from(index).ok()?)?;
                Some(SerialValue::of_text(text))
            }
            Values::Supplied(_) => None,
        }
    }

    /// Which value a text is, if it is one.
    pub fn index_of(&self, text: &str, list: &[String]) -> Option<u64> {
        match &self.values {
            Values::Counter(counter) => counter.index_of(text),
            Values::List { .. } => list
                .iter()
                .position(|value| value == text)
                .map(|index| index as u64),
            Values::Supplied(_) => None,
        }
    }

    /// A value that is given from outside, if it is one that may be given.
    pub fn supplied(&self, text: &str) -> Result<SerialValue, PositionMismatch> {
        match &self.values {
            Values::Supplied(positions) => {
                let digits = positions.read(text)?;
                Ok(SerialValue::of_digits(positions, &digits))
            }
            Values::Counter(_) | Values::List { .. } => Err(PositionMismatch {
                message: "this serial number is counted, not supplied".into(),
            }),
        }
    }

    /// What accounts know the counter by: SHA-256("imprint-serial-v1" ‖ 00 ‖ id).
    pub fn id_hash(&self) -> [u8; 32] {
        Sha256::new()
            .chain_update(b"imprint-serial-v1\0")
            .chain_update(self.id.as_str())
            .finalize()
            .into()
    }

    /// SHA-256 of its encoding: two definitions of one id must be the same.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.to_bytes()).into()
    }

    fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing to a vector cannot fail, and no type here refuses")
    }

    /// Bytes one value takes in memory; none where an encoding gives values of different lengths.
    pub fn value_len(&self, encoding: &Encoding, list: &[String]) -> Option<u32> {
        if let Some(len) = encoding.len() {
            return Some(len);
        }
        match &self.values {
            Values::Counter(counter) => Some(counter.positions().count() as u32),
            Values::Supplied(positions) => Some(positions.count() as u32),
            Values::List { .. } => {
                let len = list.first()?.len();
                let equal = list.iter().all(|value| value.len() == len);
                equal.then_some(len as u32)
            }
        }
    }

    /// Whether its parts fit each other: what a decoder must ask.
    pub(crate) fn check(&self) -> Result<(), String> {
        if !(1..=PER_UNIT_MAX).contains(&self.per_unit) {
            return Err(format!("{} values a unit", self.per_unit));
        }
        match &self.values {
            Values::Counter(counter) => {
                if !counter.positions().are_sound() {
                    return Err("its positions are not sound".into());
                }
                counter.check().map_err(|error| error.to_string())?;
            }
            Values::List { count, .. } => {
                if !(1..=LIST_COUNT_MAX as u64).contains(count) {
                    return Err(format!("{count} values in its list"));
                }
            }
            Values::Supplied(positions) => {
                if !positions.are_sound() || self.per_unit != 1 {
                    return Err("its positions are not sound".into());
                }
            }
        }
        match self.count() {
            Some(count) if count < u64::from(self.per_unit) => Err("a unit takes all of it".into()),
            _ => Ok(()),
        }
    }

    /// Whether its values are from a list.
    pub fn is_list(&self) -> bool {
        matches!(self.values, Values::List { .. })
    }

    /// Whether `encoding` holds every value; those of a list where it is there.
    pub(crate) fn check_encoding(
        &self,
        encoding: &Encoding,
        list: Option<&[String]>,
    ) -> Result<(), EncodingError> {
        if !encoding.is_sound(SERIAL_TEXT_LEN_MAX as u32) {
            return Err(EncodingError::new("its length is out of range"));
        }
        match &self.values {
            Values::Counter(counter) => check_positions(counter.positions(), encoding),
            Values::Supplied(positions) => check_positions(positions, encoding),
            Values::List { .. } => {
                let Some(list) = list else {
                    return Ok(());
                };
                if self.value_len(encoding, list).is_none() {
                    return Err(EncodingError::new(
                        "its values have different lengths, which `raw` would lose",
                    ));
                }
                list.iter()
                    .try_for_each(|value| SerialValue::of_text(value).encode(encoding).map(drop))
            }
        }
    }
}

/// Every symbol of every position, the others at their highest: what holds for each of them holds for all values.
fn check_positions(positions: &Positions, encoding: &Encoding) -> Result<(), EncodingError> {
    let top: Vec<u8> = positions.iter().map(highest).collect();
    for (at, position) in positions.iter().enumerate() {
        for digit in 0..=(position.symbol_count() - 1) as u8 {
            let mut digits = top.clone();
            digits[at] = digit;
            SerialValue::of_digits(positions, &digits).encode(encoding)?;
        }
    }
    Ok(())
}

/// The symbol with the highest value as a digit: the last one, unless a set has another order.
fn highest(position: &Position) -> u8 {
    let last = (position.symbol_count() - 1) as u8;
    let value = |digit: &u8| char::from(position.symbol(*digit)).to_digit(16);
    (0..=last).max_by_key(value).unwrap_or(last)
}
