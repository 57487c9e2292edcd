//! Run tests: code that runs on the target before the final firmware goes there.

use super::Name;
use crate::limits::{TEST_ARG_COUNT_MAX, UNIT_TIME_MAX_MS};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Deserializer, de::Error};

/// One run test.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Encode, Decode)]
#[serde(deny_unknown_fields, rename = "Test")]
#[cbor(map)]
pub struct RunTest {
    /// What the script and `result(...)` call it.
    #[n(1)]
    pub name: Name,
    /// The payload with its code.
    #[n(2)]
    pub payload: Name,
    /// Arguments, at most four.
    #[n(3)]
    #[serde(default, deserialize_with = "args")]
    #[cbor(skip_if = "Vec::is_empty")]
    pub args: Vec<u32>,
    /// Longest time, in milliseconds, 1 to a day; 5 s unless given.
    #[n(4)]
    #[serde(default = "timeout_unless_given", deserialize_with = "timeout")]
    pub timeout_ms: u32,
    /// How it says what came of it.
    #[n(5)]
    #[serde(default)]
    pub via: TestReport,
    /// Where it runs.
    #[n(6)]
    #[serde(default)]
    pub load: TestMemory,
}

/// How a run test says what came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[cbor(flat)]
pub enum TestReport {
    /// By semihosting: exit code and printed lines.
    #[default]
    #[n(0)]
    Semihosting,
    /// In RAM.
    #[n(1)]
    Mailbox {
        /// First byte of the mailbox.
        #[n(0)]
        address: u64,
    },
}

/// Where a run test runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum TestMemory {
    /// It is loaded into RAM.
    #[default]
    #[n(0)]
    Ram,
    /// It is programmed.
    #[n(1)]
    Flash,
}

impl RunTest {
    /// Whether all is in its range: what a decoder must ask.
    pub(crate) fn is_sound(&self) -> bool {
        self.args.len() <= TEST_ARG_COUNT_MAX
            && (1..=UNIT_TIME_MAX_MS).contains(&u64::from(self.timeout_ms))
    }
}

fn args<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u32>, D::Error> {
    let args = Vec::<u32>::deserialize(deserializer)?;
    if args.len() <= TEST_ARG_COUNT_MAX {
        return Ok(args);
    }
    Err(D::Error::custom(format!(
        "expected at most {TEST_ARG_COUNT_MAX} arguments, found {}",
        args.len()
    )))
}

fn timeout<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let found = u32::deserialize(deserializer)?;
    if (1..=UNIT_TIME_MAX_MS).contains(&u64::from(found)) {
        return Ok(found);
    }
    Err(D::Error::custom(format!(
        "expected 1 to {UNIT_TIME_MAX_MS} ms, found {found} ms"
    )))
}

fn timeout_unless_given() -> u32 {
    5_000
}
