//! Reads a transcript, a line at a time, in constant memory.

use crate::{
    entry::{Action, Entry},
    error::TranscriptError,
    header::{FIRST_LINE, Header},
    limits::{HEADER_LINES_MAX, LINE_LEN_MAX},
    parse,
};
use std::io::{BufRead, Read};

/// A transcript under reading.
pub struct Reader<R> {
    input: R,
    header: Header,
    /// Lines read so far.
    line: u64,
}

impl<R: BufRead> Reader<R> {
    /// Reads the header, up to the empty line after it.
    ///
    /// # Errors
    /// A text that is no transcript, of another version, or with a header that is none.
    pub fn open(input: R) -> Result<Reader<R>, TranscriptError> {
        let mut reader = Reader {
            input,
            header: Header::default(),
            line: 0,
        };
        let first = reader.next_line()?.unwrap_or_default();
        if first != FIRST_LINE {
            return Err(TranscriptError::NotATranscript {
                found: beginning(&first),
            });
        }
        for _ in 0..HEADER_LINES_MAX {
            match reader.next_line()?.as_deref() {
                Some("") => return Ok(reader),
                Some(line) => reader.header.take_in(reader.line, line)?,
                None => break,
            }
        }
        Err(TranscriptError::Header {
            line: reader.line,
            reason: "does not end with an empty line".into(),
        })
    }

    /// What it says before its first transfer.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The next line with its number, from 1; none at the end.
    ///
    /// # Errors
    /// A line that is none.
    pub fn next_entry(&mut self) -> Result<Option<(u64, Entry)>, TranscriptError> {
        let Some(text) = self.next_line()? else {
            return Ok(None);
        };
        let line = self.line;
        match parse::entry(&text) {
            Ok(Entry {
                action: Action::Chip { .. },
                ..
            }) => Err(TranscriptError::NoTransfers {
                line,
                found: beginning(&text),
            }),
            Ok(entry) => Ok(Some((line, entry))),
            Err(reason) => Err(TranscriptError::Line {
                line,
                reason,
                found: beginning(&text),
            }),
        }
    }

    /// A line without its end; none where nothing is left. The last line of a run that was killed may be cut: it is left out.
    fn next_line(&mut self) -> Result<Option<String>, TranscriptError> {
        let mut bytes = Vec::new();
        let mut input = self.input.by_ref().take(LINE_LEN_MAX as u64);
        input
            .read_until(b'\n', &mut bytes)
            .map_err(|error| TranscriptError::Unreadable {
                reason: error.to_string(),
            })?;
        match bytes.pop() {
            None => return Ok(None),
            Some(b'\n') => {}
            Some(_) if bytes.len() + 1 == LINE_LEN_MAX => {
                return Err(TranscriptError::TooLong {
                    line: self.line + 1,
                });
            }
            Some(_) if self.line > 0 => return Ok(None),
            Some(byte) => bytes.push(byte),
        }
        self.line += 1;
        let line = self.line;
        String::from_utf8(bytes).map(Some).map_err(|error| {
            let found = String::from_utf8_lossy(error.as_bytes());
            TranscriptError::Line {
                line,
                reason: "is no text",
                found: beginning(&found),
            }
        })
    }
}

/// As much of a line as a message takes.
fn beginning(line: &str) -> String {
    line.trim()
        .chars()
        .take(60)
        .filter(|letter| !letter.is_control())
        .collect()
}
