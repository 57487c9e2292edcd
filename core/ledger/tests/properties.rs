//! Random sequences of demands, with crashes anywhere: what must hold of one station, whatever happens.
#![allow(clippy::unwrap_used)]

use imprint_ledger::{
    AttemptId, DefinitionHash, DeploymentId, SerialId, Uid, ValueHash,
    journal::Tail,
    station::{Caps, Demand, End, OnFailure, Record, SerialDemand, Snapshot, ValueDemand, Window},
};
use proptest::prelude::*;
use std::collections::BTreeMap;

const CAP: u64 = 4;
const INDEX_END: u64 = 24;

#[derive(Clone, Debug)]
enum Do {
    Begin {
        deployment: u8,
        uid: u8,
        value: u8,
    },
    End {
        which: usize,
        end: End,
    },
    /// The station dies: what is in memory is gone, and so many bytes of a frame were written.
    Crash {
        torn: usize,
    },
    Forward {
        by: u64,
    },
}

fn anything() -> impl Strategy<Value = Do> {
    let end = prop_oneof![3 => Just(End::Pass), 2 => Just(End::Fail), 1 => Just(End::Untouched)];
    prop_oneof![
        6 => (0u8..3, 0u8..6, 0u8..12)
            .prop_map(|(deployment, uid, value)| Do::Begin { deployment, uid, value }),
        6 => (0usize..4, end).prop_map(|(which, end)| Do::End { which, end }),
        2 => (0usize..100).prop_map(|torn| Do::Crash { torn }),
        1 => (0u64..3).prop_map(|by| Do::Forward { by }),
    ]
}

/// Each deployment has another way with failures; all draw from one serial number.
fn demand(deployment: u8, value: u8) -> Demand {
    let on_failure = match deployment {
        0 => OnFailure::Return,
        _ => OnFailure::Burn,
    };
    let list = SerialId([8; 32]);
    Demand {
        deployment: DeploymentId([deployment; 16]),
        caps: Caps {
            units: Some(CAP),
            attempts: Some(9),
            failures: Some(5),
            ..Caps::default()
        },
        window: Window::default(),
        serials: vec![SerialDemand {
            id: SerialId([7; 32]),
            definition: DefinitionHash([7; 32]),
            index_end: INDEX_END,
            count: u32::from(deployment) + 1,
            on_failure,
        }],
        values: vec![ValueDemand {
            list,
            value: ValueHash::of(list, &[value]),
            on_failure,
        }],
    }
}

/// A station with its journal on disk.
#[derive(Default)]
struct Bench {
    disk: Vec<u8>,
    now: Snapshot,
    attempts: u8,
    /// What has passed, or may have.
    spent: BTreeMap<AttemptId, Spent>,
}

#[derive(Clone, Debug)]
struct Spent {
    deployment: DeploymentId,
    uid: Option<Uid>,
    ordinal: u64,
    indices: Vec<u64>,
    values: Vec<ValueHash>,
    is_open: bool,
    /// What it is a retry of.
    before: Option<(AttemptId, Box<Spent>)>,
}

impl Bench {
    fn journal(&mut self, record: Record) {
        let body = Record::encode(std::slice::from_ref(&record));
        let (frame, head) = self.now.head.frame(&body).unwrap();
        self.disk.extend(frame);
        self.now.head = head;
        self.now.station.apply(&record).unwrap();
    }

    fn step(&mut self, what: &Do) {
        match what {
            Do::Begin {
                deployment,
                uid,
                value,
            } => self.begin(*deployment, *uid, *value),
            Do::End { which, end } => {
                let open: Vec<_> = self
                    .now
                    .station
                    .open()
                    .map(|(attempt, _)| attempt)
                    .collect();
                let Some(attempt) = open.get(*which).copied() else {
                    return;
                };
                let record = self.now.station.end(attempt, *end, 0).unwrap();
                self.journal(record);
                let mut spent = self.spent.remove(&attempt).unwrap();
                match (end, spent.before.take()) {
                    (End::Pass, _) => {
                        spent.is_open = false;
                        self.spent.insert(attempt, spent);
                    }
                    (End::Untouched, Some((before, spent))) => {
                        self.spent.insert(before, *spent);
                    }
                    _ => {}
                }
            }
            Do::Crash { torn } => self.crash(*torn),
            Do::Forward { by } => {
                let (serial, definition) = (SerialId([7; 32]), DefinitionHash([7; 32]));
                let next = self.now.station.next_index(serial).unwrap_or(0) + by;
                if let Ok(record) = self.now.station.set_next(serial, definition, next, 0) {
                    self.journal(record);
                }
            }
        }
    }

    fn begin(&mut self, deployment: u8, uid: u8, value: u8) {
        self.attempts += 1;
        let attempt = AttemptId([self.attempts; 16]);
        // Target 0 has no id.
        let uid = (uid > 0).then(|| Uid::new(&[uid; 8]).unwrap());
        let demand = demand(deployment, value);
        let admitted = self.now.station.admit(&demand, 0).is_ok();
        let Ok(record) = self.now.station.begin(&demand, attempt, uid.clone(), 0) else {
            return;
        };
        assert!(admitted, "what begins was admitted");
        self.journal(record);
        let open = self.now.station.attempt(attempt).unwrap();
        // A target that is taken up again replaces what was unknown of it.
        let is_it = |it: &Spent| {
            it.uid.is_some()
                && it.uid == uid
                && it.deployment == demand.deployment
                && it.ordinal == open.ordinal
        };
        let before = self
            .spent
            .iter()
            .find(|(_, it)| is_it(it))
            .map(|(attempt, _)| *attempt);
        let before = before.map(|it| (it, Box::new(self.spent.remove(&it).unwrap())));
        let spent = Spent {
            deployment: demand.deployment,
            uid,
            ordinal: open.ordinal,
            indices: open
                .draws
                .iter()
                .flat_map(|it| it.indices.clone())
                .collect(),
            values: open.values.iter().map(|it| it.value).collect(),
            is_open: true,
            before,
        };
        self.spent.insert(attempt, spent);
    }

    /// A frame that was being written is cut; then the station begins anew.
    fn crash(&mut self, torn: usize) {
        let mut disk = self.disk.clone();
        // Nobody acted on a record whose writing had not returned.
        let body = Record::encode(&[Record::Seen { time: 1 }]);
        let (frame, _) = self.now.head.frame(&body).unwrap();
        disk.extend(&frame[..torn.min(frame.len() - 1)]);
        let (now, frames) = Snapshot::default().replay(&disk).unwrap();
        assert_eq!(now, self.now, "the journal gives the same state");
        disk.truncate(frames.good_len);
        (self.disk, self.now) = (disk, now);
        let open: Vec<_> = self
            .now
            .station
            .open()
            .map(|(attempt, _)| attempt)
            .collect();
        for attempt in open {
            let record = self.now.station.abandon(attempt, 0).unwrap();
            self.journal(record);
            self.spent.get_mut(&attempt).unwrap().is_open = false;
        }
    }

    fn check(&self) {
        let mut indices: Vec<u64> = self
            .spent
            .values()
            .flat_map(|it| it.indices.clone())
            .collect();
        let count = indices.len();
        indices.sort_unstable();
        indices.dedup();
        assert_eq!(
            indices.len(),
            count,
            "a serial number twice: {:?}",
            self.spent
        );
        assert!(indices.iter().all(|index| *index < INDEX_END));
        let mut values: Vec<_> = self
            .spent
            .values()
            .flat_map(|it| it.values.clone())
            .collect();
        let count = values.len();
        values.sort_unstable();
        values.dedup();
        assert_eq!(values.len(), count, "a value twice: {:?}", self.spent);
        for deployment in self.now.station.deployments() {
            let of = |it: &&Spent| it.deployment == deployment;
            let spent: Vec<_> = self.spent.values().filter(of).collect();
            assert!(spent.len() as u64 <= CAP, "too many units: {spent:?}");
            let counts = self.now.station.counts(deployment);
            assert_eq!(
                counts.passed + counts.open + counts.unknown,
                spent.len() as u64
            );
            let mut ordinals: Vec<_> = spent.iter().map(|it| it.ordinal).collect();
            ordinals.sort_unstable();
            ordinals.dedup();
            assert_eq!(ordinals.len(), spent.len(), "an ordinal twice: {spent:?}");
            assert!(counts.attempts <= 9 && counts.failures <= 5);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_with_crashes_gives_too_much(steps in prop::collection::vec(anything(), 1..60)) {
        let mut bench = Bench::default();
        for step in &steps {
            bench.step(step);
            bench.check();
        }
        let snapshot = Snapshot::from_bytes(&bench.now.to_bytes()).unwrap();
        prop_assert_eq!(snapshot, bench.now);
    }

    #[test]
    fn any_beginning_of_a_journal_is_an_earlier_state(
        steps in prop::collection::vec(anything(), 1..30), cut in any::<prop::sample::Index>(),
    ) {
        let mut bench = Bench::default();
        let mut states = vec![(0, bench.now.clone())];
        for step in steps {
            bench.step(&step);
            let (now, frames) = Snapshot::default().replay(&bench.disk).unwrap();
            states.push((frames.good_len, now));
        }
        let len = cut.index(bench.disk.len() + 1);
        let (now, frames) = Snapshot::default().replay(&bench.disk[..len]).unwrap();
        prop_assert_eq!(frames.tail == Tail::Clean, frames.good_len == len);
        // Between two of the states there may be several frames; each of them is one too.
        let (_, whole) = states.last().unwrap();
        prop_assert!(now.head.sequence <= whole.head.sequence);
        if let Some((_, state)) = states.iter().find(|(at, _)| *at == frames.good_len) {
            prop_assert_eq!(&now, state);
        }
        let rest = now.replay(&bench.disk[frames.good_len..]).unwrap().0;
        prop_assert_eq!(&rest, whole);
    }
}
