//! The state of a station: what its records add up to.
//!
//! Everything is kept by deployment or by serial number, never by image, so it outlives deleting an image and adding it
//! again.

use super::record::{Draw, Value};
use crate::{AttemptId, DefinitionHash, DeploymentId, SerialId, Uid, ValueHash};
use std::collections::{BTreeMap, BTreeSet};

/// The books of one station. Begins empty; only [`Station::apply`] changes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Station {
    /// The latest time seen, in seconds since 1970.
    pub(super) time_floor: u64,
    pub(super) accounts: BTreeMap<DeploymentId, Account>,
    pub(super) counters: BTreeMap<SerialId, Counter>,
    /// Values that a unit has, or had and did not give back.
    pub(super) values: BTreeMap<SerialId, BTreeSet<ValueHash>>,
    pub(super) open: BTreeMap<AttemptId, Open>,
}

/// The counts of one deployment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Successful units.
    pub passed: u64,
    /// Attempts that began and changed something, or are open.
    pub attempts: u64,
    /// Failed attempts.
    pub failures: u64,
    /// Units whose end is not known, because a crash left them in the middle.
    pub unknown: u64,
    /// Attempts that are open.
    pub open: u64,
}

/// An attempt that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Whose counts it is in.
    pub deployment: DeploymentId,
    /// The target, if its id can be read.
    pub uid: Option<Uid>,
    /// Which permitted unit it is.
    pub ordinal: u64,
    /// The serial numbers it has.
    pub draws: Vec<Draw>,
    /// The values it has.
    pub values: Vec<Value>,
    /// What was known of the target before, if it was taken up again.
    pub(super) before: Option<Bound>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) counts: Counts,
    pub(super) next_ordinal: u64,
    /// Ordinals of attempts that changed nothing.
    pub(super) free_ordinals: BTreeSet<u64>,
    /// Targets without a good end.
    pub(super) bound: BTreeMap<Uid, Bound>,
}

/// What a target keeps until it passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bound {
    /// Whether its end is not known; else it failed, and keeps its ordinal only.
    pub(super) is_unknown: bool,
    pub(super) ordinal: u64,
    pub(super) draws: Vec<Draw>,
    pub(super) values: Vec<Value>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counter {
    pub(super) definition: DefinitionHash,
    /// The lowest index that was never drawn nor skipped.
    pub(super) next: u64,
    /// One past the highest index ever drawn.
    pub(super) drawn_end: u64,
    /// Where an operator let it begin: nothing below is drawn again, whatever comes back.
    pub(super) floor: u64,
    /// Indices that came back, all below `next`.
    pub(super) free: BTreeSet<u64>,
}

impl Station {
    /// The latest time that was ever seen, in seconds since 1970.
    pub fn time_floor(&self) -> u64 {
        self.time_floor
    }

    /// The counts of a deployment.
    pub fn counts(&self, deployment: DeploymentId) -> Counts {
        self.accounts
            .get(&deployment)
            .map_or(Counts::default(), |it| it.counts)
    }

    /// All deployments that were ever counted.
    pub fn deployments(&self) -> impl Iterator<Item = DeploymentId> {
        self.accounts.keys().copied()
    }

    /// An open attempt.
    pub fn attempt(&self, attempt: AttemptId) -> Option<&Open> {
        self.open.get(&attempt)
    }

    /// All open attempts. After a restart each of them was left in the middle: [`Station::abandon`] it.
    pub fn open(&self) -> impl Iterator<Item = (AttemptId, &Open)> {
        self.open.iter().map(|(attempt, open)| (*attempt, open))
    }

    /// All serial numbers that were ever used or set.
    pub fn serials(&self) -> impl Iterator<Item = SerialId> {
        self.counters.keys().copied()
    }

    /// The index that a serial number gives next, if it was ever used.
    pub fn next_index(&self, serial: SerialId) -> Option<u64> {
        let counter = self.counters.get(&serial)?;
        Some(counter.free.first().copied().unwrap_or(counter.next))
    }
}

impl Account {
    /// The ordinal of the next target that has none.
    pub(super) fn fresh_ordinal(&self) -> u64 {
        self.free_ordinals
            .first()
            .copied()
            .unwrap_or(self.next_ordinal)
    }

    /// Units that are spent, or may turn out to be.
    pub(super) fn spent(&self) -> u64 {
        self.counts.passed + self.counts.open + self.counts.unknown
    }

    /// Targets of unknown end that can be taken up again.
    pub(super) fn resumable(&self) -> impl Iterator<Item = &Bound> {
        self.bound.values().filter(|bound| bound.is_unknown)
    }
}

impl Bound {
    pub(super) fn holds_index(&self, serial: SerialId, index: u64) -> bool {
        let mut draws = self.draws.iter();
        draws.any(|draw| draw.serial == serial && draw.indices.contains(&index))
    }

    pub(super) fn holds_value(&self, list: SerialId, value: ValueHash) -> bool {
        let mut values = self.values.iter();
        values.any(|held| held.list == list && held.value == value)
    }
}

impl Counter {
    pub(super) fn new(definition: DefinitionHash) -> Counter {
        Counter {
            definition,
            next: 0,
            drawn_end: 0,
            floor: 0,
            free: BTreeSet::new(),
        }
    }

    /// How many indices below `end` can be drawn.
    pub(super) fn remaining(&self, end: u64) -> u64 {
        let returned = self.free.range(..end).count() as u64;
        returned + end.saturating_sub(self.next)
    }

    /// The indices that are drawn next, without end.
    pub(super) fn upcoming(&self) -> impl Iterator<Item = u64> {
        self.free.iter().copied().chain(self.next..)
    }

    /// Takes an index; `false` if it is not one of those that come next.
    pub(super) fn draw(&mut self, index: u64) -> bool {
        if self.free.remove(&index) {
            return true;
        }
        let Some(after) = index.checked_add(1).filter(|_| index == self.next) else {
            return false;
        };
        self.next = after;
        self.drawn_end = self.drawn_end.max(after);
        true
    }

    /// Gives an index back.
    pub(super) fn put_back(&mut self, index: u64) {
        if index >= self.floor && index < self.next {
            self.free.insert(index);
        }
    }
}
