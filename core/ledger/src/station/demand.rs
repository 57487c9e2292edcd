//! What a unit asks for: from the image's policy, the station's grant, and what the recipe draws.

use crate::{
    DefinitionHash, DeploymentId, Refusal, SerialId, ValueHash,
    limits::{INDEX_COUNT_MAX, SERIAL_COUNT_MAX},
};
use std::collections::BTreeSet;

/// What one unit needs, and what its image restricts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Whose counts these are.
    pub deployment: DeploymentId,
    /// How many.
    pub caps: Caps,
    /// When.
    pub window: Window,
    /// The serial numbers the unit draws, each named once.
    pub serials: Vec<SerialDemand>,
    /// The values supplied from outside.
    pub values: Vec<ValueDemand>,
}

/// How many; `None` is without bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caps {
    /// Successful units, by the image's policy.
    pub units: Option<u64>,
    /// Successful units, by this station's own grant.
    pub station_units: Option<u64>,
    /// Attempts begun, whatever came of them. One that changed nothing does not count.
    pub attempts: Option<u64>,
    /// Failed attempts.
    pub failures: Option<u64>,
}

/// When, in seconds since 1970 UTC; both ends belong to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// First second.
    pub not_before: Option<u64>,
    /// Last second.
    pub not_after: Option<u64>,
}

/// Indices of one serial number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialDemand {
    /// Which one.
    pub id: SerialId,
    /// What its indices mean.
    pub definition: DefinitionHash,
    /// One past the last index there is.
    pub index_end: u64,
    /// How many a unit takes, at least one.
    pub count: u32,
    /// What a failed unit does with them.
    pub on_failure: OnFailure,
}

/// What becomes of what a failed unit had drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OnFailure {
    /// Another unit gets it.
    Return,
    /// Nobody gets it.
    Burn,
}

/// A value supplied from outside, which only one unit may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueDemand {
    /// Its list.
    pub list: SerialId,
    /// Its hash: [`ValueHash::of`].
    pub value: ValueHash,
    /// What a failed unit does with it.
    pub on_failure: OnFailure,
}

impl Demand {
    /// Refuses what no image may ask for.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let wrong = |message: &str| {
            Err(Refusal::Demand {
                message: message.into(),
            })
        };
        let ids: BTreeSet<SerialId> = self.serials.iter().map(|it| it.id).collect();
        let values: BTreeSet<_> = self.values.iter().map(|it| (it.list, it.value)).collect();
        let indices = self
            .serials
            .iter()
            .map(|it| u64::from(it.count))
            .sum::<u64>();
        if ids.len() > SERIAL_COUNT_MAX || self.values.len() > SERIAL_COUNT_MAX {
            return wrong("it names too many serial numbers or values");
        }
        if indices > INDEX_COUNT_MAX as u64 {
            return wrong("a unit draws too many serial numbers");
        }
        if self.serials.iter().any(|it| it.count == 0) {
            return wrong("a unit draws none of a serial number it names");
        }
        if ids.len() != self.serials.len() {
            return wrong("it names a serial number twice");
        }
        if values.len() != self.values.len() {
            return wrong("it has a value twice");
        }
        Ok(())
    }
}
