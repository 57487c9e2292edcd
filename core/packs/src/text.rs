//! The text of a device file: as a person would write it, with addresses in hexadecimal, because a person goes on with it.

use imprint_device::{Device, Memory, Nor};
use std::fmt::Write as _;

/// Writes the file of a device, the notes on top.
pub(crate) fn device(device: &Device, notes: &[String]) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_device(&mut text, device, notes);
    text
}

fn write_device(out: &mut String, device: &Device, notes: &[String]) -> std::fmt::Result {
    writeln!(out, "// {} {}.", one_line(&device.vendor), device.name)?;
    for note in notes {
        writeln!(out, "// To look at: {}.", one_line(note))?;
    }
    writeln!(out, "(")?;
    writeln!(out, "    name: {:?},", device.name)?;
    writeln!(out, "    vendor: {:?},", device.vendor)?;
    writeln!(out, "    family: {:?},", device.family)?;
    writeln!(out, "    chip: {:?},", device.chip)?;
    writeln!(out, "    core: {:?},", device.core)?;
    writeln!(out, "    swd: (clock_khz: {}),", device.swd.clock_khz)?;
    writeln!(out, "    memories: [")?;
    for memory in &device.memories {
        write_memory(out, memory)?;
    }
    writeln!(out, "    ],")?;
    writeln!(out, "    algorithms: [")?;
    for algorithm in &device.algorithms {
        write!(out, "        (name: {:?}, ", algorithm.name)?;
        for (field, value) in [("chip", &algorithm.chip), ("file", &algorithm.file)] {
            if let Some(value) = value {
                write!(out, "{field}: Some({value:?}), ")?;
            }
        }
        writeln!(out, "sha256: {:?}),", algorithm.sha256)?;
    }
    writeln!(out, "    ],")?;
    if let Some(uid) = &device.uid {
        let (address, len) = (hex(uid.address), uid.len);
        writeln!(out, "    uid: Some((address: {address}, len: {len})),")?;
    }
    if let Some(revision) = &device.revision {
        let (address, mask) = (hex(revision.address), hex(revision.mask.into()));
        let shift = revision.shift;
        writeln!(
            out,
            "    revision: Some((address: {address}, mask: {mask}, shift: {shift})),"
        )?;
    }
    write_facts(out, device)?;
    write_twin(out, device)?;
    writeln!(out, "    sources: [")?;
    for source in &device.sources {
        writeln!(out, "        {source:?},")?;
    }
    writeln!(out, "    ],\n)")
}

fn write_memory(out: &mut String, memory: &Memory) -> std::fmt::Result {
    writeln!(out, "        (")?;
    writeln!(out, "            name: {:?},", memory.name)?;
    writeln!(out, "            kind: {:?},", memory.kind)?;
    writeln!(out, "            start: {},", hex(memory.start))?;
    writeln!(out, "            len: {},", hex(memory.len))?;
    if !memory.aliases.is_empty() {
        let aliases: Vec<String> = memory.aliases.iter().map(|it| hex(*it)).collect();
        writeln!(out, "            aliases: [{}],", aliases.join(", "))?;
    }
    if let Some(nor) = &memory.nor {
        write_nor(out, nor)?;
    }
    writeln!(out, "        ),")
}

fn write_nor(out: &mut String, nor: &Nor) -> std::fmt::Result {
    writeln!(out, "            nor: Some((")?;
    if let Some(algorithm) = &nor.algorithm {
        writeln!(out, "                algorithm: Some({algorithm:?}),")?;
    }
    writeln!(out, "                erased: {:#04X},", nor.erased)?;
    let run = |run: &imprint_device::Sectors| {
        let time = run.erase_us.map(|us| format!(", erase_us: Some({us})"));
        let time = time.unwrap_or_default();
        format!("(len: {}, count: {}{time})", hex(run.len.into()), run.count)
    };
    let runs: Vec<String> = nor.sectors.iter().map(run).collect();
    writeln!(out, "                sectors: [{}],", runs.join(", "))?;
    writeln!(out, "                unit_len: {},", nor.unit_len)?;
    let timing = &nor.timing;
    writeln!(out, "                timing: (")?;
    writeln!(
        out,
        "                    program_unit_ns: {},",
        timing.program_unit_ns
    )?;
    writeln!(
        out,
        "                    erase_sector_us: {},",
        timing.erase_sector_us
    )?;
    writeln!(
        out,
        "                    erase_all_us: {},",
        timing.erase_all_us
    )?;
    writeln!(out, "                    source: {:?},", timing.source)?;
    writeln!(out, "                ),\n            )),")
}

fn write_facts(out: &mut String, device: &Device) -> std::fmt::Result {
    if !device.properties.is_empty() {
        writeln!(out, "    properties: {{")?;
        for (name, value) in &device.properties {
            writeln!(out, "        {name:?}: {value:?},")?;
        }
        writeln!(out, "    }},")?;
    }
    if !device.guarded.is_empty() {
        writeln!(out, "    guarded: [")?;
        for guarded in &device.guarded {
            let (start, len) = (hex(guarded.start), hex(guarded.len));
            writeln!(
                out,
                "        (name: {:?}, start: {start}, len: {len}),",
                guarded.name
            )?;
        }
        writeln!(out, "    ],")?;
    }
    Ok(())
}

fn write_twin(out: &mut String, device: &Device) -> std::fmt::Result {
    let twin = &device.twin;
    let rom = &twin.rom_table;
    writeln!(out, "    twin: (")?;
    for (field, value) in [
        ("dpidr", twin.dpidr),
        ("ap_idr", twin.ap_idr),
        ("cpuid", twin.cpuid),
    ] {
        writeln!(out, "        {field}: {},", hex(value.into()))?;
    }
    for (field, value) in [
        ("core_clock_khz", twin.core_clock_khz),
        ("flash_wait_states", twin.flash_wait_states),
        ("breakpoint_count", twin.breakpoint_count),
        ("interrupt_count", twin.interrupt_count),
    ] {
        writeln!(out, "        {field}: {value},")?;
    }
    writeln!(
        out,
        "        rom_table: (address: {}, jep106_continuation: {}, jep106_identity: {:#04X}, part: {:#05X}),",
        hex(rom.address),
        rom.jep106_continuation,
        rom.jep106_identity,
        rom.part
    )?;
    writeln!(out, "        boot_address: {},", hex(twin.boot_address))?;
    writeln!(out, "    ),")
}

/// A comment ends with its line: a foreign text must not go on behind it.
pub(crate) fn one_line(text: &str) -> String {
    text.replace(|letter: char| letter.is_control(), " ")
}

/// An address with eight digits in two groups, a length with as many as it needs.
fn hex(value: u64) -> String {
    if value < 0x1_0000 {
        format!("{value:#X}")
    } else {
        format!("0x{:04X}_{:04X}", value >> 16, value & 0xFFFF)
    }
}
