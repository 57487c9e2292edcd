//! The recipe: what a person writes, in RON.
//!
//! Every value is checked while it is read, so that an error has its place in the file. A `Recipe` that exists is sound
//! in itself; whether its files and its device fit is found when the object is built.

mod check;
mod data;
mod date;
mod error;
mod limits;
mod link;
mod right;
mod run_test;
mod sources;
mod text;
mod unique;

pub use data::{DataEncoding, DataSource, DataWindow, OnFail, SerialPlacement, UidTransform};
pub use date::DateFormat;
pub use error::RecipeError;
pub use limits::Limits;
pub use link::{Connect, Link, Power, PowerAfter, Protocol, Reset};
pub use right::Right;
pub use run_test::{RunTest, TestMemory, TestReport};
pub use sources::{FolderSources, MemorySources, SourceError, Sources};
pub use text::{Name, RelativePath, SettingValue, TextError};

pub(crate) use data::defect as window_defect;

use crate::{
    barcode::BarcodeRules,
    limits::{RECIPE_LEN_MAX, TEST_COUNT_MAX},
    nearest::nearest,
    payload::Format,
    ron_text,
};
use serde::{Deserialize, Deserializer};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// A recipe.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// What the image is called.
    pub name: Name,
    /// Part number of the target, as in a device file.
    pub device: String,
    /// The script.
    pub script: RelativePath,
    /// Modules that the script may import, by the path it imports them with.
    #[serde(default, deserialize_with = "unique::set")]
    pub modules: BTreeSet<RelativePath>,
    /// Firmware files, by the name the script uses.
    #[serde(default, deserialize_with = "unique::map")]
    pub payloads: BTreeMap<Name, PayloadSource>,
    /// What the script may do to a target beyond the ordinary.
    #[serde(default, deserialize_with = "unique::set")]
    pub rights: BTreeSet<Right>,
    /// Values for the script, by name; `set` replaces them.
    #[serde(default, deserialize_with = "unique::map")]
    pub settings: BTreeMap<Name, SettingValue>,
    /// How long a unit and its script may take.
    #[serde(default)]
    pub limits: Limits,
    /// How the target is reached.
    #[serde(default)]
    pub link: Option<Link>,
    /// How it is fed.
    #[serde(default)]
    pub power: Option<Power>,
    /// Serial numbers, by the name the script uses.
    #[serde(default, deserialize_with = "unique::map")]
    pub serials: BTreeMap<Name, SerialPlacement>,
    /// Data that differs from unit to unit, by the name the script uses.
    #[serde(default, deserialize_with = "unique::map")]
    pub data: BTreeMap<Name, DataWindow>,
    /// Which scanned text selects the image.
    #[serde(default)]
    pub barcode: Option<BarcodeRules>,
    /// Run tests, in the order they run.
    #[serde(default, deserialize_with = "tests")]
    pub tests: Vec<RunTest>,
    /// SHA-256 of the text it was read from.
    #[serde(skip)]
    pub sha256: [u8; 32],
}

/// Where a payload comes from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename = "Payload")]
pub struct PayloadSource {
    /// The firmware file.
    pub file: RelativePath,
    /// Where it goes, for a file that does not say so itself.
    #[serde(default)]
    pub address: Option<u64>,
    /// Its format, where its content is misleading.
    #[serde(default)]
    pub format: Option<Format>,
    /// Whether it may lie over other payloads.
    #[serde(default)]
    pub window: bool,
    /// Whether it may be programmed only after all tests have passed.
    #[serde(default)]
    pub after_tests: bool,
}

impl Recipe {
    /// Reads a recipe. `file` is what errors call it.
    pub fn parse(file: &str, text: &str) -> Result<Recipe, RecipeError> {
        if text.len() > RECIPE_LEN_MAX {
            return Err(RecipeError::TooLarge {
                file: file.into(),
                len: text.len(),
                len_max: RECIPE_LEN_MAX,
            });
        }
        let mut recipe: Recipe =
            ron_text::read(text).map_err(|error| RecipeError::at(file, error))?;
        check::check(file, text, &recipe)?;
        recipe.sha256 = Sha256::digest(text).into();
        Ok(recipe)
    }

    /// Replaces a setting, given as `NAME=VALUE`. Only a setting that the recipe has can be replaced: a misspelt name
    /// must not go unnoticed into production.
    pub fn set(&mut self, assignment: &str) -> Result<(), RecipeError> {
        let Some((name, value)) = assignment.split_once('=') else {
            return Err(RecipeError::Assignment {
                found: assignment.into(),
                message: "expected NAME=VALUE".into(),
            });
        };
        let near = nearest(name, self.settings.keys().map(Name::as_str)).map(String::from);
        let Some(setting) = self.settings.get_mut(name) else {
            return Err(RecipeError::UnknownSetting {
                name: name.into(),
                nearest: near,
            });
        };
        *setting =
            SettingValue::try_from(value.to_owned()).map_err(|error| RecipeError::Assignment {
                found: assignment.into(),
                message: error.to_string(),
            })?;
        Ok(())
    }
}

fn tests<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<RunTest>, D::Error> {
    let tests = Vec::<RunTest>::deserialize(deserializer)?;
    if tests.len() <= TEST_COUNT_MAX {
        return Ok(tests);
    }
    let found = tests.len();
    Err(serde::de::Error::custom(format!(
        "expected at most {TEST_COUNT_MAX} tests, found {found}"
    )))
}
