//! Signatures and who is trusted: rows 7 to 9.

use crate::support::signer;
use crate::{
    support::sign,
    vector::Vector,
    writer::{Seal, Sealed, plain, records_as_given},
};

/// Signed by three.
fn cosigned() -> Seal {
    plain().signers(&[1, 2, 3])
}

/// The order of the group, lowest byte first: RFC 8032, section 5.1.
const ORDER: [u8; 32] = [
    0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// Points of order 1, 2, 4 and 8, and other encodings of some.
const SMALL: [(&str, &str); 8] = [
    (
        "identity",
        "0100000000000000000000000000000000000000000000000000000000000000",
    ),
    (
        "order-2",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ),
    (
        "order-4",
        "0000000000000000000000000000000000000000000000000000000000000000",
    ),
    (
        "order-4-negative",
        "0000000000000000000000000000000000000000000000000000000000000080",
    ),
    (
        "order-8",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    ),
    (
        "order-8-negative",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    ),
    (
        "order-8-other",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ),
    (
        "order-8-other-negative",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    ),
];

/// No encodings of points: y of p or more, and a y that no point has.
const NO_POINTS: [(&str, &str, &str); 4] = [
    (
        "long-identity",
        "the identity with y = p + 1",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ),
    (
        "long-zero",
        "y = p",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ),
    (
        "long-all",
        "all bits set",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ),
    (
        "off-the-curve",
        "y = 2, which no point has",
        "0200000000000000000000000000000000000000000000000000000000000000",
    ),
];

pub fn unhex(digits: &str) -> Vec<u8> {
    base16ct::lower::decode_vec(digits).unwrap()
}

fn with_key(key: &[u8]) -> Sealed {
    plain()
        .write()
        .edit(|it| it.signatures[..32].copy_from_slice(key))
}

/// S + L instead of S, which is the same number to a reader that does not look.
pub fn add_order(signature: &mut [u8]) {
    let mut carry = 0;
    for (byte, order) in signature[32..64].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
}

pub fn vectors() -> Vec<Vector> {
    let row =
        |name: &str, about: &str, expect, sealed: Sealed| Vector::new(name, about, expect, sealed);
    let mut all = vec![
        row(
            "cosigned",
            "Three signers, the second is trusted.",
            "ok",
            cosigned().write(),
        )
        .trust(&[2]),
        row(
            "signers-8",
            "Eight signers.",
            "ok",
            plain().signers(&[1, 2, 3, 4, 5, 6, 7, 8]).write(),
        ),
        row(
            "trust-two",
            "Two are trusted, one of them has signed.",
            "ok",
            plain().write(),
        )
        .trust(&[2, 1]),
        row(
            "signer-unknown",
            "Signed by another.",
            "IMP-2106",
            plain().write(),
        )
        .trust(&[2]),
        row(
            "signer-unknown-and-bad",
            "Signed by another, and the signature is bad: who signed is asked first.",
            "IMP-2106",
            plain().write(),
        )
        .trust(&[2])
        .bytes(|it| {
            let at = it.len() - plain().write().chunks.concat().len() - 32 - 64;
            it[at] ^= 1;
        }),
        row(
            "signature-flipped",
            "One bit of the signature's R.",
            "IMP-2107",
            plain().write().edit(|it| it.signatures[32] ^= 1),
        ),
        row(
            "signature-s-flipped",
            "One bit of the signature's S.",
            "IMP-2107",
            plain().write().edit(|it| it.signatures[64] ^= 1),
        ),
        row(
            "signature-long-s",
            "S + L in the place of S.",
            "IMP-2107",
            plain()
                .write()
                .edit(|it| add_order(&mut it.signatures[32..])),
        ),
        row(
            "signature-zero",
            "A signature of zero bytes.",
            "IMP-2107",
            plain().write().edit(|it| it.signatures[32..].fill(0)),
        ),
        row(
            "signature-second-flipped",
            "One bit of the signature of another than the trusted signer.",
            "IMP-2107",
            cosigned().write().edit(|it| {
                // Whichever of them stands last: all must hold.
                it.signatures[2 * 96 + 32] ^= 1;
            }),
        )
        .trust(&[1, 2, 3]),
        row(
            "signature-first-flipped",
            "One bit of the first of three signatures.",
            "IMP-2107",
            cosigned().write().edit(|it| it.signatures[32] ^= 1),
        )
        .trust(&[1, 2, 3]),
        row(
            "signatures-swapped",
            "The first two of three records swapped.",
            "IMP-2107",
            cosigned().write().edit(|it| it.signatures.rotate_left(96)),
        ),
        row(
            "signatures-unsorted",
            "Signed by two, in the other order of their key ids.",
            "IMP-2107",
            unsorted(),
        ),
        row(
            "signatures-unsorted-untrusted",
            "Out of order, and nobody is trusted: their form is looked at first.",
            "IMP-2107",
            unsorted(),
        )
        .trust(&[9]),
        row(
            "signature-twice",
            "The first of three records again in place of the second.",
            "IMP-2107",
            cosigned().write().edit(|it| {
                it.signatures.copy_within(..96, 96);
            }),
        ),
        row(
            "signer-twice",
            "One signer has signed twice, properly.",
            "IMP-2107",
            plain().signers(&[1, 1]).write(),
        ),
        row(
            "signer-removed",
            "One of three records removed, and the header says so.",
            "IMP-2107",
            cosigned().write().edit(|it| {
                it.signatures.truncate(192);
                it.header[20..24].copy_from_slice(&192u32.to_le_bytes());
            }),
        )
        .trust(&[1, 2, 3]),
        row(
            "manifest-flipped",
            "One bit of the manifest.",
            "IMP-2107",
            plain().write().edit(|it| it.manifest[6] ^= 1),
        ),
        row(
            "signed-without-domain",
            "Signed without the text in front.",
            "IMP-2107",
            signed_over(|header, manifest, key| [header, manifest, key].concat()),
        ),
        row(
            "signed-without-zero",
            "Signed without the zero byte behind the text.",
            "IMP-2107",
            signed_over(|header, manifest, key| {
                [b"imprint-image-v1", header, manifest, key].concat()
            }),
        ),
        row(
            "signed-without-keys",
            "Signed without the public keys.",
            "IMP-2107",
            signed_over(|header, manifest, _| [b"imprint-image-v1\0", header, manifest].concat()),
        ),
        row(
            "signed-without-header",
            "Signed without the header.",
            "IMP-2107",
            signed_over(|_, manifest, key| [b"imprint-image-v1\0", manifest, key].concat()),
        ),
        row(
            "signed-as-a-grant",
            "Signed with the text of grants.",
            "IMP-2107",
            signed_over(|header, manifest, key| {
                [b"imprint-grant-v1\0", header, manifest, key].concat()
            }),
        ),
    ];
    for (name, digits) in SMALL {
        let about = format!("The signer's key is a point of small order: {name}.");
        all.push(row(
            &format!("signer-{name}"),
            &about,
            "IMP-2107",
            with_key(&unhex(digits)),
        ));
    }
    for (name, what, digits) in NO_POINTS {
        let about = format!("The signer's key is no point: {what}.");
        all.push(row(
            &format!("signer-{name}"),
            &about,
            "IMP-2107",
            with_key(&unhex(digits)),
        ));
        let about = format!("The R of a signature is no point: {what}.");
        let sealed = plain()
            .write()
            .edit(|it| it.signatures[32..64].copy_from_slice(&unhex(digits)));
        all.push(row(
            &format!("signature-r-{name}"),
            &about,
            "IMP-2107",
            sealed,
        ));
    }
    all
}

fn unsorted() -> Sealed {
    plain().signers(&[1, 2]).write().edit(|it| {
        let signed = [b"imprint-image-v1\0", &it.header[..], &it.manifest].concat();
        let orders = [[1, 2], [2, 1]].map(|seeds| records_as_given(&seeds, &signed));
        let [other] = orders
            .into_iter()
            .filter(|order| *order != it.signatures)
            .collect::<Vec<_>>()
            .try_into()
            .unwrap();
        it.signatures = other;
    })
}

/// Signed by 1 over something else.
fn signed_over(message: impl Fn(&[u8], &[u8], &[u8]) -> Vec<u8>) -> Sealed {
    plain().write().edit(|it| {
        let message = message(&it.header, &it.manifest, &it.signatures[..32]);
        let signature = sign(&signer(1), &message);
        it.signatures[32..].copy_from_slice(&signature);
    })
}
