//! Grants that are made after sealing: nothing is signed again, and each opens for its station alone, for as many units and
//! as long as it says.
#![allow(clippy::unwrap_used)]

use imprint_image::{
    container::{GrantTerms, Image, TrustAnchors, Unlock},
    keys::{KeyFile, PublicKey, SigningKey, StationPublic, StationSecret, system_random},
};
use imprint_tests::{BOARD, Recipe, Run, Workshop};
use std::io::Cursor;

/// A workshop with the image `unit.sap` for `station` and for an owner `boss`, and the keys of stations `b` and `c`.
fn workshop_with_image(policy: Option<&str>) -> Workshop {
    let workshop = Workshop::new();
    for name in ["boss", "b", "c"] {
        workshop.station(name);
    }
    workshop.signer("stranger");
    workshop
        .build("unit", &Recipe::of_one_step("", ""))
        .passes();
    let options = ["--to", "station.pub", "--owner", "boss.pub"];
    match policy {
        Some(policy) => workshop.restrict("unit", policy, &options),
        None => workshop.seal("unit", &options),
    };
    workshop
}

fn grant(workshop: &Workshop, arguments: &str) -> Run {
    let arguments: Vec<&str> = ["grant", "unit.sap"]
        .into_iter()
        .chain(arguments.split_whitespace())
        .collect();
    workshop.json(&arguments)
}

/// Runs a unit as a station, which has books of its own.
fn run(workshop: &Workshop, station: &str) -> Run {
    let (key, state) = (format!("{station}.key"), format!("state-{station}"));
    workshop.run_with(
        "unit.sap",
        BOARD,
        &["--station-key", &key, "--state", &state, "--value", "go=ok"],
    )
}

/// `pass`, or the code of a unit that was not touched.
fn outcome(workshop: &Workshop, station: &str) -> String {
    let run = run(workshop, station);
    match run.failures().first() {
        None => {
            run.passed();
            "pass".into()
        }
        Some(failure) => {
            run.refused(&failure.code);
            failure.code.clone()
        }
    }
}

const TO_B: &str = "--to b.pub --open-with boss.key --key owner.key";

#[test]
fn a_station_that_comes_later_needs_no_new_signature() {
    let workshop = workshop_with_image(None);
    let sealed = workshop.read("unit.sap");
    assert_eq!(outcome(&workshop, "station"), "pass");
    assert_eq!(outcome(&workshop, "b"), "IMP-2201");
    assert_eq!(
        outcome(&workshop, "boss"),
        "IMP-2204",
        "the owner may grant it, and run nothing"
    );
    grant(&workshop, TO_B).passes();
    for (station, expect) in [
        ("b", "pass"),
        ("station", "pass"),
        ("c", "IMP-2201"),
        ("boss", "IMP-2204"),
    ] {
        assert_eq!(outcome(&workshop, station), expect, "{station}");
    }
    // One more record, those before it are kept; 288 bytes each.
    let first = workshop.read("unit.sap.grants");
    grant(&workshop, "--to c.pub --open-with boss.key --key owner.key").passes();
    let both = workshop.read("unit.sap.grants");
    assert_eq!(
        (first.len(), both.len(), &both[..288]),
        (288, 576, &first[..])
    );
    assert_eq!(
        (outcome(&workshop, "b"), outcome(&workshop, "c")),
        ("pass".into(), "pass".into())
    );
    assert!(
        workshop.read("unit.sap") == sealed,
        "the image is as it was"
    );
    // A station may hand on what it can open, where it has somebody who signs.
    workshop.station("d");
    grant(&workshop, "--to d.pub --open-with b.key --key owner.key").passes();
    assert_eq!(outcome(&workshop, "d"), "pass");
    // Without the file of grants it is closed to them again.
    std::fs::remove_file(workshop.path("unit.sap.grants")).unwrap();
    assert_eq!(
        (outcome(&workshop, "b"), outcome(&workshop, "station")),
        ("IMP-2201".into(), "pass".into())
    );
}

#[test]
fn a_grant_that_cannot_hold_is_not_made_or_not_taken() {
    let workshop = workshop_with_image(None);
    let day = "--until 2020-01-01";
    for (arguments, exit, code) in [
        (format!("{TO_B} --cap 0"), 2, "IMP-9001"),
        (format!("{TO_B} {day}"), 2, "IMP-9001"),
        (
            "--to b.pub --open-with c.key --key owner.key".into(),
            3,
            "IMP-2201",
        ),
        (
            "--to owner.pub --open-with boss.key --key owner.key".into(),
            3,
            "IMP-2003",
        ),
        (
            "--to b.pub --open-with owner.key --key owner.key".into(),
            3,
            "IMP-2003",
        ),
        (
            "--to b.pub --open-with boss.key --key boss.key".into(),
            3,
            "IMP-2003",
        ),
        // Who signed nothing of it does not even trust it.
        (
            "--to b.pub --open-with boss.key --key stranger.key".into(),
            3,
            "IMP-2106",
        ),
        (format!("{TO_B} -o unit.sap"), 2, "IMP-9003"),
        (format!("{TO_B} -o boss.key"), 2, "IMP-9003"),
    ] {
        let before = workshop.snapshot();
        grant(&workshop, &arguments).fails_with(exit, code);
        assert_eq!(
            before.differences(&workshop.snapshot()),
            [""; 0],
            "{arguments}"
        );
    }
    // A stranger who is told whom to trust can make one, and it counts for nobody.
    grant(
        &workshop,
        "--to b.pub --open-with boss.key --key stranger.key --trust owner.pub",
    )
    .passes();
    assert_eq!(outcome(&workshop, "b"), "IMP-2202");
    // A good one beside the bad one.
    grant(&workshop, TO_B).passes();
    assert_eq!(outcome(&workshop, "b"), "pass");
    // A byte of it changed: of its terms, its key, its signature.
    let good = workshop.read("unit.sap.grants")[288..].to_vec();
    for at in [80, 88, 150, 200, 287] {
        let mut bad = good.clone();
        bad[at] ^= 1;
        workshop.write("unit.sap.grants", &bad);
        assert_eq!(outcome(&workshop, "b"), "IMP-2202", "byte {at}");
    }
    // Made for another image.
    workshop.seal("unit", &["--to", "station.pub", "--owner", "boss.pub"]);
    workshop.write("unit.sap.grants", &good);
    assert_eq!(outcome(&workshop, "b"), "IMP-2201");
    workshop.write("unit.sap.grants", &good[..287]);
    let run = run(&workshop, "b");
    assert!(run.exit == 3 && run.report().transfer_count == 0, "{run}");
}

#[test]
fn of_several_grants_the_largest_cap_counts_and_no_sum() {
    let workshop = workshop_with_image(Some("(units: 5)"));
    grant(&workshop, &format!("{TO_B} --cap 1")).passes();
    let b = |expect: &[&str]| {
        for expect in expect {
            assert_eq!(outcome(&workshop, "b"), *expect);
        }
    };
    b(&["pass", "IMP-8101", "IMP-8101"]);
    grant(&workshop, &format!("{TO_B} --cap 3")).passes();
    b(&["pass", "pass", "IMP-8101"]);
    grant(&workshop, &format!("{TO_B} --cap 2")).passes();
    b(&["IMP-8101"]);
    // More than the image has: its own count ends it.
    grant(&workshop, &format!("{TO_B} --cap 9")).passes();
    b(&["pass", "pass", "IMP-8100"]);
    assert_eq!(
        outcome(&workshop, "station"),
        "pass",
        "a station with no cap of its own, and its own books"
    );
    // A capped grant makes an image counted that restricts nothing itself.
    let workshop = workshop_with_image(None);
    grant(&workshop, &format!("{TO_B} --cap 1")).passes();
    let uncounted = ["--station-key", "b.key", "--value", "go=ok"];
    workshop
        .run_with("unit.sap", BOARD, &uncounted)
        .refused("IMP-8189");
    assert_eq!(
        (outcome(&workshop, "b"), outcome(&workshop, "b")),
        ("pass".into(), "IMP-8101".into())
    );
}

/// A grant as `imprint grant` makes it, whose last second may be long ago.
fn granted_until(workshop: &Workshop, until_s: u64) -> Vec<u8> {
    let owner = PublicKey::load(&workshop.path("owner.pub")).unwrap();
    let mut image = Image::open(
        Cursor::new(workshop.read("unit.sap")),
        &TrustAnchors::new([owner]),
    )
    .unwrap();
    let boss = StationSecret::load(&workshop.path("boss.key")).unwrap();
    let with = Unlock {
        station: Some(&boss),
        ..Unlock::default()
    };
    let terms = GrantTerms {
        until_s: Some(until_s),
        ..GrantTerms::default()
    };
    let issuer = SigningKey::load(&workshop.path("owner.key")).unwrap();
    let b = StationPublic::load(&workshop.path("b.pub")).unwrap();
    let grant = image
        .granting(&with)
        .unwrap()
        .issue(&b, &terms, &issuer, &mut system_random());
    grant.unwrap().to_bytes().to_vec()
}

#[test]
fn a_grant_ends_with_its_last_second() {
    let workshop = workshop_with_image(None);
    // 2021-01-01, and a second before the year 3000.
    let (over, good) = (
        granted_until(&workshop, 1_609_459_200),
        granted_until(&workshop, 32_503_679_999),
    );
    for (grants, expect) in [
        (over.clone(), "IMP-2202"),
        (good.clone(), "pass"),
        ([over, good].concat(), "pass"),
    ] {
        workshop.write("unit.sap.grants", grants);
        assert_eq!(outcome(&workshop, "b"), expect);
    }
    std::fs::remove_file(workshop.path("unit.sap.grants")).unwrap();
    grant(&workshop, &format!("{TO_B} --until 2999-12-31")).passes();
    let told = workshop
        .json(&["inspect", "unit.sap", "--trust", "owner.pub"])
        .passes()
        .json();
    assert!(
        told["grants"][2]["until"]
            .as_str()
            .unwrap()
            .starts_with("2999-12-31T23:59:59"),
        "{told}"
    );
    assert_eq!(
        told["grants"][1]["for"]
            .as_str()
            .into_iter()
            .chain(told["grants"][0]["for"].as_str())
            .filter(|it| *it == "owner")
            .count(),
        1
    );
    assert_eq!(outcome(&workshop, "b"), "pass");
}
