//! The programs of the embedding guide: the page shows them as they are, and each does what the page says.
#![allow(clippy::unwrap_used)]

use imprint_tests::{NRF52, Recipe, Run, Started, Workshop, command_path, repository};
use std::{fs, process::Command};

/// How a block of the page is made of an example: the lines after its header.
fn shown(name: &str) -> String {
    let path = repository().join(format!("core/engine/examples/{name}.rs"));
    let text = fs::read_to_string(&path).unwrap();
    let is_header =
        |line: &&str| line.is_empty() || line.starts_with("//!") || line.starts_with("#![");
    let lines: Vec<&str> = text.lines().skip_while(is_header).collect();
    format!(
        "<!-- core/engine/examples/{name}.rs -->\n```rust,no_run\n{}\n```\n",
        lines.join("\n")
    )
}

const EXAMPLES: [&str; 6] = [
    "run_image",
    "progress_and_cancel",
    "own_probe",
    "own_records",
    "own_catalogue",
    "many_targets",
];

#[test]
fn the_page_shows_the_examples_as_they_are() {
    let page = fs::read_to_string(repository().join("docs/embedding.md")).unwrap();
    for name in EXAMPLES {
        let shown = shown(name);
        assert!(
            page.contains(&shown),
            "docs/embedding.md differs from core/engine/examples/{name}.rs; it should have\n{shown}"
        );
    }
}

/// A folder as the page makes it.
fn bench() -> Workshop {
    let workshop = Workshop::new();
    let recipe = Recipe::of_script(&NRF52, "production.rhai");
    workshop.image("hello", &recipe);
    workshop.write("policy.ron", "(units: 6)");
    workshop.build("counted", &recipe).passes();
    workshop.seal("counted", &["--policy", "policy.ron"]);
    let author = workshop.read("owner.pub");
    workshop.write("author.pub", author);
    std::os::unix::fs::symlink(repository().join("devices"), workshop.path("devices")).unwrap();
    workshop
}

/// Runs an example in the folder.
fn run(workshop: &Workshop, name: &str) -> Run {
    let path = command_path().with_file_name("examples").join(name);
    assert!(
        path.exists(),
        "{name} is not built: run `cargo build -p imprint --examples` first (or `cargo xtask test`)"
    );
    Started::new(Command::new(path).current_dir(workshop.path(""))).finish()
}

fn check(name: &str, expect: &[&str]) {
    let run = run(&bench(), name);
    assert_eq!(run.exit, 0, "{run:?}");
    for text in expect {
        assert!(run.stdout.contains(text), "{text:?} is not in {run:?}");
    }
}

#[test]
fn an_image_is_run() {
    check("run_image", &["Pass [Record { name: \"chip\""]);
}

/// The script computes without end, so that the button is always quicker.
#[test]
fn a_unit_is_watched_and_stopped() {
    let workshop = bench();
    let script = "fn main(unit) { unit.connect().erase(); let n = 0; loop { n += 1; } }";
    let recipe = Recipe::new(NRF52.device, script).right("mass_erase");
    workshop.image("hello", &recipe);
    let run = run(&workshop, "progress_and_cancel");
    assert_eq!(run.exit, 0, "{run:?}");
    for text in [
        "erase flash\n",
        "Cancelled, changed: Changes { erased: [Range { address: 0",
    ] {
        assert!(run.stdout.contains(text), "{text:?} is not in {run:?}");
    }
}

#[test]
fn a_probe_of_ones_own() {
    check("own_probe", &["the lid closes\nPass after "]);
}

#[test]
fn a_pass_whose_record_is_not_kept_is_a_failure() {
    let workshop = bench();
    let run = run(&workshop, "own_records");
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines[0], "Pass None", "{run:?}");
    assert!(
        lines[1].starts_with("Fail Some(Failure { code: \"SHOP-2\", message: \"the ledger is full"),
        "{run:?}"
    );
    let ledger = String::from_utf8(workshop.read("ledger.csv")).unwrap();
    assert!(
        ledger.ends_with(",Pass,\n") && ledger.lines().count() == 1,
        "{ledger}"
    );
}

#[test]
fn plugins_out_of_a_database() {
    check("own_catalogue", &["database/", "Trusted", "\nPass\n"]);
}

/// Six of eight units are allowed, whatever the order of the threads.
#[test]
fn eight_targets_in_one_set_of_books() {
    let run = run(&bench(), "many_targets");
    assert_eq!(run.exit, 0, "{run:?}");
    for ordinal in 0..6 {
        let line = format!("Pass Some({ordinal}) ");
        assert_eq!(run.stdout.matches(&line).count(), 1, "{run:?}");
    }
    assert_eq!(run.stdout.matches("Fail None ").count(), 2, "{run:?}");
}
