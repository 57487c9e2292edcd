//! The permit protocol, rule by rule: what the cloud denies, what a station refuses, and the bytes between them.
#![allow(clippy::unwrap_used)]

mod station;

use imprint_ledger::{
    AttemptId, DeploymentId, ImageId, KeyShare, LeaseId, RequestHash, SerialId, StationId, Uid,
    permit::{
        Answer, Cloud, Denial, Effect, Event, LeaseAsk, LeaseState, Policy, Received, Record,
        Reply, Request, SerialTerms, Station, Step, StopReason, Tally, Terms, UnitEnd,
    },
};

const JOB: DeploymentId = DeploymentId([1; 16]);
const IMAGE: ImageId = ImageId([2; 32]);
const CAP: u64 = 3;

/// What is done to a request on its way.
type Change = fn(&mut Request);

fn policy() -> Policy {
    Policy {
        revision: 1,
        cap: CAP,
        attempts: None,
        failures: None,
        offline_units: 2,
        ttl_s: 60,
    }
}

fn terms(job: DeploymentId, policy: Policy) -> Terms {
    let serial = SerialTerms {
        serial: SerialId([3; 32]),
        count: 2,
        index_end: 100,
    };
    Terms {
        job,
        image: IMAGE,
        image_revision: 1,
        share: KeyShare([4; 32]),
        serials: vec![serial],
        policy,
    }
}

fn uid(target: u8) -> Option<Uid> {
    Uid::new(&[target; 8])
}

fn ask(want: u64, uid: Option<Uid>) -> LeaseAsk {
    LeaseAsk {
        job: JOB,
        image: IMAGE,
        want,
        uid,
    }
}

/// A cloud, two stations, and wires that lose nothing unless they are told to.
struct Bench {
    cloud: Cloud,
    stations: [Station; 2],
    attempts: u8,
}

impl Bench {
    fn new(policy: Policy) -> Bench {
        let ids = [StationId([1; 32]), StationId([2; 32])];
        let mut bench = Bench {
            cloud: Cloud::default(),
            stations: ids.map(Station::new),
            attempts: 0,
        };
        bench.order(Event::Created(terms(JOB, policy)));
        ids.iter().for_each(|id| bench.order(Event::Enrolled(*id)));
        bench
    }

    fn order(&mut self, event: Event) {
        let read = Event::from_bytes(&event.to_bytes()).unwrap();
        assert_eq!(read, event);
        assert_eq!(self.cloud.apply(&event).unwrap(), None);
    }

    fn take(&mut self, at: usize, step: Step) -> Option<Request> {
        let records = Record::decode(&Record::encode(&step.records)).unwrap();
        assert_eq!(records, step.records);
        for record in records {
            self.stations[at].apply(&record).unwrap();
        }
        step.effects.into_iter().find_map(|effect| match effect {
            Effect::Send(request) => Some(request),
            Effect::Advance(_) => None,
        })
    }

    fn deliver(&mut self, request: &Request) -> Reply {
        let request = Request::from_bytes(&request.to_bytes()).unwrap();
        let reply = match self.cloud.receive(&request) {
            Received::Known(reply) => reply,
            Received::New => self
                .cloud
                .apply(&Event::Received(request))
                .unwrap()
                .unwrap(),
        };
        Reply::from_bytes(&reply.to_bytes()).unwrap()
    }

    fn answer(&mut self, at: usize, reply: &Reply) {
        let step = self.stations[at].receive(reply, CAP, 0, None).unwrap();
        self.take(at, step);
    }

    /// A request there and back.
    fn ask(&mut self, at: usize, ask: LeaseAsk) -> Result<(LeaseId, Vec<u64>), &'static str> {
        let step = self.stations[at].ask(ask).map_err(|it| it.code())?;
        let request = self.take(at, step).unwrap();
        let reply = self.deliver(&request);
        self.answer(at, &reply);
        match reply.answer {
            Answer::Granted(grant) => {
                let ordinals = grant.permits.iter().map(|it| it.ordinal).collect();
                Ok((grant.lease, ordinals))
            }
            Answer::Denied(denial) => Err(denial.code()),
            other => panic!("{other:?}"),
        }
    }

    fn report(&mut self, at: usize) -> Answer {
        let step = self.stations[at].report().unwrap();
        let request = self.take(at, step).unwrap();
        let reply = self.deliver(&request);
        self.answer(at, &reply);
        reply.answer
    }

    fn close(&mut self, at: usize, lease: LeaseId) -> Answer {
        let step = self.stations[at].close(lease, None).unwrap();
        let request = self.take(at, step).unwrap();
        let reply = self.deliver(&request);
        self.answer(at, &reply);
        reply.answer
    }

    fn begin(&mut self, at: usize, uid: Option<Uid>) -> Result<AttemptId, &'static str> {
        self.attempts += 1;
        let attempt = AttemptId([self.attempts; 16]);
        let step = self.stations[at].begin(JOB, attempt, uid, 0, None);
        self.take(at, step.map_err(|it| it.code())?);
        Ok(attempt)
    }

    fn unit(&mut self, at: usize, uid: Option<Uid>, end: UnitEnd) {
        let attempt = self.begin(at, uid).unwrap();
        let step = self.stations[at].end(attempt, Some(end)).unwrap();
        self.take(at, step);
    }

    fn tally(&self) -> Tally {
        self.cloud.job(JOB).unwrap().count()
    }
}

#[test]
fn a_unit_from_the_request_to_the_end() {
    let mut bench = Bench::new(policy());
    assert_eq!(bench.begin(0, uid(1)), Err("IMP-8168"));
    let (lease, ordinals) = bench.ask(0, ask(1, uid(1))).unwrap();
    assert_eq!(ordinals, [0]);
    assert_eq!(
        bench.begin(0, uid(2)),
        Err("IMP-8168"),
        "it is for another target"
    );
    bench.unit(0, uid(1), UnitEnd::Pass);
    assert_eq!(bench.tally().leased, 1);
    assert_eq!(bench.report(0), Answer::Accepted);
    let expected = Tally {
        free: 2,
        used: 1,
        ..Tally::default()
    };
    assert_eq!(bench.tally(), expected);
    assert_eq!(bench.stations[0].leases().count(), 0);
    assert!(bench.stations[0].outbox().is_empty());
    let (_, lease) = bench.cloud.leases().find(|(id, _)| *id == lease).unwrap();
    assert_eq!(lease.state, LeaseState::Closed);
}

#[test]
fn the_cloud_denies() {
    let other = |ask: LeaseAsk| LeaseAsk {
        job: DeploymentId([9; 16]),
        ..ask
    };
    let old = |ask: LeaseAsk| LeaseAsk {
        image: ImageId([9; 32]),
        ..ask
    };
    let with = |change: fn(&mut Policy)| {
        let mut policy = policy();
        change(&mut policy);
        policy
    };
    let revoked = Event::Revoked(StationId([1; 32]));
    let next_image = Event::ImageSet((JOB, (ImageId([8; 32]), 2)));
    let rows = [
        (policy(), vec![], ask(2, None), Ok(vec![0, 1])),
        (policy(), vec![], ask(3, None), Err("IMP-8158")),
        (policy(), vec![], ask(0, None), Err("IMP-8158")),
        (policy(), vec![], ask(2, uid(1)), Err("IMP-8158")),
        (
            with(|it| it.offline_units = 0),
            vec![],
            ask(2, None),
            Err("IMP-8158"),
        ),
        (
            with(|it| it.offline_units = 0),
            vec![],
            ask(1, None),
            Ok(vec![0]),
        ),
        (with(|it| it.cap = 0), vec![], ask(1, None), Err("IMP-8150")),
        (with(|it| it.cap = 1), vec![], ask(2, None), Ok(vec![0])),
        (
            with(|it| it.attempts = Some(1)),
            vec![],
            ask(2, None),
            Err("IMP-8159"),
        ),
        (
            with(|it| it.failures = Some(0)),
            vec![],
            ask(1, None),
            Err("IMP-8160"),
        ),
        (policy(), vec![], other(ask(1, None)), Err("IMP-8157")),
        (policy(), vec![], old(ask(1, None)), Err("IMP-8155")),
        (
            policy(),
            vec![Event::Paused(JOB)],
            ask(1, None),
            Err("IMP-8152"),
        ),
        (
            policy(),
            vec![Event::Paused(JOB), Event::Resumed(JOB)],
            ask(1, None),
            Ok(vec![0]),
        ),
        (
            policy(),
            vec![Event::Deleted(JOB)],
            ask(1, None),
            Err("IMP-8157"),
        ),
        (policy(), vec![revoked], ask(1, None), Err("IMP-8154")),
        (policy(), vec![next_image], ask(1, None), Err("IMP-8155")),
    ];
    for (policy, orders, ask, expected) in rows {
        let mut bench = Bench::new(policy);
        orders.iter().for_each(|event| bench.order(event.clone()));
        let found = bench.ask(0, ask.clone()).map(|(_, ordinals)| ordinals);
        assert_eq!(found, expected, "{policy:?} {orders:?} {ask:?}");
    }
}

#[test]
fn an_order_that_cannot_be_is_refused() {
    let mut bench = Bench::new(policy());
    bench.ask(0, ask(2, None)).unwrap();
    let set = |revision, cap| {
        Event::PolicySet((
            JOB,
            Policy {
                revision,
                cap,
                ..policy()
            },
        ))
    };
    let mut twice = terms(DeploymentId([7; 16]), policy());
    twice.serials.extend(twice.serials.clone());
    let rows = [
        (set(2, 1), Err("IMP-8163")),
        (set(1, 9), Err("IMP-8163")),
        (set(2, 2), Ok(())),
        (Event::ImageSet((JOB, (IMAGE, 1))), Err("IMP-8163")),
        (Event::Enrolled(StationId([1; 32])), Err("IMP-8163")),
        (Event::Created(terms(JOB, policy())), Err("IMP-8163")),
        (Event::Created(twice), Err("IMP-8163")),
        (Event::Paused(DeploymentId([9; 16])), Err("IMP-8157")),
        (Event::Revoked(StationId([9; 32])), Err("IMP-8151")),
        (Event::TimedOut(LeaseId(7)), Err("IMP-8161")),
        (Event::TimedOut(LeaseId(0)), Ok(())),
    ];
    for (event, expected) in rows {
        let found = bench.cloud.check(&event).map_err(|denial| denial.code());
        assert_eq!(found, expected, "{event:?}");
        assert_eq!(
            bench.cloud.clone().apply(&event).is_ok(),
            expected.is_ok(),
            "{event:?}"
        );
    }
}

#[test]
fn only_a_close_gives_back() {
    let mut bench = Bench::new(policy());
    let (lease, _) = bench.ask(0, ask(2, None)).unwrap();
    bench.unit(0, uid(1), UnitEnd::Pass);
    bench.order(Event::TimedOut(lease));
    bench.order(Event::Revoked(StationId([1; 32])));
    assert_eq!((bench.tally().free, bench.tally().leased), (1, 2));
    assert_eq!(bench.close(0, lease), Answer::Accepted);
    assert_eq!((bench.tally().free, bench.tally().leased), (2, 1));
    assert_eq!(bench.begin(0, uid(2)), Err("IMP-8168"));
    // What was in use at the close is told later.
    assert_eq!(bench.report(0), Answer::Accepted);
    assert_eq!((bench.tally().free, bench.tally().used), (2, 1));
    // What came back is given again, with the numbers it had.
    assert_eq!(bench.ask(1, ask(2, None)).unwrap().1, [1, 2]);
    let held: Vec<_> = bench.stations[1]
        .leases()
        .map(|(_, held)| held.clone())
        .collect();
    let firsts: Vec<u64> = held[0]
        .permits
        .iter()
        .map(|it| it.serials[0].first)
        .collect();
    assert_eq!(firsts, [2, 4]);
}

#[test]
fn what_is_written_off_is_spent_and_a_late_outcome_is_kept() {
    let mut bench = Bench::new(policy());
    let (lease, _) = bench.ask(0, ask(2, None)).unwrap();
    bench.unit(0, uid(1), UnitEnd::Pass);
    bench.order(Event::WrittenOff(lease));
    assert_eq!((bench.tally().free, bench.tally().lost), (1, 2));
    assert_eq!(bench.close(0, lease), Answer::Accepted);
    assert_eq!(bench.report(0), Answer::Accepted);
    assert_eq!(
        (bench.tally().free, bench.tally().lost, bench.tally().used),
        (1, 1, 1)
    );
}

#[test]
fn a_target_that_failed_gets_its_ordinal_again_wherever_it_is() {
    for end in [UnitEnd::Fail, UnitEnd::Unknown] {
        let mut bench = Bench::new(policy());
        bench.ask(0, ask(1, uid(1))).unwrap();
        assert_eq!(bench.ask(1, ask(1, uid(1))), Err("IMP-8156"));
        bench.unit(0, uid(1), end);
        // At once, while its lease is here.
        bench.unit(0, uid(1), end);
        bench.report(0);
        assert_eq!(bench.ask(1, ask(1, uid(1))).unwrap().1, [0]);
        bench.unit(1, uid(1), UnitEnd::Pass);
        bench.report(1);
        assert_eq!(bench.tally().used, 1);
        // It passed: it is a new unit.
        assert_eq!(bench.ask(1, ask(1, uid(1))).unwrap().1, [1]);
    }
}

/// A close says that nothing was begun under this lease; what an earlier attempt did to the target stays.
#[test]
fn an_ordinal_that_a_failed_target_has_is_not_given_to_another() {
    let mut bench = Bench::new(policy());
    bench.ask(0, ask(1, uid(1))).unwrap();
    bench.unit(0, uid(1), UnitEnd::Fail);
    bench.report(0);
    let (lease, ordinals) = bench.ask(0, ask(1, uid(1))).unwrap();
    assert_eq!(ordinals, [0]);
    assert_eq!(bench.close(0, lease), Answer::Accepted);
    assert_eq!((bench.tally().free, bench.tally().used), (2, 1));
    assert_eq!(bench.ask(1, ask(1, uid(2))).unwrap().1, [1]);
    assert_eq!(bench.ask(0, ask(1, uid(1))).unwrap().1, [0]);
}

#[test]
fn a_request_is_carried_out_once() {
    let mut bench = Bench::new(policy());
    let step = bench.stations[0].ask(ask(2, None)).unwrap();
    let request = bench.take(0, step).unwrap();
    assert_eq!(bench.stations[0].report().unwrap_err().code(), "IMP-8167");
    let reply = bench.deliver(&request);
    assert_eq!(bench.deliver(&request), reply);
    assert_eq!(bench.tally().leased, 2);
    bench.answer(0, &reply);
    let before = bench.stations[0].clone();
    bench.answer(0, &reply);
    assert_eq!(
        bench.stations[0], before,
        "an answer to an old question is none"
    );
    bench.unit(0, uid(1), UnitEnd::Pass);
    bench.report(0);
    // Very late: nothing happens, and nobody is suspected.
    assert_eq!(bench.deliver(&request).answer, Answer::Behind(2));
    assert!(bench.ask(0, ask(1, None)).is_ok());
}

#[test]
fn a_station_that_lives_twice_is_quarantined() {
    let mut bench = Bench::new(policy());
    let copy = bench.stations[0].clone();
    let (lease, _) = bench.ask(0, ask(2, None)).unwrap();
    // The copy asks something else under the same number.
    let step = copy.heartbeat().unwrap();
    let Effect::Send(request) = &step.effects[0] else {
        panic!("{step:?}");
    };
    assert_eq!(
        bench.deliver(request).answer,
        Answer::Denied(Denial::Forked)
    );
    let (_, found) = bench.cloud.leases().find(|(id, _)| *id == lease).unwrap();
    assert_eq!(found.state, LeaseState::Quarantined);
    assert_eq!(bench.close(0, lease), Answer::Denied(Denial::Forked));
    assert_eq!(
        bench.tally().leased,
        2,
        "it is not believed what it gives back"
    );
    assert!(bench.stations[0].is_stopped());
    assert_eq!(
        bench.stations[0].heartbeat().unwrap_err().code(),
        "IMP-8166"
    );
}

#[test]
fn a_past_that_does_not_go_on_is_a_fork() {
    let changes: [(&str, Change); 5] = [
        ("another root", |it| it.log.root[0] ^= 1),
        ("a smaller log", |it| it.log.size -= 1),
        ("an entry left out", |it| it.log.leaves.truncate(1)),
        ("an entry changed", |it| it.log.leaves[0][0] ^= 1),
        ("another log", |it| it.log.leaves.clear()),
    ];
    for (name, change) in changes {
        let mut bench = Bench::new(policy());
        bench.ask(0, ask(2, None)).unwrap();
        let step = bench.stations[0].heartbeat().unwrap();
        let mut request = bench.take(0, step).unwrap();
        change(&mut request);
        assert_eq!(
            bench.deliver(&request).answer,
            Answer::Denied(Denial::Forked),
            "{name}"
        );
    }
}

#[test]
fn outcomes_that_contradict_are_evidence() {
    use imprint_ledger::permit::Ask;
    let changes: [(&str, Change); 4] = [
        ("another end", |it| {
            change_first(it, |it| it.end = UnitEnd::Fail)
        }),
        ("another target", |it| {
            change_first(it, |it| {
                (it.attempt, it.uid) = (AttemptId([99; 16]), uid(9))
            })
        }),
        ("no such ordinal", |it| {
            change_first(it, |it| it.ordinal = 2)
        }),
        ("no such lease", |it| {
            change_first(it, |it| it.lease = LeaseId(5))
        }),
    ];
    fn change_first(request: &mut Request, how: fn(&mut imprint_ledger::permit::Outcome)) {
        let Ask::Outcomes(outcomes) = &mut request.ask else {
            panic!("{request:?}");
        };
        how(&mut outcomes[0]);
    }
    for (name, change) in changes {
        let mut bench = Bench::new(policy());
        bench.ask(0, ask(2, None)).unwrap();
        bench.unit(0, uid(1), UnitEnd::Pass);
        let step = bench.stations[0].report().unwrap();
        let first = bench.take(0, step).unwrap();
        let reply = bench.deliver(&first);
        bench.answer(0, &reply);
        let step = bench.stations[0].heartbeat().unwrap();
        let mut second = bench.take(0, step).unwrap();
        second.ask = first.ask.clone();
        assert_eq!(
            bench
                .cloud
                .clone()
                .apply(&Event::Received(second.clone()))
                .unwrap()
                .unwrap()
                .answer,
            Answer::Accepted
        );
        change(&mut second);
        assert_eq!(
            bench.deliver(&second).answer,
            Answer::Denied(Denial::Forked),
            "{name}"
        );
    }
}
