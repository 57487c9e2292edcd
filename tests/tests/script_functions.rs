//! What a script can do to a chip, function by function, on virtual boards of every device.
//!
//! Each script checks itself with `ensure`; a unit that passes has seen what it should.
#![allow(clippy::unwrap_used)]

use imprint::report::UnitReport;
use imprint_tests::{
    CHIPS, Chip, F030, F103, F407, NRF51, NRF52, Recipe, Workshop, crc32, random_bytes,
};

/// Runs the statements in `main`, after `connect`, with two kilobytes of firmware and the rights given.
fn run(workshop: &Workshop, chip: &Chip, rights: &[&'static str], body: &str) -> UnitReport {
    let bytes = random_bytes(4, 2048);
    let body = body
        .replace("START", &format!("{:#x}", chip.flash_start))
        .replace("CRC", &crc32(&bytes).to_string());
    let script = format!("fn main(unit) {{\n    let chip = unit.connect();\n{body}\n}}\n");
    let recipe = Recipe::new(chip.device, &script).raw("firmware", chip.flash_start, bytes);
    let recipe = rights
        .iter()
        .fold(recipe, |recipe, right| recipe.right(right));
    let image = workshop.image("unit", &recipe);
    workshop
        .run(&image, &format!("twin:{}", chip.device))
        .passed()
}

#[test]
fn flash() {
    let workshop = Workshop::new();
    for chip in CHIPS {
        let report = run(
            &workshop,
            &chip,
            &["mass_erase"],
            r#"
            let firmware = unit.payload("firmware");
            ensure(firmware.len == 2048 && firmware.start == START, "the payload");
            ensure(chip.is_blank(), "a new chip is blank");
            chip.program(firmware);
            chip.verify(firmware);
            chip.verify_crc(firmware);
            ensure(chip.crc32(START, 2048) == CRC, "the CRC of the target");
            ensure(crc32(chip.read(START, 2048)) == CRC, "the bytes of the target");
            ensure(!chip.is_blank() && !chip.is_blank(START, 2048), "it is programmed");
            ensure(chip.is_blank(START + 0x4000, 0x1000), "the rest is not");

            chip.erase(firmware);
            chip.blank_check();
            ensure(!chip.erase_if_not_blank(), "it is blank");
            chip.memory("flash").program(0x800, from_hex("0123456789abcdef"));
            ensure(hex(chip.read(START + 0x800, 8)) == "0123456789abcdef", "bytes of the script");
            ensure(chip.read8(START + 0x801) == 0x23 && chip.read16(START + 0x800) == 0x2301, "8 and 16");
            ensure(chip.read32(START + 0x800) == 0x67452301, "32 bits, little-endian");
            ensure(chip.erase_if_not_blank(), "it was not blank");
            chip.memory("flash").erase();
            ensure(chip.memory("flash").is_blank(), "blank again");
            "#,
        );
        assert!(!report.changes.is_empty(), "{}", chip.device);
    }
}

#[test]
fn ram_and_core() {
    let workshop = Workshop::new();
    for chip in CHIPS {
        let report = run(
            &workshop,
            &chip,
            &[],
            r#"
            chip.reset_and_halt();
            let ram = chip.memory("ram");
            ensure(ram.name == "ram" && ram.start == 0x20000000 && ram.len >= 0x1000, "RAM");
            chip.write(0x20000100, from_hex("00112233445566778899"));
            ensure(hex(ram.read(0x100, 10)) == "00112233445566778899", "a blob");
            chip.write8(0x20000101, 0xA5);
            chip.write16(0x20000102, 0x1234);
            chip.write32(0x20000104, 0xDEADBEEF);
            ensure(hex(chip.read(0x20000100, 8)) == "00a53412efbeadde", "numbers");
            ram.program(0x200, blob(4, 0x5A));
            ensure(chip.read32(0x20000200) == 0x5A5A5A5A, "programming RAM is writing");
            chip.go();
            chip.halt();
            unit.delay_ms(5);
            unit.record("mv", chip.voltage_mv());
            "#,
        );
        assert!(
            report.changes.is_empty(),
            "{}: {:?}",
            chip.device,
            report.changes
        );
        assert!(report.time.virtual_us >= Some(5_000), "{:?}", report.time);
    }
}

#[test]
fn programmed_firmware_runs() {
    let workshop = Workshop::new();
    for chip in CHIPS {
        let script = r#"fn main(unit) {
            let chip = unit.connect();
            chip.erase();
            chip.program(unit.payload("firmware"));
            chip.reset();
            unit.delay_ms(50);
            ensure(chip.read32(0x20000000) == 0x54414548, "the application is up");
            ensure(chip.read32(0x20000014) == 0, "it took no fault");
            let beats = chip.read32(0x20000008);
            unit.delay_ms(50);
            ensure(chip.read32(0x20000008) > beats, "it goes on");
            unit.record("crc", chip.read32(0x20000010));
        }"#;
        let recipe = Recipe::new(chip.device, script)
            .payload("firmware", "firmware.hex", chip.firmware("hex"))
            .right("mass_erase");
        let image = workshop.image("unit", &recipe);
        let report = workshop
            .run(&image, &format!("twin:{}", chip.device))
            .passed();
        let expected = imprint::report::Value::Integer(crc32(&chip.firmware("bin")).into());
        assert_eq!(report.records[0].value, expected, "{}", chip.device);
    }
}

#[test]
fn options_and_memories_of_nordic_chips() {
    let workshop = Workshop::new();
    // The UICR of the nRF51 has no algorithm; its words are written as options only.
    let by_address = r#"
            uicr.program(0x84, from_hex("aabbccdd"));
            ensure(chip.option("CUSTOMER1") == 0xDDCCBBAA, "the same by its address");
            "#;
    for (chip, more) in [(NRF52, by_address), (NRF51, "")] {
        let body = r#"
            let uicr = chip.memory("uicr");
            ensure(uicr.start == 0x10001000 && uicr.is_blank(), "a new chip's UICR is blank");
            chip.set_option("CUSTOMER0", 0x12345678);
            ensure(chip.option("CUSTOMER0") == 0x12345678, "what was written");
            ensure(hex(uicr.read(0x80, 4)) == "78563412", "where it was written");
            "#;
        let report = run(
            &workshop,
            &chip,
            &["option_bytes"],
            &format!("{body}{more}"),
        );
        assert_eq!(report.changes.options, ["CUSTOMER0"], "{}", chip.device);
    }
}

#[test]
fn options_and_memories_of_stm32() {
    let workshop = Workshop::new();
    for (chip, open_key) in [(F103, "0xA5"), (F030, "0xAA")] {
        let body = r#"
            ensure(chip.option("RDP") == OPEN, "a new chip is open");
            chip.set_option("DATA0", 0x5A);
            ensure(chip.option("DATA0") == 0x5A && chip.option("RDP") == OPEN, "only that one changed");
            ensure(hex(chip.memory("options").read(4, 2)) == "5aa5", "with its complement");
            ensure(!chip.is_protected() && !unit.is_protected(), "still open");
            "#;
        let report = run(
            &workshop,
            &chip,
            &["option_bytes"],
            &body.replace("OPEN", open_key),
        );
        assert_eq!(report.changes.options, ["DATA0"], "{}", chip.device);
    }
}

/// The option bytes are written through a register, and the one-time area by the vendor's algorithm.
#[test]
fn options_and_memories_of_stm32f4() {
    let workshop = Workshop::new();
    let report = run(
        &workshop,
        &F407,
        &["option_bytes", "one_time"],
        r#"
        let options = chip.memory("options");
        ensure(hex(options.read(0, 2)) == "efaa" && hex(options.read(8, 2)) == "ffff", "the factory's");
        chip.set_option("BOR_LEV", 0);
        chip.set_option("nWRP", 0x7FF);
        ensure(chip.option("BOR_LEV") == 0 && chip.option("nWRP") == 0x7FF, "what was written");
        ensure(chip.option("RDP") == 0xAA && !unit.is_protected(), "only those changed");
        ensure(hex(options.read(0, 2)) == "e3aa" && hex(options.read(8, 2)) == "fff7", "where it was written");

        let otp = chip.memory("otp");
        ensure(otp.len == 0x210 && otp.is_blank(), "a new chip's is blank");
        otp.program(0x20, from_hex("0123456789"));
        ensure(hex(otp.read(0x20, 8)) == "0123456789ffffff", "bytes of the script");
        // The lock of block 1.
        otp.program(0x200, from_hex("ff00ffff"));
        let code = "none";
        try { otp.program(0x24, from_hex("00")); } catch (problem) { code = problem.code; }
        ensure(code == "IMP-4020", `a locked block: ${code}`);
        otp.program(0x40, from_hex("00"));
        try { otp.erase(); } catch (problem) { code = problem.code; }
        ensure(code == "IMP-4106", `it is never erased: ${code}`);
        "#,
    );
    assert_eq!(report.changes.options, ["BOR_LEV", "nWRP"]);
}

/// Sectors of 16, 64 and 128 KiB, each erased by an address in it, with its neighbours as they were.
#[test]
fn sectors_of_unequal_size() {
    let workshop = Workshop::new();
    let report = run(
        &workshop,
        &F407,
        &[],
        r#"
        let flash = chip.memory("flash");
        let sectors = [[0x0, 0x4000], [0xC000, 0x4000], [0x10000, 0x10000], [0x20000, 0x20000], [0xE0000, 0x20000]];
        for sector in sectors {
            let start = sector[0];
            let end = start + sector[1];
            // Across both of its borders.
            if start > 0 { flash.program(start - 6, blob(12, 0x5A)); } else { flash.program(0, blob(6, 0x5A)); }
            if end < flash.len { flash.program(end - 6, blob(12, 0xA5)); } else { flash.program(end - 6, blob(6, 0xA5)); }
            chip.erase(flash.start + start + sector[1] / 2, 1);
            ensure(chip.is_blank(flash.start + start, sector[1]), `the sector at ${start}`);
            if start > 0 { ensure(hex(flash.read(start - 6, 6)) == "5a5a5a5a5a5a", `before ${start}`); }
            if end < flash.len { ensure(hex(flash.read(end, 6)) == "a5a5a5a5a5a5", `behind ${start}`); }
        }
        "#,
    );
    let took = |detail: &str| {
        let step = report
            .steps
            .iter()
            .find(|step| step.name == "erase" && step.detail.contains(detail))
            .unwrap_or_else(|| panic!("{detail}: {:?}", report.steps));
        step.time.virtual_us.unwrap() / 100_000
    };
    // DS8626, at the parallelism that the algorithm erases with: 400 ms, 1.2 s, 2 s.
    for (detail, expect) in [("0x0800e000", 4), ("0x08018000", 12), ("0x08030000", 20)] {
        assert_eq!(took(detail), expect, "{detail}");
    }
}

#[test]
fn commands_of_the_families() {
    let workshop = Workshop::new();
    for (chip, body) in [
        (
            NRF52,
            "ensure(hex(chip.command(\"variant\")).len == 8, \"four characters\");",
        ),
        (
            NRF52,
            "ensure(hex(chip.command(\"ficr-read\", from_hex(\"3078313030\"))) == \"32280500\", \"0x100: the part\");",
        ),
        (
            F103,
            "ensure(hex(chip.command(\"flash-size\")) == \"3634\", \"64 KiB\");",
        ),
        (
            F030,
            "ensure(hex(chip.command(\"flash-size\")) == \"3634\", \"64 KiB\");",
        ),
        (
            F407,
            "ensure(hex(chip.command(\"flash-size\")) == \"31303234\", \"1024 KiB\");",
        ),
    ] {
        run(&workshop, &chip, &[], body);
    }
    // One that is not there is the family's refusal, with its line.
    let recipe = Recipe::with_body("    chip.command(\"levitate\");");
    let image = workshop.image("unit", &recipe);
    let run = workshop.run(&image, &format!("twin:{}", NRF52.device));
    let failure = run.fails_with(1, "IMP-5101");
    assert!(failure.message.contains("levitate"), "{run}");
    assert_eq!(failure.place.unwrap().line, 3, "{run}");
}

#[test]
fn test_code_with_arguments_a_limit_and_failures() {
    let workshop = Workshop::new();
    for chip in CHIPS {
        let run_test = |options: &str| {
            let script = format!(
                "fn main(unit) {{\n    let chip = unit.connect();\n    \
                 let test = chip.run_test(unit.payload(\"selftest\"), #{{ {options} }});\n    \
                 unit.record(\"exit\", test.exit_code);\n    unit.record(\"ram\", test.ram);\n}}\n"
            );
            let recipe = Recipe::new(chip.device, &script);
            let recipe = recipe.payload("selftest", "selftest.elf", Chip::selftest());
            let image = workshop.image("unit", &recipe);
            workshop.run(&image, &format!("twin:{}", chip.device))
        };
        let name = chip.device;
        let tested = run_test("args: [0, 0, 0x20001800, 0x400]").passed();
        assert_eq!(
            tested.records[1].value,
            imprint::report::Value::Text("ok".into()),
            "{name}"
        );
        // The test's own place cannot be tested: it says so, with exit code 2.
        let run = run_test("args: [0, 0, 0x20000000, 0x400]");
        let failure = run.fails_with(1, "IMP-4101");
        assert_eq!(failure.found.as_deref(), Some("2"), "{name}: {run}");
        assert!(
            run.report()
                .log
                .iter()
                .any(|line| line.text == "ram=untestable"),
            "{name}: {run}"
        );
        let allowed = run_test("args: [0, 0, 0x20000000, 0x400], allow_failure: true").passed();
        assert_eq!(
            allowed.records[0].value,
            imprint::report::Value::Integer(2),
            "{name}"
        );
        // A result it does not give.
        run_test("args: []").fails_with(1, "IMP-4102");
        // Less time than it needs.
        let long = format!("timeout_ms: 1, args: [{:#x}, 0x8000]", chip.flash_start);
        run_test(&long).fails_with(1, "IMP-4021");
    }
}

#[test]
fn a_script_may_go_on_after_a_failure() {
    let workshop = Workshop::new();
    let script = r#"fn main(unit) {
        let chip = unit.connect();
        try { chip.verify(unit.payload("firmware")); } catch (problem) {
            unit.record("code", problem.code);
            unit.record("address", problem.address);
        }
        try { fail("on purpose"); } catch (problem) { unit.record("failed", problem.message); }
    }"#;
    let recipe =
        Recipe::new(F103.device, script).raw("firmware", F103.flash_start + 0x40, vec![0; 8]);
    let image = workshop.image("unit", &recipe);
    let report = workshop.run(&image, "twin:STM32F103C8").passed();
    let values: Vec<_> = report
        .records
        .iter()
        .map(|record| format!("{:?}", record.value))
        .collect();
    assert_eq!(
        values[..2],
        ["Text(\"IMP-4010\")", "Integer(134217792)"],
        "{values:?}"
    );
    assert!(values[2].contains("on purpose"), "{values:?}");
}
