//! What can be wrong with a recipe, and where.

use crate::nearest::nearest;
use ron::error::{Error, SpannedError};

/// A recipe that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecipeError {
    /// More text than a recipe can have.
    #[error("recipe `{file}` has {len} bytes, at most {len_max} are read")]
    TooLarge {
        /// The file.
        file: String,
        /// Its length in bytes.
        len: usize,
        /// The limit in bytes.
        len_max: usize,
    },
    /// Not RON, or a value that a recipe cannot have.
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
    /// A word that a recipe does not know.
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
    /// A setting on the command line that is not in the recipe.
    #[error("the recipe has no setting `{name}`")]
    UnknownSetting {
        /// The name.
        name: String,
        /// The most similar setting.
        nearest: Option<String>,
    },
    /// A setting on the command line that cannot be read.
    #[error("setting `{found}`: {message}")]
    Assignment {
        /// What was given.
        found: String,
        /// What is wrong.
        message: String,
    },
}

impl RecipeError {
    pub(super) fn at(file: &str, error: SpannedError) -> RecipeError {
        let file = file.to_owned();
        let (line, column) = (error.span.start.line, error.span.start.col);
        match error.code {
            Error::NoSuchStructField {
                expected, found, ..
            } => RecipeError::UnknownWord {
                file,
                line,
                column,
                what: "field",
                found,
                expected,
            },
            Error::NoSuchEnumVariant {
                expected, found, ..
            } => RecipeError::UnknownWord {
                file,
                line,
                column,
                what: "value",
                found,
                expected,
            },
            code => RecipeError::Invalid {
                file,
                line,
                column,
                message: code.to_string(),
            },
        }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            RecipeError::TooLarge { .. } => "IMP-1020",
            RecipeError::Invalid { .. } => "IMP-1021",
            RecipeError::UnknownWord { .. } => "IMP-1022",
            RecipeError::UnknownSetting { .. } => "IMP-1023",
            RecipeError::Assignment { .. } => "IMP-1024",
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        match self {
            RecipeError::TooLarge { .. } => Some("data belongs in payload files".into()),
            RecipeError::Invalid { .. } => {
                Some("the README of `imprint new` shows a whole recipe".into())
            }
            RecipeError::UnknownWord {
                found, expected, ..
            } => Some(match nearest(found, expected.iter().copied()) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("known are: {}", expected.join(", ")),
            }),
            RecipeError::UnknownSetting { nearest, .. } => Some(match nearest {
                Some(name) => format!("did you mean `{name}`?"),
                None => "add it to `settings` of the recipe first".into(),
            }),
            RecipeError::Assignment { .. } => Some("write it as --set NAME=VALUE".into()),
        }
    }
}
