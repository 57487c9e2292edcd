//! How a target is reached and fed.

use crate::limits::{CLOCK_MAX_KHZ, POWER_TIME_MAX_MS, VOLTAGE_MV};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Deserializer, de::Error};
use std::ops::RangeInclusive;

/// How a target is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Encode, Decode)]
#[serde(deny_unknown_fields, default)]
#[cbor(map)]
pub struct Link {
    /// The wire.
    #[n(1)]
    pub protocol: Protocol,
    /// Its clock in kHz, 1 to 50,000; the device's unless given.
    #[n(2)]
    #[serde(deserialize_with = "clock")]
    pub clock_khz: Option<u32>,
    /// In which state the core is met.
    #[n(3)]
    pub connect: Connect,
    /// How the target is left running after the run.
    #[n(4)]
    pub reset: Reset,
}

/// A wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Protocol {
    /// Serial wire debug.
    #[default]
    #[n(0)]
    Swd,
}

/// In which state the core is met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Connect {
    /// Whatever it is doing.
    #[default]
    #[n(0)]
    Normal,
    /// Held by its reset line, for firmware that would close the debug port.
    #[n(1)]
    UnderReset,
}

/// How the target is left running.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Reset {
    /// Reset by the core's own request.
    #[default]
    #[n(0)]
    Software,
    /// Reset by its reset line.
    #[n(1)]
    Hardware,
    /// Not reset.
    #[n(2)]
    None,
}

/// How a target is fed, where the probe or the station can switch its supply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Encode, Decode)]
#[serde(deny_unknown_fields, default)]
#[cbor(map)]
pub struct Power {
    /// Its supply in millivolts, 1,000 to 5,500, if it is to be given or proved.
    #[n(1)]
    #[serde(deserialize_with = "voltage")]
    pub voltage_mv: Option<u32>,
    /// Wait after switching it on, in milliseconds, at most a minute; 50 unless given.
    #[n(2)]
    #[serde(deserialize_with = "time")]
    pub settle_ms: u32,
    /// How long it is off where it is switched off and on, in milliseconds, at most a minute; 200 unless given.
    #[n(3)]
    #[serde(deserialize_with = "time")]
    pub off_ms: u32,
    /// What becomes of it after the run.
    #[n(4)]
    pub after: PowerAfter,
}

/// What becomes of a target's supply after the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum PowerAfter {
    /// It stays on.
    #[default]
    #[n(0)]
    Keep,
    /// It is switched off.
    #[n(1)]
    Off,
}

impl Default for Power {
    fn default() -> Self {
        Power {
            voltage_mv: None,
            settle_ms: 50,
            off_ms: 200,
            after: PowerAfter::Keep,
        }
    }
}

impl Link {
    /// Whether all is in its range: what a decoder must ask.
    pub(crate) fn is_sound(&self) -> bool {
        self.clock_khz.is_none_or(|khz| CLOCK_KHZ.contains(&khz))
    }
}

impl Power {
    /// Whether all is in its range: what a decoder must ask.
    pub(crate) fn is_sound(&self) -> bool {
        self.voltage_mv.is_none_or(|mv| VOLTAGE_MV.contains(&mv))
            && TIME_MS.contains(&self.settle_ms)
            && TIME_MS.contains(&self.off_ms)
    }
}

const CLOCK_KHZ: RangeInclusive<u32> = 1..=CLOCK_MAX_KHZ;
const TIME_MS: RangeInclusive<u32> = 0..=POWER_TIME_MAX_MS;

fn clock<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    within(Option::deserialize(deserializer)?, CLOCK_KHZ, "kHz")
}

fn voltage<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    within(Option::deserialize(deserializer)?, VOLTAGE_MV, "mV")
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let value = u32::deserialize(deserializer)?;
    within(Some(value), TIME_MS, "ms").map(|_| value)
}

fn within<E: Error>(
    value: Option<u32>,
    range: RangeInclusive<u32>,
    unit: &str,
) -> Result<Option<u32>, E> {
    match value {
        Some(found) if !range.contains(&found) => Err(E::custom(format!(
            "expected {} to {} {unit}, found {found} {unit}",
            range.start(),
            range.end()
        ))),
        value => Ok(value),
    }
}
