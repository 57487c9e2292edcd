//! Writes grants, with any field changed before they are sealed and signed.

use crate::{
    support::{self, signer, station},
    writer::{ENCRYPTED, material, public},
};
use hpke::{Deserializable, OpModeR, OpModeS, Serializable, aead::AesGcm256, kdf::HkdfSha256};

type Kem = hpke::kem::X25519HkdfSha256;
type Public = <Kem as hpke::Kem>::PublicKey;
type Private = <Kem as hpke::Kem>::PrivateKey;

/// No cap, or no end.
pub const NONE: u64 = u64::MAX;

pub struct GrantForm {
    pub version: u16,
    pub kind: u16,
    pub suite: u16,
    pub flags: u16,
    pub image: [u8; 32],
    pub station: [u8; 32],
    pub cap: u64,
    pub until: u64,
    pub zero: [u8; 16],
    /// What it carries.
    pub secret: [u8; 32],
    /// Seed of the issuer.
    pub issuer: u8,
    /// Seed of the station that can decrypt it.
    pub to: u8,
    pub info: Vec<u8>,
    pub associated_len: usize,
    pub domain: Vec<u8>,
}

impl GrantForm {
    pub fn new(kind: u16, image: [u8; 32], to: u8, secret: [u8; 32]) -> GrantForm {
        GrantForm {
            version: 1,
            kind,
            suite: ENCRYPTED,
            flags: 0,
            image,
            station: station(to).public().id().0,
            cap: NONE,
            until: NONE,
            zero: [0; 16],
            secret,
            issuer: 1,
            to,
            info: b"imprint-grant-v1\0\x01\0".to_vec(),
            associated_len: 112,
            domain: b"imprint-grant-v1\0".to_vec(),
        }
    }

    pub fn write(&self) -> Vec<u8> {
        let mut bytes = b"\x89IMG\r\n\x1a\n".to_vec();
        for number in [self.version, self.kind, self.suite, self.flags] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(self.image);
        bytes.extend(self.station);
        bytes.extend(self.cap.to_le_bytes());
        bytes.extend(self.until.to_le_bytes());
        bytes.extend(self.zero);
        let to = Public::from_bytes(&material(&station(self.to).public())).unwrap();
        let mut secret = self.secret;
        let (encapsulated, tag) =
            hpke::single_shot_seal_inout_detached_with_rng::<AesGcm256, HkdfSha256, Kem>(
                &OpModeS::Base,
                &to,
                &self.info,
                secret.as_mut_slice().into(),
                &bytes[..self.associated_len],
                &mut support::random(210),
            )
            .unwrap();
        bytes.extend(encapsulated.to_bytes());
        bytes.extend(secret);
        bytes.extend(tag.to_bytes());
        bytes.extend(public(self.issuer).to_bytes());
        let signature = support::sign(&signer(self.issuer), &[&self.domain, &bytes[..]].concat());
        bytes.extend(signature);
        bytes
    }
}

/// What a grant carries, for the station it is to.
pub fn carried(grant: &[u8], to: u8) -> [u8; 32] {
    let private = Private::from_bytes(&material(&station(to))).unwrap();
    let mut secret: [u8; 32] = grant[144..176].try_into().unwrap();
    hpke::single_shot_open_inout_detached::<AesGcm256, HkdfSha256, Kem>(
        &OpModeR::Base,
        &private,
        &Deserializable::from_bytes(&grant[112..144]).unwrap(),
        b"imprint-grant-v1\0\x01\0",
        secret.as_mut_slice().into(),
        &grant[..112],
        &Deserializable::from_bytes(&grant[176..192]).unwrap(),
    )
    .unwrap();
    secret
}
