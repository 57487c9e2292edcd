//! `bench image`: what an image costs, beside the same primitives alone and beside tools that people know, in one run.
//!
//! Needs Linux: memory and processor time are read from /proc, and `taskset` keeps what is compared to one core.

use super::{
    Examples, foreign,
    table::{Cell, Table},
};
use crate::{Result, setup, workspace};
use serde_json::Value;
use std::{fs, io, path::Path};

/// Whose bench programs are used.
const PACKAGES: [&str; 4] = ["--package", "imprint-image", "--package", "imprint"];

/// Bytes in a mebibyte.
const MIB: u64 = 1 << 20;

/// The file that all tools work on, in MiB.
pub const FILE_MIB: u64 = 1024;

/// The sizes at which memory and time to open are measured, in MiB.
const SIZES_MIB: [u64; 4] = [1, 64, 1024, 4096];

/// How many cores sealing and checking are spread over.
const CORES: [usize; 2] = [1, 2];

/// How often each thing is done that takes its turn with others; the best counts.
pub const ROUNDS: usize = 3;

/// Builds, measures and prints.
pub fn run() -> Result<()> {
    setup::for_bench()?;
    let examples = Examples::build(&PACKAGES)?;
    measure(&examples)
}

/// Measures and prints; everything is built.
pub fn measure(examples: &Examples) -> Result<()> {
    let folder = workspace::target().join("bench");
    fs::create_dir_all(&folder).map_err(|error| cannot("make", &folder, &error))?;
    let measured = primitives(examples)
        .and_then(|()| sizes(examples, &folder))
        .and_then(|()| files(examples, &folder))
        .and_then(|()| grants(examples))
        .and_then(|()| journal(examples, &folder));
    let removed = fs::remove_dir_all(&folder).map_err(|error| cannot("remove", &folder, &error));
    measured.and(removed)
}

fn primitives(examples: &Examples) -> Result<()> {
    let figures = examples.json("throughput", &[])?;
    let mut table = Table::new("one core, chunks of 64 KiB", &["MiB/s", "of it", "goal"]);
    let rate = |pointer: &str| number(&figures, pointer);
    table.row("AES-256-GCM alone", [rate("/aes_256_gcm")?.into()]);
    table.row("SHA-256 alone", [rate("/sha_256")?.into()]);
    for (suite, bound) in [
        ("encrypted", "both, one after the other"),
        ("plain", "SHA-256 alone"),
    ] {
        let alone = rate(&format!("/{suite}/alone"))?;
        if suite == "encrypted" {
            table.row(bound, [alone.into()]);
        }
        for (key, name) in [
            ("seal", "seal"),
            ("read", "open and read"),
            ("seal_to_memory", "seal to memory beyond the cache"),
            ("read_from_memory", "read from memory beyond the cache"),
        ] {
            let found = rate(&format!("/{suite}/{key}"))?;
            let has_goal = suite == "encrypted" && !key.contains("memory");
            let goal = if has_goal { "0.90" } else { "" };
            let ratio = format!("{:.2}", found / alone);
            table.row(
                &format!("{suite}: {name}"),
                [found.into(), ratio.into(), goal.into()],
            );
        }
    }
    table.print();
    Ok(())
}

fn sizes(examples: &Examples, folder: &Path) -> Result<()> {
    let columns = ["peak to seal", "peak to read", "verify", "and unlock"];
    let mut table = Table::new("by size; goal: 64 MiB, 2 ms, flat", &columns);
    let image = folder.join("sized.sap");
    let image = image.to_string_lossy();
    for mib in SIZES_MIB {
        let sealed = examples.json("image_file", &["seal-zeros", &mib.to_string(), &image])?;
        let read = examples.json("image_file", &["read", &image, "/dev/null"])?;
        let opened = examples.json("image_file", &["open", &image])?;
        let cells = [
            mebibytes(number(&sealed, "/peak_kib")?),
            mebibytes(number(&read, "/peak_kib")?),
            microseconds(number(&opened, "/verify_us")?),
            microseconds(number(&opened, "/unlock_us")?),
        ];
        table.row(&format!("{mib} MiB"), cells);
    }
    fs::remove_file(&*image).map_err(|error| cannot("remove", Path::new(&*image), &error))?;
    table.print();
    Ok(())
}

/// One file through Imprint and others, and over cores.
fn files(examples: &Examples, folder: &Path) -> Result<()> {
    let input = folder.join("input");
    let make = || -> io::Result<()> {
        let mut bytes = io::Read::take(io::repeat(0x5A), FILE_MIB * MIB);
        io::copy(&mut bytes, &mut fs::File::create(&input)?).map(drop)
    };
    make().map_err(|error| cannot("write", &input, &error))?;
    foreign::compare(examples, folder)?;

    let (input, image) = (input.to_string_lossy(), folder.join("input.sap"));
    let image = image.to_string_lossy();
    let seal = ["seal", &input, "/dev/null"];
    let verify = ["verify", &image];
    let title = format!("{FILE_MIB} MiB over cores, time on the wall, MiB/s");
    let mut table = Table::new(&title, &["seal", "verify all"]);
    for cores in CORES {
        let rates = [
            rate(examples, cores, &seal)?.into(),
            rate(examples, cores, &verify)?.into(),
        ];
        table.row(&format!("{cores}"), rates);
    }
    table.print();
    Ok(())
}

/// MiB/s on so many cores.
fn rate(examples: &Examples, cores: usize, arguments: &[&str]) -> Result<f64> {
    let mut best = 0.0;
    for _ in 0..ROUNDS {
        let figures = examples.json_on(cores, "image_file", arguments)?;
        best = f64::max(best, FILE_MIB as f64 / number(&figures, "/seconds")?);
    }
    Ok(best)
}

fn grants(examples: &Examples) -> Result<()> {
    let figures = examples.json("grants", &[])?;
    let mut table = Table::new("grants on one core", &["a second"]);
    table.row("made", [number(&figures, "/made_per_second")?.into()]);
    table.row("opened", [number(&figures, "/opened_per_second")?.into()]);
    table.print();
    Ok(())
}

fn journal(examples: &Examples, folder: &Path) -> Result<()> {
    let figures = examples.json("journal", &[&folder.to_string_lossy()])?;
    let (unit, syncs) = (
        number(&figures, "/unit_us")?,
        number(&figures, "/two_fsyncs_us")?,
    );
    let mut table = Table::new("accounts of a unit, median", &["time", "ratio"]);
    table.row("two bare fsyncs", [microseconds(syncs)]);
    let ratio = format!("{:.2}", unit / syncs).into();
    table.row("journal, begin and end", [microseconds(unit), ratio]);
    table.print();
    Ok(())
}

/// A figure of a measurement.
pub fn number(figures: &Value, pointer: &str) -> Result<f64> {
    let found = figures.pointer(pointer).and_then(Value::as_f64);
    found.ok_or_else(|| format!("no number at {pointer} of {figures}"))
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> String {
    format!("cannot {what} {}: {error}", path.display())
}

fn mebibytes(kib: f64) -> Cell {
    format!("{:.1} MiB", kib / 1024.0).into()
}

fn microseconds(time: f64) -> Cell {
    format!("{time:.0} µs").into()
}
