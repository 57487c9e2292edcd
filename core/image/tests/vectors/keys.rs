//! Key files.

use crate::{
    support::{random, signer, station},
    vector::Vector,
    writer::hex,
};
use imprint_image::{
    KeyFile,
    keys::{LockCost, LockedKey},
};

/// The least that Argon2 takes, so that reading many is quick.
const CHEAP: LockCost = LockCost {
    memory_kib: 8,
    passes: 1,
    lanes: 1,
};

fn row(name: &str, about: &str, expect: &'static str, line: impl Into<Vec<u8>>) -> Vector {
    Vector::plain_file(&format!("key-{name}"), about, expect, "key", line.into())
}

pub fn vectors() -> Vec<Vector> {
    [open(), locked()].concat()
}

fn open() -> Vec<Vector> {
    let secret = signer(1).to_text();
    let line = secret.trim();
    let (kind, digits) = line.split_once(':').unwrap();
    let public = |digits: &str| format!("imprint-signing-public-1:{digits}\n");
    let upper = digits.to_uppercase();
    vec![
        row(
            "signing-secret",
            "The secret key of a signer.",
            "ok",
            secret.as_bytes(),
        ),
        row(
            "signing-public",
            "The public key of a signer.",
            "ok",
            signer(1).public().to_text().as_bytes(),
        ),
        row(
            "station-secret",
            "The secret key of a station.",
            "ok",
            station(1).to_text().as_bytes(),
        ),
        row(
            "station-public",
            "The public key of a station.",
            "ok",
            station(1).public().to_text().as_bytes(),
        ),
        row("cr-lf", "It ends with CR LF.", "ok", format!("{line}\r\n")),
        row("no-line-end", "It has no line end.", "ok", line),
        row(
            "lone-cr",
            "It ends with CR.",
            "IMP-2004",
            format!("{line}\r"),
        ),
        row(
            "two-lf",
            "It ends with two LF.",
            "IMP-2004",
            format!("{line}\n\n"),
        ),
        row(
            "cr-cr-lf",
            "It ends with CR CR LF.",
            "IMP-2004",
            format!("{line}\r\r\n"),
        ),
        row(
            "lf-cr",
            "It ends with LF CR.",
            "IMP-2004",
            format!("{line}\n\r"),
        ),
        row(
            "trailing-space",
            "A space behind the digits.",
            "IMP-2004",
            format!("{line} \n"),
        ),
        row(
            "leading-space",
            "A space before the digits.",
            "IMP-2004",
            format!("{kind}: {digits}\n"),
        ),
        row(
            "two-colons",
            "Two colons.",
            "IMP-2004",
            format!("{kind}::{digits}\n"),
        ),
        row(
            "upper-case",
            "Digits in upper case.",
            "IMP-2004",
            format!("{kind}:{upper}\n"),
        ),
        row(
            "63-digits",
            "63 digits.",
            "IMP-2004",
            format!("{kind}:{}\n", &digits[1..]),
        ),
        row("65-digits", "65 digits.", "IMP-2004", format!("{line}0\n")),
        row("66-digits", "66 digits.", "IMP-2004", format!("{line}00\n")),
        row("no-digits", "No digits.", "IMP-2004", format!("{kind}:\n")),
        row("kind-alone", "The kind and no colon.", "IMP-2004", kind),
        row(
            "zero-byte",
            "A zero byte behind the digits.",
            "IMP-2004",
            format!("{line}\0"),
        ),
        row(
            "byte-order-mark",
            "A byte order mark in front.",
            "IMP-2001",
            format!("\u{FEFF}{line}\n"),
        ),
        row("empty", "No bytes at all.", "IMP-2001", ""),
        row(
            "other-text",
            "Some other text.",
            "IMP-2001",
            "-----BEGIN PRIVATE KEY-----\n",
        ),
        row(
            "capital",
            "The kind with a capital letter.",
            "IMP-2001",
            format!("Imprint{}\n", &line[7..]),
        ),
        row(
            "513-bytes",
            "513 bytes, with line ends behind the line.",
            "IMP-2001",
            format!("{line}{}", "\n".repeat(513 - line.len())),
        ),
        row(
            "not-utf-8",
            "Bytes that are no text.",
            "IMP-2001",
            [b"imprint-signing-secret-1:", &[0xFF; 64][..]].concat(),
        ),
        row(
            "unknown-kind",
            "An unknown kind.",
            "IMP-2002",
            format!("imprint-cloud-secret-1:{digits}\n"),
        ),
        row(
            "version-2",
            "Version 2 of a kind.",
            "IMP-2002",
            format!("imprint-signing-secret-2:{digits}\n"),
        ),
        row(
            "public-locked",
            "A public key under a passphrase.",
            "IMP-2002",
            format!("imprint-signing-public-1.locked:{digits}\n"),
        ),
        row(
            "public-identity",
            "A public key of small order.",
            "IMP-2004",
            public("0100000000000000000000000000000000000000000000000000000000000000"),
        ),
        row(
            "public-order-8",
            "A public key of order 8.",
            "IMP-2004",
            public("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        ),
        row(
            "public-not-canonical",
            "A public key with y = p + 1.",
            "IMP-2004",
            public("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        ),
        row(
            "public-off-the-curve",
            "A public key that is no point.",
            "IMP-2004",
            public("0200000000000000000000000000000000000000000000000000000000000000"),
        ),
    ]
}

fn locked() -> Vec<Vector> {
    const PASSPHRASE: &str = "correct horse";
    let lock = |passphrase: &str, cost| {
        LockedKey::lock(&signer(1), passphrase, cost, &mut random(230))
            .unwrap()
            .to_text()
    };
    let text = lock(PASSPHRASE, CHEAP);
    let line = text.trim();
    let parts: Vec<&str> = line.split(':').collect();
    let &[kind, argon, cost, salt, sealed] = &parts[..] else {
        unreachable!()
    };
    let of = |kind: &str, argon: &str, cost: &str, salt: &str, sealed: &str| {
        format!("{kind}:{argon}:{cost}:{salt}:{sealed}\n")
    };
    let with_cost = |cost: &str| of(kind, argon, cost, salt, sealed);
    let flip = |digits: &str| {
        let mut bytes = base16ct::lower::decode_vec(digits).unwrap();
        bytes[0] ^= 1;
        hex(&bytes)
    };
    let station_lock = LockedKey::lock(&station(1), "Straße 7", CHEAP, &mut random(231))
        .unwrap()
        .to_text();
    let dear = LockCost {
        memory_kib: 64,
        passes: 2,
        lanes: 2,
    };
    let opened = |name: &str, about: &str, expect, line: String| {
        row(&format!("locked-{name}"), about, expect, line).passphrase(PASSPHRASE)
    };
    vec![
        opened(
            "signing",
            "The key of a signer under a passphrase.",
            "ok",
            text.clone(),
        ),
        opened(
            "lanes",
            "Two passes over 64 KiB in two lanes.",
            "ok",
            lock(PASSPHRASE, dear),
        ),
        opened("cr-lf", "It ends with CR LF.", "ok", format!("{line}\r\n")),
        row(
            "locked-station",
            "The key of a station under a passphrase that is not ASCII.",
            "ok",
            station_lock,
        )
        .passphrase("Straße 7"),
        row(
            "locked-no-passphrase",
            "No passphrase.",
            "IMP-2010",
            text.clone(),
        ),
        row(
            "locked-damaged-no-passphrase",
            "No passphrase, and the line is damaged: the passphrase is asked for first.",
            "IMP-2010",
            format!("{kind}:{argon}\n"),
        ),
        row(
            "locked-wrong-passphrase",
            "Another passphrase.",
            "IMP-2011",
            text.clone(),
        )
        .passphrase("correct horse."),
        row(
            "locked-empty-passphrase",
            "An empty passphrase.",
            "IMP-2011",
            text.clone(),
        )
        .passphrase(""),
        opened(
            "another-kind",
            "The kind of a station: the kind is authenticated.",
            "IMP-2011",
            of("imprint-station-secret-1.locked", argon, cost, salt, sealed),
        ),
        opened(
            "another-cost",
            "Other passes than it was locked with.",
            "IMP-2011",
            with_cost("m=8,t=2,p=1"),
        ),
        opened(
            "another-salt",
            "One bit of the salt.",
            "IMP-2011",
            of(kind, argon, cost, &flip(salt), sealed),
        ),
        opened(
            "box-flipped",
            "One bit of the box.",
            "IMP-2011",
            of(kind, argon, cost, salt, &flip(sealed)),
        ),
        opened(
            "memory-7",
            "7 KiB of memory.",
            "IMP-2012",
            with_cost("m=7,t=1,p=1"),
        ),
        opened(
            "memory-of-two-lanes",
            "15 KiB of memory for two lanes.",
            "IMP-2012",
            with_cost("m=15,t=1,p=2"),
        ),
        opened(
            "memory-over",
            "A GiB and a KiB of memory.",
            "IMP-2012",
            with_cost("m=1048577,t=1,p=1"),
        ),
        opened(
            "memory-0",
            "No memory.",
            "IMP-2012",
            with_cost("m=0,t=1,p=1"),
        ),
        opened(
            "memory-2-32",
            "2^32 KiB of memory.",
            "IMP-2012",
            with_cost("m=4294967296,t=1,p=1"),
        ),
        opened(
            "passes-huge",
            "10^30 passes.",
            "IMP-2012",
            with_cost("m=8,t=1000000000000000000000000000000,p=1"),
        ),
        opened(
            "memory-7-salt-short",
            "7 KiB of memory, and a salt of 31 digits: the form is looked at first.",
            "IMP-2004",
            of(kind, argon, "m=7,t=1,p=1", &salt[1..], sealed),
        ),
        opened(
            "more-costs",
            "A number behind the lanes.",
            "IMP-2004",
            with_cost("m=8,t=1,p=1,x=1"),
        ),
        opened(
            "cost-empty",
            "A number without digits.",
            "IMP-2004",
            with_cost("m=,t=1,p=1"),
        ),
        opened("passes-0", "No pass.", "IMP-2012", with_cost("m=8,t=0,p=1")),
        opened(
            "passes-17",
            "17 passes.",
            "IMP-2012",
            with_cost("m=8,t=17,p=1"),
        ),
        opened("lanes-0", "No lane.", "IMP-2012", with_cost("m=8,t=1,p=0")),
        opened(
            "lanes-5",
            "Five lanes.",
            "IMP-2012",
            with_cost("m=40,t=1,p=5"),
        ),
        opened(
            "leading-zero",
            "A number with a leading zero.",
            "IMP-2004",
            with_cost("m=08,t=1,p=1"),
        ),
        opened(
            "plus",
            "A number with a sign.",
            "IMP-2004",
            with_cost("m=+8,t=1,p=1"),
        ),
        opened(
            "costs-swapped",
            "The numbers in another order.",
            "IMP-2004",
            with_cost("t=1,m=8,p=1"),
        ),
        opened(
            "cost-missing",
            "Without lanes.",
            "IMP-2004",
            with_cost("m=8,t=1"),
        ),
        opened(
            "argon2i",
            "Argon2i.",
            "IMP-2004",
            of(kind, "argon2i", cost, salt, sealed),
        ),
        opened(
            "salt-short",
            "A salt of 31 digits.",
            "IMP-2004",
            of(kind, argon, cost, &salt[1..], sealed),
        ),
        opened(
            "salt-upper",
            "A salt in upper case.",
            "IMP-2004",
            of(
                kind,
                argon,
                cost,
                "ABCDEFABCDEFABCDEFABCDEFABCDEF00",
                sealed,
            ),
        ),
        opened(
            "box-short",
            "A box of 94 digits.",
            "IMP-2004",
            of(kind, argon, cost, salt, &sealed[2..]),
        ),
        opened(
            "box-long",
            "A box of 98 digits.",
            "IMP-2004",
            of(kind, argon, cost, salt, &format!("{sealed}00")),
        ),
        opened(
            "more-fields",
            "A field behind the box.",
            "IMP-2004",
            format!("{line}:00\n"),
        ),
        opened(
            "lone-cr",
            "It ends with CR.",
            "IMP-2004",
            format!("{line}\r"),
        ),
        row(
            "passphrase-for-an-open-key",
            "A passphrase for a key that has none.",
            "ok",
            signer(1).to_text().as_bytes(),
        )
        .passphrase(PASSPHRASE),
    ]
}
