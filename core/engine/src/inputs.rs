//! What is handed in for one unit: values, a scanned text, the name of the station, the time.
//!
//! The engine reads no clock and no environment, so whoever runs a unit says all of it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
