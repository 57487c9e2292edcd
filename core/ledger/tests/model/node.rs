//! One station as a machine: what is on its disk, in its hardware, in its memory, and the target that it works on.

use crate::{
    part::Part,
    system::{Bug, System},
};
use imprint_ledger::{
    AttemptId,
    permit::{Effect, Record, Request, Station, StopReason},
};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// On disk.
    pub station: Part<Station>,
    /// A copy of the disk, to set it back to.
    pub saved: Option<Part<Station>>,
    /// In hardware.
    pub counter: u64,
    /// Values to advance it to.
    pub advances: Vec<u64>,
    /// To be sent after that.
    pub unsent: Option<Part<Request>>,
    /// The target in work: which one, and whether it was changed.
    pub at_work: Option<(u8, AttemptId, bool)>,
    /// A record that a wrong driver has not made durable yet.
    pub unsaved: Option<Record>,
    pub attempts: u8,
    pub was_set_back: bool,
    /// Whether the cloud had seen more than the disk it was set back to.
    pub is_behind: bool,
}

impl Node {
    pub fn apply(&mut self, record: &Record) {
        let applied = self.station.change(|it| it.apply(record));
        applied.expect("a record that was decided");
    }

    /// What the driver reads.
    pub fn reading(&self, system: &System) -> Option<u64> {
        match system.bug {
            _ if !system.has_counter => None,
            Bug::CounterIgnored => Some(self.station.counter()),
            _ => Some(self.counter),
        }
    }

    /// Begins with what is on disk, and nothing else.
    pub fn power_up(&mut self, system: &System) {
        self.advances.clear();
        self.unsent = None;
        self.at_work = None;
        self.unsaved = None;
        if self.station.is_stopped() {
            return;
        }
        let step = self.station.start(self.reading(system));
        let step = step.unwrap_or_else(|_| self.station.stop_for(StopReason::Counter));
        step.records.iter().for_each(|record| self.apply(record));
        self.plan(step.effects);
    }

    pub fn plan(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Advance(value) => self.advances.push(value),
                Effect::Send(request) => self.unsent = Some(Part::new(request)),
            }
        }
    }
}
