//! What differs between two objects, found without fail and without noise.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use imprint_image::{
    diff::{Change, Difference, compare},
    object::Object,
};
use support::{
    open, sealed, station,
    unit_data::{WHOLE, build, build_with},
};

/// Differences in one line each, without the inputs and the memory, which say that there are some.
fn told(left: &mut Object, right: &mut Object) -> Vec<String> {
    let differences = compare(left, right).unwrap();
    let shown = differences
        .iter()
        .filter(|it| !it.what.starts_with("input") && it.what != "memory");
    shown.map(tell).collect()
}

fn tell(difference: &Difference) -> String {
    let what = &difference.what;
    match &difference.change {
        Change::Removed(value) => format!("- {what}: {value}"),
        Change::Added(value) => format!("+ {what}: {value}"),
        Change::Changed { left, right } => format!("{what}: {left} -> {right}"),
        Change::Lines { removed, added } => format!("{what}: -{removed} +{added} lines"),
        Change::Bytes(bytes) => {
            let ranges = bytes.ranges.iter();
            let ranges: Vec<_> = ranges
                .map(|range| format!("{:#x}+{:#x}", range.address, range.len))
                .collect();
            let (count, ranges_all) = (bytes.count, bytes.range_count);
            format!(
                "{what}: {count} bytes in {ranges_all}: {}",
                ranges.join(" ")
            )
        }
    }
}

/// Replaces a part of the whole recipe, and says what the objects then differ in.
fn check(from: &str, to: &str, expected: &[&str]) {
    assert!(WHOLE.contains(from), "{from}");
    let mut left = build(WHOLE).unwrap();
    let mut right = build(&WHOLE.replacen(from, to, 1)).unwrap();
    assert_eq!(told(&mut left, &mut right), expected, "{from} -> {to}");
    let back = told(&mut right, &mut left);
    assert_eq!(back.len(), expected.len(), "{back:?}");
}

#[test]
fn the_same_differs_in_nothing() {
    let mut object = build(WHOLE).unwrap();
    assert_eq!(compare(&mut object.clone(), &mut object).unwrap(), []);
    for stations in [&[][..], &[1]] {
        let bytes = sealed(&object, stations);
        let mut image = open(&bytes, Some(&station(1))).unwrap();
        assert_eq!(compare(&mut image, &mut object).unwrap(), []);
    }
    let mut other = build(&WHOLE.replace("4000", "5000")).unwrap();
    let bytes = sealed(&object, &[1]);
    let mut image = open(&bytes, Some(&station(1))).unwrap();
    let of_image = compare(&mut image, &mut other).unwrap();
    assert_eq!(of_image, compare(&mut object, &mut other).unwrap());
    assert!(of_image.len() > 1);
}

#[test]
fn each_field_is_told_by_its_name() {
    check(
        "clock_khz: 4000",
        "clock_khz: 4001",
        &["link, clock: 4000 kHz -> 4001 kHz"],
    );
    check(
        "clock_khz: 4000, ",
        "",
        &["link, clock: 4000 kHz -> the device's"],
    );
    check(
        "under_reset",
        "normal",
        &["link, connect: under_reset -> normal"],
    );
    check(
        "reset: hardware",
        "reset: none",
        &["link, reset: hardware -> none"],
    );
    check(
        "voltage_mv: 3300, ",
        "",
        &["power, voltage: 3300 mV -> any"],
    );
    check(
        "settle_ms: 1",
        "settle_ms: 3",
        &["power, settle: 1 ms -> 3 ms"],
    );
    check("off_ms: 2", "off_ms: 3", &["power, off: 2 ms -> 3 ms"]);
    check("after: off", "after: keep", &["power, after: off -> keep"]);
    check(
        "address: 0x1000, after_tests: true",
        "address: 0x1000",
        &["payload `a`, after tests: yes -> no"],
    );
    check(
        "on_fail: burn",
        "on_fail: give_back",
        &["serial `sn`, on fail: burn -> give_back"],
    );
    check(
        "0x3000, encoding: ascii(len: 8, fill: 0x20), into: \"a\"",
        "0x3004, encoding: ascii(len: 8, fill: 0)",
        &[
            "serial `sn`, address: 0x00003000 -> 0x00003004",
            "serial `sn`, encoding: ascii, 8 bytes, filled with 0x20 -> ascii, 8 bytes, filled with 0x00",
            "serial `sn`, into: a -> its own step",
        ],
    );
    check(
        "\"box\": (definition: \"box.ron\", address: 0x3010),",
        "",
        &[
            "- serial `box`, address: 0x00003010",
            "- serial `box`, encoding: raw",
            "- serial `box`, id: box",
            "- serial `box`, into: its own step",
            "- serial `box`, length: 2 bytes",
            "- serial `box`, on fail: give_back",
            "- serial `box`, over: no",
            "- serial `box`, positions: A-Z, A-Z",
            "- serial `box`, values: supplied",
            "- serial `box`, values a unit: 1",
        ],
    );
    check(
        "len: 4, source: value",
        "len: 5, source: station",
        &[
            "data `lot`, length: 4 bytes -> 5 bytes",
            "data `lot`, source: value -> station",
        ],
    );
    check(
        "len: 40, source: uid(sha256)",
        "len: 40, source: uid(raw)",
        &["data `bind`, source: uid, sha256 -> uid, raw"],
    );
    check(
        "%Y%m%d",
        "%d%m%Y",
        &["data `made`, source: date \"%Y%m%d\" -> date \"%d%m%Y\""],
    );
    check(
        "\"trim\")",
        "\"trm\")",
        &["data `trim`, source: result `trim` of test `ram` -> result `trm` of test `ram`"],
    );
    check(
        "max: 50",
        "max: 49",
        &[
            "barcode: `S`, `N`, `-`, 0-9, 0-9, A-Z; ranges: 2 digits from 3: 0 to 50 -> `S`, `N`, `-`, 0-9, 0-9, A-Z; ranges: 2 digits from 3: 0 to 49",
        ],
    );
    check(
        "args: [1, 2]",
        "args: [1]",
        &["test `ram`, arguments: 1, 2 -> 1"],
    );
    check(
        "timeout_ms: 2000",
        "timeout_ms: 2001",
        &["test `ram`, time-out: 2000 ms -> 2001 ms"],
    );
    check(", load: flash", "", &["test `mail`, load: flash -> ram"]);
    check(
        "0x2000_0400",
        "0x2000_0404",
        &["test `mail`, via: mailbox at 0x20000400 -> mailbox at 0x20000404"],
    );
    check(
        "name: \"mail\"",
        "name: \"post\"",
        &[
            "- test `mail`, arguments: none",
            "- test `mail`, load: flash",
            "- test `mail`, payload: t",
            "- test `mail`, time-out: 5000 ms",
            "- test `mail`, via: mailbox at 0x20000400",
            "+ test `post`, arguments: none",
            "+ test `post`, load: flash",
            "+ test `post`, payload: t",
            "+ test `post`, time-out: 5000 ms",
            "+ test `post`, via: mailbox at 0x20000400",
            "tests: ram, mail -> ram, post",
        ],
    );
}

#[test]
fn definitions_behind_a_recipe_are_compared() {
    let with = |file: &str, text: &str| build_with(WHOLE, &[(file, text.as_bytes())]).unwrap();
    let mut left = build(WHOLE).unwrap();
    let counter = r#"(id: "sn", values: counter(positions: [constant("A"), numeric(3)], start: "A100", step: 2, direction: up))"#;
    assert_eq!(
        told(&mut left, &mut with("sn.ron", counter)),
        [
            "serial `sn`, step: 1 -> 2",
            "serial `sn`, values: \"A000\" to \"A999\" -> \"A100\" to \"A999\"",
        ]
    );
    let found = told(
        &mut left,
        &mut with("macs.csv", "box,a\n1,001122334455\n2,001122334456\n"),
    );
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("serial `mac`, values: list of 3, "),
        "{found:?}"
    );
}

#[test]
fn scripts_are_compared_by_lines() {
    let of = |script: &str, module: Option<&str>| {
        let modules = module.map_or("", |_| r#", modules: ["m.rhai"]"#);
        let module = module.unwrap_or_default().as_bytes();
        let files = [("main.rhai", script.as_bytes()), ("m.rhai", module)];
        build_with(
            &format!(
                "settings: {{ \"s\": {:?} }}{modules}",
                script.len().to_string()
            ),
            &files,
        )
        .unwrap()
    };
    let mut left = of("a\nb\nc\n", Some("x\n"));
    let mut right = of("a\nx\nc\nd\n", Some("x\ny"));
    let expected = [
        "setting `s`: \"6\" -> \"8\"",
        "script: -1 +2 lines",
        "module `m.rhai`: -0 +1 lines",
    ];
    assert_eq!(told(&mut left, &mut right), expected);
    let mut none = of("a\nb\nc\n", None);
    assert_eq!(told(&mut left, &mut none), ["- module `m.rhai`: there"]);
}

#[test]
fn payloads_are_compared_at_their_addresses() {
    let of = |address: u64, bytes: &[u8]| {
        let fields = format!(r#"payloads: {{ "a": (file: "p", address: {address:#x}) }}"#);
        build_with(&fields, &[("p", bytes)]).unwrap()
    };
    let base = [7_u8; 0x1_8000];
    let changed = |places: &[usize]| {
        let mut bytes = base.to_vec();
        places.iter().for_each(|at| bytes[*at] ^= 1);
        of(0x0, &bytes)
    };
    let mut left = of(0x0, &base);
    for (mut right, expected) in [
        (changed(&[5]), "payload `a`: 1 bytes in 1: 0x5+0x1"),
        // Across two pieces that are read apart.
        (
            changed(&[0xFFFE, 0xFFFF, 0x1_0000, 0x1_7FFF]),
            "payload `a`: 4 bytes in 2: 0xfffe+0x3 0x17fff+0x1",
        ),
        (of(0, &base[1..]), "payload `a`: 1 bytes in 1: 0x17fff+0x1"),
        (of(2, &base[2..]), "payload `a`: 2 bytes in 1: 0x0+0x2"),
        (
            of(4, &base),
            "payload `a`: 8 bytes in 2: 0x0+0x4 0x18000+0x4",
        ),
    ] {
        let found = told(&mut left, &mut right);
        assert_eq!(found, [expected]);
        assert_eq!(told(&mut right, &mut left), found, "either way");
    }
    let scattered: Vec<usize> = (0..100)
        .flat_map(|index| [index * 10, index * 10 + 1])
        .collect();
    let differences = compare(&mut left, &mut changed(&scattered)).unwrap();
    let bytes = differences.iter().find_map(|it| match &it.change {
        Change::Bytes(bytes) => Some(bytes),
        _ => None,
    });
    let bytes = bytes.unwrap();
    assert_eq!(
        (bytes.count, bytes.range_count, bytes.ranges.len()),
        (200, 100, 64)
    );
    assert_eq!(bytes.first_address(), Some(0));
    assert_eq!(
        bytes.ranges[63].len, 2,
        "what is not listed does not lengthen the last one"
    );
}
