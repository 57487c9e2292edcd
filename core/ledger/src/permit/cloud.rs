//! The cloud's books: Jobs with their ordinals, leases, and what is known of each station.
//!
//! An ordinal is free, leased, used, void or lost, and all of them together are the cap. This is asked after every event.

use super::{
    denial::{Denial, Impossible},
    event::{Event, Policy, Terms},
    message::{Outcome, Reply, SerialRange},
};
use crate::{Damage, DeploymentId, LeaseId, RequestHash, SerialId, StationId, Uid, log::Frontier};
use std::collections::BTreeMap;

/// The books of one virtual factory. Begins empty; only [`Cloud::apply`] changes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Cloud {
    pub(super) jobs: BTreeMap<DeploymentId, Job>,
    pub(super) leases: BTreeMap<LeaseId, Lease>,
    pub(super) members: BTreeMap<StationId, Member>,
    /// The next index of each serial number.
    pub(super) serials: BTreeMap<SerialId, u64>,
}

/// A Job.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Job {
    /// What it was created with; image and policy are the current ones.
    pub terms: Terms,
    /// Whether it gives leases.
    pub state: JobState,
    /// Every ordinal that was ever leased, from 0 without gap. All above are free.
    pub ordinals: Vec<Ordinal>,
    /// How many of them are in each state.
    pub tally: Tally,
    /// Attempts whose end is known, or is known to be unknown.
    pub attempts: u64,
    /// Failed attempts.
    pub failures: u64,
    /// Ordinals of leases that are not settled, counted by lease: the other side of `tally.leased`.
    pub(super) unsettled: u64,
}

/// Whether a Job gives leases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobState {
    /// It does.
    Active,
    /// Not now.
    Paused,
    /// Never again.
    Deleted,
}

/// One permitted unit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ordinal {
    /// Where it is.
    pub place: Place,
    /// The only target it may be for.
    pub uid: Option<Uid>,
    /// Its serial numbers.
    pub serials: Vec<SerialRange>,
    /// What became of it, in the order it was told. Never changed.
    pub outcomes: Vec<Outcome>,
}

/// Where an ordinal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// To be had.
    Free,
    /// With a station.
    Leased(LeaseId),
    /// On a target, whatever became of it.
    Used,
    /// Came back after its Job was deleted.
    Void,
    /// Nobody can tell.
    Lost,
}

/// How many ordinals are in each place, of those that were ever leased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub struct Tally {
    pub free: u64,
    pub leased: u64,
    pub used: u64,
    pub void: u64,
    pub lost: u64,
}

/// A run of permits that one station holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    /// Who has it.
    pub station: StationId,
    /// Of which Job.
    pub job: DeploymentId,
    /// For which target only.
    pub uid: Option<Uid>,
    /// What it permits.
    pub ordinals: Vec<u64>,
    /// How it stands.
    pub state: LeaseState,
    /// Ordinals of which nothing is known yet.
    pub(super) unsettled: u64,
}

/// How a lease stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LeaseState {
    /// Its station may use it.
    Granted,
    /// Its time is over, or its station is not trusted: it is waited for.
    Quarantined,
    /// Its station gave it back, or has used all of it.
    Closed,
    /// The owner gave it up.
    WrittenOff,
}

/// What is known of a station.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    /// Whether it gets leases.
    pub state: MemberState,
    /// The number of its last request.
    pub last_op: u64,
    /// Hashes of its last requests, with their numbers.
    pub(super) requests: BTreeMap<u64, RequestHash>,
    /// What the last one was answered.
    pub(super) reply: Option<Reply>,
    /// Its log, as far as it was seen.
    pub(super) log: Frontier,
}

/// Whether a station gets leases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MemberState {
    /// It does.
    Active,
    /// The owner revoked it; it may still settle what it holds.
    Revoked,
    /// Its past is not the one that was seen. Nothing of it is believed.
    Forked,
}

impl Cloud {
    /// A Job.
    pub fn job(&self, job: DeploymentId) -> Option<&Job> {
        self.jobs.get(&job)
    }

    /// All leases ever given.
    pub fn leases(&self) -> impl Iterator<Item = (LeaseId, &Lease)> {
        self.leases.iter().map(|(id, lease)| (*id, lease))
    }

    /// What is known of a station.
    pub fn member(&self, station: StationId) -> Option<&Member> {
        self.members.get(&station)
    }

    /// Whether an owner's order, or a time-out, can be carried out: asked before it is journalled.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, event: &Event) -> Result<(), Denial> {
        let lease = |id| self.leases.get(id).ok_or(Denial::UnknownLease);
        match event {
            Event::Enrolled(station) if self.members.contains_key(station) => {
                Err(Denial::Order(Impossible::Exists))
            }
            Event::Enrolled(_) | Event::Received(_) => Ok(()),
            Event::Created(terms) if self.jobs.contains_key(&terms.job) => {
                Err(Denial::Order(Impossible::Exists))
            }
            Event::Created(terms) => check_serials(terms),
            Event::PolicySet((job, policy)) => self.live_job(*job)?.check_policy(policy),
            Event::ImageSet((job, (_, revision))) => {
                match *revision > self.live_job(*job)?.terms.image_revision {
                    true => Ok(()),
                    false => Err(Denial::Order(Impossible::OldRevision)),
                }
            }
            Event::Paused(job) | Event::Resumed(job) | Event::Deleted(job) => {
                self.live_job(*job).map(|_| ())
            }
            Event::Revoked(station) => match self.members.contains_key(station) {
                true => Ok(()),
                false => Err(Denial::UnknownStation),
            },
            Event::WrittenOff(id) | Event::TimedOut(id) => match lease(id)?.unsettled {
                0 => Err(Denial::Order(Impossible::Settled)),
                _ => Ok(()),
            },
        }
    }

    pub(super) fn live_job(&self, job: DeploymentId) -> Result<&Job, Denial> {
        let job = self.jobs.get(&job);
        job.filter(|job| job.state != JobState::Deleted)
            .ok_or(Denial::UnknownJob)
    }

    /// Takes in what has happened, and gives the reply to send if it was a request. Journal the event before.
    ///
    /// # Errors
    /// [`Damage::Contradiction`] if it cannot have happened, or if the books do not agree after it: the state is then of no
    /// use any more.
    pub fn apply(&mut self, event: &Event) -> Result<Option<Reply>, Damage> {
        let damage = |message: String| Damage::Contradiction { message };
        self.check(event)
            .map_err(|denial| damage(denial.to_string()))?;
        let reply = match event {
            Event::Received(request) => Some(self.answer(request)?),
            _ => {
                self.obey(event);
                None
            }
        };
        match self.jobs.iter().find(|(_, job)| !job.is_conserved()) {
            Some((id, _)) => Err(damage(format!("the ordinals of Job {id} are not its cap"))),
            None => Ok(reply),
        }
    }

    fn obey(&mut self, event: &Event) {
        match event {
            Event::Enrolled(station) => {
                self.members.insert(*station, Member::new());
            }
            Event::Created(terms) => {
                self.jobs.insert(terms.job, Job::new(terms.clone()));
            }
            Event::PolicySet((job, policy)) => self.change(*job, |it| it.terms.policy = *policy),
            Event::ImageSet((job, (image, revision))) => self.change(*job, |it| {
                it.terms.image = *image;
                it.terms.image_revision = *revision;
            }),
            Event::Paused(job) => self.change(*job, |it| it.state = JobState::Paused),
            Event::Resumed(job) => self.change(*job, |it| it.state = JobState::Active),
            Event::Deleted(job) => self.change(*job, |it| {
                it.state = JobState::Deleted;
                it.terms.share.0 = [0; 32];
            }),
            Event::Revoked(station) => self.distrust(*station, MemberState::Revoked),
            Event::WrittenOff(lease) => self.write_off(*lease),
            Event::TimedOut(lease) => self.quarantine(*lease),
            Event::Received(_) => {}
        }
    }

    fn change(&mut self, job: DeploymentId, how: impl FnOnce(&mut Job)) {
        if let Some(job) = self.jobs.get_mut(&job) {
            how(job);
        }
    }

    /// A station gets nothing any more, and what it holds is waited for.
    pub(super) fn distrust(&mut self, station: StationId, state: MemberState) {
        if let Some(member) = self.members.get_mut(&station)
            && member.state != MemberState::Forked
        {
            member.state = state;
        }
        let leases = self.leases.values_mut();
        leases
            .filter(|lease| lease.station == station && lease.state == LeaseState::Granted)
            .for_each(|lease| lease.state = LeaseState::Quarantined);
    }

    fn quarantine(&mut self, lease: LeaseId) {
        if let Some(lease) = self.leases.get_mut(&lease)
            && lease.state == LeaseState::Granted
        {
            lease.state = LeaseState::Quarantined;
        }
    }
}

impl Job {
    fn new(terms: Terms) -> Job {
        Job {
            terms,
            state: JobState::Active,
            ordinals: vec![],
            tally: Tally::default(),
            attempts: 0,
            failures: 0,
            unsettled: 0,
        }
    }

    /// Free, leased, used, void and lost ordinals: together the cap.
    pub fn count(&self) -> Tally {
        let fresh = self.terms.policy.cap - self.ordinals.len() as u64;
        Tally {
            free: self.tally.free + fresh,
            ..self.tally
        }
    }

    /// The tally counted anew from the ordinals themselves.
    pub fn audit(&self) -> Tally {
        let mut tally = Tally::default();
        for ordinal in &self.ordinals {
            *tally.of(ordinal.place) += 1;
        }
        tally
    }

    fn check_policy(&self, policy: &Policy) -> Result<(), Denial> {
        if policy.revision <= self.terms.policy.revision {
            return Err(Denial::Order(Impossible::OldRevision));
        }
        match policy.cap < self.ordinals.len() as u64 {
            true => Err(Denial::Order(Impossible::CapTooLow)),
            false => Ok(()),
        }
    }

    /// Whether nothing was made of nothing and nothing got lost. Both sides are counted apart.
    fn is_conserved(&self) -> bool {
        let Tally {
            free,
            leased,
            used,
            void,
            lost,
        } = self.tally;
        let known = self.ordinals.len() as u64;
        free + leased + used + void + lost == known
            && known <= self.terms.policy.cap
            && leased == self.unsettled
    }

    pub(super) fn put(&mut self, ordinal: u64, place: Place) {
        if let Some(found) = self.ordinals.get_mut(ordinal as usize) {
            *self.tally.of(found.place) -= 1;
            *self.tally.of(place) += 1;
            found.place = place;
        }
    }
}

impl Tally {
    pub(super) fn of(&mut self, place: Place) -> &mut u64 {
        match place {
            Place::Free => &mut self.free,
            Place::Leased(_) => &mut self.leased,
            Place::Used => &mut self.used,
            Place::Void => &mut self.void,
            Place::Lost => &mut self.lost,
        }
    }
}

impl Member {
    fn new() -> Member {
        Member {
            state: MemberState::Active,
            last_op: 0,
            requests: BTreeMap::new(),
            reply: None,
            log: Frontier::default(),
        }
    }

    /// Its log, as far as it was seen.
    pub fn log(&self) -> &Frontier {
        &self.log
    }
}

fn check_serials(terms: &Terms) -> Result<(), Denial> {
    let mut ids: Vec<_> = terms.serials.iter().map(|it| it.serial).collect();
    ids.sort();
    ids.dedup();
    let is_possible = terms.serials.iter().all(|it| it.count > 0);
    match is_possible && ids.len() == terms.serials.len() {
        true => Ok(()),
        false => Err(Denial::Order(Impossible::Serials)),
    }
}
