//! The main job: recipes become images, images program chips, and the chips hold what the files say.
#![allow(clippy::unwrap_used)]

use imprint::report::{UnitReport, Value};
use imprint_tests::{CHIPS, Chip, F030, F103, F407, NRF52, Recipe, Workshop, crc32, random_bytes};

fn record<'a>(report: &'a UnitReport, name: &str) -> Option<&'a Value> {
    report
        .records
        .iter()
        .find(|record| record.name == name)
        .map(|record| &record.value)
}

fn text(report: &UnitReport, name: &str) -> String {
    match record(report, name) {
        Some(Value::Text(text)) => text.clone(),
        other => panic!("record `{name}` is {other:?}"),
    }
}

/// The names of all steps that succeeded, each of which took time on both clocks.
fn steps(report: &UnitReport) -> Vec<&str> {
    let done = report.steps.iter().filter(|step| step.ok);
    for step in done.clone() {
        assert!(
            step.time.real_us > 0 && step.time.virtual_us > Some(0),
            "{step:?}"
        );
    }
    let sum: u64 = report
        .steps
        .iter()
        .filter_map(|step| step.time.virtual_us)
        .sum();
    assert!(
        report.time.virtual_us >= Some(sum),
        "{sum} us in steps, {:?}",
        report.time
    );
    done.map(|step| step.name.as_str()).collect()
}

#[test]
fn production_programs_tests_and_protects_every_device() {
    let workshop = Workshop::new();
    for chip in CHIPS {
        let image = workshop.image(chip.device, &Recipe::of_script(&chip, "production.rhai"));
        let report = workshop
            .run(&image, &format!("twin:{}", chip.device))
            .passed();
        let mut expected = vec![
            "connect", "erase", "program", "verify", "read uid", "run test", "protect",
        ];
        expected.retain(|step| *step != "read uid" || chip.uid_len > 0);
        assert_eq!(steps(&report), expected, "{}", chip.device);

        let binary = chip.firmware("bin");
        assert_eq!(
            record(&report, "crc"),
            Some(&Value::Integer(crc32(&binary).into()))
        );
        assert_eq!(
            record(&report, "core"),
            Some(&Value::Integer(chip.cpuid.into()))
        );
        assert_eq!(Some(text(&report, "chip")), report.identity);
        match chip.uid_len {
            0 => assert_eq!((record(&report, "uid"), &report.uid), (None, &None)),
            len => assert_eq!(text(&report, "uid").len(), 2 * len),
        }
        let changes = &report.changes;
        assert!(changes.protected && !changes.unlocked && changes.options.is_empty());
        let erased: u64 = changes.erased.iter().map(|range| range.len).sum();
        let programmed: u64 = changes.programmed.iter().map(|range| range.len).sum();
        assert_eq!(
            erased, chip.flash_len as u64,
            "{}: {changes:?}",
            chip.device
        );
        assert!(
            programmed >= binary.len() as u64,
            "{}: {changes:?}",
            chip.device
        );
        assert_eq!(
            (report.device.as_str(), report.failure),
            (chip.device, None)
        );
    }
}

#[test]
fn the_other_scripts_do_what_they_say_on_every_device() {
    let workshop = Workshop::new();
    for chip in CHIPS {
        let device = chip.device;
        let twin = workshop.twin(&format!("{device}.twin"), device, &[]);
        let image = |name: &str| {
            workshop.image(&format!("{device}-{name}"), &Recipe::of_script(&chip, name))
        };
        let report = workshop.run(&image("erase.rhai"), &twin).passed();
        assert_eq!(
            record(&report, "was_blank"),
            Some(&Value::Bool(true)),
            "{device}"
        );

        let report = workshop.run(&image("self-test.rhai"), &twin).passed();
        assert_eq!(
            record(&report, "core"),
            Some(&Value::Integer(chip.cpuid.into()))
        );
        assert_eq!(record(&report, "exit_code"), Some(&Value::Integer(0)));
        assert!(report.changes.is_empty(), "{:?}", report.changes);

        let run = workshop.run(&image("read-uid.rhai"), &twin);
        if chip.uid_len > 0 {
            assert_eq!(text(&run.passed(), "uid").len(), 2 * chip.uid_len);
        } else {
            let failure = run.fails_with(1, "IMP-4107");
            assert_eq!(
                failure.place.unwrap().text.trim(),
                "unit.record(\"uid\", chip.uid());"
            );
        }
    }
}

#[test]
fn random_images_are_in_the_chip_byte_for_byte() {
    let workshop = Workshop::new();
    // On the STM32F407 the last byte is in a sector eight times as large as the first one's.
    for (chip, len) in [
        (NRF52, 256 << 10),
        (F103, 64 << 10),
        (F407, (128 << 10) + 5),
    ] {
        let bytes = random_bytes(len as u64, len);
        let image = workshop.image(chip.device, &Recipe::programming(&chip, bytes.clone()));
        let (run, flash) = workshop.flash_after(&image, &chip);
        assert!(
            flash[..len] == bytes,
            "{}: the dump differs from the input",
            chip.device
        );
        assert!(
            flash[len..].iter().all(|byte| *byte == 0xFF),
            "{}",
            chip.device
        );
        assert_eq!(
            steps(&run.report()),
            ["connect", "erase", "program", "verify"]
        );
    }
}

#[test]
fn all_formats_of_a_firmware_give_the_same_memory_and_the_same_object() {
    let workshop = Workshop::new();
    for chip in CHIPS {
        let mut first = None;
        for format in ["elf", "hex", "srec", "uf2", "bin"] {
            let recipe = Recipe::programming_firmware(&chip);
            let recipe = if format == "bin" {
                recipe.raw("firmware", chip.flash_start, chip.firmware(format))
            } else {
                recipe.payload(
                    "firmware",
                    &format!("firmware.{format}"),
                    chip.firmware(format),
                )
            };
            let name = format!("{}-{format}", chip.device);
            let image = workshop.image(&name, &recipe);
            let object =
                imprint_image::object::Object::from_bytes(workshop.read(&format!("{name}.sapobj")));
            let object = object.unwrap();
            let mut contents = object.contents().clone();
            // The recipe names another file, and the file is another.
            contents.inputs.clear();
            let inputs: Vec<_> = contents.payloads.values_mut().collect();
            assert_eq!(inputs.len(), 1);
            let inputs: Vec<_> = inputs
                .into_iter()
                .map(|it| std::mem::take(&mut it.input_sha256))
                .collect();
            let bytes: Vec<_> = object
                .payload("firmware")
                .unwrap()
                .into_iter()
                .map(|(at, it)| (at, it.to_vec()))
                .collect();
            let (_, flash) = workshop.flash_after(&image, &chip);
            let found = (contents, bytes, flash);
            let Some((first_inputs, first)) = &first else {
                assert_eq!(found.2[..chip.firmware("bin").len()], chip.firmware("bin"));
                first = Some((inputs, found));
                continue;
            };
            assert_ne!(
                inputs, *first_inputs,
                "{name}: the input hash is that of another file"
            );
            assert!(found == *first, "{name}: the object or the memory differs");
        }
    }
}

#[test]
fn the_same_inputs_give_the_same_object_in_any_folder() {
    let (one, other) = (Workshop::without_plugins(), Workshop::without_plugins());
    let recipe = Recipe::of_script(&NRF52, "production.rhai")
        .setting("batch", "7")
        .module("common.rhai", "fn nothing() { }");
    one.build("unit", &recipe).passes();
    other.build("somewhere/else", &recipe).passes();
    let object = one.read("unit.sapobj");
    assert!(
        object == other.read("somewhere/else.sapobj"),
        "the objects differ"
    );
    let folder = one.path("").to_string_lossy().into_owned();
    assert!(!String::from_utf8_lossy(&object).contains(folder.trim_end_matches('/')));

    one.json(&[
        "build",
        "unit/recipe.ron",
        "-o",
        "unit.sapobj",
        "--set",
        "batch=8",
    ])
    .passes();
    assert!(
        object != one.read("unit.sapobj"),
        "another setting, yet the same object"
    );
}

#[test]
fn the_virtual_time_is_the_same_in_every_run() {
    let workshop = Workshop::new();
    for (chip, uid) in [
        (NRF52, "0123456789abcdef"),
        (F103, "000102030405060708090a0b"),
    ] {
        let image = workshop.image(chip.device, &Recipe::of_script(&chip, "production.rhai"));
        let times = || {
            let twin = workshop.twin("clock.twin", chip.device, &["--uid", uid]);
            let report = workshop.run(&image, &twin).passed();
            assert_eq!(text(&report, "uid"), uid);
            let steps: Vec<_> = report
                .steps
                .iter()
                .map(|step| step.time.virtual_us)
                .collect();
            (report.time.virtual_us, report.transfer_count, steps)
        };
        let first = times();
        assert_eq!(first, times(), "{}", chip.device);
        // A second is longer than any of it, a tenth is shorter: erasing alone takes that long.
        assert!(
            (Some(10_000)..Some(2_000_000)).contains(&first.0),
            "{first:?}"
        );
    }
}

#[test]
fn two_new_boards_have_identifiers_of_their_own() {
    let workshop = Workshop::new();
    let image = workshop.image("uid", &Recipe::of_script(&NRF52, "read-uid.rhai"));
    let uid = || {
        workshop
            .run(&image, &format!("twin:{}", NRF52.device))
            .passed()
            .uid
    };
    assert_ne!(uid(), uid());
}

#[test]
fn settings_and_modules_reach_the_script() {
    let workshop = Workshop::new();
    let script = "import \"common\" as common;\n\nfn main(unit) {\n    \
         unit.record(\"batch\", common::label(unit.setting(\"batch\")));\n    unit.log(\"done\");\n}\n";
    let recipe = Recipe::new(F030.device, script)
        .setting("batch", "unset")
        .module("common.rhai", "fn label(batch) { `batch ${batch}` }\n");
    let path = workshop.project("unit", &recipe);
    workshop
        .json(&["build", &path, "-o", "unit.sapobj", "--set", "batch=42"])
        .passes();
    let image = workshop.seal("unit", &[]);
    let report = workshop
        .run(&image, &format!("twin:{}", F030.device))
        .passed();
    assert_eq!(text(&report, "batch"), "batch 42");
    assert_eq!(
        report
            .log
            .iter()
            .map(|line| line.text.as_str())
            .collect::<Vec<_>>(),
        ["done"]
    );
    assert_eq!(
        report.transfer_count, 0,
        "a script that touches nothing moved the wire"
    );
}

#[test]
fn a_new_project_builds_and_runs_at_once() {
    let workshop = Workshop::new();
    for Chip { device, .. } in CHIPS {
        workshop
            .imprint(&["new", device, "--device", device])
            .passes();
        let recipe = format!("{device}/recipe.ron");
        workshop
            .json(&["build", &recipe, "-o", &format!("{device}.sapobj")])
            .passes();
        let image = workshop.seal(device, &[]);
        workshop.run(&image, &format!("twin:{device}")).passed();
    }
}
