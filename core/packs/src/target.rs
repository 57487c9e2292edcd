//! A target description of probe-rs: YAML with the chips of a family, and their algorithms in it.

use crate::{
    description::{Description, Flm, Region},
    error::PackError,
    limits::{
        ALGORITHMS_MAX, BRACKETS_MAX, CODE_LEN_MAX, DEVICES_MAX, LINES_MAX, SECTOR_RUNS_MAX,
        TEXT_LEN_MAX,
    },
};
use imprint_device::{Algorithm, Core};
use probe_rs_target::{
    Chip, ChipFamily, CoreType, MemoryRegion, RawFlashAlgorithm, TransferEncoding,
};
use std::{collections::BTreeSet, ops::Range};

/// Reads a target description.
pub(crate) fn read(file: &str, text: &str) -> Result<ChipFamily, PackError> {
    let error = |message: String| PackError::Target {
        file: file.into(),
        message,
    };
    if text.len() as u64 > TEXT_LEN_MAX {
        return Err(PackError::TooLarge {
            file: file.into(),
            len_max: TEXT_LEN_MAX,
        });
    }
    check_shape(text).map_err(error)?;
    let family: ChipFamily = yaml_serde::from_str(text).map_err(|it| error(it.to_string()))?;
    if family.variants.is_empty() || family.variants.len() > DEVICES_MAX {
        let count = family.variants.len();
        return Err(error(format!(
            "it has {count} devices, expected 1 to {DEVICES_MAX}"
        )));
    }
    Ok(family)
}

/// Refuses what costs a parser more than its length: brackets in brackets, and millions of lines.
fn check_shape(text: &str) -> Result<(), String> {
    if text.lines().count() > LINES_MAX {
        return Err(format!("it has more than {LINES_MAX} lines"));
    }
    let mut depth = 0_usize;
    for letter in text.bytes() {
        match letter {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > BRACKETS_MAX {
            return Err(format!(
                "its brackets are nested deeper than {BRACKETS_MAX}"
            ));
        }
    }
    Ok(())
}

/// The description of one chip.
pub(crate) fn describe(
    file: &str,
    family: &ChipFamily,
    name: &str,
) -> Result<Option<Description>, PackError> {
    let Some(chip) = family.variants.iter().find(|chip| chip.name == name) else {
        return Ok(None);
    };
    let wanted: BTreeSet<&String> = chip.flash_algorithms.iter().take(ALGORITHMS_MAX).collect();
    let algorithms = wanted.into_iter().filter_map(|name| {
        family
            .flash_algorithms
            .iter()
            .find(|raw| raw.name == **name)
    });
    let error = |message: String| PackError::Target {
        file: file.into(),
        message,
    };
    Ok(Some(Description {
        name: chip.name.clone(),
        vendor: family
            .manufacturer
            .and_then(|code| code.get())
            .unwrap_or("unknown")
            .into(),
        core: core(chip)?,
        regions: regions(chip).map_err(error)?,
        algorithms: algorithms
            .map(|raw| {
                flm(raw).map_err(|message| error(format!("algorithm `{}`: {message}", raw.name)))
            })
            .collect::<Result<_, _>>()?,
        source: format!("probe-rs target description `{}`", family.name),
    }))
}

fn core(chip: &Chip) -> Result<Core, PackError> {
    let kind = chip.cores.first().map(|core| core.core_type);
    Ok(match kind {
        // The description does not tell M0 from M0+; the M0 is the one without its extras.
        Some(CoreType::Armv6m) => Core::CortexM0,
        Some(CoreType::Armv7m) => Core::CortexM3,
        Some(CoreType::Armv7em) => Core::CortexM4,
        other => {
            return Err(PackError::Core {
                device: chip.name.clone(),
                found: other.map_or("none".into(), |kind| format!("{kind:?}")),
            });
        }
    })
}

fn regions(chip: &Chip) -> Result<Vec<Region>, String> {
    let regions: Vec<Region> = chip
        .memory_map
        .iter()
        .enumerate()
        .filter_map(region)
        .collect();
    match regions.iter().find(|region| !is_range(&region.range)) {
        None => Ok(regions),
        Some(region) => Err(format!(
            "memory `{}` has no bytes, or more than 32 bits address",
            region.name
        )),
    }
}

fn is_range(range: &Range<u64>) -> bool {
    !range.is_empty() && range.end <= 1 << 32
}

fn region((index, region): (usize, &MemoryRegion)) -> Option<Region> {
    let (name, range, is_ram) = match region {
        MemoryRegion::Ram(ram) if !ram.is_alias => (&ram.name, &ram.range, true),
        MemoryRegion::Nvm(nvm) if !nvm.is_alias => (&nvm.name, &nvm.range, false),
        _ => return None,
    };
    Some(Region {
        name: name.clone().unwrap_or_else(|| format!("memory{index}")),
        range: range.clone(),
        is_ram,
    })
}

fn flm(raw: &RawFlashAlgorithm) -> Result<Flm, String> {
    let flash = &raw.flash_properties;
    if raw.big_endian {
        return Err("it is big-endian".into());
    }
    if raw.transfer_encoding.unwrap_or_default() != TransferEncoding::Raw {
        return Err("it takes compressed data".into());
    }
    if raw.instructions.is_empty() || raw.instructions.len() as u64 > CODE_LEN_MAX {
        let len = raw.instructions.len();
        return Err(format!(
            "its code has {len} bytes, expected 1 to {CODE_LEN_MAX}"
        ));
    }
    let is_empty = flash.sectors.is_empty() || flash.sectors.iter().any(|it| it.size == 0);
    if flash.page_size == 0 || !is_range(&flash.address_range) || is_empty {
        return Err("its flash has no bytes, no pages or no sectors".into());
    }
    let sectors = flash.sectors.iter().take(SECTOR_RUNS_MAX);
    Ok(Flm {
        flash: raw.description.clone(),
        erased: flash.erased_byte_value,
        sectors: sectors.map(|it| (it.size, it.address)).collect(),
        algorithm: Algorithm {
            name: raw.name.clone(),
            code: raw.instructions.clone(),
            load_address: raw.load_address,
            init: raw.pc_init,
            uninit: raw.pc_uninit,
            program_page: raw.pc_program_page,
            erase_sector: raw.pc_erase_sector,
            erase_all: raw.pc_erase_all,
            verify: raw.pc_verify,
            blank_check: raw.pc_blank_check,
            data_section: raw.data_section_offset,
            range_start: flash.address_range.start,
            range_end: flash.address_range.end,
            page_len: flash.page_size,
            program_timeout_ms: flash.program_page_timeout,
            erase_timeout_ms: flash.erase_sector_timeout,
            stack_len: raw.stack_size,
        },
    })
}
