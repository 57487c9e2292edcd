//! Bad input, all of it through the command: each has its code, its place, what was expected and found, and what to do;
//! no file is left, nothing panics, and the target is untouched or the report says what was changed.
#![allow(clippy::unwrap_used)]

mod build;
mod disk;
mod image;
mod plugin;
mod target;
mod target_lost;

use imprint::report::Failure;
use imprint_tests::Workshop;

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
