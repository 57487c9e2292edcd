//! Does one thing with an image in a file, so that what the process needs is what this needs. Prints one JSON object:
//! `seconds` on the wall, and `peak_kib`, the most memory that was resident, where the system tells.
//!
//! `seal FILE OUT` seals the bytes of a file; `seal-zeros MIB OUT` as many that are made on the way.
//! `read IMAGE OUT` writes the payload of an image; `verify IMAGE` hashes all of it, on all threads.
//! `open IMAGE` opens it many times: `verify_us` until the signatures hold, `unlock_us` until payloads can be read.
#![allow(clippy::print_stdout)]

mod common;

use common::{CHUNK_LEN, Keys, LargeObject, MIB, Result, wall_time};
use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
};

const OPEN_COUNT: usize = 50;

fn main() -> Result<()> {
    let keys = Keys::fixed();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let start = wall_time();
    let mut figures = serde_json::json!({});
    match words[..] {
        ["seal", file, out] => {
            let file = File::open(file)?;
            let len = file.metadata()?.len();
            seal(file, len, &keys, out.as_ref())?;
        }
        ["seal-zeros", mib, out] => seal(
            io::repeat(0),
            mib.parse::<u64>()? * MIB,
            &keys,
            out.as_ref(),
        )?,
        ["read", image, out] => read(image.as_ref(), &keys, out.as_ref())?,
        ["verify", image] => keys.open(File::open(image)?)?.verify_all()?,
        ["open", image] => {
            let file = File::open(image)?;
            let verify = common::best(OPEN_COUNT, wall_time, || keys.open(&file).map(drop))?;
            let unlock = common::best(OPEN_COUNT, wall_time, || keys.unlock(&file).map(drop))?;
            figures["verify_us"] = (verify.as_secs_f64() * 1e6).into();
            figures["unlock_us"] = (unlock.as_secs_f64() * 1e6).into();
        }
        _ => return Err("expected seal, seal-zeros, read, verify or open".into()),
    }
    figures["seconds"] = (wall_time() - start).as_secs_f64().into();
    figures["peak_kib"] = peak_kib().into();
    println!("{figures}");
    Ok(())
}

fn seal(payload: impl Read, len: u64, keys: &Keys, out: &Path) -> Result<()> {
    let mut out = File::create(out)?;
    LargeObject::new(len)?.seal(payload, keys, true, None, &mut out)
}

fn read(image: &Path, keys: &Keys, out: &Path) -> Result<()> {
    let mut out = File::create(out)?;
    let mut image = keys.unlock(File::open(image)?)?;
    let mut segment = image.segment("p", 0)?;
    let mut buffer = vec![0; CHUNK_LEN];
    loop {
        match segment.read(&mut buffer)? {
            0 => return Ok(()),
            len => out.write_all(&buffer[..len])?,
        }
    }
}

/// The high-water mark of this process, in KiB.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
