//! What a description must agree on with itself.
//!
//! Checked once, when it is read, so that nobody behind has to doubt a sector table or an address.

use crate::{
    device::Device,
    memory::{Memory, MemoryKind, Nor},
};
use std::collections::BTreeSet;

/// Cortex-M addresses have 32 bits.
const ADDRESS_END: u64 = 1 << 32;

/// The first contradiction, in words.
pub(crate) fn contradiction(device: &Device) -> Option<String> {
    let mut names = BTreeSet::new();
    for memory in &device.memories {
        if !names.insert(&memory.name) {
            return Some(format!("memory `{}` is described twice", memory.name));
        }
        if let Some(message) = memory_contradiction(device, memory) {
            return Some(format!("memory `{}`: {message}", memory.name));
        }
    }
    overlap(device)
        .or_else(|| missing(device))
        .or_else(|| file_elsewhere(device))
        .or_else(|| uid_outside(device))
        .or_else(|| revision_unsound(device))
        .or_else(|| {
            let given = device.file_sha256.is_some();
            given.then(|| "`file_sha256` is filled in by whoever reads the file".into())
        })
}

fn memory_contradiction(device: &Device, memory: &Memory) -> Option<String> {
    if memory.len == 0 {
        return Some("it has no bytes".into());
    }
    if memory
        .start
        .checked_add(memory.len)
        .is_none_or(|end| end > ADDRESS_END)
    {
        return Some(format!(
            "{:#010x} and {:#x} bytes leave the 32-bit address space",
            memory.start, memory.len
        ));
    }
    let must_be_nor = matches!(memory.kind, MemoryKind::Flash);
    let Some(nor) = &memory.nor else {
        return must_be_nor.then(|| "flash needs `nor`: sectors, unit and timing".into());
    };
    let sectors: u64 = nor
        .sectors
        .iter()
        .map(|run| u64::from(run.len) * u64::from(run.count))
        .sum();
    if sectors != memory.len {
        return Some(format!(
            "its sectors have {sectors:#x} bytes together, expected {:#x}",
            memory.len
        ));
    }
    if nor.unit_len == 0 || nor.sectors.iter().any(|run| run.len % nor.unit_len != 0) {
        return Some(format!(
            "a sector must be a whole number of units of {} bytes",
            nor.unit_len
        ));
    }
    if let Some(name) = too_long(nor) {
        return Some(format!("`{name}` is more than an hour"));
    }
    let algorithm = nor.algorithm.as_ref()?;
    device
        .algorithms
        .iter()
        .all(|known| known.name != *algorithm)
        .then(|| format!("algorithm `{algorithm}` is not under `algorithms`"))
}

/// Longest time of one operation on the cells, in microseconds: the slowest chips take half a minute to erase. Whoever adds
/// such times up need not fear that the sum overflows.
const TIME_US_MAX: u64 = 3_600_000_000;

/// A time of the cells that no chip takes.
fn too_long(nor: &Nor) -> Option<&'static str> {
    let timing = &nor.timing;
    let runs = nor.sectors.iter().filter_map(|run| run.erase_us);
    let times = [
        ("program_unit_ns", timing.program_unit_ns / 1000),
        ("erase_sector_us", timing.erase_sector_us),
        ("erase_all_us", timing.erase_all_us),
        ("erase_us", runs.max().unwrap_or(0)),
    ];
    let too_long = times.into_iter().find(|(_, us)| *us > TIME_US_MAX);
    too_long.map(|(name, _)| name)
}

fn overlap(device: &Device) -> Option<String> {
    let mut ranges: Vec<(u64, u64, &str)> = device
        .memories
        .iter()
        .flat_map(|memory| {
            std::iter::once(&memory.start)
                .chain(&memory.aliases)
                .map(move |start| {
                    (
                        *start,
                        start.saturating_add(memory.len),
                        memory.name.as_str(),
                    )
                })
        })
        .collect();
    ranges.sort_unstable();
    ranges.windows(2).find_map(|pair| {
        (pair[0].1 > pair[1].0).then(|| {
            format!(
                "memories `{}` and `{}` overlap at {:#010x}",
                pair[0].2, pair[1].2, pair[1].0
            )
        })
    })
}

fn missing(device: &Device) -> Option<String> {
    if device.main_ram().is_none() {
        return Some("it has no RAM, where algorithms run".into());
    }
    device
        .main_flash()
        .is_none()
        .then(|| "it has no flash".into())
}

/// A path would reach files that nobody put there for it.
fn file_elsewhere(device: &Device) -> Option<String> {
    let mut files = device.algorithms.iter().filter_map(|it| it.file.as_ref());
    let file = files.find(|file| {
        std::path::Path::new(file)
            .file_name()
            .is_none_or(|name| name != file.as_str())
    })?;
    Some(format!(
        "the algorithm file `{file}` is not the name of a file in the same folder"
    ))
}

fn uid_outside(device: &Device) -> Option<String> {
    let uid = device.uid.as_ref()?;
    device
        .memory_at(uid.address, u64::from(uid.len))
        .is_none()
        .then(|| {
            format!(
                "the unique identifier at {:#010x} lies in no memory",
                uid.address
            )
        })
}

fn revision_unsound(device: &Device) -> Option<String> {
    let revision = device.revision.as_ref()?;
    if revision.address >= ADDRESS_END || !revision.address.is_multiple_of(4) {
        return Some(format!(
            "the revision at {:#010x} is no register of 32 bits",
            revision.address
        ));
    }
    (revision.of(revision.mask) == 0).then(|| {
        format!(
            "the revision has no bits: mask {:#010x}, shifted by {}",
            revision.mask, revision.shift
        )
    })
}
