//! Images: what was sealed comes back to whom it was granted, and anything else is refused.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use imprint_image::{
    Image, KeyFile, Object,
    container::{Grant, ObjectStream, SealOptions, Suite, Version, seal_stream},
    seal,
};
use proptest::prelude::*;
use std::io::{Cursor, Read, Seek, SeekFrom, Write};
use support::{
    build, by, family, object, open, open_whole, random, sealed, signer, station, trust,
};

/// An object of several chunks and payloads.
fn large_object() -> Object {
    let data: Vec<u8> = (0..0xFFF0u32).map(|it| ((it * it) >> 7) as u8).collect();
    let payloads = r#""a": Payload(file: "a", address: 0), "b": Payload(file: "b", address: 0x10000), "c": Payload(file: "c")"#;
    let hex = ":0400000001020304F2\n:040020001112131492\n:00000001FF\n";
    let payloads = payloads.replace(r#"file: "c""#, r#"file: "c", window: true"#);
    build(
        &payloads,
        "",
        &[("a", &data), ("b", &data[..0x8000]), ("c", hex.as_bytes())],
    )
    .unwrap()
}

#[test]
fn what_was_sealed_comes_back() {
    for object in [object(), large_object()] {
        for stations in [&[][..], &[1, 2]] {
            let bytes = sealed(&object, stations);
            let station = station(2);
            let mut image = open(&bytes, Some(&station)).unwrap();
            assert_eq!(image.object(), object.contents());
            assert_eq!(image.script().unwrap(), object.script());
            assert_eq!(
                image.module("lib/a.rhai").unwrap().as_deref(),
                object.module("lib/a.rhai")
            );
            assert_eq!(image.module("none").unwrap(), None);
            assert_eq!(image.device().unwrap(), object.device().unwrap());
            assert_eq!(image.verify_all().unwrap(), object.id());
            for name in object.contents().payloads.keys() {
                for (index, (_, data)) in object.payload(name.as_str()).unwrap().iter().enumerate()
                {
                    let mut found = Vec::new();
                    image
                        .segment(name.as_str(), index)
                        .unwrap()
                        .read_to_end(&mut found)
                        .unwrap();
                    assert_eq!(found, *data);
                    let mut end = [0; 3];
                    let offset = data.len() as u64 - 3;
                    image
                        .read_segment(name.as_str(), index, offset, &mut end)
                        .unwrap();
                    assert_eq!(end, data[data.len() - 3..]);
                    let past = image.read_segment(name.as_str(), index, offset + 1, &mut end);
                    assert_eq!(past.unwrap_err().code(), "IMP-2115");
                }
            }
            assert_eq!(image.segment("none", 0).err().unwrap().code(), "IMP-2117");
            assert_eq!(
                image.read_at(u64::MAX, &mut [0]).unwrap_err().code(),
                "IMP-2115"
            );
            let manifest = image.manifest();
            assert_eq!(manifest.rights, object.contents().rights);
            assert_eq!(
                manifest.family.version_min,
                Version {
                    major: 0,
                    minor: 1,
                    patch: 0
                }
            );
        }
    }
}

#[test]
fn an_encrypted_image_shows_nothing_of_the_object() {
    let object = object();
    let contains = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|it| it == part);
    for part in [
        object.script().as_bytes(),
        &support::ELF[0x1010..0x1040],
        &object.id().0,
    ] {
        assert!(!contains(&sealed(&object, &[1]), part));
    }
    assert!(contains(&sealed(&object, &[]), object.script().as_bytes()));
}

#[test]
fn two_deployments_of_one_object_have_nothing_in_common() {
    let object = object();
    let (signing, mut random) = (signer(1), random(9));
    let recipients = [station(1).public()];
    let mut seal_again = || {
        let options = SealOptions {
            recipients: &recipients,
            ..SealOptions::new(&signing, family(), &mut random)
        };
        let image = seal(&object, options).unwrap();
        let opened = Image::open(Cursor::new(image), &trust(&[1])).unwrap();
        opened.manifest().clone()
    };
    let (one, two) = (seal_again(), seal_again());
    assert_ne!(one.deployment_id, two.deployment_id);
    assert_ne!(one.object_commitment, two.object_commitment);
    assert_ne!(one.root, two.root);
    assert_ne!(one.key_commitment, two.key_commitment);
}

#[test]
fn without_trust_only_header_and_key_ids_are_seen() {
    let bytes = sealed(&object(), &[1, 2]);
    let view = Image::header_only(Cursor::new(&bytes[..])).unwrap();
    assert_eq!(view.header.suite, Suite::Encrypted);
    assert_eq!(view.signers, [signer(1).public().id()]);
    assert_eq!(view.trailing_len, 576);
    assert_eq!(view.header.image_len() + 576, bytes.len() as u64);
    let object_file = object().to_bytes().to_vec();
    let error = Image::header_only(Cursor::new(object_file)).unwrap_err();
    assert_eq!(error.code(), "IMP-2100");
    assert!(error.to_string().contains("not sealed"));
}

/// A file that somebody writes to while it is open.
struct Shared<'a>(&'a std::cell::RefCell<Cursor<Vec<u8>>>);

impl Read for Shared<'_> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().read(to)
    }
}

impl Seek for Shared<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.0.borrow_mut().seek(to)
    }
}

#[test]
fn a_file_that_changes_underneath_is_noticed_chunk_by_chunk() {
    for stations in [&[][..], &[1]] {
        let object = large_object();
        let bytes = sealed(&object, stations);
        let payload = Image::header_only(Cursor::new(&bytes[..]))
            .unwrap()
            .header
            .payload_offset();
        let file = std::cell::RefCell::new(Cursor::new(bytes));
        let image = Image::open(Shared(&file), &trust(&[1])).unwrap();
        let mut image = image.unlock(by(Some(&station(1)), None)).unwrap();
        let mut byte = [0];
        file.borrow_mut().get_mut()[payload as usize + 70_000] ^= 1;
        // The first chunk is held; the second is read now and refused, again and again; the first can still be read.
        image.read_at(0, &mut byte).unwrap();
        for _ in 0..2 {
            let error = image.read_at(70_000, &mut byte).unwrap_err();
            assert_eq!(error.code(), "IMP-2112");
            assert!(
                error.to_string().contains("chunk 1 at file offset"),
                "{error}"
            );
        }
        image.read_at(0, &mut byte).unwrap();
        assert_eq!(image.verify_all().unwrap_err().code(), "IMP-2112");
        file.borrow_mut().get_mut().truncate(payload as usize + 10);
        assert_eq!(
            image.read_at(70_000, &mut byte).unwrap_err().code(),
            "IMP-2116"
        );
    }
}

#[test]
fn payloads_that_end_with_a_chunk() {
    // Salt and object fill whole chunks exactly, and one byte less or more. Both payloads have 16 blocks, so that what is
    // said of them has one length.
    let empty = build(
        r#""f": Payload(file: "f", address: 0)"#,
        "",
        &[("f", &[0; 62_000])],
    )
    .unwrap();
    let base = empty.to_bytes().len() + 32;
    for difference in [-1, 0, 1] {
        let len = 62_000 + (65_536 - base) as i64 + difference;
        let data = vec![7; len as usize];
        let object = build(
            r#""f": Payload(file: "f", address: 0)"#,
            "",
            &[("f", &data)],
        )
        .unwrap();
        assert_eq!(object.to_bytes().len() as i64 + 32, 65_536 + difference);
        for stations in [&[][..], &[1]] {
            let bytes = sealed(&object, stations);
            assert_eq!(
                open(&bytes, Some(&station(1)))
                    .unwrap()
                    .verify_all()
                    .unwrap(),
                object.id()
            );
        }
    }
}

#[test]
fn threads_change_nothing() {
    let object = large_object();
    let (signing, recipients) = (signer(1), [station(1).public()]);
    let seal_with = |threads: usize| {
        let mut random = random(9);
        let options = SealOptions {
            recipients: &recipients,
            threads: threads.try_into().unwrap(),
            ..SealOptions::new(&signing, family(), &mut random)
        };
        seal(&object, options).unwrap()
    };
    assert_eq!(seal_with(1), seal_with(3));
}

#[test]
fn sealing_what_does_not_fit_is_refused() {
    let object = object();
    let (signing, mut random) = (signer(1), random(9));
    let mut other = family();
    other.id = "test.y".into();
    let error = seal(&object, SealOptions::new(&signing, other, &mut random)).unwrap_err();
    assert_eq!(error.code(), "IMP-2150");
    let recipients = [station(1).public(), station(1).public()];
    let options = SealOptions {
        recipients: &recipients,
        ..SealOptions::new(&signing, family(), &mut random)
    };
    assert_eq!(seal(&object, options).unwrap_err().code(), "IMP-2152");
    // The zero point: everything encrypted to it could be read by anyone.
    let zero = format!("imprint-station-public-1:{}", "0".repeat(64));
    let recipients = [imprint_image::StationPublic::from_text(&zero).unwrap()];
    let options = SealOptions {
        recipients: &recipients,
        ..SealOptions::new(&signing, family(), &mut random)
    };
    assert_eq!(seal(&object, options).unwrap_err().code(), "IMP-2153");
    // A stream that ends early.
    let source = ObjectStream {
        contents: object.contents(),
        id: object.id(),
        reader: &object.to_bytes()[..100],
    };
    let options = SealOptions::new(&signing, family(), &mut random);
    let error = seal_stream(source, options, &mut Cursor::new(Vec::new())).unwrap_err();
    assert_eq!(error.code(), "IMP-2156");
}

#[test]
fn an_object_other_than_the_one_committed_to_is_found() {
    let object = object();
    let (signing, mut random) = (signer(1), random(9));
    let source = ObjectStream {
        contents: object.contents(),
        id: large_object().id(),
        reader: object.to_bytes(),
    };
    let mut file = Cursor::new(Vec::new());
    seal_stream(
        source,
        SealOptions::new(&signing, family(), &mut random),
        &mut file,
    )
    .unwrap();
    let mut image = open(file.get_ref(), None).unwrap();
    assert_eq!(image.verify_all().unwrap_err().code(), "IMP-2114");
}

/// A disk that is full after so many bytes.
struct Full(Cursor<Vec<u8>>, usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self.0.position() as usize + bytes.len() > self.1 {
            true => Err(std::io::ErrorKind::StorageFull.into()),
            false => self.0.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Seek for Full {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn a_full_disk_stops_sealing_with_an_error() {
    let object = object();
    let (signing, len) = (signer(1), sealed(&object, &[1]).len());
    let recipients = [station(1).public()];
    for room in 0..len {
        let mut random = random(9);
        let options = SealOptions {
            recipients: &recipients,
            ..SealOptions::new(&signing, family(), &mut random)
        };
        let source = ObjectStream {
            contents: object.contents(),
            id: object.id(),
            reader: object.to_bytes(),
        };
        let mut disk = Full(Cursor::new(Vec::new()), room);
        let error = seal_stream(source, options, &mut disk).unwrap_err();
        assert_eq!(error.code(), "IMP-2156", "{room}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let front = b"\x89IMP\r\n\x1a\n\x01\x00\x01\x00\x00\x00\x00\x00";
        for bytes in [bytes.clone(), [&front[..], &bytes].concat()] {
            let _ = Image::header_only(Cursor::new(&bytes[..]));
            let _ = open_whole(&bytes, None);
            let _ = Grant::parse_all(&bytes);
        }
    }

    #[test]
    fn no_bytes_make_the_manifest_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), index in 0usize..400, value in any::<u8>()) {
        use imprint_image::container::Manifest;
        let _ = Manifest::from_bytes(&bytes);
        let image = sealed(&object(), &[]);
        let image = Image::open(Cursor::new(&image[..]), &trust(&[1])).unwrap();
        let mut bytes = image.manifest().to_bytes();
        let index = index % bytes.len();
        bytes[index] = value;
        if let Ok(manifest) = Manifest::from_bytes(&bytes) {
            prop_assert_eq!(manifest.to_bytes(), bytes);
        }
    }

    #[test]
    fn any_range_of_the_object_can_be_read(start in 0usize..170_000, len in 0usize..140_000) {
        let object = large_object();
        let bytes = sealed(&object, &[1]);
        let mut image = open(&bytes, Some(&station(1))).unwrap();
        let mut found = vec![0; len];
        let expected = object.to_bytes().get(start..start + len);
        match image.read_at(start as u64, &mut found) {
            Ok(()) => prop_assert_eq!(Some(&found[..]), expected),
            Err(error) => {
                prop_assert_eq!(error.code(), "IMP-2115");
                prop_assert!(expected.is_none());
            }
        }
    }
}
