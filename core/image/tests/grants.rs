//! Who opens an image, and who may let others in: signers, grants, owners.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use imprint_image::{
    Image, SigningKey, StationSecret, Unlock,
    container::{Grant, GrantTerms, SealOptions},
    seal,
};
use std::io::Cursor;
use support::{by, family, object, open, random, sealed, sign, signer, station, trust};

/// A grant of an image to a station, made by somebody who opens it.
fn granted(image: &[u8], opener: &StationSecret, to: u8, terms: GrantTerms, issuer: u8) -> Grant {
    let mut image = Image::open(Cursor::new(image), &trust(&[1])).unwrap();
    let granting = image.granting(&by(Some(opener), None)).unwrap();
    let (station, issuer) = (station(to).public(), signer(issuer));
    granting
        .issue(&station, &terms, &issuer, &mut random(50))
        .unwrap()
}

#[test]
fn a_damaged_grant_is_refused_alone() {
    let bytes = sealed(&object(), &[1, 2]);
    let second = bytes.len() - 288;
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

/// Only an issuer who means it can make these: the signature holds. A later version may mean something by them.
#[test]
fn a_grant_of_another_form_is_refused_though_it_is_signed() {
    let bytes = sealed(&object(), &[1]);
    let grant = granted(&bytes, &station(1), 2, GrantTerms::default(), 1);
    for (offset, value, message) in [
        (8, 2, "unknown version"),
        (10, 1, "another kind of image"),
        (12, 2, "unknown version or suite"),
        (14, 2, "does not know"),
        (15, 1, "does not know"),
        (96, 1, "does not know"),
        (111, 1, "does not know"),
        (80, 1, "cannot be decrypted"),
    ] {
        let mut changed = *grant.to_bytes();
        changed[offset] = value;
        let signed = [b"imprint-grant-v1\0", &changed[..224]].concat();
        changed[224..].copy_from_slice(&sign(&signer(1), &signed));
        let image = Image::open(Cursor::new(&bytes[..]), &trust(&[1])).unwrap();
        let refused = image.unlock(by(Some(&station(2)), Some(&changed)));
        let error = refused.err().unwrap();
        assert_eq!(error.code(), "IMP-2202", "byte {offset}");
        assert!(
            error.to_string().contains(message),
            "byte {offset}: {error}"
        );
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
    let for_two = |issuer: u8| {
        let grant = granted(&bytes, &station(1), 2, GrantTerms::default(), issuer);
        grant.to_bytes().to_vec()
    };
    let unlock = |file: &[u8], trusted: &[u8], grants: Option<&[u8]>| {
        let image = Image::open(Cursor::new(file.to_vec()), &trust(trusted)).unwrap();
        image
            .unlock(by(Some(&station(2)), grants))
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
        unlock(&bytes, &[1], Some(&for_two(1)[..287])),
        Err("IMP-2203")
    );
    assert_eq!(unlock(&bytes, &[1], Some(&[0; 288])), Err("IMP-2203"));
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
    let mut plain = Image::open(Cursor::new(plain), &trust(&[1])).unwrap();
    let refused = plain.granting(&by(Some(&station(1)), None));
    assert_eq!(refused.err().unwrap().code(), "IMP-2155");
    let grant = Grant::parse_all(&for_two(1)).unwrap()[0];
    assert_eq!(grant.image(), open(&bytes, Some(&station(1))).unwrap().id());
    assert_eq!(grant.issuer(), Some(signer(1).public().id()));
}

#[test]
fn a_distributor_may_issue_grants() {
    let (signing, mut random_source) = (signer(1), random(9));
    let (recipients, distributors) = ([station(1).public()], [signer(4).public()]);
    let options = SealOptions {
        distributors: &distributors,
        recipients: &recipients,
        ..SealOptions::new(&signing, family(), &mut random_source)
    };
    let bytes = seal(&object(), options).unwrap();
    for (issuer, expected) in [(4, Ok(())), (5, Err("IMP-2202"))] {
        let grant = granted(&bytes, &station(1), 2, GrantTerms::default(), issuer);
        let image = Image::open(Cursor::new(&bytes[..]), &trust(&[1])).unwrap();
        assert_eq!(image.may_issue(&signer(issuer).public()), issuer == 4);
        let unlocked = image.unlock(by(Some(&station(2)), Some(grant.to_bytes())));
        assert_eq!(unlocked.map(drop).map_err(|error| error.code()), expected);
    }
    let many: Vec<_> = (10..19).map(|seed| signer(seed).public()).collect();
    let twice = [signer(4).public(), signer(4).public()];
    for distributors in [&many[..], &twice] {
        let options = SealOptions {
            distributors,
            ..SealOptions::new(&signing, family(), &mut random_source)
        };
        let refused = seal(&object(), options).unwrap_err();
        assert_eq!(refused.code(), "IMP-2128");
        assert!(refused.help().is_some());
    }
}

#[test]
fn the_owner_opens_and_grants_but_is_told_apart() {
    let (signing, mut random_source) = (signer(1), random(9));
    let options = SealOptions {
        owner: Some(station(9).public()),
        ..SealOptions::new(&signing, family(), &mut random_source)
    };
    let bytes = seal(&object(), options).unwrap();
    let mut owners = open(&bytes, Some(&station(9))).unwrap();
    assert!(owners.is_owners());
    assert_eq!(owners.check_may_run().unwrap_err().code(), "IMP-2204");
    assert_eq!(owners.grant(), Some(&GrantTerms::OWNER));
    assert_eq!(owners.verify_all().unwrap(), object().id());
    assert_eq!(
        open(&bytes, Some(&station(1))).err().unwrap().code(),
        "IMP-2201"
    );
    // A station that is granted is none of the owner's; an owner who is granted too may run.
    for seed in [1, 9] {
        let terms = GrantTerms {
            cap: Some(0),
            ..GrantTerms::default()
        };
        let grant = granted(&bytes, &station(9), seed, terms, 1);
        let file = [&bytes[..], grant.to_bytes()].concat();
        let opened = open(&file, Some(&station(seed))).unwrap();
        assert!(!opened.is_owners(), "{seed}");
        opened.check_may_run().unwrap();
        assert_eq!(opened.grant(), Some(&terms));
    }
    // A plain image was opened by no grant.
    let plain = sealed(&object(), &[]);
    let opened = open(&plain, None).unwrap();
    assert_eq!((opened.grant(), opened.is_owners()), (None, false));
}

#[test]
fn of_several_grants_the_largest_cap_counts_that_is_not_over() {
    let bytes = sealed(&object(), &[1]);
    let terms = |cap: Option<u64>, until_s: Option<u64>| GrantTerms {
        cap,
        until_s,
        owner: false,
    };
    let second = station(2);
    let (small, large) = (terms(Some(10), Some(2000)), terms(Some(20), Some(1000)));
    let (later, none) = (terms(Some(10), Some(3000)), terms(None, Some(500)));
    for (given, time_s, expected) in [
        (&[small][..], None, Ok(small)),
        (&[small, large], None, Ok(large)),
        (&[large, small], Some(0), Ok(large)),
        (&[large, small], Some(1000), Ok(large)),
        (&[large, small], Some(1001), Ok(small)),
        (&[small, later], Some(0), Ok(later)),
        (&[small, none, large], Some(500), Ok(none)),
        (&[small, none, large], Some(501), Ok(large)),
        (&[small, none, large], Some(2001), Err("IMP-2202")),
        (&[small, GrantTerms::OWNER], Some(2000), Ok(small)),
        (
            &[small, GrantTerms::OWNER],
            Some(2001),
            Ok(GrantTerms::OWNER),
        ),
    ] {
        let grants = given
            .iter()
            .map(|terms| *granted(&bytes, &station(1), 2, *terms, 1).to_bytes());
        let grants = grants.collect::<Vec<_>>().concat();
        let image = Image::open(Cursor::new(&bytes[..]), &trust(&[1])).unwrap();
        let with = Unlock {
            time_s,
            ..by(Some(&second), Some(&grants))
        };
        match (image.unlock(with), expected) {
            (Ok(opened), Ok(expected)) => assert_eq!(opened.grant(), Some(&expected)),
            (Err(error), Err(code)) => {
                assert_eq!(error.code(), code);
                // The last one tried is the one that was valid longest with the smallest cap.
                assert!(
                    error.to_string().contains("until 1970-01-01T00:33:20Z"),
                    "{error}"
                );
            }
            (found, expected) => panic!("{given:?} at {time_s:?}: {} {expected:?}", found.is_ok()),
        }
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
