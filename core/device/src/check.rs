//! What a description must agree on with itself.
//!
//! Checked once, when it is read, so that nobody behind has to doubt a sector table or an address.

use crate::{
    device::Device,
    memory::{Memory, MemoryKind, Nor},
    place::Step,
};
use std::collections::BTreeSet;

/// Cortex-M addresses have 32 bits.
const ADDRESS_END: u64 = 1 << 32;

/// Two facts that cannot both be true.
pub(crate) struct Contradiction {
    /// The way to one of them.
    pub way: Vec<Step>,
    /// What is wrong, in words.
    pub message: String,
}

fn at<const N: usize>(way: [Step; N], message: impl Into<String>) -> Contradiction {
    Contradiction {
        way: way.into(),
        message: message.into(),
    }
}

/// All contradictions, in the order in which they are found.
pub(crate) fn contradictions(device: &Device) -> Vec<Contradiction> {
    let mut found = Vec::new();
    let mut names = BTreeSet::new();
    for (index, memory) in device.memories.iter().enumerate() {
        if !names.insert(&memory.name) {
            let way = ["memories".into(), index.into(), "name".into()];
            found.push(at(
                way,
                format!("memory `{}` is described twice", memory.name),
            ));
        }
        for (field, message) in memory_contradictions(device, memory) {
            let way = ["memories".into(), index.into(), field.into()];
            found.push(at(way, format!("memory `{}`: {message}", memory.name)));
        }
    }
    found.extend(overlaps(device));
    found.extend(missing(device));
    found.extend(files_elsewhere(device));
    found.extend(uid_outside(device));
    found.extend(revision_unsound(device));
    if device.file_sha256.is_some() {
        let message = "`file_sha256` is filled in by whoever reads the file";
        found.push(at(["file_sha256".into()], message));
    }
    found
}

/// Each with the field of the memory that it is about.
fn memory_contradictions(device: &Device, memory: &Memory) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    if memory.len == 0 {
        found.push(("len", "it has no bytes".into()));
    }
    let end = memory.start.checked_add(memory.len);
    if end.is_none_or(|end| end > ADDRESS_END) {
        let message = format!(
            "{:#010x} and {:#x} bytes leave the 32-bit address space",
            memory.start, memory.len
        );
        found.push(("start", message));
    }
    match &memory.nor {
        Some(nor) => found.extend(nor_contradictions(device, memory, nor)),
        None if memory.kind == MemoryKind::Flash => {
            found.push(("kind", "flash needs `nor`: sectors, unit and timing".into()));
        }
        None => {}
    }
    found
}

fn nor_contradictions(
    device: &Device,
    memory: &Memory,
    nor: &Nor,
) -> impl Iterator<Item = (&'static str, String)> {
    let lens = nor
        .sectors
        .iter()
        .map(|run| u64::from(run.len) * u64::from(run.count));
    let sectors: u64 = lens.sum();
    let sum = (sectors != memory.len).then(|| {
        format!(
            "its sectors have {sectors:#x} bytes together, expected {:#x}",
            memory.len
        )
    });
    let is_odd = nor.unit_len == 0 || nor.sectors.iter().any(|run| run.len % nor.unit_len != 0);
    let unit = is_odd.then(|| {
        format!(
            "a sector must be a whole number of units of {} bytes",
            nor.unit_len
        )
    });
    let algorithm = nor.algorithm.as_ref();
    let unknown = algorithm.filter(|name| device.algorithms.iter().all(|it| it.name != **name));
    let algorithm = unknown.map(|name| format!("algorithm `{name}` is not under `algorithms`"));
    let time = too_long(nor).map(|name| format!("`{name}` is more than an hour"));
    let found = [sum, unit, time, algorithm].into_iter().flatten();
    found.map(|message| ("nor", message))
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

fn overlaps(device: &Device) -> Vec<Contradiction> {
    let mut ranges: Vec<(u64, u64, usize)> = Vec::new();
    for (index, memory) in device.memories.iter().enumerate() {
        for start in std::iter::once(&memory.start).chain(&memory.aliases) {
            ranges.push((*start, start.saturating_add(memory.len), index));
        }
    }
    ranges.sort_unstable();
    let overlapping = ranges.windows(2).filter(|pair| pair[0].1 > pair[1].0);
    overlapping
        .map(|pair| {
            let name = |index: usize| &device.memories[index].name;
            let message = format!(
                "memories `{}` and `{}` overlap at {:#010x}",
                name(pair[0].2),
                name(pair[1].2),
                pair[1].0
            );
            at(
                ["memories".into(), pair[1].2.into(), "start".into()],
                message,
            )
        })
        .collect()
}

fn missing(device: &Device) -> impl Iterator<Item = Contradiction> {
    let ram = device.main_ram().is_none();
    let flash = device.main_flash().is_none();
    let messages = [
        ram.then_some("it has no RAM, where algorithms run"),
        flash.then_some("it has no flash"),
    ];
    let messages = messages.into_iter().flatten();
    messages.map(|message| at(["memories".into()], message))
}

/// A path would reach files that nobody put there for it.
fn files_elsewhere(device: &Device) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for (index, algorithm) in device.algorithms.iter().enumerate() {
        let Some(file) = &algorithm.file else {
            continue;
        };
        let name = std::path::Path::new(file).file_name();
        if name.is_none_or(|name| name != file.as_str()) {
            let message =
                format!("the algorithm file `{file}` is not the name of a file in the same folder");
            let way = ["algorithms".into(), index.into(), "file".into()];
            found.push(at(way, message));
        }
    }
    found
}

fn uid_outside(device: &Device) -> Option<Contradiction> {
    let uid = device.uid.as_ref()?;
    let is_outside = device.memory_at(uid.address, uid.len.into()).is_none();
    is_outside.then(|| {
        let message = format!(
            "the unique identifier at {:#010x} lies in no memory",
            uid.address
        );
        at(["uid".into(), "address".into()], message)
    })
}

fn revision_unsound(device: &Device) -> Option<Contradiction> {
    let revision = device.revision.as_ref()?;
    if revision.address >= ADDRESS_END || !revision.address.is_multiple_of(4) {
        let message = format!(
            "the revision at {:#010x} is no register of 32 bits",
            revision.address
        );
        return Some(at(["revision".into(), "address".into()], message));
    }
    (revision.of(revision.mask) == 0).then(|| {
        let message = format!(
            "the revision has no bits: mask {:#010x}, shifted by {}",
            revision.mask, revision.shift
        );
        at(["revision".into(), "mask".into()], message)
    })
}
