//! Text that was checked: names, paths, values.

use crate::limits::{NAME_LEN_MAX, PATH_LEN_MAX, SETTING_LEN_MAX};
use serde::{Deserialize, Serialize};
use std::{borrow::Borrow, fmt};

/// A name: 1 to 64 ASCII letters, digits, `-`, `_`, `.`, the first a letter or digit. It fits in a file name, a label
/// and a script without quoting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// A path below the folder of the recipe: components of any characters but `/`, `\`, `:` and controls, joined by `/`;
/// none is empty, `.` or `..`; at most 255 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RelativePath(String);

/// The value of a setting: at most 4096 bytes of text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SettingValue(String);

/// Text that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TextError(String);

impl TextError {
    pub(crate) fn new(message: String) -> Self {
        TextError(message)
    }
}

impl TryFrom<String> for Name {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        let starts = text
            .bytes()
            .next()
            .is_some_and(|it| it.is_ascii_alphanumeric());
        let rest = text
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || b"-_.".contains(&it));
        if starts && rest && text.len() <= NAME_LEN_MAX {
            return Ok(Name(text));
        }
        Err(TextError(format!(
            "expected a name (1 to {NAME_LEN_MAX} letters, digits, `-`, `_`, `.`), found {text:?}"
        )))
    }
}

impl TryFrom<String> for RelativePath {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        let refuse = |why: &str| Err(TextError(format!("path {text:?}: {why}")));
        if text.is_empty() || text.len() > PATH_LEN_MAX {
            return refuse(&format!("expected 1 to {PATH_LEN_MAX} bytes"));
        }
        if text.starts_with('/') || text.contains(':') {
            return refuse("expected a path relative to the recipe");
        }
        if text.contains('\\') || text.contains(char::is_control) {
            return refuse("expected `/` between folders and no control characters");
        }
        if text
            .split('/')
            .any(|it| it.is_empty() || it == "." || it == "..")
        {
            return refuse("expected a path inside the recipe's folder, without `.` or `..`");
        }
        Ok(RelativePath(text))
    }
}

impl TryFrom<String> for SettingValue {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        if text.len() <= SETTING_LEN_MAX {
            return Ok(SettingValue(text));
        }
        let len = text.len();
        Err(TextError(format!(
            "expected at most {SETTING_LEN_MAX} bytes, found {len}"
        )))
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

macro_rules! plain_text {
    ($($name:ident),*) => {$(
        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> String {
                text.0
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                encoder: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                encoder.str(&self.0)?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(
                decoder: &mut minicbor::Decoder<'b>,
                _: &mut C,
            ) -> Result<Self, minicbor::decode::Error> {
                Self::try_from(decoder.str()?.to_owned()).map_err(minicbor::decode::Error::message)
            }
        }
    )*};
}

plain_text!(Name, RelativePath, SettingValue);
