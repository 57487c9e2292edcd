//! What is handed in for one unit: values, a scanned text, the name of the station, the time.
//!
//! The engine reads no clock and no environment, so whoever runs a unit says all of it. What an image will ask for can be
//! known before: then a person is asked while the target is still as it was.

use crate::{
    report::Failure,
    script::{Program, ScriptSources},
};
use imprint_image::{container::OpenImage, recipe::DataSource, serial::Values};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read, Seek},
};

/// What a unit is given beside its image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Inputs {
    /// Values by name: of data windows whose source is `value`, of supplied serial numbers, and what else the script asks for.
    pub values: BTreeMap<String, String>,
    /// The scanned text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub barcode: Option<String>,
    /// What the station is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub station_name: Option<String>,
    /// The time of the run, in seconds since 1970-01-01 UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_s: Option<u64>,
}

/// One thing that an image asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Input {
    /// The scanned text.
    Barcode,
    /// What the station is called.
    StationName,
    /// The value of this name.
    Value(String),
}

impl Inputs {
    /// What an image asks for and is not here: for its rules of scanned texts, its serial numbers, its data, and where its
    /// script names it in so many words. The script may ask for less, where it takes another branch.
    ///
    /// # Errors
    /// An image that cannot be read, or a script that cannot be compiled.
    pub fn missing<R: Read + Seek>(&self, image: &mut OpenImage<R>) -> Result<Vec<Input>, Failure> {
        let mut asked = BTreeSet::new();
        let contents = image.object();
        if contents.barcode.is_some() {
            asked.insert(Input::Barcode);
        }
        for (name, serial) in &contents.serials {
            if let Values::Supplied(_) = serial.definition.values {
                asked.insert(Input::Value(name.to_string()));
            }
        }
        for (name, data) in &contents.data {
            match data.source {
                DataSource::Value => asked.insert(Input::Value(name.to_string())),
                DataSource::Barcode => asked.insert(Input::Barcode),
                DataSource::Station => asked.insert(Input::StationName),
                _ => false,
            };
        }
        asked.extend(Program::compile(ScriptSources::of(image)?)?.inputs());
        asked.retain(|input| !self.has(input));
        Ok(asked.into_iter().collect())
    }

    /// Hands one thing in.
    pub fn give(&mut self, input: &Input, text: String) {
        match input {
            Input::Barcode => self.barcode = Some(text),
            Input::StationName => self.station_name = Some(text),
            Input::Value(name) => {
                self.values.insert(name.clone(), text);
            }
        }
    }

    fn has(&self, input: &Input) -> bool {
        match input {
            Input::Barcode => self.barcode.is_some(),
            Input::StationName => self.station_name.is_some(),
            Input::Value(name) => self.values.contains_key(name),
        }
    }
}
