//! What became of a unit: plain data that a program can keep.
//!
//! Times are given twice: what the wall clock showed, and what the virtual clock of a twin showed, which is the same
//! on every machine.

use crate::limits::CHANGES_MAX;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The report of one unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UnitReport {
    /// How it ended.
    pub outcome: Outcome,
    /// What failed; none after a pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The image.
    pub image: ImageFacts,
    /// The device the image is for.
    pub device: String,
    /// Where it ran, as the user named it: `twin:nRF52832_xxAA`, `probe`.
    pub on: String,
    /// What the family said the chip is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// The number of the unit among all that were permitted; none where nobody counts, and where it was not permitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordinal: Option<u64>,
    /// The values of its serial numbers, by the name the script uses.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub serials: BTreeMap<String, Vec<String>>,
    /// The unique identifier, in hexadecimal: read when the target was connected, where the device says where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// What the script recorded, in its order.
    pub records: Vec<Record>,
    /// The steps in their order.
    pub steps: Vec<Step>,
    /// What was changed on the target; matters most after a failure.
    pub changes: Changes,
    /// Lines the script, the family and the test code wrote.
    pub log: Vec<LogLine>,
    /// Time of the whole unit.
    pub time: Time,
    /// Transfers on the wire.
    pub transfer_count: u64,
    /// Transfers until the script failed; none after a pass, and where no script ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_at: Option<u64>,
}

/// How a unit ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Every step of the script succeeded.
    Pass,
    /// Something failed.
    #[default]
    Fail,
    /// Somebody cancelled.
    Cancelled,
}

/// Why a unit, or anything else, failed. Apps render it; nothing else does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// Stable code, `IMP-xxxx`.
    pub code: String,
    /// One sentence in lower case.
    pub message: String,
    /// Target address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<u64>,
    /// What was expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Where in the script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

impl Failure {
    /// A failure with a code and a sentence.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            ..Self::default()
        }
    }

    /// The same with advice.
    #[must_use]
    pub fn with_help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }

    /// The same with what was expected and found.
    #[must_use]
    pub fn with_difference(self, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self {
            expected: Some(expected.into()),
            found: Some(found.into()),
            ..self
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Failure {}

/// A place in a script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Name of the script or module.
    pub script: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// Text of that line.
    pub text: String,
    /// Who called, from the innermost outwards.
    pub calls: Vec<Call>,
}

impl Place {
    /// The bytes of `text` that are meant: the word, the string or the operator at the column.
    pub fn token(&self) -> std::ops::Range<usize> {
        let characters = self.text.char_indices();
        let mut before = characters.map(|(offset, _)| offset);
        let start = before.nth(self.column.saturating_sub(1));
        let start = start.unwrap_or(self.text.len());
        start..start + token_len(&self.text[start..])
    }

    /// The column behind the last character that is meant, from 1.
    pub fn end_column(&self) -> usize {
        self.column + self.text[self.token()].chars().count()
    }
}

/// Bytes of the word, the string or the operator that a text begins with.
fn token_len(text: &str) -> usize {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut characters = text.chars();
    match characters.next() {
        None => 0,
        Some('"') => text[1..].find('"').map_or(text.len(), |end| end + 2),
        Some(first) if is_word(first) => text.find(|c| !is_word(c)).unwrap_or(text.len()),
        Some(first) => {
            // Operators of two characters: `==`, `&&`, `..`.
            let is_pair = matches!(characters.next(), Some('=' | '&' | '|' | '.' | '>'))
                && "=!<>&|+-*/.".contains(first);
            first.len_utf8() + usize::from(is_pair)
        }
    }
}

/// One call on the way to a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The function that was called.
    pub function: String,
    /// Line of the call.
    pub line: usize,
    /// Column of the call.
    pub column: usize,
}

/// The image a unit ran.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageFacts {
    /// SHA-256 over header and manifest, in hexadecimal.
    pub id: String,
    /// Name from the recipe.
    pub name: String,
    /// Key id of the signer, in hexadecimal.
    pub signer: String,
}

/// A named value a script recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The name.
    pub name: String,
    /// The value.
    pub value: Value,
}

/// A recorded value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Text; bytes are given in hexadecimal.
    Text(String),
}

/// One step of a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What was done: `connect`, `erase`, `program` ...
    pub name: String,
    /// On what: a payload, a memory, a range.
    pub detail: String,
    /// Whether it succeeded.
    pub ok: bool,
    /// Bytes moved or covered, where that means something.
    pub len: u64,
    /// How long it took.
    pub time: Time,
}

/// A duration on both clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Time {
    /// On the wall, in microseconds.
    pub real_us: u64,
    /// On the twin's clock, in microseconds; none on a real chip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub virtual_us: Option<u64>,
}

/// What was changed on the target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Ranges whose erasure was begun.
    pub erased: Vec<Range>,
    /// Ranges whose programming was begun.
    pub programmed: Vec<Range>,
    /// Options that were written.
    pub options: Vec<String>,
    /// The chip was unlocked, which erased it.
    pub unlocked: bool,
    /// Protection was written.
    pub protected: bool,
}

impl Changes {
    /// Nothing of the target's non-volatile memory was touched.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// These and more. A range that continues the last one is joined to it; of more than `CHANGES_MAX` the last are left out.
    pub fn add(&mut self, more: &Changes) {
        let ranges = [
            (&mut self.erased, &more.erased),
            (&mut self.programmed, &more.programmed),
        ];
        for (known, more) in ranges {
            for range in more {
                join(known, *range);
            }
        }
        let room = CHANGES_MAX.saturating_sub(self.options.len());
        self.options.extend(more.options.iter().take(room).cloned());
        self.unlocked |= more.unlocked;
        self.protected |= more.protected;
    }
}

fn join(ranges: &mut Vec<Range>, range: Range) {
    let has_room = ranges.len() < CHANGES_MAX;
    match ranges.last_mut() {
        Some(last) if last.address.checked_add(last.len) == Some(range.address) => {
            last.len = last.len.saturating_add(range.len);
        }
        _ if has_room => ranges.push(range),
        _ => {}
    }
}

/// A range of target addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// First address.
    pub address: u64,
    /// Length in bytes.
    pub len: u64,
}

/// Bytes as hexadecimal digits, as reports have them.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of hexadecimal digits; none if it is something else.
pub(crate) fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| (byte as char).to_digit(16).map(|digit| digit as u8);
    let byte = |pair: &[u8]| match *pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    };
    digits.as_bytes().chunks(2).map(byte).collect()
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Who wrote it: `script`, `family`, `test`.
    pub source: String,
    /// The text.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens() {
        for (line, column, expected) in [
            ("    chip.erasee();", 10, "erasee"),
            ("a & b != 0", 3, "&"),
            ("a == b", 3, "=="),
            ("x.payload(\"fi rm\")", 11, "\"fi rm\""),
            ("x(\"open", 3, "\"open"),
            ("é = wörd + 1", 5, "wörd"),
            ("short", 40, ""),
            ("", 1, ""),
            ("first", 0, "first"),
            ("é", 1, "é"),
            ("-é", 1, "-"),
        ] {
            let place = Place {
                script: String::new(),
                line: 1,
                column,
                text: line.into(),
                calls: Vec::new(),
            };
            assert_eq!(&line[place.token()], expected, "{line} {column}");
            let len = expected.chars().count();
            assert_eq!(place.end_column(), column + len, "{line} {column}");
        }
    }
}
