//! Serial numbers and data: where they go, and what of them is told before anything is drawn or moved.

use crate::{code, flash, image, passed, run};
use imprint::{Inputs, Permit};
use imprint_tests::{Direct, NRF52, Recipe, Workshop, random_bytes};
use sha2::{Digest, Sha256};

const SN: &[u8] =
    br#"(id: "test-sn", values: counter(positions: [constant("A"), numeric(4)]), per_unit: 2)"#;
const MAC: &[u8] = br#"(id: "test-mac", values: supplied(positions: [hex(12)]))"#;

/// A recipe with a serial number and data merged into its firmware, and others put after it.
fn recipe(body: &str) -> Recipe {
    let script = format!("fn main(unit) {{\n    let chip = unit.connect();\n{body}\n}}\n");
    Recipe::new(NRF52.device, &script)
        .raw("firmware", 0, random_bytes(5, 0x1800))
        .file("sn.serial.ron", SN)
        .file("mac.serial.ron", MAC)
        .section(
            r#"    serials: {
        "sn": (definition: "sn.serial.ron", address: 0xFFE, encoding: ascii(len: 8, fill: 0x20), into: "firmware", over: true),
        "mac": (definition: "mac.serial.ron", address: 0x3010, encoding: mac),
    },
    data: {
        "lot":   (address: 0x3020, len: 8, source: value, encoding: ascii(fill: 0)),
        "label": (address: 0x1804, len: 12, source: barcode, encoding: ascii(fill: 0), into: "firmware"),
        "bind":  (address: 0x3040, len: 32, source: uid(sha256)),
        "made":  (address: 0x3060, len: 8, source: date("%Y%m%d"), encoding: ascii(fill: 0)),
        "where": (address: 0x3070, len: 8, source: station, encoding: ascii(fill: 0)),
        "cal":   (address: 0x200, len: 4, source: script, encoding: little, into: "firmware", over: true),
    },
    barcode: (positions: [constant("SN-"), numeric(2), upper], ranges: [(from: 3, len: 2, min: 0, max: 50)]),"#,
        )
}

const ALL: &str = r#"
    unit.set_data("cal", 0x01020304);
    chip.erase_for_image();
    chip.program(unit.payload("firmware"));
    chip.verify(unit.payload("firmware"));
    chip.verify_crc(unit.payload("firmware"));
    ensure(unit.serial("sn").text == "A0007" && unit.serial("sn", 1).text == "A0008", "both values");
    ensure(unit.serial("sn").bytes.len == 5, "its bytes");
    ensure(unit.value("lot") == "L7" && unit.barcode == "SN-17X" && unit.station == "bench 3", "as given");
    chip.program(unit.serial("mac"));
    chip.verify(unit.serial("mac"));
    for name in ["lot", "bind", "made", "where"] {
        chip.program(unit.data(name));
        chip.verify(unit.data(name));
    }"#;

fn inputs() -> Inputs {
    let values = [("lot", "L7"), ("mac", "00A0C9123456")];
    Inputs {
        values: values
            .map(|(name, value)| (name.into(), value.into()))
            .into(),
        barcode: Some("SN-17X".into()),
        station_name: Some("bench 3".into()),
        // 2026-11-22 12:00:00 UTC.
        time_s: Some(1_795_348_800),
    }
}

fn permit() -> Permit {
    let serials = [
        ("sn", vec!["A0007", "A0008"]),
        ("mac", vec!["00A0C9123456"]),
    ];
    let text = |text: &&str| text.to_string();
    let serials = serials.map(|(name, values)| {
        let name = name.to_string().try_into().unwrap();
        (name, values.iter().map(text).collect())
    });
    Permit {
        ordinal: 4,
        serials: serials.into(),
    }
}

#[test]
fn everything_goes_where_the_recipe_puts_it() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    let twin = direct.twin(NRF52.device);
    let image = image(&workshop, &recipe(ALL));
    let (report, asked) = run(&direct, &image, &twin, inputs(), Some(permit()));
    passed(&report);
    assert_eq!((asked, report.ordinal), (1, Some(4)));
    assert_eq!(report.serials["sn"], ["A0007", "A0008"]);

    let mut firmware = random_bytes(5, 0x1800);
    firmware[0xFFE..0x100E].copy_from_slice(b"A0007   A0008   ");
    firmware[0x200..0x204].copy_from_slice(&[4, 3, 2, 1]);
    firmware.extend([0xFF; 4]);
    firmware.extend(b"SN-17X\0\0\0\0\0\0");
    assert!(
        flash(&twin, 0, 0x1810) == firmware,
        "the firmware with its windows"
    );
    let mut after = vec![0xFF; 0x80];
    after[0x10..0x16].copy_from_slice(&[0, 0xA0, 0xC9, 0x12, 0x34, 0x56]);
    after[0x20..0x28].copy_from_slice(b"L7\0\0\0\0\0\0");
    after[0x40..0x60].copy_from_slice(&Sha256::digest(twin.uid()));
    after[0x60..0x68].copy_from_slice(b"20261122");
    after[0x70..0x78].copy_from_slice(b"bench 3\0");
    assert_eq!(flash(&twin, 0x3000, 0x80), after);
    // Each word of the firmware once, and each of the others once: the board refuses nothing, so it is counted.
    let words = |bytes: &[u8]| bytes.chunks(4).filter(|word| *word != [0xFF; 4]).count() as u64;
    let programmed = twin.board().save().program_count;
    assert!(programmed >= words(&firmware), "{programmed}");
    assert!(
        programmed <= (firmware.len() as u64 + 0x80) / 4 + 64,
        "{programmed} words were programmed"
    );
}

#[test]
fn what_is_missing_or_does_not_fit_is_told_before_the_wire_moves() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    let image = image(&workshop, &recipe(ALL));
    let check = |name: &str, expect: &str, change: &dyn Fn(&mut Inputs)| {
        let mut inputs = inputs();
        change(&mut inputs);
        let twin = direct.twin(NRF52.device);
        let (report, asked) = run(&direct, &image, &twin, inputs, Some(permit()));
        assert_eq!(code(&report), expect, "{name}: {:?}", report.failure);
        assert_eq!((report.transfer_count, asked), (0, 0), "{name}");
        report.failure.unwrap()
    };
    let failure = check("a value", "IMP-8182", &|it| drop(it.values.remove("lot")));
    assert!(failure.help.unwrap().contains("--value lot="));
    let failure = check("another name", "IMP-8182", &|it| {
        it.values.remove("lot");
        it.values.insert("lott".into(), "L7".into());
    });
    assert!(failure.message.contains("`lott`"), "{failure}");
    check("a serial", "IMP-8182", &|it| drop(it.values.remove("mac")));
    check("no barcode", "IMP-8182", &|it| it.barcode = None);
    check("no station", "IMP-8182", &|it| it.station_name = None);
    check("no time", "IMP-8182", &|it| it.time_s = None);
    check("another label", "IMP-8180", &|it| {
        it.barcode = Some("SN-1X7".into())
    });
    check("out of range", "IMP-8180", &|it| {
        it.barcode = Some("SN-51X".into())
    });
    check("no MAC", "IMP-8183", &|it| {
        it.values.insert("mac".into(), "00A0C912345".into());
    });
    check("too long", "IMP-8190", &|it| {
        it.values.insert("lot".into(), "123456789".into());
    });
    check("no ASCII", "IMP-8190", &|it| {
        it.station_name = Some("Prüf".into())
    });
}

#[test]
fn who_counts_must_be_there_and_give_what_the_image_needs() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    let image = image(&workshop, &recipe(ALL));
    let twin = direct.twin(NRF52.device);
    let (report, _) = run(&direct, &image, &twin, inputs(), None);
    assert_eq!((code(&report), report.transfer_count), ("IMP-8189", 0));
    let name = || imprint::image::recipe::Name::try_from("sn".to_string()).unwrap();
    for values in [
        None,
        Some(vec![]),
        Some(vec!["A0007"]),
        Some(vec!["A0007", "A0008", "A0009"]),
        Some(vec!["A0007", "B0008"]),
        Some(vec!["A0007", "A008"]),
        Some(vec!["A0007", "A00080"]),
    ] {
        let mut permit = permit();
        permit.serials.remove(&name());
        if let Some(values) = &values {
            let values = values.iter().map(|it| it.to_string()).collect();
            permit.serials.insert(name(), values);
        }
        let body = format!("try {{ {ALL} }} catch {{ unit.log(\"swallowed\"); }}");
        let image = workshop.read(&workshop.image("unit", &recipe(&body)));
        let (report, asked) = run(&direct, &image, &twin, inputs(), Some(permit));
        assert_eq!(
            code(&report),
            "IMP-8188",
            "{values:?}: {:?}",
            report.failure
        );
        assert!(report.changes.is_empty() && report.log.is_empty() && asked == 1);
        // The ordinal was drawn.
        assert_eq!(report.ordinal, Some(4));
    }
}

#[test]
fn data_without_a_value_draws_nothing() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    for (body, expect) in [
        ("chip.program(unit.payload(\"firmware\"));", "IMP-8184"),
        ("chip.program(unit.data(\"label\"));", "IMP-3011"),
        ("unit.set_data(\"lot\", \"x\");", "IMP-3011"),
        ("unit.set_data(\"cal\", \"x\");", "IMP-8190"),
        ("unit.set_data(\"cal\", 0x1_0000_0000);", "IMP-8190"),
        ("unit.set_data(\"cal\", 1.5);", "IMP-3011"),
        ("unit.serial(\"sn\", 2);", "IMP-3011"),
        ("unit.serial(\"sn\", -1);", "IMP-3011"),
        ("unit.value(\"colour\");", "IMP-8182"),
    ] {
        let twin = direct.twin(NRF52.device);
        let image = image(&workshop, &recipe(body));
        let (report, asked) = run(&direct, &image, &twin, inputs(), Some(permit()));
        assert_eq!(code(&report), expect, "{body}: {:?}", report.failure);
        assert_eq!(asked, 0, "{body}");
        assert!(report.changes.is_empty(), "{body}");
    }
    // A serial number that is merged is not programmed by itself; it is drawn to know it.
    let twin = direct.twin(NRF52.device);
    let image = image(&workshop, &recipe("chip.program(unit.serial(\"sn\"));"));
    let (report, asked) = run(&direct, &image, &twin, inputs(), Some(permit()));
    assert_eq!((code(&report), asked), ("IMP-3011", 1));
    assert!(report.changes.is_empty());
}

#[test]
fn names_that_the_recipe_does_not_have_are_found_before_production() {
    let workshop = Workshop::new();
    for body in [
        "unit.serial(\"ns\");",
        "unit.data(\"lto\");",
        "unit.set_data(\"call\", 1);",
        "chip.run_test(\"ram\");",
    ] {
        let run = workshop.build("unit", &recipe(body));
        run.fails_with(6, "IMP-3006");
    }
}
