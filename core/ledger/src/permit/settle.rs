//! How ordinals are settled: by outcomes, by a close, by the owner.

use super::{
    cloud::{Cloud, JobState, LeaseState, Place},
    denial::Denial,
    message::{Close, Outcome, UnitEnd},
};
use crate::{LeaseId, StationId};
use std::collections::BTreeMap;

impl Cloud {
    /// Takes note of what became of a unit, once. What cannot be true of one station with one past is a fork.
    pub(super) fn note(&mut self, station: StationId, outcome: &Outcome) -> Result<(), Denial> {
        let lease = self.leases.get_mut(&outcome.lease);
        let lease =
            lease.filter(|it| it.station == station && it.ordinals.contains(&outcome.ordinal));
        let lease = lease.ok_or(Denial::Forked)?;
        let job = self.jobs.get_mut(&lease.job).ok_or(Denial::Forked)?;
        let ordinal = job.ordinals.get_mut(outcome.ordinal as usize);
        let ordinal = ordinal.ok_or(Denial::Forked)?;
        let mut earlier = ordinal.outcomes.iter();
        if let Some(known) = earlier.find(|it| it.attempt == outcome.attempt) {
            return match known == outcome {
                true => Ok(()),
                false => Err(Denial::Forked),
            };
        }
        let is_first = ordinal.outcomes.is_empty();
        let is_same_target = outcome.uid.is_some() && ordinal.uid == outcome.uid;
        // Without a UID nobody can tell a second attempt from a second target.
        let is_possible = is_same_target || is_first && ordinal.uid.is_none();
        let (is_here, is_settled) = match ordinal.place {
            Place::Leased(at) => (at == outcome.lease || is_same_target, at == outcome.lease),
            Place::Used | Place::Lost => (true, false),
            // It said that no target has it.
            Place::Free | Place::Void => (false, false),
        };
        if !is_possible || !is_here {
            return Err(Denial::Forked);
        }
        ordinal.uid.clone_from(&outcome.uid);
        ordinal.outcomes.push(outcome.clone());
        job.attempts += 1;
        job.failures += u64::from(outcome.end == UnitEnd::Fail);
        let is_lost = ordinal.place == Place::Lost;
        if is_settled || is_lost {
            job.put(outcome.ordinal, Place::Used);
        }
        if is_settled {
            job.unsettled -= 1;
            lease.unsettled -= 1;
            lease.close_if_settled();
        }
        Ok(())
    }

    /// The only way in which an ordinal comes back.
    pub(super) fn take_back(&mut self, station: StationId, close: &Close) -> Result<(), Denial> {
        let lease = self.leases.get_mut(&close.lease);
        let lease = lease.filter(|it| it.station == station);
        let lease = lease.ok_or(Denial::UnknownLease)?;
        let job = self.jobs.get_mut(&lease.job).ok_or(Denial::UnknownJob)?;
        let returned = match job.state {
            JobState::Deleted => Place::Void,
            _ => Place::Free,
        };
        let given = close.unused.iter().map(|ordinal| (*ordinal, returned));
        let lost = close.lost.iter().map(|ordinal| (*ordinal, Place::Lost));
        let mut moves = BTreeMap::new();
        // A statement that is wrong in one point is not believed in the others.
        for (number, place) in given.chain(lost) {
            let ordinal = job.ordinals.get(number as usize);
            let ordinal = ordinal.filter(|_| lease.ordinals.contains(&number));
            match ordinal.ok_or(Denial::Forked)?.place {
                Place::Leased(at) if at == close.lease => {
                    moves
                        .insert(number, place)
                        .map_or(Ok(()), |_| Err(Denial::Forked))?;
                }
                // The owner was faster, and what is spent stays spent.
                Place::Lost | Place::Used if lease.state == LeaseState::WrittenOff => {}
                _ => return Err(Denial::Forked),
            }
        }
        for (number, place) in moves {
            let ordinal = &mut job.ordinals[number as usize];
            let was_used = !ordinal.outcomes.is_empty();
            if place == returned && !was_used {
                ordinal.uid = None;
            }
            // A target that failed before still has it.
            job.put(number, if was_used { Place::Used } else { place });
            job.unsettled -= 1;
            lease.unsettled -= 1;
        }
        if lease.state != LeaseState::WrittenOff {
            lease.state = LeaseState::Closed;
        }
        Ok(())
    }

    pub(super) fn write_off(&mut self, id: LeaseId) {
        let Some(lease) = self.leases.get_mut(&id) else {
            return;
        };
        let Some(job) = self.jobs.get_mut(&lease.job) else {
            return;
        };
        for &number in &lease.ordinals {
            let ordinal = &job.ordinals[number as usize];
            if ordinal.place == Place::Leased(id) {
                let was_used = !ordinal.outcomes.is_empty();
                job.put(number, if was_used { Place::Used } else { Place::Lost });
                job.unsettled -= 1;
                lease.unsettled -= 1;
            }
        }
        lease.state = LeaseState::WrittenOff;
    }
}

impl super::cloud::Lease {
    fn close_if_settled(&mut self) {
        if self.unsettled == 0 && self.state != LeaseState::WrittenOff {
            self.state = LeaseState::Closed;
        }
    }
}
