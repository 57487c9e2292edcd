//! Why there are no such serial numbers.

use super::{CounterError, EncodingError};
use crate::nearest::nearest;
use ron::error::{Error, SpannedError};

/// A serial number definition that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SerialError {
    /// More text than a definition can have, or none at all.
    #[error("`{file}` is not UTF-8 text")]
    NotText {
        /// The file.
        file: String,
    },
    /// Not RON, or a value that a definition cannot have.
    #[error("{file}:{line}:{column}: {message}")]
    Invalid {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// A word that a definition does not know.
    #[error("{file}:{line}:{column}: unknown {what} `{found}`")]
    UnknownWord {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What it should have been: a field or a value.
        what: &'static str,
        /// The word.
        found: String,
        /// The words that would do.
        expected: &'static [&'static str],
    },
    /// A counter that cannot count.
    #[error("{file}: {error}")]
    Counter {
        /// The file.
        file: String,
        /// Why.
        error: CounterError,
    },
    /// A list that cannot be used.
    #[error("{file}{}: {message}", line.map(|line| format!(":{line}")).unwrap_or_default())]
    List {
        /// The CSV file.
        file: String,
        /// Line, from 1, where there is one.
        line: Option<u64>,
        /// What is wrong.
        message: String,
    },
    /// Values that do not fit the encoding.
    #[error("{message}")]
    Encoding {
        /// Which, and why.
        message: String,
    },
    /// Fewer values than one unit takes.
    #[error("`{file}` gives {count} values, but a unit takes {per_unit}")]
    TooFew {
        /// The file.
        file: String,
        /// Values there are.
        count: u64,
        /// Values a unit takes.
        per_unit: u32,
    },
}

impl SerialError {
    pub(super) fn at(file: &str, error: SpannedError) -> SerialError {
        let file = file.to_owned();
        let (line, column) = (error.span.start.line, error.span.start.col);
        let (what, expected, found) = match error.code {
            Error::NoSuchStructField {
                expected, found, ..
            } => ("field", expected, found),
            Error::NoSuchEnumVariant {
                expected, found, ..
            } => ("value", expected, found),
            code => {
                return SerialError::Invalid {
                    file,
                    line,
                    column,
                    message: code.to_string(),
                };
            }
        };
        SerialError::UnknownWord {
            file,
            line,
            column,
            what,
            found,
            expected,
        }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            SerialError::NotText { .. } => "IMP-1100",
            SerialError::Invalid { .. } => "IMP-1101",
            SerialError::UnknownWord { .. } => "IMP-1102",
            SerialError::Counter { .. } => "IMP-1103",
            SerialError::List { .. } => "IMP-1104",
            SerialError::Encoding { .. } => "IMP-1105",
            SerialError::TooFew { .. } => "IMP-1106",
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            SerialError::NotText { .. } => "save the definition as UTF-8".into(),
            SerialError::Invalid { .. } => "docs/recipe.md shows a whole definition".into(),
            SerialError::UnknownWord {
                found, expected, ..
            } => match nearest(found, expected.iter().copied()) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("known are: {}", expected.join(", ")),
            },
            SerialError::Counter { .. } => {
                "write `start` and `end` as the first and last value are to look".into()
            }
            SerialError::List { .. } => "correct the file: each unit takes its next line".into(),
            SerialError::Encoding { .. } => "choose an encoding that holds every value".into(),
            SerialError::TooFew { .. } => "lower `per_unit`, or give more values".into(),
        })
    }
}

impl From<EncodingError> for SerialError {
    fn from(error: EncodingError) -> Self {
        SerialError::Encoding {
            message: error.to_string(),
        }
    }
}
