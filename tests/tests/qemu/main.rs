//! A chip that nobody here wrote: the real command, the unchanged engine and the vendor's algorithm on QEMU's `microbit`.
//!
//! Needs `qemu-system-arm`: apt-get install --no-install-recommends qemu-system-arm
#![allow(clippy::unwrap_used)]

mod lost;
mod test_code;

use imprint::report::{Outcome, Value};
use imprint_tests::{Chip, F030, NRF51, NRF52, Recipe, Run, Workshop, random_bytes};

/// The board.
pub const ON: &str = "qemu:microbit";

/// A workshop on a machine that has QEMU.
pub fn workshop() -> Workshop {
    let found = std::process::Command::new("qemu-system-arm")
        .arg("--version")
        .output();
    assert!(
        found.is_ok_and(|found| found.status.success()),
        "qemu-system-arm is missing: apt-get install --no-install-recommends qemu-system-arm"
    );
    Workshop::new()
}

/// A recipe for the board's chip whose script connects and does what `body` says.
pub fn recipe(body: &str) -> Recipe {
    let script = format!("fn main(unit) {{\n    let chip = unit.connect();\n{body}\n}}\n");
    Recipe::new(NRF51.device, &script).right("mass_erase")
}

/// Builds, seals and runs it.
pub fn run(workshop: &Workshop, recipe: &Recipe, options: &[&str]) -> Run {
    let image = workshop.image("unit", recipe);
    workshop.run_with(&image, ON, options)
}

#[test]
fn the_whole_job_passes() {
    let workshop = workshop();
    let firmware = random_bytes(51, 128 << 10);
    let body = r#"
        unit.record("uid", hex(chip.uid()));
        chip.erase();
        chip.blank_check();
        chip.program(unit.payload("firmware"));
        chip.verify(unit.payload("firmware"));
        chip.verify_crc(unit.payload("firmware"));
        unit.record("crc", chip.crc32(0, 0x20000));
        unit.record("first", chip.read32(0));
        unit.record("byte", chip.read8(5));
        let test = chip.run_test(unit.payload("selftest"), #{ timeout_ms: 5000 });
        unit.record("core", test.core);"#;
    let recipe = recipe(body).raw("firmware", 0, firmware.clone()).payload(
        "selftest",
        "selftest.elf",
        Chip::selftest(),
    );
    let run = run(&workshop, &recipe, &["--dump", "0:262144=flash.bin"]);
    let report = run.passed();

    let record = |name: &str| {
        let found = report.records.iter().find(|record| record.name == name);
        found
            .unwrap_or_else(|| panic!("no record {name}: {run}"))
            .value
            .clone()
    };
    let integer = |value: u32| Value::Integer(value.into());
    let word = u32::from_le_bytes(firmware[..4].try_into().unwrap());
    // QEMU gives each of its chips the same identifier.
    assert_eq!(record("uid"), Value::Text("0300000078563412".into()));
    assert_eq!(record("crc"), integer(imprint_tests::crc32(&firmware)));
    assert_eq!(record("first"), integer(word));
    assert_eq!(record("byte"), integer(firmware[5].into()));
    assert_eq!(record("core"), integer(NRF51.cpuid));
    assert_eq!(report.on, ON);
    // It lives in real time.
    assert!(report.time.virtual_us.is_none());

    let flash = workshop.read("flash.bin");
    assert!(flash[..firmware.len()] == firmware, "flash differs");
    assert!(flash[firmware.len()..].iter().all(|byte| *byte == 0xFF));
}

/// On the host's clock pauses differ, and all else is the same.
#[test]
fn a_recorded_unit_replays_with_the_engine() {
    let workshop = workshop();
    let body = "chip.erase();\nchip.program(unit.payload(\"firmware\"));\nchip.verify_crc(unit.payload(\"firmware\"));";
    let recipe = recipe(body).raw("firmware", 0, random_bytes(5, 9000));
    run(&workshop, &recipe, &["--transcript", "wire.txt"]).passed();
    let replay = [
        "replay",
        "wire.txt",
        "--image",
        "unit.sap",
        "--trust",
        "owner.pub",
    ];
    workshop.json(&replay).passes();
    // A twin is another chip: its identifier is not QEMU's.
    let on = workshop.twin("unit.twin", NRF51.device, &["--uid", "0300000078563412"]);
    let replay = ["replay", "wire.txt", "--on", &on];
    workshop.json(&replay).fails_with(1, "IMP-7156");
}

#[test]
fn sectors_are_erased_alone() {
    let workshop = workshop();
    let firmware = random_bytes(7, 4 << 10);
    let body = r#"
        chip.erase();
        chip.program(unit.payload("firmware"));
        chip.erase(0x400, 0x400);
        ensure(chip.is_blank(0x400, 0x400) && !chip.is_blank(0x800, 0x400), "one sector");"#;
    let run = run(
        &workshop,
        &recipe(body).raw("firmware", 0, firmware.clone()),
        &["--dump", "0:4096=flash.bin"],
    );
    run.passed();
    let mut expected = firmware;
    expected[0x400..0x800].fill(0xFF);
    assert!(workshop.read("flash.bin") == expected, "flash differs");
}

#[test]
fn one_wrong_byte_fails_the_verify_at_its_address() {
    let workshop = workshop();
    // A sector is read, erased, and written back with one bit that differs.
    let body = r#"
        chip.erase();
        chip.program(unit.payload("firmware"));
        chip.verify(unit.payload("firmware"));
        let sector = chip.read(0x1000, 0x400);
        sector[0x155] = sector[0x155] ^ 0x10;
        chip.erase(0x1000, 0x400);
        chip.memory("flash").program(0x1000, sector);"#;
    for verify in ["verify", "verify_crc"] {
        let body = format!("{body}\nchip.{verify}(unit.payload(\"firmware\"));");
        let recipe = recipe(&body).raw("firmware", 0x400, random_bytes(3, 5000));
        let failure = run(&workshop, &recipe, &[]).fails_with(1, "IMP-4010");
        assert_eq!(failure.address, Some(0x1155), "{failure:?}");
    }
}

/// The flash of a new board reads as zeros, and NOR cells only go from one to zero: the algorithm notices.
#[test]
fn what_was_not_erased_is_not_programmed() {
    let workshop = workshop();
    let recipe = recipe("chip.program(unit.payload(\"firmware\"));").raw(
        "firmware",
        0,
        random_bytes(3, 1024),
    );
    let report = run(&workshop, &recipe, &["--dump", "0:1024=flash.bin"]).report();
    assert_eq!(report.outcome, Outcome::Fail);
    assert!(workshop.read("flash.bin").iter().all(|byte| *byte == 0));
}

#[test]
fn an_image_for_another_device_is_refused_before_anything_is_changed() {
    let workshop = workshop();
    // Another core; and the same core in a chip of another maker, which the place of its ROM table tells.
    for (chip, register) in [(NRF52, "DPIDR"), (F030, "BASE of access port 0")] {
        let recipe = Recipe::programming(&chip, random_bytes(1, 1024));
        let image = workshop.image(chip.device, &recipe);
        let run = workshop.run(&image, ON);
        let failure = run.fails_with(1, "IMP-4002");
        assert!(failure.message.contains(register), "{failure}");
        assert!(run.report().changes.is_empty());
    }
}

#[test]
fn a_chip_that_runs_into_erased_flash_locks_up_and_answers_all_the_same() {
    let workshop = workshop();
    let body = r#"
        chip.erase();
        chip.reset();
        unit.delay_ms(5);
        ensure(chip.read32(0x10000060) == 3, "the factory registers");
        chip.halt();
        chip.go();
        unit.delay_ms(5);
        chip.program(unit.payload("firmware"));
        chip.verify(unit.payload("firmware"));
        chip.reset();
        unit.delay_ms(20);
        chip.verify(unit.payload("firmware"));"#;
    // Real firmware, which runs after the reset.
    let recipe = recipe(body).payload("firmware", "firmware.elf", NRF51.firmware("elf"));
    run(&workshop, &recipe, &[]).passed();
}

#[test]
fn a_reset_line_and_addresses_where_nothing_is() {
    let workshop = workshop();
    let script = r#"
fn main(unit) {
    let chip = unit.connect(#{ under_reset: true });
    chip.erase();
    let code = "";
    try { chip.read32(0x30000000); } catch (problem) { code = problem.code; }
    unit.record("code", code);
    ensure(chip.read8(0x10000061) == 0, "a byte of a factory register");
    ensure(chip.read16(0x10000064) == 0x5678, "half of one");
}
"#;
    let recipe = Recipe::new(NRF51.device, script).right("mass_erase");
    let report = run(&workshop, &recipe, &[]).passed();
    assert_eq!(report.records[0].value, Value::Text("IMP-4005".into()));
}
