//! HPKE: the published vectors of RFC 9180, through the crate and with a station's key.
//!
//! Grants use base mode with AES-256-GCM (`mode` 0, `aead_id` 2). The other modes, AES-128-GCM and export only share its
//! key encapsulation and key schedule, so they are run as well. What is there: `tests/vectors/foreign/README.md`.

use super::{check_count, hex};
use crate::keys::{StationKem, StationSecret};
use hpke::{
    Deserializable, Kem, OpModeR, OpModeS, PskBundle, Serializable,
    aead::{Aead, AesGcm128, AesGcm256, ExportOnlyAead},
    kdf::HkdfSha256,
    setup_receiver, setup_sender_with_rng,
};
use rand_core::{TryCryptoRng, TryRng};
use serde::Deserialize;
use std::convert::Infallible;

/// As in the file; what a mode does not have is empty.
#[derive(Default, Deserialize)]
#[serde(default)]
#[allow(non_snake_case)]
struct Vector {
    mode: u8,
    aead_id: u16,
    info: String,
    ikmR: String,
    ikmE: String,
    skRm: String,
    skSm: String,
    psk: String,
    psk_id: String,
    pkRm: String,
    pkSm: String,
    enc: String,
    shared_secret: String,
    encryptions: Vec<Encryption>,
    exports: Vec<Export>,
}

#[derive(Deserialize)]
struct Encryption {
    sequence: usize,
    pt: String,
    aad: String,
    ct: String,
}

#[derive(Deserialize)]
#[allow(non_snake_case)]
struct Export {
    exporter_context: String,
    L: usize,
    exported_value: String,
}

type Secret = <StationKem as Kem>::PrivateKey;
type Public = <StationKem as Kem>::PublicKey;

/// Gives the bytes that the vector drew.
struct Drawn(Vec<u8>);

impl TryRng for Drawn {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("keys are drawn as bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("keys are drawn as bytes")
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        to.copy_from_slice(&self.0);
        Ok(())
    }
}

impl TryCryptoRng for Drawn {}

#[test]
fn rfc_9180() {
    let text = include_str!("../../../../../tests/vectors/foreign/rfc9180.json");
    let vectors: Vec<Vector> = serde_json::from_str(text).unwrap();
    let mut of_our_suite = 0;
    for vector in &vectors {
        match vector.aead_id {
            1 => check::<AesGcm128>(vector, 6),
            2 => check::<AesGcm256>(vector, 6),
            0xFFFF => check::<ExportOnlyAead>(vector, 0),
            other => panic!("aead {other}"),
        }
        of_our_suite += usize::from((vector.mode, vector.aead_id) == (0, 2));
    }
    check_count("RFC 9180", vectors.len());
    assert_eq!(of_our_suite, 1);
}

fn check<A: Aead>(vector: &Vector, encryption_count: usize) {
    // A station's key, drawn as the vector drew it.
    let station = StationSecret::generate(&mut Drawn(hex(&vector.ikmR)));
    assert_eq!(station.inner().to_bytes()[..], clamped(&vector.skRm));
    assert_eq!(station.public().inner().to_bytes()[..], hex(&vector.pkRm));

    let (sender_mode, receiver_mode) = modes(vector);
    let info = hex(&vector.info);
    let (enc, mut sender) = setup_sender_with_rng::<A, HkdfSha256, StationKem>(
        &sender_mode,
        station.public().inner(),
        &info,
        &mut Drawn(hex(&vector.ikmE)),
    )
    .unwrap();
    assert_eq!(enc.to_bytes()[..], hex(&vector.enc));
    let mut receiver =
        setup_receiver::<A, HkdfSha256, StationKem>(&receiver_mode, station.inner(), &enc, &info)
            .unwrap();

    let of_sender = match &receiver_mode {
        OpModeR::Auth(key) | OpModeR::AuthPsk(key, _) => Some(key),
        OpModeR::Base | OpModeR::Psk(_) => None,
    };
    let shared = StationKem::decap(station.inner(), of_sender, &enc).unwrap();
    assert_eq!(shared.0[..], hex(&vector.shared_secret));

    assert_eq!(vector.encryptions.len(), encryption_count);
    let mut sequence = 0;
    for encryption in &vector.encryptions {
        // The ones between are not kept; they only count.
        while sequence < encryption.sequence {
            let between = sender.seal(b"between", b"").unwrap();
            assert_eq!(receiver.open(&between, b"").unwrap(), b"between");
            sequence += 1;
        }
        let (pt, aad, ct) = (
            hex(&encryption.pt),
            hex(&encryption.aad),
            hex(&encryption.ct),
        );
        assert_eq!(sender.seal(&pt, &aad).unwrap(), ct, "{sequence}");
        let mut damaged = ct.clone();
        damaged[sequence % ct.len()] ^= 1;
        assert!(receiver.open(&damaged, &aad).is_err(), "{sequence}");
        assert_eq!(receiver.open(&ct, &aad).unwrap(), pt, "{sequence}");
        sequence += 1;
    }
    assert_eq!(vector.exports.len(), 3);
    for export in &vector.exports {
        let context = hex(&export.exporter_context);
        let (mut sent, mut received) = (vec![0; export.L], vec![0; export.L]);
        sender.export(&context, &mut sent).unwrap();
        receiver.export(&context, &mut received).unwrap();
        assert_eq!(sent, hex(&export.exported_value));
        assert_eq!(received, sent);
    }
}

/// The crate stores a secret key as it is multiplied with (RFC 7748, section 5), the vectors as it was drawn.
fn clamped(digits: &str) -> Vec<u8> {
    let mut bytes = hex(digits);
    bytes[0] &= 0xF8;
    bytes[31] = bytes[31] & 0x7F | 0x40;
    bytes
}

fn modes(vector: &Vector) -> (OpModeS<'static, StationKem>, OpModeR<'static, StationKem>) {
    let keys = || {
        let secret = Secret::from_bytes(&hex(&vector.skSm)).unwrap();
        (secret, Public::from_bytes(&hex(&vector.pkSm)).unwrap())
    };
    let bundle = || {
        // Kept to the end of the test, which is short.
        let (psk, id) = (hex(&vector.psk).leak(), hex(&vector.psk_id).leak());
        PskBundle::new(psk, id).unwrap()
    };
    match vector.mode {
        0 => (OpModeS::Base, OpModeR::Base),
        1 => (OpModeS::Psk(bundle()), OpModeR::Psk(bundle())),
        2 => (OpModeS::Auth(keys()), OpModeR::Auth(keys().1)),
        3 => (
            OpModeS::AuthPsk(keys(), bundle()),
            OpModeR::AuthPsk(keys().1, bundle()),
        ),
        other => panic!("mode {other}"),
    }
}
