//! Everything that is wrong with a device file, at once and with its place.
#![allow(clippy::unwrap_used)]

use imprint_device::Device;
use std::path::Path;

/// A real description with some texts replaced.
fn changed(replaced: &[(&str, &str)]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("plugins/template-rust/devices/A1.ron");
    let mut text = std::fs::read_to_string(path).unwrap();
    for (from, to) in replaced {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    text
}

/// Checks code, text at the place, and a part of the message of each mistake.
fn check(replaced: &[(&str, &str)], expect: &[(&str, &str, &str)]) {
    let text = changed(replaced);
    let mistakes = Device::inspect("a.ron", &text).err().unwrap_or_default();
    let told: Vec<String> = mistakes.iter().map(|it| it.error.to_string()).collect();
    assert_eq!(mistakes.len(), expect.len(), "{replaced:?}: {told:#?}");
    for (mistake, (code, at, part)) in mistakes.iter().zip(expect) {
        let message = mistake.error.to_string();
        assert_eq!(mistake.error.code(), *code, "{message}");
        assert!(message.contains(part), "{part}: {message}");
        let line = text.lines().nth(mistake.line - 1).unwrap();
        let found: String = line.chars().skip(mistake.column - 1).collect();
        assert!(found.starts_with(at), "{at}: {found}");
    }
}

#[test]
fn a_sound_description_has_none() {
    check(&[], &[]);
    assert!(
        Device::inspect("a.ron", &changed(&[]))
            .unwrap()
            .file_sha256
            .is_some()
    );
}

#[test]
fn all_mistakes_of_form_are_told() {
    check(
        &[
            ("vendor: \"ACME\"", "vendr: \"AC, (ME\""),
            ("core: CortexM0Plus", "core: CortexM7"),
            ("unit_len: 4,", ""),
            ("len: 0x2000)", "len: 0x2000, colour: [(1, 2)])"),
            ("dpidr: 0x0BC1_1477,", ""),
        ],
        &[
            ("IMP-6001", "vendr", "Unexpected field named `vendr`"),
            ("IMP-6001", "CortexM7", "CortexM0Plus"),
            ("IMP-6001", ")", "Unexpected missing field named `unit_len`"),
            ("IMP-6001", "colour", "`colour`"),
            ("IMP-6001", ")", "`dpidr`"),
            ("IMP-6001", ")", "`vendor`"),
        ],
    );
    // What is no RON ends it.
    check(
        &[("vendor:", "vendr:"), ("uid: Some((", "uid: Some((((")],
        &[("IMP-6001", "vendr", "`vendr`"), ("IMP-6001", "", "")],
    );
    check(
        &[("name: \"A1\"", "name: 5")],
        &[("IMP-6001", "", "string")],
    );
}

#[test]
fn all_contradictions_are_told() {
    check(
        &[
            ("len: 0x1_0000,", "len: 0x1_0001,"),
            ("unit_len: 4,", "unit_len: 3,"),
            ("name: \"factory\"", "name: \"ram\""),
            ("start: 0x1FF0_1000", "start: 0x1FF0_0200"),
            (
                "uid: Some((address: 0x1FF0_0004",
                "uid: Some((address: 0x3000_0000",
            ),
        ],
        &[
            (
                "IMP-6002",
                "Some((",
                "memory `flash`: its sectors have 0x10000 bytes",
            ),
            (
                "IMP-6002",
                "Some((",
                "memory `flash`: a sector must be a whole number",
            ),
            ("IMP-6002", "\"ram\"", "memory `ram` is described twice"),
            (
                "IMP-6002",
                "0x1FF0_0200",
                "memories `ram` and `lock` overlap",
            ),
            ("IMP-6002", "0x3000_0000", "lies in no memory"),
        ],
    );
    check(
        &[
            ("kind: Ram", "kind: Factory"),
            ("sources: [", "file_sha256: Some(\"\"), sources: ["),
        ],
        &[
            ("IMP-6002", "[", "it has no RAM"),
            ("IMP-6002", "Some(", "`file_sha256`"),
        ],
    );
}

#[test]
fn a_text_that_is_something_else_ends() {
    for text in ["", "(", "Device(", "{}", "\u{feff}", "é"] {
        assert!(Device::inspect("a.ron", text).is_err(), "{text}");
    }
    // Thousands of contradictions are no more than some: each would cost a walk through the text.
    let memory = "(name: \"r\", kind: Ram, start: 0, len: 0),".repeat(4000);
    let many = changed(&[("memories: [", &format!("memories: [{memory}"))]);
    assert_eq!(Device::inspect("a.ron", &many).unwrap_err().len(), 32);
    let long = "x".repeat(300 << 10);
    assert_eq!(
        Device::inspect("a.ron", &long).unwrap_err()[0].error.code(),
        "IMP-6000"
    );
}
