//! The modules of `scripts/`: imported by a recipe as a user would, and run on virtual boards.
#![allow(clippy::unwrap_used)]

use imprint::report::{Outcome, UnitReport, Value};
use imprint_tests::{NRF52, Recipe, Run, Workshop, random_bytes, repository};

/// Runs functions and a `main` that can import all modules.
fn start(workshop: &Workshop, board: &str, script: &str) -> Run {
    let imports = ["hex", "crc", "retry", "report"]
        .map(|name| format!("import \"{name}\" as {name};\n"))
        .concat();
    let script = script.replace("fn main(unit) {", &format!("fn main(unit) {{ {imports}"));
    let mut recipe = Recipe::new(NRF52.device, &script).raw("firmware", 0, random_bytes(4, 256));
    for name in ["hex", "crc", "retry", "report"] {
        let path = repository().join(format!("scripts/{name}.rhai"));
        recipe = recipe.module(
            &format!("{name}.rhai"),
            &std::fs::read_to_string(path).unwrap(),
        );
    }
    let image = workshop.image("unit", &recipe);
    workshop.run(&image, board)
}

/// Runs statements on a new board; they check themselves with `ensure`.
fn passes(script: &str) -> UnitReport {
    let workshop = Workshop::new();
    start(&workshop, &format!("twin:{}", NRF52.device), script).passed()
}

fn value<'a>(report: &'a UnitReport, name: &str) -> Option<&'a Value> {
    let mut records = report.records.iter();
    records
        .find(|record| record.name == name)
        .map(|record| &record.value)
}

#[test]
fn hex() {
    passes(
        r#"
        fn refused(text) {
            import "hex" as hex;
            try { hex::parse(text); } catch (problem) { return problem.code; }
            "accepted"
        }
        fn main(unit) {
            for text in ["0x12ab", "12:AB", "12-ab", " 12 ab", "12_AB", "0X12AB"] {
                ensure(hex(hex::parse(text)) == "12ab", text);
            }
            for text in ["1", "0x", "zz", "12,34"] {
                let code = refused(text);
                ensure(code == "IMP-3011" || text == "0x" && code == "accepted", `${text}: ${code}`);
            }
            let bytes = hex::parse("00 1f 41 7e 7f ff 20");
            ensure(hex::pairs(bytes, ":") == "00:1f:41:7e:7f:ff:20", hex::pairs(bytes, ":"));
            ensure(hex::pairs(blob(), ":") == "", "nothing");
            ensure(hex(hex::reversed(bytes)) == "20ff7f7e411f00" && bytes[0] == 0, "a copy is turned");
            let lines = hex::dump(0x1000, bytes + blob(11, 0x42));
            ensure(lines.len == 2, "two lines");
            ensure(lines[0] == "00001000  00 1f 41 7e 7f ff 20 42 42 42 42 42 42 42 42 42  ..A~.. BBBBBBBBB", lines[0]);
            ensure(lines[1] == "00001010  42 42                                            BB", lines[1]);
            hex::log(unit, 0, bytes);
        }"#,
    );
}

/// Check values of `123456789`: Greg Cook, Catalogue of parametrised CRC algorithms.
#[test]
fn crc() {
    passes(
        r#"fn main(unit) {
            let bytes = blob(0);
            bytes.append("123456789");
            let sums = [
                [crc::crc32(bytes), 0xCBF43926], [crc::crc32c(bytes), 0xE3069283], [crc::crc32_mpeg2(bytes), 0x0376E6E7],
                [crc::crc16_modbus(bytes), 0x4B37], [crc::crc16_arc(bytes), 0xBB3D], [crc::crc16_ccitt_false(bytes), 0x29B1],
                [crc::crc16_xmodem(bytes), 0x31C3], [crc::crc16_kermit(bytes), 0x2189],
                [crc::crc8_smbus(bytes), 0xF4], [crc::crc8_maxim(bytes), 0xA1],
                [crc32(bytes), 0xCBF43926],
            ];
            let at = 0;
            for sum in sums {
                ensure(sum[0] == sum[1], `${at}: ${hex(sum[0])}, expected ${hex(sum[1])}`);
                at += 1;
            }
            // All of a blob that a script may have, in no time that its limit would notice.
            crc::crc16_modbus(blob(16384, 0x5A));
        }"#,
    );
}

#[test]
fn a_flaky_step_is_tried_again() {
    let report = passes(
        r#"
        // Succeeds each third time. A script keeps nothing between two calls, so it counts in the chip's RAM.
        fn flaky(unit) {
            let chip = unit.connect();
            let tries = chip.read32(0x20000100) + 1;
            chip.write32(0x20000100, if tries >= 3 { 0 } else { tries });
            ensure(tries >= 3, "not settled");
            tries
        }
        fn uid_of(chip) { chip.uid() }
        fn main(unit) {
            let chip = unit.connect();
            chip.write32(0x20000100, 0);
            ensure(retry::times(unit, 1, uid_of, chip).len == 8, "what the step returns comes back");
            unit.record("tries", retry::times(unit, 3, flaky));
            unit.record("paused", retry::pausing(unit, 3, 10, flaky, unit));
            unit.record("after", retry::after(unit, ["IMP-3010"], 3, flaky, unit));
        }"#,
    );
    for name in ["tries", "paused", "after"] {
        assert_eq!(value(&report, name), Some(&Value::Integer(3)), "{name}");
    }
    let lines = report.log.iter().map(|line| line.text.as_str());
    let lines: Vec<_> = lines.filter(|line| line.starts_with("try ")).collect();
    assert_eq!(lines.len(), 6, "{lines:?}");
    assert_eq!(lines[0], "try 1 of 3 failed: IMP-3010: not settled");
}

#[test]
fn a_step_that_never_succeeds_fails_as_it_did_last() {
    let workshop = Workshop::new();
    let board = format!("twin:{}", NRF52.device);
    for (call, code, tries) in [
        ("retry::times(unit, 3, never)", "IMP-3010", 2),
        ("retry::times(unit, 1, never)", "IMP-3010", 0),
        (
            "retry::after(unit, [\"IMP-4010\"], 3, never, unit)",
            "IMP-3010",
            0,
        ),
        ("retry::times(unit, 0, never)", "IMP-3010", 0),
        // The script's own mistakes are not chance.
        ("retry::times(unit, 3, wrong)", "IMP-3012", 0),
        ("retry::times(unit, 3, throwing)", "IMP-3010", 0),
        // A missing right ends the unit, also within `try`.
        ("retry::times(unit, 3, forbidden)", "IMP-8003", 0),
    ] {
        let script = format!(
            "fn never(unit) {{ fail(`never`); }}
             fn wrong(unit) {{ [1][7] }}
             fn throwing(unit) {{ throw `mine`; }}
             fn forbidden(unit) {{ let chip = unit.connect(); chip.erase(0, chip.memory(`flash`).len); }}
             fn main(unit) {{ {call}; }}"
        );
        let report = start(&workshop, &board, &script).report();
        let failure = report.failure.as_ref().unwrap();
        assert_eq!(failure.code, code, "{call}: {failure}");
        let tried = report
            .log
            .iter()
            .filter(|line| line.text.starts_with("try "))
            .count();
        assert_eq!(tried, tries, "{call}");
    }
}

#[test]
fn a_report_has_what_was_measured_whatever_came_of_it() {
    let workshop = Workshop::new();
    let board = format!("twin:{}", NRF52.device);
    let script = r#"fn main(unit) {
        let chip = unit.connect();
        ensure(report::uid(unit, chip).len == 8, "uid");
        report::table(unit, "cal", #{ gain: 3, offset: -1 });
        ensure(report::within(unit, "vdd", 3300, 3000, 3600) == 3300, "returned");
        report::limits(unit, [
            #{ name: "low", value: 1, min: 2, max: 3 },
            #{ name: "in", value: 2, min: 2, max: 2 },
            #{ name: "high", value: 4, min: 2, max: 3 },
        ]);
    }"#;
    let report = start(&workshop, &board, script).report();
    assert_eq!(report.outcome, Outcome::Fail);
    let failure = report.failure.as_ref().unwrap();
    assert_eq!(
        failure.message,
        "low is 1, expected 2 to 3; high is 4, expected 2 to 3"
    );
    for (name, expect) in [
        ("cal.gain", 3),
        ("cal.offset", -1),
        ("vdd", 3300),
        ("vdd.min", 3000),
        ("vdd.max", 3600),
        ("low", 1),
        ("in", 2),
        ("high", 4),
        ("high.max", 3),
    ] {
        assert_eq!(
            value(&report, name),
            Some(&Value::Integer(expect)),
            "{name}"
        );
    }
    assert!(matches!(value(&report, "uid"), Some(Value::Text(uid)) if uid.len() == 16));
}
