//! The gate: asked once, before anything that cannot be taken back, and never passed by.
//!
//! What the board holds and what went over the wire are looked at while the gate is asked.
#![allow(clippy::unwrap_used)]

use imprint::{
    CancelToken, Permit, RunOptions, Silent, Twin,
    report::{Failure, Outcome, UnitReport},
};
use imprint_tests::{Chip, Direct, F103, NRF52, Recipe, Workshop, random_bytes};
use std::sync::{Arc, Mutex};

/// A unit whose gate is watched.
struct Watched {
    report: UnitReport,
    /// What the gate was asked, each time.
    asked: Vec<Option<Vec<u8>>>,
    /// Lines of the transcript until it was asked, and all of them.
    lines_before: usize,
    lines: Vec<String>,
}

/// What the cells of a board hold, and how often they were erased and programmed.
fn cells(twin: &Twin) -> String {
    let state = twin.board().save();
    format!(
        "{} {} {:?}",
        state.erase_count, state.program_count, state.memories
    )
}

/// Runs a script with a gate that answers so. While it is asked, the board must be as it was.
fn run(
    direct: &Direct,
    image: &[u8],
    twin: &Twin,
    answer: Result<Permit, Failure>,
    cancel: Option<CancelToken>,
) -> Watched {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let lines = Arc::new(Mutex::new(Vec::new()));
    let before = Arc::new(Mutex::new(0));
    let gate = {
        let (asked, lines, before) = (asked.clone(), lines.clone(), before.clone());
        let (twin, untouched, cancel) = (twin.clone(), cells(twin), cancel.clone());
        move |uid: Option<&[u8]>| {
            assert_eq!(cells(&twin), untouched, "changed before the gate was asked");
            asked.lock().unwrap().push(uid.map(<[u8]>::to_vec));
            *before.lock().unwrap() = lines
                .lock()
                .map(|it: std::sync::MutexGuard<'_, Vec<String>>| it.len())
                .unwrap();
            if let Some(cancel) = &cancel {
                cancel.cancel();
            }
            answer.clone()
        }
    };
    let sink = lines.clone();
    let options = RunOptions {
        gate: Some(Box::new(gate)),
        transcript: Some(Box::new(move |line| sink.lock().unwrap().push(line.into()))),
        cancel: cancel.unwrap_or_default(),
        ..RunOptions::default()
    };
    let report = direct.run_with(image, twin, options, &mut Silent);
    Watched {
        report,
        asked: std::mem::take(&mut asked.lock().unwrap()),
        lines_before: *before.lock().unwrap(),
        lines: std::mem::take(&mut lines.lock().unwrap()),
    }
}

/// The first write over the wire to what erases, programs or protects: TAR of the memory access port, then DRW.
fn guarded_write(chip: &Chip, direct: &Direct, lines: &[String]) -> Option<String> {
    let device = direct.device(chip.device);
    let mut address = 0;
    lines.iter().find_map(|line| {
        let (_, action) = line.split_once("ap.write 0x")?;
        let (register, values) = action.split_once([' ', '='])?;
        match register {
            "4" => {
                let value = values.split("0x").nth(1)?;
                address = u64::from_str_radix(value.get(..8)?, 16).unwrap();
                None
            }
            "c" => device.guarded_at(address, 4).map(|_| line.clone()),
            _ => None,
        }
    })
}

/// Everything that cannot be taken back: chip, rights, statements after `let chip = unit.connect();`.
const IRREVERSIBLE: [(Chip, &[&str], &str); 24] = [
    (NRF52, &["mass_erase"], "chip.erase();"),
    (F103, &["mass_erase"], "chip.erase();"),
    (NRF52, &[], "chip.erase(START, 0x1000);"),
    (F103, &[], "chip.erase(START, 0x400);"),
    (NRF52, &[], "chip.erase(unit.payload(\"firmware\"));"),
    (F103, &[], "chip.erase(unit.payload(\"firmware\"));"),
    (NRF52, &["mass_erase"], "chip.erase_if_not_blank();"),
    (NRF52, &["mass_erase"], "chip.memory(\"flash\").erase();"),
    (
        NRF52,
        &["option_bytes", "protect"],
        "chip.memory(\"uicr\").erase();",
    ),
    (NRF52, &[], "chip.program(unit.payload(\"firmware\"));"),
    (F103, &[], "chip.program(unit.payload(\"firmware\"));"),
    (
        NRF52,
        &[],
        "chip.memory(\"flash\").program(0x100, blob(4, 0x5A));",
    ),
    (
        F103,
        &[],
        "chip.memory(\"flash\").program(0x100, blob(4, 0x5A));",
    ),
    (
        NRF52,
        &["option_bytes"],
        "chip.memory(\"uicr\").program(0x84, blob(4, 0x5A));",
    ),
    (
        NRF52,
        &["option_bytes"],
        "chip.set_option(\"CUSTOMER0\", 7);",
    ),
    (F103, &["option_bytes"], "chip.set_option(\"DATA0\", 7);"),
    (NRF52, &[], "chip.command(\"variant\");"),
    (F103, &[], "chip.command(\"flash-size\");"),
    (NRF52, &["protect"], "chip.protect();"),
    (F103, &["protect"], "chip.protect();"),
    (NRF52, &["unlock_by_erase"], "unit.unlock();"),
    (F103, &["unlock_by_erase"], "unit.unlock();"),
    (
        NRF52,
        &[],
        "chip.run_test(unit.payload(\"selftest\"), #{ args: [] });",
    ),
    (
        F103,
        &[],
        "chip.run_test(unit.payload(\"selftest\"), #{ args: [] });",
    ),
];

/// The image of a script that tries once, swallows what comes, tries again, and cleans up by erasing.
fn image(workshop: &Workshop, chip: &Chip, rights: &[&'static str], body: &str) -> Vec<u8> {
    let body = body.replace("START", &format!("{:#x}", chip.flash_start));
    let connect = match body.starts_with("unit.") {
        true => "",
        false => "let chip = unit.connect();",
    };
    let script = format!(
        "fn main(unit) {{\n    {connect}\n    try {{ {body} }} catch {{ unit.record(\"swallowed\", true); {body} }}\n    \
         unit.record(\"after\", true);\n}}\n\nfn on_abort(unit) {{\n    unit.log(\"aborted\");\n    let chip = unit.connect();\n    \
         chip.erase({:#x}, 0x1000);\n}}\n",
        chip.flash_start
    );
    let recipe = Recipe::new(chip.device, &script)
        .raw("firmware", chip.flash_start, random_bytes(3, 2048))
        .payload("selftest", "selftest.elf", Chip::selftest());
    let recipe = rights
        .iter()
        .fold(recipe, |recipe, right| recipe.right(right));
    workshop.read(&workshop.image("unit", &recipe))
}

/// A board that is not blank, so that each operation has something to do.
fn board(workshop: &Workshop, direct: &Direct, chip: &Chip) -> Twin {
    let twin = direct.twin(chip.device);
    let body = "chip.memory(\"flash\").program(0x3000, blob(8, 0x11));";
    let report = direct.run(&image(workshop, chip, &[], body), &twin);
    assert_eq!(report.outcome, Outcome::Pass, "{report:?}");
    twin
}

#[test]
fn what_cannot_be_taken_back_asks_first_and_a_refusal_holds() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    for (chip, rights, body) in IRREVERSIBLE {
        let name = format!("{}: {body}", chip.device);
        let image = image(&workshop, &chip, rights, body);
        let twin = board(&workshop, &direct, &chip);
        let before = cells(&twin);
        let refusal = Failure::new("SHOP-1", "no more today");
        let unit = run(&direct, &image, &twin, Err(refusal.clone()), None);
        let failure = unit.report.failure.clone().unwrap();
        assert_eq!(
            (unit.report.outcome, failure.code.as_str()),
            (Outcome::Fail, "SHOP-1"),
            "{name}"
        );
        assert!(failure.place.is_some(), "{name}: {failure:?}");
        assert_eq!(unit.asked.len(), 1, "{name}");
        assert!(
            unit.report.changes.is_empty(),
            "{name}: {:?}",
            unit.report.changes
        );
        assert!(
            unit.report.records.is_empty(),
            "{name}: {:?}",
            unit.report.records
        );
        assert_eq!(unit.report.ordinal, None, "{name}");
        assert_eq!(cells(&twin), before, "{name}");
        assert_eq!(guarded_write(&chip, &direct, &unit.lines), None, "{name}");
        // `on_abort` was run, and could do no more than the unit.
        let log: Vec<_> = unit
            .report
            .log
            .iter()
            .map(|line| line.text.as_str())
            .collect();
        assert_eq!(
            log,
            ["aborted", "on_abort failed: SHOP-1: no more today"],
            "{name}"
        );

        let permit = Permit {
            ordinal: 7,
            ..Permit::default()
        };
        let twin = board(&workshop, &direct, &chip);
        let unit = run(&direct, &image, &twin, Ok(permit), None);
        assert_eq!(
            unit.report.outcome,
            Outcome::Pass,
            "{name}: {:?}",
            unit.report.failure
        );
        assert_eq!(unit.asked.len(), 1, "{name}");
        assert_eq!(unit.report.ordinal, Some(7), "{name}");
        let before = &unit.lines[..unit.lines_before];
        assert_eq!(guarded_write(&chip, &direct, before), None, "{name}");
        let uid = unit.report.uid.is_some().then(|| twin.uid());
        assert_eq!(unit.asked, [uid], "{name}");
        // The step is in the report, before what needed it.
        let permit = unit
            .report
            .steps
            .iter()
            .position(|step| step.name == "permit")
            .unwrap();
        assert!(permit < unit.report.steps.len(), "{name}");
    }
}

/// A test that finds nothing must be able to find something.
#[test]
fn a_write_to_the_flash_controller_is_found_in_a_transcript() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    // This family programs options through its controller over the wire.
    let image = image(
        &workshop,
        &F103,
        &["option_bytes"],
        "chip.set_option(\"DATA0\", 7);",
    );
    let twin = direct.twin(F103.device);
    let unit = run(&direct, &image, &twin, Ok(Permit::default()), None);
    assert!(
        guarded_write(&F103, &direct, &unit.lines).is_some(),
        "{:#?}",
        unit.lines
    );
}

#[test]
fn what_can_be_taken_back_asks_at_the_end_only() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    for chip in [NRF52, F103] {
        let body = "chip.uid(); chip.identity(); chip.read(START, 16); chip.write32(0x20000100, 5); chip.is_blank(); \
                    chip.memory(\"ram\").program(0x200, blob(4, 1)); chip.crc32(START, 1024); chip.is_protected(); \
                    chip.reset(); chip.halt(); chip.go(); chip.reset_and_halt(); unit.delay_ms(1); chip.voltage_mv();";
        let image = image(&workshop, &chip, &[], body);
        for answer in [
            Ok(Permit::default()),
            Err(Failure::new("SHOP-1", "no more today")),
        ] {
            let twin = direct.twin(chip.device);
            let unit = run(&direct, &image, &twin, answer.clone(), None);
            assert_eq!(unit.asked, [Some(twin.uid())]);
            assert_eq!(
                unit.report.failure.map(|it| it.code),
                answer.err().map(|it| it.code)
            );
            assert_eq!(unit.report.records.len(), 1, "main ran to its end");
            assert!(unit.lines_before > 100 && unit.report.changes.is_empty());
        }
    }
}

#[test]
fn a_unit_that_fails_before_the_gate_draws_nothing() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    let twin = direct.twin(NRF52.device);
    let untouched = cells(&twin);
    let image = image(&workshop, &NRF52, &[], "fail(\"a scratch\");");
    let unit = run(&direct, &image, &twin, Ok(Permit::default()), None);
    assert_eq!(unit.report.failure.unwrap().code, "IMP-3010");
    assert!(unit.asked.is_empty(), "{:?}", unit.asked);
    // What its `on_abort` would have changed was not permitted.
    let last = unit.report.log.last().unwrap();
    assert!(last.text.contains("IMP-8195"), "{last:?}");
    assert_eq!(cells(&twin), untouched);
}

#[test]
fn a_cancel_at_the_gate_changes_nothing() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    let twin = direct.twin(NRF52.device);
    // Without an `on_abort`: a unit that was granted may clean up.
    let recipe = Recipe::with_body("chip.erase();").right("mass_erase");
    let image = workshop.read(&workshop.image("unit", &recipe));
    let untouched = cells(&twin);
    let permit = Permit {
        ordinal: 9,
        ..Permit::default()
    };
    let unit = run(&direct, &image, &twin, Ok(permit), Some(CancelToken::new()));
    assert_eq!(
        (unit.report.outcome, unit.asked.len()),
        (Outcome::Cancelled, 1)
    );
    // It was drawn, so it is told.
    assert_eq!(unit.report.ordinal, Some(9));
    assert_eq!(guarded_write(&NRF52, &direct, &unit.lines), None);
    assert_eq!(cells(&twin), untouched);
}
