//! Objects: reproducible, strict, and refused where the recipe does not fit the device.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use imprint_image::{
    object::Object,
    recipe::{MemorySources, Recipe},
    write::{Access, AtomicFile, write_atomic},
};
use proptest::prelude::*;
use std::io::Write;
use support::{ELF, HEX, SREC, build, device, object};

#[test]
fn an_object_gives_back_what_went_in() {
    let object = object();
    let again = Object::from_bytes(object.to_bytes().to_vec()).unwrap();
    assert_eq!(again, object);
    assert_eq!(object.script(), "fn main(unit) {}");
    assert_eq!(object.module("lib/a.rhai"), Some("fn a() {}"));
    assert_eq!(object.module("lib/b.rhai"), None);
    assert_eq!(object.device().unwrap(), device());
    assert_eq!(
        object.contents().modules().collect::<Vec<_>>(),
        ["lib/a.rhai"]
    );
    assert_eq!(object.contents().settings["batch"].as_str(), "7");
    let payload = object.payload("firmware").unwrap();
    let shape: Vec<_> = payload
        .iter()
        .map(|(address, data)| (*address, data.len()))
        .collect();
    assert_eq!(shape, [(0, 0x58), (0x80, 0x18)]);
    assert!(object.payload("none").is_none());
}

/// The id of the test object. It changes only when the format does, and then on purpose.
#[test]
fn the_same_inputs_give_the_same_bytes_on_any_machine() {
    let id = "0f879eaecd13cf9cd34b2ad7c0ecf7f819965c0004e2b3ac45facb0fa4edc75a";
    assert_eq!(object().id().to_string(), id);
}

#[test]
fn nothing_of_the_machine_gets_in_and_formats_differ_only_in_the_input_hash() {
    let of = |file: &str, bytes: &[u8]| {
        build(
            &format!(r#""firmware": Payload(file: "{file}")"#),
            "",
            &[(file, bytes)],
        )
        .unwrap()
    };
    let elf = of("a/firmware.elf", ELF);
    let mut other = of("other.name", ELF).contents().clone();
    assert_ne!(
        other.input("recipe"),
        elf.contents().input("recipe"),
        "the recipe names another path"
    );
    other.inputs.clone_from(&elf.contents().inputs);
    assert_eq!(&other, elf.contents(), "no path is in the object");
    for (file, bytes) in [("x.hex", HEX.as_bytes()), ("x.srec", SREC.as_bytes())] {
        let other = of(file, bytes);
        assert_ne!(other.id(), elf.id());
        let mut contents = other.contents().clone();
        let entry = contents.payloads.values_mut().next().unwrap();
        entry.input_sha256 = elf.contents().payloads["firmware"].input_sha256;
        contents.inputs.clone_from(&elf.contents().inputs);
        assert_eq!(&contents, elf.contents(), "{file}");
        assert_eq!(other.payload("firmware"), elf.payload("firmware"), "{file}");
    }
}

#[test]
fn every_flipped_bit_every_cut_and_every_addition_is_refused() {
    let bytes = object().to_bytes().to_vec();
    for index in 0..bytes.len() {
        for bit in 0..8 {
            let mut bytes = bytes.clone();
            bytes[index] ^= 1 << bit;
            assert!(
                Object::from_bytes(bytes).is_err(),
                "byte {index}, bit {bit}"
            );
        }
        assert!(
            Object::from_bytes(bytes[..index].to_vec()).is_err(),
            "{index}"
        );
    }
    let error = Object::from_bytes([bytes, vec![0]].concat()).unwrap_err();
    assert_eq!(error.code(), "IMP-1062");
    assert_eq!(
        Object::from_bytes(b"rubbish".to_vec()).unwrap_err().code(),
        "IMP-1060"
    );
}

/// Builds with raw payloads given as `(name, address, len, window)`.
fn check_place(payloads: &[(&str, u64, usize, bool)], rights: &str, code: &str, message: &str) {
    let mut text = String::new();
    let mut files = Vec::new();
    let data: Vec<Vec<u8>> = payloads.iter().map(|it| vec![0; it.2]).collect();
    for ((name, address, _, window), data) in payloads.iter().zip(&data) {
        text += &format!(
            "{name:?}: Payload(file: {name:?}, address: {address:#x}, window: {window}), "
        );
        files.push((*name, &data[..]));
    }
    match build(&text, rights, &files) {
        Ok(_) => assert_eq!(code, "", "{payloads:?}"),
        Err(error) => {
            assert_eq!((error.code(), error.to_string().as_str()), (code, message));
            assert!(error.help().is_some());
        }
    }
}

#[test]
fn payloads_must_lie_in_memories_they_may_write() {
    let one = |address, len| [("a", address, len, false)];
    check_place(&one(0, 0x10000), "", "", "");
    check_place(&one(0xFF00, 0x200), "", "", "");
    check_place(&one(0x0800_0000, 0x10000), "", "", "");
    check_place(&one(0x2000_0000, 16), "", "", "");
    check_place(
        &one(0x1FFFF, 2),
        "",
        "IMP-1042",
        "payload `a`: X1 has no memory at 0x00020000",
    );
    check_place(
        &one(0x0800_FFFF, 2),
        "",
        "IMP-1042",
        "payload `a`: X1 has no memory at 0x08010000",
    );
    check_place(
        &one(0x4000_0000, 1),
        "",
        "IMP-1042",
        "payload `a`: X1 has no memory at 0x40000000",
    );
    check_place(
        &one(0x1000_0000, 4),
        "",
        "IMP-1043",
        "payload `a`: the memory `factory` at 0x10000000 was written by the factory and is read-only",
    );
    check_place(
        &one(0x1000_1208, 4),
        "one_time",
        "IMP-1044",
        "payload `a`: writing the memory `options` at 0x10001208 needs the right `option_bytes`",
    );
    check_place(&one(0x1000_1208, 4), "option_bytes", "", "");
    check_place(
        &one(0x1000_3000, 4),
        "option_bytes",
        "IMP-1044",
        "payload `a`: writing the memory `otp` at 0x10003000 needs the right `one_time`",
    );
    check_place(&one(0x1000_3000, 4), "one_time", "", "");
}

#[test]
fn the_nearest_memory_is_named() {
    let text = r#""a": Payload(file: "a", address: 0x20004000)"#;
    let error = build(text, "", &[("a", &[1])]).unwrap_err();
    let expected = "the nearest memory is `ram`, 0x20000000 to 0x20004000; check the linker script";
    assert_eq!(error.help().unwrap(), expected);
}

#[test]
fn payloads_must_not_overlap_unless_one_is_a_window() {
    let two = |address, window| [("a", 0x1000, 16, false), ("b", address, 16, window)];
    check_place(&two(0x1010, false), "", "", "");
    check_place(&two(0x0FF0, false), "", "", "");
    check_place(
        &two(0x100F, false),
        "",
        "IMP-1045",
        "payloads `a` and `b` both lie at 0x0000100f",
    );
    check_place(
        &two(0x0800_100F, false),
        "",
        "IMP-1045",
        "payloads `a` and `b` both lie at 0x0800100f",
    );
    check_place(&two(0x100F, true), "", "", "");
}

#[test]
fn files_that_cannot_be_used_stop_the_build() {
    let firmware = r#""f": Payload(file: "f")"#;
    for (files, code) in [
        (&[][..], "IMP-1030"),
        (&[("f", &b""[..])][..], "IMP-1001"),
        (&[("f", &b"no firmware"[..])][..], "IMP-1003"),
        (&[("f", &ELF[..200])][..], "IMP-1005"),
        (&[("f", ELF), ("main.rhai", b"fn \xFF")][..], "IMP-1040"),
        (
            &[("f", ELF), ("lib/a.rhai", &[b' '; (1 << 20) + 1])][..],
            "IMP-1033",
        ),
    ] {
        let error = build(firmware, "", files).expect_err(code);
        assert_eq!(error.code(), code, "{error}");
    }
    let recipe = r#"Recipe(name: "n", device: "X2", script: "s")"#;
    let recipe = Recipe::parse("r", recipe).unwrap();
    let error = Object::build(&recipe, &MemorySources::default(), &device()).unwrap_err();
    assert_eq!(error.code(), "IMP-1041");
}

#[test]
fn a_file_is_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.sapobj");
    let count = || std::fs::read_dir(folder.path()).unwrap().count();
    write_atomic(&path, b"first").unwrap();
    let mut file = AtomicFile::create(&path, Access::Ordinary).unwrap();
    file.file().write_all(b"half of the sec").unwrap();
    drop(file);
    assert_eq!(
        (std::fs::read(&path).unwrap().as_slice(), count()),
        (&b"first"[..], 1)
    );
    write_atomic(&path, b"second").unwrap();
    assert_eq!(
        (std::fs::read(&path).unwrap().as_slice(), count()),
        (&b"second"[..], 1)
    );
    let file = AtomicFile::create(&path, Access::Ordinary).unwrap();
    assert_eq!(file.complete_new().unwrap_err().code(), "IMP-1092");
    assert_eq!(
        (std::fs::read(&path).unwrap().as_slice(), count()),
        (&b"second"[..], 1)
    );
    let error = write_atomic(&folder.path().join("none/x"), b"").unwrap_err();
    assert_eq!(error.code(), "IMP-1090");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let prefix = b"\x89IMO\r\n\x1a\n\x01\x00\x00\x00";
        let _ = Object::from_bytes([&prefix[..], &bytes].concat());
    }

    /// The hash of the directory would hide what is behind it, so it is made to fit.
    #[test]
    fn no_damaged_directory_makes_it_panic(index in 0usize..2000, value in any::<u8>()) {
        use sha2::{Digest, Sha256};
        let mut bytes = object().to_bytes().to_vec();
        let end = 48 + u32::from_le_bytes(bytes[12..16].try_into().unwrap()) as usize;
        let index = 48 + index % (end - 48);
        let same = bytes[index] == value;
        bytes[index] = value;
        let digest = Sha256::digest(&bytes[48..end]);
        bytes[16..48].copy_from_slice(&digest);
        let result = Object::from_bytes(bytes);
        prop_assert!(!same || result.is_ok());
    }
}
