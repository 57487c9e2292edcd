//! Mistakes that a recipe has in itself, each with its place.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use support::unit_data::{PAYLOAD, recipe};

/// A mistake that the recipe has in itself; what is wrong about the error.
fn check_recipe(fields: &str, code: &str, message: &str, help: &str) -> Option<String> {
    let Err(error) = recipe(fields) else {
        return Some(format!("{fields}: taken"));
    };
    let advice = error.help().unwrap_or_default();
    let is_expected = error.code() == code
        && error.to_string().starts_with(message)
        && advice.contains(help)
        && error.place().is_some();
    (!is_expected).then(|| format!("{fields}\n  {} {error}\n  {advice}", error.code()))
}

#[test]
fn mistakes_of_a_recipe_have_their_place() {
    let mut wrong = Vec::new();
    let data = |fields: &str| format!("data: {{ \"d\": (address: 0, {fields}) }}");
    let barcode = |fields: &str| {
        format!("barcode: (positions: [constant(\"S\"), numeric(3), upper]{fields})")
    };
    for (fields, code, message, help) in [
        (
            "link: (protocol: jtag)".to_owned(),
            "IMP-1022",
            "recipe.ron:2:18: unknown value `jtag`",
            "known are: swd",
        ),
        (
            "link: (connect: under_rest)".into(),
            "IMP-1022",
            "recipe.ron:2:",
            "did you mean `under_reset`?",
        ),
        (
            "link: (clock_khz: 0)".into(),
            "IMP-1021",
            "recipe.ron:2:19: expected 1 to 50000 kHz, found 0 kHz",
            "",
        ),
        (
            "link: (clok: 1)".into(),
            "IMP-1022",
            "recipe.ron:2:8: unknown field `clok`",
            "did you mean `clock_khz`?",
        ),
        (
            "power: (voltage_mv: 999)".into(),
            "IMP-1021",
            "recipe.ron:2:21: expected 1000 to 5500 mV, found 999 mV",
            "",
        ),
        (
            "power: (settle_ms: 60001)".into(),
            "IMP-1021",
            "recipe.ron:2:",
            "",
        ),
        (
            "power: (after: of)".into(),
            "IMP-1022",
            "recipe.ron:2:16: unknown value `of`",
            "did you mean `off`?",
        ),
        (
            format!(
                "{PAYLOAD}\nserials: {{ \"s\": (definition: \"d\", address: 0, into: \"b\") }}"
            ),
            "IMP-1112",
            "recipe.ron:3:53: serial `s`: there is no payload `b`",
            "add it to `payloads`",
        ),
        (
            format!(
                "payloads: {{ \"firmware\": (file: \"a\") }},\n{}",
                data("len: 1, source: value, into: \"frmware\"")
            ),
            "IMP-1112",
            "recipe.ron:3:56: data `d`: there is no payload `frmware`",
            "did you mean `firmware`?",
        ),
        (
            data("len: 0, source: value"),
            "IMP-1021",
            "recipe.ron:2:32: expected `len` of 1 to 65536 bytes, found 0",
            "",
        ),
        (
            data("len: 65537, source: value"),
            "IMP-1021",
            "recipe.ron:2:",
            "",
        ),
        (
            data("len: 1, source: valu"),
            "IMP-1022",
            "recipe.ron:2:",
            "did you mean `value`?",
        ),
        (
            data("len: 8, source: date(\"%x\")"),
            "IMP-1021",
            "recipe.ron:2:",
            "",
        ),
        (
            data("len: 8, source: uid(md5)"),
            "IMP-1022",
            "recipe.ron:2:",
            "known are: raw, sha256, crc32",
        ),
        (
            data("len: 31, source: uid(sha256)"),
            "IMP-1113",
            "recipe.ron:2:9: data `d`: its value has 32 bytes, found a window of 31",
            "",
        ),
        (
            data("len: 63, source: uid(sha256), encoding: ascii()"),
            "IMP-1113",
            "recipe.ron:2:9: data `d`: its value has 64 bytes",
            "",
        ),
        (
            data("len: 8, source: uid(raw), encoding: little"),
            "IMP-1113",
            "recipe.ron:2:9: data `d`: a unique identifier is bytes",
            "",
        ),
        (
            data("len: 7, source: date(\"%Y%m%d\"), encoding: ascii()"),
            "IMP-1113",
            "recipe.ron:2:9: data `d`: its value has 8 bytes",
            "",
        ),
        (
            data("len: 9, source: value, encoding: little"),
            "IMP-1113",
            "recipe.ron:2:9: data `d`: a number has at most 8 bytes",
            "",
        ),
        (
            data("len: 5, source: value, encoding: mac"),
            "IMP-1113",
            "recipe.ron:2:9: data `d`: its encoding needs 6 bytes",
            "",
        ),
        (
            data("len: 5, source: value, over: true"),
            "IMP-1113",
            "recipe.ron:2:9: data `d`: `over` is for an entry that goes `into`",
            "",
        ),
        (
            data("len: 5, source: result(\"t\", \"x\")"),
            "IMP-1112",
            "recipe.ron:2:50: data `d`: there is no test `t`",
            "add it to `tests`",
        ),
        (
            format!(
                "{PAYLOAD} tests: [(name: \"t\", payload: \"a\")],\n{}",
                data("len: 5, source: result(\"t\", \"x\"), into: \"a\"")
            ),
            "IMP-1113",
            "recipe.ron:3:9: data `d`: a test's result comes too late",
            "",
        ),
        (
            format!(
                "{},\nserials: {{ \"d\": (definition: \"d\", address: 0) }}",
                data("len: 5, source: value")
            ),
            "IMP-1114",
            "recipe.ron:2:9: `d` is both a serial number and data",
            "--value",
        ),
        (
            "serials: { \"s\": (definition: \"d\", address: 0, encoding: ascii(len: 0)) }".into(),
            "IMP-1021",
            "recipe.ron:2:",
            "",
        ),
        (
            "serials: { \"s\": (definition: \"d\", address: 0, encoding: big(len: 9)) }".into(),
            "IMP-1021",
            "recipe.ron:2:",
            "",
        ),
        (
            "serials: { \"s\": (definition: \"d\", address: 0, on_fail: giveback) }".into(),
            "IMP-1022",
            "recipe.ron:2:",
            "did you mean `give_back`?",
        ),
        (
            barcode(", ranges: [(from: 1, len: 4, min: 0, max: 1)]"),
            "IMP-1120",
            "recipe.ron:2:1: barcode: the range from 1, 4 digits, needs digits, but character 4 is A-Z",
            "from 0",
        ),
        (
            barcode(", ranges: [(from: 2, len: 4, min: 0, max: 1)]"),
            "IMP-1120",
            "recipe.ron:2:1: barcode: the range from 2, 4 digits, leaves",
            "",
        ),
        (
            barcode(", ranges: [(from: 1, len: 3, min: 2, max: 1)]"),
            "IMP-1120",
            "recipe.ron:2:1: barcode: expected a range of `min`",
            "",
        ),
        (
            barcode(", ranges: [(from: 1, len: 3, min: 0, max: 1000)]"),
            "IMP-1120",
            "recipe.ron:2:1: barcode: expected a range of `min`",
            "",
        ),
        (
            barcode(", ranges: [(from: 1, len: 0, min: 0, max: 0)]"),
            "IMP-1120",
            "recipe.ron:2:1: barcode: expected a range of 1 to 18",
            "",
        ),
        (
            barcode(&format!(
                ", ranges: [{}]",
                "(from: 1, len: 3, min: 0, max: 1), ".repeat(3)
            )),
            "IMP-1120",
            "recipe.ron:2:1: barcode: expected at most 2 ranges, found 3",
            "",
        ),
        (
            "barcode: (positions: [binary])".into(),
            "IMP-1120",
            "recipe.ron:2:1: barcode: a barcode is text",
            "",
        ),
        (
            "barcode: (positions: [])".into(),
            "IMP-1021",
            "recipe.ron:2:",
            "",
        ),
        (
            "payloads: { \"a\": (file: \"a\", after_tests: true) }".into(),
            "IMP-1130",
            "recipe.ron:2:13: payload `a` is for after the tests",
            "add `tests`",
        ),
        (
            "tests: [(name: \"t\", payload: \"zz\")]".into(),
            "IMP-1112",
            "recipe.ron:2:30: test `t`: there is no payload `zz`",
            "",
        ),
        (
            format!(
                "{PAYLOAD}\ntests: [(name: \"t\", payload: \"a\"), (name: \"t\", payload: \"a\")]"
            ),
            "IMP-1131",
            "recipe.ron:3:16: there are two tests `t`",
            "rename",
        ),
        (
            format!("{PAYLOAD} tests: [(name: \"t\", payload: \"a\", args: [1, 2, 3, 4, 5])]"),
            "IMP-1021",
            "recipe.ron:2:",
            "",
        ),
        (
            format!("{PAYLOAD} tests: [(name: \"t\", payload: \"a\", timeout_ms: 0)]"),
            "IMP-1021",
            "recipe.ron:2:",
            "",
        ),
        (
            format!(
                "{PAYLOAD} tests: [{}]",
                "(name: \"t\", payload: \"a\"), ".repeat(33)
            ),
            "IMP-1021",
            "recipe.ron:2:",
            "",
        ),
    ] {
        wrong.extend(check_recipe(&fields, code, message, help));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
