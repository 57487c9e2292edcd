//! All damage to an image: each bit, each length, each way to mix its parts; and the one code that refuses it.
//!
//! The codes follow from the order of checks in `docs/image-format.md`. By region:
//!
//! | region | is refused with |
//! |---|---|
//! | magic | IMP-2100 |
//! | version | IMP-2101 |
//! | suite | IMP-2102; as the other suite, what its lengths and the signatures say: IMP-2103, IMP-2107 |
//! | zero bytes of the header, length of the signatures or of the index | IMP-2103 |
//! | length of the manifest | IMP-2103 past its limit, IMP-2104 past the file, else what stands where signatures are looked for: IMP-2106 for a sound key, IMP-2107 for none |
//! | length of the payload | IMP-2103 if its chunks have another index, IMP-2104 past the file, else IMP-2107 |
//! | manifest, signatures | IMP-2107 |
//! | keys of signers | IMP-2107 for none or one out of order; IMP-2106 for the only one who is trusted; else IMP-2107 |
//! | index | IMP-2111 |
//! | chunks | IMP-2112 |
//! | cut in the magic | IMP-2100 |
//! | cut anywhere behind it | IMP-2104 |
//! | behind the image, not whole grant records | IMP-2105 |
//! | a grant | IMP-2105 in its magic, else refused alone: IMP-2201 if it is for another image or station now, IMP-2202 |
//!
//! `front` below is that table as a program, for one given file, so that each bit has exactly one code.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use imprint_image::{
    Image, ImageError, Object, PublicKey, Recipe, SigningKey, StationSecret, Unlock,
    container::{Grant, HEADER_LEN, Header, JobOptions, SealOptions, Share, seal_job},
    limits::{IMAGE_PAYLOAD_LEN_MAX, MANIFEST_LEN_MAX, SIGNATURE_COUNT_MAX},
    recipe::MemorySources,
    seal,
};
use std::{io::Cursor, ops::Range};
use support::{
    build, by, device, family, open, open_whole, random, sealed, signer, station, trust,
};

/// Bytes of a chunk before encryption, and what encryption adds.
const CHUNK_LEN: u64 = 65_536;
const TAG_LEN: u64 = 16;
const HASH_LEN: u64 = 32;
const RECORD_LEN: usize = 96;
const ENCRYPTED: u16 = 0x0001;
const PLAIN: u16 = 0x8001;

/// Bytes of a grant, as the crate has them.
fn grant_len() -> usize {
    let bytes = sealed(&small_object(), &[1]);
    let mut image = Image::open(Cursor::new(&bytes[..]), &trust(&[1])).unwrap();
    image.grants().unwrap()[0].to_bytes().len()
}

fn small_object() -> Object {
    let payload = r#""f": Payload(file: "f", address: 0)"#;
    build(payload, "", &[("f", &[1; 40])]).unwrap()
}

/// An object with `count` modules of `len` bytes that begin each line with `fill`, for images of many different chunks.
fn wide_object(count: usize, len: usize, fill: char) -> Object {
    let names: Vec<String> = (0..count).map(|number| format!("m{number}.rhai")).collect();
    let mut sources = MemorySources::default();
    let mut insert = |name: &str, text: String| sources.0.insert(name.into(), text.into_bytes());
    insert("main.rhai", "fn main(unit) {}".into());
    for name in &names {
        let lines = (0..len / 8).map(|line| format!("{fill}{line:06}\n"));
        insert(name, lines.collect());
    }
    let text =
        format!(r#"Recipe(name: "wide", device: "X1", script: "main.rhai", modules: {names:?})"#);
    let recipe = Recipe::parse("recipe.ron", &text).unwrap();
    Object::build(&recipe, &sources, &device()).unwrap()
}

fn header_of(bytes: &[u8]) -> Header {
    Image::header_only(Cursor::new(bytes)).unwrap().header
}

/// What opens an image.
#[derive(Default)]
struct Keys {
    station: Option<StationSecret>,
    share: Option<Share>,
}

impl Keys {
    fn of(seed: u8) -> Keys {
        Keys {
            station: Some(station(seed)),
            share: None,
        }
    }
}

/// What the whole of an image ends with. What needs no key is checked without one first, and finds the same.
fn code(bytes: &[u8], keys: &Keys) -> &'static str {
    let mut image = match Image::open(Cursor::new(bytes), &trust(&[1])) {
        Ok(image) => image,
        Err(error) => return error.code(),
    };
    let locked = outcome(&image.verify_all());
    let unlocked = outcome(&unlock_whole(image, keys));
    if unlocked.is_empty() || unlocked < "IMP-2113" {
        assert_eq!(locked, unlocked);
    }
    unlocked
}

fn unlock_whole(image: Image<Cursor<&[u8]>>, keys: &Keys) -> Result<(), ImageError> {
    let unlock = Unlock {
        share: keys.share.as_ref(),
        ..by(keys.station.as_ref(), None)
    };
    image.unlock(unlock)?.verify_all().map(drop)
}

fn outcome<T>(result: &Result<T, ImageError>) -> &'static str {
    result.as_ref().map_or_else(ImageError::code, |_| "")
}

/// Flips every bit of `range`, one at a time. `expected` is asked for the code, with the damaged file and the byte.
fn flip_each(
    bytes: &[u8],
    range: Range<usize>,
    keys: &Keys,
    expected: impl Fn(&[u8], usize) -> &'static str,
) {
    assert_eq!(code(bytes, keys), "");
    let mut damaged = bytes.to_vec();
    for index in range {
        for bit in 0..8 {
            damaged[index] ^= 1 << bit;
            let expected = expected(&damaged, index);
            assert_eq!(code(&damaged, keys), expected, "byte {index}, bit {bit}");
            damaged[index] ^= 1 << bit;
        }
    }
}

/// What refuses a file whose header, manifest or signatures are not those that signer 1, who is trusted, signed.
fn front(bytes: &[u8]) -> &'static str {
    let word = |offset: usize| u32::from_le_bytes(bytes[offset..offset + 4].try_into().unwrap());
    let long = |offset: usize| u64::from_le_bytes(bytes[offset..offset + 8].try_into().unwrap());
    let short = |offset: usize| word(offset) as u16;
    if bytes.get(..8) != Some(b"\x89IMP\r\n\x1a\n") {
        return "IMP-2100";
    }
    if bytes.len() < HEADER_LEN {
        return "IMP-2104";
    }
    if short(8) != 1 {
        return "IMP-2101";
    }
    let suite = short(10);
    if ![ENCRYPTED, PLAIN].contains(&suite) {
        return "IMP-2102";
    }
    let (manifest_len, signatures_len) = (u64::from(word(16)), word(20) as usize);
    let (index_len, payload_len) = (long(24), long(32));
    let zeros = bytes[12..16].iter().chain(&bytes[40..HEADER_LEN]);
    let signature_count = signatures_len / RECORD_LEN;
    let is_sound = zeros.copied().all(|byte| byte == 0)
        && (1..=MANIFEST_LEN_MAX).contains(&manifest_len)
        && signatures_len % RECORD_LEN == 0
        && (1..=SIGNATURE_COUNT_MAX).contains(&signature_count)
        && payload_len <= IMAGE_PAYLOAD_LEN_MAX
        && index_len_of(suite, payload_len) == Some(index_len);
    if !is_sound {
        return "IMP-2103";
    }
    let signatures = HEADER_LEN + manifest_len as usize;
    if (signatures + signatures_len) as u64 + index_len + payload_len > bytes.len() as u64 {
        return "IMP-2104";
    }
    let block = &bytes[signatures..signatures + signatures_len];
    let keys = block.chunks(RECORD_LEN).map(|record| record.first_chunk());
    let keys: Option<Vec<PublicKey>> = keys.map(|key| PublicKey::from_bytes(key?)).collect();
    let keys = keys.filter(|keys| keys.is_sorted_by(|left, right| left.id() < right.id()));
    match keys {
        Some(keys) if !keys.contains(&signer(1).public()) => "IMP-2106",
        _ => "IMP-2107",
    }
}

/// The length of the index over a payload that has `stored_len` bytes, if any payload has.
fn index_len_of(suite: u16, stored_len: u64) -> Option<u64> {
    let overhead = if suite == ENCRYPTED { TAG_LEN } else { 0 };
    let full = CHUNK_LEN + overhead;
    if stored_len % full < overhead {
        return None;
    }
    let mut level = stored_len / full + 1;
    let mut hashes = level;
    while level > 256 {
        level = level.div_ceil(256);
        hashes += level;
    }
    Some(hashes * HASH_LEN)
}

/// A plain image, one for two stations, a Job, and one with three signers of whom one is trusted.
fn small_images() -> [(Vec<u8>, Keys); 4] {
    let object = small_object();
    let recipients = [station(1).public()];
    let signers: Vec<SigningKey> = (1..=3).map(signer).collect();
    let cosigners = [&signers[1], &signers[2]];
    let mut random = random(9);
    let options = SealOptions {
        cosigners: &cosigners,
        recipients: &recipients,
        ..SealOptions::new(&signers[0], family(), &mut random)
    };
    let cosigned = seal(&object, options).unwrap();
    let options = SealOptions {
        recipients: &recipients,
        ..SealOptions::new(&signers[0], family(), &mut random)
    };
    let (job, share) = seal_job(&object, options, JobOptions::new([7; 16])).unwrap();
    let share = Some(share);
    [
        (sealed(&object, &[]), Keys::default()),
        (sealed(&object, &[1, 2]), Keys::of(1)),
        (
            job,
            Keys {
                share,
                ..Keys::of(1)
            },
        ),
        (cosigned, Keys::of(1)),
    ]
}

#[test]
fn every_bit_of_header_manifest_and_signatures() {
    for (bytes, keys) in small_images() {
        let end = header_of(&bytes).index_offset() as usize;
        let mut seen = std::collections::BTreeSet::new();
        flip_each(&bytes, 0..end, &keys, |damaged, _| front(damaged));
        for index in 0..end {
            let mut damaged = bytes.clone();
            damaged[index] ^= 1;
            seen.insert(front(&damaged));
        }
        // The table says something else for each region, and does not come out the same everywhere.
        assert!(seen.len() >= 6, "{seen:?}");
    }
}

#[test]
fn every_bit_of_the_manifest_and_of_each_signature_is_a_bad_signature() {
    for (bytes, keys) in small_images() {
        let header = header_of(&bytes);
        let signatures = header.signatures_offset() as usize;
        let bad = |_: &[u8], _| "IMP-2107";
        flip_each(&bytes, HEADER_LEN..signatures, &keys, bad);
        for record in 0..header.signature_count() {
            let start = signatures + record * RECORD_LEN;
            flip_each(&bytes, start + 32..start + RECORD_LEN, &keys, bad);
        }
    }
}

#[test]
fn every_bit_of_index_and_chunks() {
    // The others have nothing new there.
    for (bytes, keys) in &small_images()[..2] {
        let header = header_of(bytes);
        let payload = header.payload_offset() as usize;
        let range = header.index_offset() as usize..header.image_len() as usize;
        flip_each(bytes, range, keys, |_, index| {
            if index < payload {
                "IMP-2111"
            } else {
                "IMP-2112"
            }
        });
    }
}

/// An index of two levels: its top tile is checked when the image is opened, the tiles below when they are used.
#[test]
fn every_bit_of_a_top_tile_and_bits_of_the_tiles_below() {
    let bytes = sealed(&wide_object(17, 1 << 20, 'a'), &[1]);
    let header = header_of(&bytes);
    let (index, index_len) = (header.index_offset() as usize, header.index_len as usize);
    let top_len = 2 * HASH_LEN as usize;
    let tile_len = 256 * HASH_LEN as usize;
    assert!(index_len > top_len + tile_len);
    let mut damaged = bytes.clone();
    let bits = (0..top_len * 8).chain((top_len * 8..index_len * 8).step_by(127));
    for bit in bits {
        damaged[index + bit / 8] ^= 1 << (bit % 8);
        let opened = Image::open(Cursor::new(&damaged[..]), &trust(&[1]));
        let is_top = bit / 8 < top_len;
        assert_eq!(opened.is_err(), is_top, "bit {bit}");
        let result = opened.and_then(|image| {
            // Unlocking uses the first tile, the last chunk the second one.
            let mut image = image.unlock(by(Some(&station(1)), None))?;
            assert!(bit / 8 >= top_len + tile_len, "bit {bit}");
            image.read_at(256 * CHUNK_LEN, &mut [0])
        });
        assert_eq!(result.unwrap_err().code(), "IMP-2111", "bit {bit}");
        damaged[index + bit / 8] ^= 1 << (bit % 8);
    }
}

#[test]
fn every_length() {
    for (bytes, keys) in small_images() {
        let image_len = header_of(&bytes).image_len() as usize;
        for len in 0..image_len {
            let expected = if len < 8 { "IMP-2100" } else { "IMP-2104" };
            let cut = &bytes[..len];
            assert_eq!(front(cut), expected, "{len} bytes");
            assert_eq!(code(cut, &keys), expected, "{len} bytes");
        }
        // Behind the image each grant may be cut off, but none in two. The first one is that of the station that opens.
        let grant_len = grant_len();
        for len in image_len..bytes.len() {
            let is_whole = (len - image_len).is_multiple_of(grant_len);
            let expected = match len - image_len {
                0 => "IMP-2201",
                _ if is_whole => "",
                _ => "IMP-2105",
            };
            assert_eq!(code(&bytes[..len], &keys), expected, "{len} bytes");
        }
    }
}

/// An image in its parts.
#[derive(Clone)]
struct Parts {
    header: Vec<u8>,
    manifest: Vec<u8>,
    signatures: Vec<u8>,
    index: Vec<u8>,
    chunks: Vec<Vec<u8>>,
    grants: Vec<u8>,
}

impl Parts {
    fn of(bytes: &[u8]) -> Parts {
        let header = header_of(bytes);
        let cuts = [
            HEADER_LEN as u64,
            header.signatures_offset(),
            header.index_offset(),
            header.payload_offset(),
            header.image_len(),
        ];
        let [manifest, signatures, index, payload, end] = cuts.map(|cut| cut as usize);
        let is_encrypted = bytes[11] == 0;
        let chunk_len = CHUNK_LEN + if is_encrypted { TAG_LEN } else { 0 };
        let chunks = bytes[payload..end].chunks(chunk_len as usize);
        Parts {
            header: bytes[..manifest].to_vec(),
            manifest: bytes[manifest..signatures].to_vec(),
            signatures: bytes[signatures..index].to_vec(),
            index: bytes[index..payload].to_vec(),
            chunks: chunks.map(<[u8]>::to_vec).collect(),
            grants: bytes[end..].to_vec(),
        }
    }

    fn join(&self) -> Vec<u8> {
        let front = [&self.header, &self.manifest, &self.signatures, &self.index];
        let front = front.into_iter().flatten().copied();
        let chunks = self.chunks.iter().flatten().copied();
        front.chain(chunks).chain(self.grants.clone()).collect()
    }
}

/// Two images of several chunks and the same lengths; with stations, also under the same key, nonces and salt.
fn twins(stations: &[u8]) -> [Parts; 2] {
    ['a', 'b'].map(|fill| Parts::of(&sealed(&wide_object(5, 60_000, fill), stations)))
}

/// Checks an image whose chunks alone were changed. Every chunk that stands where it stood can still be read.
fn check_chunks(original: &Parts, changed: &Parts, what: &str) {
    let (bytes, image_len) = (
        changed.join(),
        original.join().len() - original.grants.len(),
    );
    let expected = match bytes.len() - changed.grants.len() {
        len if len < image_len && bytes.len() < image_len => "IMP-2104",
        len if len != image_len => "IMP-2105",
        _ => "IMP-2112",
    };
    assert_eq!(code(&bytes, &Keys::of(1)), expected, "{what}");
    if expected != "IMP-2112" || changed.chunks[0] != original.chunks[0] {
        return;
    }
    let mut image = open(&bytes, Some(&station(1))).unwrap();
    for (number, chunk) in changed.chunks.iter().enumerate() {
        let result = image.read_at(number as u64 * CHUNK_LEN, &mut [0]);
        let expected = if *chunk == original.chunks[number] {
            ""
        } else {
            "IMP-2112"
        };
        let found = outcome(&result);
        assert_eq!(found, expected, "{what}: chunk {number}");
    }
}

#[test]
fn chunks_that_are_swapped_repeated_dropped_or_added() {
    for stations in [&[][..], &[1]] {
        let [parts, _] = twins(stations);
        let count = parts.chunks.len();
        assert_eq!(count, 5);
        // All but the last are equally long; that one is no whole number of grants.
        assert!(!parts.chunks[count - 1].len().is_multiple_of(grant_len()));
        let check = |changed: &Parts, what: &str| check_chunks(&parts, changed, what);
        for one in 0..count {
            for other in 0..count {
                let mut changed = parts.clone();
                changed.chunks.swap(one, other);
                if one < other && other < count - 1 {
                    check(&changed, &format!("{one} and {other} swapped"));
                }
                let mut changed = parts.clone();
                changed.chunks[one] = parts.chunks[other].clone();
                if one != other && one.max(other) < count - 1 {
                    check(&changed, &format!("{other} repeated as {one}"));
                }
                let mut changed = parts.clone();
                changed.chunks.insert(one, parts.chunks[other].clone());
                check(&changed, &format!("{other} added before {one}"));
            }
            let mut changed = parts.clone();
            changed.chunks.remove(one);
            check(&changed, &format!("{one} dropped"));
            // Filled up, so that the length is right.
            let mut filled = changed.clone();
            let len = parts.chunks[one].len();
            filled.chunks.push(vec![0; len]);
            let filled = filled.join();
            assert_eq!(
                code(&filled, &Keys::of(1)),
                "IMP-2112",
                "{one} dropped, filled"
            );
        }
    }
}

#[test]
fn chunks_of_another_image_under_the_same_key() {
    for stations in [&[][..], &[1]] {
        let [one, other] = twins(stations);
        let manifests = [&one, &other].map(|parts| {
            let bytes = parts.join();
            let image = Image::open(Cursor::new(&bytes[..]), &trust(&[1])).unwrap();
            image.manifest().clone()
        });
        // Otherwise nothing is proved: decryption alone would refuse them.
        assert_eq!(manifests[0].deployment_id, manifests[1].deployment_id);
        assert_eq!(manifests[0].key_commitment, manifests[1].key_commitment);
        assert_ne!(manifests[0].root, manifests[1].root);
        for number in 0..one.chunks.len() {
            assert_ne!(one.chunks[number], other.chunks[number]);
            let mut changed = one.clone();
            changed.chunks[number] = other.chunks[number].clone();
            check_chunks(&one, &changed, &format!("chunk {number}"));
            // With the hash that it has in the other image.
            let hash = number * HASH_LEN as usize..(number + 1) * HASH_LEN as usize;
            changed.index[hash.clone()].copy_from_slice(&other.index[hash]);
            assert_eq!(
                code(&changed.join(), &Keys::of(1)),
                "IMP-2111",
                "chunk {number}"
            );
        }
    }
}

/// Each part from one image or the other, in all 64 ways.
#[test]
fn parts_of_two_images() {
    for stations in [&[][..], &[1]] {
        let [one, other] = twins(stations);
        for choice in 0..64u8 {
            let of = |part: u8| choice & 1 << part != 0;
            let from = |part: u8| if of(part) { &other } else { &one };
            let mixed = Parts {
                header: from(0).header.clone(),
                manifest: from(1).manifest.clone(),
                signatures: from(2).signatures.clone(),
                index: from(3).index.clone(),
                chunks: from(4).chunks.clone(),
                grants: from(5).grants.clone(),
            };
            // Both have the same header and the same signer: only their manifests and signatures tell them apart.
            assert_eq!(one.header, other.header);
            let image = of(1);
            let expected = match () {
                () if of(2) != image => "IMP-2107",
                () if of(3) != image => "IMP-2111",
                () if of(5) != image && !stations.is_empty() => "IMP-2201",
                () if of(4) != image => "IMP-2112",
                () => "",
            };
            let bytes = mixed.join();
            let result = open_whole(&bytes, Some(&station(1)));
            let found = outcome(&result);
            assert_eq!(found, expected, "choice {choice:06b}");
        }
    }
}

#[test]
fn whatever_is_behind_an_image_is_whole_grants() {
    let grant_len = grant_len();
    let object = small_object();
    let granted = sealed(&object, &[1]);
    let end = granted.len() - grant_len;
    let (image, grant) = granted.split_at(end);
    let plain = sealed(&object, &[]);
    let keys = Keys::of(1);
    let check = |front: &[u8], behind: &[u8], expected: &str, what: &str| {
        let bytes = [front, behind].concat();
        let found = code(&bytes, &keys);
        assert_eq!(found, expected, "{what}, {} bytes", behind.len());
    };
    for len in 1..=2 * grant_len + 1 {
        for byte in [0, 0xFF] {
            check(image, &vec![byte; len], "IMP-2105", "bytes");
            check(
                &granted,
                &vec![byte; len],
                "IMP-2105",
                "bytes behind a grant",
            );
            check(
                &plain,
                &vec![byte; len],
                "IMP-2105",
                "bytes behind a plain image",
            );
        }
        let many = grant.repeat(3);
        let expected = if len.is_multiple_of(grant_len) {
            ""
        } else {
            "IMP-2105"
        };
        check(image, &many[..len], expected, "grants");
        check(&granted, &many[..len], expected, "more grants");
        check(
            &plain,
            &many[..len],
            "IMP-2105",
            "grants behind a plain image",
        );
        // Whole records, but shifted.
        let shifted = &many[1..][..len];
        check(image, shifted, "IMP-2105", "shifted grants");
    }
    // Something between or behind sound grants.
    let between = [grant, &vec![0; grant_len], grant].concat();
    check(image, &between, "IMP-2105", "a record between grants");
}

/// The magic makes a record a grant; the rest of it is that grant's alone.
#[test]
fn every_bit_of_a_grant() {
    let grant_len = grant_len();
    let bytes = sealed(&small_object(), &[1, 2, 3]);
    let second = bytes.len() - 2 * grant_len;
    let grants = Grant::parse_all(&bytes[second - grant_len..]).unwrap();
    let stations = grants.iter().map(Grant::station).collect::<Vec<_>>();
    let expected: Vec<_> = (1..=3).map(|seed| station(seed).public().id()).collect();
    assert_eq!(stations, expected);
    let mut damaged = bytes.clone();
    for index in 0..grant_len {
        for bit in 0..8 {
            damaged[second + index] ^= 1 << bit;
            let found = [1, 2, 3].map(|seed| {
                let result = open_whole(&damaged, Some(&station(seed)));
                outcome(&result)
            });
            let expected = match index {
                // Magic.
                0..8 => ["IMP-2105"; 3],
                // Image, station.
                16..80 => ["", "IMP-2201", ""],
                _ => ["", "IMP-2202", ""],
            };
            assert_eq!(found, expected, "byte {index}, bit {bit}");
            damaged[second + index] ^= 1 << bit;
        }
    }
}
