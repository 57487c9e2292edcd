//! The check: what it finds, where, and what it leaves alone.

use super::{Finding, ImageNames, Program, ScriptSources, Severity};
use imprint_device::Device;
use imprint_image::recipe::Right;
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
        device: Some(device()),
        rights: Some([Right::MassErase, Right::OptionBytes].into()),
        serials: set(&["sn"]),
        data: set(&["lot"]),
        tests: set(&["ram"]),
        options: set(&["APPROTECT"]),
        commands: set(&["flash-size"]),
    }
}

fn device() -> Device {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../devices/nRF52832_xxAA.ron"
    );
    Device::parse("nRF52832_xxAA", &std::fs::read_to_string(path).unwrap()).unwrap()
}

fn sources(text: &str) -> ScriptSources {
    let common = "fn twice(x) { x * 2 }\nfn of(unit) { unit.payload(\"firmware\") }\nprivate fn hidden(x) { x }";
    ScriptSources {
        name: "script.rhai".into(),
        text: text.into(),
        modules: BTreeMap::from([("common".into(), common.into())]),
    }
}

fn findings(text: &str) -> Vec<String> {
    let found = super::check(&sources(text), &names());
    found.iter().map(line).collect()
}

fn line(finding: &Finding) -> String {
    let failure = &finding.failure;
    let place = failure.place.as_ref().map_or(String::new(), |place| {
        format!(" {}:{}", place.line, place.column)
    });
    let severity = match finding.severity {
        Severity::Error => "",
        Severity::Warning => " warning",
    };
    let help = failure.help.as_deref().unwrap_or_default();
    let found = failure.found.as_deref().unwrap_or_default();
    format!(
        "{}{severity}{place} {} [{help}] {found}",
        failure.code, failure.message
    )
}

/// Each expected text must appear in the finding of the same position; no more findings than texts.
fn check(body: &str, expect: &[&str]) {
    let found = findings(&format!(
        "fn is_odd(x) {{ x % 2 == 1 }} fn main(unit) {{\n{body}\n}}\nfn later(x) {{ hidden(x) }}\nprivate fn hidden(x) {{ x }}\n"
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
    common::of(unit);
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
            "IMP-3006 2:23 the device has no memory `eeprom` [it has: ",
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
        ("unit.hidden();", "IMP-3002 2:6 `hidden` is private"),
        (
            r#"import "common" as c; c::hidden(1);"#,
            "IMP-3002 2:26 `hidden` is private",
        ),
        ("let f = |x| x;", "IMP-3001"),
        ("eval(\"1\");", "IMP-3001"),
        ("let f = Fn(\"main\");", "IMP-3001"),
        ("sleep(1);", "IMP-3002 2:1 there is no function `sleep`"),
        ("timestamp();", "IMP-3002"),
        ("parse_json(\"1\");", "IMP-3002"),
        ("exit();", "IMP-3002"),
        ("let x = ;", "IMP-3001 2:9"),
        (
            "undefined_variable + 1;",
            "IMP-3041 2:1 there is no variable `undefined_variable`",
        ),
        (
            "let chip = unit.connect(); chp.go();",
            "IMP-3041 2:28 there is no variable `chp` [did you mean `chip`?]",
        ),
        (
            "[1].map(later);",
            "[a function is passed by its name below its definition only]",
        ),
        (
            "let c = unit.connect(); c.option(\"RDP\");",
            "IMP-3006 2:34 the family has no option `RDP` [it has: APPROTECT]",
        ),
        (
            "let c = unit.connect(); c.command(\"flash-sise\");",
            "the family has no command `flash-sise` [did you mean `flash-size`?]",
        ),
        (
            "unit.serial(\"ns\");",
            "the image has no serial number `ns`",
        ),
        (
            "unit.set_data(\"lots\", 1);",
            "the image has no data `lots` [did you mean `lot`?]",
        ),
        (
            "unit.connect().run_test(\"rom\");",
            "the image has no test `rom`",
        ),
        (
            "unit.connect().program(\"firmware\");",
            "IMP-3003 2:16 `program` does not take these arguments [it is known as chip.program(data: Data), or as",
        ),
        ("unit.connect().program(\"firmware\");", "] Chip, text"),
        (
            "unit.erase();",
            "IMP-3003 2:6 `erase` does not take these arguments",
        ),
        ("unit.connect().read(\"0\", 4);", "] Chip, text, int"),
        (
            "let p = unit.payload(\"firmware\"); p.lenght;",
            "IMP-3042 2:37 a value of the kind Payload has no property `lenght` [did you mean `len`?]",
        ),
        (
            "unit.connect().memory(\"ram\").size;",
            "a value of the kind Memory has no property `size` [it has:",
        ),
        (
            "let c = unit.connect(); c.uid;",
            "IMP-3042 2:27 a value of the kind Chip has no property `uid` [it is a function: write `uid()`]",
        ),
        (
            "unit.connect().uid().length;",
            "a value of the kind blob has no property `length` [did you mean `len`?]",
        ),
        (
            "import \"common\" as c; c::twice();",
            "IMP-3003 2:26 `twice` does not take these arguments [it is known as twice(x)]",
        ),
    ] {
        check(body, &[expect]);
    }
}

/// A finding that is wrong costs more trust than one that is missed.
#[test]
fn what_may_be_right_is_left_alone() {
    for body in [
        // The receiver is not known, or is what the script says it is.
        "let x = if unit.device == \"a\" { 1 } else { unit }; x.erase(0, 4096);",
        "let x = unit; x = #{ payload: 1 }; x.lenght;",
        "let m = #{}; m.anything; m.size = 1;",
        "let r = unit.connect().run_test(\"ram\"); r.core; r.whatever;",
        "let chips = [unit.connect()]; chips[0].erase(); chips[0].is_blank();",
        "let b = unit.connect().uid(); b[0] + b.len + b.len();",
        "for x in [1, \"a\"] { x.len; }",
        "try { unit.log(`x`); } catch (e) { unit.log(e.message); unit.log(`${e.other}`); }",
        // Device-dependent names.
        "if unit.device == \"STM32F103C8\" { unit.connect().memory(\"option_bytes\"); }",
        "switch unit.device { \"A\" => unit.connect().option(\"RDP\"), _ => () }",
        // Names that are worked out.
        "let n = \"firm\"; unit.payload(n + \"ware\"); unit.payload(`firm${1}`);",
        // Truths and bits.
        "let a = 1; let ok = (a & 1) != 0; if ok & a != 2 { } if (a == 1) | (a == 2) { }",
        "let a = 1; if a == 1 | a == 2 { } let b = a | 2; b |= 4; a & (b); (a & 1) == 1;",
        "let t = unit.is_protected(); if t & (1 != 2) { } if !t & 1 == 1 { } if unit.is_protected() | 1 == 2 {}",
        "let f = true; let x = 3; let y = f ^ (x > 2); print(`${(x & 1) != 0}`);",
        // Everything is reached.
        "if unit.is_protected() { return; } unit.connect();",
        "loop { if unit.is_protected() { break; } } unit.connect();",
        "loop { loop { break; } if true { break; } } unit.connect();",
        "while true { if unit.is_protected() { break; } } unit.connect();",
        "for x in 0..3 { if x == 1 { continue; } print(x); } unit.connect();",
        "try { throw 1; } catch { } unit.connect();",
        "if unit.is_protected() { fail(`x`); } else { } unit.connect();",
        "if true { unit.connect(); }",
        "let x = if unit.is_protected() { return; } else { 1 }; print(x);",
        "return;",
        "throw `x`;;",
        // What is passed by its name, what the engine has itself.
        "[1, 2].filter(is_odd); [1].map(is_odd).len(); let f = is_odd; f.call(1); is_odd.call(1);",
        "print(1); debug(1); type_of(1); 1.to_string(); \"a\".to_upper(); [1].push(2); (1..3).contains(2);",
        "let s = \"abc\"; s.len; s.len(); s.contains(\"a\"); s.sub_string(1, 1); s[0]; s.chars(); 'x'.to_string();",
        "let f = 1.5; f.floor(); 4.0.sqrt(); max(1, 2); 7.abs(); parse_int(\"1\"); hex(10); to_hex(10); 5.is_odd();",
        "let b = blob(4, 0); b.push(1); b.as_string(); b.parse_le_int(0, 4); hex(b); crc32(b); b += 1; b.len;",
        "let a = [1, 2, 3]; a.index_of(2); a.reduce(is_odd); a.sort(); a.extract(1); a += 4; a.is_empty(); a.is_empty;",
        "let m = #{ a: 1 }; m.keys(); m.len(); m.contains(\"a\"); \"a\" in m; m.remove(\"a\"); m.values().len();",
    ] {
        check(body, &[]);
    }
}

#[test]
fn what_is_never_reached_is_told_once_a_block() {
    for (body, expect) in [
        (
            "return; unit.connect(); unit.connect();",
            &["IMP-3040 warning 2:9"][..],
        ),
        ("throw `x`; unit.connect();", &["2:12"]),
        ("fail(`x`); unit.connect();", &["2:12"]),
        ("loop { break; print(1); }", &["2:15"]),
        ("for x in 0..2 { continue; print(x); }", &["2:27"]),
        ("loop { } unit.connect();", &["2:10"]),
        ("loop { loop { break; } } unit.connect();", &["2:26"]),
        ("while true { print(1); } unit.connect();", &["2:26"]),
        ("while false { print(1); }", &["2:15"]),
        ("if false { print(1); }", &["2:12"]),
        ("if true { print(1); } else { print(2); }", &["2:30"]),
        (
            "if unit.is_protected() { return; } else { fail(`x`); } unit.connect();",
            &["2:56"],
        ),
        (
            "try { return; } catch { return; } unit.connect();",
            &["2:35"],
        ),
        ("{ return; } unit.connect();", &["2:13"]),
        ("let x = { return; 1 }; print(x);", &["2:19"]),
        (
            "if unit.is_protected() { return; print(1); } throw 1; print(2);",
            &["2:34", "2:55"],
        ),
    ] {
        check(body, expect);
    }
    // Each function is on its own, and a script's own `fail` may return.
    assert_eq!(
        findings(
            "fn a() { return; }\nfn fail(x) { print(x); }\nfn main(unit) { a(); fail(1); a(); }"
        ),
        Vec::<String>::new()
    );
}

/// The parser stops at its first mistake; a person wants all.
#[test]
fn one_mistake_does_not_hide_the_others() {
    let text = "import \"common\" as c;
fn first(unit) { let x = ; }
fn second(unit) { unit.conect(); nowhere + 1; }
fn third(unit) { if unit { }
fn fourth(unit) { let y = 1 let z = 2; }
fn main(unit) { first(unit); third(unit); c::thrice(1); nowhere; sleep(1); fourth(1, 2); }";
    let found = findings(text);
    let expect = [
        "IMP-3001 2:26",
        "IMP-3002 3:24 there is no function `conect`",
        "IMP-3041 3:34 there is no variable `nowhere`",
        "IMP-3001 5:1",
        "IMP-3001 5:29",
        "IMP-3002 6:46 there is no function `thrice`",
        "IMP-3041 6:57",
        "IMP-3002 6:66 there is no function `sleep`",
        "IMP-3003 6:76 `fourth`",
    ];
    assert_eq!(found.len(), expect.len(), "{found:#?}");
    for (found, expect) in found.iter().zip(expect) {
        assert!(found.contains(expect), "{expect}: {found}");
    }
}

/// Each finding looks its line up, and each name its nearest: a hostile text had the square of its length.
#[test]
fn a_text_of_mistakes_has_a_bound() {
    for line in [
        "x;\n",
        "x();\n",
        "1 & 2 == 3;\n",
        "return;\n",
        "unit.x();\n",
        "unit.y;\n",
    ] {
        let body = line.repeat(200_000 / line.len());
        let found = findings(&format!("fn main(unit) {{\n{body}}}"));
        assert!(
            (1..=crate::limits::FINDINGS_MAX).contains(&found.len()),
            "{line}"
        );
    }
    // Deep texts end at the parser, not at the end of a stack.
    for (open, close) in [("(", ")"), ("[", "]"), ("{", "}"), ("!", ""), ("f(", ")")] {
        let body = format!("{}1{}", open.repeat(20_000), close.repeat(20_000));
        findings(&format!("fn main(unit) {{ {body} }}"));
    }
    for link in [".f()", ".f", "[0]", " + 1", " & 1", " && true", "?.f"] {
        findings(&format!("fn main(unit) {{ unit{}; }}", link.repeat(20_000)));
    }
}

#[test]
fn modules_have_their_own_names_and_lines() {
    let modules = [
        ("common", "\n\nfn of(unit) { unit.paylod(\"firmware\") }"),
        ("broken", "fn f( { }"),
        ("nested", "import \"common\" as c;"),
    ];
    let sources = ScriptSources {
        name: "script.rhai".into(),
        text: "import \"broken\" as b; fn main(unit) { b::f(1); unit.conect(); }".into(),
        modules: modules
            .map(|(name, text)| (name.into(), text.into()))
            .into(),
    };
    let found = super::check(&sources, &names());
    let places: Vec<_> = found
        .iter()
        .map(|finding| {
            let place = finding.failure.place.clone().unwrap();
            (place.script, place.line, finding.failure.code.clone())
        })
        .collect();
    let expect = [
        ("script.rhai", 1, "IMP-3002"),
        ("broken", 1, "IMP-3001"),
        ("common", 3, "IMP-3002"),
        ("nested", 1, "IMP-3006"),
    ];
    let expect = expect.map(|(script, line, code)| (script.to_string(), line, code.to_string()));
    assert_eq!(places, expect);
}

#[test]
fn missing_rights_are_found_on_the_chip_and_its_memories() {
    for (body, expect) in [
        ("let c = unit.connect(); c.erase();", "mass_erase"),
        ("unit.connect().erase();", "mass_erase"),
        (
            "let c = unit.connect(#{ under_reset: true }); c.erase();",
            "mass_erase",
        ),
        ("let c = unit.connect(); c.erase(0, 4096);", ""),
        ("let c = unit.connect(); c.memory(\"ram\").erase();", ""),
        (
            "let c = unit.connect(); c.memory(\"uicr\").erase();",
            "option_bytes",
        ),
        (
            "let c = unit.connect(); let m = c.memory(\"uicr\"); m.erase();",
            "option_bytes",
        ),
        (
            "let m = unit.connect().memory(\"uicr\"); m.program(0, from_hex(\"00\"));",
            "option_bytes",
        ),
        (
            "let m = unit.connect().memory(\"flash\"); m.program(0, from_hex(\"00\"));",
            "",
        ),
        (
            "let m = unit.connect().memory(\"flash\"); m.erase();",
            "mass_erase",
        ),
        ("let m = unit.connect().memory(unit.device); m.erase();", ""),
        ("let m = [unit.connect()]; m[0].erase();", ""),
        (
            "let c = unit.connect(); c.set_option(\"APPROTECT\", 1);",
            "option_bytes",
        ),
        (
            "if unit.is_protected() { unit.unlock(); }",
            "unlock_by_erase",
        ),
        ("helper(unit.connect());", "protect"),
    ] {
        let text = format!("fn main(unit) {{ {body} }}");
        let text = match expect {
            "protect" => format!("{text} fn helper(chip) {{ chip.protect(); }}"),
            _ => text,
        };
        let names = ImageNames {
            rights: Some(BTreeSet::new()),
            ..names()
        };
        let found = super::check(&sources(&text), &names);
        let found: Vec<_> = found
            .iter()
            .map(|finding| {
                (
                    finding.failure.code.as_str(),
                    finding.failure.expected.as_deref(),
                )
            })
            .collect();
        match expect {
            "" => assert_eq!(found, [], "{body}"),
            right => assert_eq!(found, [("IMP-3007", Some(right))], "{body}"),
        }
    }
}

/// Errors keep an image from being built; warnings do not.
#[test]
fn a_warning_does_not_refuse_a_script() {
    let text = "fn main(unit) { return; unit.connect(); }";
    let program = Program::compile(sources(text)).unwrap();
    assert_eq!(program.check(&names()), []);
    assert_eq!(findings(text).len(), 1);
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
