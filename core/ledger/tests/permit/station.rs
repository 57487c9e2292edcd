//! What a station refuses by itself, and the bytes between the two.

use super::*;

#[test]
fn a_station_refuses_what_the_owner_does_not_allow() {
    let mut bench = Bench::new(policy());
    let step = bench.stations[0].ask(ask(2, None)).unwrap();
    let request = bench.take(0, step).unwrap();
    let reply = bench.deliver(&request);
    let code = |reply: &Reply, cap| {
        let step = bench.stations[0].receive(reply, cap, 0, None);
        step.map(|it| it.records.len()).map_err(|it| it.code())
    };
    assert_eq!(code(&reply, CAP), Ok(1));
    assert_eq!(code(&reply, 1), Err("IMP-8172"));
    let changed = |change: fn(&mut imprint_ledger::permit::Grant)| {
        let mut reply = reply.clone();
        let Answer::Granted(grant) = &mut reply.answer else {
            panic!("{reply:?}");
        };
        change(grant);
        reply
    };
    assert_eq!(code(&changed(|it| it.job.0[0] ^= 1), CAP), Err("IMP-8172"));
    assert_eq!(code(&changed(|it| it.uid = uid(1)), CAP), Err("IMP-8172"));
    assert_eq!(
        code(&changed(|it| it.permits.clear()), CAP),
        Err("IMP-8172")
    );
    assert_eq!(
        code(&changed(|it| it.permits[1].ordinal = 0), CAP),
        Err("IMP-8172")
    );
    let other = Reply {
        request: RequestHash([0; 32]),
        ..reply.clone()
    };
    assert_eq!(code(&other, CAP), Ok(0), "it answers another question");
}

#[test]
fn a_lease_is_for_a_time_and_pause_reaches_who_has_one() {
    let mut bench = Bench::new(policy());
    bench.ask(0, ask(2, None)).unwrap();
    let begin = |now_s| {
        let step = bench.stations[0].begin(JOB, AttemptId([1; 16]), uid(1), now_s, None);
        step.map(|_| ()).map_err(|it| it.code())
    };
    assert_eq!(begin(60), Ok(()));
    assert_eq!(begin(61), Err("IMP-8171"));
}

/// A station with a counter: what its driver reads is handed in.
#[test]
fn a_counter_tells_books_that_were_set_back() {
    let mut bench = Bench::new(policy());
    let start = |station: &Station, counter| station.start(Some(counter)).map_err(|it| it.code());
    let step = start(&bench.stations[0], 0).unwrap();
    assert_eq!(step.effects, [Effect::Advance(1)]);
    bench.take(0, step);
    let copy = bench.stations[0].clone();
    // Not before the counter is advanced.
    let step = bench.stations[0].begin(JOB, AttemptId([1; 16]), uid(1), 0, Some(0));
    assert_eq!(step.unwrap_err().code(), "IMP-8173");
    let step = bench.stations[0].ask(ask(2, None)).unwrap();
    let request = bench.take(0, step).unwrap();
    let reply = bench.deliver(&request);
    let step = bench.stations[0].receive(&reply, CAP, 0, Some(1)).unwrap();
    assert_eq!(step.effects, [Effect::Advance(2)]);
    bench.take(0, step);
    assert_eq!(start(&copy, 2), Err("IMP-8165"));
    let begun = copy.begin(JOB, AttemptId([1; 16]), uid(1), 0, Some(2));
    assert_eq!(begun.unwrap_err().code(), "IMP-8165");
    // A crash in the middle of a lease: what is left of it may have been used by books that are gone.
    let crashed = start(&bench.stations[0], 2).unwrap();
    bench.take(0, crashed);
    let step = bench.stations[0].begin(JOB, AttemptId([1; 16]), uid(1), 0, Some(3));
    assert_eq!(step.unwrap_err().code(), "IMP-8168");
    let step = bench.stations[0].close(LeaseId(0), Some(3)).unwrap();
    assert_eq!(step.effects[0], Effect::Advance(4));
    let request = bench.take(0, step).unwrap();
    bench.deliver(&request);
    assert_eq!((bench.tally().free, bench.tally().lost), (1, 2));
}

#[test]
fn an_orderly_end_keeps_the_lease() {
    let mut bench = Bench::new(policy());
    let step = bench.stations[0].start(Some(0)).unwrap();
    bench.take(0, step);
    bench.ask(0, ask(2, None)).unwrap();
    let step = bench.stations[0].rest(Some(2)).unwrap();
    bench.take(0, step);
    let step = bench.stations[0].start(Some(3)).unwrap();
    bench.take(0, step);
    let step = bench.stations[0].begin(JOB, AttemptId([1; 16]), uid(1), 0, Some(4));
    assert!(step.is_ok(), "{step:?}");
}

#[test]
fn messages_have_one_form() {
    let mut bench = Bench::new(policy());
    let step = bench.stations[0].ask(ask(1, uid(1))).unwrap();
    let request = bench.take(0, step).unwrap();
    let reply = bench.deliver(&request);
    let (request, reply) = (request.to_bytes(), reply.to_bytes());
    for len in 0..request.len() {
        assert_eq!(
            Request::from_bytes(&request[..len]).unwrap_err().code(),
            "IMP-8176"
        );
    }
    for len in 0..reply.len() {
        assert_eq!(
            Reply::from_bytes(&reply[..len]).unwrap_err().code(),
            "IMP-8176"
        );
    }
    // A changed bit is refused or is another message: two forms of one would be two hashes of one.
    for bit in 0..request.len() * 8 {
        let mut changed = request.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        if let Ok(other) = Request::from_bytes(&changed) {
            assert_eq!(other.to_bytes(), changed);
        }
    }
    let stop = Record::encode(&[Record::Stopped(StopReason::Cloud)]);
    assert_eq!(stop, [0x81, 0x82, 7, 0x81, 2]);
}
