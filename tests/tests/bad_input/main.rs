//! Bad input, all of it through the command: each has its code, its place, what was expected and found, and what to do;
//! no file is left, nothing panics, and the target is untouched or the report says what was changed.
#![allow(clippy::unwrap_used)]

mod device;
mod disk;
mod image;
mod payload;
mod plugin;
mod recipe;
mod script;
mod target;
mod target_lost;

use imprint::report::Failure;
use imprint_tests::{NRF52, Recipe, Workshop};

/// A script that is good.
const CONNECTS: &str = "fn main(unit) {\n    unit.connect();\n}\n";

/// A recipe that is good until something is added.
fn recipe() -> Recipe {
    Recipe::new(NRF52.device, CONNECTS)
}

/// Builds a recipe that must be refused, and says that nothing is there afterwards.
#[track_caller]
fn not_built(name: &str, recipe: &Recipe, code: &str, tells: &[&str]) {
    let workshop = Workshop::without_plugins();
    let path = workshop.project("unit", recipe);
    refused(
        &workshop,
        name,
        &["build", &path, "-o", "unit.sapobj"],
        (6, code),
        tells,
    );
}

/// Runs a command that must be refused, for a program and for a person, and returns its failure.
///
/// `tells` is what the person must read: the place, what was expected, what was found.
#[track_caller]
fn refused(
    workshop: &Workshop,
    name: &str,
    arguments: &[&str],
    (exit, code): (i32, &str),
    tells: &[&str],
) -> Failure {
    let before = workshop.snapshot();
    let run = workshop.json(arguments);
    let failure = run.fails_with(exit, code);
    assert!(
        failure.help.as_ref().is_some_and(|help| !help.is_empty()),
        "{name}: no help\n{run}"
    );

    let person = workshop.imprint(arguments);
    assert_eq!(person.exit, exit, "{name}: {person}");
    for text in [&[code], tells].concat() {
        assert!(
            person.stderr.contains(text),
            "{name}: `{text}` is not told\n{person}"
        );
    }
    let differences = before.differences(&workshop.snapshot());
    assert!(differences.is_empty(), "{name}: {differences:?}\n{run}");
    failure
}
