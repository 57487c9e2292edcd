//! What differs from unit to unit: serial numbers, data, run tests; and what the image says of wire, supply and plan.
//!
//! The engine is called directly, and what the board then holds is compared with what a person would work out by hand.
#![allow(clippy::unwrap_used)]

use imprint::{
    Inputs, Permit, RunOptions, Silent, Twin,
    image::{
        Object, SigningKey,
        container::{FamilyRequirement, SealOptions, seal},
        keys::{KeyFile, system_random},
    },
    report::{Failure, Outcome, UnitReport, Value},
};
use imprint_tests::{CHIPS, Chip, Direct, F030, F103, NRF52, Recipe, Workshop, random_bytes};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sha2::{Digest, Sha256};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

const SN: &[u8] =
    br#"(id: "test-sn", values: counter(positions: [constant("A"), numeric(4)]), per_unit: 2)"#;
const MAC: &[u8] = br#"(id: "test-mac", values: supplied(positions: [hex(12)]))"#;

/// Code that answers in the mailbox at 0x20001000.
fn mailbox(kind: &str) -> Vec<u8> {
    let path = imprint_tests::repository().join(format!("tests/firmware/out/mailbox-{kind}.elf"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Cells of a board's main flash.
fn flash(twin: &Twin, offset: u64, len: usize) -> Vec<u8> {
    let state = twin.board().save();
    let mut cells = vec![0xFF; len];
    for run in &state.memories[0].runs {
        for (at, byte) in (run.offset..).zip(&run.data) {
            if let Some(index) = at.checked_sub(offset)
                && (index as usize) < len
            {
                cells[index as usize] = *byte;
            }
        }
    }
    cells
}

/// A recipe with a serial number and data merged into its firmware, and others put after it.
fn recipe(body: &str) -> Recipe {
    let script = format!("fn main(unit) {{\n    let chip = unit.connect();\n{body}\n}}\n");
    Recipe::new(NRF52.device, &script)
        .raw("firmware", 0, random_bytes(5, 0x1800))
        .file("sn.serial.ron", SN)
        .file("mac.serial.ron", MAC)
        .section(
            r#"    serials: {
        "sn": (definition: "sn.serial.ron", address: 0xFFE, encoding: ascii(len: 8, fill: 0x20), into: "firmware", over: true),
        "mac": (definition: "mac.serial.ron", address: 0x3010, encoding: mac),
    },
    data: {
        "lot":   (address: 0x3020, len: 8, source: value, encoding: ascii(fill: 0)),
        "label": (address: 0x1804, len: 12, source: barcode, encoding: ascii(fill: 0), into: "firmware"),
        "bind":  (address: 0x3040, len: 32, source: uid(sha256)),
        "made":  (address: 0x3060, len: 8, source: date("%Y%m%d"), encoding: ascii(fill: 0)),
        "where": (address: 0x3070, len: 8, source: station, encoding: ascii(fill: 0)),
        "cal":   (address: 0x200, len: 4, source: script, encoding: little, into: "firmware", over: true),
    },
    barcode: (positions: [constant("SN-"), numeric(2), upper], ranges: [(from: 3, len: 2, min: 0, max: 50)]),"#,
        )
}

const ALL: &str = r#"
    unit.set_data("cal", 0x01020304);
    chip.erase_for_image();
    chip.program(unit.payload("firmware"));
    chip.verify(unit.payload("firmware"));
    chip.verify_crc(unit.payload("firmware"));
    ensure(unit.serial("sn").text == "A0007" && unit.serial("sn", 1).text == "A0008", "both values");
    ensure(unit.serial("sn").bytes.len == 5, "its bytes");
    ensure(unit.value("lot") == "L7" && unit.barcode == "SN-17X" && unit.station == "bench 3", "as given");
    chip.program(unit.serial("mac"));
    chip.verify(unit.serial("mac"));
    for name in ["lot", "bind", "made", "where"] {
        chip.program(unit.data(name));
        chip.verify(unit.data(name));
    }"#;

fn inputs() -> Inputs {
    let values = [("lot", "L7"), ("mac", "00A0C9123456")];
    Inputs {
        values: values
            .map(|(name, value)| (name.into(), value.into()))
            .into(),
        barcode: Some("SN-17X".into()),
        station_name: Some("bench 3".into()),
        // 2026-11-22 12:00:00 UTC.
        time_s: Some(1_795_348_800),
    }
}

fn permit() -> Permit {
    let serials = [
        ("sn", vec!["A0007", "A0008"]),
        ("mac", vec!["00A0C9123456"]),
    ];
    let text = |text: &&str| text.to_string();
    let serials = serials.map(|(name, values)| {
        let name = name.to_string().try_into().unwrap();
        (name, values.iter().map(text).collect())
    });
    Permit {
        ordinal: 4,
        serials: serials.into(),
    }
}

/// Runs an image on a board; how often the gate was asked.
fn run(
    direct: &Direct,
    image: &[u8],
    twin: &Twin,
    inputs: Inputs,
    answer: Option<Permit>,
) -> (UnitReport, usize) {
    let asked = Arc::new(Mutex::new(0));
    let count = asked.clone();
    let gate = answer.map(|permit| {
        let gate = move |_: Option<&[u8]>| -> Result<Permit, Failure> {
            *count.lock().unwrap() += 1;
            Ok(permit.clone())
        };
        Box::new(gate) as Box<dyn imprint::Gate>
    });
    let options = RunOptions {
        gate,
        inputs,
        ..RunOptions::default()
    };
    let report = direct.run_with(image, twin, options, &mut Silent);
    let asked = *asked.lock().unwrap();
    (report, asked)
}

fn image(workshop: &Workshop, recipe: &Recipe) -> Vec<u8> {
    workshop.read(&workshop.image("unit", recipe))
}

#[track_caller]
fn passed(report: &UnitReport) {
    assert_eq!(report.outcome, Outcome::Pass, "{:#?}", report.failure);
}

fn code(report: &UnitReport) -> &str {
    report.failure.as_ref().map_or("none", |it| &it.code)
}

#[test]
fn everything_goes_where_the_recipe_puts_it() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    let twin = direct.twin(NRF52.device);
    let image = image(&workshop, &recipe(ALL));
    let (report, asked) = run(&direct, &image, &twin, inputs(), Some(permit()));
    passed(&report);
    assert_eq!((asked, report.ordinal), (1, Some(4)));
    assert_eq!(report.serials["sn"], ["A0007", "A0008"]);

    let mut firmware = random_bytes(5, 0x1800);
    firmware[0xFFE..0x100E].copy_from_slice(b"A0007   A0008   ");
    firmware[0x200..0x204].copy_from_slice(&[4, 3, 2, 1]);
    firmware.extend([0xFF; 4]);
    firmware.extend(b"SN-17X\0\0\0\0\0\0");
    assert!(
        flash(&twin, 0, 0x1810) == firmware,
        "the firmware with its windows"
    );
    let mut after = vec![0xFF; 0x80];
    after[0x10..0x16].copy_from_slice(&[0, 0xA0, 0xC9, 0x12, 0x34, 0x56]);
    after[0x20..0x28].copy_from_slice(b"L7\0\0\0\0\0\0");
    after[0x40..0x60].copy_from_slice(&Sha256::digest(twin.uid()));
    after[0x60..0x68].copy_from_slice(b"20261122");
    after[0x70..0x78].copy_from_slice(b"bench 3\0");
    assert_eq!(flash(&twin, 0x3000, 0x80), after);
    // Each word of the firmware once, and each of the others once: the board refuses nothing, so it is counted.
    let words = |bytes: &[u8]| bytes.chunks(4).filter(|word| *word != [0xFF; 4]).count() as u64;
    let programmed = twin.board().save().program_count;
    assert!(programmed >= words(&firmware), "{programmed}");
    assert!(
        programmed <= (firmware.len() as u64 + 0x80) / 4 + 64,
        "{programmed} words were programmed"
    );
}

#[test]
fn what_is_missing_or_does_not_fit_is_told_before_the_wire_moves() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    let image = image(&workshop, &recipe(ALL));
    let check = |name: &str, expect: &str, change: &dyn Fn(&mut Inputs)| {
        let mut inputs = inputs();
        change(&mut inputs);
        let twin = direct.twin(NRF52.device);
        let (report, asked) = run(&direct, &image, &twin, inputs, Some(permit()));
        assert_eq!(code(&report), expect, "{name}: {:?}", report.failure);
        assert_eq!((report.transfer_count, asked), (0, 0), "{name}");
        report.failure.unwrap()
    };
    let failure = check("a value", "IMP-8182", &|it| drop(it.values.remove("lot")));
    assert!(failure.help.unwrap().contains("--value lot="));
    let failure = check("another name", "IMP-8182", &|it| {
        it.values.remove("lot");
        it.values.insert("lott".into(), "L7".into());
    });
    assert!(failure.message.contains("`lott`"), "{failure}");
    check("a serial", "IMP-8182", &|it| drop(it.values.remove("mac")));
    check("no barcode", "IMP-8182", &|it| it.barcode = None);
    check("no station", "IMP-8182", &|it| it.station_name = None);
    check("no time", "IMP-8182", &|it| it.time_s = None);
    check("another label", "IMP-8180", &|it| {
        it.barcode = Some("SN-1X7".into())
    });
    check("out of range", "IMP-8180", &|it| {
        it.barcode = Some("SN-51X".into())
    });
    check("no MAC", "IMP-8183", &|it| {
        it.values.insert("mac".into(), "00A0C912345".into());
    });
    check("too long", "IMP-8190", &|it| {
        it.values.insert("lot".into(), "123456789".into());
    });
    check("no ASCII", "IMP-8190", &|it| {
        it.station_name = Some("Prüf".into())
    });
}

#[test]
fn who_counts_must_be_there_and_give_what_the_image_needs() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    let image = image(&workshop, &recipe(ALL));
    let twin = direct.twin(NRF52.device);
    let (report, _) = run(&direct, &image, &twin, inputs(), None);
    assert_eq!((code(&report), report.transfer_count), ("IMP-8189", 0));
    let name = || imprint::image::recipe::Name::try_from("sn".to_string()).unwrap();
    for values in [
        None,
        Some(vec![]),
        Some(vec!["A0007"]),
        Some(vec!["A0007", "A0008", "A0009"]),
        Some(vec!["A0007", "B0008"]),
        Some(vec!["A0007", "A008"]),
        Some(vec!["A0007", "A00080"]),
    ] {
        let mut permit = permit();
        permit.serials.remove(&name());
        if let Some(values) = &values {
            let values = values.iter().map(|it| it.to_string()).collect();
            permit.serials.insert(name(), values);
        }
        let body = format!("try {{ {ALL} }} catch {{ unit.log(\"swallowed\"); }}");
        let image = workshop.read(&workshop.image("unit", &recipe(&body)));
        let (report, asked) = run(&direct, &image, &twin, inputs(), Some(permit));
        assert_eq!(
            code(&report),
            "IMP-8188",
            "{values:?}: {:?}",
            report.failure
        );
        assert!(report.changes.is_empty() && report.log.is_empty() && asked == 1);
        // The ordinal was drawn.
        assert_eq!(report.ordinal, Some(4));
    }
}

#[test]
fn data_without_a_value_draws_nothing() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    for (body, expect) in [
        ("chip.program(unit.payload(\"firmware\"));", "IMP-8184"),
        ("chip.program(unit.data(\"label\"));", "IMP-3011"),
        ("unit.set_data(\"lot\", \"x\");", "IMP-3011"),
        ("unit.set_data(\"cal\", \"x\");", "IMP-8190"),
        ("unit.set_data(\"cal\", 0x1_0000_0000);", "IMP-8190"),
        ("unit.set_data(\"cal\", 1.5);", "IMP-3011"),
        ("unit.serial(\"sn\", 2);", "IMP-3011"),
        ("unit.serial(\"sn\", -1);", "IMP-3011"),
        ("unit.value(\"colour\");", "IMP-8182"),
    ] {
        let twin = direct.twin(NRF52.device);
        let image = image(&workshop, &recipe(body));
        let (report, asked) = run(&direct, &image, &twin, inputs(), Some(permit()));
        assert_eq!(code(&report), expect, "{body}: {:?}", report.failure);
        assert_eq!(asked, 0, "{body}");
        assert!(report.changes.is_empty(), "{body}");
    }
    // A serial number that is merged is not programmed by itself; it is drawn to know it.
    let twin = direct.twin(NRF52.device);
    let image = image(&workshop, &recipe("chip.program(unit.serial(\"sn\"));"));
    let (report, asked) = run(&direct, &image, &twin, inputs(), Some(permit()));
    assert_eq!((code(&report), asked), ("IMP-3011", 1));
    assert!(report.changes.is_empty());
}

#[test]
fn names_that_the_recipe_does_not_have_are_found_before_production() {
    let workshop = Workshop::new();
    for body in [
        "unit.serial(\"ns\");",
        "unit.data(\"lto\");",
        "unit.set_data(\"call\", 1);",
        "chip.run_test(\"ram\");",
    ] {
        let run = workshop.build("unit", &recipe(body));
        run.fails_with(6, "IMP-3006");
    }
}

/// A recipe whose test does `what` with `number`, and puts a result of it into flash.
fn tested(chip: &Chip, load: &str, what: u32, body: &str) -> Recipe {
    let kind = match (load, chip.flash_start) {
        ("ram", _) => "ram",
        (_, 0) => "flash-0",
        _ => "flash-8",
    };
    let script = format!("fn main(unit) {{\n    let chip = unit.connect();\n{body}\n}}\n");
    Recipe::new(chip.device, &script)
        .payload("code", "code.elf", mailbox(kind))
        .payload_as(
            "Payload(file: \"firmware.bin\", address: 0, format: raw, after_tests: true)"
                .replace("address: 0", &format!("address: {:#x}", chip.flash_start))
                .as_str(),
            "firmware.bin",
            random_bytes(8, 512),
        )
        .section(&format!(
            "    data: {{ \"trim\": (address: {:#x}, len: 4, source: result(\"box\", \"trim\"), encoding: little) }},\n    \
             tests: [(name: \"box\", payload: \"code\", args: [{what}, 77], timeout_ms: 300, load: {load}, via: mailbox(address: 0x20001000))],",
            chip.flash_start + 0x2000
        ))
}

#[test]
fn tests_answer_in_a_mailbox_from_ram_and_from_flash() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    let body = r#"
        let tests = chip.run_tests();
        ensure(tests["box"].trim == 77 && tests["box"].rounds == 1000, "the results");
        chip.erase_for_image();
        chip.program(unit.payload("firmware"));
        chip.program(unit.data("trim"));"#;
    for chip in CHIPS {
        for load in ["ram", "flash"] {
            let name = format!("{} from {load}", chip.device);
            let twin = direct.twin(chip.device);
            let image = image(&workshop, &tested(&chip, load, 0, body));
            let report = direct.run(&image, &twin);
            assert_eq!(
                report.outcome,
                Outcome::Pass,
                "{name}: {:#?}",
                report.failure
            );
            let record = |wanted: &str| report.records.iter().find(|it| it.name == wanted).unwrap();
            assert_eq!(record("box.trim").value, Value::Integer(77), "{name}");
            assert_eq!(
                record("box.core").value,
                Value::Integer(chip.cpuid.into()),
                "{name}"
            );
            assert_eq!(flash(&twin, 0x2000, 4), [77, 0, 0, 0], "{name}");
            assert_eq!(flash(&twin, 0, 512), random_bytes(8, 512), "{name}");
        }
    }
}

#[test]
fn a_test_that_misbehaves_fails_and_holds_the_firmware_back() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    for (what, expect) in [
        (1, "IMP-4101"),
        (2, "IMP-4021"),
        (3, "IMP-4062"),
        (4, "IMP-4062"),
        (5, "IMP-4062"),
        (6, "none"),
    ] {
        let body = r#"
            let code = "none";
            try { chip.run_test("box"); } catch (problem) { code = problem.code; }
            unit.record("code", code);
            if code != "none" { chip.program(unit.payload("firmware")); }
            chip.program(unit.data("trim"));"#;
        let twin = direct.twin(F103.device);
        let image = image(&workshop, &tested(&F103, "ram", what, body));
        let report = direct.run(&image, &twin);
        assert_eq!(
            report.records[0].value,
            Value::Text(expect.into()),
            "{what}: {report:#?}"
        );
        // The final firmware waits for the test; one that gave no result gives the window none.
        let held = if expect == "none" {
            "IMP-8184"
        } else {
            "IMP-4108"
        };
        assert_eq!(code(&report), held, "{what}: {:?}", report.failure);
        assert!(report.changes.is_empty(), "{what}");
    }
}

#[test]
fn a_mailbox_outside_of_ram_is_refused() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    let recipe = Recipe::new(
        NRF52.device,
        "fn main(unit) { let chip = unit.connect(); chip.run_tests(); }",
    )
    .payload("code", "code.elf", mailbox("ram"))
    .section("    tests: [(name: \"box\", payload: \"code\", via: mailbox(address: 0x4001E000))],");
    let build = workshop.build("unit", &recipe);
    if build.exit != 0 {
        return;
    }
    workshop.seal("unit", &[]);
    let report = direct.run(&workshop.read("unit.sap"), &direct.twin(NRF52.device));
    assert_eq!(code(&report), "IMP-4103", "{:?}", report.failure);
}

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

#[test]
fn the_plan_erases_what_is_needed_in_the_shorter_way() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    let erased = |rights: &[&'static str], len: usize, call: &str| {
        let body = format!(
            "    {call}\n    chip.program(unit.payload(\"firmware\"));\n    chip.verify_crc(unit.payload(\"firmware\"));"
        );
        let recipe = Recipe::with_body(&body).raw("firmware", 0x1000, random_bytes(2, len));
        let recipe = rights
            .iter()
            .fold(recipe, |recipe, right| recipe.right(right));
        let twin = direct.twin(NRF52.device);
        let report = direct.run(&image(&workshop, &recipe), &twin);
        passed(&report);
        assert_eq!(flash(&twin, 0x1000, len), random_bytes(2, len));
        let len: u64 = report.changes.erased.iter().map(|range| range.len).sum();
        (len, report.time.virtual_us.unwrap())
    };
    let (few, _) = erased(&["mass_erase"], 0x2000, "chip.erase_for_image();");
    assert_eq!(few, 0x2000, "two sectors are erased sooner than all");
    let (all, by_plan) = erased(&["mass_erase"], 0x2_0000, "chip.erase_for_image();");
    assert_eq!(all, 0x8_0000, "all is erased sooner than 32 sectors");
    let (sectors, by_payload) = erased(&[], 0x2_0000, "chip.erase_for_image();");
    assert_eq!(sectors, 0x2_0000, "without the right, sector by sector");
    assert!(by_plan < by_payload, "{by_plan} us, {by_payload} us");
    let (sectors, _) = erased(&[], 0x2_0000, "chip.erase(unit.payload(\"firmware\"));");
    assert_eq!(sectors, 0x2_0000);
}

#[test]
fn a_wrong_byte_is_named_though_sums_are_compared() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    let body = "    chip.program(unit.payload(\"plain\"));\n    chip.verify_crc(unit.payload(\"plain\"));\n    \
                chip.memory(\"flash\").program(0x2344, blob(4, 0));\n    chip.verify_crc(unit.payload(\"plain\"));";
    let recipe = Recipe::with_body(body).raw("plain", 0x1000, random_bytes(2, 0x3000));
    let report = direct.run(&image(&workshop, &recipe), &direct.twin(NRF52.device));
    assert_eq!(code(&report), "IMP-4010", "{:?}", report.failure);
    let address = report.failure.unwrap().address.unwrap();
    assert!((0x2344..0x2348).contains(&address), "{address:#x}");
}

#[test]
fn an_object_is_not_run() {
    let workshop = Workshop::new();
    workshop.build("unit", &Recipe::with_body("")).passes();
    let run = workshop.run("unit.sapobj", &format!("twin:{}", NRF52.device));
    let failure = run.failures().into_iter().next().unwrap();
    assert_eq!(failure.code, "IMP-8187", "{run}");
    assert!(failure.help.unwrap().contains("imprint seal"), "{run}");
}

/// `unit.sapobj`, sealed for newer silicon only.
fn for_revision(workshop: &Workshop, least: u32) -> Vec<u8> {
    let object = Object::from_bytes(workshop.read("unit.sapobj")).unwrap();
    let key = SigningKey::load(&workshop.path("owner.key")).unwrap();
    let mut random = system_random();
    let family = FamilyRequirement {
        id: object.contents().family.clone(),
        abi_major: 1,
        version_min: "0.1.0".parse().unwrap(),
    };
    let mut options = SealOptions::new(&key, family, &mut random);
    options.restrictions.device_revision_min = Some(least);
    seal(&object, options).unwrap()
}

#[test]
fn older_silicon_than_the_image_allows_is_not_touched() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    let body = "    try { unit.connect(); } catch { } chip.erase();";
    // The twins' revisions: AAE0 has an E; DBGMCU_IDCODE ends in 0x2003.
    for (chip, found) in [(NRF52, 0x45), (F103, 0x2003)] {
        let script = format!("fn main(unit) {{\n    let chip = unit.connect();\n{body}\n}}\n");
        let recipe = Recipe::new(chip.device, &script).right("mass_erase");
        workshop.build("unit", &recipe).passes();
        for (least, expect) in [
            (found, "none"),
            (found - 1, "none"),
            (found + 1, "IMP-8185"),
        ] {
            let twin = direct.twin(chip.device);
            let report = direct.run(&for_revision(&workshop, least), &twin);
            assert_eq!(
                code(&report),
                expect,
                "{}: {:?}",
                chip.device,
                report.failure
            );
            if expect != "none" {
                assert!(report.changes.is_empty(), "{:?}", report.changes);
            }
        }
    }
    // Where the device data does not say, nothing is tried.
    let recipe = Recipe::new(F030.device, "fn main(unit) { unit.connect(); }");
    workshop.build("unit", &recipe).passes();
    let report = direct.run(&for_revision(&workshop, 1), &direct.twin(F030.device));
    assert_eq!((code(&report), report.transfer_count), ("IMP-8186", 0));
    // A locked chip tells no revision, and unlocking erases it.
    let script = "fn main(unit) { try { unit.unlock(); } catch { } unit.connect(); }";
    let recipe = Recipe::new(NRF52.device, script).right("unlock_by_erase");
    workshop.build("unit", &recipe).passes();
    let report = direct.run(&for_revision(&workshop, 1), &direct.twin(NRF52.device));
    assert_eq!((code(&report), report.transfer_count), ("IMP-8186", 0));
    assert!(report.changes.is_empty());
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
