//! The accounting of one station: restrictions, numbers, values, and what a crash leaves.
#![allow(clippy::unwrap_used)]

use imprint_ledger::{
    AttemptId, DefinitionHash, DeploymentId, SerialId, Uid, ValueHash,
    station::{
        Caps, Counts, Demand, End, OnFailure, Record, SerialDemand, Station, ValueDemand, Window,
    },
};

const SERIAL: SerialId = SerialId([5; 32]);
const DEFINITION: DefinitionHash = DefinitionHash([6; 32]);

fn demand() -> Demand {
    Demand {
        deployment: DeploymentId([1; 16]),
        caps: Caps::default(),
        window: Window::default(),
        serials: vec![],
        values: vec![],
    }
}

fn capped(caps: Caps) -> Demand {
    Demand { caps, ..demand() }
}

fn with_serial(count: u32, index_end: u64, on_failure: OnFailure) -> Demand {
    let serial = SerialDemand {
        id: SERIAL,
        definition: DEFINITION,
        index_end,
        count,
        on_failure,
    };
    Demand {
        serials: vec![serial],
        ..demand()
    }
}

fn with_value(text: &str, on_failure: OnFailure) -> Demand {
    let value = ValueDemand {
        list: SERIAL,
        value: ValueHash::of(SERIAL, text.as_bytes()),
        on_failure,
    };
    Demand {
        values: vec![value],
        ..demand()
    }
}

fn uid(number: u8) -> Option<Uid> {
    Uid::new(&[number; 8])
}

/// A station, and the number of the next attempt.
#[derive(Default)]
struct Bench {
    station: Station,
    attempts: u8,
}

impl Bench {
    fn apply(&mut self, record: Record) {
        self.station.apply(&record).unwrap();
    }

    fn begin(&mut self, demand: &Demand, uid: Option<Uid>) -> Result<AttemptId, &'static str> {
        self.attempts += 1;
        let attempt = AttemptId([self.attempts; 16]);
        let record = self.station.begin(demand, attempt, uid, 100);
        self.apply(record.map_err(|refusal| refusal.code())?);
        Ok(attempt)
    }

    fn end(&mut self, attempt: AttemptId, end: End) {
        let record = self.station.end(attempt, end, 100).unwrap();
        self.apply(record);
    }

    fn abandon(&mut self, attempt: AttemptId) {
        let record = self.station.abandon(attempt, 100).unwrap();
        self.apply(record);
    }

    /// Ordinal and indices of the next unit, which ends so.
    fn unit(&mut self, demand: &Demand, uid: Option<Uid>, end: End) -> (u64, Vec<u64>) {
        let attempt = self.begin(demand, uid).unwrap();
        let drawn = self.drawn(attempt);
        self.end(attempt, end);
        drawn
    }

    fn drawn(&self, attempt: AttemptId) -> (u64, Vec<u64>) {
        let open = self.station.attempt(attempt).unwrap();
        let indices = open.draws.iter().flat_map(|draw| draw.indices.clone());
        (open.ordinal, indices.collect())
    }

    /// The code of admission and of begin, which agree.
    fn refusal(&self, demand: &Demand, now: u64) -> Option<&'static str> {
        let admitted = self.station.admit(demand, now).err().map(|it| it.code());
        let begun = self.station.begin(demand, AttemptId([255; 16]), None, now);
        assert_eq!(admitted, begun.err().map(|it| it.code()));
        admitted
    }
}

/// What became of a unit.
#[derive(Clone, Copy, Debug)]
enum Came {
    To(End),
    StillOpen,
    LeftByCrash,
}

#[test]
fn each_cap_holds_and_what_is_open_or_unknown_counts() {
    use {Came::*, End::*};
    let units = |cap| Caps {
        units: Some(cap),
        ..Caps::default()
    };
    let station_units = |cap| Caps {
        station_units: Some(cap),
        ..Caps::default()
    };
    let attempts = |cap| Caps {
        attempts: Some(cap),
        ..Caps::default()
    };
    let failures = |cap| Caps {
        failures: Some(cap),
        ..Caps::default()
    };
    // What the units so far came to.
    let rows: [(Caps, &[Came], Option<&str>); 18] = [
        (units(0), &[], Some("IMP-8100")),
        (units(1), &[], None),
        (units(2), &[To(Pass)], None),
        (units(1), &[To(Pass)], Some("IMP-8100")),
        (units(1), &[StillOpen], Some("IMP-8100")),
        (units(1), &[LeftByCrash], Some("IMP-8100")),
        (units(1), &[To(Fail)], None),
        (units(1), &[To(Untouched)], None),
        (station_units(1), &[To(Pass)], Some("IMP-8101")),
        (station_units(1), &[To(Fail)], None),
        (attempts(1), &[To(Fail)], Some("IMP-8102")),
        (attempts(1), &[StillOpen], Some("IMP-8102")),
        (attempts(1), &[To(Untouched)], None),
        (failures(1), &[To(Pass); 3], None),
        (failures(1), &[To(Fail)], Some("IMP-8103")),
        (failures(1), &[StillOpen], Some("IMP-8103")),
        (failures(1), &[LeftByCrash], Some("IMP-8103")),
        (failures(2), &[To(Fail)], None),
    ];
    for (caps, ends, expected) in rows {
        let mut bench = Bench::default();
        let demand = capped(caps);
        for end in ends {
            let attempt = bench.begin(&demand, None).unwrap();
            match end {
                To(end) => bench.end(attempt, *end),
                LeftByCrash => bench.abandon(attempt),
                StillOpen => {}
            }
        }
        assert_eq!(bench.refusal(&demand, 100), expected, "{caps:?} {ends:?}");
    }
}

#[test]
fn counts_follow_the_deployment_and_no_other() {
    let mut bench = Bench::default();
    let demand = capped(Caps {
        units: Some(1),
        ..Caps::default()
    });
    bench.unit(&demand, None, End::Pass);
    let other = Demand {
        deployment: DeploymentId([2; 16]),
        ..demand.clone()
    };
    assert_eq!(bench.refusal(&demand, 100), Some("IMP-8100"));
    assert_eq!(bench.refusal(&other, 100), None);
}

#[test]
fn a_window_is_held_against_the_latest_time_seen() {
    let window = |not_before, not_after| Demand {
        window: Window {
            not_before,
            not_after,
        },
        ..demand()
    };
    // Latest time seen, window, clock.
    let rows = [
        (0, window(Some(100), None), 99, Some("IMP-8104")),
        (0, window(Some(100), None), 100, None),
        (0, window(None, Some(200)), 200, None),
        (0, window(None, Some(200)), 201, Some("IMP-8105")),
        (150, window(None, Some(200)), 147, Some("IMP-8106")),
        (150, window(None, Some(200)), 148, None),
        (150, window(None, Some(200)), 150, None),
        (201, window(None, Some(200)), 200, Some("IMP-8105")),
        (300, window(None, Some(200)), 150, Some("IMP-8106")),
        // Without a window the clock restricts nothing.
        (300, demand(), 0, None),
    ];
    for (seen, demand, now, expected) in rows {
        let mut bench = Bench::default();
        if let Some(record) = bench.station.observe(seen) {
            bench.apply(record);
        }
        let window = demand.window;
        assert_eq!(
            bench.refusal(&demand, now),
            expected,
            "{seen} {window:?} {now}"
        );
    }
}

#[test]
fn every_record_remembers_its_time() {
    let mut bench = Bench::default();
    let attempt = bench.begin(&demand(), None).unwrap();
    assert_eq!(bench.station.time_floor(), 100);
    let record = bench.station.end(attempt, End::Pass, 250).unwrap();
    bench.apply(record);
    let record = bench.station.set_next(SERIAL, DEFINITION, 1, 30).unwrap();
    bench.apply(record);
    assert_eq!(bench.station.time_floor(), 250);
    assert_eq!(bench.station.observe(250), None);
}

#[test]
fn numbers_are_used_by_what_passed_and_come_back_as_the_recipe_says() {
    use End::*;
    use OnFailure::*;
    // Count of each unit, ends so far, indices of the next.
    let rows: [(u32, OnFailure, &[End], &[u64]); 8] = [
        (1, Return, &[], &[0]),
        (1, Return, &[Pass], &[1]),
        (2, Return, &[Pass, Pass], &[4, 5]),
        (1, Return, &[Fail], &[0]),
        (1, Burn, &[Fail], &[1]),
        (1, Burn, &[Untouched], &[0]),
        (3, Return, &[Pass, Fail, Fail], &[3, 4, 5]),
        (1, Burn, &[Fail, Untouched, Fail, Pass], &[3]),
    ];
    for (count, on_failure, ends, expected) in rows {
        let mut bench = Bench::default();
        let demand = with_serial(count, 100, on_failure);
        for end in ends {
            bench.unit(&demand, None, *end);
        }
        let (_, indices) = bench.unit(&demand, None, Pass);
        assert_eq!(indices, expected, "{count} {on_failure:?} {ends:?}");
    }
}

#[test]
fn returned_numbers_are_taken_lowest_first_and_never_by_two() {
    let mut bench = Bench::default();
    let demand = with_serial(2, 100, OnFailure::Return);
    let attempts: Vec<_> = (0..3)
        .map(|_| bench.begin(&demand, None).unwrap())
        .collect();
    assert_eq!(bench.drawn(attempts[2]).1, [4, 5]);
    bench.end(attempts[1], End::Fail);
    bench.end(attempts[0], End::Fail);
    assert_eq!(bench.unit(&demand, None, End::Pass).1, [0, 1]);
    let demand = with_serial(3, 100, OnFailure::Return);
    assert_eq!(bench.unit(&demand, None, End::Pass).1, [2, 3, 6]);
}

#[test]
fn exhausted_numbers_stop_before_the_target() {
    let mut bench = Bench::default();
    let demand = with_serial(2, 5, OnFailure::Return);
    assert_eq!(
        bench.station.admit(&demand, 0).unwrap().serial_units,
        Some(2)
    );
    let first = bench.begin(&demand, None).unwrap();
    bench.unit(&demand, None, End::Pass);
    assert_eq!(bench.refusal(&demand, 100), Some("IMP-8107"));
    bench.end(first, End::Fail);
    assert_eq!(bench.refusal(&demand, 100), None);
    assert_eq!(bench.unit(&demand, None, End::Pass).1, [0, 1]);
    assert_eq!(bench.refusal(&demand, 100), Some("IMP-8107"));
}

#[test]
fn deployments_share_a_serial_number_but_not_its_meaning() {
    let mut bench = Bench::default();
    let first = with_serial(1, 100, OnFailure::Burn);
    let second = Demand {
        deployment: DeploymentId([9; 16]),
        ..first.clone()
    };
    assert_eq!(bench.unit(&first, None, End::Pass), (0, vec![0]));
    assert_eq!(bench.unit(&second, None, End::Pass), (0, vec![1]));
    let mut other = first.clone();
    other.serials[0].definition = DefinitionHash([7; 32]);
    assert_eq!(bench.refusal(&other, 100), Some("IMP-8108"));
}

#[test]
fn an_operator_moves_a_serial_number_forward_only() {
    let mut bench = Bench::default();
    let demand = with_serial(1, 1000, OnFailure::Return);
    let low = bench.begin(&demand, None).unwrap();
    let set = |bench: &mut Bench, next, definition| {
        let record = bench.station.set_next(SERIAL, definition, next, 0);
        record
            .map(|record| bench.apply(record))
            .map_err(|refusal| refusal.code())
    };
    assert_eq!(set(&mut bench, 500, DEFINITION), Ok(()));
    assert_eq!(
        set(&mut bench, 400, DEFINITION),
        Ok(()),
        "nothing was drawn above"
    );
    assert_eq!(set(&mut bench, 0, DEFINITION), Err("IMP-8113"));
    let other = DefinitionHash([0; 32]);
    assert_eq!(set(&mut bench, 600, other), Err("IMP-8108"));
    // What comes back from below stays unused: the operator had a reason.
    bench.end(low, End::Fail);
    assert_eq!(bench.unit(&demand, None, End::Pass).1, [400]);
    assert_eq!(set(&mut bench, 400, DEFINITION), Err("IMP-8113"));
    assert_eq!(set(&mut bench, 401, DEFINITION), Ok(()));
    assert_eq!(bench.station.next_index(SERIAL), Some(401));
}

#[test]
fn a_value_is_given_to_one_unit() {
    use End::*;
    use OnFailure::*;
    let rows = [
        (Return, Some(Pass), Some("IMP-8109")),
        (Return, Some(Fail), None),
        (Burn, Some(Fail), Some("IMP-8109")),
        (Burn, Some(Untouched), None),
        (Return, None, Some("IMP-8109")),
    ];
    for (on_failure, end, expected) in rows {
        let mut bench = Bench::default();
        let demand = with_value("A-17", on_failure);
        let attempt = bench.begin(&demand, None).unwrap();
        assert_eq!(bench.refusal(&demand, 100), Some("IMP-8109"));
        match end {
            Some(end) => bench.end(attempt, end),
            None => bench.abandon(attempt),
        }
        assert_eq!(
            bench.refusal(&demand, 100),
            expected,
            "{on_failure:?} {end:?}"
        );
        assert_eq!(bench.refusal(&with_value("A-18", on_failure), 100), None);
    }
}

#[test]
fn a_target_left_in_the_middle_gets_the_same_ordinal_numbers_and_values() {
    let mut bench = Bench::default();
    let mut demand = with_serial(2, 4, OnFailure::Burn);
    demand.caps.units = Some(2);
    demand.caps.failures = Some(1);
    demand.values = with_value("A-17", OnFailure::Burn).values;
    let attempt = bench.begin(&demand, uid(1)).unwrap();
    let first = bench.drawn(attempt);
    assert_eq!(bench.begin(&demand, uid(1)), Err("IMP-8111"));
    bench.abandon(attempt);
    // Another target has no room, but which one it is shows only when it is connected.
    assert_eq!(bench.station.admit(&demand, 100).unwrap().resumable, 1);
    assert_eq!(bench.begin(&demand, uid(2)), Err("IMP-8103"));
    assert_eq!(bench.begin(&demand, None), Err("IMP-8103"));
    let again = bench.begin(&demand, uid(1)).unwrap();
    assert_eq!(bench.drawn(again), first);
    // What changed nothing leaves it as it was.
    bench.end(again, End::Untouched);
    assert_eq!(bench.station.counts(demand.deployment).unknown, 1);
    assert_eq!(bench.unit(&demand, uid(1), End::Pass), first);
    let expected = Counts {
        passed: 1,
        attempts: 2,
        ..Counts::default()
    };
    assert_eq!(bench.station.counts(demand.deployment), expected);
    assert_eq!(bench.refusal(&demand, 100), Some("IMP-8109"));
    demand.values.clear();
    assert_eq!(bench.unit(&demand, uid(1), End::Pass), (1, vec![2, 3]));
}

#[test]
fn a_retry_of_a_changed_demand_keeps_what_it_holds_and_draws_the_rest() {
    for (count, expected) in [(1, vec![0]), (2, vec![0, 1]), (3, vec![0, 1, 2])] {
        let mut bench = Bench::default();
        let attempt = bench
            .begin(&with_serial(2, 100, OnFailure::Return), uid(1))
            .unwrap();
        bench.abandon(attempt);
        let demand = with_serial(count, 100, OnFailure::Return);
        let attempt = bench.begin(&demand, uid(1)).unwrap();
        assert_eq!(bench.drawn(attempt), (0, expected));
        bench.end(attempt, End::Untouched);
        let (_, fresh) = bench.unit(&demand, uid(2), End::Pass);
        assert_eq!(fresh[0], 2, "what the first try drew is still the target's");
    }
}

#[test]
fn a_failed_target_keeps_its_ordinal_alone() {
    let mut bench = Bench::default();
    let demand = with_serial(1, 100, OnFailure::Return);
    assert_eq!(bench.unit(&demand, uid(1), End::Fail), (0, vec![0]));
    assert_eq!(bench.unit(&demand, uid(2), End::Pass), (1, vec![0]));
    assert_eq!(bench.unit(&demand, uid(1), End::Pass), (0, vec![1]));
    // A passed target that comes again is a new unit.
    assert_eq!(bench.unit(&demand, uid(1), End::Pass), (2, vec![2]));
}

#[test]
fn an_ordinal_comes_back_only_if_nothing_was_changed() {
    let mut bench = Bench::default();
    let ordinals: Vec<u64> = [
        End::Untouched,
        End::Fail,
        End::Untouched,
        End::Pass,
        End::Pass,
    ]
    .iter()
    .map(|end| bench.unit(&demand(), None, *end).0)
    .collect();
    assert_eq!(ordinals, [0, 0, 1, 1, 2]);
}

#[test]
fn an_attempt_ends_once() {
    let mut bench = Bench::default();
    let attempt = bench.begin(&demand(), None).unwrap();
    let again = bench.station.begin(&demand(), attempt, None, 100);
    assert_eq!(again.unwrap_err().code(), "IMP-8110");
    bench.end(attempt, End::Pass);
    let station = &bench.station;
    assert_eq!(
        station.end(attempt, End::Pass, 0).unwrap_err().code(),
        "IMP-8112"
    );
    assert_eq!(station.abandon(attempt, 0).unwrap_err().code(), "IMP-8112");
}

#[test]
fn a_demand_that_cannot_be_is_refused() {
    let valued = with_value("A", OnFailure::Burn);
    let double = |mut demand: Demand| {
        demand.serials.extend(demand.serials.clone());
        demand.values.extend(demand.values.clone());
        demand
    };
    let rows = [
        with_serial(0, 10, OnFailure::Burn),
        with_serial(1025, 10_000, OnFailure::Burn),
        double(with_serial(1, 10, OnFailure::Burn)),
        double(valued),
    ];
    for demand in rows {
        assert_eq!(
            Bench::default().refusal(&demand, 0),
            Some("IMP-8114"),
            "{demand:?}"
        );
    }
}

#[test]
fn a_record_that_cannot_have_happened_is_refused() {
    let mut bench = Bench::default();
    let demand = with_serial(1, 100, OnFailure::Burn);
    let begun = bench
        .station
        .begin(&demand, AttemptId([1; 16]), None, 0)
        .unwrap();
    let Record::Begun(begun) = begun else {
        panic!("not a begin");
    };
    let (mut ordinal, mut skipped, mut redefined) = (begun.clone(), begun.clone(), begun.clone());
    ordinal.ordinal = 1;
    skipped.draws[0].indices = vec![1];
    redefined.attempt = AttemptId([2; 16]);
    redefined.draws[0].definition = DefinitionHash([0; 32]);
    let ended = Record::Ended {
        attempt: AttemptId([3; 16]),
        end: End::Pass,
        time: 0,
    };
    for record in [Record::Begun(ordinal), Record::Begun(skipped), ended] {
        let mut station = bench.station.clone();
        assert_eq!(
            station.apply(&record).unwrap_err().code(),
            "IMP-8122",
            "{record:?}"
        );
    }
    bench.apply(Record::Begun(begun.clone()));
    let back = Record::NextSet {
        serial: SERIAL,
        definition: DEFINITION,
        next: 0,
        time: 0,
    };
    for record in [Record::Begun(begun), Record::Begun(redefined), back] {
        let mut station = bench.station.clone();
        assert_eq!(
            station.apply(&record).unwrap_err().code(),
            "IMP-8122",
            "{record:?}"
        );
    }
}
