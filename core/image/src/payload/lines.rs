//! Lines of a text format, with their numbers.

use super::{Fault, Place, Problem};
use crate::limits::TEXT_LINE_LEN_MAX;

/// The non-empty lines of `bytes` with their numbers from 1, without blanks at the end. Each must be ASCII and of a
/// length that the format can have, because what follows works on bytes.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = Result<(usize, &str), Fault>> {
    bytes
        .split(|byte| *byte == b'\n')
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim_ascii_end()))
        .filter(|(_, line)| !line.is_empty())
        .map(|(number, line)| Ok((number, text(number, line)?)))
}

fn text(line: usize, bytes: &[u8]) -> Result<&str, Fault> {
    let at = |column| Place::Text { line, column };
    if bytes.len() > TEXT_LINE_LEN_MAX {
        let expected = format!("a line of at most {TEXT_LINE_LEN_MAX} characters");
        let found = format!("{} characters", bytes.len());
        return Err((
            at(TEXT_LINE_LEN_MAX + 1),
            Problem::unexpected(expected, found),
        ));
    }
    if let Some(index) = bytes.iter().position(|byte| !byte.is_ascii_graphic()) {
        let found = format!("the byte {:#04x}", bytes[index]);
        return Err((
            at(index + 1),
            Problem::unexpected("a hexadecimal digit", found),
        ));
    }
    std::str::from_utf8(bytes)
        .map_err(|_| (at(1), Problem::unexpected("text", "bytes that are no text")))
}

/// The bytes that the hexadecimal digits of `digits` stand for. `column` is where they start in the line.
pub(super) fn hex(line: usize, column: usize, digits: &str) -> Result<Vec<u8>, Fault> {
    if let Some(index) = digits.bytes().position(|it| !it.is_ascii_hexdigit()) {
        let place = Place::Text {
            line,
            column: column + index,
        };
        let found = format!("`{}`", &digits[index..=index]);
        return Err((place, Problem::unexpected("a hexadecimal digit", found)));
    }
    if !digits.len().is_multiple_of(2) {
        let place = Place::Text {
            line,
            column: column + digits.len(),
        };
        let found = "an odd number of digits";
        return Err((place, Problem::truncated("two digits a byte", found)));
    }
    let digit = |byte: u8| (byte as char).to_digit(16).unwrap_or_default() as u8;
    Ok(digits
        .as_bytes()
        .chunks_exact(2)
        .map(|pair| digit(pair[0]) << 4 | digit(pair[1]))
        .collect())
}
