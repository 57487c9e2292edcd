//! Policies: the restrictions of an image as a person writes them, in RON.
//!
//! ```ron
//! (
//!     not_before: "2026-11-01", not_after: "2026-12-31T23:59:59Z",
//!     units: 1000, attempts: 1100, failures: 50,
//!     stations: ["station-a.pub", "<64 digits of a key id>"],
//!     device_revision_min: 2,
//! )
//! ```
//!
//! Every value is checked while it is read, so that an error has its place in the file. The file of a station's public key
//! is sought from the policy's folder.

use super::{Date, Restrictions};
use crate::{
    keys::{KeyError, KeyFile, KeyId, StationPublic},
    limits::{POLICY_LEN_MAX, RESTRICTED_STATION_COUNT_MAX},
    nearest::nearest,
};
use ron::{
    error::{Error, SpannedError},
    extensions::Extensions,
};
use serde::{Deserialize, Deserializer, de::Error as _};
use std::{io::Read, num::NonZeroU64, path::Path};

/// A policy. Whatever is absent does not restrict, but something must be there.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// First second of use.
    #[serde(default, deserialize_with = "first_second")]
    pub not_before: Option<Date>,
    /// Last second of use.
    #[serde(default, deserialize_with = "last_second")]
    pub not_after: Option<Date>,
    /// Most units that may pass.
    #[serde(default)]
    pub units: Option<NonZeroU64>,
    /// Most units that may be begun.
    #[serde(default)]
    pub attempts: Option<NonZeroU64>,
    /// Most units that may fail.
    #[serde(default)]
    pub failures: Option<NonZeroU64>,
    /// The only stations that may use the image.
    #[serde(default, deserialize_with = "stations")]
    pub stations: Vec<StationName>,
    /// Least revision of the device.
    #[serde(default)]
    pub device_revision_min: Option<u32>,
}

/// How a policy names a station.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StationName {
    /// By the id of its key.
    Id(KeyId),
    /// By the file of its public key.
    File(String),
}

impl Policy {
    /// Reads a policy. `file` is what errors call it.
    pub fn parse(file: &str, text: &str) -> Result<Policy, PolicyError> {
        if text.len() > POLICY_LEN_MAX {
            return Err(PolicyError::TooLarge {
                file: file.into(),
                len_max: POLICY_LEN_MAX,
            });
        }
        // So that `units: 1000` needs no `Some`.
        ron::Options::default()
            .with_default_extension(Extensions::IMPLICIT_SOME)
            .from_str(text)
            .map_err(|error| PolicyError::at(file, error))
    }

    /// Reads a policy and the files of the stations it names.
    pub fn load(path: &Path) -> Result<Restrictions, PolicyError> {
        let file = path.display().to_string();
        let mut text = String::new();
        let read = std::fs::File::open(path).and_then(|file| {
            file.take(POLICY_LEN_MAX as u64 + 1)
                .read_to_string(&mut text)
        });
        if let Err(error) = read {
            let message = error.to_string();
            return Err(PolicyError::Io { file, message });
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        Policy::parse(&file, &text)?.restrictions(&file, |name| {
            StationPublic::load(&folder.join(name)).map(|station| station.id())
        })
    }

    /// The restrictions it means. `station` gives the key id in a file that the policy names; `file` is what errors call
    /// the policy.
    pub fn restrictions(
        &self,
        file: &str,
        mut station: impl FnMut(&str) -> Result<KeyId, KeyError>,
    ) -> Result<Restrictions, PolicyError> {
        let mut restrictions = Restrictions {
            not_before_s: self.not_before.map(|date| date.0),
            not_after_s: self.not_after.map(|date| date.0),
            units: self.units,
            attempts: self.attempts,
            failures: self.failures,
            device_revision_min: self.device_revision_min,
            ..Restrictions::default()
        };
        let refuse = |message: String| PolicyError::Meaning {
            file: file.into(),
            message,
        };
        for name in &self.stations {
            let id = match name {
                StationName::Id(id) => *id,
                StationName::File(name) => station(name).map_err(|error| PolicyError::Station {
                    file: file.into(),
                    station: name.clone(),
                    error,
                })?,
            };
            if !restrictions.stations.insert(id) {
                return Err(refuse(format!("the station {id} is there twice")));
            }
        }
        if restrictions.is_empty() {
            return Err(refuse("it restricts nothing".into()));
        }
        restrictions.check().map_err(refuse)?;
        Ok(restrictions)
    }
}

fn first_second<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Date>, D::Error> {
    date(from, Date::first_second)
}

fn last_second<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Date>, D::Error> {
    date(from, Date::last_second)
}

fn date<'de, D: Deserializer<'de>>(
    from: D,
    read: fn(&str) -> Option<Date>,
) -> Result<Option<Date>, D::Error> {
    let Some(text) = Option::<String>::deserialize(from)? else {
        return Ok(None);
    };
    let expected = "expected a date like 2026-12-31 or 2026-12-31T23:59:59Z";
    match read(&text) {
        Some(date) => Ok(Some(date)),
        None => Err(D::Error::custom(format!("{expected}, found {text:?}"))),
    }
}

fn stations<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<StationName>, D::Error> {
    let names = Vec::<String>::deserialize(from)?;
    let count = names.len();
    if !(1..=RESTRICTED_STATION_COUNT_MAX).contains(&count) {
        return Err(D::Error::custom(format!(
            "expected 1 to {RESTRICTED_STATION_COUNT_MAX} stations, found {count}"
        )));
    }
    let named = |name: String| match KeyId::from_hex(&name) {
        Some(id) => StationName::Id(id),
        None => StationName::File(name),
    };
    Ok(names.into_iter().map(named).collect())
}

/// A policy that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// More text than a policy can have.
    #[error("policy `{file}` has more than {len_max} bytes")]
    TooLarge {
        /// The file.
        file: String,
        /// The limit in bytes.
        len_max: usize,
    },
    /// Not RON, or a value that a policy cannot have.
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
    /// A word that a policy does not know.
    #[error("{file}:{line}:{column}: unknown field `{found}`")]
    UnknownWord {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// The word.
        found: String,
        /// The words that would do.
        expected: &'static [&'static str],
    },
    /// Values that contradict each other, or say nothing.
    #[error("policy `{file}`: {message}")]
    Meaning {
        /// The file.
        file: String,
        /// What is wrong.
        message: String,
    },
    /// A station whose key cannot be used.
    #[error("policy `{file}`: the key of the station `{station}`: {error}")]
    Station {
        /// The file.
        file: String,
        /// As the policy names it.
        station: String,
        /// Why.
        error: KeyError,
    },
    /// The system refuses.
    #[error("policy `{file}` cannot be read: {message}")]
    Io {
        /// The file.
        file: String,
        /// What the system says.
        message: String,
    },
}

impl PolicyError {
    fn at(file: &str, error: SpannedError) -> PolicyError {
        let file = file.to_owned();
        let (line, column) = (error.span.start.line, error.span.start.col);
        match error.code {
            Error::NoSuchStructField {
                expected, found, ..
            } => PolicyError::UnknownWord {
                file,
                line,
                column,
                found,
                expected,
            },
            code => PolicyError::Invalid {
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
            PolicyError::TooLarge { .. } => "IMP-2130",
            PolicyError::Invalid { .. } => "IMP-2131",
            PolicyError::UnknownWord { .. } => "IMP-2132",
            PolicyError::Meaning { .. } => "IMP-2133",
            PolicyError::Station { .. } => "IMP-2134",
            PolicyError::Io { .. } => "IMP-2135",
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            PolicyError::TooLarge { .. } => {
                "restrict by grants what the policy cannot list: imprint grant".into()
            }
            PolicyError::Invalid { .. } => {
                "write it like (not_after: \"2026-12-31\", units: 1000)".into()
            }
            PolicyError::UnknownWord {
                found, expected, ..
            } => match nearest(found, expected.iter().copied()) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("known are: {}", expected.join(", ")),
            },
            PolicyError::Meaning { .. } => "correct the policy, or seal without one".into(),
            PolicyError::Station { error, .. } => return error.help(),
            PolicyError::Io { .. } => "check the path and the permissions".into(),
        })
    }
}
