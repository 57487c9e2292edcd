//! What restricts an image holds, however it is tried: the first restriction that is not met refuses the unit before its
//! target is touched.
#![allow(clippy::unwrap_used)]

use imprint_tests::{BOARD, F030, Recipe, Workshop};
use std::fs;

/// Runs units on new boards, each with what it shall do and what must come of it: `pass`, or a code.
#[track_caller]
fn check(workshop: &Workshop, image: &str, units: &[(&str, &str)]) {
    for (number, (go, expect)) in units.iter().enumerate() {
        let run = workshop.unit(image, BOARD, go, &[]);
        let code = run
            .failures()
            .first()
            .map_or("pass".into(), |it| it.code.clone());
        assert_eq!(code, *expect, "unit {number} of {image}\n{run}");
        if expect.starts_with("IMP-81") {
            run.refused(expect);
        }
    }
}

const OK: (&str, &str) = ("ok", "pass");
/// A unit that fails after its flash was changed.
const BAD: (&str, &str) = ("bad", "IMP-3010");

#[test]
fn the_first_restriction_that_is_met_ends_it() {
    let workshop = Workshop::new();
    workshop
        .build("unit", &Recipe::of_one_step("", ""))
        .passes();
    let units = ("ok", "IMP-8100");
    let attempts = ("ok", "IMP-8102");
    let failures = ("ok", "IMP-8103");
    let rows: [(&str, &[(&str, &str)]); 7] = [
        ("(units: 2)", &[OK, BAD, OK, units, units]),
        ("(attempts: 3)", &[OK, BAD, OK, attempts, attempts]),
        ("(failures: 2)", &[BAD, OK, BAD, failures, failures]),
        ("(units: 5, attempts: 4, failures: 1)", &[OK, BAD, failures]),
        ("(units: 5, attempts: 2, failures: 2)", &[OK, BAD, attempts]),
        ("(units: 1, attempts: 2, failures: 1)", &[OK, units]),
        // Both at once: the units are named first.
        ("(units: 1, attempts: 1)", &[OK, units]),
    ];
    for (policy, sequence) in rows {
        // Each is a deployment of its own, so that they share the books and not the counts.
        let image = workshop.restrict("unit", policy, &[]);
        check(&workshop, &image, sequence);
    }
    assert_eq!(
        workshop.books()["deployments"].as_array().unwrap().len(),
        rows.len()
    );
}

#[test]
fn a_unit_that_fails_before_anything_is_changed_is_not_counted() {
    let workshop = Workshop::new();
    let recipe = Recipe::of_one_step("    unit.serial(\"sn\");\n    if unit.value(\"go\") == \"no\" { fail(\"not yet\"); }", "")
        .file("sn.serial.ron", b"(id: \"sn\", values: counter(positions: [numeric], end: \"1\"))")
        .section("    serials: { \"sn\": (definition: \"sn.serial.ron\", address: 0x3040, encoding: ascii(len: 1), on_fail: burn) },");
    workshop.build("unit", &recipe).passes();
    let image = workshop.restrict("unit", "(failures: 1, attempts: 2)", &[]);
    check(
        &workshop,
        &image,
        &[
            ("no", "IMP-3010"),
            ("no", "IMP-3010"),
            ("no", "IMP-3010"),
            BAD,
            ("ok", "IMP-8103"),
        ],
    );
    assert_eq!(
        (workshop.count(0, "attempts"), workshop.count(0, "failures")),
        (1, 1)
    );
}

/// The counts are the station's, not the file's: an image that is taken away and put back has what it had.
#[test]
fn an_image_that_comes_back_keeps_its_count_and_one_that_is_sealed_again_has_its_own() {
    let workshop = Workshop::new();
    workshop
        .build("unit", &Recipe::of_one_step("", ""))
        .passes();
    let image = workshop.restrict("unit", "(units: 2)", &[]);
    check(&workshop, &image, &[OK]);
    let bytes = workshop.read(&image);
    fs::remove_file(workshop.path(&image)).unwrap();
    workshop
        .unit(&image, BOARD, "ok", &[])
        .fails_with(8, "IMP-9010");
    workshop.write("elsewhere/again.sap", &bytes);
    check(&workshop, "elsewhere/again.sap", &[OK, ("ok", "IMP-8100")]);
    workshop.write(&image, &bytes);
    check(&workshop, &image, &[("ok", "IMP-8100")]);

    let image = workshop.restrict("unit", "(units: 2)", &[]);
    check(&workshop, &image, &[OK, OK, ("ok", "IMP-8100")]);
    // Books of another station know nothing of it, and do not make the first forget.
    let other = [
        "run",
        &image,
        "--trust",
        "owner.pub",
        "--on",
        BOARD,
        "--value",
        "go=ok",
        "--state",
        "other",
    ];
    workshop.json(&other).passed();
    check(&workshop, &image, &[("ok", "IMP-8100")]);
}

#[test]
fn a_counted_image_does_not_run_uncounted() {
    let workshop = Workshop::new();
    workshop
        .build("unit", &Recipe::of_one_step("", ""))
        .passes();
    for policy in ["(units: 2)", "(attempts: 2)", "(failures: 2)"] {
        let image = workshop.restrict("unit", policy, &[]);
        let run = workshop.run_with(&image, BOARD, &["--value", "go=ok"]);
        run.refused("IMP-8189");
        assert!(
            run.fails_with(3, "IMP-8189")
                .help
                .unwrap()
                .contains("--state"),
            "{run}"
        );
    }
    // Nothing to count: it runs with books and without.
    let image = workshop.restrict("unit", "(not_after: \"2999-12-31\")", &[]);
    workshop
        .run_with(&image, BOARD, &["--value", "go=ok"])
        .passed();
    workshop.unit(&image, BOARD, "ok", &[]).passed();
    // A state that is no folder of books.
    workshop.write("no-folder", b"books");
    let run = workshop.run_with(&image, BOARD, &["--value", "go=ok", "--state", "no-folder"]);
    run.refused("IMP-8132");
    assert_eq!(workshop.read("no-folder"), b"books");
}

#[test]
fn an_image_runs_in_its_window_of_dates_alone() {
    let workshop = Workshop::new();
    workshop
        .build("unit", &Recipe::of_one_step("", ""))
        .passes();
    for (policy, code) in [
        ("(not_before: \"2999-01-01\")", "IMP-8104"),
        ("(not_after: \"2020-12-31T23:59:59Z\")", "IMP-8105"),
        (
            "(not_before: \"2019-01-01\", not_after: \"2020-12-31\", units: 9)",
            "IMP-8105",
        ),
        (
            "(not_before: \"2020-01-01\", not_after: \"2999-12-31\")",
            "pass",
        ),
    ] {
        let image = workshop.restrict("unit", policy, &[]);
        check(&workshop, &image, &[("ok", code)]);
        if !policy.contains("units") && code != "pass" {
            workshop
                .run_with(&image, BOARD, &["--value", "go=ok"])
                .refused(code);
        }
    }
    for (policy, code) in [
        (
            "(not_before: \"2021-01-01\", not_after: \"2020-01-01\")",
            "IMP-2133",
        ),
        ("(not_after: \"2020-02-30\")", "IMP-2131"),
        ("(units: 0)", "IMP-2131"),
        ("(unit: 5)", "IMP-2132"),
        ("()", "IMP-2133"),
        ("(stations: [\"nobody.pub\"])", "IMP-2134"),
    ] {
        workshop.write("wrong.ron", policy);
        let seal = [
            "seal",
            "unit.sapobj",
            "--sap",
            "-o",
            "wrong.sap",
            "--key",
            "owner.key",
            "--policy",
            "wrong.ron",
        ];
        workshop.json(&seal).fails_with(3, code);
        assert!(!workshop.path("wrong.sap").exists(), "{policy}");
    }
}

#[test]
fn only_the_stations_of_the_policy_run_it() {
    let workshop = Workshop::new();
    workshop.station("other");
    workshop
        .build("unit", &Recipe::of_one_step("", ""))
        .passes();
    // A plain image, and one that both stations can open.
    for to in [&[][..], &["--to", "station.pub", "--to", "other.pub"]] {
        let image = workshop.restrict("unit", "(stations: [\"station.pub\"])", to);
        let run = |key: &[&str]| workshop.unit(&image, BOARD, "ok", key);
        run(&["--station-key", "station.key"]).passed();
        run(&["--station-key", "other.key"]).refused("IMP-8134");
        let without = if to.is_empty() {
            "IMP-8134"
        } else {
            "IMP-2200"
        };
        run(&[]).refused(without);
    }
}

/// FICR.INFO.VARIANT of the virtual board is "AAE0": the letter that counts revisions is E, 0x45.
#[test]
fn old_silicon_is_refused_before_anything_is_changed() {
    let workshop = Workshop::new();
    workshop
        .build("unit", &Recipe::of_one_step("", ""))
        .passes();
    for (least, code) in [(0, "pass"), (0x45, "pass"), (0x46, "IMP-8185")] {
        let image = workshop.restrict(
            "unit",
            &format!("(device_revision_min: {least}, units: 1)"),
            &[],
        );
        let run = workshop.unit(&image, BOARD, "ok", &[]);
        let found = run
            .failures()
            .first()
            .map_or("pass".into(), |it| it.code.clone());
        assert_eq!(found, code, "{run}");
        let report = run.report();
        let is_untouched = report.changes.is_empty() && report.ordinal.is_none();
        assert_eq!(is_untouched, code != "pass", "{run}");
    }
    let books = workshop.books();
    let deployments = books["deployments"].as_array().unwrap();
    assert_eq!(
        deployments.len(),
        2,
        "nothing was drawn for the one that was refused: {books}"
    );

    // Data that do not say where the revision is cannot tell old from new.
    let recipe = Recipe::new(F030.device, "fn main(unit) {\n    unit.connect();\n}\n");
    workshop.build("plain", &recipe).passes();
    let image = workshop.restrict("plain", "(device_revision_min: 1)", &[]);
    workshop
        .run(&image, &format!("twin:{}", F030.device))
        .refused("IMP-8186");
}
