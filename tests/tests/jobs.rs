//! Jobs: the file and the station's key open nothing; what is needed beside them is with the cloud.
#![allow(clippy::unwrap_used)]

use imprint_tests::{BOARD, Recipe, Run, STATION, Workshop};
use std::fs;

const FACTORY: &str = "00112233445566778899aabbccddeeff";
/// Bytes that are found in every file that can be read.
const SECRET: &[u8] = b"what nobody may read before it is permitted";

/// Seals `unit.sapobj` as `NAME.job` with `NAME.share`.
fn seal(workshop: &Workshop, name: &str, options: &[&str]) -> Run {
    let (job, share) = (format!("{name}.job"), format!("{name}.share"));
    let seal = [
        "seal",
        "unit.sapobj",
        "--job",
        "-o",
        &job,
        "--share",
        &share,
        "--key",
        "owner.key",
    ];
    workshop.json(&[&seal[..], options].concat())
}

fn workshop_with_job() -> Workshop {
    let workshop = Workshop::new();
    let recipe = Recipe::with_body("    chip.program(unit.payload(\"firmware\"));").raw(
        "firmware",
        0x1000,
        SECRET.to_vec(),
    );
    workshop.build("unit", &recipe).passes();
    seal(&workshop, "first", &["--factory", FACTORY, "--to", STATION]).passes();
    workshop
}

/// Looks into a Job as the station, with further options.
fn inspect(workshop: &Workshop, job: &str, options: &[&str]) -> Run {
    let inspect = [
        "inspect",
        job,
        "--trust",
        "owner.pub",
        "--station-key",
        "station.key",
    ];
    workshop.json(&[&inspect[..], options].concat())
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn the_file_and_the_key_of_the_station_open_nothing() {
    let workshop = workshop_with_job();
    let key = ["--station-key", "station.key"];
    for options in [&[][..], &key, &["--state", "state"]] {
        let run = workshop.run_with("first.job", BOARD, options);
        run.refused("IMP-2110");
        let failure = run.fails_with(3, "IMP-2110");
        assert!(failure.message.contains("cloud"), "{failure}");
        assert!(failure.help.is_some(), "{failure}");
    }
    assert!(!workshop.path("state").exists(), "nothing was counted");
    // A share is nothing that a run takes.
    let run = workshop.run_with(
        "first.job",
        BOARD,
        &[&key[..], &["--share", "first.share"]].concat(),
    );
    assert_eq!(run.exit, 2, "{run}");

    let told = inspect(&workshop, "first.job", &[]).passes().json();
    let manifest = &told["manifest"];
    assert_eq!(
        (
            &manifest["kind"],
            &manifest["factory"],
            &manifest["revision"]
        ),
        (&"Job".into(), &FACTORY.into(), &1.into())
    );
    assert_eq!(told["grants"].as_array().unwrap().len(), 1, "{told}");
    assert!(
        told.get("object").is_none() && told.get("plan").is_none(),
        "{told}"
    );

    let told = inspect(&workshop, "first.job", &["--share", "first.share"])
        .passes()
        .json();
    assert_eq!(told["object"]["payloads"][0]["len"], SECRET.len(), "{told}");
    let object = workshop.json(&["inspect", "unit.sapobj"]).passes().json();
    assert_eq!(told["object"], object["object"], "all of it");
    // The share alone, and with the key of another station.
    workshop.station("other");
    let alone = [
        "inspect",
        "first.job",
        "--trust",
        "owner.pub",
        "--share",
        "first.share",
    ];
    assert!(
        workshop
            .json(&alone)
            .passes()
            .json()
            .get("object")
            .is_none()
    );
    let other = [&alone[..], &["--station-key", "other.key"]].concat();
    workshop.json(&other).fails_with(3, "IMP-2201");
    // In clear there is neither the firmware nor the share.
    let (job, share) = (workshop.read("first.job"), workshop.read("first.share"));
    assert!(!holds(&job, SECRET) && holds(&workshop.read("unit.sapobj"), SECRET));
    assert!(!holds(&job, &share[share.len() - 33..share.len() - 1]));
}

#[test]
fn only_the_share_of_this_job_opens_it() {
    let workshop = workshop_with_job();
    seal(
        &workshop,
        "second",
        &["--factory", FACTORY, "--to", STATION],
    )
    .passes();
    let text = String::from_utf8(workshop.read("first.share")).unwrap();
    // One digit of the share itself.
    let end = text.trim_end().len();
    let digit = if text.as_bytes()[end - 1] == b'0' {
        "1"
    } else {
        "0"
    };
    workshop.write("wrong.share", format!("{}{digit}\n", &text[..end - 1]));
    workshop.write("short.share", &text[..end - 2]);
    workshop.write("empty.share", "");
    for (share, code, exit) in [
        ("second.share", "IMP-2121", 3),
        ("wrong.share", "IMP-2122", 3),
        ("short.share", "IMP-2123", 3),
        ("empty.share", "IMP-2123", 3),
        ("station.key", "IMP-2123", 3),
        ("nothing.share", "IMP-2116", 8),
    ] {
        let with = ["--share", share];
        let run = inspect(&workshop, "first.job", &with);
        let code_found = run.failures()[0].code.clone();
        assert_eq!(
            (run.exit, code_found.as_str()),
            (exit, code),
            "{share}\n{run}"
        );
        let verify = [
            "verify",
            "first.job",
            "--trust",
            "owner.pub",
            "--station-key",
            "station.key",
            "--share",
            share,
        ];
        workshop.json(&verify).fails_with(exit, code);
    }
    let verify = [
        "verify",
        "first.job",
        "--trust",
        "owner.pub",
        "--station-key",
        "station.key",
    ];
    let told = workshop.json(&verify).passes().json();
    assert!(
        told["object"].is_null(),
        "what is sealed was not looked at: {told}"
    );
    let told = workshop
        .json(&[&verify[..], &["--share", "first.share"]].concat())
        .passes()
        .json();
    assert!(told["object"].is_string(), "{told}");
}

#[test]
fn a_job_that_replaces_another_stays_in_its_deployment() {
    let workshop = workshop_with_job();
    let manifest = |job: &str| inspect(&workshop, job, &[]).passes().json()["manifest"].clone();
    let first = manifest("first.job");
    let old = first;
    for (name, replaces, revision) in [("second", "first.job", 2), ("third", "second.job", 3)] {
        seal(&workshop, name, &["--replaces", replaces, "--to", STATION]).passes();
        let new = manifest(&format!("{name}.job"));
        assert_eq!(
            (&new["deployment_id"], &new["factory"]),
            (&old["deployment_id"], &old["factory"])
        );
        assert_eq!(new["revision"], revision, "{new}");
        // A share of its own.
        let with = format!("{name}.share");
        inspect(&workshop, &format!("{name}.job"), &["--share", &with]).passes();
        inspect(
            &workshop,
            &format!("{name}.job"),
            &["--share", "first.share"],
        )
        .fails_with(3, "IMP-2121");
    }
    seal(&workshop, "fresh", &["--factory", FACTORY, "--to", STATION]).passes();
    assert_ne!(manifest("fresh.job")["deployment_id"], old["deployment_id"]);

    workshop.seal("unit", &[]);
    workshop.signer("stranger");
    let (job, to) = (["--replaces", "first.job"], ["--to", STATION]);
    let check = |options: &[&[&str]], exit: i32, code: &str| {
        let before = workshop.snapshot();
        seal(&workshop, "wrong", &options.concat()).fails_with(exit, code);
        assert_eq!(before.differences(&workshop.snapshot()), [""; 0]);
    };
    check(&[&["--replaces", "unit.sap"], &to], 3, "IMP-2126");
    check(&[&job], 3, "IMP-2125");
    check(&[&["--factory", &FACTORY[..31]], &to], 2, "IMP-9001");
    check(&[&["--factory", &"g".repeat(32)], &to], 2, "IMP-9001");
    check(&[&to], 2, "IMP-9001");
    check(&[&["--replaces", "nothing.job"], &to], 8, "IMP-9010");
    // Somebody else cannot go on with the owner's deployment.
    let seal_as = [
        "seal",
        "unit.sapobj",
        "--job",
        "-o",
        "wrong.job",
        "--share",
        "wrong.share",
        "--key",
        "stranger.key",
    ];
    workshop
        .json(&[&seal_as[..], &job, &to].concat())
        .fails_with(3, "IMP-2106");
    // What is there is not replaced: it may be the only share of a Job.
    let share = workshop.read("first.share");
    let again = seal(&workshop, "first", &["--factory", FACTORY, "--to", STATION]);
    again.fails_with(2, "IMP-9002");
    assert_eq!(workshop.read("first.share"), share);
    assert!(
        !workshop.path("wrong.job").exists() && fs::metadata(workshop.path("wrong.share")).is_err()
    );
}
