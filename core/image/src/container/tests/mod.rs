//! The cryptography of images against vectors and code that others wrote.
//!
//! They are inside of the crate because what is asked is our own use of the crates below, which nobody outside can call:
//! the strict check of a signature, a station's key, the cipher of chunks, the tree of the index.
#![allow(clippy::unwrap_used)]

mod aes_gcm;
mod ed25519;
mod hkdf;
mod hpke;
mod merkle;
mod x25519;

/// Vectors that are run, by their set. Each test counts its own and compares, so that an empty or shortened set fails.
const COUNTS: [(&str, usize); 8] = [
    ("AES-256-GCM, nonce 96 bits, tag 128 bits", 66),
    ("Ed25519", 151),
    ("HKDF-SHA-256", 86),
    ("HKDF-SHA-512", 83),
    ("HMAC-SHA-256", 174),
    ("HMAC-SHA-512", 174),
    ("RFC 9180", 12),
    ("X25519", 518),
];

#[track_caller]
fn check_count(set: &str, found: usize) {
    let expected = COUNTS.iter().find(|(name, _)| *name == set);
    assert_eq!(expected, Some(&(set, found)));
}

#[test]
fn there_are_more_than_a_thousand() {
    let total: usize = COUNTS.iter().map(|(_, count)| count).sum();
    assert!(total >= 1_000, "{total}");
}

fn hex(text: &str) -> Vec<u8> {
    base16ct::lower::decode_vec(text).unwrap()
}
