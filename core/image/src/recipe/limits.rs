//! How long a run may take.

use crate::limits::{SCRIPT_TIME_MAX_MS, UNIT_TIME_MAX_MS};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Deserializer, de::Error};

/// Bounds of one run. They are in the signed part of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Encode, Decode)]
#[serde(deny_unknown_fields, default)]
#[cbor(map)]
pub struct Limits {
    /// Longest time of one unit, from connect to end, in milliseconds: 1 to a day; 60 s unless given.
    #[n(1)]
    #[serde(deserialize_with = "unit_time")]
    pub unit_time_ms: u64,
    /// Longest time of the script itself, without what it calls, in milliseconds: 1 to an hour; 5 s unless given.
    #[n(2)]
    #[serde(deserialize_with = "script_time")]
    pub script_time_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            unit_time_ms: 60_000,
            script_time_ms: 5_000,
        }
    }
}

impl Limits {
    /// Whether both are in their ranges.
    pub(crate) fn are_valid(&self) -> bool {
        (1..=UNIT_TIME_MAX_MS).contains(&self.unit_time_ms)
            && (1..=SCRIPT_TIME_MAX_MS).contains(&self.script_time_ms)
    }
}

fn unit_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    within(u64::deserialize(deserializer)?, UNIT_TIME_MAX_MS)
}

fn script_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    within(u64::deserialize(deserializer)?, SCRIPT_TIME_MAX_MS)
}

fn within<E: Error>(value: u64, max: u64) -> Result<u64, E> {
    if (1..=max).contains(&value) {
        Ok(value)
    } else {
        Err(E::custom(format!(
            "expected 1 to {max} ms, found {value} ms"
        )))
    }
}
