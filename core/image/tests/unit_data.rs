//! What an object keeps of serial numbers and data, and what becomes of their values.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use imprint_device::Sectors;
use imprint_image::{
    object::Object,
    plan::EraseStrategy,
    recipe::{DateFormat, MemorySources, OnFail},
    serial::RawValue,
};
use sha2::{Digest, Sha256};
use std::{fs, path::Path};
use support::{
    device, open, sealed, station,
    unit_data::{COUNTER, MACS, MACS_CSV, SUPPLIED, WHOLE, build, build_with, recipe},
};

#[test]
fn an_object_keeps_all_of_it() {
    let object = build(WHOLE).unwrap();
    assert_eq!(
        build(WHOLE).unwrap(),
        object,
        "the same inputs, the same bytes"
    );
    let again = Object::from_bytes(object.to_bytes().to_vec()).unwrap();
    let contents = again.contents();
    let recipe = recipe(WHOLE).unwrap();
    assert_eq!((contents.link, contents.power), (recipe.link, recipe.power));
    assert_eq!(
        (&contents.barcode, &contents.tests),
        (&recipe.barcode, &recipe.tests)
    );
    assert!(contents.payloads["a"].after_tests && !contents.payloads["t"].after_tests);
    let sn = &contents.serials["sn"];
    assert_eq!((sn.value_len, sn.len(), sn.on_fail), (8, 8, OnFail::Burn));
    let value = sn.definition.value(42, &[]).unwrap();
    assert_eq!(sn.encode(&value).unwrap(), b"A042    ");
    let mac = &contents.serials["mac"];
    assert_eq!((mac.value_len, mac.len()), (6, 12), "two values a unit");
    let list = again.list("mac").unwrap();
    assert_eq!(mac.definition.count(), Some(3));
    let value = mac.definition.value(1, list.values()).unwrap();
    assert_eq!(
        mac.encode(&value).unwrap(),
        [0, 0x11, 0x22, 0x33, 0x44, 0x56]
    );
    assert_eq!(
        mac.definition.index_of("001122334457", list.values()),
        Some(2)
    );
    assert_eq!((again.list("sn"), again.list("none")), (None, None));
    let roles: Vec<&str> = contents.inputs.iter().map(|it| it.role.as_str()).collect();
    assert_eq!(
        roles,
        [
            "device",
            "list/mac",
            "payload/a",
            "payload/t",
            "recipe",
            "script",
            "serial/box",
            "serial/mac",
            "serial/sn"
        ]
    );
    let device = include_bytes!("fixtures/device.ron");
    for (role, file) in [
        ("list/mac", MACS_CSV.as_bytes()),
        ("serial/sn", COUNTER.as_bytes()),
        ("device", device),
    ] {
        assert_eq!(
            contents.input(role).unwrap()[..],
            Sha256::digest(file)[..],
            "{role}"
        );
    }
}

#[test]
fn a_sealed_object_gives_the_same() {
    let object = build(WHOLE).unwrap();
    for stations in [&[][..], &[1]] {
        let bytes = sealed(&object, stations);
        let mut image = open(&bytes, Some(&station(1))).unwrap();
        assert_eq!(image.object(), object.contents());
        assert_eq!(image.plan().unwrap(), object.plan().unwrap());
        assert_eq!(image.list("mac").unwrap(), object.list("mac"));
        assert_eq!(image.list("sn").unwrap(), None);
    }
}

/// What is programmed for a value, or the start of the refusal.
fn check_data(name: &str, value: RawValue, expected: Result<&[u8], &str>) {
    let object = build(WHOLE).unwrap();
    let found = object.contents().data[name].encode(&value);
    match (&found, expected) {
        (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{name} {value:?}"),
        (Err(error), Err(expected)) => assert!(error.to_string().starts_with(expected), "{error}"),
        _ => panic!("{name} {value:?}: {found:?}, expected {expected:?}"),
    }
}

#[test]
fn data_fills_its_window() {
    let text = |text: &str| RawValue::Text(text.into());
    let uid = || RawValue::Bytes(vec![1, 2, 3, 4]);
    check_data("lot", text("ab"), Ok(b"ab\xFF\xFF"));
    check_data("lot", text("0x0102"), Ok(&[1, 2, 0xFF, 0xFF]));
    check_data("lot", text("hex:AbCd"), Ok(&[0xAB, 0xCD, 0xFF, 0xFF]));
    check_data(
        "lot",
        text("0x012"),
        Err("expected pairs of hexadecimal digits"),
    );
    check_data(
        "lot",
        text("abcde"),
        Err("expected at most 4 bytes of data, found 5"),
    );
    check_data("label", text("0x01"), Ok(b"0x01"));
    check_data("label", text("a"), Ok(b"a\0\0\0"));
    check_data("label", text("äa"), Err("expected printable ASCII"));
    let mut bind = Sha256::digest([1, 2, 3, 4]).to_vec();
    bind.extend([0xFF; 8]);
    check_data("bind", uid(), Ok(&bind));
    // python3 -c 'import zlib; print(hex(zlib.crc32(bytes([1,2,3,4]))))'
    check_data("crc", uid(), Ok(&0xB63C_FBCD_u32.to_le_bytes()));
    check_data("hex", uid(), Ok(b"01020304"));
    check_data(
        "hex",
        RawValue::Bytes(vec![0; 5]),
        Err("expected at most 8 characters"),
    );
    check_data("where", text("L1"), Ok(b"L1\0\0"));
    check_data("cal", RawValue::Bytes(vec![7; 8]), Ok(&[7; 8]));
    check_data("cal", text("0x01"), Ok(b"0x01\xFF\xFF\xFF\xFF"));
    check_data("trim", RawValue::Integer(-2), Ok(&[0xFE, 0xFF, 0xFF, 0xFF]));
    check_data("trim", text("300"), Ok(&[44, 1, 0, 0]));
    let object = build(WHOLE).unwrap();
    let data = &object.contents().data;
    assert_eq!(
        data["made"].encode_date(1_709_164_800).unwrap(),
        b"20240229"
    );
    assert!(data["lot"].encode_date(0).is_err());
}

#[test]
fn dates_are_the_calendars() {
    let check = |format: &str, seconds, expected: &str| {
        let format = DateFormat::try_from(format.to_owned()).unwrap();
        let text = format.text(seconds).unwrap();
        assert_eq!(text, expected);
        assert_eq!(format.text_len() as usize, expected.len());
    };
    // date -u -d @1735689599 '+%Y...'
    check("%Y-%m-%dT%H:%M:%SZ", 1_735_689_599, "2024-12-31T23:59:59Z");
    check("%y%j", 1_735_689_599, "24366");
    check("%GW%V-%u", 1_735_689_599, "2025W01-2");
    check("%Y%m%d", 0, "19700101");
    check("100%% %d", 951_782_400, "100% 29");
    check("%Y", 253_402_300_799, "9999");
    let year = DateFormat::try_from("%Y".to_owned()).unwrap();
    assert_eq!(
        (year.text(253_402_300_800), year.text(u64::MAX)),
        (None, None)
    );
    for bad in ["", "%", "%B", "%Y\n", "ä", &"x".repeat(65)] {
        assert!(DateFormat::try_from(bad.to_owned()).is_err(), "{bad:?}");
    }
}

#[test]
fn barcodes_pass_by_characters_and_by_one_range() {
    let rules = |ranges: &str| {
        let fields = format!(
            "barcode: (positions: [constant(\"SN-\"), numeric(2), upper, set(\"xy\")], ranges: [{ranges}])"
        );
        recipe(&fields).unwrap().barcode.unwrap()
    };
    let none = rules("");
    let two = rules("(from: 3, len: 2, min: 10, max: 20), (from: 4, len: 1, min: 9, max: 9)");
    for (text, passes, passes_two) in [
        ("SN-10Ax", true, true),
        ("SN-20Zy", true, true),
        ("SN-21Zy", true, false),
        ("SN-09Zy", true, true),
        ("SN-00Zy", true, false),
        ("SN-1aZy", false, false),
        ("SN-10Zz", false, false),
        ("SM-10Zx", false, false),
        ("SN-10Z", false, false),
        ("SN-10Zxx", false, false),
        ("SN-10Zä", false, false),
        ("", false, false),
    ] {
        assert_eq!(
            (none.matches(text), two.matches(text)),
            (passes, passes_two),
            "{text}"
        );
    }
    let said = two.check("SN-21Zy").unwrap_err().to_string();
    assert_eq!(
        said,
        "\"SN-21Zy\" is in none of the ranges: characters 3 to 4 within 10 to 20, or characters 4 to 4 within 9 to 9"
    );
    let said = two.check("SN-2").unwrap_err().to_string();
    assert_eq!(said, "expected 0-9 at character 5, found the end");
}

#[test]
fn the_plan_has_sectors_blocks_and_the_faster_way() {
    // From the end of one sector into the next two, with 0xFF throughout a block of its own.
    let mut bytes = vec![0xFF; 0x1010];
    bytes[0] = 1;
    bytes[0x100F] = 2;
    let fields = r#"payloads: { "a": (file: "p", address: 0x1FF8), "r": (file: "p", address: 0x2000_0000) },
        data: { "d": (address: 0x8000, len: 4, source: script), "e": (address: 0x0800_5000, len: 4, source: script, into: "a") }"#;
    let plan = |rights: &str| {
        let fields = format!("{fields}, rights: [{rights}]");
        build_with(&fields, &[("p", &bytes)])
            .unwrap()
            .plan()
            .unwrap()
    };
    let sectors = plan("");
    let [memory] = &sectors.memories[..] else {
        panic!()
    };
    let runs: Vec<_> = memory
        .erase
        .iter()
        .map(|run| (run.address, run.len))
        .collect();
    assert_eq!(runs, [(0x1000, 0x3000), (0x5000, 0x1000), (0x8000, 0x1000)]);
    assert_eq!(
        (memory.name.as_str(), memory.sectors_us, memory.all_us),
        ("flash", 5000, 1000)
    );
    assert_eq!(memory.strategy, EraseStrategy::Sectors);
    assert_eq!(plan("mass_erase").memories[0].strategy, EraseStrategy::All);
    let payload = &sectors.payloads["a"];
    let runs: Vec<_> = payload
        .erase
        .iter()
        .map(|run| (run.address, run.len))
        .collect();
    assert_eq!(runs, [(0x1000, 0x3000), (0x5000, 0x1000)]);
    let blocks: Vec<_> = payload
        .blocks
        .iter()
        .map(|it| (it.address, it.len, it.blank))
        .collect();
    assert_eq!(
        blocks,
        [
            (0x1FF8, 8, false),
            (0x2000, 0x1000, true),
            (0x3000, 8, false)
        ]
    );
    // python3 -c 'import zlib; print(hex(zlib.crc32(b"\xff" * 4096)))'
    assert_eq!(payload.blocks[1].crc32, 0xF154_670A);
    let in_ram = &sectors.payloads["r"];
    assert!(in_ram.erase.is_empty() && in_ram.blocks.iter().all(|block| !block.blank));
}

#[test]
fn the_plan_counts_each_sector_with_its_own_time() {
    let recipe = recipe(r#"payloads: { "a": (file: "p", address: 0x2000) }"#).unwrap();
    let sources = MemorySources(
        [("main.rhai", "fn main(unit) {}"), ("p", "12345")]
            .map(|(path, text)| (path.to_string(), text.as_bytes().to_vec()))
            .into(),
    );
    let mut frozen = device();
    let nor = frozen.device.memories[0].nor.as_mut().unwrap();
    let run = |len, count, erase_us| Sectors {
        len,
        count,
        erase_us,
    };
    nor.sectors = vec![
        run(0x1000, 3, None),
        run(0x5000, 1, Some(4000)),
        run(0x4000, 2, Some(9000)),
    ];
    for (address, len, expect) in [
        (0x2000, 5, 1000),
        (0x2FFF, 5, 5000),
        (0x3000, 5, 4000),
        (0x0000, 0x8000, 7000),
        (0x7FFF, 0x8002, 4000 + 2 * 9000),
    ] {
        let mut recipe = recipe.clone();
        recipe
            .payloads
            .values_mut()
            .for_each(|it| it.address = Some(address));
        let mut sources = sources.clone();
        sources.0.insert("p".into(), vec![1; len]);
        let plan = Object::build(&recipe, &sources, &frozen)
            .unwrap()
            .plan()
            .unwrap();
        assert_eq!(plan.memories[0].sectors_us, expect, "{address:#x} {len:#x}");
    }
}

#[test]
fn the_memory_hash_is_the_pages() {
    let fields = r#"payloads: { "a": (file: "x", address: 0x1002), "b": (file: "x", address: 0x1000), "w": (file: "x", address: 0x1001, window: true) }"#;
    let object = build_with(fields, &[("x", &[7, 8])]).unwrap();
    let hash = |parts: &[&[u8]]| Sha256::digest(parts.concat());
    let word = |number: u64| number.to_le_bytes();
    let contents = object.contents();
    assert_eq!(
        contents.memory_sha256[..],
        hash(&[&word(0x1000), &word(4), &[7, 8, 7, 8]])[..]
    );
    assert_eq!(
        contents.payloads["a"].memory_sha256[..],
        hash(&[&word(0x1002), &word(2), &[7, 8]])[..]
    );
}

/// An object is frozen: with its folder gone it still is the same, and gives the same.
#[test]
fn an_object_needs_its_folder_no_more() {
    use imprint_image::recipe::FolderSources;
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("main.rhai", b"fn main(unit) {}");
    write("a.bin", &[5; 100]);
    write("sn.ron", COUNTER.as_bytes());
    write("box.ron", SUPPLIED.as_bytes());
    write("mac.ron", MACS.as_bytes());
    write("macs.csv", MACS_CSV.as_bytes());
    let read = |path: &Path| FolderSources::new(path).unwrap();
    let recipe = recipe(WHOLE).unwrap();
    let object = Object::build(&recipe, &read(folder.path()), &device()).unwrap();
    let bytes = object.to_bytes().to_vec();
    let (path, payload) = (
        folder.path().to_owned(),
        object.payload("a").unwrap()[0].1.to_vec(),
    );
    folder.close().unwrap();
    assert!(!path.exists());
    let again = Object::from_bytes(bytes).unwrap();
    assert_eq!(again, object);
    let image = sealed(&again, &[1]);
    let mut image = open(&image, Some(&station(1))).unwrap();
    assert_eq!(image.script().unwrap(), "fn main(unit) {}");
    assert_eq!(image.device().unwrap(), device());
    let mut found = vec![0; payload.len()];
    image.read_segment("a", 0, 0, &mut found).unwrap();
    assert_eq!(found, payload);
    assert_eq!(image.list("mac").unwrap().unwrap().values().len(), 3);
    assert_eq!(image.verify_all().unwrap(), object.id());
}
