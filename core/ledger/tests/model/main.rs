//! The permit protocol under a model checker: every order of messages, losses, repetitions, crashes, time-outs, pauses and
//! set-back disks, up to the bounds of each row.
//!
//! The names of the invariants are those of the page on permits.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

mod node;
mod part;
mod system;

use imprint_ledger::permit::Place;
use stateright::{Checker, HasDiscoveries, Model, Property};
use std::collections::BTreeMap;
use system::{Action, Bug, JOB, System, World};

impl Model for System {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![self.start()]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        // What is broken already need not be followed.
        if world.broken.is_none() {
            System::actions(self, world, actions);
        }
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        self.next(world, action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(UNITS, |system, world| {
                is_excused(system, world) || units(world) <= system.cap
            }),
            Property::always(HOLDERS, |system, world| {
                is_excused(system, world) || has_one_holder(world)
            }),
            Property::always(TARGETS, |system, world| {
                is_excused(system, world) || double(world).is_empty()
            }),
            Property::always(CONSERVED, is_conserved),
            Property::always(STEPS, |_, world: &World| world.broken.is_none()),
            Property::always(EXPLAINED, |_, world: &World| is_explained(world)),
            Property::sometimes(ALL_USED, all_used),
        ]
    }
}

const UNITS: &str = "I1 units are at most the cap";
const HOLDERS: &str = "I2 an ordinal is in one station's hands";
const TARGETS: &str = "I3, I4 an ordinal and its serial number are on one target";
const STEPS: &str = "I5 to I8 no step breaks a rule";
const CONSERVED: &str = "I9 free, leased, used, void and lost ordinals are the cap";
const EXPLAINED: &str = "what is on two targets was put there by a station that was set back";
const ALL_USED: &str = "I10 all ordinals get used";

/// Without a counter a disk that was set back is not noticed before the cloud hears of it: nothing is promised of what the
/// station did in between, but that it was this station.
fn is_excused(system: &System, world: &World) -> bool {
    !system.has_counter && world.nodes.iter().any(|node| node.was_set_back)
}

fn units(world: &World) -> u64 {
    let mut targets: Vec<u8> = world.programmed.iter().map(|it| it.2).collect();
    targets.sort_unstable();
    targets.dedup();
    targets.len() as u64
}

fn has_one_holder(world: &World) -> bool {
    let permits = |node: usize| {
        let station = &world.nodes[node].station;
        // One that has stopped for good holds them on paper only.
        let leases = station.leases().filter(|_| !station.is_stopped());
        let ordinals = leases.flat_map(|(_, held)| held.permits.iter().map(|it| it.ordinal));
        ordinals.collect::<Vec<_>>()
    };
    let others = permits(1);
    permits(0).iter().all(|ordinal| !others.contains(ordinal))
}

/// The stations that changed targets under an ordinal, or a serial number, that is on two targets.
fn double(world: &World) -> Vec<Vec<usize>> {
    let mut by_ordinal: BTreeMap<(bool, u64), (Vec<u8>, Vec<usize>)> = BTreeMap::new();
    for &(ordinal, index, target, station) in &world.programmed {
        for key in [(true, ordinal), (false, index)] {
            let (targets, stations) = by_ordinal.entry(key).or_default();
            targets.push(target);
            stations.push(station);
        }
    }
    let is_double = |(targets, _): &(Vec<u8>, _)| targets.iter().any(|it| *it != targets[0]);
    let doubles = by_ordinal.into_values().filter(is_double);
    doubles.map(|(_, stations)| stations).collect()
}

fn is_explained(world: &World) -> bool {
    let was_set_back = |station: &usize| world.nodes[*station].was_set_back;
    double(world)
        .iter()
        .all(|stations| stations.iter().any(was_set_back))
}

fn is_conserved(system: &System, world: &World) -> bool {
    let job = world.cloud.job(JOB).unwrap();
    let tally = job.count();
    let sum = tally.free + tally.leased + tally.used + tally.void + tally.lost;
    sum == system.cap && job.audit() == job.tally
}

fn all_used(system: &System, world: &World) -> bool {
    let job = world.cloud.job(JOB).unwrap();
    let used = job.ordinals.iter().filter(|it| it.place == Place::Used);
    used.count() as u64 == system.cap
}

/// Two stations that ask before each unit, one target that is carried from one to the other, and messages.
const SINGLE: System = System {
    cap: 3,
    lease_units: 1,
    targets: [&[1, 2], &[2]],
    has_counter: false,
    bug: Bug::None,
    crashes: 0,
    set_backs: 0,
    time_outs: 0,
    pauses: 0,
    revokes: 0,
    write_offs: 0,
    failures: 0,
    requests: 2,
    attempts: 2,
    can_close: false,
};

/// Two stations that hold two permits for any target.
const OFFLINE: System = System {
    lease_units: 2,
    targets: [&[1, 2], &[3]],
    can_close: true,
    ..SINGLE
};

/// What a row came to.
struct Explored {
    states: usize,
    /// Properties that do not hold, with the steps that show it.
    broken: Vec<(&'static str, Vec<Action>)>,
    reaches_the_end: bool,
}

/// Explores a row from the start outwards, until a property is broken, there is nothing new, or `most` states were seen.
fn explore(name: &str, system: System, most: usize) -> Explored {
    let checker = system
        .checker()
        .threads(2)
        .target_state_count(most)
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs()
        .join();
    let states = checker.unique_state_count();
    let depth = checker.max_depth();
    let mut broken: Vec<_> = checker
        .discoveries()
        .into_iter()
        .map(|(property, path)| (property, path.into_actions()))
        .collect();
    let before = broken.len();
    broken.retain(|(property, _)| *property != ALL_USED);
    println!(
        "{name}: {states} states, {depth} steps, {}",
        checker.state_count()
    );
    Explored {
        states,
        reaches_the_end: broken.len() < before,
        broken,
    }
}

fn rows() -> Vec<(&'static str, System)> {
    vec![
        (
            "single",
            System {
                failures: 1,
                ..SINGLE
            },
        ),
        (
            "single, crash",
            System {
                crashes: 1,
                ..SINGLE
            },
        ),
        (
            "single, time-out, revoke",
            System {
                time_outs: 1,
                revokes: 1,
                write_offs: 1,
                ..SINGLE
            },
        ),
        (
            "single, pause",
            System {
                pauses: 1,
                requests: 3,
                ..SINGLE
            },
        ),
        (
            "single, close",
            System {
                can_close: true,
                requests: 3,
                attempts: 1,
                ..SINGLE
            },
        ),
        (
            "offline",
            System {
                crashes: 1,
                ..OFFLINE
            },
        ),
        (
            "offline, time-out",
            System {
                time_outs: 1,
                write_offs: 1,
                revokes: 1,
                ..OFFLINE
            },
        ),
        (
            "offline, three",
            System {
                requests: 3,
                ..OFFLINE
            },
        ),
        (
            "single, set back",
            System {
                set_backs: 1,
                ..SINGLE
            },
        ),
        (
            "offline, set back",
            System {
                set_backs: 1,
                ..OFFLINE
            },
        ),
        (
            "single, set back, counter",
            System {
                set_backs: 1,
                has_counter: true,
                ..SINGLE
            },
        ),
        (
            "offline, set back, counter",
            System {
                set_backs: 1,
                has_counter: true,
                ..OFFLINE
            },
        ),
        (
            "offline, set back, crash, counter",
            System {
                set_backs: 1,
                crashes: 1,
                has_counter: true,
                ..OFFLINE
            },
        ),
    ]
}

#[test]
fn the_protocol_keeps_its_invariants() {
    let mut states = 0;
    for (name, system) in rows() {
        let explored = explore(name, system, MOST);
        states += explored.states;
        assert!(explored.broken.is_empty(), "{name}: {:#?}", explored.broken);
    }
    assert!(states > 1_000_000, "{states}");
}

/// A model in which nothing can be made breaks no rule either.
#[test]
fn all_that_is_allowed_can_be_made() {
    let system = System {
        cap: 2,
        targets: [&[1], &[2]],
        attempts: 1,
        ..SINGLE
    };
    let explored = explore("all of it", system, usize::MAX);
    assert!(explored.broken.is_empty(), "{:?}", explored.broken);
    assert!(explored.reaches_the_end);
}

/// States a row is followed for.
const MOST: usize = 400_000;

/// What this test is good for: each of three mistakes that such systems are made with is found.
#[test]
fn seeded_bugs_are_found() {
    let rows = [
        (
            "reclaim on time-out",
            System {
                bug: Bug::ReclaimOnTimeOut,
                time_outs: 1,
                ..OFFLINE
            },
        ),
        (
            "program before journal",
            System {
                bug: Bug::ProgramBeforeJournal,
                crashes: 1,
                ..OFFLINE
            },
        ),
        (
            "set back unseen",
            System {
                bug: Bug::CounterIgnored,
                has_counter: true,
                set_backs: 1,
                ..OFFLINE
            },
        ),
    ];
    for (name, system) in rows {
        let explored = explore(name, system, 4 * MOST);
        let mut found = explored.broken.iter().map(|(property, _)| *property);
        assert!(
            found.any(|it| [UNITS, HOLDERS, TARGETS].contains(&it)),
            "{name}: {:?}",
            explored.broken
        );
        for (property, actions) in &explored.broken {
            println!("{property}: {actions:?}");
        }
    }
}
