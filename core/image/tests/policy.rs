//! Restrictions: as a policy is written, and as a manifest holds them.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use imprint_image::{
    Image, ImageError, KeyFile,
    container::{Date, Manifest, Policy, Restrictions, SealOptions},
    keys::{KeyError, KeyId},
    seal,
};
use proptest::prelude::*;
use std::io::Cursor;
use support::{family, object, random, sealed, signer, station, trust};

const NOT_BEFORE: u64 = 1_793_491_200;
const NOT_AFTER: u64 = 1_798_761_599;

fn whole() -> String {
    let id = station(2).public().id();
    format!(
        r#"(not_before: "2026-11-01", not_after: "2026-12-31T23:59:59Z", units: 1000, attempts: 1100,
            failures: 50, stations: ["station-a.pub", "{id}"], device_revision_min: 2)"#
    )
}

fn read(text: &str) -> Result<Restrictions, (&'static str, String)> {
    let station_a = |file: &str| match file {
        "station-a.pub" => Ok(station(1).public().id()),
        _ => Err(KeyError::NotAKey),
    };
    let policy = Policy::parse("p.ron", text);
    let restrictions = policy.and_then(|policy| policy.restrictions("p.ron", station_a));
    restrictions.map_err(|error| {
        assert!(error.help().is_some(), "{error}");
        (error.code(), error.to_string())
    })
}

#[test]
fn a_policy_means_these_restrictions() {
    let found = read(&whole()).unwrap();
    let expected = Restrictions {
        not_before_s: Some(NOT_BEFORE),
        not_after_s: Some(NOT_AFTER),
        units: Some(1000.try_into().unwrap()),
        attempts: Some(1100.try_into().unwrap()),
        failures: Some(50.try_into().unwrap()),
        stations: [station(1).public().id(), station(2).public().id()].into(),
        device_revision_min: Some(2),
    };
    assert_eq!(found, expected);
    assert!(found.are_counted() && !found.is_empty());
    // A date alone is its last second where use ends.
    assert_eq!(
        read(r#"(not_after: "2026-12-31")"#).unwrap().not_after_s,
        Some(NOT_AFTER)
    );
    assert!(!read("(device_revision_min: 0)").unwrap().are_counted());
    for counted in ["units", "attempts", "failures"] {
        assert!(read(&format!("({counted}: 1)")).unwrap().are_counted());
    }
}

#[test]
fn what_is_wrong_with_a_policy_is_told_with_its_place() {
    for (text, code, message) in [
        ("", "IMP-2131", "p.ron:1:1:"),
        ("()", "IMP-2133", "it restricts nothing"),
        ("(unit: 3)", "IMP-2132", "p.ron:1:2: unknown field `unit`"),
        ("(units: 0)", "IMP-2131", "p.ron:1:9:"),
        ("(units: -1)", "IMP-2131", "p.ron:1:"),
        ("(\n  units: \"3\")", "IMP-2131", "p.ron:2:"),
        ("(not_after: \"2026-02-30\")", "IMP-2131", "p.ron:1:"),
        (
            "(not_after: \"2026-02-30\")",
            "IMP-2131",
            "found \"2026-02-30\"",
        ),
        (
            "(not_before: \"yesterday\")",
            "IMP-2131",
            "expected a date like",
        ),
        ("(stations: [])", "IMP-2131", "found 0"),
        (
            "(stations: [\"other.pub\"])",
            "IMP-2134",
            "`other.pub`: the file is not an Imprint key",
        ),
        (
            "(stations: [\"station-a.pub\", \"station-a.pub\"])",
            "IMP-2133",
            "twice",
        ),
        (
            "(not_before: \"2026-01-02\", not_after: \"2026-01-01\")",
            "IMP-2133",
            "ends before it begins",
        ),
        ("(units: 1, units: 2)", "IMP-2131", "p.ron:1:"),
        ("(device_revision_min: 4294967296)", "IMP-2131", "p.ron:1:"),
    ] {
        let (found, said) = read(text).expect_err(text);
        assert_eq!(found, code, "{text}: {said}");
        assert!(said.contains(message), "{text}: {said}");
    }
    let (code, said) = read(&" ".repeat((1 << 20) + 1)).unwrap_err();
    assert_eq!(code, "IMP-2130", "{said}");
    // One day is a time of use.
    assert!(read("(not_before: \"2026-01-01\", not_after: \"2026-01-01\")").is_ok());
}

#[test]
fn a_policy_finds_the_stations_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.ron");
    station(1)
        .public()
        .save(&folder.path().join("station-a.pub"))
        .unwrap();
    std::fs::write(&path, whole()).unwrap();
    assert_eq!(Policy::load(&path).unwrap(), read(&whole()).unwrap());
    std::fs::remove_file(folder.path().join("station-a.pub")).unwrap();
    let error = Policy::load(&path).unwrap_err();
    assert_eq!(error.code(), "IMP-2134");
    assert!(error.to_string().contains("station-a.pub"), "{error}");
    let error = Policy::load(&folder.path().join("none.ron")).unwrap_err();
    assert_eq!(error.code(), "IMP-2135");
    std::fs::write(&path, vec![b' '; (1 << 20) + 5]).unwrap();
    assert_eq!(Policy::load(&path).unwrap_err().code(), "IMP-2130");
}

#[test]
fn dates_are_read_and_written() {
    for (text, first, last) in [
        ("1970-01-01", Some(0), Some(86_399)),
        ("2000-02-29", Some(951_782_400), Some(951_868_799)),
        ("2026-11-01T00:00:00Z", Some(NOT_BEFORE), Some(NOT_BEFORE)),
        (
            "9999-12-31T23:59:59Z",
            Some(253_402_300_799),
            Some(253_402_300_799),
        ),
        ("1900-02-29", None, None),
        ("1969-12-31", None, None),
        ("2100-02-29", None, None),
        ("2025-02-29", None, None),
        ("2025-04-31", None, None),
        ("2025-00-01", None, None),
        ("2025-13-01", None, None),
        ("2025-01-00", None, None),
        ("2025-01-32", None, None),
        ("2025-1-1", None, None),
        ("+025-01-01", None, None),
        ("2025-01-01-01", None, None),
        ("10000-01-01", None, None),
        ("2025-01-01T24:00:00Z", None, None),
        ("2025-01-01T00:60:00Z", None, None),
        ("2025-01-01T00:00:60Z", None, None),
        ("2025-01-01T00:00:00", None, None),
        ("2025-01-01 00:00:00Z", None, None),
        ("2025-01-01T00:00Z", None, None),
        ("", None, None),
    ] {
        assert_eq!(Date::first_second(text).map(|date| date.0), first, "{text}");
        assert_eq!(Date::last_second(text).map(|date| date.0), last, "{text}");
    }
    assert_eq!(Date(NOT_AFTER).to_string(), "2026-12-31T23:59:59Z");
    assert_eq!(Date(253_402_300_800).to_string(), "second 253402300800");
    assert_eq!(Date(u64::MAX).to_string(), format!("second {}", u64::MAX));
}

fn with(restrictions: Restrictions) -> Result<Vec<u8>, &'static str> {
    let (signing, mut random) = (signer(1), random(9));
    let options = SealOptions {
        restrictions,
        ..SealOptions::new(&signing, family(), &mut random)
    };
    seal(&object(), options).map_err(|error| error.code())
}

fn manifest(image: &[u8]) -> Manifest {
    let image = Image::open(Cursor::new(image), &trust(&[1])).unwrap();
    image.manifest().clone()
}

#[test]
fn restrictions_are_sealed_and_come_back() {
    let restrictions = read(&whole()).unwrap();
    let image = with(restrictions.clone()).unwrap();
    assert_eq!(manifest(&image).restrictions, restrictions);
    assert!(manifest(&sealed(&object(), &[])).restrictions.is_empty());
    let ids = |count: u32| {
        let id = |number: u32| {
            let mut id = [0; 32];
            id[..4].copy_from_slice(&number.to_be_bytes());
            KeyId(id)
        };
        Restrictions {
            stations: (0..count).map(id).collect(),
            ..Restrictions::default()
        }
    };
    let most = with(ids(4096)).unwrap();
    assert_eq!(manifest(&most).restrictions.stations.len(), 4096);
    assert_eq!(with(ids(4097)), Err("IMP-2124"));
    let backwards = Restrictions {
        not_before_s: Some(2),
        not_after_s: Some(1),
        ..Restrictions::default()
    };
    assert_eq!(with(backwards), Err("IMP-2124"));
}

/// CBOR by hand, put in the place of key 13's `a1 03 01`: units, 1.
#[test]
fn restrictions_have_one_encoding() {
    let units = Restrictions {
        units: Some(1.try_into().unwrap()),
        ..Restrictions::default()
    };
    let bytes = manifest(&with(units).unwrap()).to_bytes();
    let place = bytes
        .windows(4)
        .position(|it| it == [0x0D, 0xA1, 3, 1])
        .unwrap();
    let code = |value: &[u8]| {
        let changed = [&bytes[..=place], value, &bytes[place + 4..]].concat();
        Manifest::from_bytes(&changed).map_err(|error: ImageError| error.code())
    };
    let station = |bytes: [u8; 2]| [&[0x58, 0x20][..], &bytes, &[0; 30]].concat();
    let stations = |ids: &[[u8; 2]]| {
        let head = vec![0xA1, 6, 0x80 + ids.len() as u8];
        [head, ids.iter().flat_map(|id| station(*id)).collect()].concat()
    };
    for (value, sound) in [
        (vec![0xA1, 3, 1], true),
        (vec![0xA1, 1, 0], true),
        (vec![0xA2, 1, 5, 2, 5], true),
        (vec![0xA1, 7, 0], true),
        (stations(&[[1, 0], [2, 0]]), true),
        // Nothing; unknown; zero; twice; out of order; longer than needed; of no fixed length; of another type.
        (vec![0xA0], false),
        (vec![0xA1, 8, 1], false),
        (vec![0xA1, 0, 1], false),
        (vec![0xA1, 3, 0], false),
        (vec![0xA1, 4, 0], false),
        (vec![0xA1, 5, 0], false),
        (vec![0xA2, 3, 1, 3, 1], false),
        (vec![0xA2, 4, 1, 3, 1], false),
        (vec![0xA1, 3, 0x18, 1], false),
        (vec![0xBF, 3, 1, 0xFF], false),
        (vec![0xA1, 3, 0x20], false),
        (vec![0xF6], false),
        (vec![0xA2, 1, 6, 2, 5], false),
        (vec![0xA1, 7, 0x1B, 0, 0, 0, 1, 0, 0, 0, 0], false),
        (stations(&[]), false),
        (stations(&[[2, 0], [1, 0]]), false),
        (stations(&[[1, 0], [1, 0]]), false),
        (vec![0xA1, 6, 0x81, 0x41, 0], false),
    ] {
        let expected = if sound { Ok(()) } else { Err("IMP-2108") };
        assert_eq!(code(&value).map(drop), expected, "{value:02x?}");
    }
}

/// What belongs to a Job and what to a SAP, by hand: keys 1, 14 and 15 of a plain image's manifest.
#[test]
fn entries_of_a_job_belong_to_jobs() {
    let bytes = manifest(&sealed(&object(), &[])).to_bytes();
    assert_eq!(bytes[..3], [0xAB, 1, 0]);
    let place = bytes
        .windows(4)
        .rposition(|it| it[..3] == [0x1A, 0, 0x0F])
        .unwrap();
    let factory = [&[14, 0x50][..], &[7; 16]].concat();
    let with = |kind: u8, count: u8, more: &[&[u8]]| {
        let front = [&[0xAB + count, 1, kind][..], &bytes[3..place]].concat();
        let changed = [&front, &more.concat()[..], &bytes[place..]].concat();
        Manifest::from_bytes(&changed).map_err(|error| error.code())
    };
    let late = [8, 0x81, 0x58, 0x20]
        .iter()
        .chain(&[0; 32])
        .copied()
        .collect::<Vec<u8>>();
    for (name, found, sound) in [
        ("SAP", with(0, 0, &[]), true),
        ("Job", with(1, 2, &[&factory, &[15, 1]]), true),
        ("third kind", with(2, 0, &[]), false),
        ("SAP with a factory", with(0, 1, &[&factory]), false),
        ("SAP with a revision", with(0, 1, &[&[15, 1]]), false),
        ("SAP with both", with(0, 2, &[&factory, &[15, 1]]), false),
        ("Job without a factory", with(1, 1, &[&[15, 1]]), false),
        ("Job without a revision", with(1, 1, &[&factory]), false),
        ("Job without both", with(1, 0, &[]), false),
        ("revision 0", with(1, 2, &[&factory, &[15, 0]]), false),
        (
            "short factory",
            with(1, 2, &[&[14, 0x41, 7], &[15, 1]]),
            false,
        ),
        ("an entry out of order", with(0, 1, &[&late]), false),
    ] {
        let expected = if sound { Ok(()) } else { Err("IMP-2108") };
        assert_eq!(found.map(drop), expected, "{name}");
    }
}

/// It says that a newer program is needed even where an older one cannot read the rest.
#[test]
fn an_unknown_critical_key_is_told_before_anything_else() {
    let bytes = manifest(&sealed(&object(), &[])).to_bytes();
    let front = |key: &[u8]| [&[0xAC][..], &bytes[1..], key, &[0]].concat();
    for (changed, expected) in [
        (front(&[16]), "IMP-2109"),
        (front(&[0]), "IMP-2109"),
        (front(&[0x19, 0x03, 0xE7]), "IMP-2109"),
        (front(&[0x1B, 0, 0, 0, 0, 0, 0, 0, 16]), "IMP-2109"),
        (front(&[0x19, 0x03, 0xE8]), "IMP-2108"),
        (front(&[0x20]), "IMP-2108"),
        // Behind a value that no manifest has; behind something that is no CBOR; in no fixed length.
        (vec![0xA2, 1, 0xF6, 16, 0], "IMP-2109"),
        (vec![0xA2, 1, 0xFC, 16, 0], "IMP-2108"),
        (vec![0xBF, 16, 0, 0xFF], "IMP-2108"),
        (
            vec![0xBB, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            "IMP-2108",
        ),
    ] {
        let error = Manifest::from_bytes(&changed).unwrap_err();
        assert_eq!(error.code(), expected, "{changed:02x?}");
    }
}

#[test]
fn distributors_are_one_to_eight_and_sorted() {
    let good = manifest(&sealed(&object(), &[]));
    for (count, sound) in [(1, true), (8, true), (9, false)] {
        let mut manifest = good.clone();
        manifest.distributors = (0..count).map(|it| KeyId([it; 32])).collect();
        let read = Manifest::from_bytes(&manifest.to_bytes());
        assert_eq!(read.is_ok(), sound, "{count}");
        if let Ok(read) = read {
            assert_eq!(read, manifest);
            // The first entry is the lowest id; swapped with the last it is refused.
            let mut bytes = manifest.to_bytes();
            let place = bytes
                .windows(4)
                .position(|it| it == [0x58, 0x20, 0, 0])
                .unwrap();
            bytes[place + 2..place + 34].fill(0xEE);
            assert_eq!(Manifest::from_bytes(&bytes).is_ok(), count == 1);
        }
    }
}

proptest! {
    #[test]
    fn every_second_of_the_calendar_comes_back(second in 0u64..253_402_300_800) {
        let text = Date(second).to_string();
        prop_assert_eq!(Date::first_second(&text), Some(Date(second)));
        prop_assert_eq!(Date::last_second(&text), Some(Date(second)));
        let day = Date::first_second(&text[..10]).unwrap();
        prop_assert_eq!(day.0, second / 86_400 * 86_400);
    }

    #[test]
    fn no_text_makes_a_policy_panic(text in ".{0,200}") {
        let _ = Policy::parse("p", &text);
        let _ = Date::first_second(&text);
    }
}
