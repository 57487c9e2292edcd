//! The header: rows 1 to 6 of the order of checks.

use crate::{
    vector::Vector,
    writer::{ENCRYPTED, PLAIN, encrypted, plain},
};

type Edit = fn(&mut Vec<u8>);

fn put<const N: usize>(bytes: &mut [u8], at: usize, value: [u8; N]) {
    bytes[at..at + N].copy_from_slice(&value);
}

pub fn vectors() -> Vec<Vector> {
    let rows: &[(&str, &str, &str, Edit)] = &[
        ("empty", "No bytes at all.", "IMP-2100", |it| it.clear()),
        ("magic-only-7", "The first seven bytes.", "IMP-2100", |it| {
            it.truncate(7)
        }),
        ("magic-only", "The magic and no more.", "IMP-2104", |it| {
            it.truncate(8)
        }),
        ("header-cut", "63 bytes.", "IMP-2104", |it| it.truncate(63)),
        ("header-only", "The header and no more.", "IMP-2104", |it| {
            it.truncate(64)
        }),
        (
            "version-cut",
            "Version 2, and the file ends there: its length is looked at first.",
            "IMP-2104",
            |it| {
                it[8] = 2;
                it.truncate(10);
            },
        ),
        (
            "magic",
            "The first byte lost its high bit.",
            "IMP-2100",
            |it| it[0] &= 0x7F,
        ),
        (
            "magic-line-end",
            "CR LF became LF, as in a transfer of text.",
            "IMP-2100",
            |it| {
                it.remove(4);
            },
        ),
        (
            "magic-of-an-object",
            "The magic of an object.",
            "IMP-2100",
            |it| it[3] = b'O',
        ),
        (
            "magic-of-a-grant",
            "The magic of a grant.",
            "IMP-2100",
            |it| it[3] = b'G',
        ),
        ("version", "Version 2.", "IMP-2101", |it| it[8] = 2),
        ("version-0", "Version 0.", "IMP-2101", |it| it[8] = 0),
        ("version-high", "Version 257.", "IMP-2101", |it| it[9] = 1),
        (
            "version-and-suite",
            "Version 2 and suite 2 and a reserved byte.",
            "IMP-2101",
            |it| {
                it[8] = 2;
                it[10] = 2;
                it[12] = 1;
            },
        ),
        ("suite", "Suite 2.", "IMP-2102", |it| put(it, 10, [2, 0])),
        ("suite-0", "Suite 0.", "IMP-2102", |it| put(it, 10, [0, 0])),
        ("suite-0x8000", "Suite 0x8000.", "IMP-2102", |it| {
            put(it, 10, [0, 0x80])
        }),
        (
            "suite-0x0100",
            "Suite 1 with its bytes swapped.",
            "IMP-2102",
            |it| put(it, 10, [0, 1]),
        ),
        (
            "suite-and-reserved",
            "Suite 2 and a reserved byte.",
            "IMP-2102",
            |it| {
                it[10] = 2;
                it[63] = 1;
            },
        ),
        (
            "suite-swapped",
            "A plain image that says it is encrypted.",
            "IMP-2107",
            |it| {
                put(it, 10, ENCRYPTED.to_le_bytes());
            },
        ),
        ("reserved-12", "Byte 12 is 1.", "IMP-2103", |it| it[12] = 1),
        ("reserved-15", "Byte 15 is 0x80.", "IMP-2103", |it| {
            it[15] = 0x80
        }),
        ("reserved-40", "Byte 40 is 1.", "IMP-2103", |it| it[40] = 1),
        ("reserved-63", "Byte 63 is 1.", "IMP-2103", |it| it[63] = 1),
        (
            "manifest-len-0",
            "A manifest of no bytes.",
            "IMP-2103",
            |it| put(it, 16, [0; 4]),
        ),
        (
            "manifest-len-limit",
            "A manifest of 1 MiB, and the file is shorter.",
            "IMP-2104",
            |it| {
                put(it, 16, (1u32 << 20).to_le_bytes());
            },
        ),
        (
            "manifest-len-over",
            "A manifest of 1 MiB and a byte.",
            "IMP-2103",
            |it| {
                put(it, 16, ((1u32 << 20) + 1).to_le_bytes());
            },
        ),
        (
            "manifest-len-huge",
            "A manifest of 4 GiB.",
            "IMP-2103",
            |it| put(it, 16, [0xFF; 4]),
        ),
        ("signatures-len-0", "No signature.", "IMP-2103", |it| {
            put(it, 20, [0; 4])
        }),
        (
            "signatures-len-95",
            "Signatures of 95 bytes.",
            "IMP-2103",
            |it| it[20] = 95,
        ),
        (
            "signatures-len-97",
            "Signatures of 97 bytes.",
            "IMP-2103",
            |it| it[20] = 97,
        ),
        ("signatures-len-9", "Nine signatures.", "IMP-2103", |it| {
            put(it, 20, (96u32 * 9).to_le_bytes())
        }),
        (
            "signatures-len-huge",
            "Signatures of nearly 4 GiB, a whole number.",
            "IMP-2103",
            |it| {
                put(it, 20, (u32::MAX / 96 * 96).to_le_bytes());
            },
        ),
        ("index-len-0", "No index.", "IMP-2103", |it| it[24] = 0),
        (
            "index-len-more",
            "An index of a hash too many.",
            "IMP-2103",
            |it| it[24] = 64,
        ),
        ("index-len-31", "An index of 31 bytes.", "IMP-2103", |it| {
            it[24] = 31
        }),
        (
            "index-len-overflow",
            "An index of 2^64 - 32 bytes.",
            "IMP-2103",
            |it| {
                put(it, 24, (u64::MAX - 31).to_le_bytes());
            },
        ),
        (
            "payload-len-huge",
            "A payload of 2^64 - 1 bytes.",
            "IMP-2103",
            |it| put(it, 32, [0xFF; 8]),
        ),
        (
            "payload-len-over",
            "A payload of 64 GiB and a byte, with the index of 64 GiB.",
            "IMP-2103",
            |it| {
                put(it, 24, (32u64 * (1_048_577 + 4_097 + 17)).to_le_bytes());
                put(it, 32, ((64u64 << 30) + 1).to_le_bytes());
            },
        ),
        (
            "payload-len-limit",
            "A payload of 64 GiB with its index, and the file is shorter.",
            "IMP-2104",
            |it| {
                put(it, 24, (32u64 * (1_048_577 + 4_097 + 17)).to_le_bytes());
                put(it, 32, (64u64 << 30).to_le_bytes());
            },
        ),
        (
            "payload-len-chunks",
            "A payload of 65,536 bytes, which are two chunks, with an index of one.",
            "IMP-2103",
            |it| {
                put(it, 32, 65_536u64.to_le_bytes());
            },
        ),
        (
            "payload-len-more",
            "A payload that is a byte longer than what is there.",
            "IMP-2104",
            |it| it[32] += 1,
        ),
        ("cut", "The last byte is missing.", "IMP-2104", |it| {
            it.pop();
        }),
        ("lengthened", "One byte more.", "IMP-2105", |it| it.push(0)),
    ];
    let mut all: Vec<Vector> = rows
        .iter()
        .map(|(name, about, expect, edit)| {
            Vector::new(name, about, expect, plain().write()).bytes(edit)
        })
        .collect();
    let rows: &[(&str, &str, &str, Edit)] = &[
        (
            "encrypted-payload-len-0",
            "An encrypted payload of no bytes.",
            "IMP-2103",
            |it| put(it, 32, [0; 8]),
        ),
        (
            "encrypted-payload-len-15",
            "An encrypted payload of 15 bytes, less than a tag.",
            "IMP-2103",
            |it| {
                put(it, 32, 15u64.to_le_bytes());
            },
        ),
        (
            "encrypted-payload-len-chunk",
            "An encrypted payload of one whole chunk and no last one.",
            "IMP-2103",
            |it| {
                put(it, 32, 65_552u64.to_le_bytes());
            },
        ),
        (
            "encrypted-payload-len-tag",
            "An encrypted payload whose last chunk is 15 bytes, less than a tag.",
            "IMP-2103",
            |it| {
                put(it, 24, 64u64.to_le_bytes());
                put(it, 32, (65_552u64 + 15).to_le_bytes());
            },
        ),
        (
            "encrypted-suite-swapped",
            "An encrypted image that says it is plain.",
            "IMP-2107",
            |it| {
                put(it, 10, PLAIN.to_le_bytes());
            },
        ),
    ];
    all.extend(rows.iter().map(|(name, about, expect, edit)| {
        let image = encrypted().write().granted(&[1]);
        Vector::new(name, about, expect, image)
            .station(1)
            .bytes(edit)
    }));
    let object = plain().write();
    all.push(
        Vector::new(
            "object-as-image",
            "An object in the place of an image.",
            "IMP-2100",
            object,
        )
        .bytes(|it| *it = plain().object.write()),
    );
    let cut = plain().write();
    all.push(
        Vector::new(
            "cut-and-untrusted",
            "Cut, and signed by another: its length is looked at first.",
            "IMP-2104",
            cut,
        )
        .trust(&[2])
        .bytes(|it| it.truncate(it.len() - 1)),
    );
    let signed: [(&str, &str, &str, Edit); 3] = [
        (
            "signed-version",
            "Version 2, properly signed.",
            "IMP-2101",
            |it| it[8] = 2,
        ),
        (
            "signed-reserved",
            "Byte 63 is 1, properly signed.",
            "IMP-2103",
            |it| it[63] = 1,
        ),
        (
            "signed-suite",
            "A plain image that says it is encrypted, properly signed.",
            "IMP-2108",
            |it| it[10..12].copy_from_slice(&[1, 0]),
        ),
    ];
    for (name, about, expect, edit) in signed {
        all.push(Vector::new(
            name,
            about,
            expect,
            plain().header(edit).write(),
        ));
    }
    let short = plain().chunks(|it| it[0].truncate(31)).write();
    all.push(Vector::new(
        "payload-len-31",
        "A payload that is shorter than its salt.",
        "IMP-2108",
        short,
    ));
    all.push(Vector::new("plain", "Suite 0x8001.", "ok", plain().write()));
    let granted = encrypted().write().granted(&[1, 2]);
    let about = "Suite 1, for two stations; opened by the second.";
    all.push(Vector::new("encrypted", about, "ok", granted).station(2));
    all
}
