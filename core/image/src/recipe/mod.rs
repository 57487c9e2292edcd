//! The recipe: what a person writes, in RON.
//!
//! Every value is checked while it is read, so that an error has its place in the file. A `Recipe` that exists is sound
//! in itself; whether its files and its device fit is found when the object is built.

mod error;
mod limits;
mod right;
mod sources;
mod text;
mod unique;

pub use error::RecipeError;
pub use limits::Limits;
pub use right::Right;
pub use sources::{FolderSources, MemorySources, SourceError, Sources};
pub use text::{Name, RelativePath, SettingValue};

use crate::{limits::RECIPE_LEN_MAX, nearest::nearest, payload::Format};
use ron::extensions::Extensions;
use serde::Deserialize;
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
        // So that `address: 0x1000` needs no `Some`.
        ron::Options::default()
            .with_default_extension(Extensions::IMPLICIT_SOME)
            .from_str(text)
            .map_err(|error| RecipeError::at(file, error))
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
