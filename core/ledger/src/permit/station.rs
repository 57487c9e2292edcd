//! The station's books of the Jobs it works on: what it holds, what it has begun, what the cloud has yet to hear.

use super::{
    message::{Answer, Ask, Grant, LogState, Outcome, Permit, Reply, Request, UnitEnd},
    record::{Began, Ended, Record},
};
use crate::{
    AttemptId, Damage, DeploymentId, KeyShare, LeaseId, StationId, Uid,
    log::{Frontier, Hash},
};
use std::collections::BTreeMap;

/// The books of one station. Only [`Station::apply`] changes them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Station {
    pub(super) id: StationId,
    /// The number of its last request.
    pub(super) op: u64,
    /// The request that is not answered yet.
    pub(super) pending: Option<Request>,
    pub(super) log: Frontier,
    /// Entries of the log that the cloud has not confirmed.
    pub(super) unseen: Vec<Hash>,
    pub(super) leases: BTreeMap<LeaseId, Held>,
    /// Units that are open, or did not pass and can be tried again, by Job and ordinal.
    pub(super) units: BTreeMap<(DeploymentId, u64), Unit>,
    /// Outcomes the cloud has not confirmed.
    pub(super) outbox: Vec<Outcome>,
    /// Where the monotonic counter has to stand.
    pub(super) counter: u64,
    /// Whether it ended in order.
    pub(super) is_rested: bool,
    pub(super) is_stopped: bool,
}

/// A lease that a station holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Held {
    /// Of which Job.
    pub job: DeploymentId,
    /// For which target only.
    pub uid: Option<Uid>,
    /// What was not begun.
    pub permits: Vec<Permit>,
    /// When it was asked for, by the driver's clock, in seconds.
    pub since_s: u64,
    /// How long it may be used, in seconds.
    pub ttl_s: u64,
    /// The cloud's share of the content key.
    pub share: KeyShare,
    /// Whether the station knows that what was not begun, by its books, was not begun. After a crash a station with a counter
    /// does not know: the books may be older than the last unit.
    pub is_certain: bool,
}

/// A unit that was begun.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unit {
    /// Under which lease.
    pub lease: LeaseId,
    /// What it may use.
    pub permit: Permit,
    /// Its last attempt.
    pub attempt: AttemptId,
    /// The target, if its id can be read.
    pub uid: Option<Uid>,
    /// How it stands.
    pub state: UnitState,
    /// Whether an attempt before this one may have changed the target.
    pub was_tried: bool,
}

/// How a unit stands that has not passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnitState {
    /// Its target may be changed now.
    Open,
    /// Its last attempt failed, or nobody knows: the same target can be tried again.
    Left,
}

impl Station {
    /// A station that has done nothing yet.
    pub fn new(id: StationId) -> Station {
        Station {
            id,
            op: 0,
            pending: None,
            log: Frontier::default(),
            unseen: vec![],
            leases: BTreeMap::new(),
            units: BTreeMap::new(),
            outbox: vec![],
            counter: 0,
            is_rested: true,
            is_stopped: false,
        }
    }

    /// Who it is.
    pub fn id(&self) -> StationId {
        self.id
    }

    /// The number of its last request.
    pub fn op(&self) -> u64 {
        self.op
    }

    /// The request that is not answered yet: to be sent again from time to time.
    pub fn pending(&self) -> Option<&Request> {
        self.pending.as_ref()
    }

    /// Leases it holds.
    pub fn leases(&self) -> impl Iterator<Item = (LeaseId, &Held)> {
        self.leases.iter().map(|(id, held)| (*id, held))
    }

    /// Units that are open, or did not pass and can be tried again.
    pub fn units(&self) -> impl Iterator<Item = &Unit> {
        self.units.values()
    }

    /// What became of units and the cloud has not confirmed.
    pub fn outbox(&self) -> &[Outcome] {
        &self.outbox
    }

    /// Where the monotonic counter has to stand, if there is one.
    pub fn counter(&self) -> u64 {
        self.counter
    }

    /// Whether it has stopped for good.
    pub fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    /// Its log, as the next request tells it.
    pub(super) fn log_state(&self) -> LogState {
        LogState {
            size: self.log.size(),
            root: self.log.root(),
            leaves: self.unseen.clone(),
        }
    }

    /// Takes in what has happened.
    ///
    /// # Errors
    /// [`Damage::Contradiction`] if it cannot have happened in this state; the state is then of no use any more.
    pub fn apply(&mut self, record: &Record) -> Result<(), Damage> {
        let is_possible = match record {
            Record::Started => self.apply_started(),
            Record::Rested => self.apply_rested(),
            Record::Asked(request) => self.apply_asked(request),
            Record::Answered((reply, sent_s)) => self.apply_answered(reply, *sent_s),
            Record::Began(began) => self.apply_began(began),
            Record::Ended(ended) => self.apply_ended(ended),
            Record::Stopped(_) => {
                self.is_stopped = true;
                true
            }
        };
        let leaf = record.leaf();
        self.log.push(leaf);
        self.unseen.push(leaf);
        match is_possible {
            true => Ok(()),
            false => Err(Damage::Contradiction {
                message: format!("{record:?} cannot follow"),
            }),
        }
    }

    fn apply_started(&mut self) -> bool {
        // After a crash nobody knows what the books have missed.
        let is_certain = self.is_rested;
        for held in self.leases.values_mut() {
            held.is_certain &= is_certain;
        }
        self.is_rested = false;
        self.counter += 1;
        true
    }

    fn apply_rested(&mut self) -> bool {
        self.is_rested = true;
        self.counter += 1;
        !self.units.values().any(|it| it.state == UnitState::Open)
    }

    fn apply_asked(&mut self, request: &Request) -> bool {
        let is_next = request.op == self.op + 1 && self.pending.is_none();
        let is_mine = request.station == self.id && request.log == self.log_state();
        self.op = request.op;
        if let Ask::Close(close) = &request.ask {
            let was_there = self.leases.remove(&close.lease).is_some();
            self.units.retain(|_, unit| unit.lease != close.lease);
            self.counter += 1;
            if !was_there {
                return false;
            }
        }
        self.pending = Some(request.clone());
        is_next && is_mine
    }

    fn apply_answered(&mut self, reply: &Reply, sent_s: u64) -> bool {
        let Some(request) = self.pending.take() else {
            return false;
        };
        match &reply.answer {
            Answer::Granted(grant) => {
                self.seen(&request);
                self.counter += 1;
                let held = Held::from_grant(grant, sent_s);
                return self.leases.insert(grant.lease, held).is_none();
            }
            Answer::Accepted => {
                self.seen(&request);
                if let Ask::Outcomes(outcomes) = &request.ask {
                    self.outbox.drain(..outcomes.len().min(self.outbox.len()));
                    self.forget();
                }
            }
            // A cloud that denies has seen the log all the same.
            Answer::Denied(_) => self.seen(&request),
            Answer::Behind(_) => {}
        }
        true
    }

    /// The cloud has seen the log as it was before this request.
    fn seen(&mut self, request: &Request) {
        let seen = request.log.leaves.len().min(self.unseen.len());
        self.unseen.drain(..seen);
    }

    /// Leases of which nothing is left: all of it is with the cloud.
    fn forget(&mut self) {
        let (units, outbox) = (&self.units, &self.outbox);
        let is_open = |lease| {
            let mut open = units.values().filter(|unit| unit.state == UnitState::Open);
            open.any(|unit| unit.lease == lease) || outbox.iter().any(|it| it.lease == lease)
        };
        self.leases
            .retain(|lease, held| !held.permits.is_empty() || is_open(*lease));
        let leases = &self.leases;
        self.units
            .retain(|_, unit| leases.contains_key(&unit.lease));
    }

    fn apply_began(&mut self, began: &Began) -> bool {
        let key = (began.job, began.ordinal);
        let again = self.units.get(&key).map(|it| (it.lease, it.permit.clone()));
        let was_tried = again.is_some();
        let Some((lease, permit)) = again.or_else(|| self.take(began.job, began.ordinal)) else {
            return false;
        };
        let unit = Unit {
            lease,
            permit,
            attempt: began.attempt,
            uid: began.uid.clone(),
            state: UnitState::Open,
            was_tried,
        };
        let before = self.units.insert(key, unit);
        before.is_none_or(|it| it.state == UnitState::Left && it.uid == began.uid)
    }

    fn take(&mut self, job: DeploymentId, ordinal: u64) -> Option<(LeaseId, Permit)> {
        let mut leases = self.leases.iter_mut().filter(|(_, held)| held.job == job);
        leases.find_map(|(id, held)| {
            let at = held.permits.iter().position(|it| it.ordinal == ordinal)?;
            Some((*id, held.permits.remove(at)))
        })
    }

    fn apply_ended(&mut self, ended: &Ended) -> bool {
        let is_it = |unit: &Unit| unit.state == UnitState::Open && unit.attempt == ended.attempt;
        let Some(key) = self
            .units
            .iter()
            .find(|(_, it)| is_it(it))
            .map(|(key, _)| *key)
        else {
            return false;
        };
        let Some(unit) = self.units.remove(&key) else {
            return false;
        };
        let Some(end) = ended.end else {
            return self.put_back(key, unit);
        };
        self.outbox.push(Outcome {
            lease: unit.lease,
            ordinal: key.1,
            attempt: unit.attempt,
            uid: unit.uid.clone(),
            end,
        });
        // Without a UID nobody knows the target again.
        if end != UnitEnd::Pass && unit.uid.is_some() {
            let state = UnitState::Left;
            self.units.insert(key, Unit { state, ..unit });
        }
        true
    }

    /// An attempt that changed nothing leaves everything as it was before.
    fn put_back(&mut self, key: (DeploymentId, u64), unit: Unit) -> bool {
        let Some(held) = self.leases.get_mut(&unit.lease) else {
            return false;
        };
        if unit.was_tried {
            let state = UnitState::Left;
            self.units.insert(key, Unit { state, ..unit });
        } else {
            held.permits.push(unit.permit);
            held.permits.sort_by_key(|it| it.ordinal);
        }
        true
    }
}

impl Held {
    fn from_grant(grant: &Grant, since_s: u64) -> Held {
        Held {
            job: grant.job,
            uid: grant.uid.clone(),
            permits: grant.permits.clone(),
            since_s,
            ttl_s: grant.ttl_s,
            share: grant.share,
            is_certain: true,
        }
    }
}
