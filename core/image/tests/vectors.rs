//! The committed images: each with what must come of it, for readers of the format in any language.
//!
//! `vectors/NAME.sap` is the image, `vectors/NAME.txt` says who is trusted, who opens it, and what must happen. To write
//! them again after a change of the format: `IMPRINT_WRITE_VECTORS=1 cargo test -p imprint-image --test vectors --
//! --test-threads 1`.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use ed25519_dalek::Signer;
use imprint_image::{
    Image, ImageError, KeyFile, Object, PublicKey, SigningKey, StationSecret, TrustAnchors, Unlock,
    container::{GrantTerms, Header, JobOptions, Kind, Manifest, SealOptions, Share, seal_job},
    seal,
};
use std::{collections::BTreeMap, io::Cursor, num::NonZeroU64, path::PathBuf};
use support::{build, by, family, random, signer, station};

/// An image and what must come of it.
struct Vector {
    name: &'static str,
    about: &'static str,
    /// `ok`, or a code.
    expect: &'static str,
    image: Vec<u8>,
    trust: PublicKey,
    station: Option<StationSecret>,
    grants: Vec<u8>,
    share: Option<Share>,
}

fn object() -> Object {
    let payloads = r#""firmware": Payload(file: "f", address: 0x1000)"#;
    build(payloads, "protect", &[("f", b"firmware of the vectors")]).unwrap()
}

fn sealed(stations: &[u8], cosigners: &[&SigningKey]) -> Vec<u8> {
    let recipients: Vec<_> = stations
        .iter()
        .map(|seed| station(*seed).public())
        .collect();
    let (signing, mut random) = (signer(1), random(7));
    let options = SealOptions {
        recipients: &recipients,
        cosigners,
        ..SealOptions::new(&signing, family(), &mut random)
    };
    seal(&object(), options).unwrap()
}

/// Puts another manifest into a plain image and signs it again, as only a signer can.
fn with_manifest(image: &[u8], edit: impl FnOnce(Manifest) -> Vec<u8>) -> Vec<u8> {
    let mut header = Header::from_bytes(&image[..64]).unwrap();
    let old = Manifest::from_bytes(&image[64..header.signatures_offset() as usize]).unwrap();
    let rest = &image[header.index_offset() as usize..];
    let manifest = edit(old);
    header.manifest_len = manifest.len() as u32;
    let text = signer(1).to_text();
    let mut seed = [0; 32];
    base16ct::lower::decode(text.trim().split(':').nth(1).unwrap(), &mut seed).unwrap();
    let key = ed25519_dalek::SigningKey::from_bytes(&seed);
    let public = key.verifying_key().to_bytes();
    let message = [
        b"imprint-image-v1\0",
        &header.to_bytes()[..],
        &manifest,
        &public,
    ]
    .concat();
    let signature = key.sign(&message).to_bytes();
    [&header.to_bytes()[..], &manifest, &public, &signature, rest].concat()
}

fn edited(image: &[u8], edit: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut image = image.to_vec();
    edit(&mut image);
    image
}

fn vectors() -> Vec<Vector> {
    let plain = sealed(&[], &[]);
    let encrypted = sealed(&[1, 2], &[]);
    let (second, third) = (signer(2), signer(3));
    let cosigned = sealed(&[], &[&second, &third]);
    let header = Header::from_bytes(&plain).unwrap();
    let signatures = header.signatures_offset() as usize;
    let index = header.index_offset() as usize;
    let payload = header.payload_offset() as usize;
    let locked = Image::open(
        Cursor::new(&encrypted[..]),
        &TrustAnchors::new([signer(1).public()]),
    );
    let granting = locked.unwrap().granting(&by(Some(&station(1)), None));
    let granting = granting.unwrap();
    let grant = |issuer: u8| {
        let (station, issuer) = (station(3).public(), signer(issuer));
        let terms = GrantTerms::default();
        let grant = granting.issue(&station, &terms, &issuer, &mut random(5));
        grant.unwrap().to_bytes().to_vec()
    };
    let mut all = Vec::new();
    let mut add = |name, about, expect, image: Vec<u8>, trust: u8, key: u8, grants: Vec<u8>| {
        all.push(Vector {
            name,
            about,
            expect,
            image,
            trust: signer(trust).public(),
            station: (key > 0).then(|| station(key)),
            grants,
            share: None,
        });
    };
    add("plain", "Suite 0x8001.", "ok", plain.clone(), 1, 0, vec![]);
    add(
        "encrypted",
        "Suite 1, for two stations; opened by the second.",
        "ok",
        encrypted.clone(),
        1,
        2,
        vec![],
    );
    add(
        "cosigned",
        "Three signers, the second is trusted.",
        "ok",
        cosigned.clone(),
        2,
        0,
        vec![],
    );
    let greased = with_manifest(&plain, |mut it| {
        it.extensions = BTreeMap::from([(1000, b"ignore me".to_vec()), (u64::MAX, vec![])]);
        it.to_bytes()
    });
    add(
        "ignorable",
        "Manifest keys 1000 and 2^64 - 1, unknown and ignorable.",
        "ok",
        greased,
        1,
        0,
        vec![],
    );
    add(
        "granted-later",
        "A grant in a file of its own.",
        "ok",
        encrypted.clone(),
        1,
        3,
        grant(1),
    );
    add(
        "magic",
        "The first byte lost its high bit.",
        "IMP-2100",
        edited(&plain, |it| it[0] &= 0x7F),
        1,
        0,
        vec![],
    );
    add(
        "version",
        "Format version 2.",
        "IMP-2101",
        edited(&plain, |it| it[8] = 2),
        1,
        0,
        vec![],
    );
    add(
        "suite",
        "Suite 2.",
        "IMP-2102",
        edited(&plain, |it| it[10..12].copy_from_slice(&[2, 0])),
        1,
        0,
        vec![],
    );
    add(
        "suite-swapped",
        "A plain image that says it is encrypted.",
        "IMP-2107",
        edited(&plain, |it| it[10..12].copy_from_slice(&[1, 0])),
        1,
        0,
        vec![],
    );
    add(
        "reserved",
        "A reserved byte is 1.",
        "IMP-2103",
        edited(&plain, |it| it[63] = 1),
        1,
        0,
        vec![],
    );
    add(
        "manifest-huge",
        "A manifest of 4 GiB.",
        "IMP-2103",
        edited(&plain, |it| it[16..20].fill(0xFF)),
        1,
        0,
        vec![],
    );
    add(
        "cut",
        "The last byte is missing.",
        "IMP-2104",
        edited(&plain, |it| it.truncate(it.len() - 1)),
        1,
        0,
        vec![],
    );
    add(
        "lengthened",
        "One byte more.",
        "IMP-2105",
        edited(&plain, |it| it.push(0)),
        1,
        0,
        vec![],
    );
    add(
        "lengthened-by-a-record",
        "288 bytes more that are no grant.",
        "IMP-2105",
        edited(&encrypted, |it| it.resize(it.len() + 288, 0)),
        1,
        1,
        vec![],
    );
    add(
        "unknown-signer",
        "Signed by another.",
        "IMP-2106",
        plain.clone(),
        2,
        0,
        vec![],
    );
    add(
        "signature-flipped",
        "One bit of the signature.",
        "IMP-2107",
        edited(&plain, |it| it[signatures + 32] ^= 1),
        1,
        0,
        vec![],
    );
    add(
        "manifest-flipped",
        "One bit of the manifest.",
        "IMP-2107",
        edited(&plain, |it| it[70] ^= 1),
        1,
        0,
        vec![],
    );
    let cosigned_signatures = Header::from_bytes(&cosigned).unwrap().signatures_offset() as usize;
    let doubled = edited(&cosigned, |it| {
        it.copy_within(
            cosigned_signatures..cosigned_signatures + 96,
            cosigned_signatures + 96,
        );
    });
    add(
        "signature-twice",
        "The first of three signatures again in place of the second.",
        "IMP-2107",
        doubled,
        1,
        0,
        vec![],
    );
    let long_key = with_manifest(&plain, |it| {
        // Key 1 in two bytes instead of one.
        let bytes = it.to_bytes();
        [&bytes[..1], &[0x18, 0x01], &bytes[2..]].concat()
    });
    add(
        "manifest-long-integer",
        "An integer in two bytes that fits in one.",
        "IMP-2108",
        long_key,
        1,
        0,
        vec![],
    );
    let indefinite = with_manifest(&plain, |it| {
        let bytes = it.to_bytes();
        [&[0xBF], &bytes[1..], &[0xFF]].concat()
    });
    add(
        "manifest-indefinite",
        "A map of indefinite length.",
        "IMP-2108",
        indefinite,
        1,
        0,
        vec![],
    );
    let behind = with_manifest(&plain, |it| [it.to_bytes(), vec![0xF6]].concat());
    add(
        "manifest-trailing",
        "A null behind the manifest.",
        "IMP-2108",
        behind,
        1,
        0,
        vec![],
    );
    let critical = with_manifest(&plain, |mut it| {
        it.extensions = BTreeMap::from([(16, vec![])]);
        it.to_bytes()
    });
    add(
        "unknown-critical",
        "Manifest key 16.",
        "IMP-2109",
        critical,
        1,
        0,
        vec![],
    );
    let job_fields = with_manifest(&plain, |mut it| {
        it.kind = Kind::Job {
            factory: [7; 16],
            revision: NonZeroU64::MIN,
        };
        it.to_bytes()
    });
    add(
        "job-plain",
        "A Job that is not encrypted.",
        "IMP-2108",
        job_fields,
        1,
        0,
        vec![],
    );
    add(
        "job-without-share",
        "A Job, and its share is not given.",
        "IMP-2120",
        job().0,
        1,
        1,
        vec![],
    );
    add(
        "index-flipped",
        "One bit of the index.",
        "IMP-2111",
        edited(&plain, |it| it[index] ^= 1),
        1,
        0,
        vec![],
    );
    add(
        "chunk-flipped",
        "One bit of the last byte of the payload.",
        "IMP-2112",
        edited(&plain, |it| *it.last_mut().unwrap() ^= 1),
        1,
        0,
        vec![],
    );
    add(
        "salt-flipped",
        "One bit of the salt.",
        "IMP-2112",
        edited(&plain, |it| it[payload] ^= 1),
        1,
        0,
        vec![],
    );
    let more_rights = with_manifest(&plain, |mut it| {
        it.rights.insert(imprint_image::recipe::Right::MassErase);
        it.to_bytes()
    });
    add(
        "rights-differ",
        "The manifest has a right that the object has not.",
        "IMP-2114",
        more_rights,
        1,
        0,
        vec![],
    );
    add(
        "no-station-key",
        "Encrypted, and no key.",
        "IMP-2200",
        encrypted.clone(),
        1,
        0,
        vec![],
    );
    add(
        "wrong-station",
        "For other stations.",
        "IMP-2201",
        encrypted.clone(),
        1,
        3,
        vec![],
    );
    add(
        "grant-flipped",
        "One bit of the encrypted key in the second grant.",
        "IMP-2202",
        edited(&encrypted, |it| {
            let at = it.len() - 288 + 144;
            it[at] ^= 1
        }),
        1,
        2,
        vec![],
    );
    add(
        "grant-of-a-stranger",
        "A grant whose issuer is not trusted.",
        "IMP-2202",
        encrypted.clone(),
        1,
        3,
        grant(4),
    );
    add(
        "grants-cut",
        "A file of grants that is cut.",
        "IMP-2203",
        encrypted.clone(),
        1,
        3,
        grant(1)[..287].to_vec(),
    );
    let (image, share) = job();
    all.push(Vector {
        name: "job",
        about: "A Job, its station and its share.",
        expect: "ok",
        image,
        trust: signer(1).public(),
        station: Some(station(1)),
        grants: vec![],
        share: Some(share),
    });
    all
}

fn job() -> (Vec<u8>, Share) {
    let (signing, mut random) = (signer(1), random(7));
    let recipients = [station(1).public()];
    let options = SealOptions {
        recipients: &recipients,
        ..SealOptions::new(&signing, family(), &mut random)
    };
    seal_job(&object(), options, JobOptions::new([7; 16])).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}

fn sidecar(vector: &Vector) -> String {
    let mut text = format!("about: {}\nexpect: {}\n", vector.about, vector.expect);
    text += &format!("trust: {}", *vector.trust.to_text());
    if let Some(station) = &vector.station {
        text += &format!("station: {}", *station.to_text());
    }
    if let Some(share) = &vector.share {
        text += &format!("share: {}", *share.to_text());
    }
    if !vector.grants.is_empty() {
        text += &format!("grants: {}\n", hex(&vector.grants));
    }
    if vector.expect == "ok" {
        text += &format!("object: {}\n", object().id());
    }
    text
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

#[test]
fn the_committed_vectors_are_what_is_sealed_today() {
    let write = std::env::var_os("IMPRINT_WRITE_VECTORS").is_some();
    let vectors = vectors();
    for vector in &vectors {
        let image = folder().join(vector.name).with_extension("sap");
        let text = folder().join(vector.name).with_extension("txt");
        if write {
            std::fs::write(&image, &vector.image).unwrap();
            std::fs::write(&text, sidecar(vector)).unwrap();
        }
        assert!(
            std::fs::read(&image).unwrap() == vector.image,
            "{} differs",
            vector.name
        );
        assert_eq!(
            std::fs::read_to_string(&text).unwrap(),
            sidecar(vector),
            "{}",
            vector.name
        );
    }
    assert_eq!(
        std::fs::read_dir(folder()).unwrap().count(),
        2 * vectors.len()
    );
}

/// Opens a vector from its files alone.
fn run(image: &[u8], fields: &BTreeMap<&str, &str>) -> Result<String, ImageError> {
    let trust = TrustAnchors::new([PublicKey::from_text(fields["trust"]).unwrap()]);
    let station = fields
        .get("station")
        .map(|text| StationSecret::from_text(text).unwrap());
    let grants = fields
        .get("grants")
        .map(|text| base16ct::lower::decode_vec(text).unwrap());
    let share = fields
        .get("share")
        .map(|text| Share::from_text(text).unwrap());
    let image = Image::open(Cursor::new(image), &trust)?;
    let mut open = image.unlock(Unlock {
        station: station.as_ref(),
        grants: grants.as_deref(),
        share: share.as_ref(),
        time_s: None,
    })?;
    Ok(open.verify_all()?.to_string())
}

#[test]
fn every_committed_vector_does_what_it_says() {
    let mut count = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().unwrap() != "txt" {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let fields = text
            .lines()
            .map(|line| line.split_once(": ").unwrap())
            .collect();
        let found = run(&std::fs::read(path.with_extension("sap")).unwrap(), &fields);
        match found {
            Ok(id) => assert_eq!(
                ("ok", id.as_str()),
                (fields["expect"], fields["object"]),
                "{path:?}"
            ),
            Err(error) => assert_eq!(error.code(), fields["expect"], "{path:?}: {error}"),
        }
        count += 1;
    }
    assert!(count >= 30);
}
