//! What the cloud answers.
//!
//! Every request is carried out at most once: the answer to the last one is kept and given again. A request that is not the
//! next one of the same past shows that a station lives twice, or that its disk was set back.

use super::{
    cloud::{Cloud, Job, JobState, Lease, LeaseState, MemberState, Ordinal, Place},
    denial::Denial,
    event::{Policy, SerialTerms},
    message::{
        Answer, Ask, Grant, LeaseAsk, LogState, Permit, Reply, Request, SerialRange, UnitEnd,
    },
};
use crate::{
    Damage, LeaseId, SerialId, StationId, Uid,
    limits::{LIST_COUNT_MAX, REQUEST_HASH_COUNT_MAX},
    log::Frontier,
};
use std::collections::BTreeMap;

/// What is to be done with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// Journal it as [`Event::Received`](super::Event::Received), apply that, and send what it gives.
    New,
    /// Nothing changes: send this.
    Known(Reply),
}

impl Cloud {
    /// Whether a request is new.
    pub fn receive(&self, request: &Request) -> Received {
        let known = |answer| Received::Known(reply(request, answer));
        let Some(member) = self.members.get(&request.station) else {
            return known(Answer::Denied(Denial::UnknownStation));
        };
        if member.state == MemberState::Forked {
            return known(Answer::Denied(Denial::Forked));
        }
        let last = member.last_op;
        if request.op == last.wrapping_add(1) {
            return Received::New;
        }
        if request.op > last {
            return known(Answer::Denied(Denial::OutOfOrder));
        }
        let is_same = member
            .requests
            .get(&request.op)
            .is_none_or(|hash| *hash == request.hash());
        match &member.reply {
            // Two requests with one number.
            _ if !is_same => Received::New,
            Some(reply) if request.op == last => Received::Known(reply.clone()),
            _ => known(Answer::Behind(last)),
        }
    }

    pub(super) fn answer(&mut self, request: &Request) -> Result<Reply, Damage> {
        if let Received::Known(_) = self.receive(request) {
            let message = format!("request {} was not new", request.op);
            return Err(Damage::Contradiction { message });
        }
        let answer = self.extend(request).and_then(|()| self.carry_out(request));
        let answer = answer.unwrap_or_else(|denial| {
            if denial == Denial::Forked {
                self.distrust(request.station, MemberState::Forked);
            }
            Answer::Denied(denial)
        });
        let reply = reply(request, answer);
        if let Some(member) = self.members.get_mut(&request.station) {
            member.reply = Some(reply.clone());
        }
        Ok(reply)
    }

    /// Takes note of the request, if it is the next one of the past that was seen.
    fn extend(&mut self, request: &Request) -> Result<(), Denial> {
        let member = self.members.get_mut(&request.station);
        let member = member.ok_or(Denial::UnknownStation)?;
        if request.op != member.last_op + 1 {
            return Err(Denial::Forked);
        }
        member.log = extended(&member.log, &request.log).ok_or(Denial::Forked)?;
        member.last_op = request.op;
        member.requests.insert(request.op, request.hash());
        if member.requests.len() > REQUEST_HASH_COUNT_MAX {
            member.requests.pop_first();
        }
        Ok(())
    }

    fn carry_out(&mut self, request: &Request) -> Result<Answer, Denial> {
        let station = request.station;
        match &request.ask {
            Ask::Lease(ask) => self.lease(station, ask).map(Answer::Granted),
            Ask::Outcomes(outcomes) => {
                for outcome in outcomes {
                    self.note(station, outcome)?;
                }
                Ok(Answer::Accepted)
            }
            Ask::Close(close) => self.take_back(station, close).map(|()| Answer::Accepted),
            Ask::Heartbeat => Ok(Answer::Accepted),
        }
    }

    fn lease(&mut self, station: StationId, ask: &LeaseAsk) -> Result<Grant, Denial> {
        let member = self.members.get(&station).ok_or(Denial::UnknownStation)?;
        if member.state == MemberState::Revoked {
            return Err(Denial::Revoked);
        }
        let id = LeaseId(self.leases.len() as u64);
        let job = self.jobs.get_mut(&ask.job).ok_or(Denial::UnknownJob)?;
        job.may_lease(ask)?;
        let again = ask.uid.as_ref().and_then(|uid| job.ordinal_of(uid));
        let ordinals = match again {
            Some(ordinal) => vec![job.take_again(ordinal)?],
            None => job.take(ask, &mut self.serials)?,
        };
        let count = ordinals.len() as u64;
        job.unsettled += count;
        for &ordinal in &ordinals {
            job.put(ordinal, Place::Leased(id));
            job.ordinals[ordinal as usize].uid.clone_from(&ask.uid);
        }
        let permit = |ordinal: &u64| Permit {
            ordinal: *ordinal,
            serials: job.ordinals[*ordinal as usize].serials.clone(),
        };
        let grant = Grant {
            lease: id,
            job: ask.job,
            uid: ask.uid.clone(),
            permits: ordinals.iter().map(permit).collect(),
            ttl_s: job.terms.policy.ttl_s,
            policy_revision: job.terms.policy.revision,
            share: job.terms.share,
        };
        let lease = Lease {
            station,
            job: ask.job,
            uid: ask.uid.clone(),
            ordinals,
            state: LeaseState::Granted,
            unsettled: count,
        };
        self.leases.insert(id, lease);
        Ok(grant)
    }
}

impl Job {
    fn may_lease(&self, ask: &LeaseAsk) -> Result<(), Denial> {
        match self.state {
            JobState::Deleted => return Err(Denial::UnknownJob),
            JobState::Paused => return Err(Denial::Paused),
            JobState::Active => {}
        }
        if ask.image != self.terms.image {
            return Err(Denial::OldImage);
        }
        let Policy {
            attempts,
            failures,
            offline_units,
            ..
        } = self.terms.policy;
        let most = match ask.uid {
            Some(_) => 1,
            None => offline_units.clamp(1, LIST_COUNT_MAX as u64),
        };
        if ask.want == 0 || ask.want > most {
            return Err(Denial::Want);
        }
        // What is out may yet fail.
        let out = self.tally.leased + ask.want;
        if attempts.is_some_and(|cap| self.attempts + out > cap) {
            return Err(Denial::Attempts);
        }
        match failures.is_some_and(|cap| self.failures + out > cap) {
            true => Err(Denial::Failures),
            false => Ok(()),
        }
    }

    /// The ordinal that a target has and did not pass with.
    fn ordinal_of(&self, uid: &Uid) -> Option<u64> {
        let is_its = |ordinal: &Ordinal| {
            let has_passed = ordinal.outcomes.iter().any(|it| it.end == UnitEnd::Pass);
            let is_out = matches!(ordinal.place, Place::Leased(_) | Place::Used);
            is_out && !has_passed && ordinal.uid.as_ref() == Some(uid)
        };
        self.ordinals.iter().position(is_its).map(|at| at as u64)
    }

    fn take_again(&mut self, ordinal: u64) -> Result<u64, Denial> {
        match self.ordinals[ordinal as usize].place {
            Place::Used => Ok(ordinal),
            _ => Err(Denial::TargetLeased),
        }
    }

    /// Free ordinals, those that came back first: at least one, at most as many as are wanted.
    fn take(
        &mut self,
        ask: &LeaseAsk,
        serials: &mut BTreeMap<SerialId, u64>,
    ) -> Result<Vec<u64>, Denial> {
        let free =
            |(at, ordinal): (usize, &Ordinal)| (ordinal.place == Place::Free).then_some(at as u64);
        let returned = self.ordinals.iter().enumerate().filter_map(free);
        let mut taken: Vec<u64> = returned.take(ask.want as usize).collect();
        while (taken.len() as u64) < ask.want
            && (self.ordinals.len() as u64) < self.terms.policy.cap
        {
            let Some(drawn) = draw(&self.terms.serials, serials) else {
                break;
            };
            taken.push(self.ordinals.len() as u64);
            self.tally.free += 1;
            self.ordinals.push(Ordinal {
                place: Place::Free,
                uid: None,
                serials: drawn,
                outcomes: vec![],
            });
        }
        match taken.is_empty() {
            true => Err(Denial::Exhausted),
            false => Ok(taken),
        }
    }
}

/// The next indices of each serial number; `None`, and nothing is drawn, if one is exhausted.
fn draw(terms: &[SerialTerms], next: &mut BTreeMap<SerialId, u64>) -> Option<Vec<SerialRange>> {
    let mut drawn = Vec::new();
    for terms in terms {
        let first = next.get(&terms.serial).copied().unwrap_or(0);
        first
            .checked_add(terms.count)
            .filter(|end| *end <= terms.index_end)?;
        drawn.push(SerialRange {
            serial: terms.serial,
            first,
            count: terms.count,
        });
    }
    for range in &drawn {
        next.insert(range.serial, range.first + range.count);
    }
    Some(drawn)
}

/// The log grown by what the station sent, if that is the log it says it has.
fn extended(seen: &Frontier, sent: &LogState) -> Option<Frontier> {
    let mut log = seen.clone();
    sent.leaves.iter().for_each(|leaf| log.push(*leaf));
    (log.size() == sent.size && log.root() == sent.root).then_some(log)
}

fn reply(request: &Request, answer: Answer) -> Reply {
    Reply {
        station: request.station,
        op: request.op,
        request: request.hash(),
        answer,
    }
}
