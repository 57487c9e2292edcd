//! Serial numbers from a list: one column of a CSV file, each value once.

use super::SerialError;
use crate::{
    limits::{LIST_COUNT_MAX, LIST_LEN_MAX, SERIAL_TEXT_LEN_MAX},
    recipe::RelativePath,
};
use minicbor::{Decoder, Encoder};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// The values of a list, in the order they are used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List(Vec<String>);

impl List {
    /// Reads the column of a CSV file. An empty, a repeated and an unprintable value is refused with its line.
    pub(crate) fn from_csv(
        file: &RelativePath,
        column: usize,
        header: bool,
        bytes: &[u8],
    ) -> Result<List, SerialError> {
        let refuse = |line: Option<u64>, message: String| SerialError::List {
            file: file.to_string(),
            line,
            message,
        };
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(header)
            .flexible(true)
            .from_reader(bytes);
        let mut values = Vec::new();
        let mut lines: HashMap<String, u64> = HashMap::new();
        for record in reader.records() {
            let record = record.map_err(|error| {
                let line = error.position().map(|place| line_of(bytes, place));
                refuse(line, "it is not CSV in UTF-8".into())
            })?;
            let line = record.position().map_or(0, |place| line_of(bytes, place));
            let Some(value) = record.get(column) else {
                let message = format!("there is no column {}", column);
                return Err(refuse(Some(line), message));
            };
            if let Some(message) = defect(value) {
                return Err(refuse(Some(line), message));
            }
            if let Some(first) = lines.insert(value.into(), line) {
                let message = format!("{value:?} is given twice, first in line {first}");
                return Err(refuse(Some(line), message));
            }
            if values.len() == LIST_COUNT_MAX {
                let message = format!("there are more than {LIST_COUNT_MAX} values");
                return Err(refuse(Some(line), message));
            }
            values.push(value.to_owned());
        }
        if values.is_empty() {
            return Err(refuse(None, "there is no value in it".into()));
        }
        let list = List(values);
        if list.to_bytes().len() as u64 > LIST_LEN_MAX {
            return Err(refuse(
                None,
                format!("it has more than {LIST_LEN_MAX} bytes"),
            ));
        }
        Ok(list)
    }

    /// Reads the section of an object: a CBOR list of text.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<List, String> {
        let mut decoder = Decoder::new(bytes);
        let count = decoder.array().ok().flatten().ok_or("it is no list")?;
        if !(1..=LIST_COUNT_MAX as u64).contains(&count) {
            return Err(format!("it has {count} values"));
        }
        // Grown by what is there, not by what is promised.
        let mut values = Vec::new();
        for _ in 0..count {
            let value = decoder.str().map_err(|error| error.to_string())?;
            if let Some(message) = defect(value) {
                return Err(message);
            }
            values.push(value.to_owned());
        }
        let list = List(values);
        if list.to_bytes() != bytes {
            return Err("it is not in its only encoding".into());
        }
        let mut sorted: Vec<&str> = list.0.iter().map(String::as_str).collect();
        sorted.sort_unstable();
        match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(format!("{:?} is in it twice", pair[0])),
            None => Ok(list),
        }
    }

    /// The section of an object.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::new());
        let written = encoder.array(self.0.len() as u64).and_then(|encoder| {
            self.0
                .iter()
                .try_for_each(|value| encoder.str(value).map(drop))
        });
        written.expect("writing to a vector cannot fail");
        encoder.into_writer()
    }

    /// SHA-256 of its section.
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.to_bytes()).into()
    }

    /// All values.
    pub fn values(&self) -> &[String] {
        &self.0
    }
}

/// The line of a record. The reader's place is before the empty lines that it skips.
fn line_of(bytes: &[u8], place: &csv::Position) -> u64 {
    let rest = bytes.get(place.byte() as usize..).unwrap_or_default();
    let skipped = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    place.line() + skipped.filter(|byte| **byte == b'\n').count() as u64
}

fn defect(value: &str) -> Option<String> {
    if value.is_empty() {
        return Some("the value is empty".into());
    }
    if value.len() > SERIAL_TEXT_LEN_MAX {
        let len = value.len();
        return Some(format!(
            "the value has {len} bytes, expected at most {SERIAL_TEXT_LEN_MAX}"
        ));
    }
    let found = value.chars().find(|it| !matches!(it, ' '..='~'))?;
    Some(format!(
        "expected printable ASCII, found {found:?} in {value:?}"
    ))
}
