//! What can be wrong with a firmware file, and where.

use super::Format;
use std::fmt;

/// A firmware file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("payload file `{file}`{place}: {problem}")]
pub struct PayloadError {
    /// The file.
    pub file: String,
    /// What it was read as.
    pub format: Format,
    /// Where in it.
    pub place: Place,
    /// What is wrong.
    pub problem: Problem,
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The file as a whole.
    File,
    /// Line and column, from 1.
    Text {
        /// Line.
        line: usize,
        /// Column.
        column: usize,
    },
    /// Offset in bytes.
    Offset(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File => Ok(()),
            Place::Text { line, column } => write!(f, ", line {line}, column {column}"),
            Place::Offset(offset) => write!(f, ", offset {offset:#x}"),
        }
    }
}

/// What is wrong with a firmware file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// No byte in the file, or none to program.
    #[error("there is nothing to program in it")]
    Empty,
    /// Beyond the limit.
    #[error("it has {len} bytes, at most {len_max} are read")]
    TooLarge {
        /// Found, in bytes.
        len: u64,
        /// Limit, in bytes.
        len_max: u64,
    },
    /// A raw file needs one.
    #[error(
        "its content is none of ELF, Intel HEX, S-record, UF2, and a raw file needs an address"
    )]
    AddressMissing,
    /// The file has its own.
    #[error("the recipe gives the address {address:#010x}, but the file carries its own addresses")]
    AddressNotWanted {
        /// Of the recipe.
        address: u64,
    },
    /// The file ends too early.
    #[error("the file is cut short: expected {expected}, found {found}")]
    Truncated {
        /// What should be there.
        expected: String,
        /// What is.
        found: String,
    },
    /// A checksum that does not hold.
    #[error("checksum: expected {expected:#04x}, found {found:#04x}")]
    Checksum {
        /// Computed from the content.
        expected: u8,
        /// Written in the file.
        found: u8,
    },
    /// Not what the format asks for.
    #[error("expected {expected}, found {found}")]
    Unexpected {
        /// What the format asks for.
        expected: String,
        /// What is there.
        found: String,
    },
    /// Made for another kind of processor, or a variant that is not programmed.
    #[error("expected a 32-bit little-endian ARM file, found {found}")]
    WrongMachine {
        /// What it is made for.
        found: String,
    },
    /// Two different places of the file give the same address.
    #[error("{address:#010x} is given more than once")]
    Overlap {
        /// First address given twice.
        address: u64,
    },
    /// Past the end of the address space.
    #[error("{len} bytes at {address:#010x} do not fit in a 32-bit address space")]
    AddressRange {
        /// First address.
        address: u64,
        /// Bytes there.
        len: u64,
    },
    /// Scattered beyond reason.
    #[error("more than {count_max} separate pieces")]
    TooManyPieces {
        /// The limit.
        count_max: usize,
    },
}

impl Problem {
    /// `Unexpected`, from anything that prints.
    pub(super) fn unexpected(expected: impl fmt::Display, found: impl fmt::Display) -> Problem {
        Problem::Unexpected {
            expected: expected.to_string(),
            found: found.to_string(),
        }
    }

    /// `Truncated`, from anything that prints.
    pub(super) fn truncated(expected: impl fmt::Display, found: impl fmt::Display) -> Problem {
        Problem::Truncated {
            expected: expected.to_string(),
            found: found.to_string(),
        }
    }
}

impl PayloadError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self.problem {
            Problem::Empty => "IMP-1001",
            Problem::TooLarge { .. } => "IMP-1002",
            Problem::AddressMissing => "IMP-1003",
            Problem::AddressNotWanted { .. } => "IMP-1004",
            Problem::Truncated { .. } => "IMP-1005",
            Problem::Checksum { .. } => "IMP-1006",
            Problem::Unexpected { .. } => "IMP-1007",
            Problem::WrongMachine { .. } => "IMP-1008",
            Problem::Overlap { .. } => "IMP-1009",
            Problem::AddressRange { .. } => "IMP-1010",
            Problem::TooManyPieces { .. } => "IMP-1011",
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        let format = self.format.name();
        Some(match self.problem {
            Problem::Empty => {
                "check that the build wrote the file; a payload needs at least one byte".into()
            }
            Problem::TooLarge { .. } => "split the file, or convert it to a binary format".into(),
            Problem::AddressMissing => {
                "say where it goes: Payload(file: \"..\", address: 0x1000)".into()
            }
            Problem::AddressNotWanted { .. } => {
                format!("it reads as {format}: remove `address`, or say `format: raw` if it is not")
            }
            Problem::Truncated { .. } => "copy or build the file again".into(),
            Problem::Checksum { .. } | Problem::Unexpected { .. } => format!(
                "the file was read as {format} and is damaged; build it again, or name its `format`"
            ),
            Problem::WrongMachine { .. } => "give the firmware built for the target's core".into(),
            Problem::Overlap { .. } => "check the linker script: sections overlap".into(),
            Problem::AddressRange { .. } => "check the address".into(),
            Problem::TooManyPieces { .. } => "convert the file to a raw one".into(),
        })
    }
}
