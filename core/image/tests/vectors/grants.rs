//! Grants: rows 16 to 19.

use crate::{
    cbor::{bytes, list},
    grant_form::{GrantForm, NONE},
    signatures::{add_order, unhex},
    support::station,
    vector::Vector,
    writer::{Sealed, encrypted, public, seeded},
};

type Edit = fn(&mut GrantForm);
type BytesEdit = fn(&mut Vec<u8>);

/// Grants that are signed as they are, and not good.
const BAD: &[(&str, &str, Edit)] = &[
    ("version", "Version 2.", |it| it.version = 2),
    ("kind-of-a-job", "The kind of a Job.", |it| it.kind = 1),
    ("kind-2", "Kind 2.", |it| it.kind = 2),
    ("suite", "Suite 0x8001.", |it| it.suite = 0x8001),
    ("flags-2", "Flag 2.", |it| it.flags = 2),
    ("flags-0x8000", "The highest flag.", |it| it.flags = 0x8000),
    ("flags-3", "The owner's flag and another.", |it| {
        it.flags = 3
    }),
    ("zero-first", "The first of the zero bytes is 1.", |it| {
        it.zero[0] = 1
    }),
    ("zero-last", "The last of the zero bytes is 1.", |it| {
        it.zero[15] = 1
    }),
    ("issuer", "An issuer who is not trusted.", |it| {
        it.issuer = 4
    }),
    (
        "for-another-key",
        "Encrypted to another station than it says.",
        |it| it.to = 2,
    ),
    ("secret", "It carries another content key.", |it| {
        it.secret = [1; 32]
    }),
    (
        "info-without-suite",
        "HPKE without the suite in its info.",
        |it| it.info.truncate(17),
    ),
    (
        "info-suite-swapped",
        "HPKE with the bytes of the suite swapped.",
        |it| it.info[17..].copy_from_slice(&[0, 1]),
    ),
    (
        "info-without-zero",
        "HPKE without the zero byte behind the text.",
        |it| {
            it.info.remove(16);
        },
    ),
    (
        "associated-96",
        "HPKE with the bytes 0 to 95 as associated data.",
        |it| it.associated_len = 96,
    ),
    ("associated-0", "HPKE without associated data.", |it| {
        it.associated_len = 0
    }),
    (
        "domain-without-zero",
        "Signed without the zero byte behind the text.",
        |it| {
            it.domain.pop();
        },
    ),
    (
        "domain-of-an-image",
        "Signed with the text of images.",
        |it| it.domain = b"imprint-image-v1\0".to_vec(),
    ),
];

/// Grants that were changed behind their signature.
const DAMAGED: &[(&str, &str, &str, BytesEdit)] = &[
    (
        "signature-flipped",
        "One bit of the signature.",
        "IMP-2202",
        |it| it[224] ^= 1,
    ),
    (
        "signature-long-s",
        "S + L in the place of S.",
        "IMP-2202",
        |it| add_order(&mut it[224..]),
    ),
    ("cap-flipped", "One bit of the cap.", "IMP-2202", |it| {
        it[80] ^= 1
    }),
    ("until-flipped", "One bit of the end.", "IMP-2202", |it| {
        it[88] ^= 1
    }),
    (
        "box-flipped",
        "One bit of the encrypted key.",
        "IMP-2202",
        |it| it[144] ^= 1,
    ),
    ("tag-flipped", "One bit of the tag.", "IMP-2202", |it| {
        it[191] ^= 1
    }),
    (
        "issuer-flipped",
        "One bit of the issuer's key.",
        "IMP-2202",
        |it| it[192] ^= 1,
    ),
    (
        "issuer-identity",
        "The issuer's key is the identity.",
        "IMP-2202",
        |it| {
            it[192..224].fill(0);
            it[192] = 1;
        },
    ),
    (
        "station-flipped",
        "One bit of the station.",
        "IMP-2201",
        |it| it[48] ^= 1,
    ),
    ("image-flipped", "One bit of the image.", "IMP-2201", |it| {
        it[16] ^= 1
    }),
];

/// An image with one grant to station 1, changed.
fn with_bytes(edit: impl FnOnce(&mut Vec<u8>)) -> Sealed {
    let sealed = encrypted().write();
    let mut grant = sealed.grant(1, |_| ());
    edit(&mut grant);
    sealed.with(&[grant])
}

fn with(edit: Edit) -> Sealed {
    let sealed = encrypted().write();
    let grant = sealed.grant(1, edit);
    sealed.with(&[grant])
}

fn with_all(edits: &[Edit]) -> Sealed {
    let sealed = encrypted().write();
    let grants: Vec<_> = edits.iter().map(|edit| sealed.grant(1, edit)).collect();
    sealed.with(&grants)
}

pub fn vectors() -> Vec<Vector> {
    let mut all = Vec::new();
    for (name, about, edit) in BAD {
        let name = format!("grant-{name}");
        all.push(Vector::new(&name, about, "IMP-2202", with(*edit)).station(1));
    }
    for (name, about, expect, edit) in DAMAGED {
        let name = format!("grant-{name}");
        all.push(Vector::new(&name, about, expect, with_bytes(edit)).station(1));
    }
    // The encapsulated key: points that agree on zero, which RFC 9180 refuses (section 7.1.4).
    for (name, digits) in [
        (
            "zero",
            "0000000000000000000000000000000000000000000000000000000000000000",
        ),
        (
            "order-1",
            "0100000000000000000000000000000000000000000000000000000000000000",
        ),
        (
            "order-8",
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        ),
    ] {
        let (name, about) = (
            format!("grant-encapsulated-{name}"),
            "An encapsulated key that agrees on zero with every key.",
        );
        let sealed = with_bytes(|it| {
            it[112..144].copy_from_slice(&unhex(digits));
            let signature = crate::support::sign(
                &crate::support::signer(1),
                &[b"imprint-grant-v1\0", &it[..224]].concat(),
            );
            it[224..].copy_from_slice(&signature);
        });
        all.push(Vector::new(&name, about, "IMP-2202", sealed).station(1));
    }
    all.extend(times());
    all.extend(several());
    all.extend(issuers());
    all.extend(places());
    all
}

fn times() -> Vec<Vector> {
    let rows: [(&str, &str, &str, Edit, Option<u64>); 7] = [
        (
            "until-now",
            "Its last second is now.",
            "ok",
            |it| it.until = 1_000,
            Some(1_000),
        ),
        (
            "until-before",
            "It ended a second ago.",
            "IMP-2202",
            |it| it.until = 1_000,
            Some(1_001),
        ),
        (
            "until-unknown",
            "It has an end, and no time is known.",
            "ok",
            |it| it.until = 1_000,
            None,
        ),
        (
            "until-0",
            "It ends with the first second of 1970, which is now.",
            "ok",
            |it| it.until = 0,
            Some(0),
        ),
        (
            "until-none",
            "Without an end, at the end of time.",
            "ok",
            |_| (),
            Some(NONE),
        ),
        (
            "until-last",
            "It ended a second before the end of time.",
            "IMP-2202",
            |it| it.until = NONE - 1,
            Some(NONE),
        ),
        (
            "cap-0",
            "A cap of no unit: it opens.",
            "ok",
            |it| it.cap = 0,
            None,
        ),
    ];
    rows.map(|(name, about, expect, edit, now)| {
        let vector = Vector::new(&format!("grant-{name}"), about, expect, with(edit)).station(1);
        now.map_or(vector.clone(), |now| vector.now(now))
    })
    .into()
}

fn several() -> Vec<Vector> {
    let rows: [(&str, &str, &str, &[Edit]); 8] = [
        (
            "good-behind-bad",
            "A bad one, then a good one.",
            "ok",
            &[|it| it.version = 2, |_| ()],
        ),
        (
            "good-before-bad",
            "A good one, then a bad one.",
            "ok",
            &[|_| (), |it| it.issuer = 4],
        ),
        (
            "caps",
            "Caps of 5, 7 and 6.",
            "ok",
            &[|it| it.cap = 5, |it| it.cap = 7, |it| it.cap = 6],
        ),
        (
            "best-over",
            "The one with the larger cap is over, the other is not.",
            "ok",
            &[
                |it| {
                    it.cap = 7;
                    it.until = 5;
                },
                |it| it.cap = 6,
            ],
        ),
        (
            "all-over",
            "Both are over.",
            "IMP-2202",
            &[|it| it.until = 5, |it| it.until = 6],
        ),
        ("owner", "The owner's alone.", "ok", &[|it| it.flags = 1]),
        (
            "owner-and-over",
            "The owner's, and one of a station that is over.",
            "ok",
            &[|it| it.flags = 1, |it| it.until = 5],
        ),
        (
            "all-bad",
            "Two bad ones.",
            "IMP-2202",
            &[|it| it.version = 2, |it| it.secret = [1; 32]],
        ),
    ];
    rows.map(|(name, about, expect, edits)| {
        Vector::new(&format!("grants-{name}"), about, expect, with_all(edits))
            .station(1)
            .now(1_000)
    })
    .into()
}

fn issuers() -> Vec<Vector> {
    let cosigned = encrypted().signers(&[1, 2]).write();
    let by_cosigner = cosigned.grant(1, |it| it.issuer = 2);
    let distributed = encrypted()
        .manifest(|it| it.set(8, list([bytes(public(5).id().0)])))
        .write();
    let by_distributor = distributed.grant(1, |it| it.issuer = 5);
    let sealed = encrypted().write();
    let by_trusted = sealed.grant(1, |it| it.issuer = 6);
    vec![
        Vector::new(
            "grant-by-cosigner",
            "The issuer has signed the image and is not trusted.",
            "ok",
            cosigned.with(&[by_cosigner]),
        )
        .station(1),
        Vector::new(
            "grant-by-distributor",
            "The issuer is a distributor of the image.",
            "ok",
            distributed.with(&[by_distributor]),
        )
        .station(1),
        Vector::new(
            "grant-by-trusted",
            "The issuer is trusted and has not signed the image.",
            "ok",
            sealed.with(&[by_trusted]),
        )
        .trust(&[1, 6])
        .station(1),
    ]
}

fn places() -> Vec<Vector> {
    let sealed = || encrypted().write();
    let good = || sealed().grant(1, |_| ());
    let cut = || good()[..287].to_vec();
    let row = Vector::new;
    vec![
        row("grant-beside", "In a file of its own.", "ok", sealed())
            .station(1)
            .grants(&[good()]),
        row(
            "grant-beside-bad",
            "A bad one beside the image, a good one behind it.",
            "ok",
            sealed().granted(&[1]),
        )
        .station(1)
        .grants(&[sealed().grant(1, |it| it.version = 2)]),
        row(
            "grant-beside-good",
            "A good one beside the image, a bad one behind it.",
            "ok",
            with(|it| it.issuer = 4),
        )
        .station(1)
        .grants(&[good()]),
        row(
            "grant-beside-by-a-stranger",
            "In a file of its own, by an issuer who is not trusted.",
            "IMP-2202",
            sealed(),
        )
        .station(1)
        .grants(&[sealed().grant(1, |it| it.issuer = 4)]),
        row(
            "grants-beside-cut",
            "A file of grants that is cut.",
            "IMP-2203",
            sealed(),
        )
        .station(1)
        .grants(&[cut()]),
        row(
            "grants-beside-cut-good-behind",
            "A file of grants that is cut, and a good one behind the image.",
            "IMP-2203",
            sealed().granted(&[1]),
        )
        .station(1)
        .grants(&[cut()]),
        row(
            "grants-beside-cut-no-key",
            "A file of grants that is cut, and no key of a station.",
            "IMP-2200",
            sealed(),
        )
        .grants(&[cut()]),
        row(
            "grants-beside-no-grants",
            "A file of 288 bytes that are no grant.",
            "IMP-2203",
            sealed(),
        )
        .station(1)
        .grants(&[vec![0; 288]]),
        row(
            "grants-beside-plain",
            "A file of rubbish beside a plain image, which needs none.",
            "ok",
            crate::writer::plain().write(),
        )
        .grants(&[vec![0xFF; 5]]),
        row(
            "station-for-plain",
            "The key of a station for a plain image, which needs none.",
            "ok",
            crate::writer::plain().write(),
        )
        .station(1),
        row(
            "no-station-key",
            "Encrypted, and no key.",
            "IMP-2200",
            sealed().granted(&[1]),
        ),
        row(
            "behind-and-no-station-key",
            "A byte behind the grants, and no key.",
            "IMP-2105",
            sealed().granted(&[1]),
        )
        .bytes(|it| it.push(0)),
        row(
            "no-grants",
            "Encrypted, and no grant.",
            "IMP-2201",
            sealed(),
        )
        .station(1),
        row(
            "wrong-station",
            "For other stations.",
            "IMP-2201",
            sealed().granted(&[1, 2]),
        )
        .station(3),
        row(
            "grant-of-another-image",
            "For another image.",
            "IMP-2201",
            {
                let other = encrypted().manifest(|it| it.set(1000, bytes([1]))).write();
                sealed().with(&[other.grant(1, |_| ())])
            },
        )
        .station(1),
        row(
            "grant-for-a-known-station",
            "Says another station and is encrypted to this one.",
            "IMP-2201",
            {
                let grant = sealed().grant(1, |it| it.station = station(2).public().id().0);
                sealed().with(&[grant])
            },
        )
        .station(1),
        row(
            "grant-random",
            "Random bytes behind a sound beginning, for nobody.",
            "IMP-2201",
            with_bytes(|it| {
                let noise: [u8; 280] = seeded(221);
                it[8..].copy_from_slice(&noise);
            }),
        )
        .station(1),
    ]
}
