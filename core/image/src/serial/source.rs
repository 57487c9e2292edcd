//! A serial number definition as a person writes it: `*.serial.ron`.

use super::{Counter, Definition, Direction, Fastest, List, Positions, SerialError, Values};
use crate::{
    limits::PER_UNIT_MAX,
    recipe::{Name, RelativePath},
    ron_text,
};
use serde::{Deserialize, Deserializer, de::Error};

/// What a definition file says. Several recipes may refer to one file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename = "Serial")]
pub struct DefinitionSource {
    /// What the counter is called: images that name the same draw from one counter.
    pub id: Name,
    /// What its values are.
    pub values: ValuesSource,
    /// How many values one unit takes, 1 to 64.
    #[serde(default = "one", deserialize_with = "per_unit")]
    pub per_unit: u32,
}

/// Where values come from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ValuesSource {
    /// Counted.
    Counter {
        /// What a value is made of.
        positions: Positions,
        /// Text of the first value; the lowest, or the highest counting down.
        #[serde(default)]
        start: Option<String>,
        /// Text that no value goes past; the highest, or the lowest counting down.
        #[serde(default)]
        end: Option<String>,
        /// From one value to the next, 1 to 2^32 - 1.
        #[serde(default = "one")]
        step: u32,
        /// Which way it counts.
        #[serde(default)]
        direction: Direction,
        /// Which end moves with every value.
        #[serde(default)]
        fastest: Fastest,
    },
    /// From a file.
    List {
        /// The CSV file, from the folder of the recipe.
        file: RelativePath,
        /// Which column, from 0.
        #[serde(default)]
        column: usize,
        /// Whether its first line has names.
        #[serde(default)]
        header: bool,
    },
    /// Given for each unit.
    Supplied {
        /// What a value must look like.
        positions: Positions,
    },
}

impl DefinitionSource {
    /// Reads a definition. `file` is what errors call it.
    pub fn parse(file: &str, text: &str) -> Result<DefinitionSource, SerialError> {
        let source: DefinitionSource =
            ron_text::read(text).map_err(|error| SerialError::at(file, error))?;
        if source.per_unit > 1 && matches!(source.values, ValuesSource::Supplied { .. }) {
            return Err(SerialError::Invalid {
                file: file.into(),
                line: 1,
                column: 1,
                message: "one value is supplied a unit, so `per_unit` must be 1".into(),
            });
        }
        Ok(source)
    }

    /// The definition that goes into an object. `list` is the list it names.
    pub fn freeze(self, file: &str, list: Option<&List>) -> Result<Definition, SerialError> {
        let values = match self.values {
            ValuesSource::Counter {
                positions,
                start,
                end,
                step,
                direction,
                fastest,
            } => Counter::new(positions, start, end, step, direction, fastest)
                .map(Values::Counter)
                .map_err(|error| SerialError::Counter {
                    file: file.into(),
                    error,
                })?,
            ValuesSource::List { .. } => Values::List {
                count: list.map_or(0, |list| list.values().len() as u64),
                sha256: list.map(List::sha256).unwrap_or_default(),
            },
            ValuesSource::Supplied { positions } => Values::Supplied(positions),
        };
        let definition = Definition {
            id: self.id,
            values,
            per_unit: self.per_unit,
        };
        match definition.count() {
            Some(count) if count < u64::from(self.per_unit) => Err(SerialError::TooFew {
                file: file.into(),
                count,
                per_unit: self.per_unit,
            }),
            _ => Ok(definition),
        }
    }
}

fn one() -> u32 {
    1
}

fn per_unit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let count = u32::deserialize(deserializer)?;
    if (1..=PER_UNIT_MAX).contains(&count) {
        return Ok(count);
    }
    Err(D::Error::custom(format!(
        "expected 1 to {PER_UNIT_MAX} values a unit, found {count}"
    )))
}
