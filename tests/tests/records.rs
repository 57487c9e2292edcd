//! `--records`: what a unit came to is on the disk before anybody sees it.
#![allow(clippy::unwrap_used)]

use imprint::report::{Outcome, UnitReport};
use imprint_tests::{NRF52, Recipe, STATE, Workshop};

const RECORDS: [&str; 2] = ["--records", "records.jsonl"];

fn records(workshop: &Workshop) -> Vec<UnitReport> {
    let text = String::from_utf8(workshop.read("records.jsonl")).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn every_unit_is_a_line_as_it_was_shown() {
    let workshop = Workshop::new();
    let recipe = Recipe::of_script(&NRF52, "production.rhai");
    let image = workshop.image("hello", &recipe);
    let on = format!("twin:{}", NRF52.device);
    let passed = workshop.run_with(&image, &on, &RECORDS).passed();
    let broken = workshop.twin("broken.twin", NRF52.device, &["--fault", "brownout@5"]);
    let failed = workshop.run_with(&image, &broken, &RECORDS);
    assert_eq!(failed.exit, 1, "{failed:?}");

    let records = records(&workshop);
    assert_eq!(records.len(), 2);
    assert_eq!(records[0], passed);
    assert_eq!(records[1].outcome, Outcome::Fail);
    assert!(!records[1].changes.is_empty());
}

/// The record of a counted unit has its ordinal; one that was refused before it began has none.
#[test]
fn a_counted_unit_is_recorded_once_and_a_refused_one_not() {
    let workshop = Workshop::new();
    let recipe = Recipe::of_script(&NRF52, "production.rhai");
    workshop.write("policy.ron", "(units: 1)");
    workshop.build("batch", &recipe).passes();
    let image = workshop.seal("batch", &["--policy", "policy.ron"]);
    let on = format!("twin:{}", NRF52.device);
    let options = [&RECORDS[..], &["--state", STATE]].concat();
    workshop.run_with(&image, &on, &options).passed();
    let refused = workshop.run_with(&image, &on, &options);
    assert_ne!(refused.exit, 0, "{refused:?}");
    let records = records(&workshop);
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].ordinal, Some(0));
}

/// What could not be kept afterwards is told before the target is touched.
#[test]
fn a_place_that_keeps_nothing_is_refused_first() {
    let workshop = Workshop::new();
    let image = workshop.image("hello", &Recipe::of_script(&NRF52, "production.rhai"));
    let board = workshop.twin("board.twin", NRF52.device, &[]);
    let before = workshop.read("board.twin");
    for (path, code) in [
        ("no/such/folder/records", "IMP-8200"),
        (".", "IMP-1093"),
        ("hello.sap", "IMP-9003"),
    ] {
        let run = workshop.run_with(&image, &board, &["--records", path]);
        assert!(run.stdout.contains(code), "{path}: {run:?}");
        assert_ne!(run.exit, 0);
    }
    assert_eq!(workshop.read("board.twin"), before);
}
