//! Key files under a passphrase: what opens them, what they cost, and what is refused before it costs anything.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use imprint_image::{
    KeyFile, SigningKey, StationSecret,
    keys::{KeyError, Kind, LockCost, LockedKey},
};
use support::{random, signer, station};

/// The least there is: these tests are not about the cost.
const CHEAP: LockCost = LockCost {
    memory_kib: 8,
    passes: 1,
    lanes: 1,
};

fn locked() -> LockedKey {
    LockedKey::lock(&signer(1), "correct horse", CHEAP, &mut random(5)).unwrap()
}

fn code<T>(result: Result<T, KeyError>) -> &'static str {
    result.err().map_or("", |error| error.code())
}

#[test]
fn a_key_comes_back_with_its_passphrase_alone() {
    let locked = locked();
    assert_eq!(locked.kind(), Kind::SigningSecret);
    assert_eq!(locked.cost(), CHEAP);
    let read = LockedKey::from_text(&locked.to_text()).unwrap();
    let key: SigningKey = read.unlock("correct horse").unwrap();
    assert_eq!(key.public(), signer(1).public());
    for wrong in [
        "",
        "correct hors",
        "correct horse ",
        "Correct horse",
        "correct horse\n",
    ] {
        assert_eq!(
            code(read.unlock::<SigningKey>(wrong)),
            "IMP-2011",
            "{wrong:?}"
        );
    }
    assert_eq!(
        code(read.unlock::<StationSecret>("correct horse")),
        "IMP-2003"
    );
    let of_station = LockedKey::lock(&station(1), "é", CHEAP, &mut random(5)).unwrap();
    let key: StationSecret = of_station.unlock("é").unwrap();
    assert_eq!(key.public(), station(1).public());
    let empty = LockedKey::lock(&signer(1), "", CHEAP, &mut random(5));
    assert_eq!(code(empty), "IMP-2022");
}

#[test]
fn each_lock_has_a_salt_of_its_own() {
    let mut random = random(5);
    let mut lock = || LockedKey::lock(&signer(1), "x", CHEAP, &mut random).unwrap();
    let (one, two) = (lock().to_text(), lock().to_text());
    let parts = |text: &str| {
        text.trim()
            .split(':')
            .skip(3)
            .map(String::from)
            .collect::<Vec<_>>()
    };
    let (one, two) = (parts(&one), parts(&two));
    assert!(one.len() == 2 && one.iter().zip(&two).all(|(one, two)| one != two));
}

#[test]
fn a_locked_file_is_told_from_a_plain_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.key");
    locked().save(&path).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
    }
    assert_eq!(code(locked().save(&path)), "IMP-1092");
    assert_eq!(LockedKey::load(&path).unwrap(), locked());
    assert_eq!(code(SigningKey::load(&path)), "IMP-2010");
    // A passphrase is asked for before damage is looked for; another kind is worse.
    let line = locked().to_text();
    assert_eq!(code(SigningKey::from_text(&line[..60])), "IMP-2010");
    assert_eq!(code(StationSecret::load(&path)), "IMP-2003");
    assert_eq!(code(Kind::of(&locked().to_text())), "IMP-2010");
    assert_eq!(code(LockedKey::from_text(&signer(1).to_text())), "IMP-2027");
    assert_eq!(
        code(LockedKey::from_text("imprint-signing-public-1.locked:")),
        "IMP-2002"
    );
    assert_eq!(code(LockedKey::from_text("something")), "IMP-2001");
    assert_eq!(
        code(LockedKey::load(&folder.path().join("none"))),
        "IMP-2005"
    );
    assert!(!format!("{:?}", locked()).contains(&locked().to_text()[80..100]));
}

#[test]
fn every_character_of_the_line_counts() {
    let text = locked().to_text();
    let line = text.trim_end();
    for (index, old) in line.char_indices() {
        let new = match old {
            '0'..='8' => ((old as u8) + 1) as char,
            'a'..='e' if index > 60 => ((old as u8) + 1) as char,
            _ => '0',
        };
        let changed = [&line[..index], &new.to_string(), &line[index + 1..]].concat();
        let opened = LockedKey::from_text(&changed);
        let opened = opened.and_then(|locked| locked.unlock::<SigningKey>("correct horse"));
        assert!(opened.is_err(), "{changed}");
    }
    for len in 0..line.len() {
        assert!(LockedKey::from_text(&line[..len]).is_err(), "{len}");
    }
    assert!(LockedKey::from_text(&format!("{line}\r\n")).is_ok());
    for bad in ["0", "00", " ", ":", "\n\n"] {
        assert_eq!(
            code(LockedKey::from_text(&format!("{line}{bad}"))),
            "IMP-2004",
            "{bad:?}"
        );
    }
}

/// Each of these would take all memory, all day, or panic in the computation, were it not refused before.
#[test]
fn what_a_file_may_cost_is_bounded() {
    let text = locked().to_text();
    for (cost, expected) in [
        ("m=8,t=1,p=1", ""),
        ("m=1048576,t=16,p=4", ""),
        ("m=32,t=1,p=4", ""),
        ("m=1048577,t=1,p=1", "IMP-2012"),
        ("m=4294967295,t=1,p=1", "IMP-2012"),
        ("m=7,t=1,p=1", "IMP-2012"),
        ("m=31,t=1,p=4", "IMP-2012"),
        ("m=8,t=0,p=1", "IMP-2012"),
        ("m=8,t=17,p=1", "IMP-2012"),
        ("m=8,t=1,p=0", "IMP-2012"),
        ("m=64,t=1,p=5", "IMP-2012"),
        ("m=64,t=1,p=4294967295", "IMP-2012"),
        ("m=4294967296,t=1,p=1", "IMP-2012"),
        ("m=08,t=1,p=1", "IMP-2004"),
        ("m=+8,t=1,p=1", "IMP-2004"),
        ("m=8,t=1", "IMP-2004"),
        ("m=8,t=1,p=1,x=1", "IMP-2004"),
        ("t=1,m=8,p=1", "IMP-2004"),
        ("", "IMP-2004"),
    ] {
        let changed = text.replace("m=8,t=1,p=1", cost);
        assert_eq!(code(LockedKey::from_text(&changed)), expected, "{cost}");
    }
    let costly = LockCost {
        passes: 17,
        ..CHEAP
    };
    let refused = LockedKey::lock(&signer(1), "x", costly, &mut random(5));
    let error = refused.err().unwrap();
    assert_eq!(
        error.to_string(),
        "the passphrase's cost is out of its range: expected 1 to 16 passes, found 17"
    );
    assert!(error.help().is_some());
    assert_eq!(LockCost::default().to_string(), "m=65536,t=3,p=1");
}

/// Made by argon2-cffi 25.1 and pyca/cryptography, of the seed of RFC 8032 section 7.1, test 1.
#[test]
fn a_file_of_other_programs_opens() {
    let text = "imprint-signing-secret-1.locked:argon2id:m=64,t=2,p=2:000102030405060708090a0b0c0d0e0f:\
                8c819fdfc4c5246741cc7e93a380b8b910cc1d9dbc9cd3c486da5f05296fdc9be2b1e3bfb02e5ccf43763fe091900aa7";
    let key: SigningKey = LockedKey::from_text(text)
        .unwrap()
        .unlock("correct horse é")
        .unwrap();
    let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    assert_eq!(*key.to_text(), format!("imprint-signing-secret-1:{seed}\n"));
}
