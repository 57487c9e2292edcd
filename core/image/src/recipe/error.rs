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
    /// An entry that names another one which is not there.
    #[error("{file}:{line}:{column}: {entry}: there is no {what} `{name}`")]
    UnknownReference {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// The entry.
        entry: String,
        /// What it names.
        what: &'static str,
        /// The name.
        name: String,
        /// The most similar one.
        nearest: Option<String>,
    },
    /// A serial number or a window for data that cannot be.
    #[error("{file}:{line}:{column}: {entry}: {message}")]
    Window {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// The entry.
        entry: String,
        /// What is wrong.
        message: String,
    },
    /// One name for two things that a value can be given for.
    #[error("{file}:{line}:{column}: `{name}` is both a serial number and data")]
    NameTwice {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// The name.
        name: String,
    },
    /// Rules for barcodes that contradict themselves.
    #[error("{file}:{line}:{column}: barcode: {message}")]
    Barcode {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// A payload that waits for tests that are not there.
    #[error(
        "{file}:{line}:{column}: payload `{payload}` is for after the tests, and there is none"
    )]
    NoTests {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// The payload.
        payload: String,
    },
    /// Two tests of one name.
    #[error("{file}:{line}:{column}: there are two tests `{name}`")]
    TestTwice {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// The name.
        name: String,
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

    /// File, line and column of the mistake, where it is in the text.
    pub fn place(&self) -> Option<(String, usize, usize)> {
        match self {
            RecipeError::Invalid {
                file, line, column, ..
            }
            | RecipeError::UnknownWord {
                file, line, column, ..
            }
            | RecipeError::UnknownReference {
                file, line, column, ..
            }
            | RecipeError::Window {
                file, line, column, ..
            }
            | RecipeError::NameTwice {
                file, line, column, ..
            }
            | RecipeError::Barcode {
                file, line, column, ..
            }
            | RecipeError::NoTests {
                file, line, column, ..
            }
            | RecipeError::TestTwice {
                file, line, column, ..
            } => Some((file.clone(), *line, *column)),
            RecipeError::TooLarge { .. }
            | RecipeError::UnknownSetting { .. }
            | RecipeError::Assignment { .. } => None,
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
            RecipeError::UnknownReference { .. } => "IMP-1112",
            RecipeError::Window { .. } => "IMP-1113",
            RecipeError::NameTwice { .. } => "IMP-1114",
            RecipeError::Barcode { .. } => "IMP-1120",
            RecipeError::NoTests { .. } => "IMP-1130",
            RecipeError::TestTwice { .. } => "IMP-1131",
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
            RecipeError::UnknownReference { what, nearest, .. } => Some(match nearest {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("add it to `{what}s` of the recipe first"),
            }),
            RecipeError::Window { .. } => {
                Some("docs/recipe.md says what goes with each source and encoding".into())
            }
            RecipeError::NameTwice { .. } => {
                Some("--value could mean either; rename one of them".into())
            }
            RecipeError::Barcode { .. } => Some("count characters from 0".into()),
            RecipeError::NoTests { .. } => Some("add `tests`, or take `after_tests` away".into()),
            RecipeError::TestTwice { .. } => Some("scripts name a test; rename one".into()),
        }
    }
}
