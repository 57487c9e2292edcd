//! How fast images are sealed and read on one core, beside the same primitives alone. Prints one JSON object.
//!
//! `cargo run --release -p imprint-image --example throughput`
//!
//! Rates are MiB/s of processor time, each the best of many short rounds in which all take their turn: what the machine
//! can do, not what else it was doing. The primitives work on one chunk, which stays in the cache. So do seal and read,
//! whose far end is a buffer in the cache. Beside them stand seal and read whose far end is memory beyond the cache: what
//! they lose is what it costs to copy there, whoever copies.
#![allow(clippy::print_stdout)]

mod common;

use aes_gcm::{Aes256Gcm, KeyInit, aead::AeadInOut};
use common::{CHUNK_LEN, Keys, LargeObject, MIB, Result, STORED_CHUNK_LEN, processor_time};
use imprint_image::OpenImage;
use sha2::{Digest, Sha256};
use std::{
    hint::black_box,
    io::{self, Cursor, Read, Seek, SeekFrom, Write},
    num::NonZeroUsize,
    time::Duration,
};

const ROUNDS: usize = 25;
/// In each round.
const LEN: u64 = 32 * MIB;
/// What fits the cache of a core together with the chunk.
const IN_CACHE_LEN: u64 = MIB / 2;

fn main() -> Result<()> {
    let keys = Keys::fixed();
    let mut sealed = [(true, Vec::new()), (false, Vec::new())];
    let object = LargeObject::new(LEN)?;
    let mut opened = Vec::new();
    for encrypted in [true, false] {
        let mut image = Cursor::new(Vec::new());
        seal(
            &LargeObject::new(IN_CACHE_LEN)?,
            &keys,
            encrypted,
            &mut image,
        )?;
        opened.push(keys.unlock(image)?);
    }
    let mut best = [Duration::MAX; 10];
    for _ in 0..ROUNDS {
        let mut times = vec![time(encrypt)?, time(hash)?];
        for ((encrypted, image), opened) in sealed.iter_mut().zip(&mut opened) {
            times.push(time(|| seal(&object, &keys, *encrypted, &mut Nowhere))?);
            times.push(time(|| {
                (0..LEN / IN_CACHE_LEN).try_for_each(|_| read(opened))
            })?);
            let mut file = Cursor::new(std::mem::take(image));
            times.push(time(|| seal(&object, &keys, *encrypted, &mut file))?);
            *image = file.into_inner();
            times.push(time(|| read(&mut keys.unlock(Cursor::new(&image[..]))?))?);
        }
        for (best, time) in best.iter_mut().zip(times) {
            *best = time.min(*best);
        }
    }
    let [aes, sha, encrypted @ .., p0, p1, p2, p3] =
        best.map(|time| (LEN / MIB) as f64 / time.as_secs_f64());
    let both = 1.0 / (1.0 / aes + 1.0 / sha);
    let named = |[seal, read, seal_memory, read_memory]: [f64; 4], alone: f64| {
        serde_json::json!({
            "alone": alone,
            "seal": seal,
            "read": read,
            "seal_to_memory": seal_memory,
            "read_from_memory": read_memory,
        })
    };
    let figures = serde_json::json!({
        "aes_256_gcm": aes,
        "sha_256": sha,
        "encrypted": named(encrypted, both),
        "plain": named([p0, p1, p2, p3], sha),
    });
    println!("{figures}");
    Ok(())
}

fn time(work: impl FnMut() -> Result<()>) -> Result<Duration> {
    common::best(1, processor_time, work)
}

fn encrypt() -> Result<()> {
    let cipher = Aes256Gcm::new(&[7; 32].into());
    let mut chunk = vec![0u8; CHUNK_LEN];
    for _ in 0..LEN / CHUNK_LEN as u64 {
        let tag = cipher.encrypt_inout_detached(&[9; 12].into(), b"", chunk.as_mut_slice().into());
        black_box(tag.map_err(|_| "a chunk is too long")?);
    }
    Ok(())
}

fn hash() -> Result<()> {
    let chunk = vec![0u8; STORED_CHUNK_LEN];
    for _ in 0..LEN / CHUNK_LEN as u64 {
        black_box(Sha256::digest(&chunk));
    }
    Ok(())
}

fn seal(
    object: &LargeObject,
    keys: &Keys,
    encrypted: bool,
    to: &mut (impl Write + Seek),
) -> Result<()> {
    let payload = io::repeat(0x5A);
    object.seal(payload, keys, encrypted, Some(NonZeroUsize::MIN), to)
}

fn read(image: &mut OpenImage<impl Read + Seek>) -> Result<()> {
    let mut segment = image.segment("p", 0)?;
    let mut buffer = vec![0; CHUNK_LEN];
    while segment.read(&mut buffer)? > 0 {
        black_box(&buffer);
    }
    Ok(())
}

/// Takes everything and keeps nothing.
struct Nowhere;

impl Write for Nowhere {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        black_box(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Nowhere {
    fn seek(&mut self, _to: SeekFrom) -> io::Result<u64> {
        Ok(0)
    }
}
