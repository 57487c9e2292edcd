//! What a station does next. Nothing here changes anything: the steps do, once they are durable.
//!
//! `counter` is what the monotonic counter reads now, or `None` if the station has none.

use super::{
    denial::{Denial, PermitRefusal},
    message::{Answer, Ask, Close, Grant, LeaseAsk, Reply, Request, UnitEnd},
    record::{Began, Effect, Ended, Record, Step, StopReason},
    station::{Held, Station, Unit, UnitState},
};
use crate::{AttemptId, DeploymentId, LeaseId, Uid, limits::LIST_COUNT_MAX};
use std::collections::BTreeSet;

impl Station {
    /// Begins, after the journal was read: gives up what was left open, and sends again what was not answered.
    ///
    /// # Errors
    /// [`PermitRefusal::RolledBack`] if the counter is ahead of the books: journal [`Station::stop_for`] then.
    pub fn start(&self, counter: Option<u64>) -> Result<Step, PermitRefusal> {
        self.must_run()?;
        if let Some(found) = counter
            && found > self.counter
        {
            return Err(PermitRefusal::RolledBack {
                expected: found,
                found: self.counter,
            });
        }
        let open = self.units.values().filter(|it| it.state == UnitState::Open);
        let end = Some(UnitEnd::Unknown);
        let given_up = open.map(|unit| {
            let attempt = unit.attempt;
            Record::Ended(Ended { attempt, end })
        });
        let mut step = Step::default();
        step.records.extend(given_up);
        // Without a counter there is nothing to doubt the books by, and doubt would cost permits at every crash.
        if counter.is_some() {
            step.records.push(Record::Started);
            step.effects.push(Effect::Advance(self.counter + 1));
        }
        step.effects.extend(self.pending.clone().map(Effect::Send));
        Ok(step)
    }

    /// Ends in order, with no unit open.
    ///
    /// # Errors
    /// [`PermitRefusal::TargetOpen`], [`PermitRefusal::NoPermit`] for an open target without a UID.
    pub fn rest(&self, counter: Option<u64>) -> Result<Step, PermitRefusal> {
        self.must_run()?;
        self.check_counter(counter)?;
        if let Some(open) = self.units.values().find(|it| it.state == UnitState::Open) {
            let uid = open.uid.clone().ok_or(PermitRefusal::NoPermit)?;
            return Err(PermitRefusal::TargetOpen { uid });
        }
        Ok(match counter {
            None => Step::default(),
            Some(_) => Step {
                records: vec![Record::Rested],
                effects: vec![Effect::Advance(self.counter + 1)],
            },
        })
    }

    /// Stops for good.
    pub fn stop_for(&self, reason: StopReason) -> Step {
        Step {
            records: vec![Record::Stopped(reason)],
            effects: vec![],
        }
    }

    /// Asks for permits.
    ///
    /// # Errors
    /// [`PermitRefusal::Busy`] while a request is under way.
    pub fn ask(&self, ask: LeaseAsk) -> Result<Step, PermitRefusal> {
        self.request(Ask::Lease(ask))
    }

    /// Tells the cloud what became of units.
    ///
    /// # Errors
    /// [`PermitRefusal::Busy`] while a request is under way.
    pub fn report(&self) -> Result<Step, PermitRefusal> {
        let outcomes = self.outbox.iter().take(LIST_COUNT_MAX).cloned();
        self.request(Ask::Outcomes(outcomes.collect()))
    }

    /// Shows the cloud the log, and that the station is alive.
    ///
    /// # Errors
    /// [`PermitRefusal::Busy`] while a request is under way.
    pub fn heartbeat(&self) -> Result<Step, PermitRefusal> {
        self.request(Ask::Heartbeat)
    }

    /// Gives a lease back, with what was not begun. From the moment the step is durable nothing of it can be begun.
    ///
    /// # Errors
    /// [`PermitRefusal::CannotClose`], [`PermitRefusal::Busy`] while a request is under way.
    pub fn close(&self, lease: LeaseId, counter: Option<u64>) -> Result<Step, PermitRefusal> {
        self.check_counter(counter)?;
        let mut open = self.units.values().filter(|it| it.state == UnitState::Open);
        let is_open = open.any(|unit| unit.lease == lease);
        let held = self.leases.get(&lease).filter(|_| !is_open);
        let held = held.ok_or(PermitRefusal::CannotClose { lease })?;
        let permits = held.permits.iter().map(|it| it.ordinal).collect();
        let (unused, lost) = match held.is_certain {
            true => (permits, vec![]),
            false => (vec![], permits),
        };
        let mut step = self.request(Ask::Close(Close {
            lease,
            unused,
            lost,
        }))?;
        // The closing is beyond recall before anybody hears of it.
        if counter.is_some() {
            step.effects.insert(0, Effect::Advance(self.counter + 1));
        }
        Ok(step)
    }

    fn request(&self, ask: Ask) -> Result<Step, PermitRefusal> {
        self.must_run()?;
        if let Some(pending) = &self.pending {
            return Err(PermitRefusal::Busy { op: pending.op });
        }
        if self.unseen.len() > LIST_COUNT_MAX {
            let count = self.unseen.len();
            return Err(PermitRefusal::Full { count });
        }
        let request = Request {
            station: self.id,
            op: self.op + 1,
            log: self.log_state(),
            ask,
        };
        Ok(Step {
            records: vec![Record::Asked(request.clone())],
            effects: vec![Effect::Send(request)],
        })
    }

    /// Takes in a reply. One that answers another question is no step at all. `cap` is the owner's, of the Job that was asked
    /// for: a cloud cannot raise it. `sent_s` is when the request was sent, by the driver's clock.
    ///
    /// # Errors
    /// [`PermitRefusal::Grant`] for a lease that cannot be: journal [`Station::stop_for`] then.
    pub fn receive(
        &self,
        reply: &Reply,
        cap: u64,
        sent_s: u64,
        counter: Option<u64>,
    ) -> Result<Step, PermitRefusal> {
        self.must_run()?;
        let pending = self.pending.as_ref().filter(|pending| {
            let is_its = reply.op == pending.op && reply.station == self.id;
            is_its && reply.request == pending.hash()
        });
        let Some(pending) = pending else {
            return Ok(Step::default());
        };
        // The cloud took no note of it: it is to be sent again, with the same number.
        let not_noted = [Denial::UnknownStation, Denial::OutOfOrder].map(Answer::Denied);
        if not_noted.contains(&reply.answer) {
            return Ok(Step::default());
        }
        let mut step = Step {
            records: vec![Record::Answered((reply.clone(), sent_s))],
            effects: vec![],
        };
        match &reply.answer {
            Answer::Granted(grant) => {
                self.check_grant(grant, &pending.ask, cap)?;
                self.check_counter(counter)?;
                if counter.is_some() {
                    step.effects.push(Effect::Advance(self.counter + 1));
                }
            }
            Answer::Behind(_) | Answer::Denied(Denial::Forked) => {
                step.records.push(Record::Stopped(StopReason::Cloud));
            }
            Answer::Accepted | Answer::Denied(_) => {}
        }
        Ok(step)
    }

    fn check_grant(&self, grant: &Grant, ask: &Ask, cap: u64) -> Result<(), PermitRefusal> {
        let wrong = |message: &str| {
            let message = message.into();
            Err(PermitRefusal::Grant { message })
        };
        let Ask::Lease(ask) = ask else {
            return wrong("nobody asked for it");
        };
        if grant.job != ask.job || grant.uid != ask.uid || self.leases.contains_key(&grant.lease) {
            return wrong("it is not the one that was asked for");
        }
        let ordinals: BTreeSet<u64> = grant.permits.iter().map(|it| it.ordinal).collect();
        let count = grant.permits.len() as u64;
        if count == 0 || count > ask.want || ordinals.len() as u64 != count {
            return wrong("it has not the permits that were asked for");
        }
        if ordinals.iter().any(|ordinal| *ordinal >= cap) {
            return wrong("the owner allows fewer units");
        }
        let held = self.leases.values().filter(|held| held.job == grant.job);
        let mut held = held.flat_map(|held| &held.permits);
        let is_held = held.any(|permit| ordinals.contains(&permit.ordinal));
        let mut units = self.units.iter();
        let is_begun = units.any(|((job, ordinal), unit)| {
            *job == grant.job && ordinals.contains(ordinal) && unit.uid != grant.uid
        });
        match is_held || is_begun {
            true => wrong("the station has one of its permits already"),
            false => Ok(()),
        }
    }

    /// Begins an attempt at a target: journal and apply it before anything on the target is changed. A target that was begun
    /// before, and whose lease is still here, goes on under its ordinal. `now_s` is the driver's clock.
    ///
    /// # Errors
    /// [`PermitRefusal`]: nothing may be changed on the target then.
    pub fn begin(
        &self,
        job: DeploymentId,
        attempt: AttemptId,
        uid: Option<Uid>,
        now_s: u64,
        counter: Option<u64>,
    ) -> Result<Step, PermitRefusal> {
        self.must_run()?;
        self.check_counter(counter)?;
        let mut units = self.units.iter();
        let is_it = |unit: &Unit| uid.is_some() && unit.uid == uid;
        let again = units.find(|((of, _), unit)| *of == job && is_it(unit));
        let ordinal = match (again, &uid) {
            (Some((_, unit)), Some(uid)) if unit.state == UnitState::Open => {
                return Err(PermitRefusal::TargetOpen { uid: uid.clone() });
            }
            (Some(((_, ordinal), _)), _) => *ordinal,
            _ => self.permit_for(job, uid.as_ref(), now_s)?,
        };
        Ok(Step {
            records: vec![Record::Began(Began {
                job,
                ordinal,
                attempt,
                uid,
            })],
            effects: vec![],
        })
    }

    /// A permit for this very target, or else one for any.
    fn permit_for(
        &self,
        job: DeploymentId,
        uid: Option<&Uid>,
        now_s: u64,
    ) -> Result<u64, PermitRefusal> {
        let can_serve = |held: &Held| match &held.uid {
            Some(only) => uid == Some(only),
            None => held.is_certain,
        };
        let leases = self.leases.iter().filter(|(_, held)| held.job == job);
        let mut leases: Vec<_> = leases
            .filter(|(_, held)| can_serve(held) && !held.permits.is_empty())
            .collect();
        leases.sort_by_key(|(_, held)| held.uid.is_none());
        let (lease, held) = *leases.first().ok_or(PermitRefusal::NoPermit)?;
        let ttl_s = held.ttl_s;
        // A clock that begins anew at a start says nothing of the time before.
        if now_s.saturating_sub(held.since_s) > ttl_s {
            return Err(PermitRefusal::Expired {
                lease: *lease,
                ttl_s,
            });
        }
        let permit = held.permits.first().ok_or(PermitRefusal::NoPermit)?;
        Ok(permit.ordinal)
    }

    /// Ends an attempt; `None` if nothing was changed on the target. Journal and apply it before anybody is told.
    ///
    /// # Errors
    /// [`PermitRefusal::NotOpen`].
    pub fn end(&self, attempt: AttemptId, end: Option<UnitEnd>) -> Result<Step, PermitRefusal> {
        let mut open = self.units.values().filter(|it| it.state == UnitState::Open);
        match open.any(|unit| unit.attempt == attempt) {
            true => Ok(Step {
                records: vec![Record::Ended(Ended { attempt, end })],
                effects: vec![],
            }),
            false => Err(PermitRefusal::NotOpen { attempt }),
        }
    }

    fn must_run(&self) -> Result<(), PermitRefusal> {
        match self.is_stopped {
            true => Err(PermitRefusal::Stopped),
            false => Ok(()),
        }
    }

    /// The counter stands where the books say: neither were they set back, nor was an advance forgotten.
    fn check_counter(&self, counter: Option<u64>) -> Result<(), PermitRefusal> {
        let expected = self.counter;
        match counter {
            Some(found) if found > expected => Err(PermitRefusal::RolledBack {
                expected: found,
                found: expected,
            }),
            Some(found) if found < expected => {
                Err(PermitRefusal::CounterBehind { expected, found })
            }
            _ => Ok(()),
        }
    }
}
