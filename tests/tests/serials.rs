//! Serial numbers: each value at most once, whatever image takes it and whatever becomes of the unit.
#![allow(clippy::unwrap_used)]

use imprint_tests::{BOARD, BOARD_DEVICE, Recipe, Run, STATE, Workshop, random_bytes};

/// Three values: A7, A8, A9.
const COUNTER: &str =
    "(id: \"acme-sn\", values: counter(positions: [constant(\"A\"), numeric], start: \"A7\"))";

/// A recipe of one step whose serial number `sn` has this definition and these further fields.
fn recipe(definition: &str, fields: &str) -> Recipe {
    let program = match fields.contains("into:") {
        true => {
            "    chip.program(unit.payload(\"firmware\"));\n    chip.verify(unit.payload(\"firmware\"));"
        }
        false if definition.contains("per_unit: 2") => {
            "    for which in 0..2 { chip.program(unit.serial(\"sn\", which)); chip.verify(unit.serial(\"sn\", which)); }"
        }
        false => "    chip.program(unit.serial(\"sn\"));\n    chip.verify(unit.serial(\"sn\"));",
    };
    let entry = format!(
        "(definition: \"sn.serial.ron\", address: 0x3100, encoding: ascii(len: 4, fill: 0x20), {fields})"
    );
    Recipe::of_one_step("", program)
        .raw("firmware", 0x3200, random_bytes(1, 64))
        .file("sn.serial.ron", definition.as_bytes())
        .section(&format!("    serials: {{ \"sn\": {entry} }},"))
}

/// What a unit has drawn, with its outcome: `A7 pass`, `A8 IMP-3010`, or a code alone.
fn told(run: &Run) -> String {
    let drawn = run
        .report()
        .serials
        .get("sn")
        .map(|values| values.join(",") + " ");
    let code = run
        .failures()
        .first()
        .map_or("pass".into(), |it| it.code.clone());
    drawn.unwrap_or_default() + code.as_str()
}

/// Runs units on new boards: image, what it does, further options, what must come of it.
#[track_caller]
fn check(workshop: &Workshop, units: &[(&str, &str, &[&str], &str)]) {
    for (number, (image, go, options, expect)) in units.iter().enumerate() {
        let run = workshop.unit(image, BOARD, go, options);
        assert_eq!(told(&run), *expect, "unit {number}\n{run}");
        if expect.starts_with("IMP-8") {
            run.refused(expect);
        }
    }
}

#[test]
fn two_images_draw_from_one_counter_until_it_is_empty() {
    let workshop = Workshop::new();
    let first = workshop.image("first", &recipe(COUNTER, ""));
    let second = workshop.image("second", &recipe(COUNTER, "into: \"firmware\""));
    let (first, second) = (first.as_str(), second.as_str());
    check(
        &workshop,
        &[
            (first, "ok", &[], "A7 pass"),
            (second, "ok", &[], "A8 pass"),
            (first, "ok", &[], "A9 pass"),
            // Refused before the wire moves, for both.
            (second, "ok", &[], "IMP-8107"),
            (first, "ok", &[], "IMP-8107"),
        ],
    );
    let books = workshop.books();
    assert_eq!(books["serials"].as_array().unwrap().len(), 1, "{books}");
    assert_eq!(books["serials"][0]["next_index"], 3, "{books}");
}

#[test]
fn a_number_is_given_back_or_burnt_as_the_recipe_says() {
    let workshop = Workshop::new();
    let kept = workshop.image("kept", &recipe(COUNTER, "on_fail: give_back"));
    let burnt = workshop.image(
        "burnt",
        &recipe(&COUNTER.replace("acme", "burnt"), "on_fail: burn"),
    );
    check(
        &workshop,
        &[
            (&kept, "bad", &[], "A7 IMP-3010"),
            (&kept, "bad", &[], "A7 IMP-3010"),
            (&kept, "ok", &[], "A7 pass"),
            (&kept, "ok", &[], "A8 pass"),
            (&burnt, "bad", &[], "A7 IMP-3010"),
            (&burnt, "ok", &[], "A8 pass"),
            (&burnt, "bad", &[], "A9 IMP-3010"),
            (&burnt, "ok", &[], "IMP-8107"),
        ],
    );
}

#[test]
fn a_list_gives_each_line_once() {
    let workshop = Workshop::new();
    let list = "(id: \"macs\", values: list(file: \"macs.csv\", column: 1, header: true))";
    let recipe = recipe(list, "").file("macs.csv", b"box,address\n1,AB01\n2,AB02\n3,AB03\n");
    let image = workshop.image("unit", &recipe);
    check(
        &workshop,
        &[
            (&image, "ok", &[], "AB01 pass"),
            (&image, "bad", &[], "AB02 IMP-3010"),
            (&image, "ok", &[], "AB02 pass"),
            (&image, "ok", &[], "AB03 pass"),
            (&image, "ok", &[], "IMP-8107"),
        ],
    );
    // The same name for other values would give numbers twice.
    let other = recipe
        .clone()
        .file("macs.csv", b"box,address\n1,AB03\n2,AB01\n");
    let image = workshop.image("other", &other);
    check(&workshop, &[(&image, "ok", &[], "IMP-8108")]);
}

#[test]
fn a_supplied_value_is_used_once() {
    let workshop = Workshop::new();
    let supplied = "(id: \"mac\", values: supplied(positions: [hex(4)]))";
    let image = workshop.image("unit", &recipe(supplied, ""));
    let one = ["--value", "sn=00A1"];
    let two = ["--value", "sn=00A2"];
    let wrong = ["--value", "sn=00G2"];
    check(
        &workshop,
        &[
            (&image, "ok", &one, "00A1 pass"),
            (&image, "ok", &one, "IMP-8109"),
            (&image, "bad", &two, "00A2 IMP-3010"),
            (&image, "ok", &two, "00A2 pass"),
            (&image, "ok", &two, "IMP-8109"),
            (&image, "ok", &wrong, "IMP-8183"),
            (&image, "ok", &[], "IMP-8182"),
        ],
    );
}

/// What a board then holds: merged with the firmware in one pass, or put after it; several values lie behind each other.
#[test]
fn the_bytes_are_where_the_recipe_puts_them() {
    let workshop = Workshop::new();
    let two = COUNTER
        .replace("values:", "per_unit: 2, values:")
        .replace("A7", "A6");
    for (name, fields) in [("after", ""), ("merged", "into: \"firmware\"")] {
        let definition = two.replace("acme", name);
        let image = workshop.image(name, &recipe(&definition, fields));
        for (go, expect, cells) in [
            ("ok", "A6,A7 pass", b"A6  A7  "),
            ("bad", "A8,A9 IMP-3010", &[0xFF; 8]),
            ("ok", "A8,A9 pass", b"A8  A9  "),
        ] {
            let run = |dump: &[&str]| workshop.unit(&image, BOARD, go, dump);
            let (run, bytes) = workshop.dumped(0x3100, 0x140, run);
            assert_eq!(told(&run), expect, "{run}");
            assert_eq!(&bytes[..8], cells, "{run}");
            let firmware = if go == "ok" && name == "merged" {
                random_bytes(1, 64)
            } else {
                vec![0xFF; 64]
            };
            assert_eq!(bytes[0x100..], firmware, "{run}");
        }
        check(&workshop, &[(&image, "ok", &[], "IMP-8107")]);
    }
}

/// A unit that passed and comes again is a new unit; one that failed has not used its number up.
#[test]
fn the_same_board_twice_is_two_units() {
    let workshop = Workshop::new();
    let image = workshop.image("unit", &recipe(COUNTER, ""));
    let board = workshop.twin("board.twin", BOARD_DEVICE, &["--uid", "0102030405060708"]);
    for (go, expect, ordinal) in [
        ("bad", "A7 IMP-3010", 0),
        ("ok", "A7 pass", 0),
        ("ok", "A8 pass", 1),
        ("bad", "A9 IMP-3010", 2),
        ("ok", "A9 pass", 2),
    ] {
        let run = workshop.unit(&image, &board, go, &[]);
        assert_eq!(
            (told(&run).as_str(), run.report().ordinal),
            (expect, Some(ordinal)),
            "{run}"
        );
    }
}

#[test]
fn numbers_need_books_and_go_on_where_they_are_told_to() {
    let workshop = Workshop::new();
    let image = workshop.image("unit", &recipe(COUNTER, ""));
    workshop
        .run_with(&image, BOARD, &["--value", "go=ok"])
        .refused("IMP-8189");
    check(&workshop, &[(&image, "ok", &[], "A7 pass")]);
    let set = |next: &str, name: &str| {
        let set = [
            "state",
            "serial",
            STATE,
            "--object",
            "unit.sapobj",
            "--name",
            name,
            "--next",
            next,
        ];
        workshop.json(&set)
    };
    set("A9", "sn").passes();
    check(
        &workshop,
        &[
            (&image, "ok", &[], "A9 pass"),
            (&image, "ok", &[], "IMP-8107"),
        ],
    );
    for (next, name, exit, code) in [
        ("A8", "sn", 3, "IMP-8113"),
        ("A7", "sn", 3, "IMP-8113"),
        ("A6", "sn", 2, "IMP-9001"),
        ("A8", "ns", 2, "IMP-9001"),
    ] {
        set(next, name).fails_with(exit, code);
    }
    check(&workshop, &[(&image, "ok", &[], "IMP-8107")]);
}
