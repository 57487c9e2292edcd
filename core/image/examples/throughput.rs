//! How fast images are sealed and read on one core, beside the same primitives alone, and how long opening takes at
//! three sizes.
//!
//! `cargo run --release -p imprint-image --example throughput`
//!
//! Rates are of processor time, the best of several rounds: what the machine can do, not what else it was doing.
#![allow(clippy::print_stdout)]

use aes_gcm::{Aes256Gcm, KeyInit, aead::AeadInOut};
use imprint_device::{Device, FrozenDevice};
use imprint_image::{
    Image, Object, Recipe, SigningKey, StationSecret, TrustAnchors, Unlock,
    container::{FamilyRequirement, ObjectStream, SealOptions, Version, seal_stream},
    keys::system_random,
    object::{Contents, ObjectId, SegmentEntry},
    recipe::MemorySources,
};
use sha2::{Digest, Sha256};
use std::{
    error::Error,
    fs::File,
    hint::black_box,
    io::{Cursor, Read, Seek, Write},
    num::NonZeroUsize,
    sync::OnceLock,
    time::{Duration, Instant},
};

const MIB: u64 = 1 << 20;
const CHUNK_LEN: usize = 64 << 10;

fn main() -> Result<(), Box<dyn Error>> {
    let keys = Keys {
        signing: SigningKey::generate(&mut system_random()),
        station: StationSecret::generate(&mut system_random()),
    };
    let trust = TrustAnchors::new([keys.signing.public()]);

    println!("MiB/s on one core, 64 KiB chunks");
    let (aes, sha) = (aes_gcm_rate(), sha256_rate());
    let both = 1.0 / (1.0 / aes + 1.0 / sha);
    println!("  AES-256-GCM alone             {aes:>8.0}");
    println!("  SHA-256 alone                 {sha:>8.0}");
    println!("  both, one after the other     {both:>8.0}");
    let len = 64 * MIB;
    for (name, encrypted, limit) in [("encrypted", true, both), ("plain", false, sha)] {
        let object = LargeObject::new(len)?;
        let mut image = Vec::new();
        let seal = rate(len, || {
            let mut file = Cursor::new(std::mem::take(&mut image));
            let sealed = object.seal(&keys, encrypted, &mut file);
            image = file.into_inner();
            sealed
        })?;
        let read = rate(len, || read_payload(Cursor::new(&image[..]), &keys, &trust))?;
        println!(
            "  seal, {name:<10} {seal:>21.0}   {:.2} of the primitives",
            seal / limit
        );
        println!(
            "  read, {name:<10} {read:>21.0}   {:.2} of the primitives",
            read / limit
        );
    }

    println!("time to open, encrypted image in a file");
    for mib in [1, 64, 1024] {
        let mut file = temporary_file()?;
        LargeObject::new(mib * MIB)?.seal(&keys, true, &mut file)?;
        let verify = best(20, wall_time, || Image::open(&file, &trust).map(drop))?;
        let unlock = best(20, wall_time, || {
            let image = Image::open(&file, &trust)?;
            image.unlock(keys.unlock()).map(drop)
        })?;
        println!("  {mib:>5} MiB   verify {verify:>9.1?}   verify and unlock {unlock:>9.1?}");
    }
    Ok(())
}

struct Keys {
    signing: SigningKey,
    station: StationSecret,
}

impl Keys {
    fn unlock(&self) -> Unlock<'_> {
        Unlock {
            station: Some(&self.station),
            ..Unlock::default()
        }
    }
}

/// An object with one payload of any length, which exists only while it is read.
struct LargeObject {
    contents: Contents,
    /// All bytes before the payload, and behind it.
    before: Vec<u8>,
    behind: Vec<u8>,
    payload_len: u64,
}

impl LargeObject {
    fn new(payload_len: u64) -> Result<LargeObject, Box<dyn Error>> {
        let recipe = r#"Recipe(name: "large", device: "X1", script: "s", payloads: { "p": Payload(file: "p", address: 0) })"#;
        let mut sources = MemorySources::default();
        sources.0.insert("s".into(), b"fn main(unit) {}".to_vec());
        sources.0.insert("p".into(), vec![0]);
        let device = FrozenDevice {
            device: Device::parse("device.ron", include_str!("../tests/fixtures/device.ron"))?,
            algorithms: Vec::new(),
        };
        let small = Object::build(&Recipe::parse("recipe.ron", recipe)?, &sources, &device)?;
        let mut contents = small.contents().clone();
        let section = |name| small.contents().section(name).ok_or("a section is missing");
        let (device_at, device) = section("device")?;
        let (script_at, script) = section("script")?;
        let part = |at: u64, len: u64| &small.to_bytes()[at as usize..(at + len) as usize];
        for section in &mut contents.sections {
            if section.name == "payload/p" {
                section.len = payload_len;
            }
        }
        for payload in contents.payloads.values_mut() {
            payload.segments = vec![SegmentEntry {
                address: 0,
                len: payload_len,
            }];
        }
        Ok(LargeObject {
            before: [&contents.to_prefix()[..], part(device_at, device.len)].concat(),
            behind: part(script_at, script.len).to_vec(),
            contents,
            payload_len,
        })
    }

    fn seal(
        &self,
        keys: &Keys,
        encrypted: bool,
        to: &mut (impl Write + Seek),
    ) -> Result<(), Box<dyn Error>> {
        let mut random = system_random();
        let recipients = [keys.station.public()];
        let family = FamilyRequirement {
            id: self.contents.family.clone(),
            abi_major: 1,
            version_min: Version {
                major: 0,
                minor: 1,
                patch: 0,
            },
        };
        let options = SealOptions {
            recipients: if encrypted { &recipients } else { &[] },
            threads: NonZeroUsize::MIN,
            ..SealOptions::new(&keys.signing, family, &mut random)
        };
        let payload = std::io::repeat(0x5A).take(self.payload_len);
        let source = ObjectStream {
            contents: &self.contents,
            // Not looked at before `verify_all`, which this example does not call.
            id: ObjectId([0; 32]),
            reader: self.before.chain(payload).chain(&self.behind[..]),
        };
        seal_stream(source, options, to)?;
        Ok(())
    }
}

fn read_payload(
    image: impl Read + Seek,
    keys: &Keys,
    trust: &TrustAnchors,
) -> Result<(), Box<dyn Error>> {
    let mut image = Image::open(image, trust)?.unlock(keys.unlock())?;
    let mut segment = image.segment("p", 0)?;
    let mut buffer = vec![0; CHUNK_LEN];
    while segment.read(&mut buffer)? > 0 {
        black_box(&buffer);
    }
    Ok(())
}

fn aes_gcm_rate() -> f64 {
    let cipher = Aes256Gcm::new(&[7; 32].into());
    let mut chunk = vec![0u8; CHUNK_LEN];
    primitive_rate(|| {
        let tag = cipher.encrypt_inout_detached(&[9; 12].into(), b"", chunk.as_mut_slice().into());
        black_box(tag.is_ok());
    })
}

fn sha256_rate() -> f64 {
    let chunk = vec![0u8; CHUNK_LEN];
    primitive_rate(|| {
        black_box(Sha256::digest(&chunk));
    })
}

/// MiB/s of something that works on one chunk.
fn primitive_rate(mut work: impl FnMut()) -> f64 {
    const COUNT: u64 = 2048;
    let times = (0..7).map(|_| {
        let start = processor_time();
        (0..COUNT).for_each(|_| work());
        processor_time() - start
    });
    let best = times.min().unwrap_or(Duration::MAX);
    (COUNT * CHUNK_LEN as u64) as f64 / MIB as f64 / best.as_secs_f64()
}

/// MiB/s of something that works on `len` bytes.
fn rate<E>(len: u64, work: impl FnMut() -> Result<(), E>) -> Result<f64, E> {
    let best = best(7, processor_time, work)?;
    Ok(len as f64 / MIB as f64 / best.as_secs_f64())
}

/// The shortest of `count` times.
fn best<E>(
    count: usize,
    clock: impl Fn() -> Duration,
    mut work: impl FnMut() -> Result<(), E>,
) -> Result<Duration, E> {
    let mut best = Duration::MAX;
    for _ in 0..count {
        let start = clock();
        work()?;
        best = best.min(clock() - start);
    }
    Ok(best)
}

fn wall_time() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// Time this thread has run, where the system tells (Linux); otherwise time on the wall.
fn processor_time() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(wall_time, Duration::from_nanos)
}

fn temporary_file() -> std::io::Result<File> {
    tempfile::tempfile()
}
