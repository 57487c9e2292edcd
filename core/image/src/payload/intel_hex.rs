//! Intel HEX: lines of data with a 16-bit offset to a base that other lines set.
//!
//! The crate `ihex` reads a record; addresses, order and places are decided here.

use super::{Contents, Fault, Place, Problem, lines, segments::Pieces};
use ihex::{ReaderError, Record};

pub(super) fn read(bytes: &[u8]) -> Result<Contents, Fault> {
    let mut pieces = Pieces::default();
    let mut entry = None;
    let mut base = Base::Linear(0);
    let mut end = None;
    let mut last_line = 0;
    for item in lines::lines(bytes) {
        let (line, text) = item?;
        last_line = line;
        if let Some(end) = end {
            let place = Place::Text { line, column: 1 };
            let expected = format!("nothing after the end record of line {end}");
            return Err((place, Problem::unexpected(expected, "a further line")));
        }
        match record(line, text)? {
            Record::Data { offset, value } => {
                let address = base.address(line, offset, value.len())?;
                pieces.push(Place::Text { line, column: 4 }, address, &value)?;
            }
            Record::EndOfFile => end = Some(line),
            Record::ExtendedSegmentAddress(segment) => base = Base::Segment(segment),
            Record::ExtendedLinearAddress(high) => base = Base::Linear(high),
            Record::StartLinearAddress(address) => entry = Some(u64::from(address)),
            // The start address of a real-mode 8086: no meaning here, allowed as every other reader does.
            Record::StartSegmentAddress { .. } => {}
        }
    }
    if end.is_none() {
        let place = Place::Text {
            line: last_line,
            column: 1,
        };
        let problem = Problem::truncated("an end record `:00000001FF`", "the end of the file");
        return Err((place, problem));
    }
    Ok(Contents { pieces, entry })
}

/// What offsets count from.
enum Base {
    /// Upper 16 bits of the address.
    Linear(u16),
    /// Paragraphs of 16 bytes; offsets wrap at 64 KiB.
    Segment(u16),
}

impl Base {
    fn address(&self, line: usize, offset: u16, len: usize) -> Result<u64, Fault> {
        match self {
            Base::Linear(high) => Ok(u64::from(*high) << 16 | u64::from(offset)),
            Base::Segment(_) if usize::from(offset) + len > 1 << 16 => {
                let place = Place::Text { line, column: 4 };
                let found = format!("{len} bytes at {offset:#06x}");
                Err((place, Problem::unexpected("data within its segment", found)))
            }
            Base::Segment(paragraph) => Ok((u64::from(*paragraph) << 4) + u64::from(offset)),
        }
    }
}

fn record(line: usize, text: &str) -> Result<Record, Fault> {
    let at = |column| Place::Text { line, column };
    if let Some(digits) = text.strip_prefix(':') {
        lines::hex(line, 2, digits)?;
    }
    Record::from_record_string(text).map_err(|error| match error {
        ReaderError::MissingStartCode => {
            let found = text.get(..1).unwrap_or_default();
            (at(1), Problem::unexpected("`:`", format!("`{found}`")))
        }
        ReaderError::ChecksumMismatch(expected, found) => {
            (at(text.len() - 1), Problem::Checksum { expected, found })
        }
        ReaderError::RecordTooShort | ReaderError::PayloadLengthMismatch => {
            let expected = format!("as many bytes as the record says, {}", said_len(text));
            let found = format!("{} digits", text.len() - 1);
            (at(2), Problem::truncated(expected, found))
        }
        ReaderError::UnsupportedRecordType(kind) => {
            let found = format!("{kind:#04x}");
            (
                at(8),
                Problem::unexpected("a record type from 0 to 5", found),
            )
        }
        other => (at(2), Problem::unexpected("an Intel HEX record", other)),
    })
}

/// What the record says of its length, for the message.
fn said_len(text: &str) -> String {
    match text.get(1..3).map(|it| u8::from_str_radix(it, 16)) {
        Some(Ok(len)) => format!("{len} of data and 5 more"),
        _ => "at least 5".into(),
    }
}
