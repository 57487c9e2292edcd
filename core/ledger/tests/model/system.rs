//! Two stations, a cloud and a network, as a model checker steps through them. Both sides are the code that ships.
//!
//! The network keeps all that was ever sent, and delivers any of it at any time, as often as it likes: what it never
//! delivers is lost, what it delivers twice is repeated, what it delivers late is out of order. A station's disk holds what
//! its records made; a crash takes everything else, at any point. A message that a crash kept from being sent is one that is
//! never delivered, so sending is done with the record, unless the counter has to be advanced before: that is a step of its
//! own.

use crate::{node::Node, part::Part};
use imprint_ledger::{
    AttemptId, DeploymentId, ImageId, KeyShare, LeaseId, SerialId, StationId, Uid,
    permit::{
        Answer, Ask, Close, Cloud, Event, JobState, LeaseAsk, LogState, Policy, Received, Reply,
        Request, SerialTerms, Station, Step, StopReason, Terms, UnitEnd,
    },
};
use std::collections::BTreeSet;

pub const JOB: DeploymentId = DeploymentId([1; 16]);
const IMAGE: ImageId = ImageId([2; 32]);

/// What is explored, and how much of each.
#[derive(Clone, Debug)]
pub struct System {
    /// Permits of the Job.
    pub cap: u64,
    /// Permits a station asks for at once; 1 names the target.
    pub lease_units: u64,
    /// The targets at each station. One may be carried from one to the other.
    pub targets: [&'static [u8]; 2],
    pub has_counter: bool,
    pub bug: Bug,
    /// How often each may happen.
    pub crashes: u8,
    pub set_backs: u8,
    pub time_outs: u8,
    pub pauses: u8,
    pub revokes: u8,
    pub write_offs: u8,
    pub failures: u8,
    /// Where it ends.
    pub requests: u64,
    pub attempts: u8,
    pub can_close: bool,
}

/// What a wrong driver would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    None,
    /// A lease that is too old is taken for one that its station gave back.
    ReclaimOnTimeOut,
    /// The target is changed before the record is durable.
    ProgramBeforeJournal,
    /// The counter is not looked at.
    CounterIgnored,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    pub cloud: Part<Cloud>,
    pub nodes: [Node; 2],
    requests: BTreeSet<Part<Request>>,
    replies: BTreeSet<Part<Reply>>,
    /// Every target that was changed: ordinal, index of its serial number, target, station.
    pub programmed: BTreeSet<(u64, u64, u8, usize)>,
    pub spent: Spent,
    /// A rule that a single step broke.
    pub broken: Option<&'static str>,
}

/// What has happened of what may happen so often.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Spent {
    crashes: u8,
    set_backs: u8,
    time_outs: u8,
    pauses: u8,
    revokes: u8,
    write_offs: u8,
    failures: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    Ask(usize, Option<u8>),
    Report(usize),
    Close(usize, LeaseId),
    Begin(usize, u8),
    Program(usize),
    Save(usize),
    End(usize, Option<UnitEnd>),
    Advance(usize),
    ToCloud(usize),
    ToStation(usize),
    Crash(usize),
    Rest(usize),
    Copy(usize),
    SetBack(usize),
    TimeOut(LeaseId),
    Pause,
    Resume,
    Revoke(usize),
    WriteOff(LeaseId),
}

pub fn uid(target: u8) -> Uid {
    Uid::new(&[target; 8]).expect("eight bytes")
}

fn station_id(node: usize) -> StationId {
    StationId([node as u8 + 1; 32])
}

impl System {
    pub fn start(&self) -> World {
        let mut cloud = Cloud::default();
        let policy = Policy {
            revision: 1,
            cap: self.cap,
            attempts: None,
            failures: None,
            offline_units: if self.lease_units > 1 {
                self.lease_units
            } else {
                0
            },
            ttl_s: 60,
        };
        let serial = SerialTerms {
            serial: SerialId([3; 32]),
            count: 1,
            index_end: 1000,
        };
        let terms = Terms {
            job: JOB,
            image: IMAGE,
            image_revision: 1,
            share: KeyShare([4; 32]),
            serials: vec![serial],
            policy,
        };
        let enrolled = [0, 1].map(|node| Event::Enrolled(station_id(node)));
        for event in [Event::Created(terms)].iter().chain(&enrolled) {
            cloud.apply(event).expect("an order");
        }
        let nodes = [0, 1].map(|node| {
            let mut fresh = Node {
                station: Part::new(Station::new(station_id(node))),
                saved: None,
                counter: 0,
                advances: vec![],
                unsent: None,
                at_work: None,
                unsaved: None,
                attempts: 0,
                was_set_back: false,
                is_behind: false,
            };
            // Its first start, and the counter with it.
            fresh.power_up(self);
            fresh.counter = fresh.advances.pop().unwrap_or(0);
            fresh
        });
        World {
            cloud: Part::new(cloud),
            nodes,
            requests: BTreeSet::new(),
            replies: BTreeSet::new(),
            programmed: BTreeSet::new(),
            spent: Spent::default(),
            broken: None,
        }
    }

    pub fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        (0..2).for_each(|node| self.node_actions(world, node, actions));
        actions.extend((0..world.requests.len()).map(Action::ToCloud));
        actions.extend((0..world.replies.len()).map(Action::ToStation));
        let spent = &world.spent;
        for (id, _) in world.cloud.leases() {
            if spent.time_outs < self.time_outs {
                actions.push(Action::TimeOut(id));
            }
            if spent.write_offs < self.write_offs {
                actions.push(Action::WriteOff(id));
            }
        }
        let is_paused = world
            .cloud
            .job(JOB)
            .is_some_and(|it| it.state == JobState::Paused);
        if spent.pauses < self.pauses && !is_paused {
            actions.push(Action::Pause);
        }
        if is_paused {
            actions.push(Action::Resume);
        }
    }

    fn node_actions(&self, world: &World, at: usize, actions: &mut Vec<Action>) {
        let (node, spent) = (&world.nodes[at], &world.spent);
        if spent.set_backs < self.set_backs {
            match &node.saved {
                None => actions.push(Action::Copy(at)),
                Some(_) => actions.push(Action::SetBack(at)),
            }
        }
        if node.station.is_stopped() {
            return;
        }
        if spent.crashes < self.crashes {
            actions.push(Action::Crash(at));
        }
        if spent.revokes < self.revokes {
            actions.push(Action::Revoke(at));
        }
        // A driver waits for the counter before it does anything else.
        if !node.advances.is_empty() {
            actions.push(Action::Advance(at));
            return;
        }
        if let Some((_, _, is_changed)) = node.at_work {
            match (is_changed, &node.unsaved) {
                (true, Some(_)) => return actions.push(Action::Save(at)),
                (true, None) => {
                    actions.push(Action::End(at, Some(UnitEnd::Pass)));
                    if spent.failures < self.failures {
                        actions.push(Action::End(at, Some(UnitEnd::Fail)));
                    }
                }
                (false, _) => {
                    actions.push(Action::Program(at));
                    actions.push(Action::End(at, None));
                }
            }
        } else {
            if node.attempts < self.attempts {
                let targets = self.targets[at].iter();
                actions.extend(targets.map(|target| Action::Begin(at, *target)));
            }
            if self.has_counter && spent.crashes < self.crashes {
                actions.push(Action::Rest(at));
            }
        }
        if node.station.pending().is_none() && self.may_ask(world, at) {
            self.requests_of(node, at, actions);
        }
    }

    fn may_ask(&self, world: &World, at: usize) -> bool {
        let made = world
            .requests
            .iter()
            .filter(|it| it.station == station_id(at));
        (made.count() as u64) < self.requests
    }

    fn requests_of(&self, node: &Node, at: usize, actions: &mut Vec<Action>) {
        let held: Vec<_> = node.station.leases().collect();
        match self.lease_units {
            1 => {
                let has = |target: u8| held.iter().any(|(_, it)| it.uid == Some(uid(target)));
                let targets = self.targets[at].iter().filter(|target| !has(**target));
                actions.extend(targets.map(|target| Action::Ask(at, Some(*target))));
            }
            _ if held.iter().all(|(_, it)| it.permits.is_empty()) => {
                actions.push(Action::Ask(at, None));
            }
            _ => {}
        }
        if !node.station.outbox().is_empty() {
            actions.push(Action::Report(at));
        }
        if self.can_close {
            actions.extend(held.iter().map(|(id, _)| Action::Close(at, *id)));
        }
    }

    pub fn next(&self, last: &World, action: Action) -> Option<World> {
        let mut world = last.clone();
        match action {
            Action::ToCloud(at) => {
                let request = world.requests.iter().nth(at)?.clone();
                self.deliver(&mut world, &request)?;
            }
            Action::ToStation(at) => {
                let reply = world.replies.iter().nth(at)?.clone();
                let node = (0..2).find(|node| station_id(*node) == reply.station)?;
                self.answer(&mut world, node, &reply)?;
            }
            Action::Pause => {
                world.spent.pauses += 1;
                world
                    .cloud
                    .change(|it| it.apply(&Event::Paused(JOB)))
                    .ok()?;
            }
            Action::Resume => {
                world
                    .cloud
                    .change(|it| it.apply(&Event::Resumed(JOB)))
                    .ok()?;
            }
            Action::Revoke(node) => {
                world.spent.revokes += 1;
                world
                    .cloud
                    .change(|it| it.apply(&Event::Revoked(station_id(node))))
                    .ok()?;
            }
            Action::TimeOut(lease) => self.time_out(&mut world, lease)?,
            Action::WriteOff(lease) => {
                let event = Event::WrittenOff(lease);
                world.cloud.check(&event).ok()?;
                world.spent.write_offs += 1;
                world.cloud.change(|it| it.apply(&event)).ok()?;
            }
            at_station => self.at_station(&mut world, at_station)?,
        }
        Some(world)
    }

    fn at_station(&self, world: &mut World, action: Action) -> Option<()> {
        match action {
            Action::Ask(at, target) => {
                let step = world.nodes[at].station.ask(LeaseAsk {
                    job: JOB,
                    image: IMAGE,
                    want: self.lease_units,
                    uid: target.map(uid),
                });
                world.take(at, step.ok()?);
            }
            Action::Report(at) => {
                let step = world.nodes[at].station.report().ok()?;
                world.take(at, step);
            }
            Action::Close(at, lease) => {
                let counter = world.nodes[at].reading(self);
                let step = world.nodes[at].station.close(lease, counter).ok()?;
                world.take(at, step);
            }
            Action::Begin(at, target) => self.begin(world, at, target)?,
            Action::Program(at) => {
                let (target, attempt, _) = world.nodes[at].at_work?;
                world.program(at, target, attempt);
            }
            Action::Save(at) => {
                let record = world.nodes[at].unsaved.take()?;
                world.nodes[at].apply(&record);
            }
            Action::End(at, end) => {
                let (_, attempt, _) = world.nodes[at].at_work.take()?;
                world.spent.failures += u8::from(end == Some(UnitEnd::Fail));
                let step = world.nodes[at].station.end(attempt, end).ok()?;
                world.take(at, step);
            }
            Action::Advance(at) => {
                let value = world.nodes[at].advances.remove(0);
                world.nodes[at].counter = world.nodes[at].counter.max(value);
                world.send(at);
            }
            Action::Crash(at) => {
                world.spent.crashes += 1;
                world.nodes[at].power_up(self);
                world.send(at);
            }
            Action::Rest(at) => {
                world.spent.crashes += 1;
                let counter = world.nodes[at].reading(self);
                let step = world.nodes[at].station.rest(counter).ok()?;
                world.take(at, step);
                let value = world.nodes[at].advances.pop();
                world.nodes[at].counter = value.unwrap_or(world.nodes[at].counter);
                world.nodes[at].power_up(self);
                world.send(at);
            }
            Action::Copy(at) => world.nodes[at].saved = Some(world.nodes[at].station.clone()),
            Action::SetBack(at) => {
                world.spent.set_backs += 1;
                world.set_back(at);
                world.nodes[at].power_up(self);
                world.send(at);
            }
            _ => return None,
        }
        Some(())
    }

    fn begin(&self, world: &mut World, at: usize, target: u8) -> Option<()> {
        let node = &mut world.nodes[at];
        let attempt = AttemptId([at as u8 * 16 + node.attempts; 16]);
        let counter = node.reading(self);
        let step = node
            .station
            .begin(JOB, attempt, Some(uid(target)), 0, counter);
        let step = step.ok()?;
        node.attempts += 1;
        node.at_work = Some((target, attempt, false));
        if self.bug == Bug::ProgramBeforeJournal {
            let record = step.records.into_iter().next()?;
            let disk = node.station.clone();
            node.apply(&record);
            world.program(at, target, attempt);
            world.nodes[at].station = disk;
            world.nodes[at].unsaved = Some(record);
        } else {
            world.take(at, step);
        }
        Some(())
    }

    fn deliver(&self, world: &mut World, request: &Request) -> Option<()> {
        let reply = match world.cloud.receive(request) {
            Received::Known(reply) => reply,
            Received::New => {
                let before = world.cloud.clone();
                let event = Event::Received(request.clone());
                let reply = world.cloud.change(|it| it.apply(&event));
                let Ok(Some(reply)) = reply else {
                    world.broken = Some("the books do not agree");
                    return Some(());
                };
                world.check_received(&before, request);
                reply
            }
        };
        world.replies.insert(Part::new(reply));
        Some(())
    }

    fn answer(&self, world: &mut World, at: usize, reply: &Reply) -> Option<()> {
        let node = &world.nodes[at];
        if !node.advances.is_empty() || node.unsaved.is_some() {
            return None;
        }
        let step = node.station.receive(reply, self.cap, 0, node.reading(self));
        match step {
            Ok(step) if step.records.is_empty() => None,
            Ok(step) => {
                world.take(at, step);
                Some(())
            }
            Err(_) if node.station.is_stopped() => None,
            Err(_) => {
                let step = node.station.stop_for(StopReason::Grant);
                world.take(at, step);
                Some(())
            }
        }
    }

    fn time_out(&self, world: &mut World, id: LeaseId) -> Option<()> {
        let event = Event::TimedOut(id);
        world.cloud.check(&event).ok()?;
        world.spent.time_outs += 1;
        let free = world.cloud.job(JOB)?.count().free;
        world.cloud.change(|it| it.apply(&event)).ok()?;
        if world.cloud.job(JOB)?.count().free != free {
            world.broken = Some("a time-out gave something back");
        }
        if self.bug == Bug::ReclaimOnTimeOut {
            let forged = forged_close(&world.cloud, id)?;
            world
                .cloud
                .change(|it| it.apply(&Event::Received(forged)))
                .ok()?;
        }
        Some(())
    }
}

/// A close that the station never sent.
fn forged_close(cloud: &Cloud, id: LeaseId) -> Option<Request> {
    let (_, lease) = cloud.leases().find(|(found, _)| *found == id)?;
    let member = cloud.member(lease.station)?;
    Some(Request {
        station: lease.station,
        op: member.last_op + 1,
        log: LogState {
            size: member.log().size(),
            root: member.log().root(),
            leaves: vec![],
        },
        ask: Ask::Close(Close {
            lease: id,
            unused: lease.ordinals.clone(),
            lost: vec![],
        }),
    })
}

impl World {
    /// Makes a step durable and does its effects.
    fn take(&mut self, at: usize, step: Step) {
        let node = &mut self.nodes[at];
        step.records.iter().for_each(|record| node.apply(record));
        node.plan(step.effects);
        self.send(at);
    }

    /// Sends what is to be sent, once the counter is where it has to be.
    fn send(&mut self, at: usize) {
        let node = &mut self.nodes[at];
        if !node.advances.is_empty() {
            return;
        }
        let Some(request) = node.unsent.take() else {
            return;
        };
        // It has lost one request and asks the very same again: that is its past anew.
        let received = self.cloud.receive(&request);
        let is_behind = |reply: &Reply| matches!(reply.answer, Answer::Behind(_));
        if matches!(received, Received::Known(reply) if !is_behind(&reply)) {
            node.is_behind = false;
        }
        self.requests.insert(request);
    }

    fn program(&mut self, at: usize, target: u8, attempt: AttemptId) {
        let node = &mut self.nodes[at];
        node.at_work = Some((target, attempt, true));
        let mut units = node.station.units();
        let Some(unit) = units.find(|unit| unit.attempt == attempt) else {
            self.broken = Some("an attempt without a permit");
            return;
        };
        let index = unit.permit.serials[0].first;
        self.programmed
            .insert((unit.permit.ordinal, index, target, at));
    }

    fn set_back(&mut self, at: usize) {
        let node = &mut self.nodes[at];
        if let Some(saved) = node.saved.take() {
            node.station = saved;
        }
        node.was_set_back = true;
        let seen = self.cloud.member(node.station.id());
        let seen = seen.map_or(0, |it| it.last_op);
        node.is_behind = node.station.op() < seen;
    }

    fn check_received(&mut self, before: &Cloud, request: &Request) {
        let was_paused = before
            .job(JOB)
            .is_some_and(|it| it.state == JobState::Paused);
        let has_grown = self.cloud.leases().count() > before.leases().count();
        if was_paused && has_grown {
            self.broken = Some("a lease was given in a pause");
        }
        let node = self
            .nodes
            .iter()
            .find(|it| it.station.id() == request.station);
        // One that was sent before the disk was set back may still arrive.
        let is_new = |node: &Node| node.is_behind && node.station.pending() == Some(request);
        if has_grown && node.is_some_and(is_new) {
            self.broken = Some("a station that was set back got a new lease");
        }
        let both = before.job(JOB).zip(self.cloud.job(JOB));
        let Some((before, after)) = both else {
            return;
        };
        for (old, new) in before.ordinals.iter().zip(&after.ordinals) {
            if !new.outcomes.starts_with(&old.outcomes) {
                self.broken = Some("an outcome was changed");
            }
        }
    }
}
