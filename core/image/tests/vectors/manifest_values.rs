//! The values of the manifest's keys, one changed at a time: row 11, and the ends of it that row 12 sees.

use crate::cbor::{Cbor, bytes, int, ints, list, raw, text};

pub type Edit = fn(&mut Cbor);

/// Name, what is special, what must come of it, and the change.
pub const VALUES: &[(&str, &str, &str, Edit)] = &[
    ("kind-2", "Kind 2.", "IMP-2108", |it| it.set(1, int(2))),
    ("kind-false", "Kind `false`.", "IMP-2108", |it| {
        it.set(1, Cbor::Bool(false))
    }),
    ("kind-null", "Kind `null`.", "IMP-2108", |it| {
        it.set(1, raw([0xF6]))
    }),
    ("kind-negative", "Kind -1.", "IMP-2108", |it| {
        it.set(1, raw([0x20]))
    }),
    ("kind-tag", "Kind 0 with a tag.", "IMP-2108", |it| {
        it.set(1, raw([0xC1, 0]))
    }),
    ("kind-float", "Kind 0.0.", "IMP-2108", |it| {
        it.set(1, raw([0xF9, 0, 0]))
    }),
    ("kind-long", "Kind 0 in two bytes.", "IMP-2108", |it| {
        it.set(1, raw([0x18, 0]))
    }),
    ("name-empty", "An empty name.", "IMP-2108", |it| {
        it.set(2, text(""))
    }),
    ("name-65", "A name of 65 letters.", "IMP-2108", |it| {
        it.set(2, text("n".repeat(65)))
    }),
    (
        "name-dash",
        "A name that begins with a dash.",
        "IMP-2108",
        |it| it.set(2, text("-node")),
    ),
    (
        "name-dot",
        "A name that begins with a dot.",
        "IMP-2108",
        |it| it.set(2, text(".node")),
    ),
    ("name-space", "A name with a space.", "IMP-2108", |it| {
        it.set(2, text("no de"))
    }),
    (
        "name-letter",
        "A name with a letter that is not ASCII.",
        "IMP-2108",
        |it| it.set(2, text("nöde")),
    ),
    (
        "name-line-end",
        "A name that ends with a line feed.",
        "IMP-2108",
        |it| it.set(2, text("node\n")),
    ),
    (
        "name-zero",
        "A name that ends with a zero byte.",
        "IMP-2108",
        |it| it.set(2, text("node\0")),
    ),
    (
        "name-bytes",
        "A name that is a byte string.",
        "IMP-2108",
        |it| it.set(2, bytes(*b"node")),
    ),
    (
        "name-not-utf-8",
        "A name that is not UTF-8.",
        "IMP-2108",
        |it| it.set(2, raw([0x62, 0x61, 0xFF])),
    ),
    (
        "name-parts",
        "A name of indefinite length.",
        "IMP-2108",
        |it| it.set(2, raw(*b"\x7F\x64node\xFF")),
    ),
    (
        "name-long-head",
        "The length of the name in two bytes.",
        "IMP-2108",
        |it| it.set(2, raw(*b"\x78\x04node")),
    ),
    (
        "device-65",
        "A part number of 65 bytes.",
        "IMP-2108",
        |it| it.set(3, text("d".repeat(65))),
    ),
    (
        "device-surrogate",
        "A part number with half a surrogate pair.",
        "IMP-2108",
        |it| it.set(3, raw([0x63, 0xED, 0xA0, 0x80])),
    ),
    (
        "device-overlong",
        "A part number with an overlong letter.",
        "IMP-2108",
        |it| it.set(3, raw([0x62, 0xC0, 0xAF])),
    ),
    (
        "deployment-15",
        "A deployment id of 15 bytes.",
        "IMP-2108",
        |it| it.set(4, bytes([1; 15])),
    ),
    (
        "deployment-17",
        "A deployment id of 17 bytes.",
        "IMP-2108",
        |it| it.set(4, bytes([1; 17])),
    ),
    (
        "deployment-text",
        "A deployment id that is text.",
        "IMP-2108",
        |it| it.set(4, text("0123456789abcdef")),
    ),
    ("rights-0", "Right 0.", "IMP-2108", |it| {
        it.set(5, ints(&[0]))
    }),
    ("rights-6", "Right 6.", "IMP-2108", |it| {
        it.set(5, ints(&[6]))
    }),
    (
        "rights-unsorted",
        "Rights out of order.",
        "IMP-2108",
        |it| it.set(5, ints(&[5, 1])),
    ),
    ("rights-twice", "One right twice.", "IMP-2108", |it| {
        it.set(5, ints(&[5, 5]))
    }),
    ("rights-huge", "Right 2^64 - 1.", "IMP-2108", |it| {
        it.set(5, ints(&[u64::MAX]))
    }),
    (
        "rights-indefinite",
        "Rights of indefinite length.",
        "IMP-2108",
        |it| it.set(5, raw([0x9F, 5, 0xFF])),
    ),
    (
        "limits-without-1",
        "Limits without key 1.",
        "IMP-2108",
        |it| it.at(6).remove(1),
    ),
    (
        "limits-without-2",
        "Limits without key 2.",
        "IMP-2108",
        |it| it.at(6).remove(2),
    ),
    ("limits-3", "Limits with key 3.", "IMP-2108", |it| {
        it.at(6).set(3, int(1))
    }),
    ("limits-0", "A unit time of 0.", "IMP-2108", |it| {
        it.at(6).set(1, int(0))
    }),
    (
        "limits-unit-over",
        "A unit time of a day and a millisecond.",
        "IMP-2108",
        |it| it.at(6).set(1, int(86_400_001)),
    ),
    (
        "limits-script-over",
        "A script time of an hour and a millisecond.",
        "IMP-2108",
        |it| it.at(6).set(2, int(3_600_001)),
    ),
    (
        "limits-long",
        "A limit in more bytes than it needs.",
        "IMP-2108",
        |it| it.at(6).set(1, raw([0x1B, 0, 0, 0, 0, 0, 0, 0, 1])),
    ),
    ("family-2", "A family of two parts.", "IMP-2108", |it| {
        it.at(7).items().pop();
    }),
    ("family-4", "A family of four parts.", "IMP-2108", |it| {
        it.at(7).items().push(int(0))
    }),
    ("family-65", "A family of 65 letters.", "IMP-2108", |it| {
        it.at(7).items()[0] = text("f".repeat(65))
    }),
    ("family-abi", "A plugin ABI of 65,536.", "IMP-2108", |it| {
        it.at(7).items()[1] = int(65_536)
    }),
    (
        "family-version-2",
        "A plugin version of two parts.",
        "IMP-2108",
        |it| it.at(7).items()[2] = ints(&[0, 1]),
    ),
    (
        "family-version-huge",
        "A plugin version of 2^32.",
        "IMP-2108",
        |it| it.at(7).items()[2] = ints(&[0, 1, 1 << 32]),
    ),
    ("distributors-8", "Eight distributors.", "ok", |it| {
        it.set(8, ids(&[1, 2, 3, 4, 5, 6, 7, 8]))
    }),
    ("distributors-9", "Nine distributors.", "IMP-2108", |it| {
        it.set(8, ids(&[1, 2, 3, 4, 5, 6, 7, 8, 9]))
    }),
    (
        "distributors-empty",
        "No distributor in the list of them.",
        "IMP-2108",
        |it| it.set(8, list([])),
    ),
    (
        "distributors-unsorted",
        "Distributors out of order.",
        "IMP-2108",
        |it| it.set(8, ids(&[2, 1])),
    ),
    (
        "distributors-twice",
        "One distributor twice.",
        "IMP-2108",
        |it| it.set(8, ids(&[1, 1])),
    ),
    (
        "distributors-31",
        "A distributor of 31 bytes.",
        "IMP-2108",
        |it| it.set(8, list([bytes([1; 31])])),
    ),
    (
        "object-len-more",
        "The length of the object is one more.",
        "IMP-2108",
        |it| add_len(it, 1),
    ),
    (
        "object-len-less",
        "The length of the object is one less.",
        "IMP-2108",
        |it| add_len(it, u64::MAX),
    ),
    (
        "object-len-huge",
        "An object of 2^64 - 1 bytes.",
        "IMP-2108",
        |it| it.set(9, int(u64::MAX)),
    ),
    ("object-len-0", "An object of no bytes.", "IMP-2108", |it| {
        it.set(9, int(0))
    }),
    (
        "commitment-31",
        "An object commitment of 31 bytes.",
        "IMP-2108",
        |it| it.set(10, bytes([0; 31])),
    ),
    ("root-33", "A root of 33 bytes.", "IMP-2108", |it| {
        it.set(11, bytes([0; 33]))
    }),
    (
        "plain-key-12",
        "A key commitment in a plain image.",
        "IMP-2108",
        |it| it.set(12, bytes([0; 32])),
    ),
    (
        "sap-factory",
        "A SAP with a virtual factory.",
        "IMP-2108",
        |it| it.set(14, bytes([7; 16])),
    ),
    ("sap-revision", "A SAP with a revision.", "IMP-2108", |it| {
        it.set(15, int(1))
    }),
    (
        "plain-job",
        "A Job that is not encrypted.",
        "IMP-2108",
        |it| {
            it.set(1, int(1));
            it.set(14, bytes([7; 16]));
            it.set(15, int(1));
        },
    ),
    (
        "plain-job-key-16",
        "A Job that is not encrypted, with key 16.",
        "IMP-2109",
        |it| {
            it.set(1, int(1));
            it.set(14, bytes([7; 16]));
            it.set(15, int(1));
            it.set(16, int(1));
        },
    ),
];

fn add_len(manifest: &mut Cbor, more: u64) {
    let Cbor::Int(len) = manifest.at(9) else {
        unreachable!()
    };
    *len = len.wrapping_add(more);
}

fn ids(seeds: &[u8]) -> Cbor {
    list(
        seeds
            .iter()
            .map(|seed| bytes([*seed; 32]))
            .collect::<Vec<_>>(),
    )
}
