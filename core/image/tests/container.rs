//! Images: what was sealed comes back to whom it was granted, and anything else is refused.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use imprint_image::{
    Image, ImageError, KeyFile, Object, OpenImage, SigningKey, StationSecret, TrustAnchors,
    container::{Grant, ObjectStream, SealOptions, Suite, Version, seal_stream},
    seal,
};
use proptest::prelude::*;
use std::io::{Cursor, Read, Seek, SeekFrom, Write};
use support::{build, family, object, random};

fn signer(seed: u8) -> SigningKey {
    SigningKey::generate(&mut random(seed))
}

fn station(seed: u8) -> StationSecret {
    StationSecret::generate(&mut random(100 + seed))
}

fn trust(seeds: &[u8]) -> TrustAnchors {
    TrustAnchors::new(seeds.iter().map(|seed| signer(*seed).public()))
}

/// Seals `object`, signed by 1, for stations by seed.
fn sealed(object: &Object, stations: &[u8]) -> Vec<u8> {
    let recipients: Vec<_> = stations
        .iter()
        .map(|seed| station(*seed).public())
        .collect();
    let (signing, mut random) = (signer(1), random(9));
    let options = SealOptions {
        recipients: &recipients,
        ..SealOptions::new(&signing, family(), &mut random)
    };
    seal(object, options).unwrap()
}

type Opened<'a> = OpenImage<Cursor<&'a [u8]>>;

/// Opens, unlocks and checks all of an image.
fn open_whole(bytes: &[u8], station: Option<&StationSecret>) -> Result<(), ImageError> {
    open(bytes, station)?.verify_all().map(drop)
}

fn open<'a>(bytes: &'a [u8], station: Option<&StationSecret>) -> Result<Opened<'a>, ImageError> {
    Image::open(Cursor::new(bytes), &trust(&[1]))?.unlock(station, None)
}

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
fn every_flipped_bit_every_cut_and_every_addition_is_refused() {
    let object = build(
        r#""f": Payload(file: "f", address: 0)"#,
        "",
        &[("f", &[1; 40])],
    )
    .unwrap();
    let one = station(1);
    for (stations, key) in [(&[][..], None), (&[1][..], Some(&one))] {
        let bytes = sealed(&object, stations);
        let image_len = bytes.len() - 256 * stations.len();
        open_whole(&bytes, key).unwrap();
        let mut damaged = bytes.clone();
        for index in 0..image_len {
            for bit in 0..8 {
                damaged[index] ^= 1 << bit;
                assert!(
                    open_whole(&damaged, key).is_err(),
                    "byte {index}, bit {bit}"
                );
                damaged[index] ^= 1 << bit;
            }
        }
        for len in 0..bytes.len() {
            assert!(open_whole(&bytes[..len], key).is_err(), "{len} bytes");
        }
        for more in [1, 255, 256, 257, 512] {
            let longer = [&bytes[..], &vec![0; more]].concat();
            assert_eq!(
                open_whole(&longer, key).unwrap_err().code(),
                "IMP-2105",
                "{more} more"
            );
        }
    }
}

#[test]
fn a_damaged_grant_is_refused_alone() {
    let bytes = sealed(&object(), &[1, 2]);
    let second = bytes.len() - 256;
    for index in second..bytes.len() {
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[index] ^= 1 << bit;
            let code = |seed| match open(&damaged, Some(&station(seed))) {
                Ok(_) => "",
                Err(error) => error.code(),
            };
            let (one, two) = match index - second {
                0..8 => ("IMP-2105", "IMP-2105"),
                16..80 => ("", "IMP-2201"),
                _ => ("", "IMP-2202"),
            };
            assert_eq!((code(1), code(2)), (one, two), "byte {index}, bit {bit}");
        }
    }
}

#[test]
fn only_who_was_granted_opens() {
    let bytes = sealed(&object(), &[1]);
    let code = |key: Option<&StationSecret>| open(&bytes, key).err().unwrap().code();
    assert_eq!(code(None), "IMP-2200");
    assert_eq!(code(Some(&station(2))), "IMP-2201");
    let mut locked = Image::open(Cursor::new(&bytes[..]), &trust(&[1])).unwrap();
    locked.verify_all().unwrap();
    assert_eq!(
        locked.grants().unwrap()[0].station(),
        station(1).public().id()
    );
}

#[test]
fn grants_are_added_without_touching_the_image() {
    let bytes = sealed(&object(), &[1]);
    let first = open(&bytes, Some(&station(1))).unwrap();
    let for_two = |issuer: u8| {
        let grant = first
            .grant(&station(2).public(), &signer(issuer), &mut random(50))
            .unwrap();
        grant.to_bytes().to_vec()
    };
    let unlock = |file: &[u8], trusted: &[u8], grants: Option<&[u8]>| {
        let image = Image::open(Cursor::new(file.to_vec()), &trust(trusted)).unwrap();
        image
            .unlock(Some(&station(2)), grants)
            .map(drop)
            .map_err(|error| error.code())
    };
    assert_eq!(unlock(&bytes, &[1], None), Err("IMP-2201"));
    assert_eq!(unlock(&bytes, &[1], Some(&for_two(1))), Ok(()));
    assert_eq!(
        unlock(&[&bytes[..], &for_two(1)].concat(), &[1], None),
        Ok(())
    );
    // Issued by somebody who is trusted only where he is trusted.
    assert_eq!(unlock(&bytes, &[1], Some(&for_two(3))), Err("IMP-2202"));
    assert_eq!(unlock(&bytes, &[1, 3], Some(&for_two(3))), Ok(()));
    // A bad grant does not hide a good one.
    assert_eq!(
        unlock(&bytes, &[1], Some(&[for_two(3), for_two(1)].concat())),
        Ok(())
    );
    assert_eq!(
        unlock(&bytes, &[1], Some(&for_two(1)[..255])),
        Err("IMP-2203")
    );
    assert_eq!(unlock(&bytes, &[1], Some(&[0; 256])), Err("IMP-2203"));
    // A grant of one image is none of another.
    let mut other_random = random(77);
    let (signing, recipients) = (signer(1), [station(1).public()]);
    let options = SealOptions {
        recipients: &recipients,
        ..SealOptions::new(&signing, family(), &mut other_random)
    };
    let other = seal(&object(), options).unwrap();
    assert_eq!(unlock(&other, &[1], Some(&for_two(1))), Err("IMP-2201"));
    let plain = sealed(&object(), &[]);
    let refused =
        open(&plain, None)
            .unwrap()
            .grant(&station(2).public(), &signer(1), &mut random(1));
    assert_eq!(refused.err().unwrap().code(), "IMP-2155");
    assert_eq!(
        Grant::parse_all(&for_two(1)).unwrap()[0].image(),
        first.id()
    );
}

#[test]
fn the_owner_may_issue_grants() {
    let object = object();
    let (signing, mut random_source) = (signer(1), random(9));
    let recipients = [station(1).public()];
    let options = SealOptions {
        owner: Some(signer(4).public()),
        recipients: &recipients,
        ..SealOptions::new(&signing, family(), &mut random_source)
    };
    let bytes = seal(&object, options).unwrap();
    let first = open(&bytes, Some(&station(1))).unwrap();
    for (issuer, expected) in [(4, Ok(())), (5, Err("IMP-2202"))] {
        let grant = first
            .grant(&station(2).public(), &signer(issuer), &mut random(3))
            .unwrap();
        let image = Image::open(Cursor::new(&bytes[..]), &trust(&[1])).unwrap();
        let unlocked = image.unlock(Some(&station(2)), Some(grant.to_bytes()));
        assert_eq!(unlocked.map(drop).map_err(|error| error.code()), expected);
    }
}

#[test]
fn one_trusted_signer_is_enough_and_all_signatures_must_hold() {
    let object = object();
    let signers: Vec<SigningKey> = (1..=9).map(signer).collect();
    let cosigners: Vec<&SigningKey> = signers[1..3].iter().collect();
    let mut random = random(9);
    let options = SealOptions {
        cosigners: &cosigners,
        ..SealOptions::new(&signers[0], family(), &mut random)
    };
    let bytes = seal(&object, options).unwrap();
    for seed in 1..=3 {
        let image = Image::open(Cursor::new(&bytes[..]), &trust(&[seed])).unwrap();
        assert_eq!(image.signers().count(), 3);
    }
    let header = Image::header_only(Cursor::new(&bytes[..])).unwrap().header;
    let refused = |bytes: &[u8]| {
        Image::open(Cursor::new(bytes), &trust(&[1]))
            .err()
            .unwrap()
            .code()
    };
    let unknown = Image::open(Cursor::new(&bytes[..]), &trust(&[4]))
        .err()
        .unwrap();
    assert_eq!(unknown.code(), "IMP-2106");
    assert!(
        unknown
            .to_string()
            .contains(&signer(2).public().id().to_string())
    );
    assert!(unknown.help().is_some());
    // Each signature is checked, also of those who are not trusted here.
    let start = header.signatures_offset() as usize;
    for record in 0..3 {
        let mut damaged = bytes.clone();
        damaged[start + record * 96 + 40] ^= 1;
        assert_eq!(refused(&damaged), "IMP-2107");
    }
    // Another order, and one signer twice.
    let mut swapped = bytes.clone();
    let (first, second) = (start..start + 96, start + 96..start + 192);
    swapped.copy_within(second.clone(), first.start);
    swapped[second.clone()].copy_from_slice(&bytes[first.clone()]);
    assert_eq!(refused(&swapped), "IMP-2107");
    let mut twice = bytes.clone();
    twice.copy_within(first, second.start);
    assert_eq!(refused(&twice), "IMP-2107");
    for cosigners in [
        &[&signers[0]][..],
        &signers[1..9].iter().collect::<Vec<_>>(),
    ] {
        let options = SealOptions {
            cosigners,
            ..SealOptions::new(&signers[0], family(), &mut random)
        };
        assert_eq!(seal(&object, options).unwrap_err().code(), "IMP-2151");
    }
}

#[test]
fn without_trust_only_header_and_key_ids_are_seen() {
    let bytes = sealed(&object(), &[1, 2]);
    let view = Image::header_only(Cursor::new(&bytes[..])).unwrap();
    assert_eq!(view.header.suite, Suite::Encrypted);
    assert_eq!(view.signers, [signer(1).public().id()]);
    assert_eq!(view.trailing_len, 512);
    assert_eq!(view.header.image_len() + 512, bytes.len() as u64);
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
        let mut image = image.unlock(Some(&station(1)), None).unwrap();
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
    // Salt and object fill whole chunks exactly, and one byte less or more.
    let empty = build(
        r#""f": Payload(file: "f", address: 0)"#,
        "",
        &[("f", &[0; 30_000])],
    )
    .unwrap();
    let base = empty.to_bytes().len() + 32;
    for difference in [-1, 0, 1] {
        let len = 30_000 + (65_536 - base) as i64 + difference;
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
