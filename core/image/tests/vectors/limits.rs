//! The edges of what may be: the largest that is taken, where a small file can show it, and one more.

use crate::{
    cbor::{Cbor, bytes, int, ints, list, text},
    vector::Vector,
    writer::{encrypted, plain},
};

type Edit = fn(&mut Cbor);

fn stations(count: u64) -> Cbor {
    let id = |number: u64| bytes([&[0; 24], &number.to_be_bytes()[..]].concat());
    list((0..count).map(id).collect::<Vec<_>>())
}

pub fn vectors() -> Vec<Vector> {
    // What differs from the object is seen late, so 2114 says that the manifest was taken.
    let rows: [(&str, &str, &str, Edit); 14] = [
        (
            "name-64",
            "A name of 64 letters, which is not the object's.",
            "IMP-2114",
            |it| it.set(2, text("n".repeat(64))),
        ),
        (
            "name-signs",
            "A name of all signs that it may have, which is not the object's.",
            "IMP-2114",
            |it| it.set(2, text("0.-_z")),
        ),
        (
            "device-64",
            "A part number of 32 letters of two bytes, which is not the object's.",
            "IMP-2114",
            |it| it.set(3, text("ä".repeat(32))),
        ),
        (
            "device-empty",
            "A part number without letters, which is not the object's.",
            "IMP-2114",
            |it| it.set(3, text("")),
        ),
        (
            "rights-all",
            "All rights, which are not the object's.",
            "IMP-2114",
            |it| it.set(5, ints(&[1, 2, 3, 4, 5])),
        ),
        (
            "rights-none",
            "No right, which is not the object's.",
            "IMP-2114",
            |it| it.set(5, list([])),
        ),
        (
            "unit-time",
            "A unit time of a day, which is not the object's.",
            "IMP-2114",
            |it| it.at(6).set(1, int(86_400_000)),
        ),
        (
            "script-time",
            "A script time of an hour, which is not the object's.",
            "IMP-2114",
            |it| it.at(6).set(2, int(3_600_000)),
        ),
        (
            "family-64",
            "A family of 64 letters, which is not the object's.",
            "IMP-2114",
            |it| it.at(7).items()[0] = text("f".repeat(64)),
        ),
        ("abi-65535", "A plugin ABI of 65,535.", "ok", |it| {
            it.at(7).items()[1] = int(65_535)
        }),
        (
            "version-most",
            "A plugin version of three times 2^32 - 1.",
            "ok",
            |it| it.at(7).items()[2] = ints(&[u32::MAX.into(); 3]),
        ),
        (
            "stations-4096",
            "Restricted to 4,096 stations.",
            "ok",
            |it| it.set(13, Cbor::Map(vec![(6, stations(4_096))])),
        ),
        (
            "stations-4097",
            "Restricted to 4,097 stations.",
            "IMP-2108",
            |it| it.set(13, Cbor::Map(vec![(6, stations(4_097))])),
        ),
        (
            "ignorable-last",
            "An ignorable key of 2^64 - 1.",
            "ok",
            |it| it.set(u64::MAX, bytes([])),
        ),
    ];
    let mut all: Vec<Vector> = rows
        .into_iter()
        .map(|(name, about, expect, edit)| {
            Vector::new(
                &format!("limit-{name}"),
                about,
                expect,
                plain().manifest(edit).write(),
            )
        })
        .collect();
    let nested = |depth: usize| {
        plain()
            .manifest(move |it| it.set(1000, Cbor::Raw([vec![0x81; depth], vec![0x80]].concat())))
    };
    let about = "An ignorable value of 1,000 lists within each other.";
    all.push(Vector::new(
        "limit-nested",
        about,
        "IMP-2108",
        nested(1_000).write(),
    ));
    let about = "An ignorable value of 100,000 lists within each other.";
    all.push(Vector::new(
        "limit-nested-deep",
        about,
        "IMP-2108",
        nested(100_000).write(),
    ));
    let long = plain().manifest(|it| {
        it.set(
            1000,
            Cbor::Raw(vec![0x5B, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
        )
    });
    all.push(Vector::new(
        "limit-bytes-huge",
        "A byte string of 2^63 bytes, and the manifest is shorter.",
        "IMP-2108",
        long.write(),
    ));
    let many = plain().manifest(|it| {
        it.set(
            5,
            Cbor::Raw(vec![0x9B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
        )
    });
    all.push(Vector::new(
        "limit-list-huge",
        "A list of 2^64 - 1 rights, and the manifest is shorter.",
        "IMP-2108",
        many.write(),
    ));
    let grants = encrypted().write();
    let grants = grants.clone().granted(&[1; 64]);
    all.push(Vector::new("limit-grants-64", "64 grants to one station.", "ok", grants).station(1));
    all
}
