//! Root documents: who may do what, and by whose word that changes.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use imprint_image::{
    Image, SigningKey, TrustAnchors,
    container::{GrantTerms, JobOptions, Restrictions, SealOptions, seal_job},
    keys::{Role, RoleKeys, RootDocument, RootError},
    seal,
};
use std::{collections::BTreeMap, io::Cursor};
use support::{by, family, object, random, signer, station};

type Roles = BTreeMap<Role, RoleKeys>;

/// Roles by threshold and keys.
fn roles(given: &[(Role, usize, &[u8])]) -> Roles {
    let role = |(role, threshold, seeds): &(Role, usize, &[u8])| {
        let keys = seeds.iter().map(|seed| signer(*seed).public());
        (*role, RoleKeys::new(*threshold, keys).unwrap())
    };
    given.iter().map(role).collect()
}

/// Two of root keys 10 to 12, two of release keys 20 to 22, distributor 40.
fn usual() -> Roles {
    roles(&[
        (Role::Root, 2, &[10, 11, 12]),
        (Role::Release, 2, &[20, 21, 22]),
        (Role::Distributor, 1, &[40]),
    ])
}

fn signers(seeds: &[u8]) -> Vec<SigningKey> {
    seeds.iter().map(|seed| signer(*seed)).collect()
}

fn first(roles: Roles, seeds: &[u8]) -> Result<RootDocument, RootError> {
    let keys = signers(seeds);
    RootDocument::first("Acme", roles, &keys.iter().collect::<Vec<_>>())
}

fn next(last: &RootDocument, roles: Roles, seeds: &[u8]) -> Result<RootDocument, RootError> {
    let keys = signers(seeds);
    last.next(roles, &keys.iter().collect::<Vec<_>>())
}

fn code<T>(result: Result<T, RootError>) -> &'static str {
    result.err().map_or("", |error| error.code())
}

#[test]
fn what_was_made_comes_back() {
    let made = first(usual(), &[10, 12]).unwrap();
    let read = RootDocument::from_bytes(made.to_bytes()).unwrap();
    assert_eq!(read, made);
    assert_eq!((read.owner(), read.number()), ("Acme", 1));
    assert_eq!(read.roles(), &usual());
    assert_eq!(read.signers().count(), 2);
    assert_eq!(read.role(Role::Policy), None);
    // The order in which keys are given changes nothing.
    assert_eq!(
        first(usual(), &[12, 10]).unwrap().to_bytes(),
        made.to_bytes()
    );
}

#[test]
fn the_first_document_needs_its_own_threshold() {
    for (seeds, expected) in [
        (&[10, 11][..], ""),
        (&[10, 11, 12], ""),
        (&[10], "IMP-2018"),
        (&[10, 20], "IMP-2018"),
        (&[20, 21], "IMP-2018"),
        (&[10, 11, 20], "IMP-2019"),
        (&[10, 10], "IMP-2017"),
        (&[10, 11, 11], "IMP-2017"),
        (&[], "IMP-2015"),
    ] {
        assert_eq!(code(first(usual(), seeds)), expected, "{seeds:?}");
    }
}

#[test]
fn roles_that_cannot_be_are_refused() {
    let keys = |seeds: &[u8]| {
        seeds
            .iter()
            .map(|seed| signer(*seed).public())
            .collect::<Vec<_>>()
    };
    let many: Vec<u8> = (60..77).collect();
    for (threshold, seeds, expected) in [
        (1, &[1][..], ""),
        (2, &[1, 2], ""),
        (16, &many[..16], ""),
        (0, &[1], "IMP-2016"),
        (2, &[1], "IMP-2016"),
        (1, &[], "IMP-2016"),
        (1, &[1, 1], "IMP-2016"),
        (1, &many, "IMP-2016"),
    ] {
        assert_eq!(
            code(RoleKeys::new(threshold, keys(seeds))),
            expected,
            "{threshold} of {seeds:?}"
        );
    }
    let without = |role| {
        let mut roles = usual();
        roles.remove(&role);
        roles
    };
    let mut two_distributors = usual();
    two_distributors.extend(roles(&[(Role::Distributor, 2, &[40, 41])]));
    for (roles, expected) in [
        (without(Role::Distributor), ""),
        (without(Role::Release), "IMP-2016"),
        (without(Role::Root), "IMP-2016"),
        (two_distributors, "IMP-2016"),
    ] {
        assert_eq!(code(first(roles, &[10, 11])), expected);
    }
    for (owner, expected) in [
        ("", "IMP-2015"),
        ("x", ""),
        (&"x".repeat(64), ""),
        (&"x".repeat(65), "IMP-2015"),
    ] {
        let keys = signers(&[10, 11]);
        let made = RootDocument::first(owner, usual(), &keys.iter().collect::<Vec<_>>());
        assert_eq!(code(made), expected, "{owner}");
    }
}

#[test]
fn a_document_follows_by_the_thresholds_of_old_and_new() {
    let one = first(usual(), &[10, 11]).unwrap();
    let mut other_keys = usual();
    other_keys.extend(roles(&[(Role::Root, 2, &[12, 13, 14])]));
    for (seeds, expected) in [
        (&[10, 11, 13, 14][..], ""),
        // Key 12 is of both.
        (&[10, 12, 13], ""),
        // Signed by the old ones only, by the new ones only, by one of each.
        (&[10, 11], "IMP-2018"),
        (&[13, 14], "IMP-2018"),
        (&[12, 13], "IMP-2018"),
        (&[10, 13], "IMP-2018"),
        // A stranger beside them.
        (&[10, 11, 13, 14, 20], "IMP-2019"),
    ] {
        assert_eq!(
            code(next(&one, other_keys.clone(), seeds)),
            expected,
            "{seeds:?}"
        );
    }
    let two = next(&one, other_keys.clone(), &[10, 11, 13, 14]).unwrap();
    assert_eq!(two.number(), 2);
    let read = RootDocument::from_bytes(two.to_bytes()).unwrap();
    read.check_follows(&one).unwrap();
    assert_eq!(
        RootDocument::from_bytes_after(two.to_bytes(), &one).unwrap(),
        two
    );
    let again = RootDocument::from_bytes_after(one.to_bytes(), &one);
    assert_eq!(code(again), "IMP-2021");
    // The old keys are out: alone they say nothing any more.
    assert_eq!(code(next(&two, usual(), &[10, 11])), "IMP-2018");
    // Skipped, lower, the same again, and another owner's.
    let three = next(&two, other_keys, &[13, 14]).unwrap();
    assert_eq!(code(three.check_follows(&one)), "IMP-2021");
    assert_eq!(code(one.check_follows(&two)), "IMP-2021");
    assert_eq!(code(two.check_follows(&two)), "IMP-2021");
    let keys = signers(&[10, 11]);
    let other = RootDocument::first("Other", usual(), &keys.iter().collect::<Vec<_>>()).unwrap();
    assert_eq!(code(two.check_follows(&other)), "IMP-2020");
    // Another number 1 of the same name, with other keys: two does not follow that.
    let pretender = roles(&[(Role::Root, 1, &[66]), (Role::Release, 1, &[66])]);
    let pretender = first(pretender, &[66]).unwrap();
    assert_eq!(code(two.check_follows(&pretender)), "IMP-2018");
}

/// The first documents of bodies by hand, each signed by keys 10 and 11.
#[test]
fn a_body_has_one_encoding_and_sound_roles() {
    let mut keys = signers(&[10, 11]);
    keys.sort_by_key(|key| key.public().id());
    let document = |body: &[u8]| {
        let publics: Vec<u8> = keys
            .iter()
            .flat_map(|key| key.public().to_bytes())
            .collect();
        let signed = [b"imprint-root-v1\0", body, &publics].concat();
        let len = (body.len() as u32).to_le_bytes();
        let mut bytes = [&b"\x89IMR\r\n\x1a\n\x01\0\0\0"[..], &len, body].concat();
        for key in &keys {
            bytes.extend(key.public().to_bytes());
            bytes.extend(support::sign(key, &signed));
        }
        code(RootDocument::from_bytes(&bytes))
    };
    let key = |seed: u8| [&[0x58, 0x20][..], &signer(seed).public().to_bytes()].concat();
    let role = |role: u8, threshold: u8, keys: &[Vec<u8>]| {
        let head = vec![0x83, role, threshold, 0x80 + keys.len() as u8];
        [head, keys.concat()].concat()
    };
    let (mut one, mut other) = (key(10), key(11));
    if one > other {
        std::mem::swap(&mut one, &mut other);
    }
    let root = role(1, 2, &[one.clone(), other.clone()]);
    let release = role(2, 1, &[key(20)]);
    let body = |roles: &[&[u8]]| {
        let head = [0xA3, 1, 0x61, b'A', 2, 1, 3, 0x80 + roles.len() as u8];
        [&head[..], &roles.concat()].concat()
    };
    let good = body(&[&root, &release]);
    let edited = |index: usize, with: &[u8], skip: usize| {
        [&good[..index], with, &good[index + skip..]].concat()
    };
    for (name, body, expected) in [
        ("sound", good.clone(), ""),
        ("longer integer", edited(4, &[2, 0x18, 1], 2), "IMP-2015"),
        ("number 0", edited(5, &[0], 1), "IMP-2015"),
        (
            "no fixed length",
            [edited(0, &[0xBF], 1), vec![0xFF]].concat(),
            "IMP-2015",
        ),
        ("bytes behind", [&good[..], &[0]].concat(), "IMP-2015"),
        (
            "a fourth entry",
            [edited(0, &[0xA4], 1), vec![4, 0]].concat(),
            "IMP-2015",
        ),
        ("name missing", edited(0, &[0xA2], 4), "IMP-2015"),
        ("name empty", edited(2, &[0x60], 2), "IMP-2015"),
        ("name of bytes", edited(2, &[0x41], 1), "IMP-2015"),
        ("release missing", body(&[&root]), "IMP-2016"),
        ("out of order", body(&[&release, &root]), "IMP-2016"),
        ("twice", body(&[&root, &root, &release]), "IMP-2016"),
        (
            "unknown role",
            body(&[&root, &release, &role(6, 1, &[key(1)])]),
            "IMP-2016",
        ),
        (
            "role 0",
            body(&[&role(0, 1, &[key(1)]), &root, &release]),
            "IMP-2016",
        ),
        (
            "threshold 0",
            body(&[&root, &role(2, 0, &[key(1)])]),
            "IMP-2016",
        ),
        (
            "threshold 2 of 1",
            body(&[&root, &role(2, 2, &[key(1)])]),
            "IMP-2016",
        ),
        ("no keys", body(&[&root, &role(2, 1, &[])]), "IMP-2016"),
        (
            "unsound key",
            body(&[
                &root,
                &role(2, 1, &[[&[0x58, 0x20][..], &[0; 32]].concat()]),
            ]),
            "IMP-2016",
        ),
        (
            "short key",
            body(&[&root, &role(2, 1, &[vec![0x41, 0]])]),
            "IMP-2015",
        ),
        (
            "keys out of order",
            body(&[&role(1, 2, &[other.clone(), one.clone()]), &release]),
            "IMP-2016",
        ),
        (
            "key twice",
            body(&[&role(1, 1, &[one.clone(), one.clone()]), &release]),
            "IMP-2016",
        ),
        (
            "text for a key",
            body(&[&root, &role(2, 1, &[vec![0x61, b'x']])]),
            "IMP-2015",
        ),
    ] {
        assert_eq!(document(&body), expected, "{name}");
    }
}

#[test]
fn every_flipped_bit_every_cut_and_every_addition_is_refused() {
    let bytes = first(usual(), &[10, 11]).unwrap().to_bytes().to_vec();
    let mut damaged = bytes.clone();
    for index in 0..bytes.len() {
        for bit in 0..8 {
            damaged[index] ^= 1 << bit;
            let code = code(RootDocument::from_bytes(&damaged));
            match index {
                0..8 => assert_eq!(code, "IMP-2013"),
                8..10 => assert_eq!(code, "IMP-2014"),
                10..12 => assert_eq!(code, "IMP-2015"),
                12..16 => assert_eq!(code, "IMP-2015"),
                _ if index < bytes.len() - 2 * 96 => {
                    assert!(
                        ["IMP-2015", "IMP-2016", "IMP-2017"].contains(&code),
                        "{code}"
                    );
                }
                _ => assert_eq!(code, "IMP-2017", "byte {index}"),
            }
            damaged[index] ^= 1 << bit;
        }
    }
    for len in 0..bytes.len() {
        assert!(RootDocument::from_bytes(&bytes[..len]).is_err(), "{len}");
    }
    for (more, expected) in [
        (1, "IMP-2015"),
        (95, "IMP-2015"),
        (96, "IMP-2017"),
        (97, "IMP-2015"),
        (31 * 96, "IMP-2015"),
    ] {
        let longer = [&bytes[..], &vec![0; more]].concat();
        assert_eq!(code(RootDocument::from_bytes(&longer)), expected, "{more}");
    }
}

/// Seals the test object, signed by these keys, for station 1.
fn sealed(seeds: &[u8], restricted: bool) -> Vec<u8> {
    let signers = signers(seeds);
    let cosigners: Vec<&SigningKey> = signers[1..].iter().collect();
    let (mut random, recipients) = (random(9), [station(1).public()]);
    let restrictions = Restrictions {
        units: restricted.then_some(10.try_into().unwrap()),
        ..Restrictions::default()
    };
    let options = SealOptions {
        cosigners: &cosigners,
        recipients: &recipients,
        restrictions,
        ..SealOptions::new(&signers[0], family(), &mut random)
    };
    seal(&object(), options).unwrap()
}

fn opened(bytes: &[u8], trust: &TrustAnchors) -> &'static str {
    let image = Image::open(Cursor::new(bytes), trust);
    image.err().map_or("", |error| error.code())
}

#[test]
fn an_image_needs_the_threshold_of_the_role_release() {
    let mut of_other = usual();
    of_other.extend(roles(&[(Role::Release, 2, &[21, 50])]));
    let root = first(usual(), &[10, 11]).unwrap();
    let keys = signers(&[10, 11]);
    let other = RootDocument::first("Other", of_other, &keys.iter().collect::<Vec<_>>()).unwrap();
    let trust = TrustAnchors::with_roots([], [root.clone(), other]);
    for (seeds, expected) in [
        (&[20, 21][..], ""),
        (&[20, 21, 22], ""),
        (&[20, 22, 99], ""),
        (&[21, 50], ""),
        (&[20], "IMP-2106"),
        (&[20, 99], "IMP-2106"),
        // Signers of two owners do not add up.
        (&[20, 50], "IMP-2106"),
        // Other roles sign no images.
        (&[10, 11], "IMP-2106"),
        (&[20, 40], "IMP-2106"),
        (&[99], "IMP-2106"),
    ] {
        assert_eq!(opened(&sealed(seeds, false), &trust), expected, "{seeds:?}");
    }
    let error = Image::open(Cursor::new(sealed(&[20, 99], false)), &trust);
    let error = error.err().unwrap();
    assert_eq!(
        error.to_string(),
        "the image needs 2 signatures of the role release of `Acme`, found 1"
    );
    assert!(error.help().is_some());
    // A key that is trusted by itself suffices alone, whatever the documents say.
    let pinned = TrustAnchors::with_roots([signer(99).public()], [root]);
    assert_eq!(opened(&sealed(&[99], true), &pinned), "");
    assert_eq!(opened(&sealed(&[20], true), &pinned), "IMP-2106");
}

#[test]
fn jobs_and_restrictions_need_the_role_policy_where_there_is_one() {
    let mut with_policy = usual();
    with_policy.extend(roles(&[(Role::Policy, 2, &[20, 30, 31])]));
    let with_policy = first(with_policy, &[10, 11]).unwrap();
    let without = first(usual(), &[10, 11]).unwrap();
    let trust = |root: &RootDocument| TrustAnchors::with_roots([], [root.clone()]);
    for (seeds, expected) in [
        (&[20, 21, 30, 31][..], ""),
        // Key 20 is of both roles.
        (&[20, 21, 30], ""),
        (&[21, 22, 30], "IMP-2106"),
        (&[20, 21], "IMP-2106"),
        (&[20, 30], "IMP-2106"),
        (&[30, 31], "IMP-2106"),
    ] {
        let restricted = sealed(seeds, true);
        assert_eq!(
            opened(&restricted, &trust(&with_policy)),
            expected,
            "{seeds:?}"
        );
        let enough = seeds
            .iter()
            .filter(|seed| [20, 21, 22].contains(*seed))
            .count()
            >= 2;
        let open = if enough { "" } else { "IMP-2106" };
        assert_eq!(opened(&restricted, &trust(&without)), open, "{seeds:?}");
        assert_eq!(
            opened(&sealed(seeds, false), &trust(&with_policy)),
            open,
            "{seeds:?}"
        );
    }
    let (signing, cosigner, policy, mut random) = (signer(20), signer(21), signer(30), random(9));
    for (cosigners, expected) in [(&[&cosigner][..], "IMP-2106"), (&[&cosigner, &policy], "")] {
        let options = SealOptions {
            cosigners,
            owner: Some(station(9).public()),
            ..SealOptions::new(&signing, family(), &mut random)
        };
        let (job, _) = seal_job(&object(), options, JobOptions::new([1; 16])).unwrap();
        assert_eq!(opened(&job, &trust(&with_policy)), expected);
    }
}

#[test]
fn grants_come_from_distributors_and_signers() {
    let root = first(usual(), &[10, 11]).unwrap();
    let mut stranger = usual();
    stranger.extend(roles(&[
        (Role::Release, 1, &[90]),
        (Role::Distributor, 1, &[91]),
    ]));
    let keys = signers(&[10, 11]);
    let stranger =
        RootDocument::first("Other", stranger, &keys.iter().collect::<Vec<_>>()).unwrap();
    let trust = TrustAnchors::with_roots([signer(70).public()], [root, stranger]);
    let bytes = sealed(&[20, 21, 95], false);
    for (issuer, counts) in [
        // A distributor, a key trusted by itself, those who signed.
        (40, true),
        (70, true),
        (20, true),
        (95, true),
        // A release key that did not sign, a root key, and a distributor of another owner, who does not vouch.
        (22, false),
        (10, false),
        (91, false),
        (99, false),
    ] {
        let mut image = Image::open(Cursor::new(&bytes[..]), &trust).unwrap();
        assert_eq!(
            image.may_issue(&signer(issuer).public()),
            counts,
            "{issuer}"
        );
        let granting = image.granting(&by(Some(&station(1)), None)).unwrap();
        let (to, terms, issuer) = (station(2), GrantTerms::default(), signer(issuer));
        let grant = granting
            .issue(&to.public(), &terms, &issuer, &mut random(3))
            .unwrap();
        let unlocked = image.unlock(by(Some(&to), Some(grant.to_bytes())));
        let expected = if counts { "" } else { "IMP-2202" };
        assert_eq!(unlocked.err().map_or("", |error| error.code()), expected);
    }
}

#[test]
fn lists_of_plugins_are_signed_by_the_role_plugin() {
    let mut with_plugins = usual();
    with_plugins.extend(roles(&[(Role::Plugin, 1, &[50, 51])]));
    let root = first(with_plugins, &[10, 11]).unwrap();
    let trust = TrustAnchors::with_roots([signer(70).public()], [root]);
    let found: Vec<_> = trust.plugin_signers().map(|key| key.id()).collect();
    let mut expected: Vec<_> = [50, 51].map(|seed| signer(seed).public().id()).to_vec();
    expected.sort();
    let mut found = found;
    found.sort();
    assert_eq!(
        found, expected,
        "70 signs images, and says nothing about plugins"
    );
    // A list has one signature: two are never there.
    let mut two = usual();
    two.extend(roles(&[(Role::Plugin, 2, &[50, 51])]));
    let trust = TrustAnchors::with_roots([], [first(two, &[10, 11]).unwrap()]);
    assert_eq!(trust.plugin_signers().count(), 0);
    assert!(TrustAnchors::default().is_empty() && !trust.is_empty());
}
