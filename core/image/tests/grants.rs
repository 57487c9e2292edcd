//! Who opens an image, and who may let others in: signers, grants, owners.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use imprint_image::{
    Image, SigningKey, StationSecret,
    container::{Grant, SealOptions},
    seal,
};
use std::io::Cursor;
use support::{family, object, open, random, sealed, signer, station, trust};

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
