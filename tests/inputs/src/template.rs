//! Sound images that a few foreign bytes are put over: without a good signature nothing of a file is looked into, so the
//! readers behind it would never be reached.

use imprint_device::{Algorithm, Device, FrozenDevice};
use imprint_image::{
    SigningKey, StationSecret, TrustAnchors,
    container::{
        FamilyRequirement, Image, ImageId, ObjectStream, SealOptions, Unlock, seal_stream,
    },
    keys::StationPublic,
    object::Object,
    recipe::{MemorySources, Recipe},
};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use std::{
    io::{self, Cursor, Read, Seek, SeekFrom},
    num::NonZeroUsize,
    sync::LazyLock,
};

/// Bytes of the payload of the small image.
const SMALL_LEN: usize = 4096;
/// And of the large one, whose index has two levels: 256 chunks of 64 KiB are one tile.
const LARGE_LEN: usize = 260 << 16;

/// Images and the keys they were made with.
pub(crate) struct Template {
    pub(crate) trust: TrustAnchors,
    pub(crate) station: StationSecret,
    pub(crate) object: Object,
    /// Signed and encrypted.
    pub(crate) encrypted: Vec<u8>,
    pub(crate) encrypted_id: ImageId,
    /// Signed, plain, with an index of two levels.
    pub(crate) large: Vec<u8>,
    signing: SigningKey,
}

static TEMPLATE: LazyLock<Template> = LazyLock::new(Template::new);

/// Makes it, if it is not there yet.
pub(crate) fn prepare() {
    LazyLock::force(&TEMPLATE);
}

/// The one template.
pub(crate) fn template() -> &'static Template {
    &TEMPLATE
}

impl Template {
    #[allow(clippy::expect_used, reason = "its inputs are constants")]
    fn new() -> Template {
        let signing = SigningKey::generate(&mut random(1));
        let station = StationSecret::generate(&mut random(2));
        let trust = TrustAnchors::new([signing.public()]);
        let object = object(SMALL_LEN);
        let public = [station.public()];
        let encrypted = seal(&object, object.to_bytes(), &signing, &public);
        let opened = Image::open(Cursor::new(&encrypted), &trust).expect("a sound image");
        let plain = self::object(LARGE_LEN);
        Template {
            encrypted_id: opened.id(),
            large: seal(&plain, plain.to_bytes(), &signing, &[]),
            trust,
            station,
            object,
            encrypted,
            signing,
        }
    }

    /// An image of whatever bytes in the place of the object: cut, or filled with zeros, to its length.
    pub(crate) fn seal(&self, bytes: &[u8]) -> Vec<u8> {
        let reader = bytes.chain(io::repeat(0));
        seal(
            &self.object,
            reader,
            &self.signing,
            &[self.station.public()],
        )
    }

    /// What opens the encrypted image.
    pub(crate) fn unlock(&self) -> Unlock<'_> {
        Unlock {
            station: Some(&self.station),
            ..Unlock::default()
        }
    }
}

fn random(seed: u8) -> ChaCha8Rng {
    ChaCha8Rng::from_seed([seed; 32])
}

#[allow(clippy::expect_used, reason = "its inputs are constants")]
fn object(payload_len: usize) -> Object {
    let text = include_str!("../../../core/image/tests/fixtures/device.ron");
    let mut device = Device::parse("device.ron", text).expect("a sound device");
    // Room for the large payload; nothing is programmed.
    for memory in &mut device.memories {
        let nor = memory.nor.as_mut().and_then(|nor| nor.sectors.first_mut());
        if let Some(sectors) = nor {
            sectors.count = (2 * LARGE_LEN as u32).div_ceil(sectors.len);
            memory.len = u64::from(sectors.len) * u64::from(sectors.count);
        }
    }
    let flash = device.main_flash().expect("a flash").start;
    let device = FrozenDevice {
        device,
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
            range_end: 4 * LARGE_LEN as u64,
            page_len: 256,
            program_timeout_ms: 100,
            erase_timeout_ms: 1000,
            stack_len: None,
        }],
    };
    let recipe = format!(
        "(name: \"node\", device: \"X1\", script: \"main.rhai\", modules: [\"a.rhai\"], settings: {{\"batch\": \"7\"}},\n\
          payloads: {{\"firmware\": (file: \"firmware.bin\", address: {flash}, format: raw)}})"
    );
    let mut sources = MemorySources::default();
    for (name, bytes) in [
        ("main.rhai", b"fn main(unit) {}".to_vec()),
        ("a.rhai", b"fn a() {}".to_vec()),
        (
            "firmware.bin",
            (0..payload_len).map(|i| (i >> 8) as u8).collect(),
        ),
    ] {
        sources.0.insert(name.into(), bytes);
    }
    let recipe = Recipe::parse("recipe.ron", &recipe).expect("a sound recipe");
    Object::build(&recipe, &sources, &device).expect("a sound object")
}

#[allow(
    clippy::expect_used,
    reason = "its inputs are sound but for the object's bytes, which sealing does not look at"
)]
fn seal(
    object: &Object,
    reader: impl Read,
    signing: &SigningKey,
    stations: &[StationPublic],
) -> Vec<u8> {
    let family = FamilyRequirement {
        id: object.contents().family.clone(),
        abi_major: 1,
        version_min: "0.1.0".parse().expect("a version"),
    };
    let mut random = random(3);
    let options = SealOptions {
        recipients: stations,
        threads: NonZeroUsize::MIN,
        ..SealOptions::new(signing, family, &mut random)
    };
    let source = ObjectStream {
        contents: object.contents(),
        id: object.id(),
        reader,
    };
    let mut image = Cursor::new(Vec::new());
    seal_stream(source, options, &mut image).expect("an image");
    image.into_inner()
}

/// A file with a few bytes replaced, without a copy of it.
pub(crate) struct Patched<'a> {
    base: &'a [u8],
    patches: Vec<(usize, &'a [u8])>,
    position: u64,
}

impl<'a> Patched<'a> {
    /// `base` with `patches` as `foreign` gives them: an offset of 3 bytes, a length of 1, the bytes, and so on.
    /// Offsets count from `start`.
    pub(crate) fn new(base: &'a [u8], start: usize, mut foreign: &'a [u8]) -> Self {
        let mut patches = Vec::new();
        let room = base.len().saturating_sub(start).max(1);
        while let [a, b, c, len, rest @ ..] = foreign {
            let offset = usize::from(*a) | usize::from(*b) << 8 | usize::from(*c) << 16;
            let (bytes, rest) = rest.split_at(usize::from(*len).min(rest.len()));
            patches.push((start + offset % room, bytes));
            foreign = rest;
        }
        Patched {
            base,
            patches,
            position: 0,
        }
    }
}

impl Read for Patched<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let start = usize::try_from(self.position).unwrap_or(usize::MAX);
        let rest = self.base.get(start..).unwrap_or_default();
        let len = rest.len().min(to.len());
        to[..len].copy_from_slice(&rest[..len]);
        for (offset, bytes) in &self.patches {
            for (at, byte) in (*offset..).zip(*bytes) {
                if (start..start + len).contains(&at) {
                    to[at - start] = *byte;
                }
            }
        }
        self.position += len as u64;
        Ok(len)
    }
}

impl Seek for Patched<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => (self.base.len() as u64).checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}
