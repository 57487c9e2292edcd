//! The published vectors: files, each with what must come of it, for readers of the formats in any language.
//!
//! `tests/vectors/NAME.sap` (or `.job`, `.root`, `.key`) is the file, `NAME.txt` says what is given to the reader, and what
//! must happen. They are made from seeds, of an own algorithm for a chip that does not exist. To write them again after a
//! change of a format: `IMPRINT_WRITE_VECTORS=1 cargo test -p imprint-image --test vectors -- --test-threads 1`.
#![allow(clippy::unwrap_used, missing_docs)]

mod cbor;
mod chunks;
mod grant_form;
mod grants;
mod header;
mod jobs;
mod keys;
mod limits;
mod manifest;
mod manifest_values;
mod object_form;
mod objects;
mod reader;
mod restrictions;
mod root_form;
mod rooted;
mod roots;
mod signatures;
#[path = "../support/mod.rs"]
mod support;
mod unit_data;
mod vector;
mod writer;

use std::{collections::BTreeSet, fs, path::PathBuf};
use vector::Vector;

fn all() -> Vec<Vector> {
    [
        header::vectors(),
        manifest::vectors(),
        signatures::vectors(),
        chunks::vectors(),
        grants::vectors(),
        jobs::vectors(),
        roots::vectors(),
        rooted::vectors(),
        keys::vectors(),
        objects::vectors(),
        unit_data::vectors(),
        restrictions::vectors(),
        limits::vectors(),
    ]
    .concat()
}

pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors")
}

/// The names of all files of vectors there.
fn committed() -> BTreeSet<String> {
    let entries = fs::read_dir(folder()).unwrap().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
    let names = files.map(|entry| entry.file_name().into_string().unwrap());
    names.filter(|name| !name.starts_with('.')).collect()
}

#[test]
fn the_committed_vectors_are_what_is_made_today() {
    let write = std::env::var_os("IMPRINT_WRITE_VECTORS").is_some();
    let mut names = BTreeSet::new();
    let mut differ = Vec::new();
    for vector in all() {
        for (name, bytes) in [vector.file(), vector.text()] {
            let path = folder().join(&name);
            if write {
                fs::write(&path, &bytes).unwrap();
            }
            if fs::read(&path).ok() != Some(bytes) {
                differ.push(name.clone());
            }
            assert!(names.insert(name), "{} is there twice", vector.name);
        }
    }
    assert!(differ.is_empty(), "made differently today: {differ:?}");
    if write {
        for stale in committed().difference(&names) {
            fs::remove_file(folder().join(stale)).unwrap();
        }
    }
    assert_eq!(committed(), names);
}

#[test]
fn every_committed_vector_does_what_it_says() {
    let mut wrong = Vec::new();
    assert!(committed().len() >= 2 * 300);
    for name in committed().iter().filter(|name| name.ends_with(".txt")) {
        let vector = reader::Text::load(name);
        let found = vector.read();
        let expect = vector.expect();
        match found {
            Ok(object) if expect == "ok" && object.as_deref() == vector.one("object") => {}
            Err((code, _)) if code == expect => {}
            found => wrong.push(format!("{name}: expected {expect}, found {found:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn there_are_enough_of_them() {
    let vectors = all();
    let refused = vectors.iter().filter(|it| it.expect != "ok").count();
    let codes: BTreeSet<_> = vectors.iter().map(|it| it.expect).collect();
    assert!(vectors.len() >= 300, "{}", vectors.len());
    assert!(refused >= 200, "{refused}");
    // Every code of an image, of grants, shares, root documents and keys that a file can be refused with.
    let images = (2100..=2109).chain(2111..=2114).chain(2120..=2122);
    let others = (2200..=2203)
        .chain(2013..=2021)
        .chain([2001, 2002, 2004, 2010, 2011, 2012]);
    for code in images.chain(others) {
        let code = format!("IMP-{code}");
        assert!(codes.contains(&*code), "none is refused with {code}");
    }
}

#[test]
fn all_files_together_stay_small() {
    let len = |name: &String| fs::metadata(folder().join(name)).unwrap().len();
    let total: u64 = committed().iter().map(len).sum();
    assert!(total < 3 << 20, "{total} bytes");
}

/// What the crate seals comes out of the writer here, so that its other images differ from sound ones in what they say.
#[test]
fn the_writer_writes_what_the_crate_seals() {
    use imprint_image::container::{Header, Manifest};
    let payloads = r#""firmware": Payload(file: "f", address: 0x1000)"#;
    let files: [(&str, &[u8]); 1] = [("f", b"firmware of the vectors")];
    let object = support::build(payloads, "protect", &files).unwrap();
    for seal in [writer::plain(), writer::encrypted()] {
        let is_encrypted = seal.suite == writer::ENCRYPTED;
        let sealed = support::sealed(&object, if is_encrypted { &[1] } else { &[] });
        let header = Header::from_bytes(&sealed).unwrap();
        let manifest = &sealed[64..header.signatures_offset() as usize];
        let manifest = Manifest::from_bytes(manifest).unwrap();
        let (image, grants) = sealed.split_at(header.image_len() as usize);
        let extensions = manifest.extensions;
        let mut seal = seal.manifest(move |it| {
            for (key, value) in extensions {
                it.set(key, cbor::bytes(value));
            }
        });
        seal.deployment = manifest.deployment_id;
        if is_encrypted {
            seal.secret = grant_form::carried(grants, 1);
        }
        seal.salt = seal.salt_of(&image[header.payload_offset() as usize..]);
        assert!(seal.write().bytes() == image);
    }
}
