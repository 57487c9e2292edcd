//! Firmware files: what is to be programmed, as addresses and bytes.
//!
//! The format is told by content, because names lie. All formats come out in one normal form, sorted, joined where
//! neighbours touch, so that the same firmware gives the same segments whatever file it came in.

mod elf;
mod error;
mod intel_hex;
mod lines;
mod segments;
mod srecord;
mod uf2;

pub use error::{PayloadError, Place, Problem};

use crate::limits::{ADDRESS_END, PAYLOAD_FILE_LEN_MAX};
use segments::Pieces;
use serde::Deserialize;

/// A firmware file, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// Sorted by address, not empty, neither touching nor overlapping.
    pub segments: Vec<Segment>,
    /// Where execution starts, in files that say so.
    pub entry: Option<u64>,
    /// What the file was.
    pub format: Format,
}

/// Bytes at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Of the first byte.
    pub address: u64,
    /// At least one byte.
    pub data: Vec<u8>,
}

impl Segment {
    /// First address past the end.
    pub fn end(&self) -> u64 {
        self.address + self.data.len() as u64
    }
}

/// The formats of firmware files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Executable and Linkable Format, 32-bit little-endian ARM.
    Elf,
    /// Intel hexadecimal object file, revision A of 1988.
    #[serde(rename = "hex")]
    IntelHex,
    /// Motorola S-record.
    #[serde(rename = "srec")]
    SRecord,
    /// USB flashing format of Microsoft.
    Uf2,
    /// Bytes without an address.
    Raw,
}

impl Format {
    /// The format that `bytes` announce themselves to be; `Raw` is what announces nothing.
    pub fn of(bytes: &[u8]) -> Format {
        let text = bytes.trim_ascii_start();
        match (bytes, text) {
            ([0x7F, b'E', b'L', b'F', ..], _) => Format::Elf,
            ([b'U', b'F', b'2', b'\n', ..], _) => Format::Uf2,
            (_, [b':', digit, ..]) if digit.is_ascii_hexdigit() => Format::IntelHex,
            (_, [b'S', b'0'..=b'9', digit, ..]) if digit.is_ascii_hexdigit() => Format::SRecord,
            _ => Format::Raw,
        }
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Format::Elf => "ELF",
            Format::IntelHex => "Intel HEX",
            Format::SRecord => "S-record",
            Format::Uf2 => "UF2",
            Format::Raw => "raw",
        }
    }
}

/// What the recipe says of a file beyond its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PayloadOptions {
    /// Where a raw file goes. An error with a format that carries addresses.
    pub address: Option<u64>,
    /// The format, where content cannot tell: a raw file that looks like another.
    pub format: Option<Format>,
}

impl Payload {
    /// Reads a firmware file. `name` is what errors call it.
    pub fn parse(
        name: &str,
        bytes: &[u8],
        options: PayloadOptions,
    ) -> Result<Payload, PayloadError> {
        let format = options.format.unwrap_or_else(|| Format::of(bytes));
        let at = |place, problem| PayloadError {
            file: name.into(),
            format,
            place,
            problem,
        };
        if bytes.len() as u64 > PAYLOAD_FILE_LEN_MAX {
            let problem = Problem::TooLarge {
                len: bytes.len() as u64,
                len_max: PAYLOAD_FILE_LEN_MAX,
            };
            return Err(at(Place::File, problem));
        }
        if bytes.is_empty() {
            return Err(at(Place::File, Problem::Empty));
        }
        if format != Format::Raw
            && let Some(address) = options.address
        {
            return Err(at(Place::File, Problem::AddressNotWanted { address }));
        }
        let read = match format {
            Format::Elf => elf::read(bytes),
            Format::IntelHex => intel_hex::read(bytes),
            Format::SRecord => srecord::read(bytes),
            Format::Uf2 => uf2::read(bytes),
            Format::Raw => read_raw(bytes, options.address),
        };
        let Contents { pieces, entry } = read.map_err(|(place, problem)| at(place, problem))?;
        let segments = pieces
            .into_segments()
            .map_err(|(place, problem)| at(place, problem))?;
        Ok(Payload {
            segments,
            entry,
            format,
        })
    }

    /// Number of bytes in all segments.
    pub fn len(&self) -> u64 {
        self.segments.iter().map(|it| it.data.len() as u64).sum()
    }

    /// Never: a payload has at least one byte.
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }
}

/// What a format's reader finds.
struct Contents {
    pieces: Pieces,
    entry: Option<u64>,
}

/// A mistake and where it is; the caller knows the file.
type Fault = (Place, Problem);

fn read_raw(bytes: &[u8], address: Option<u64>) -> Result<Contents, Fault> {
    let Some(address) = address else {
        return Err((Place::File, Problem::AddressMissing));
    };
    let mut pieces = Pieces::default();
    pieces.push(Place::File, address, bytes)?;
    Ok(Contents {
        pieces,
        entry: None,
    })
}

/// Whether `len` bytes fit at `address`.
fn fits(address: u64, len: u64) -> bool {
    address
        .checked_add(len)
        .is_some_and(|end| end <= ADDRESS_END)
}
