//! The check: what it finds, where, and what it leaves alone.

use super::{ImageNames, Program, ScriptSources};
use std::collections::{BTreeMap, BTreeSet};

fn names() -> ImageNames {
    let set = |names: &[&str]| {
        Some(
            names
                .iter()
                .map(|name| name.to_string())
                .collect::<BTreeSet<_>>(),
        )
    };
    ImageNames {
        payloads: set(&["firmware", "selftest"]),
        settings: set(&["batch"]),
        memories: set(&["flash", "ram", "uicr"]),
        rights: set(&["mass_erase"]),
        serials: set(&["sn"]),
        data: set(&["lot"]),
        tests: set(&["ram"]),
    }
}

fn findings(text: &str) -> Vec<String> {
    let sources = ScriptSources {
        name: "script.rhai".into(),
        text: text.into(),
        modules: BTreeMap::from([("common".into(), "fn twice(x) { x * 2 }".into())]),
    };
    match Program::compile(sources) {
        Err(failure) => vec![line(&failure)],
        Ok(program) => program.check(&names()).iter().map(line).collect(),
    }
}

fn line(failure: &crate::report::Failure) -> String {
    let place = failure.place.as_ref().map_or(String::new(), |place| {
        format!(" {}:{}", place.line, place.column)
    });
    let help = failure.help.as_deref().unwrap_or_default();
    format!("{}{place} {} [{help}]", failure.code, failure.message)
}

/// Each expected text must appear in the finding of the same position; no more findings than texts.
fn check(body: &str, expect: &[&str]) {
    let found = findings(&format!(
        "fn is_odd(x) {{ x % 2 == 1 }} fn main(unit) {{\n{body}\n}}\n"
    ));
    assert_eq!(found.len(), expect.len(), "{body}: {found:#?}");
    for (found, expect) in found.iter().zip(expect) {
        assert!(
            found.contains(expect),
            "{body}: expected {expect:?} in {found:?}"
        );
    }
}

#[test]
fn a_good_script_has_no_findings() {
    check(
        r#"
    import "common" as common;
    let chip = unit.connect();
    unit.record("uid", chip.uid());
    chip.erase();
    chip.program(unit.payload("firmware"));
    chip.verify(unit.payload("firmware"));
    let test = chip.run_test(unit.payload("selftest"), #{ timeout_ms: 2000 });
    unit.record("adc", test.adc);
    let bits = [1, 2, 3];
    bits.retain(is_odd);
    for bit in bits { print(`${bit} ${common::twice(bit)}`); }
    if (chip.read32(0x4000) & 1) != 0 { chip.memory("uicr").erase(); }
    unit.log(unit.setting("batch") + hex(chip.crc32(0, 16)));"#,
        &[],
    );
}

#[test]
fn mistakes_are_found_with_their_place() {
    for (body, expect) in [
        (
            "unit.conect();",
            "IMP-3002 2:6 there is no function `conect` [did you mean `unit.connect() -> Chip`",
        ),
        (
            "unit.connect(1, 2);",
            "IMP-3003 2:6 `connect` does not take these arguments [it is known as",
        ),
        ("erasee();", "IMP-3002 2:1 there is no function `erasee`"),
        (
            "if unit.device & 1 != 0 { }",
            "IMP-3004 2:16 `!=` binds tighter than `&` [write `(a & b) != c`]",
        ),
        (
            r#"unit.payload("firmwar");"#,
            "IMP-3006 2:14 the image has no payload `firmwar` [did you mean `firmware`?]",
        ),
        (r#"unit.payload("x");"#, "[it has: firmware, selftest]"),
        (
            r#"unit.setting("bach");"#,
            "IMP-3006 2:14 the image has no setting `bach`",
        ),
        (
            r#"unit.connect().memory("eeprom");"#,
            "IMP-3006 2:23 the image has no memory `eeprom`",
        ),
        (
            "let chip = unit.connect(); chip.protect();",
            "IMP-3007 2:33 `protect` needs the right `protect`",
        ),
        (
            "let c = unit.connect(); c.protect(); ",
            "IMP-3007 2:27 `protect` needs",
        ),
        (
            "unit.unlock();",
            "IMP-3007 2:6 `unlock` needs the right `unlock_by_erase`",
        ),
        (
            r#"import "net" as net;"#,
            "IMP-3006 2:8 the image has no module `net`",
        ),
        (
            r#"import "common" as c; c::thrice(1);"#,
            "IMP-3002 2:26 there is no function `thrice`",
        ),
        (r#"let x = "common"; import x as c;"#, "IMP-3006"),
        ("let f = |x| x;", "IMP-3001"),
        ("eval(\"1\");", "IMP-3001"),
        ("let f = Fn(\"main\");", "IMP-3001"),
        ("sleep(1);", "IMP-3002 2:1 there is no function `sleep`"),
        ("timestamp();", "IMP-3002"),
        ("parse_json(\"1\");", "IMP-3002"),
        ("exit();", "IMP-3002"),
        ("let x = ;", "IMP-3001 2:9"),
        ("undefined_variable + 1;", "IMP-3001 2:1"),
    ] {
        check(body, &[expect]);
    }
}

#[test]
fn erasing_the_chip_needs_its_right_whatever_the_variable_is_called() {
    for (body, expect) in [
        ("let c = unit.connect(); c.erase();", 1),
        ("unit.connect().erase();", 1),
        (
            "let c = unit.connect(#{ under_reset: true }); c.erase();",
            1,
        ),
        ("let c = unit.connect(); c.erase(0, 4096);", 0),
        (
            "let c = unit.connect(); let m = c.memory(\"uicr\"); m.erase();",
            0,
        ),
        ("let c = unit.connect(); c.memory(\"uicr\").erase();", 0),
    ] {
        let sources = ScriptSources {
            name: "script.rhai".into(),
            text: format!("fn main(unit) {{ {body} }}"),
            modules: BTreeMap::new(),
        };
        let names = ImageNames {
            rights: Some(BTreeSet::new()),
            ..ImageNames::default()
        };
        let findings = Program::compile(sources).unwrap().check(&names);
        assert_eq!(findings.len(), expect, "{body}: {findings:#?}");
        assert!(findings.iter().all(|it| it.code == "IMP-3007"), "{body}");
    }
}

#[test]
fn a_script_without_main_is_refused() {
    assert!(findings("fn mian(unit) { }")[0].contains("IMP-3005"));
    assert!(findings("fn main() { }")[0].contains("IMP-3005"));
}

#[test]
fn a_script_that_is_too_long_is_refused_before_it_is_parsed() {
    let text = format!("// {}", "x".repeat(crate::limits::SCRIPT_LEN_MAX));
    assert!(findings(&text)[0].contains("IMP-3008"));
}

#[test]
fn the_reference_has_every_function_with_its_words() {
    let reference = super::reference();
    for name in [
        "connect",
        "erase",
        "program",
        "verify_crc",
        "run_test",
        "protect",
        "option",
        "hex",
    ] {
        let function = reference.iter().find(|function| function.name == name);
        assert!(
            function.is_some_and(|function| !function.summary.is_empty()),
            "{name}"
        );
    }
    assert!(
        reference
            .iter()
            .all(|function| !function.signature.contains("NativeCallContext")),
        "{reference:#?}"
    );
}
