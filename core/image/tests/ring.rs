//! Key rings: what is in them is trusted, what is taken out is not, and no old root document gets in.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use imprint_image::{
    Image, KeyFile, SigningKey, TrustAnchors,
    keys::{KeyRing, LockCost, LockedKey, RingEntry, RingError, Role, RoleKeys, RootDocument},
};
use std::{fs, io::Cursor, path::Path};
use support::{by, object, random, sealed, signer, station};

/// Documents 1 to 3 of an owner: root key 10, then 11, then 12; always release key 1.
fn roots(owner: &str) -> Vec<RootDocument> {
    let roles = |root: u8| {
        let keys = |seed| RoleKeys::new(1, [signer(seed).public()]).unwrap();
        [(Role::Root, keys(root)), (Role::Release, keys(1))].into()
    };
    let signers: Vec<SigningKey> = [10, 11, 12].map(signer).to_vec();
    let first = RootDocument::first(owner, roles(10), &[&signers[0]]).unwrap();
    let second = first.next(roles(11), &[&signers[0], &signers[1]]).unwrap();
    let third = second.next(roles(12), &[&signers[1], &signers[2]]).unwrap();
    vec![first, second, third]
}

fn add(folder: &Path, bytes: &[u8]) -> Result<(), &'static str> {
    let added = KeyRing::add_to(folder, "given", bytes);
    added.map(drop).map_err(|error| {
        assert!(error.help().is_some(), "{error}");
        error.code()
    })
}

fn numbers(ring: &KeyRing) -> Vec<u64> {
    let number = |entry: &RingEntry| match entry {
        RingEntry::Root(root) => Some(root.number()),
        _ => None,
    };
    ring.entries().filter_map(number).collect()
}

fn opens(ring: &KeyRing, image: &[u8]) -> Result<(), &'static str> {
    let image = Image::open(Cursor::new(image), &ring.trust()).map_err(|error| error.code())?;
    let unlocked = image.unlock(by(ring.stations().next(), None));
    unlocked.map(drop).map_err(|error| error.code())
}

#[test]
fn without_the_key_no_way_in_and_with_it_again() {
    let folder = tempfile::tempdir().unwrap();
    let image = sealed(&object(), &[1]);
    let ring = || KeyRing::open(folder.path()).unwrap();
    assert_eq!(opens(&ring(), &image), Err("IMP-2106"));
    add(folder.path(), signer(1).public().to_text().as_bytes()).unwrap();
    assert_eq!(opens(&ring(), &image), Err("IMP-2200"));
    let secret = station(1).to_text();
    add(folder.path(), secret.as_bytes()).unwrap();
    assert_eq!(opens(&ring(), &image), Ok(()));
    let entries: Vec<_> = ring().entries().map(RingEntry::id).collect();
    for id in entries {
        let before = fs::read_dir(folder.path()).unwrap().count();
        KeyRing::remove_from(folder.path(), id).unwrap();
        assert!(opens(&ring(), &image).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), before - 1);
        let again = KeyRing::remove_from(folder.path(), id).unwrap_err();
        assert_eq!(again.code(), "IMP-2026");
        assert!(again.help().is_some());
        add(folder.path(), secret.as_bytes()).unwrap();
        add(folder.path(), signer(1).public().to_text().as_bytes()).unwrap();
        assert_eq!(opens(&ring(), &image), Ok(()));
    }
}

#[test]
fn secrets_are_the_owners_alone_and_locked_keys_are_kept_locked() {
    let folder = tempfile::tempdir().unwrap();
    let cost = LockCost {
        memory_kib: 8,
        passes: 1,
        lanes: 1,
    };
    let locked = LockedKey::lock(&station(1), "x", cost, &mut random(1)).unwrap();
    add(folder.path(), locked.to_text().as_bytes()).unwrap();
    add(folder.path(), station(2).to_text().as_bytes()).unwrap();
    let ring = KeyRing::open(folder.path()).unwrap();
    assert_eq!(ring.locked_stations().collect::<Vec<_>>(), [&locked]);
    let stations: Vec<_> = ring.stations().map(|key| key.public().id()).collect();
    assert_eq!(stations, [station(2).public().id()]);
    assert!(ring.trust().is_empty());
    #[cfg(unix)]
    for entry in fs::read_dir(folder.path()).unwrap() {
        use std::os::unix::fs::PermissionsExt;
        let mode = entry.unwrap().metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
    }
}

#[test]
fn only_the_next_root_document_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let acme = roots("Acme");
    let highest = || numbers(&KeyRing::open(folder.path()).unwrap());
    for (document, expected, number) in [
        (&acme[0], Ok(()), 1),
        (&acme[2], Err("IMP-2021"), 1),
        (&acme[1], Ok(()), 2),
        (&acme[0], Err("IMP-2021"), 2),
        // The same again changes nothing.
        (&acme[1], Ok(()), 2),
        (&acme[2], Ok(()), 3),
        (&acme[1], Err("IMP-2021"), 3),
    ] {
        assert_eq!(add(folder.path(), document.to_bytes()), expected);
        assert_eq!(highest(), [number]);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    // Another owner's stand beside them.
    add(folder.path(), roots("Other")[0].to_bytes()).unwrap();
    let mut both = highest();
    both.sort();
    assert_eq!(both, [1, 3]);
    // Number 4 of somebody who has no key of number 3's role root.
    let roles = |seed: u8| {
        let keys = RoleKeys::new(1, [signer(seed).public()]).unwrap();
        [(Role::Root, keys.clone()), (Role::Release, keys)].into()
    };
    let key = signer(66);
    let mut forged = RootDocument::first("Acme", roles(66), &[&key]).unwrap();
    for _ in 0..3 {
        forged = forged.next(roles(66), &[&key]).unwrap();
    }
    assert_eq!(forged.number(), 4);
    assert_eq!(add(folder.path(), forged.to_bytes()), Err("IMP-2018"));
}

#[test]
fn documents_that_lie_in_a_folder_must_follow_each_other() {
    let acme = roots("Acme");
    let ring = |documents: &[&RootDocument]| {
        let named = |(index, it): (usize, &&RootDocument)| {
            (format!("{index}.root"), it.to_bytes().to_vec())
        };
        KeyRing::of(documents.iter().enumerate().map(named))
    };
    assert_eq!(
        numbers(&ring(&[&acme[2], &acme[0], &acme[1]]).unwrap()),
        [3]
    );
    assert_eq!(numbers(&ring(&[&acme[1], &acme[2]]).unwrap()), [3]);
    assert_eq!(
        ring(&[&acme[0], &acme[2]]).err().unwrap().code(),
        "IMP-2021"
    );
    let key = signer(66);
    let keys = RoleKeys::new(1, [key.public()]).unwrap();
    let roles = [(Role::Root, keys.clone()), (Role::Release, keys)].into();
    let pretender = RootDocument::first("Acme", roles, &[&key]).unwrap();
    assert_eq!(
        ring(&[&acme[0], &pretender]).err().unwrap().code(),
        "IMP-2021"
    );
    assert_eq!(
        ring(&[&acme[1], &pretender]).err().unwrap().code(),
        "IMP-2018"
    );
}

#[test]
fn what_does_not_belong_in_a_ring_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let root = roots("Acme")[0].to_bytes().to_vec();
    let mut damaged = root.clone();
    *damaged.last_mut().unwrap() ^= 1;
    for (bytes, expected) in [
        (signer(1).to_text().as_bytes(), "IMP-2025"),
        (station(1).public().to_text().as_bytes(), "IMP-2025"),
        (b"imprint-signing-secret-1.locked:argon2id:", "IMP-2025"),
        (b"", "IMP-2001"),
        (b"\xFF\xFE", "IMP-2001"),
        (b"imprint-signing-public-1:00", "IMP-2004"),
        (b"imprint-station-secret-1.locked:argon2id:", "IMP-2004"),
        (&damaged, "IMP-2017"),
        (&root[..20], "IMP-2015"),
    ] {
        assert_eq!(add(folder.path(), bytes), Err(expected));
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    // The same, lying there: a ring with something wrong in it is not used at all.
    fs::write(folder.path().join("note.txt"), "not looked at").unwrap();
    fs::write(folder.path().join("bad.pub"), "imprint-signing-public-1:00").unwrap();
    let refused = |folder: &Path| KeyRing::open(folder).err().unwrap();
    let error = refused(folder.path());
    assert_eq!(error.code(), "IMP-2004");
    assert!(error.to_string().contains("bad.pub"), "{error}");
    fs::write(folder.path().join("bad.pub"), vec![b'0'; 100_000]).unwrap();
    assert_eq!(refused(folder.path()).code(), "IMP-2001");
    fs::remove_file(folder.path().join("bad.pub")).unwrap();
    fs::create_dir(folder.path().join("x.key")).unwrap();
    assert!(matches!(refused(folder.path()), RingError::Io { .. }));
    fs::remove_dir(folder.path().join("x.key")).unwrap();
    assert!(KeyRing::open(folder.path()).is_ok());
    assert_eq!(refused(&folder.path().join("none")).code(), "IMP-2023");
    for index in 0..=1024 {
        fs::write(folder.path().join(format!("{index}.pub")), "").unwrap();
    }
    assert_eq!(refused(folder.path()).code(), "IMP-2024");
}

#[test]
fn a_ring_trusts_what_its_parts_trust() {
    let image = sealed(&object(), &[]);
    let opens = |trust: &TrustAnchors| Image::open(Cursor::new(&image[..]), trust).is_ok();
    let files = |bytes: &[u8]| KeyRing::of([("x".to_string(), bytes.to_vec())]).unwrap();
    assert!(opens(
        &files(signer(1).public().to_text().as_bytes()).trust()
    ));
    assert!(opens(&files(roots("Acme")[1].to_bytes()).trust()));
    assert!(!opens(
        &files(signer(2).public().to_text().as_bytes()).trust()
    ));
    assert!(!opens(&KeyRing::default().trust()));
}
