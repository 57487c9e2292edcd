//! Settings of the wire and the supply, and what is lost with a worker.

use crate::{code, image, passed};
use imprint_tests::{Direct, NRF52, Recipe, Workshop, random_bytes};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::time::Duration;

#[test]
fn settings_of_the_wire_and_the_supply() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    let virtual_us = |section: &str| {
        let recipe = Recipe::with_body("    chip.read(0, 4096);").section(section);
        let report = direct.run(&image(&workshop, &recipe), &direct.twin(NRF52.device));
        passed(&report);
        let names: Vec<String> = report.steps.iter().map(|it| it.name.clone()).collect();
        (report.time.virtual_us.unwrap(), names, report.log)
    };
    let (usual, steps, _) = virtual_us("");
    assert_eq!(steps, ["connect"]);
    let (slow, steps, _) = virtual_us("    link: (clock_khz: 500, reset: none),");
    assert!(
        slow > 3 * usual,
        "{slow} us at 500 kHz, {usual} us at 4 MHz"
    );
    assert_eq!(steps, ["connect"]);
    for reset in ["software", "hardware"] {
        let section = format!("    link: (connect: under_reset, reset: {reset}),");
        let (_, steps, _) = virtual_us(&section);
        assert_eq!(steps, ["connect", "reset"], "{reset}");
    }
    let mv = direct.twin(NRF52.device).board().voltage_mv();
    let (_, _, log) = virtual_us(&format!(
        "    power: (voltage_mv: {}, after: off),",
        mv + mv / 20
    ));
    assert!(log[0].text.contains("switch"), "{log:?}");
    let recipe =
        Recipe::with_body("").section(&format!("    power: (voltage_mv: {}),", mv * 3 / 2));
    let report = direct.run(&image(&workshop, &recipe), &direct.twin(NRF52.device));
    assert_eq!((code(&report), report.transfer_count), ("IMP-4109", 0));
}

/// What a killed worker had changed was not known, and it is the worker that writes the board's file.
#[test]
fn a_killed_worker_leaves_its_changes_and_the_board_as_it_was() {
    let workshop = Workshop::new();
    let body = "    loop { chip.erase(); chip.program(unit.payload(\"firmware\")); }";
    let recipe = Recipe::with_body(body)
        .raw("firmware", 0, random_bytes(1, 256 << 10))
        .right("mass_erase")
        .limits(600_000, 600_000);
    let image = workshop.image("unit", &recipe);
    let on = workshop.twin("board.twin", NRF52.device, &[]);
    let before = workshop.read("board.twin");
    let arguments = [
        "run",
        &image,
        "--trust",
        "owner.pub",
        "--on",
        &on,
        "--json",
        "--transcript",
        "wire.txt",
    ];
    let started = workshop.start(&arguments);
    // Erasing and programming have begun when the transcript is that long.
    let len = || std::fs::metadata(workshop.path("wire.txt")).map_or(0, |it| it.len());
    while len() < 2 << 20 {
        std::thread::sleep(Duration::from_millis(1));
    }
    let children = format!("/proc/{0}/task/{0}/children", started.id());
    let worker: i32 = std::fs::read_to_string(children)
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    kill(Pid::from_raw(worker), Signal::SIGKILL).unwrap();
    let run = started.finish();
    let report = run.report();
    assert_eq!(code(&report), "IMP-8010", "{run}");
    let whole = imprint::report::Range {
        address: 0,
        len: 0x8_0000,
    };
    assert!(report.changes.erased.contains(&whole), "{run}");
    assert!(!report.changes.programmed.is_empty(), "{run}");
    assert!(
        workshop.read("board.twin") == before,
        "the board's file was written"
    );
}
