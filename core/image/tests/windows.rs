//! Where serial numbers and data may lie, and which serial numbers there cannot be.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use support::unit_data::{PAYLOAD, build, build_with};

/// Windows in the device, beside a payload from 0x1000 to 0x27FF whose memory takes units of four bytes.
fn check_place(fields: &str, code: &str, message: &str) {
    match build(&format!("{PAYLOAD} {fields}")) {
        Ok(_) => assert_eq!(code, "", "{fields}"),
        Err(error) => {
            assert_eq!((error.code(), error.to_string().as_str()), (code, message));
            assert!(error.help().is_some());
        }
    }
}

#[test]
fn windows_lie_where_they_may() {
    let data = |fields: &str| format!("data: {{ \"d\": (source: script, {fields}) }}");
    let serial = |fields: &str| format!("serials: {{ \"s\": (definition: \"sn.ron\", {fields}) }}");
    for (fields, code, message) in [
        (data("address: 0x2800, len: 4"), "", ""),
        (data("address: 0x2800, len: 3, into: \"a\""), "", ""),
        (data("address: 0xFFC, len: 4"), "", ""),
        (
            data("address: 0x27FF, len: 1"),
            "IMP-1110",
            "data `d` and payload `a` both lie at 0x000027ff",
        ),
        (
            data("address: 0xFFC, len: 5"),
            "IMP-1110",
            "data `d` and payload `a` both lie at 0x00001000",
        ),
        (
            data("address: 0x0800_1000, len: 1"),
            "IMP-1110",
            "data `d` and payload `a` both lie at 0x08001000",
        ),
        (
            data("address: 0x1000, len: 1, into: \"a\""),
            "IMP-1110",
            "data `d` and payload `a` both lie at 0x00001000",
        ),
        (
            data("address: 0x1000, len: 1, into: \"a\", over: true"),
            "",
            "",
        ),
        (
            serial("address: 0x27FD"),
            "IMP-1110",
            "serial `s` and payload `a` both lie at 0x000027fd",
        ),
        (serial("address: 0x27FD, into: \"a\", over: true"), "", ""),
        (
            data("address: 0x4000_0000, len: 1"),
            "IMP-1042",
            "data `d`: X1 has no memory at 0x40000000",
        ),
        (
            serial("address: 0x1FFFE"),
            "IMP-1042",
            "serial `s`: X1 has no memory at 0x00020000",
        ),
        (
            data("address: 0x1000_0000, len: 1"),
            "IMP-1043",
            "data `d`: the memory `factory` at 0x10000000 was written by the factory and is read-only",
        ),
        (
            data("address: 0x1000_1208, len: 4"),
            "IMP-1044",
            "data `d`: writing the memory `options` at 0x10001208 needs the right `option_bytes`",
        ),
        (
            data("address: 0x1000_1208, len: 4") + ", rights: [option_bytes]",
            "",
            "",
        ),
        (
            data("address: 0x1000_3000, len: 4") + ", rights: [one_time]",
            "",
            "",
        ),
        (
            format!(
                "{}, {}",
                data("address: 0x3000, len: 8"),
                serial("address: 0x3008")
            ),
            "",
            "",
        ),
        (
            format!(
                "{}, {}",
                data("address: 0x3000, len: 8"),
                serial("address: 0x3007")
            ),
            "IMP-1111",
            "serial `s` and data `d` both lie at 0x00003007",
        ),
        (
            format!(
                "{}, {}",
                data("address: 0x3000, len: 6"),
                serial("address: 0x3006")
            ),
            "IMP-1115",
            "serial `s` at 0x00003006 and data `d` lie in one unit of 4 bytes, which is programmed once",
        ),
        (
            format!(
                "{}, {}",
                data("address: 0x3000, len: 6, into: \"a\""),
                serial("address: 0x3006, into: \"a\"")
            ),
            "",
            "",
        ),
        // Even with `over`, no window may lie over another.
        (
            format!(
                "{}, {}",
                data("address: 0x1000, len: 6, into: \"a\", over: true"),
                serial("address: 0x1004, into: \"a\", over: true")
            ),
            "IMP-1111",
            "serial `s` and data `d` both lie at 0x00001004",
        ),
    ] {
        check_place(&fields, code, message);
    }
    let error = build_with(
        r#"payloads: { "a": (file: "b.bin", address: 0x1000) }, data: { "d": (source: script, address: 0x1002, len: 2) }"#,
        &[("b.bin", &[1, 2])],
    );
    assert_eq!(
        error.unwrap_err().code(),
        "IMP-1115",
        "the payload ends within a unit"
    );
}

#[test]
fn lists_are_refused_with_the_line() {
    let long = "x".repeat(256);
    for (csv, definition, message) in [
        (
            "a\nb\n\na\n",
            r#"list(file: "l.csv")"#,
            "serial `s`: l.csv:4: \"a\" is given twice, first in line 1",
        ),
        (
            "a,b\nc\n",
            r#"list(file: "l.csv", column: 1)"#,
            "serial `s`: l.csv:2: there is no column 1",
        ),
        (
            "a,b\n,c\n",
            r#"list(file: "l.csv")"#,
            "serial `s`: l.csv:2: the value is empty",
        ),
        (
            "a\n\"b\nc\"\n",
            r#"list(file: "l.csv")"#,
            "serial `s`: l.csv:2: expected printable ASCII, found '\\n'",
        ),
        (
            "a\nä\n",
            r#"list(file: "l.csv")"#,
            "serial `s`: l.csv:2: expected printable ASCII, found 'ä'",
        ),
        (
            "",
            r#"list(file: "l.csv")"#,
            "serial `s`: l.csv: there is no value in it",
        ),
        (
            "name\n",
            r#"list(file: "l.csv", header: true)"#,
            "serial `s`: l.csv: there is no value in it",
        ),
        (
            &long,
            r#"list(file: "l.csv")"#,
            "serial `s`: l.csv:1: the value has 256 bytes",
        ),
    ] {
        let text = format!("(id: \"l\", values: {definition})");
        let files = [("l.csv", csv.as_bytes()), ("l.ron", text.as_bytes())];
        let fields = r#"serials: { "s": (definition: "l.ron", address: 0x3000, encoding: ascii(len: 255)) }"#;
        let error = build_with(fields, &files).expect_err(csv);
        assert_eq!(error.code(), "IMP-1104", "{error}");
        assert!(error.to_string().starts_with(message), "{error}\n{message}");
        assert!(error.help().is_some());
    }
    let files: [(&str, &[u8]); 2] = [
        ("l.csv", b"a\n\xFF\n"),
        ("l.ron", br#"(id: "l", values: list(file: "l.csv"))"#),
    ];
    let error = build_with(
        r#"serials: { "s": (definition: "l.ron", address: 0x3000) }"#,
        &files,
    )
    .unwrap_err();
    assert_eq!(
        (error.code(), error.to_string().as_str()),
        ("IMP-1104", "serial `s`: l.csv:2: it is not CSV in UTF-8")
    );
}

#[test]
fn serials_that_cannot_be_are_refused() {
    let serial = |definition: &str, encoding: &str| {
        let fields = format!(
            r#"serials: {{ "s": (definition: "l.ron", address: 0x3000, encoding: {encoding}) }}"#
        );
        let text = format!("(id: \"l\", values: {definition})");
        build_with(
            &fields,
            &[("l.csv", b"1\n22\n"), ("l.ron", text.as_bytes())],
        )
    };
    let list = r#"list(file: "l.csv")"#;
    let macs = r#"counter(positions: [constant("00:11:22:33:"), hex(2), constant(":"), hex(2)])"#;
    for (definition, encoding, code) in [
        ("counter(positions: [numeric(4)])", "ascii(len: 4)", ""),
        (
            "counter(positions: [numeric(4)])",
            "ascii(len: 3)",
            "IMP-1105",
        ),
        ("counter(positions: [binary(2)])", "ascii(len: 4)", ""),
        ("counter(positions: [numeric(4)])", "little(len: 2)", ""),
        (
            "counter(positions: [numeric(5)])",
            "little(len: 2)",
            "IMP-1105",
        ),
        // 260, of which neither half is too large; the last symbol of a set need not be its highest.
        (
            "counter(positions: [set(\"20\"), set(\"60\"), constant(\"0\")])",
            "little(len: 1)",
            "IMP-1105",
        ),
        (
            "counter(positions: [set(\"20\"), set(\"50\"), constant(\"0\")])",
            "little(len: 1)",
            "",
        ),
        (
            "counter(positions: [numeric, upper])",
            "big(len: 8)",
            "IMP-1105",
        ),
        (
            "counter(positions: [constant(\"0x\"), hex(4)])",
            "big(len: 2)",
            "",
        ),
        ("counter(positions: [hex(4)])", "big(len: 2)", "IMP-1105"),
        // `10` of a binary position is sixteen: as a number it would be programmed as ten.
        (
            "counter(positions: [binary], end: \"10\")",
            "big(len: 2)",
            "IMP-1105",
        ),
        (
            "counter(positions: [constant(\"0x\"), binary(2)])",
            "big(len: 2)",
            "",
        ),
        (macs, "mac", ""),
        (macs, "eui64", "IMP-1105"),
        ("counter(positions: [binary(8)])", "eui64", ""),
        ("supplied(positions: [hex(12)])", "mac", ""),
        ("supplied(positions: [upper(12)])", "mac", "IMP-1105"),
        (list, "little(len: 1)", ""),
        (list, "raw", "IMP-1105"),
        (list, "mac", "IMP-1105"),
        (
            "counter(positions: [numeric(4)], start: \"9\")",
            "raw",
            "IMP-1103",
        ),
        ("counter(positions: [numric(4)])", "raw", "IMP-1102"),
        ("counter(positions: [numeric(4)]", "raw", "IMP-1101"),
    ] {
        match serial(definition, encoding) {
            Ok(_) => assert_eq!(code, "", "{definition} {encoding}"),
            Err(error) => assert_eq!(error.code(), code, "{definition} {encoding}: {error}"),
        }
    }
    let twice = r#"serials: { "s": (definition: "sn.ron", address: 0x3000), "t": (definition: "sn.ron", address: 0x3010) }"#;
    let error = build(twice).unwrap_err();
    assert_eq!(
        (error.code(), error.to_string().as_str()),
        ("IMP-1107", "serials `s` and `t` both draw from `sn`")
    );
    for (files, code) in [
        (&[("sn.ron", &b"\xFF"[..])][..], "IMP-1100"),
        (&[("sn.ron", &[b' '; (64 << 10) + 1][..])][..], "IMP-1033"),
    ] {
        let fields = r#"serials: { "s": (definition: "sn.ron", address: 0x3000) }"#;
        assert_eq!(build_with(fields, files).unwrap_err().code(), code);
    }
    let missing = r#"serials: { "s": (definition: "none.ron", address: 0x3000) }"#;
    assert_eq!(build(missing).unwrap_err().code(), "IMP-1030");
}
