//! The journal: a tail that was cut is told from damage, and nothing is read that was not written.
#![allow(clippy::unwrap_used)]

use imprint_ledger::{
    AttemptId, DefinitionHash, DeploymentId, SerialId, Uid, ValueHash,
    journal::{Frames, HEADER_LEN, Head, Tail},
    limits::FRAME_BODY_LEN_MAX,
    station::{Begun, Draw, End, OnFailure, Record, Snapshot, Value},
};

/// A journal of these bodies, and where each frame ends.
fn journal(bodies: &[&[u8]]) -> (Vec<u8>, Vec<usize>) {
    let (mut head, mut bytes, mut ends) = (Head::START, vec![], vec![]);
    for body in bodies {
        let (frame, next) = head.frame(body).unwrap();
        bytes.extend(frame);
        ends.push(bytes.len());
        head = next;
    }
    (bytes, ends)
}

const BODIES: [&[u8]; 3] = [b"first", b"the second one", b"3"];

#[test]
fn what_was_written_is_read_and_goes_on() {
    let (bytes, ends) = journal(&BODIES);
    let frames = Frames::read(Head::START, &bytes).unwrap();
    assert_eq!(frames.bodies, BODIES);
    assert_eq!((frames.tail, frames.good_len), (Tail::Clean, ends[2]));
    assert_eq!(frames.head.sequence, 3);
    let (more, head) = frames.head.frame(b"4").unwrap();
    let all = [bytes.clone(), more].concat();
    assert_eq!(Frames::read(Head::START, &all).unwrap().head, head);
    // A journal that begins anew after a snapshot.
    let first = Frames::read(Head::START, &bytes[..ends[0]]).unwrap();
    let rest = Frames::read(first.head, &bytes[ends[0]..]).unwrap();
    assert_eq!(rest.bodies, BODIES[1..]);
}

#[test]
fn every_cut_is_a_torn_tail() {
    let (bytes, ends) = journal(&BODIES);
    for len in 0..=bytes.len() {
        let frames = Frames::read(Head::START, &bytes[..len]).unwrap();
        let whole = ends.iter().filter(|end| **end <= len).count();
        let good_len = if whole == 0 { 0 } else { ends[whole - 1] };
        assert_eq!(
            (frames.bodies.len(), frames.good_len),
            (whole, good_len),
            "{len}"
        );
        let expected = if good_len == len {
            Tail::Clean
        } else {
            Tail::Torn
        };
        assert_eq!(frames.tail, expected, "{len}");
    }
}

#[test]
fn every_changed_bit_before_the_last_frame_is_damage_and_in_it_a_torn_tail() {
    let (bytes, ends) = journal(&BODIES);
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let read = Frames::read(Head::START, &changed);
        if bit / 8 >= ends[1] {
            let frames = read.unwrap();
            assert_eq!(
                (frames.tail, frames.good_len),
                (Tail::Torn, ends[1]),
                "{bit}"
            );
        } else {
            assert_eq!(read.unwrap_err().code(), "IMP-8120", "{bit}");
        }
    }
}

#[test]
fn what_does_not_follow_is_damage() {
    let (bytes, ends) = journal(&BODIES);
    let frame =
        |number: usize| &bytes[if number == 0 { 0 } else { ends[number - 1] }..ends[number]];
    let (other, _) = journal(&[b"another", b"journal"]);
    let other_second = &other[HEADER_LEN + 7..];
    let rows: [(&str, Vec<u8>, u64); 5] = [
        ("dropped", [frame(0), frame(2)].concat(), ends[0] as u64),
        ("swapped", [frame(1), frame(0), frame(2)].concat(), 0),
        ("repeated", [frame(0), frame(0)].concat(), ends[0] as u64),
        ("spliced", [frame(0), other_second].concat(), ends[0] as u64),
        ("beheaded", [frame(1), frame(2)].concat(), 0),
    ];
    for (name, bytes, offset) in rows {
        let damage = Frames::read(Head::START, &bytes).unwrap_err();
        assert!(
            damage.to_string().contains(&format!("{offset:#010x}")),
            "{name}: {damage}"
        );
    }
}

#[test]
fn what_a_crash_leaves_behind_the_end_is_torn_and_more_is_damage() {
    let (bytes, _) = journal(&BODIES);
    let rows = [
        (vec![0; 4096], Some(Tail::Torn)),
        (vec![0xFF; 300], Some(Tail::Torn)),
        (vec![0; HEADER_LEN + FRAME_BODY_LEN_MAX], Some(Tail::Torn)),
        (vec![0; HEADER_LEN + FRAME_BODY_LEN_MAX + 1], None),
        // Every twelve bytes the beginning of a frame of half a MiB: each was hashed, which took minutes.
        (
            [0, 0, 8, 0, 4, 0, 0, 0, 0, 0, 0, 0].repeat(FRAME_BODY_LEN_MAX / 12),
            None,
        ),
    ];
    for (behind, expected) in rows {
        let all = [&bytes[..], &behind].concat();
        let tail = Frames::read(Head::START, &all).ok().map(|it| it.tail);
        assert_eq!(tail, expected, "{}", behind.len());
    }
    for len in [0, FRAME_BODY_LEN_MAX + 1] {
        assert_eq!(
            Head::START.frame(&vec![0; len]).unwrap_err().code(),
            "IMP-8121"
        );
    }
}

fn records() -> Vec<Record> {
    let attempt = AttemptId([1; 16]);
    let draw = Draw {
        serial: SerialId([3; 32]),
        definition: DefinitionHash([4; 32]),
        indices: vec![0, 1],
        on_failure: OnFailure::Burn,
    };
    let value = Value {
        list: SerialId([5; 32]),
        value: ValueHash::of(SerialId([5; 32]), b"A-17"),
        on_failure: OnFailure::Return,
    };
    let begun = Begun {
        attempt,
        deployment: DeploymentId([2; 16]),
        uid: Uid::new(&[9; 12]),
        ordinal: 0,
        draws: vec![draw],
        values: vec![value],
        time: 1_700_000_000,
    };
    let mut nameless = begun.clone();
    (nameless.uid, nameless.ordinal) = (None, 1);
    nameless.attempt = AttemptId([7; 16]);
    nameless.draws[0].indices = vec![2];
    nameless.values.clear();
    let end = |attempt, end| Record::Ended {
        attempt,
        end,
        time: 23,
    };
    vec![
        Record::Begun(begun.clone()),
        Record::Begun(nameless),
        end(AttemptId([7; 16]), End::Untouched),
        Record::Abandoned { attempt, time: 24 },
        Record::Begun(begun),
        Record::NextSet {
            serial: SerialId([3; 32]),
            definition: DefinitionHash([4; 32]),
            next: 1000,
            time: 256,
        },
        Record::Seen { time: u64::MAX },
    ]
}

#[test]
fn records_have_one_form() {
    let records = records();
    let bytes = Record::encode(&records);
    assert_eq!(Record::decode(&bytes).unwrap(), records);
    // The form is kept for good: a journal outlives the program that wrote it.
    let seen = Record::encode(&[Record::Seen { time: 24 }]);
    assert_eq!(seen, [0x81, 0x82, 5, 0x18, 24]);
    let rows: [(&str, &[u8]); 8] = [
        ("a long number", &[0x81, 0x82, 5, 0x19, 0, 24]),
        ("an array without length", &[0x9F, 0x82, 5, 1, 0xFF]),
        ("another kind", &[0x81, 0x82, 6, 1]),
        ("a field more", &[0x81, 0x83, 5, 1, 1]),
        ("a negative number", &[0x81, 0x82, 5, 0x20]),
        ("something behind", &[0x81, 0x82, 5, 1, 0]),
        ("nothing", &[]),
        (
            "more than there is",
            &[0x9B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
        ),
    ];
    for (name, bytes) in rows {
        assert_eq!(
            Record::decode(bytes).unwrap_err().code(),
            "IMP-8121",
            "{name}"
        );
    }
    for len in 0..bytes.len() {
        assert!(Record::decode(&bytes[..len]).is_err(), "{len}");
    }
}

#[test]
fn a_snapshot_is_the_state_and_any_change_is_seen() {
    let mut snapshot = Snapshot::default();
    assert_eq!(
        Snapshot::from_bytes(&snapshot.to_bytes()).unwrap(),
        snapshot
    );
    for record in records() {
        let (_, head) = snapshot
            .head
            .frame(&Record::encode(std::slice::from_ref(&record)))
            .unwrap();
        snapshot.head = head;
        snapshot.station.apply(&record).unwrap();
        assert_eq!(
            Snapshot::from_bytes(&snapshot.to_bytes()).unwrap(),
            snapshot
        );
    }
    let bytes = snapshot.to_bytes();
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(
            Snapshot::from_bytes(&changed).unwrap_err().code(),
            "IMP-8123"
        );
    }
    for len in 0..bytes.len() {
        assert_eq!(
            Snapshot::from_bytes(&bytes[..len]).unwrap_err().code(),
            "IMP-8123"
        );
    }
}
