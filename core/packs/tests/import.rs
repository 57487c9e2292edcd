//! Packs, flash algorithms and target descriptions become devices; what is damaged is refused with its code.
#![allow(clippy::unwrap_used, clippy::panic)]

use imprint_device::{Algorithm, Core, Device, MemoryKind};
use imprint_packs::{Choice, Imported, import, names};
use std::io::{Cursor, Write};
use zip::{ZipWriter, write::SimpleFileOptions};

/// Our own flash algorithm for an nRF52 (tests/firmware/src/flm_nrf52.c).
const FLM: &[u8] = include_bytes!("../../../tests/firmware/out/own_nrf52.FLM");

/// The package description of a family of parts that does not exist.
const PDSC: &str = include_str!("fixtures/x5.pdsc");

fn pack(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn example() -> Vec<u8> {
    pack(&[
        ("Example.X5_DFP.pdsc", PDSC.as_bytes()),
        ("Flash/own_nrf52.FLM", FLM),
    ])
}

fn device(name: &str) -> Choice {
    Choice {
        device: Some(name.into()),
        ..Choice::default()
    }
}

fn memories(imported: &Imported) -> Vec<(&str, MemoryKind, u64, u64)> {
    let memories = imported.device.memories.iter();
    memories
        .map(|it| (it.name.as_str(), it.kind, it.start, it.len))
        .collect()
}

#[test]
fn the_parts_of_a_pack() {
    let found = names("x.pack", &example()).unwrap();
    assert_eq!(
        found,
        ["X5201", "X5202-A", "X5202-B", "X5900", "../../evil"]
    );
}

#[test]
fn a_part_of_a_pack() {
    let imported = import("x.pack", &example(), &device("X5201")).unwrap();
    assert_eq!(
        memories(&imported),
        [
            ("ram", MemoryKind::Ram, 0x2000_0000, 0x1_0000),
            ("flash", MemoryKind::Flash, 0, 0x8_0000),
            ("factory", MemoryKind::Factory, 0x1200_0000, 0x1000),
        ]
    );
    let flash = imported.device.main_flash().unwrap().nor.as_ref().unwrap();
    assert_eq!(
        (flash.sectors[0].len, flash.sectors[0].count),
        (0x1000, 128)
    );
    assert_eq!(imported.device.vendor, "Example");
    assert_eq!(imported.device.core, Core::CortexM4);
    assert_eq!(imported.device.sources, ["CMSIS-Pack Example.X5_DFP 1.2.3"]);
    // What was not said is told.
    let notes = imported.notes.join("\n");
    for part in ["`EXT` at 0x12000000", "the family is", "are assumed"] {
        assert!(notes.contains(part), "{notes}");
        assert!(imported.text.contains(part), "{}", imported.text);
    }
}

#[test]
fn variants_inherit_and_add() {
    let imported = import("x.pack", &example(), &device("X5202-B")).unwrap();
    assert_eq!(
        memories(&imported),
        [
            ("ram", MemoryKind::Ram, 0x1000_0000, 0x800),
            ("iram1", MemoryKind::Ram, 0x2000_0000, 0x1_0000),
            ("flash", MemoryKind::Flash, 0, 0x4_0000),
        ]
    );
    // The algorithm serves more than the part has.
    let flash = imported.device.main_flash().unwrap().nor.as_ref().unwrap();
    assert_eq!((flash.sectors[0].len, flash.sectors[0].count), (0x1000, 64));
}

/// The file of the algorithm is the code of the FLM, with the entry points where the symbols are.
#[test]
fn the_algorithm_of_a_pack() {
    let imported = import("x.pack", &example(), &device("X5201")).unwrap();
    let [file] = &imported.algorithms[..] else {
        panic!("{:?}", imported.algorithms)
    };
    assert_eq!(file.file, "own_nrf52.algorithm.ron");
    let reference = &imported.device.algorithms[0];
    assert_eq!(reference.file.as_ref(), Some(&file.file));
    let algorithm = Algorithm::parse_file(&file.file, &file.text, reference).unwrap();
    assert_eq!(algorithm.code.len(), 0xDC);
    assert_eq!(algorithm.data_section, 0xD8);
    assert_eq!(algorithm.init, Some(0x11));
    assert_eq!(algorithm.uninit, Some(0x1D));
    assert_eq!((algorithm.range_start, algorithm.range_end), (0, 0x8_0000));
    assert_eq!(
        (algorithm.page_len, algorithm.program_timeout_ms),
        (1024, 500)
    );
    assert_eq!(algorithm.erase_timeout_ms, 1000);
    assert!(algorithm.erase_all.is_some() && algorithm.verify.is_none());
}

#[test]
fn a_flash_algorithm_alone() {
    let choice = Choice {
        core: Some(Core::CortexM4),
        ram: Some(0x2000_0000..0x2000_4000),
        ..device("MINE")
    };
    let imported = import("d/own_nrf52.FLM", FLM, &choice).unwrap();
    assert_eq!(
        memories(&imported),
        [
            ("ram", MemoryKind::Ram, 0x2000_0000, 0x4000),
            ("flash", MemoryKind::Flash, 0, 0x8_0000),
        ]
    );
}

/// A target description of one of them: another way to say the same.
const YAML: &str = include_str!("fixtures/x5.yaml");

#[test]
fn a_target_description() {
    let text = YAML;
    assert_eq!(names("x.yaml", text.as_bytes()).unwrap(), ["X5201"]);
    // The only one need not be named.
    let imported = import("x.yaml", text.as_bytes(), &Choice::default()).unwrap();
    assert_eq!(
        memories(&imported),
        [
            ("ram", MemoryKind::Ram, 0x2000_0000, 0x1_0000),
            ("flash", MemoryKind::Flash, 0, 0x6000),
        ]
    );
    let sectors = &imported
        .device
        .main_flash()
        .unwrap()
        .nor
        .as_ref()
        .unwrap()
        .sectors;
    let sectors: Vec<_> = sectors.iter().map(|run| (run.len, run.count)).collect();
    assert_eq!(sectors, [(0x800, 4), (0x2000, 2)]);
    assert_eq!(imported.device.vendor, "Nordic VLSI ASA");
}

/// What a known device has and the file does not say.
#[test]
fn like_a_known_device() {
    let text = include_str!("../../../devices/nRF52832_xxAA.ron");
    let like = Device::parse("nRF52832_xxAA.ron", text).unwrap();
    let choice = Choice {
        like: Some(like.clone()),
        ..device("X5201")
    };
    let imported = import("x.pack", &example(), &choice).unwrap();
    assert_eq!(imported.device.family, like.family);
    assert_eq!(imported.device.uid, like.uid);
    assert_eq!(imported.device.properties, like.properties);
    assert_eq!(imported.device.twin, like.twin);
    assert!(imported.device.memory("uicr").is_some());
    assert!(!imported.notes.join("\n").contains("assumed"));
}

fn check_refused(bytes: &[u8], choice: &Choice, code: &str, expect: &str) {
    let error = import("x", bytes, choice).unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().contains(expect), "{expect:?}: {error}");
}

#[test]
fn what_is_refused() {
    let one = device("X5201");
    check_refused(b"hello", &one, "IMP-6020", "a text without `variants`");
    check_refused(&[0xFF; 64], &one, "IMP-6020", "is no text");
    check_refused(b"PK\x03\x04", &one, "IMP-6021", "");
    let empty = pack(&[("a.txt", b"")]);
    check_refused(&empty, &one, "IMP-6021", "it has 0 descriptions");
    let two = pack(&[("a.pdsc", PDSC.as_bytes()), ("b.pdsc", PDSC.as_bytes())]);
    check_refused(&two, &one, "IMP-6021", "it has 2 descriptions");
    let without = pack(&[("a.pdsc", PDSC.as_bytes())]);
    check_refused(&without, &one, "IMP-6021", "no file `Flash/own_nrf52.FLM`");
    for (from, to, expect) in [
        ("<package", "<box><package", ""),
        ("</package>", "", "never closed"),
        (
            "size=\"0x10000\"",
            "size=\"much\"",
            "line 8, column 7: `size` is `much`",
        ),
        (
            "start=\"0x20000000\" size",
            "start=\"0xFFFFFFFF\" size",
            "32-bit",
        ),
        ("id=\"IRAM1\"", "", "neither `id` nor `name`"),
    ] {
        let text = PDSC.replacen(from, to, 1);
        let bad = pack(&[("a.pdsc", text.as_bytes()), ("Flash/own_nrf52.FLM", FLM)]);
        check_refused(&bad, &one, "IMP-6021", expect);
    }
    let other = pack(&[("a.pdsc", b"<box/>")]);
    check_refused(
        &other,
        &one,
        "IMP-6021",
        "begins with `box`, expected `package`",
    );
    check_refused(&FLM[..400], &one, "IMP-6022", "");
    check_refused(b"\x7FELF", &one, "IMP-6022", "");
    check_refused(
        YAML.replace("0x20010000", "much").as_bytes(),
        &one,
        "IMP-6023",
        "line",
    );
    check_refused(
        YAML.replace("armv7em", "riscv").as_bytes(),
        &one,
        "IMP-6028",
        "Riscv",
    );
    check_refused(&example(), &Choice::default(), "IMP-6025", "has 5 devices");
    check_refused(
        &example(),
        &device("X5301"),
        "IMP-6026",
        "no device `X5301`",
    );
    check_refused(FLM, &device("MINE"), "IMP-6027", "where the RAM is");
    check_refused(FLM, &Choice::default(), "IMP-6027", "");
    check_refused(&example(), &device("X5900"), "IMP-6028", "Cortex-M33");
    check_refused(
        &example(),
        &device("../../evil"),
        "IMP-6029",
        "cannot be the name of a file",
    );
}

/// What cost gigabytes or minutes: small files that say one thing very often.
#[test]
fn what_costs_more_than_its_length() {
    let one = device("X5201");
    let attributes: String = (0..2000).map(|it| format!(" a{it}=\"\"")).collect();
    let memory = |it: u32| format!("<memory id=\"IRAM{it}\" start=\"{it}\" size=\"1\"/>");
    let memories: String = (0..70).map(memory).collect();
    let devices = "<device Dname=\"A\"/>".repeat(9000);
    let thirty: String = (0..30).map(memory).collect();
    for (into, expect) in [
        (format!("<family{attributes}>"), "a tag has"),
        (format!("<family>{memories}"), "too many memories"),
        (
            format!("<family>{thirty}{devices}"),
            "memories and algorithms together",
        ),
    ] {
        let text = PDSC.replacen("<family Dfamily=\"X5\" Dvendor=\"Example:42\">", &into, 1);
        let bad = pack(&[("a.pdsc", text.as_bytes()), ("Flash/own_nrf52.FLM", FLM)]);
        check_refused(&bad, &one, "IMP-6021", expect);
    }
    let deep = format!("variants: {}", "[".repeat(100_000));
    check_refused(deep.as_bytes(), &one, "IMP-6023", "nested deeper");
    let long = format!("variants:\n{}", "- {}\n".repeat(300_000));
    check_refused(long.as_bytes(), &one, "IMP-6023", "lines");
    let often = YAML.replace("  - uneven\n", &"  - uneven\n".repeat(100_000));
    assert_eq!(
        import("x", often.as_bytes(), &one)
            .unwrap()
            .algorithms
            .len(),
        1
    );
    let name = "X".repeat(300);
    let named = YAML.replace("X5201", &name);
    check_refused(
        named.as_bytes(),
        &device(&name),
        "IMP-6029",
        "name of a file",
    );
}

/// Two algorithms of one name overwrote each other; one at the top of its pack was named after the pack.
#[test]
fn algorithms_wherever_they_lie() {
    let text = PDSC
        .replacen("Flash\\own_nrf52.FLM", "own_nrf52.FLM", 1)
        .replacen(
            "Flash/other.FLM\" start=\"0\" size=\"0x80000\" default=\"0\"",
            "Flash/own_nrf52.FLM\" default=\"1\"",
            1,
        );
    let both = pack(&[
        ("a.pdsc", text.as_bytes()),
        ("own_nrf52.FLM", FLM),
        ("Flash/own_nrf52.FLM", FLM),
    ]);
    let imported = import("x.pack", &both, &device("X5201")).unwrap();
    assert_eq!(imported.algorithms[0].file, "own_nrf52.algorithm.ron");
    let notes = imported.notes.join("\n");
    assert!(
        notes.contains("algorithm `own_nrf52-2` is left out"),
        "{notes}"
    );
}

/// No byte of a foreign file may make the import panic or take its time.
#[test]
fn damage_ends_in_an_error_or_a_sound_device() {
    let pack = example();
    let yaml = YAML.as_bytes().to_vec();
    let choice = Choice {
        core: Some(Core::CortexM4),
        ram: Some(0x2000_0000..0x2000_4000),
        ..device("X5201")
    };
    let mut sound = 0;
    for whole in [FLM, &pack, &yaml] {
        for step in 0..400 {
            let at = step * 7919 % whole.len();
            let mut bytes = whole.to_vec();
            bytes[at] ^= 1 << (step % 8);
            sound += usize::from(import("x", &bytes, &choice).is_ok());
            let _ = import("x", &whole[..at], &choice);
        }
    }
    assert!(sound > 0);
}
