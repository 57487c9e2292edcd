//! What the tests share: a device, recipes, objects, keys from a seed.
#![allow(clippy::unwrap_used, missing_docs, dead_code)]

pub mod unit_data;

use ed25519_dalek::Signer;
use imprint_device::{Algorithm, Device, FrozenDevice};
use imprint_image::{
    Image, ImageError, KeyFile, OpenImage, SigningKey, StationSecret, TrustAnchors, Unlock,
    container::{FamilyRequirement, SealOptions},
    object::{BuildError, Object},
    recipe::{MemorySources, Recipe},
    seal,
};
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;
use std::io::Cursor;

pub const ELF: &[u8] = include_bytes!("../fixtures/firmware.elf");
pub const HEX: &str = include_str!("../fixtures/firmware.hex");
pub const SREC: &str = include_str!("../fixtures/firmware.srec");

/// A source of randomness that gives the same on every machine.
pub fn random(seed: u8) -> ChaCha8Rng {
    ChaCha8Rng::from_seed([seed; 32])
}

pub fn device() -> FrozenDevice {
    let text = include_str!("../fixtures/device.ron");
    FrozenDevice {
        device: Device::parse("device.ron", text).unwrap(),
        algorithms: vec![Algorithm {
            name: "x_flash".into(),
            code: (0..100).collect(),
            load_address: None,
            init: Some(1),
            uninit: None,
            program_page: 3,
            erase_sector: 5,
            erase_all: None,
            verify: None,
            blank_check: None,
            data_section: 0x40,
            range_start: 0,
            range_end: 0x20000,
            page_len: 256,
            program_timeout_ms: 100,
            erase_timeout_ms: 1000,
            stack_len: None,
        }],
    }
}

/// Builds the object of a recipe whose payloads and rights are given as RON; the files are `files` and two scripts.
pub fn build(payloads: &str, rights: &str, files: &[(&str, &[u8])]) -> Result<Object, BuildError> {
    let text = format!(
        r#"Recipe(name: "node", device: "X1", script: "main.rhai", modules: ["lib/a.rhai"],
            payloads: {{{payloads}}}, rights: [{rights}], settings: {{"batch": "7", "aa": "1"}})"#
    );
    let mut sources = MemorySources::default();
    sources
        .0
        .insert("main.rhai".into(), b"fn main(unit) {}".to_vec());
    sources.0.insert("lib/a.rhai".into(), b"fn a() {}".to_vec());
    for (path, bytes) in files {
        sources.0.insert((*path).into(), bytes.to_vec());
    }
    Object::build(
        &Recipe::parse("recipe.ron", &text).unwrap(),
        &sources,
        &device(),
    )
}

/// A small object with the test firmware.
pub fn object() -> Object {
    let payloads = r#""firmware": Payload(file: "firmware.elf")"#;
    build(payloads, "protect, mass_erase", &[("firmware.elf", ELF)]).unwrap()
}

/// The plugin that the test device needs.
pub fn family() -> FamilyRequirement {
    FamilyRequirement {
        id: "test.x".into(),
        abi_major: 1,
        version_min: "0.1.0".parse().unwrap(),
    }
}

pub fn signer(seed: u8) -> SigningKey {
    SigningKey::generate(&mut random(seed))
}

pub fn station(seed: u8) -> StationSecret {
    StationSecret::generate(&mut random(100 + seed))
}

pub fn trust(seeds: &[u8]) -> TrustAnchors {
    TrustAnchors::new(seeds.iter().map(|seed| signer(*seed).public()))
}

/// The signature of a signer over any bytes, which the product does not make.
pub fn sign(key: &SigningKey, message: &[u8]) -> [u8; 64] {
    let text = key.to_text();
    let mut seed = [0; 32];
    base16ct::lower::decode(text.trim().split(':').nth(1).unwrap(), &mut seed).unwrap();
    ed25519_dalek::SigningKey::from_bytes(&seed)
        .sign(message)
        .to_bytes()
}

/// Seals `object`, signed by 1, for stations by seed.
pub fn sealed(object: &Object, stations: &[u8]) -> Vec<u8> {
    let recipients: Vec<_> = stations
        .iter()
        .map(|seed| station(*seed).public())
        .collect();
    let (signing, mut random) = (signer(1), random(9));
    let options = SealOptions {
        recipients: &recipients,
        ..SealOptions::new(&signing, family(), &mut random)
    };
    seal(object, options).unwrap()
}

/// What opens an image where neither share nor time matters.
pub fn by<'a>(station: Option<&'a StationSecret>, grants: Option<&'a [u8]>) -> Unlock<'a> {
    Unlock {
        station,
        grants,
        ..Unlock::default()
    }
}

pub type Opened<'a> = OpenImage<Cursor<&'a [u8]>>;

/// Opens, unlocks and checks all of an image.
pub fn open_whole(bytes: &[u8], station: Option<&StationSecret>) -> Result<(), ImageError> {
    open(bytes, station)?.verify_all().map(drop)
}

pub fn open<'a>(
    bytes: &'a [u8],
    station: Option<&StationSecret>,
) -> Result<Opened<'a>, ImageError> {
    Image::open(Cursor::new(bytes), &trust(&[1]))?.unlock(by(station, None))
}
