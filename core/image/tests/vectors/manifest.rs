//! The manifest: rows 10 to 12.

use crate::{
    cbor::{bytes, int, ints, list, map, raw, text},
    manifest_values::{Edit, VALUES},
    vector::Vector,
    writer::{encrypted, plain, seeded},
};

/// The keys of a map put together from bytes: a key 16 among them makes it newer, whatever the rest is.
const KEYS: &[(&str, &str, &str, Edit)] = &[
    ("key-0", "Key 0.", "IMP-2109", |it| it.set(0, int(0))),
    ("key-16", "Key 16.", "IMP-2109", |it| it.set(16, int(0))),
    (
        "key-999",
        "Key 999, the last critical one.",
        "IMP-2109",
        |it| it.set(999, bytes([])),
    ),
    (
        "key-16-and-name",
        "Key 16, and key 2 is an integer.",
        "IMP-2109",
        |it| {
            it.set(2, int(0));
            it.set(16, int(0));
        },
    ),
    (
        "key-16-and-limits",
        "Key 16, and a limit out of its range.",
        "IMP-2109",
        |it| {
            it.at(6).set(1, int(0));
            it.set(16, int(0));
        },
    ),
    (
        "key-16-and-missing",
        "Key 16, and key 2 is missing.",
        "IMP-2109",
        |it| {
            it.remove(2);
            it.set(16, int(0));
        },
    ),
    (
        "key-16-unsorted",
        "Key 16 before key 1.",
        "IMP-2109",
        |it| it.entries().insert(0, (16, int(0))),
    ),
    ("key-16-float", "Key 16 with a float.", "IMP-2109", |it| {
        it.set(16, raw([0xF9, 0x3C, 0]))
    }),
    (
        "key-16-nested",
        "Key 16 with five lists within each other.",
        "IMP-2109",
        |it| it.set(16, raw([0x81, 0x81, 0x81, 0x81, 0x80])),
    ),
    (
        "key-1-twice",
        "Key 1 twice with one value.",
        "IMP-2108",
        |it| it.entries().insert(0, (1, int(0))),
    ),
    ("key-1000-twice", "Key 1000 twice.", "IMP-2108", |it| {
        it.entries().extend([(1000, bytes([])), (1000, bytes([]))])
    }),
    (
        "keys-descending",
        "The keys in the other order.",
        "IMP-2108",
        |it| it.entries().reverse(),
    ),
    ("keys-swapped", "Keys 9 and 10 swapped.", "IMP-2108", |it| {
        it.entries().swap(7, 8)
    }),
    (
        "ignorable",
        "Keys 1000 and 2^64 - 1, unknown and ignorable.",
        "ok",
        |it| {
            it.set(1000, bytes(*b"ignore me"));
            it.set(u64::MAX, bytes([]));
        },
    ),
    ("ignorable-64", "64 ignorable keys.", "ok", |it| {
        it.entries()
            .extend((1000..1064).map(|key| (key, bytes([]))))
    }),
    ("ignorable-65", "65 ignorable keys.", "IMP-2108", |it| {
        it.entries()
            .extend((1000..1065).map(|key| (key, bytes([]))))
    }),
    (
        "ignorable-long",
        "An ignorable value of 1,000 bytes.",
        "ok",
        |it| it.set(1000, bytes([0; 1000])),
    ),
    (
        "ignorable-text",
        "An ignorable value that is text.",
        "IMP-2108",
        |it| it.set(1000, text("x")),
    ),
    (
        "ignorable-integer",
        "An ignorable value that is an integer.",
        "IMP-2108",
        |it| it.set(1000, int(0)),
    ),
    (
        "ignorable-list",
        "An ignorable value that is a list.",
        "IMP-2108",
        |it| it.set(1000, list([])),
    ),
];

type BytesEdit = fn(&mut Vec<u8>);

const ENCODINGS: &[(&str, &str, &str, BytesEdit)] = &[
    ("trailing", "A null behind it.", "IMP-2108", |it| {
        it.push(0xF6)
    }),
    ("cut", "Its last byte is missing.", "IMP-2108", |it| {
        it.pop();
    }),
    (
        "indefinite",
        "A map of indefinite length.",
        "IMP-2108",
        |it| {
            it[0] = 0xBF;
            it.push(0xFF);
        },
    ),
    (
        "long-head",
        "The number of its entries in two bytes.",
        "IMP-2108",
        |it| {
            let count = it[0] & 0x1F;
            it.splice(..1, [0xB8, count]);
        },
    ),
    ("long-integer", "Key 1 in two bytes.", "IMP-2108", |it| {
        it.splice(1..2, [0x18, 1]);
    }),
    (
        "key-negative",
        "Key -1 in the place of key 1.",
        "IMP-2108",
        |it| it[1] = 0x20,
    ),
    (
        "key-text",
        "Key `a` in the place of key 1.",
        "IMP-2108",
        |it| {
            it.splice(1..2, [0x61, b'a']);
        },
    ),
    (
        "key-bytes",
        "Key h'01' in the place of key 1.",
        "IMP-2108",
        |it| {
            it.splice(1..2, [0x41, 1]);
        },
    ),
    (
        "key-true",
        "Key `true` in the place of key 1.",
        "IMP-2108",
        |it| it[1] = 0xF5,
    ),
    ("empty-map", "A map without entries.", "IMP-2108", |it| {
        *it = vec![0xA0]
    }),
    ("a-list", "A list in its place.", "IMP-2108", |it| {
        *it = vec![0x80]
    }),
    ("an-integer", "An integer in its place.", "IMP-2108", |it| {
        *it = vec![0]
    }),
    ("a-tag", "A tag in front.", "IMP-2108", |it| {
        it.insert(0, 0xC1)
    }),
    (
        "fewer-entries",
        "It says that it has an entry less.",
        "IMP-2108",
        |it| it[0] -= 1,
    ),
    (
        "more-entries",
        "It says that it has an entry more.",
        "IMP-2108",
        |it| it[0] += 1,
    ),
    (
        "key-16-and-trailing",
        "Key 16 and a byte behind it.",
        "IMP-2109",
        |it| {
            it[0] += 1;
            it.extend([16, 0, 0]);
        },
    ),
    (
        "key-16-and-long-key",
        "Key 16, and key 1 in two bytes.",
        "IMP-2109",
        |it| {
            it[0] += 1;
            it.extend([16, 0]);
            it.splice(1..2, [0x18, 1]);
        },
    ),
    ("key-16-long", "Key 16 in nine bytes.", "IMP-2109", |it| {
        it[0] += 1;
        it.extend([0x1B, 0, 0, 0, 0, 0, 0, 0, 16, 0]);
    }),
];

pub fn vectors() -> Vec<Vector> {
    let mut all = Vec::new();
    for (name, about, expect, edit) in KEYS.iter().chain(VALUES) {
        let name = format!("manifest-{name}");
        all.push(Vector::new(
            &name,
            about,
            expect,
            plain().manifest(edit).write(),
        ));
    }
    for (name, about, expect, edit) in ENCODINGS {
        let name = format!("manifest-{name}");
        all.push(Vector::new(
            &name,
            about,
            expect,
            plain().manifest_bytes(edit).write(),
        ));
    }
    for key in [1, 2, 3, 4, 5, 6, 7, 9, 10, 11] {
        let (name, about) = (
            format!("manifest-without-{key}"),
            format!("Without key {key}."),
        );
        let sealed = plain().manifest(move |it| it.remove(key)).write();
        all.push(Vector::new(&name, &about, "IMP-2108", sealed));
    }
    let without = encrypted().manifest(|it| it.remove(12)).write();
    let about = "An encrypted image without a key commitment.";
    all.push(Vector::new("manifest-without-12", about, "IMP-2108", without).station(1));
    let of_another = encrypted()
        .manifest(|it| it.set(12, bytes(seeded::<32>(220))))
        .write()
        .granted(&[1]);
    let about = "A key commitment that is not of the key in the grant.";
    all.push(Vector::new("manifest-key-commitment", about, "IMP-2202", of_another).station(1));
    let differing: [(&str, &str, Edit); 5] = [
        ("name-differs", "The name is not the object's.", |it| {
            it.set(2, text("other"))
        }),
        ("device-differs", "The device is not the object's.", |it| {
            it.set(3, text("X2"))
        }),
        (
            "rights-differ",
            "The manifest has a right that the object has not.",
            |it| it.set(5, ints(&[1, 5])),
        ),
        ("limits-differ", "A limit is not the object's.", |it| {
            it.at(6).set(1, int(1))
        }),
        ("family-differs", "The family is not the object's.", |it| {
            it.at(7).items()[0] = text("test.y")
        }),
    ];
    for (name, about, edit) in differing {
        all.push(Vector::new(
            name,
            about,
            "IMP-2114",
            plain().manifest(edit).write(),
        ));
    }
    let empty = plain().manifest(|it| it.set(6, map([]))).write();
    all.push(Vector::new(
        "manifest-limits-empty",
        "Limits without any.",
        "IMP-2108",
        empty,
    ));
    all
}
