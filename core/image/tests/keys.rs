//! Keys: their files, and being told which kind is needed.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use imprint_image::{
    KeyFile, PublicKey, SigningKey, StationPublic, StationSecret,
    keys::{KeyError, Kind},
};
use support::random;

#[test]
fn keys_come_back_from_their_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let signing = SigningKey::generate(&mut random(1));
    let station = StationSecret::generate(&mut random(2));
    signing.save(&path("s.key")).unwrap();
    signing.public().save(&path("s.pub")).unwrap();
    station.save(&path("t.key")).unwrap();
    station.public().save(&path("t.pub")).unwrap();
    assert_eq!(
        SigningKey::load(&path("s.key")).unwrap().public(),
        signing.public()
    );
    assert_eq!(PublicKey::load(&path("s.pub")).unwrap(), signing.public());
    assert_eq!(
        StationSecret::load(&path("t.key")).unwrap().public(),
        station.public()
    );
    assert_eq!(
        StationPublic::load(&path("t.pub")).unwrap(),
        station.public()
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |name: &str| std::fs::metadata(path(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("s.key"), mode("t.key")), (0o600, 0o600));
        assert_ne!(mode("s.pub") & 0o044, 0);
    }
    let before = std::fs::read(path("s.key")).unwrap();
    let error = SigningKey::generate(&mut random(3))
        .save(&path("s.key"))
        .unwrap_err();
    assert_eq!(error.code(), "IMP-1092");
    assert_eq!(std::fs::read(path("s.key")).unwrap(), before);
    assert_eq!(
        SigningKey::load(&path("none")).err().unwrap().code(),
        "IMP-2005"
    );
}

#[test]
fn a_wrong_kind_is_told_so() {
    let text = StationSecret::generate(&mut random(2)).to_text();
    let error = SigningKey::from_text(&text).err().unwrap();
    assert_eq!(
        error.to_string(),
        "expected the secret key of a signer, found the secret key of a station"
    );
    assert_eq!(Kind::of(&text), Ok(Kind::StationSecret));
}

#[test]
fn damaged_keys_are_refused() {
    let good = SigningKey::generate(&mut random(1)).public().to_text();
    let good = good.trim();
    let zero = format!("imprint-signing-public-1:{}", "0".repeat(64));
    // y = 1, the neutral element, and the same with the encoding of y not reduced.
    let weak = format!("imprint-signing-public-1:01{}", "0".repeat(62));
    let long = format!("imprint-signing-public-1:ee{}7f", "f".repeat(60));
    for (text, code) in [
        ("", "IMP-2001"),
        ("-----BEGIN PRIVATE KEY-----", "IMP-2001"),
        ("imprint-signing-public-2:00", "IMP-2002"),
        ("imprint-signing-public-1", "IMP-2004"),
        ("imprint-signing-public-1:", "IMP-2004"),
        (&good[..good.len() - 1], "IMP-2004"),
        (&format!("{good}0"), "IMP-2004"),
        (&format!("{good} "), "IMP-2004"),
        (&format!("{good}\n\n"), "IMP-2004"),
        (&good.to_uppercase(), "IMP-2001"),
        (&zero, "IMP-2004"),
        (&weak, "IMP-2004"),
        (&long, "IMP-2004"),
    ] {
        let error: KeyError = PublicKey::from_text(text).expect_err(text);
        assert_eq!(error.code(), code, "{text}");
        assert!(error.help().is_some());
    }
    assert!(PublicKey::from_text(&format!("{good}\r\n")).is_ok());
}

/// RFC 8032 section 7.1, test 1.
#[test]
fn ed25519_of_rfc_8032() {
    let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    let key = SigningKey::from_text(&format!("imprint-signing-secret-1:{seed}\n")).unwrap();
    assert_eq!(
        *key.public().to_text(),
        format!("imprint-signing-public-1:{public}\n")
    );
}

/// RFC 9180 appendix A.1.1: the recipient's key pair.
#[test]
fn x25519_of_rfc_9180() {
    let secret = "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8";
    let public = "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d";
    let key = StationSecret::from_text(&format!("imprint-station-secret-1:{secret}\n")).unwrap();
    assert_eq!(
        *key.public().to_text(),
        format!("imprint-station-public-1:{public}\n")
    );
}
