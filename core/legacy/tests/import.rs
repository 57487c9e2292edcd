//! Script files become recipes and scripts: line by line, and whole ones.
#![allow(clippy::unwrap_used)]

use imprint_device::Device;
use imprint_image::{limits, recipe::Recipe};
use imprint_legacy::{Cause, Imported, LegacyError, Options, import};
use proptest::prelude::*;
use std::{collections::BTreeMap, path::Path};

fn device() -> Device {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../devices/nRF52832_xxAA.ron");
    Device::parse("device", &std::fs::read_to_string(path).unwrap()).unwrap()
}

fn imported(text: &str) -> Imported {
    let device = device();
    let options = Options {
        file: "board.cfg",
        device: Some(&device),
        ..Options::default()
    };
    import(text, &options).unwrap()
}

/// The statements of a script, without its frame and comments.
fn statements(imported: &Imported) -> Vec<&str> {
    let lines = imported.script.lines().map(str::trim);
    let statements = lines.filter(|it| !it.starts_with("//") && it.ends_with([';', '}']));
    statements.filter(|it| *it != "}").collect()
}

fn causes(imported: &Imported) -> Vec<(usize, Cause)> {
    let causes = imported.findings.iter().map(|it| (it.line, it.cause));
    causes.collect()
}

/// After `CM` and `QO a.s19`, which are lines 1 and 2, line 3 becomes these statements and causes.
fn check(line: &str, expected: &[&str], lost: &[Cause]) {
    let imported = imported(&format!("CM nrf52.arp 0\nQO a.s19\n{line}\n"));
    let mut found = statements(&imported);
    if imported.is_incomplete() {
        assert_eq!(
            found.remove(0),
            "fail(\"not carried over yet: line 3\");",
            "{line}"
        );
    }
    assert_eq!(found[0], "let chip = unit.connect();");
    assert_eq!(found[1..], *expected, "{line}");
    let here = causes(&imported)
        .into_iter()
        .filter(|(number, _)| *number == 3);
    let here: Vec<Cause> = here.map(|(_, cause)| cause).collect();
    assert_eq!(here, lost, "{line}");
    Recipe::parse("recipe.ron", &imported.recipe).unwrap();
}

#[test]
fn each_command_becomes_its_statement_or_a_finding() {
    use Cause::*;
    let payload = |call: &str| format!("chip.{call}(unit.payload(\"a\"));");
    for (line, statement, lost) in [
        ("PM", payload("program"), &[][..]),
        ("pm ; now", payload("program"), &[]),
        ("VM", payload("verify"), &[]),
        ("VC", payload("verify_crc"), &[Differs]),
        ("BM", "chip.blank_check();".into(), &[]),
        ("EM", "chip.erase();".into(), &[]),
        ("EN", "chip.erase_if_not_blank();".into(), &[]),
        ("RE", "chip.reset_and_halt();".into(), &[]),
        ("GO", "chip.go();".into(), &[]),
        ("GO 0", "chip.go();".into(), &[]),
        ("DE 4000", "unit.delay_ms(4000);".into(), &[]),
        (
            "CM NRF52.ARP 0",
            "chip.reset_and_halt();".into(),
            &[Differs],
        ),
    ] {
        check(line, &[&statement], lost);
    }
    for (line, lost) in [
        ("CQ", &[][..]),
        ("QO b.s19", &[]),
        ("SS b.s19", &[]),
        ("QB raw.bin 7F000", &[]),
        ("REM done", &[]),
        ("; only a comment", &[]),
        (":DESCRIBEIMAGE Motor board", &[]),
        (":POWERUPDELAY 250", &[Setup]),
        (":WHATEVER", &[Setup]),
        (":", &[Setup]),
        ("CM", &[Argument]),
        ("CM \"a.arp\" xyz", &[Argument]),
        ("QO", &[Argument]),
        ("QO ..", &[Argument]),
        ("QB raw.bin", &[Argument]),
        ("CS sn.ser", &[Serial]),
        ("CS", &[Argument]),
        ("PS", &[Order]),
        ("GO 1000", &[Argument]),
        ("DE", &[Argument]),
        ("DE $10", &[Argument]),
        ("DE 999999999", &[Argument]),
        ("VV $1234", &[NotCarried]),
        ("PT", &[NotCarried]),
        ("BR 0 FF", &[NotCarried]),
        ("EB 0 FF", &[NotCarried]),
        ("PB 0 1", &[NotCarried]),
        ("VR 0 1", &[NotCarried]),
        ("SM 0", &[NotCarried]),
        ("XX", &[UnknownCommand]),
        ("/PARAM1/", &[Argument]),
        ("QO /PARAM1/.s19", &[Argument]),
    ] {
        check(line, &[], lost);
    }
}

#[test]
fn commands_need_what_they_work_on() {
    for (text, expected) in [
        ("PM", &[(1, Cause::Order)][..]),
        ("EM", &[(1, Cause::Order)]),
        ("RE", &[(1, Cause::Order)]),
        ("CM a.arp 0\nPM", &[(1, Cause::Differs), (2, Cause::Order)]),
        (
            "CM a.arp 0\nQO a.s19\nCQ\nVM",
            &[(1, Cause::Differs), (4, Cause::Order)],
        ),
        // A second module without a base address: nothing says which memory it is.
        (
            "CM a.arp\nCM b.arp\nEM",
            &[(1, Cause::Differs), (2, Cause::Module), (3, Cause::Module)],
        ),
        // RAM is no module.
        (
            "CM a.arp 20000000\nEN",
            &[(1, Cause::Module), (2, Cause::Module)],
        ),
        ("CM a.arp FFFFFFFF", &[(1, Cause::Module)]),
    ] {
        assert_eq!(causes(&imported(text)), expected, "{text}");
    }
}

#[test]
fn the_queue_is_what_is_programmed() {
    let payload = |call: &str, name: &str| format!("chip.{call}(unit.payload({name:?}));");
    for (text, expected) in [
        // Several files are one set of data.
        (
            "QO a.s19\nQO b.s19\nPM\nVM",
            "program a, program b, verify a, verify b",
        ),
        // SS names the only one.
        ("SS a.s19\nSS b.s19\nPM", "program b"),
        ("QO a.s19\nPM\nCQ\nQO b.s19\nPM", "program a, program b"),
        // One file, named twice as Windows allows, is one.
        ("QO out\\a.s19\nQO OUT/A.S19\nPM", "program a"),
        // Two files of one name are two.
        ("QO x\\a.s19\nQO y\\a.s19\nPM", "program a, program a-2"),
    ] {
        let imported = imported(&format!("CM n.arp 0\n{text}"));
        let expected: Vec<String> = expected
            .split(", ")
            .map(|it| it.split_once(' ').unwrap())
            .map(|(call, name)| payload(call, name))
            .collect();
        assert_eq!(statements(&imported)[1..], expected, "{text}");
        assert!(!imported.is_incomplete());
    }
}

#[test]
fn a_base_address_tells_the_memory() {
    let imported = imported("CM uicr.arp 10001000\nBM\nEM\nEN\nCM flash.arp 0\nEM");
    assert_eq!(
        statements(&imported)[1..],
        [
            "ensure(chip.memory(\"uicr\").is_blank(), \"not blank\");",
            "chip.memory(\"uicr\").erase();",
            "if !chip.memory(\"uicr\").is_blank() { chip.memory(\"uicr\").erase(); }",
            "chip.reset_and_halt();",
            "chip.erase();",
        ]
    );
    let recipe = Recipe::parse("recipe.ron", &imported.recipe).unwrap();
    assert_eq!(recipe.rights.len(), 2, "{}", imported.recipe);
}

#[test]
fn the_recipe_has_what_the_lines_say() {
    let device = device();
    let options = Options {
        file: "C:\\jobs\\line 3.cfg",
        device: Some(&device),
        parameters: BTreeMap::from([(1, "7".to_owned()), (2, "build\\v7".to_owned())]),
    };
    let text = ":DESCRIBEIMAGE Motor board V/PARAM1/ (EU)\nCM n.arp 0\nQO /PARAM2/\\app.s19\nQB key.bin $7F000\nDE 500\nPM";
    let imported = import(text, &options).unwrap();
    let recipe = Recipe::parse("recipe.ron", &imported.recipe).unwrap();
    assert_eq!(recipe.name.as_str(), "Motor-board-V7--EU");
    assert_eq!(recipe.device, "nRF52832_xxAA");
    assert_eq!(recipe.limits.unit_time_ms, 60_500);
    let raw = &recipe.payloads["key"];
    assert_eq!((raw.file.as_str(), raw.address), ("key.bin", Some(0x7F000)));
    assert_eq!(recipe.payloads["app"].address, None);
    let needed: Vec<_> = imported
        .files_needed
        .iter()
        .map(|it| (it.line, it.path.as_str(), it.name.as_str()))
        .collect();
    assert_eq!(
        needed,
        [
            (3, "build\\v7\\app.s19", "app.s19"),
            (4, "key.bin", "key.bin")
        ]
    );
    // Without a description the recipe is called after the file.
    let imported = import(
        "CM n.arp\n",
        &Options {
            file: options.file,
            ..Options::default()
        },
    )
    .unwrap();
    assert!(
        imported.recipe.contains("name: \"line-3\""),
        "{}",
        imported.recipe
    );
    assert_eq!(causes(&imported), [(1, Cause::Device)]);
}

#[test]
fn a_serial_number_is_left_to_a_person() {
    let imported =
        imported("CM n.arp 0\nCS \"C:\\sn files\\sn.ser\"\nPS\nCS mac.ser\nPS\nCS sn2/sn.ser\nPS");
    let lost: Vec<usize> = imported
        .findings
        .iter()
        .filter(|it| it.is_missing())
        .map(|it| it.line)
        .collect();
    assert_eq!(lost, [2, 3, 4, 5, 6, 7]);
    let names: Vec<&str> = imported.serials.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(
        names,
        ["sn.serial.ron", "mac.serial.ron", "sn-2.serial.ron"]
    );
    for name in ["sn", "mac", "sn-2"] {
        let call = format!("// chip.program(unit.serial({name:?}));");
        assert!(imported.script.contains(&call), "{}", imported.script);
    }
    assert!(imported.serials[0].text.contains("C:\\sn files\\sn.ser"));
    assert!(
        imported
            .recipe
            .contains("//     \"sn\": (definition: \"sn.serial.ron\""),
        "{}",
        imported.recipe
    );
}

#[test]
fn a_script_that_lacks_something_fails_first() {
    let imported = imported("CM n.arp 0\nXX\n:Y\nEM");
    assert_eq!(
        statements(&imported)[0],
        "fail(\"not carried over yet: lines 2, 3\");"
    );
    assert!(
        imported
            .script
            .contains("// NOT CARRIED OVER: `XX` is no documented command. By hand: ")
    );
    let many = format!("CM n.arp 0\n{}", "XX\n".repeat(20));
    let first = "fail(\"not carried over yet: lines 2, 3, 4, 5, 6, 7, 8, 9 and others\");";
    assert_eq!(statements(&self::imported(&many))[0], first);
}

#[test]
fn what_is_no_script_is_refused() {
    let parameter = |number: u32, text: &str| Options {
        file: "x.cfg",
        parameters: BTreeMap::from([(number, text.to_owned())]),
        ..Options::default()
    };
    let plain = || Options {
        file: "x.cfg",
        ..Options::default()
    };
    let files = |command: &str| -> String {
        (0..=256)
            .map(|index| format!("{command} {index}.x\n"))
            .collect()
    };
    let grown = "/PARAM1/\n".repeat(2000);
    let queue: String = (0..100).map(|index| format!("QO {index}.x\n")).collect();
    for (text, options, code) in [
        ("x".repeat((256 << 10) + 1), plain(), "IMP-1150"),
        ("\n".repeat(2049), plain(), "IMP-1151"),
        (format!("QO {}", "x".repeat(1022)), plain(), "IMP-1152"),
        (
            "/PARAM1/".repeat(5),
            parameter(1, &"x".repeat(255)),
            "IMP-1152",
        ),
        (
            "QO /PARAM1/".into(),
            parameter(1, &"x".repeat(256)),
            "IMP-1153",
        ),
        ("QO /PARAM1/".into(), parameter(1, "a\nEM"), "IMP-1153"),
        ("QO /PARAM1/".into(), parameter(2, "a"), "IMP-1153"),
        ("QO a".into(), parameter(100, "a"), "IMP-1153"),
        (files("QO"), plain(), "IMP-1154"),
        (files("CS"), plain(), "IMP-1154"),
        (
            format!("CM n.arp 0\n{}", grown),
            parameter(1, &"x".repeat(255)),
            "IMP-1156",
        ),
        (
            format!("CM n.arp 0\n{}{}", queue, "PM\n".repeat(1000)),
            plain(),
            "IMP-1156",
        ),
        (String::new(), plain(), "IMP-1155"),
        ("; nothing\n:DESCRIBEIMAGE x".into(), plain(), "IMP-1155"),
    ] {
        let error: LegacyError = import(&text, &options).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.help().is_some());
    }
}

#[test]
fn limits_are_those_of_recipes() {
    use imprint_legacy::limits as own;
    assert_eq!(own::FILE_COUNT_MAX, limits::ENTRY_COUNT_MAX);
    assert_eq!(own::NAME_LEN_MAX, limits::NAME_LEN_MAX);
    assert_eq!(own::FILE_NAME_LEN_MAX, limits::PATH_LEN_MAX);
    assert_eq!(own::PARAMETER_LEN_MAX, limits::PATH_LEN_MAX);
    assert_eq!(own::UNIT_TIME_MAX_MS, limits::UNIT_TIME_MAX_MS);
    assert_eq!(own::SCRIPT_LEN_MAX as u64, limits::SCRIPT_LEN_MAX);
}

/// Lines that look like a script, with whatever in them.
fn lines() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "CM",
        "SS",
        "QO",
        "QB",
        "CQ",
        "BM",
        "EM",
        "EN",
        "PM",
        "VM",
        "VC",
        "VV",
        "CS",
        "PS",
        "RE",
        "DE",
        "GO",
        "PT",
        ":DESCRIBEIMAGE",
        ":X",
        ";",
        "\"",
        "/PARAM1/",
        "/PARAM2/",
        "\\",
        "/",
        "..",
        " 0 ",
        "$7F000",
        "a.s19",
        "b",
        "*/",
        "///",
        "\u{2028}",
        "\r",
    ]);
    let part =
        prop_oneof![3 => word.prop_map(String::from), 1 => "\\PC{0,8}", 1 => any::<String>()];
    let line = prop::collection::vec(part, 0..6).prop_map(|parts| parts.join(" "));
    prop::collection::vec(line, 0..12).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #[test]
    fn whatever_is_imported_has_a_sound_recipe(text in lines(), value in "[^\\x00-\\x1F]{0,9}") {
        let device = device();
        let options = Options {
            file: "any.cfg",
            device: Some(&device),
            parameters: BTreeMap::from([(1, value)]),
        };
        if let Ok(imported) = import(&format!("CM /PARAM1/\n{text}"), &options) {
            let parsed = Recipe::parse("recipe.ron", &imported.recipe);
            prop_assert!(parsed.is_ok(), "{parsed:?}\n{}", imported.recipe);
            // Every statement stands on a line of its own; nothing of the file got out of its comment.
            let known = ["let chip", "chip.", "unit.delay", "ensure(", "if !chip", "fail(\"", "fn main", "}"];
            for line in imported.script.lines().map(str::trim) {
                prop_assert!(
                    line.is_empty() || line.starts_with("//") || known.iter().any(|it| line.starts_with(it)),
                    "{line}"
                );
            }
        }
    }
}
