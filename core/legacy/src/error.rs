//! Why a file is not imported at all. What is wrong with one line is a finding instead.

use crate::limits::{
    FILE_COUNT_MAX, FILE_LEN_MAX, LINE_COUNT_MAX, LINE_LEN_MAX, PARAMETER_LEN_MAX,
    PARAMETER_NUMBER_MAX, SCRIPT_LEN_MAX,
};

/// A file that cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LegacyError {
    /// More text than is read.
    #[error("`{file}` has {len} bytes, at most {FILE_LEN_MAX} are read")]
    TooLarge {
        /// The file.
        file: String,
        /// Its length in bytes.
        len: usize,
    },
    /// More lines than are read.
    #[error("`{file}` has more than {LINE_COUNT_MAX} lines")]
    TooManyLines {
        /// The file.
        file: String,
    },
    /// A line that is longer than is read.
    #[error("`{file}`, line {line}: more than {LINE_LEN_MAX} bytes")]
    LineTooLong {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
    },
    /// A value for a placeholder that cannot be used.
    #[error("parameter `{found}`: {why}")]
    Parameter {
        /// What was given.
        found: String,
        /// What is wrong.
        why: &'static str,
    },
    /// More files than a recipe may have.
    #[error("`{file}` names more than {FILE_COUNT_MAX} files")]
    TooManyFiles {
        /// The file.
        file: String,
    },
    /// More statements than a script may have.
    #[error("`{file}` becomes a script of more than {SCRIPT_LEN_MAX} bytes")]
    ScriptTooLong {
        /// The file.
        file: String,
    },
    /// Nothing that is a command.
    #[error("`{file}` has no command")]
    NoCommand {
        /// The file.
        file: String,
    },
}

impl LegacyError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            LegacyError::TooLarge { .. } => "IMP-1150",
            LegacyError::TooManyLines { .. } => "IMP-1151",
            LegacyError::LineTooLong { .. } => "IMP-1152",
            LegacyError::Parameter { .. } => "IMP-1153",
            LegacyError::TooManyFiles { .. } => "IMP-1154",
            LegacyError::NoCommand { .. } => "IMP-1155",
            LegacyError::ScriptTooLong { .. } => "IMP-1156",
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            LegacyError::Parameter { .. } => format!(
                "write it as --param N=TEXT for `/PARAMN/` in the file: N from 0 to {PARAMETER_NUMBER_MAX}, TEXT of at \
                 most {PARAMETER_LEN_MAX} bytes"
            ),
            LegacyError::TooManyFiles { .. } | LegacyError::ScriptTooLong { .. } => {
                "import it in parts".into()
            }
            _ => "check that it is a script of commands such as CM, QO, PM".into(),
        })
    }
}
