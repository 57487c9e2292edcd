//! Root documents, and chains of them.

use crate::{
    cbor::{Cbor, bytes, int, list, map, raw, text},
    root_form::{DISTRIBUTOR, Form, NEXT, RELEASE, ROOT, Roles, USUAL, first, form, second},
    signatures::{add_order, unhex},
    vector::Vector,
    writer::{records, records_as_given},
};

type Edit = fn(&mut Cbor);

fn row(name: &str, about: &str, expect: &'static str, bytes: Vec<u8>) -> Vector {
    Vector::plain_file(&format!("root-{name}"), about, expect, "root", bytes)
}

pub fn vectors() -> Vec<Vector> {
    [fixed_parts(), bodies(), role_lists(), signers(), chains()].concat()
}

fn fixed_parts() -> Vec<Vector> {
    type BytesEdit = fn(&mut Vec<u8>);
    let rows: [(&str, &str, &str, BytesEdit); 17] = [
        ("empty", "No bytes at all.", "IMP-2013", |it| it.clear()),
        ("magic", "One bit of the magic.", "IMP-2013", |it| {
            it[0] ^= 1
        }),
        ("magic-only", "The magic and no more.", "IMP-2015", |it| {
            it.truncate(8)
        }),
        ("header-cut", "15 bytes.", "IMP-2015", |it| it.truncate(15)),
        ("version", "Version 2.", "IMP-2014", |it| it[8] = 2),
        (
            "version-and-zero",
            "Version 2, and a zero byte is 1.",
            "IMP-2014",
            |it| {
                it[8] = 2;
                it[10] = 1;
            },
        ),
        ("reserved", "A zero byte is 1.", "IMP-2015", |it| it[11] = 1),
        ("body-len-0", "A body of no bytes.", "IMP-2015", |it| {
            it[12..16].fill(0)
        }),
        (
            "body-len-over",
            "A body of 64 KiB and a byte.",
            "IMP-2015",
            |it| {
                it[12..16].copy_from_slice(&65_537u32.to_le_bytes());
            },
        ),
        ("body-len-huge", "A body of 4 GiB.", "IMP-2015", |it| {
            it[12..16].fill(0xFF)
        }),
        ("body-cut", "It ends within the body.", "IMP-2015", |it| {
            it.truncate(40)
        }),
        (
            "no-signature",
            "It ends behind the body.",
            "IMP-2015",
            |it| it.truncate(it.len() - 192),
        ),
        (
            "signature-cut",
            "The last byte of the last signature is missing: whole signatures are looked for before any is verified.",
            "IMP-2015",
            |it| {
                it.pop();
            },
        ),
        (
            "signature-half",
            "Half a record behind the last one.",
            "IMP-2015",
            |it| it.extend([0; 48]),
        ),
        ("trailing", "One byte more.", "IMP-2015", |it| it.push(0)),
        ("signatures-33", "33 records.", "IMP-2015", |it| {
            it.extend([0; 96 * 31])
        }),
        (
            "signature-cut-and-body",
            "Cut, and its body is no map.",
            "IMP-2015",
            |it| {
                it[16] = 0;
                it.pop();
            },
        ),
    ];
    rows.map(|(name, about, expect, edit)| {
        let mut bytes = first().write();
        edit(&mut bytes);
        row(name, about, expect, bytes)
    })
    .into()
}

fn bodies() -> Vec<Vector> {
    let rows: [(&str, &str, &str, Edit); 17] = [
        ("owner-64", "An owner of 64 bytes.", "ok", |it| {
            it.set(1, text("o".repeat(64)))
        }),
        (
            "owner-empty",
            "An owner without a name.",
            "IMP-2015",
            |it| it.set(1, text("")),
        ),
        ("owner-65", "An owner of 65 bytes.", "IMP-2015", |it| {
            it.set(1, text("o".repeat(65)))
        }),
        (
            "owner-bytes",
            "An owner that is a byte string.",
            "IMP-2015",
            |it| it.set(1, bytes(*b"Acme")),
        ),
        ("number-0", "Number 0.", "IMP-2015", |it| it.set(2, int(0))),
        ("number-text", "A number that is text.", "IMP-2015", |it| {
            it.set(2, text("1"))
        }),
        ("number-long", "Number 1 in two bytes.", "IMP-2015", |it| {
            it.set(2, raw([0x18, 1]))
        }),
        ("without-owner", "Without key 1.", "IMP-2015", |it| {
            it.remove(1)
        }),
        ("without-roles", "Without key 3.", "IMP-2015", |it| {
            it.remove(3)
        }),
        ("key-4", "Key 4.", "IMP-2015", |it| it.set(4, int(1))),
        (
            "key-1000",
            "Key 1000: nothing is ignorable here.",
            "IMP-2015",
            |it| it.set(1000, bytes([])),
        ),
        ("roles-map", "A map of roles.", "IMP-2015", |it| {
            it.set(3, map([]))
        }),
        ("role-of-2", "A role of two parts.", "IMP-2015", |it| {
            it.at(3).items()[0].items().pop();
        }),
        ("role-of-4", "A role of four parts.", "IMP-2015", |it| {
            it.at(3).items()[0].items().push(int(0))
        }),
        ("key-of-31", "A public key of 31 bytes.", "IMP-2015", |it| {
            it.at(3).items()[3].items()[2] = list([bytes([1; 31])])
        }),
        (
            "threshold-text",
            "A threshold that is text.",
            "IMP-2015",
            |it| it.at(3).items()[0].items()[1] = text("2"),
        ),
        (
            "keys-unsorted-map",
            "Its keys in the other order.",
            "IMP-2015",
            |it| it.entries().reverse(),
        ),
    ];
    let mut all: Vec<Vector> = rows
        .into_iter()
        .map(|(name, about, expect, edit)| row(name, about, expect, first().edit(edit).write()))
        .collect();
    let body = first().body.encode();
    let trailing = [&body[..], &[0]].concat();
    let indefinite = [&[0xBF], &body[1..], &[0xFF]].concat();
    all.push(row(
        "body-trailing",
        "A byte behind the map.",
        "IMP-2015",
        first().write_body(trailing),
    ));
    all.push(row(
        "body-indefinite",
        "A map of indefinite length.",
        "IMP-2015",
        first().write_body(indefinite),
    ));
    let flipped = first().write_body(body.clone()).into_iter().enumerate();
    let flipped = flipped.map(|(at, byte)| if at == 17 + 1 { byte ^ 0x80 } else { byte });
    all.push(row(
        "body-flipped",
        "The head of the owner's name is another: the body is looked at before the signatures.",
        "IMP-2015",
        flipped.collect(),
    ));
    all
}

fn role_lists() -> Vec<Vector> {
    let many: Vec<u8> = (60..77).collect();
    let (most, over) = (&many[..16], &many[..]);
    let rows: [(&str, &str, &str, Roles); 16] = [
        (
            "roles-two",
            "Root and release alone.",
            "ok",
            &[(1, 2, &[10, 12]), (2, 1, &[20])],
        ),
        (
            "role-keys-16",
            "A role of 16 keys, all of which must sign.",
            "ok",
            &[(1, 2, &[10, 12]), (2, 16, most)],
        ),
        (
            "role-keys-17",
            "A role of 17 keys.",
            "IMP-2016",
            &[(1, 2, &[10, 12]), (2, 1, over)],
        ),
        ("roles-none", "No role.", "IMP-2016", &[]),
        (
            "roles-without-root",
            "Without the role root.",
            "IMP-2016",
            &[(2, 1, &[20])],
        ),
        (
            "roles-without-release",
            "Without the role release.",
            "IMP-2016",
            &[(1, 2, &[10, 12])],
        ),
        (
            "role-0",
            "Role 0.",
            "IMP-2016",
            &[(0, 1, &[50]), (1, 2, &[10, 12]), (2, 1, &[20])],
        ),
        (
            "role-6",
            "Role 6.",
            "IMP-2016",
            &[(1, 2, &[10, 12]), (2, 1, &[20]), (6, 1, &[50])],
        ),
        (
            "roles-unsorted",
            "Roles out of order.",
            "IMP-2016",
            &[(2, 1, &[20]), (1, 2, &[10, 12])],
        ),
        (
            "roles-twice",
            "One role twice.",
            "IMP-2016",
            &[(1, 2, &[10, 12]), (2, 1, &[20]), (2, 1, &[21])],
        ),
        (
            "threshold-0",
            "A threshold of 0.",
            "IMP-2016",
            &[(1, 2, &[10, 12]), (2, 0, &[20])],
        ),
        (
            "threshold-over",
            "A threshold of more than its keys.",
            "IMP-2016",
            &[(1, 2, &[10, 12]), (2, 2, &[20])],
        ),
        (
            "threshold-huge",
            "A threshold of 2^64 - 1.",
            "IMP-2016",
            &[(1, 2, &[10, 12]), (2, u64::MAX, &[20])],
        ),
        (
            "distributors-two",
            "A threshold of 2 for distributors.",
            "IMP-2016",
            &[(1, 2, &[10, 12]), (2, 1, &[20]), (4, 2, &[40, 41])],
        ),
        (
            "role-keys-none",
            "A role without keys.",
            "IMP-2016",
            &[(1, 2, &[10, 12]), (2, 1, &[20]), (3, 1, &[])],
        ),
        (
            "role-key-twice",
            "One key twice in a role.",
            "IMP-2016",
            &[(1, 2, &[10, 12]), (2, 1, &[20, 20])],
        ),
    ];
    let mut all: Vec<Vector> = rows
        .into_iter()
        .map(|(name, about, expect, given)| row(name, about, expect, first().roles(given).write()))
        .collect();
    let unsorted = first().edit(|it| it.at(3).items()[0].items()[2].items().reverse());
    all.push(row(
        "role-keys-unsorted",
        "Keys of a role out of order.",
        "IMP-2016",
        unsorted.write(),
    ));
    let weak = first().edit(|it| {
        let identity = unhex("0100000000000000000000000000000000000000000000000000000000000000");
        it.at(3).items()[3].items()[2] = list([bytes(identity)]);
    });
    all.push(row(
        "role-key-weak",
        "A key of a role is of small order.",
        "IMP-2016",
        weak.write(),
    ));
    let roles_and_signature = first().roles(&[(1, 2, &[10, 12])]).write();
    let flipped = [
        &roles_and_signature[..roles_and_signature.len() - 1],
        &[0xFF],
    ]
    .concat();
    all.push(row(
        "roles-and-signature",
        "Without the role release, and the last signature is bad: roles are looked at first.",
        "IMP-2016",
        flipped,
    ));
    all
}

fn signers() -> Vec<Vector> {
    let rows: [(&str, &str, &str, &[u8]); 8] = [
        (
            "first",
            "Number 1 of an owner, signed by two of three.",
            "ok",
            &[10, 12],
        ),
        (
            "signers-all",
            "Signed by all of the role root.",
            "ok",
            &[10, 11, 12],
        ),
        (
            "signers-one",
            "Signed by one, and two are needed.",
            "IMP-2018",
            &[10],
        ),
        (
            "signers-release",
            "Signed by two of the role release.",
            "IMP-2018",
            &[20, 21],
        ),
        (
            "signers-one-and-release",
            "Signed by one of root and one of release.",
            "IMP-2018",
            &[10, 20],
        ),
        (
            "signers-stranger",
            "Signed by enough, and by a stranger.",
            "IMP-2019",
            &[10, 12, 99],
        ),
        (
            "signers-release-too",
            "Signed by enough, and by one of release.",
            "IMP-2019",
            &[10, 12, 20],
        ),
        (
            "signers-twice",
            "One has signed twice.",
            "IMP-2017",
            &[10, 10],
        ),
    ];
    let mut all: Vec<Vector> = rows
        .into_iter()
        .map(|(name, about, expect, seeds)| row(name, about, expect, form(1, USUAL, seeds).write()))
        .collect();
    type BytesEdit = fn(&mut Vec<u8>);
    let rows: [(&str, &str, BytesEdit); 7] = [
        (
            "signature-flipped",
            "One bit of the last signature.",
            |it| *it.last_mut().unwrap() ^= 1,
        ),
        (
            "signature-r-flipped",
            "One bit of the first signature's R.",
            |it| {
                let at = it.len() - 160;
                it[at] ^= 1;
            },
        ),
        ("signature-long-s", "S + L in the place of S.", |it| {
            let at = it.len() - 64;
            add_order(&mut it[at..]);
        }),
        ("signer-weak", "A signer's key is of small order.", |it| {
            let at = it.len() - 96;
            it[at..at + 32].fill(0);
            it[at] = 1;
        }),
        ("signatures-swapped", "The two records swapped.", |it| {
            let at = it.len() - 192;
            it[at..].rotate_left(96);
        }),
        ("signer-removed", "One of two records removed.", |it| {
            it.truncate(it.len() - 96)
        }),
        ("owner-flipped", "One bit of the owner's name.", |it| {
            it[19] ^= 1
        }),
    ];
    for (name, about, edit) in rows {
        let mut bytes = first().write();
        edit(&mut bytes);
        all.push(row(name, about, "IMP-2017", bytes));
    }
    let body = first().body.encode();
    let as_an_image = records(&[10, 12], &[b"imprint-image-v1\0", &body[..]].concat());
    let about = "Signed with the text of images.";
    all.push(row(
        "signed-as-an-image",
        about,
        "IMP-2017",
        first().around(&body, &as_an_image),
    ));
    let signed = [b"imprint-root-v1\0", &body[..]].concat();
    let orders = [[10, 12], [12, 10]].map(|seeds| records_as_given(&seeds, &signed));
    let unsorted = orders
        .into_iter()
        .find(|it| *it != records(&[10, 12], &signed))
        .unwrap();
    let about = "Signed by two in the other order of their key ids.";
    all.push(row(
        "signatures-unsorted",
        about,
        "IMP-2017",
        first().around(&body, &unsorted),
    ));
    let number_5 = form(5, USUAL, &[10, 12, 99]).write();
    let about =
        "Number 5 as the first that is given, signed by enough and by one who may be of number 4.";
    all.push(row("start-with-5", about, "ok", number_5));
    let few = form(5, USUAL, &[10, 98, 99]).write();
    all.push(row(
        "start-with-5-too-few",
        "Number 5 as the first that is given, signed by one of its own.",
        "IMP-2018",
        few,
    ));
    all
}

/// Documents that are to follow `root-first`.
fn chains() -> Vec<Vector> {
    let rows: [(&str, &str, &str, Form); 16] = [
        (
            "second",
            "Number 2, signed by two of the old and two of the new role root.",
            "ok",
            second(&[10, 12, 13]),
        ),
        (
            "second-by-four",
            "Signed by four, none of both.",
            "ok",
            second(&[10, 11, 13, 14]),
        ),
        (
            "second-by-the-old",
            "Signed by the old role root alone.",
            "IMP-2018",
            second(&[10, 11]),
        ),
        (
            "second-by-the-new",
            "Signed by the new role root alone.",
            "IMP-2018",
            second(&[13, 14]),
        ),
        (
            "second-by-one-of-each",
            "Signed by one who is of both and one of the new.",
            "IMP-2018",
            second(&[12, 13]),
        ),
        (
            "second-by-a-stranger",
            "Signed by enough of both, and by a stranger.",
            "IMP-2019",
            second(&[10, 12, 13, 99]),
        ),
        (
            "second-by-too-few-and-a-stranger",
            "Signed by too few and a stranger: their number is looked at first.",
            "IMP-2018",
            second(&[12, 13, 99]),
        ),
        ("number-1-again", "Number 1 again.", "IMP-2021", first()),
        (
            "number-3",
            "Number 3 behind number 1.",
            "IMP-2021",
            form(3, NEXT, &[10, 12, 13]),
        ),
        (
            "number-most",
            "Number 2^64 - 1 behind number 1.",
            "IMP-2021",
            form(u64::MAX, NEXT, &[10, 12, 13]),
        ),
        (
            "number-3-by-too-few",
            "Number 3 behind number 1, signed by one: the number is looked at first.",
            "IMP-2021",
            form(3, NEXT, &[10]),
        ),
        (
            "owner-other",
            "Another owner.",
            "IMP-2020",
            second(&[10, 12, 13]).edit(|it| it.set(1, text("Acme "))),
        ),
        (
            "owner-other-number-3",
            "Another owner and number 3: the owner is looked at first.",
            "IMP-2020",
            form(3, NEXT, &[10, 12, 13]).edit(|it| it.set(1, text("acme"))),
        ),
        (
            "second-without-release",
            "Number 2 without the role release.",
            "IMP-2016",
            second(&[10, 12, 13]).roles(&[(ROOT, 2, &[12, 13])]),
        ),
        (
            "second-same-roles",
            "Number 2 with the roles of number 1.",
            "ok",
            form(2, USUAL, &[11, 12]),
        ),
        (
            "second-number-0",
            "Number 0 behind number 1.",
            "IMP-2015",
            form(0, NEXT, &[10, 12, 13]),
        ),
    ];
    let mut all: Vec<Vector> = rows
        .into_iter()
        .map(|(name, about, expect, form)| {
            row(name, about, expect, form.write()).root("root-first")
        })
        .collect();
    let mut flipped = second(&[10, 12, 13]).write();
    *flipped.last_mut().unwrap() ^= 1;
    all.push(
        row(
            "second-flipped",
            "One bit of a signature of number 2.",
            "IMP-2017",
            flipped,
        )
        .root("root-first"),
    );
    let third = form(3, NEXT, &[12, 14]).write();
    all.push(
        row("third", "Number 3 behind number 2.", "ok", third).root("root-second-by-four-start"),
    );
    let start = form(2, NEXT, &[12, 13]).write();
    all.push(row(
        "second-by-four-start",
        "Number 2 as the first that is given, by its own role root.",
        "ok",
        start,
    ));
    let one_root: Roles = &[
        (ROOT, 1, &[10]),
        (RELEASE, 1, &[1, 20]),
        (DISTRIBUTOR, 1, &[41]),
    ];
    all.push(row(
        "other-owner",
        "The root document of another owner, without the role policy.",
        "ok",
        form(1, one_root, &[10])
            .edit(|it| it.set(1, text("Bolt")))
            .write(),
    ));
    all
}
