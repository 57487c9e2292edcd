//! Motorola S-record: lines of data with 16-, 24- or 32-bit addresses.
//!
//! Own reader: the format is smaller than a dependency. Every line's checksum and the count record are checked, and the
//! terminator is required, so that a cut file is noticed.

use super::{Contents, Fault, Place, Problem, lines, segments::Pieces};

pub(super) fn read(bytes: &[u8]) -> Result<Contents, Fault> {
    let mut pieces = Pieces::default();
    let mut data_count = 0u64;
    let mut end: Option<(usize, u64)> = None;
    let mut last_line = 0;
    for item in lines::lines(bytes) {
        let (line, text) = item?;
        last_line = line;
        if let Some((end, _)) = end {
            let place = Place::Text { line, column: 1 };
            let expected = format!("nothing after the terminator of line {end}");
            return Err((place, Problem::unexpected(expected, "a further line")));
        }
        let record = Record::parse(line, text)?;
        match record.kind {
            0 => {}
            1..=3 => {
                data_count += 1;
                pieces.push(
                    Place::Text { line, column: 5 },
                    record.address,
                    &record.data,
                )?;
            }
            5 | 6 if record.address != data_count => {
                let place = Place::Text { line, column: 5 };
                let expected = format!("{} data records", record.address);
                return Err((place, Problem::truncated(expected, data_count)));
            }
            5 | 6 => {}
            _ => end = Some((line, record.address)),
        }
    }
    let Some((_, entry)) = end else {
        let place = Place::Text {
            line: last_line,
            column: 1,
        };
        let problem = Problem::truncated("a terminator S7, S8 or S9", "the end of the file");
        return Err((place, problem));
    };
    // Tools write 0 where there is no entry: the vector table is there, never code.
    let entry = (entry != 0).then_some(entry);
    Ok(Contents { pieces, entry })
}

struct Record {
    kind: u8,
    address: u64,
    data: Vec<u8>,
}

impl Record {
    fn parse(line: usize, text: &str) -> Result<Record, Fault> {
        let at = |column| Place::Text { line, column };
        let &[b'S', kind @ b'0'..=b'9', ..] = text.as_bytes() else {
            let found = format!("`{}`", text.get(..2).unwrap_or(text));
            return Err((at(1), Problem::unexpected("`S0` to `S9`", found)));
        };
        let kind = kind - b'0';
        // Bytes of the address, by record type.
        let address_len = match kind {
            0 | 1 | 5 | 9 => 2,
            2 | 6 | 8 => 3,
            3 | 7 => 4,
            _ => {
                let problem = Problem::unexpected("a record type in use", "the reserved S4");
                return Err((at(1), problem));
            }
        };
        let bytes = lines::hex(line, 3, &text[2..])?;
        let Some((count, rest)) = bytes.split_first() else {
            return Err((
                at(3),
                Problem::truncated("a byte count", "the end of the line"),
            ));
        };
        if usize::from(*count) != rest.len() || rest.len() < address_len + 1 {
            let least = address_len + 1;
            let expected = format!("{} bytes, at least {least}", (*count).max(least as u8));
            return Err((
                at(3),
                Problem::truncated(expected, format!("{} bytes", rest.len())),
            ));
        }
        let (body, found) = (&rest[..rest.len() - 1], rest[rest.len() - 1]);
        let sum = body
            .iter()
            .fold(*count, |sum, byte| sum.wrapping_add(*byte));
        let expected = !sum;
        if expected != found {
            return Err((at(text.len() - 1), Problem::Checksum { expected, found }));
        }
        let (address, data) = body.split_at(address_len);
        let address = address
            .iter()
            .fold(0, |all, byte| all << 8 | u64::from(*byte));
        Ok(Record {
            kind,
            address,
            data: data.to_vec(),
        })
    }
}
