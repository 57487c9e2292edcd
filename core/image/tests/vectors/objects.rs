//! The object within an image: rows 24 and 25. All are sealed properly.

use crate::{
    cbor::{Cbor, bytes, int, ints, list, map, raw, text},
    object_form::ObjectForm,
    vector::Vector,
    writer::plain,
};

type Edit = fn(&mut Cbor);
type BytesEdit = fn(&mut Vec<u8>);

const FIXED: &[(&str, &str, &str, BytesEdit)] = &[
    ("empty", "An object of no bytes.", "IMP-2113", |it| {
        it.clear()
    }),
    ("header-cut", "47 bytes.", "IMP-2113", |it| it.truncate(47)),
    (
        "header-only",
        "48 bytes: its directory is longer than the object.",
        "IMP-2113",
        |it| it.truncate(48),
    ),
    (
        "directory-cut",
        "It ends within its directory.",
        "IMP-2113",
        |it| it.truncate(100),
    ),
    ("magic", "One bit of the magic.", "IMP-2113", |it| {
        it[0] ^= 1
    }),
    ("version", "Version 2.", "IMP-2113", |it| it[8] = 2),
    ("reserved", "A zero byte is 1.", "IMP-2113", |it| it[10] = 1),
    (
        "directory-len-over",
        "A directory of 1 MiB and a byte.",
        "IMP-2113",
        |it| {
            it[12..16].copy_from_slice(&((1u32 << 20) + 1).to_le_bytes());
        },
    ),
    (
        "directory-len-limit",
        "A directory of 1 MiB, and the object is shorter.",
        "IMP-2113",
        |it| {
            it[12..16].copy_from_slice(&(1u32 << 20).to_le_bytes());
        },
    ),
    (
        "directory-len-more",
        "A directory that is a byte longer.",
        "IMP-2113",
        |it| it[12] ^= 1,
    ),
    (
        "directory-hash",
        "One bit of the hash of the directory.",
        "IMP-2113",
        |it| it[16] ^= 1,
    ),
    (
        "directory-flipped",
        "One bit of the directory.",
        "IMP-2113",
        |it| it[60] ^= 1,
    ),
    (
        "trailing",
        "One byte behind the last section.",
        "IMP-2114",
        |it| it.push(0),
    ),
    (
        "section-cut",
        "The last byte of the last section is missing.",
        "IMP-2114",
        |it| {
            it.pop();
        },
    ),
    (
        "sections-missing",
        "It ends behind its directory.",
        "IMP-2114",
        |it| {
            let len = u32::from_le_bytes(it[12..16].try_into().unwrap()) as usize;
            it.truncate(48 + len);
        },
    ),
];

const DIRECTORY: &[(&str, &str, &str, Edit)] = &[
    ("key-17", "Key 17.", "IMP-2113", |it| it.set(17, int(0))),
    ("key-0", "Key 0.", "IMP-2113", |it| it.set(0, int(0))),
    (
        "key-1000",
        "Key 1000: nothing is ignorable here.",
        "IMP-2113",
        |it| it.set(1000, bytes([])),
    ),
    (
        "keys-reversed",
        "Its keys in the other order.",
        "IMP-2113",
        |it| it.entries().reverse(),
    ),
    ("link-null", "A null in key 9.", "IMP-2113", |it| {
        it.set(9, raw([0xF6]))
    }),
    (
        "name-other",
        "Another name than the manifest's.",
        "IMP-2114",
        |it| it.set(1, text("other")),
    ),
    ("name-bad", "A name with a space.", "IMP-2113", |it| {
        it.set(1, text("no de"))
    }),
    (
        "device-other",
        "Another device than the manifest's.",
        "IMP-2114",
        |it| it.set(2, text("X2")),
    ),
    (
        "family-other",
        "Another family than the manifest's.",
        "IMP-2114",
        |it| it.set(3, text("test.y")),
    ),
    (
        "rights-other",
        "Other rights than the manifest's.",
        "IMP-2114",
        |it| it.set(4, list([])),
    ),
    (
        "rights-unsorted",
        "Rights out of order.",
        "IMP-2113",
        |it| it.set(4, ints(&[5, 1])),
    ),
    (
        "limits-other",
        "Other limits than the manifest's.",
        "IMP-2114",
        |it| it.at(5).set(1, int(7)),
    ),
    ("limits-0", "A limit of 0.", "IMP-2113", |it| {
        it.at(5).set(1, int(0))
    }),
    (
        "name-other-and-key-17",
        "Another name, and key 17: the directory is read first.",
        "IMP-2113",
        |it| {
            it.set(1, text("other"));
            it.set(17, int(0));
        },
    ),
    (
        "setting-long",
        "A setting of 4,097 bytes.",
        "IMP-2113",
        |it| *it.at(6).named("aa") = text("x".repeat(4_097)),
    ),
    ("setting-4096", "A setting of 4,096 bytes.", "ok", |it| {
        *it.at(6).named("aa") = text("x".repeat(4_096))
    }),
    (
        "setting-integer",
        "A setting that is an integer.",
        "IMP-2113",
        |it| *it.at(6).named("aa") = int(1),
    ),
    (
        "settings-unsorted",
        "Settings out of order.",
        "IMP-2113",
        |it| it.at(6).items().reverse(),
    ),
    ("setting-twice", "One setting twice.", "IMP-2113", |it| {
        let first = it.at(6).items()[0].clone();
        it.at(6).items().insert(0, first);
    }),
    (
        "setting-name",
        "A setting whose name begins with a dot.",
        "IMP-2113",
        |it| it.at(6).items()[0].items()[0] = text(".aa"),
    ),
    ("window-integer", "A window that is 0.", "IMP-2113", |it| {
        payload(it).set(2, int(0))
    }),
    (
        "after-tests-false",
        "A key 5 that is false, which is not written.",
        "IMP-2113",
        |it| payload(it).set(5, Cbor::Bool(false)),
    ),
    (
        "after-tests-none",
        "A payload waits for tests, and there are none.",
        "IMP-2113",
        |it| payload(it).set(5, Cbor::Bool(true)),
    ),
    ("payload-key-6", "A payload with key 6.", "IMP-2113", |it| {
        payload(it).set(6, int(0))
    }),
    (
        "memory-hash-31",
        "A memory hash of 31 bytes.",
        "IMP-2113",
        |it| payload(it).set(4, bytes([0; 31])),
    ),
    (
        "segment-empty",
        "A segment of no bytes.",
        "IMP-2113",
        |it| segments(it, &[(0x1000, 23), (0x2000, 0)]),
    ),
    (
        "segments-overlap",
        "Segments that overlap.",
        "IMP-2113",
        |it| segments(it, &[(0x1000, 20), (0x1013, 3)]),
    ),
    ("segments-touch", "Segments that touch.", "IMP-2113", |it| {
        segments(it, &[(0x1000, 20), (0x1014, 3)])
    }),
    (
        "segments-unsorted",
        "Segments out of order.",
        "IMP-2113",
        |it| segments(it, &[(0x2000, 20), (0x1000, 3)]),
    ),
    ("segments-two", "The bytes in two segments.", "ok", |it| {
        segments(it, &[(0x1000, 20), (0x1015, 3)])
    }),
    ("segment-last", "A segment that ends at 2^32.", "ok", |it| {
        segments(it, &[(0x1_0000_0000 - 23, 23)])
    }),
    (
        "segment-over",
        "A segment that ends behind 2^32.",
        "IMP-2113",
        |it| segments(it, &[(0x1_0000_0000 - 22, 23)]),
    ),
    (
        "segment-wraps",
        "A segment that ends behind 2^64.",
        "IMP-2113",
        |it| segments(it, &[(u64::MAX, 23)]),
    ),
    (
        "segments-short",
        "Segments that are shorter than their section.",
        "IMP-2113",
        |it| segments(it, &[(0x1000, 22)]),
    ),
    (
        "segments-long",
        "Segments that are longer than their section.",
        "IMP-2113",
        |it| segments(it, &[(0x1000, 24)]),
    ),
    (
        "without-script",
        "Without the section `script`.",
        "IMP-2113",
        |it| without_section(it, "script"),
    ),
    (
        "without-plan",
        "Without the section `plan`.",
        "IMP-2113",
        |it| without_section(it, "plan"),
    ),
    (
        "without-device",
        "Without the section `device`.",
        "IMP-2113",
        |it| without_section(it, "device"),
    ),
    (
        "without-payload",
        "Without the section of its payload.",
        "IMP-2113",
        |it| without_section(it, "payload/firmware"),
    ),
    (
        "sections-unsorted",
        "Sections out of order.",
        "IMP-2113",
        |it| it.at(8).items().reverse(),
    ),
    (
        "section-hash-31",
        "The hash of a section has 31 bytes.",
        "IMP-2113",
        |it| it.at(8).items()[0].items()[2] = bytes([0; 31]),
    ),
    (
        "section-hash",
        "The hash of a section is of something else: the commitment has proven the section.",
        "ok",
        |it| {
            it.at(8).items()[0].items()[2] = bytes([0; 32]);
        },
    ),
    (
        "section-len-huge",
        "A section of 2^64 - 1 bytes.",
        "IMP-2113",
        |it| it.at(8).items()[0].items()[1] = int(u64::MAX),
    ),
    ("input-31", "An input hash of 31 bytes.", "IMP-2113", |it| {
        *it.at(15).named("recipe") = bytes([0; 31])
    }),
    (
        "input-missing",
        "Without the input `recipe`.",
        "IMP-2113",
        |it| {
            it.at(15)
                .items()
                .retain(|it| it.clone().items()[0] != text("recipe"))
        },
    ),
    ("input-unknown", "An input `other`.", "IMP-2113", |it| {
        it.at(15)
            .items()
            .insert(2, list([text("other"), bytes([0; 32])]))
    }),
    (
        "inputs-unsorted",
        "Inputs out of order.",
        "IMP-2113",
        |it| it.at(15).items().reverse(),
    ),
    (
        "input-of-the-payload",
        "The input of the payload is not the hash in the payload.",
        "IMP-2113",
        |it| {
            *it.at(15).named("payload/firmware") = bytes([0; 32]);
        },
    ),
    (
        "memory-hash-of-all",
        "A key 16 of 33 bytes.",
        "IMP-2113",
        |it| it.set(16, bytes([0; 33])),
    ),
    (
        "link-empty",
        "Link settings without any.",
        "IMP-2113",
        |it| it.set(9, map([])),
    ),
];

fn payload(directory: &mut Cbor) -> &mut Cbor {
    directory.at(7).named("firmware")
}

fn segments(directory: &mut Cbor, given: &[(u64, u64)]) {
    let segment = |(address, len): &(u64, u64)| ints(&[*address, *len]);
    payload(directory).set(3, list(given.iter().map(segment).collect::<Vec<_>>()));
}

fn without_section(directory: &mut Cbor, name: &str) {
    directory
        .at(8)
        .items()
        .retain(|it| it.clone().items()[0] != text(name));
}

pub fn vectors() -> Vec<Vector> {
    let mut all = Vec::new();
    for (name, about, expect, edit) in FIXED {
        let name = format!("object-{name}");
        all.push(Vector::new(
            &name,
            about,
            expect,
            plain().object_bytes(edit).write(),
        ));
    }
    for (name, about, expect, edit) in DIRECTORY {
        let sealed = plain().object(ObjectForm::small().edit(edit)).write();
        all.push(Vector::new(
            &format!("object-{name}"),
            about,
            expect,
            sealed,
        ));
    }
    for key in [1, 2, 3, 4, 5, 6, 7, 8, 15, 16] {
        let sealed = plain()
            .object(ObjectForm::small().edit(|it| it.remove(key)))
            .write();
        let (name, about) = (
            format!("object-without-{key}"),
            format!("Without key {key}."),
        );
        all.push(Vector::new(&name, &about, "IMP-2113", sealed));
    }
    for (name, section) in [
        ("section-unknown", "other"),
        ("section-list", "list/sn"),
        ("section-payload", "payload/other"),
    ] {
        let sealed = plain()
            .object(ObjectForm::small().with_section(section))
            .write();
        let about = format!("A section `{section}`, which belongs to nothing.");
        all.push(Vector::new(
            &format!("object-{name}"),
            &about,
            "IMP-2113",
            sealed,
        ));
    }
    for (number, path) in [
        "", "/a", "a//b", "../a", "a/./b", "a\\b", "c:a", "a\nb", "a/",
    ]
    .into_iter()
    .enumerate()
    {
        let sealed = plain().object(with_module(path)).write();
        let (name, about) = (
            format!("object-module-path-{}", number + 1),
            format!("A module of the path {path:?}."),
        );
        all.push(Vector::new(&name, &about, "IMP-2113", sealed));
    }
    let about = "A module of a path with folders and a letter that is not ASCII.";
    all.push(Vector::new(
        "object-module-path",
        about,
        "ok",
        plain().object(with_module("a/b.c/ö")).write(),
    ));
    let trailing = plain()
        .object(ObjectForm::small().edit(|it| *it = raw([it.encode(), vec![0]].concat())))
        .write();
    all.push(Vector::new(
        "object-directory-trailing",
        "A byte behind the map of the directory.",
        "IMP-2113",
        trailing,
    ));
    let indefinite = plain().object(ObjectForm::small().edit(|it| {
        let bytes = it.encode();
        *it = raw([&[0xBF], &bytes[1..], &[0xFF]].concat());
    }));
    let about = "A directory of indefinite length.";
    all.push(Vector::new(
        "object-directory-indefinite",
        about,
        "IMP-2113",
        indefinite.write(),
    ));
    all
}

/// With an empty module, and its input.
fn with_module(path: &str) -> ObjectForm {
    let role = format!("module/{path}");
    ObjectForm::small().with_section(&role).edit(|it| {
        let inputs = it.at(15).items();
        inputs.push(list([text(&role), bytes([0; 32])]));
        inputs.sort_by_key(|it| match it.clone().items()[0].clone() {
            Cbor::Text(role) => role,
            other => panic!("{other:?}"),
        });
    })
}
