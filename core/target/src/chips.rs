//! Chip descriptions: where flash algorithms come from, and how a device finds the debug sequence of its vendor.
//!
//! Loading probe-rs's built-in descriptions takes tens of milliseconds, so they are for building only. A run makes a
//! registry of one chip from its frozen device.

use crate::error::TargetError;
use imprint_device::{Algorithm, AlgorithmRef, Core, Device, FrozenDevice, Memory, MemoryKind};
use probe_rs::{
    CoreType, Target,
    architecture::arm::sequences::ArmDebugSequence,
    config::{
        Chip, ChipFamily, DebugSequence, MemoryRegion, NvmRegion, RamRegion, RawFlashAlgorithm,
        Registry, TargetDescriptionSource,
    },
};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Chip descriptions, shared by all targets of a process.
#[derive(Clone)]
pub struct Chips(Arc<Registry>);

impl Chips {
    /// All descriptions that probe-rs carries. Takes 20 to 60 ms.
    pub fn builtin() -> Self {
        Self(Arc::new(Registry::from_builtin_families()))
    }

    /// The description of one device, from its own data.
    pub fn for_device(frozen: &FrozenDevice) -> Result<Self, TargetError> {
        let device = &frozen.device;
        let mut registry = Registry::new();
        registry
            .add_target_family(family(device))
            .map_err(|_| unknown(&device.chip))?;
        Ok(Self(Arc::new(registry)))
    }

    /// A device with the code of all algorithms that its memories name. `own` are those that lie in files beside the device
    /// file.
    pub fn freeze(&self, device: &Device, own: &[Algorithm]) -> Result<FrozenDevice, TargetError> {
        let mut algorithms: Vec<Algorithm> = Vec::new();
        let names = device.memories.iter().filter_map(algorithm_name);
        for name in names {
            if algorithms.iter().any(|algorithm| algorithm.name == name) {
                continue;
            }
            let reference = device
                .algorithms
                .iter()
                .find(|reference| reference.name == name);
            let reference = reference.ok_or_else(|| TargetError::AlgorithmUnknown {
                chip: device.chip.clone(),
                algorithm: name.into(),
            })?;
            let own = own
                .iter()
                .find(|own| reference.file.is_some() && own.name == name);
            algorithms.push(match own {
                Some(own) => own.clone(),
                None => self.algorithm(reference, device)?,
            });
        }
        Ok(FrozenDevice {
            device: device.clone(),
            algorithms,
        })
    }

    /// The algorithm that a device refers to, if its code is the one that was reviewed.
    pub fn algorithm(
        &self,
        reference: &AlgorithmRef,
        device: &Device,
    ) -> Result<Algorithm, TargetError> {
        let chip = reference.chip.as_ref().unwrap_or(&device.chip);
        let target = self.target(chip)?;
        let raw = target
            .flash_algorithms
            .iter()
            .find(|raw| raw.name == reference.name);
        let raw = raw.ok_or_else(|| TargetError::AlgorithmUnknown {
            chip: chip.clone(),
            algorithm: reference.name.clone(),
        })?;
        let found = hexadecimal(&Sha256::digest(&raw.instructions));
        if !found.eq_ignore_ascii_case(&reference.sha256) {
            return Err(TargetError::AlgorithmHash {
                chip: chip.clone(),
                algorithm: reference.name.clone(),
                expected: reference.sha256.clone(),
                found,
            });
        }
        algorithm_of(raw)
    }

    /// The vendor's debug sequence for a device; a fresh one, because some keep what they changed on the target.
    pub(crate) fn sequence(
        &self,
        device: &Device,
    ) -> Result<Arc<dyn ArmDebugSequence>, TargetError> {
        match self.target(&device.chip)?.debug_sequence {
            DebugSequence::Arm(sequence) => Ok(sequence),
            _ => Err(unknown(&device.chip)),
        }
    }

    /// The description of exactly that name. probe-rs would also take the beginning of one, or a wildcard.
    fn target(&self, chip: &str) -> Result<Target, TargetError> {
        let is_named = |family: &ChipFamily| {
            family
                .variants
                .iter()
                .flat_map(Chip::package_variants)
                .any(|name| name == chip)
        };
        if !self.0.families().iter().any(is_named) {
            return Err(unknown(chip));
        }
        self.0.get_target_by_name(chip).map_err(|_| unknown(chip))
    }
}

pub(crate) fn core_type(core: Core) -> CoreType {
    match core {
        Core::CortexM0 | Core::CortexM0Plus => CoreType::Armv6m,
        Core::CortexM3 => CoreType::Armv7m,
        Core::CortexM4 => CoreType::Armv7em,
    }
}

fn unknown(chip: &str) -> TargetError {
    TargetError::ChipUnknown { chip: chip.into() }
}

fn algorithm_name(memory: &Memory) -> Option<&str> {
    memory.nor.as_ref()?.algorithm.as_deref()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Takes over what the flash path uses, and refuses what it does not know.
fn algorithm_of(raw: &RawFlashAlgorithm) -> Result<Algorithm, TargetError> {
    let refuse = |reason: &str| TargetError::AlgorithmUnusable {
        algorithm: raw.name.clone(),
        reason: reason.into(),
    };
    if raw.big_endian {
        return Err(refuse("it is big-endian"));
    }
    // The default encoding is raw bytes; its type has no public name.
    if raw
        .transfer_encoding
        .is_some_and(|encoding| encoding != Default::default())
    {
        return Err(refuse("it takes compressed data"));
    }
    if raw.flash_properties.page_size == 0 {
        return Err(refuse("its page size is 0"));
    }
    Ok(Algorithm {
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
        range_start: raw.flash_properties.address_range.start,
        range_end: raw.flash_properties.address_range.end,
        page_len: raw.flash_properties.page_size,
        program_timeout_ms: raw.flash_properties.program_page_timeout,
        erase_timeout_ms: raw.flash_properties.erase_sector_timeout,
        stack_len: raw.stack_size,
    })
}

fn family(device: &Device) -> ChipFamily {
    let mut chip = Chip::generic_arm(&device.chip, core_type(device.core));
    let cores: Vec<String> = chip.cores.iter().map(|core| core.name.clone()).collect();
    chip.memory_map = device
        .memories
        .iter()
        .map(|memory| region(memory, &cores))
        .collect();
    ChipFamily {
        name: device.name.clone(),
        manufacturer: None,
        chip_detection: Vec::new(),
        generated_from_pack: false,
        pack_file_release: None,
        variants: vec![chip],
        flash_algorithms: Vec::new(),
        source: TargetDescriptionSource::External,
    }
}

fn region(memory: &Memory, cores: &[String]) -> MemoryRegion {
    let (name, range) = (Some(memory.name.clone()), memory.start..memory.end());
    if memory.kind == MemoryKind::Ram {
        MemoryRegion::Ram(RamRegion {
            name,
            range,
            cores: cores.to_vec(),
            is_alias: false,
            access: None,
        })
    } else {
        MemoryRegion::Nvm(NvmRegion {
            name,
            range,
            cores: cores.to_vec(),
            is_alias: false,
            access: None,
        })
    }
}
