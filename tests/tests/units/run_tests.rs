//! Run tests of the recipe that answer in a mailbox.

use crate::{code, flash, image};
use imprint::report::{Outcome, Value};
use imprint_tests::{CHIPS, Chip, Direct, F103, NRF52, Recipe, Workshop, random_bytes};

/// Code that answers in the mailbox at 0x20001000.
fn mailbox(kind: &str) -> Vec<u8> {
    let path = imprint_tests::repository().join(format!("tests/firmware/out/mailbox-{kind}.elf"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
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
