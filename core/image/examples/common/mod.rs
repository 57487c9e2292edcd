//! What the measurements share: an object of any size, the same keys in every process, and clocks.
#![allow(dead_code, reason = "each measurement uses a part of it")]

use imprint_device::{Device, FrozenDevice};
use imprint_image::{
    Image, Object, OpenImage, Recipe, SigningKey, StationSecret, TrustAnchors, Unlock,
    container::{FamilyRequirement, ObjectStream, SealOptions, Version, seal_stream},
    keys::system_random,
    object::{Contents, ObjectId, SegmentEntry},
    recipe::MemorySources,
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use std::{
    error::Error,
    io::{Read, Seek, Write},
    num::NonZeroUsize,
    sync::OnceLock,
    time::{Duration, Instant},
};

/// What may go wrong in a measurement.
pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Bytes in a mebibyte.
pub const MIB: u64 = 1 << 20;

/// Plain bytes of a chunk of an image, and bytes of one as stored.
pub const CHUNK_LEN: usize = 64 << 10;
pub const STORED_CHUNK_LEN: usize = CHUNK_LEN + 16;

/// Who signs, and who may open.
pub struct Keys {
    pub signing: SigningKey,
    pub station: StationSecret,
}

impl Keys {
    /// The same in every process, so that one can open what another has sealed.
    pub fn fixed() -> Keys {
        let mut random = ChaCha20Rng::from_seed([7; 32]);
        Keys {
            signing: SigningKey::generate(&mut random),
            station: StationSecret::generate(&mut random),
        }
    }

    /// Verifies the signatures.
    pub fn open<R: Read + Seek>(&self, reader: R) -> Result<Image<R>> {
        let trust = TrustAnchors::new([self.signing.public()]);
        Ok(Image::open(reader, &trust)?)
    }

    /// Opens the grant too.
    pub fn unlock<R: Read + Seek>(&self, reader: R) -> Result<OpenImage<R>> {
        Ok(self.open(reader)?.unlock(self.with())?)
    }

    /// What opens an image.
    pub fn with(&self) -> Unlock<'_> {
        Unlock {
            station: Some(&self.station),
            ..Unlock::default()
        }
    }
}

/// An object with one payload of any length, which is read only while it is sealed.
pub struct LargeObject {
    contents: Contents,
    /// All bytes before the payload, and behind it.
    before: Vec<u8>,
    behind: Vec<u8>,
    payload_len: u64,
}

impl LargeObject {
    pub fn new(payload_len: u64) -> Result<LargeObject> {
        let recipe = r#"Recipe(name: "large", device: "X1", script: "s", payloads: { "p": Payload(file: "p", address: 0) })"#;
        let mut sources = MemorySources::default();
        sources.0.insert("s".into(), b"fn main(unit) {}".to_vec());
        sources.0.insert("p".into(), vec![0]);
        let device = include_str!("../../tests/fixtures/device.ron");
        let device = FrozenDevice {
            device: Device::parse("device.ron", device)?,
            algorithms: Vec::new(),
        };
        let small = Object::build(&Recipe::parse("recipe.ron", recipe)?, &sources, &device)?;
        let mut contents = small.contents().clone();
        let (payload_at, payload) = small
            .contents()
            .section("payload/p")
            .ok_or("a section is missing")?;
        let bytes = small.to_bytes();
        let (before, rest) = bytes.split_at(payload_at as usize);
        let behind = rest[payload.len as usize..].to_vec();
        let sections = before[small.contents().to_prefix().len()..].to_vec();
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
            before: [contents.to_prefix(), sections].concat(),
            behind,
            contents,
            payload_len,
        })
    }

    /// Seals it with the bytes of `payload`, of which there are enough, on one thread or all there are.
    pub fn seal(
        &self,
        payload: impl Read,
        keys: &Keys,
        encrypted: bool,
        threads: Option<NonZeroUsize>,
        to: &mut (impl Write + Seek),
    ) -> Result<()> {
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
        let mut options = SealOptions::new(&keys.signing, family, &mut random);
        if encrypted {
            options.recipients = &recipients;
        }
        options.threads = threads.unwrap_or(options.threads);
        let source = ObjectStream {
            contents: &self.contents,
            // Not looked at before the whole object is verified, which no measurement does.
            id: ObjectId([0; 32]),
            reader: self
                .before
                .chain(payload.take(self.payload_len))
                .chain(&self.behind[..]),
        };
        seal_stream(source, options, to)?;
        Ok(())
    }
}

/// The shortest of `count` times of `work`.
pub fn best(
    count: usize,
    clock: impl Fn() -> Duration,
    mut work: impl FnMut() -> Result<()>,
) -> Result<Duration> {
    let mut best = Duration::MAX;
    for _ in 0..count {
        let start = clock();
        work()?;
        best = best.min(clock() - start);
    }
    Ok(best)
}

/// Time on the wall.
pub fn wall_time() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// Time this thread has run, where the system tells; otherwise time on the wall.
pub fn processor_time() -> Duration {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
    }
    #[cfg(not(unix))]
    wall_time()
}
