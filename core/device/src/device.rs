//! A device: a part number and its data.

use crate::{
    algorithm::AlgorithmRef,
    memory::{Memory, MemoryKind},
    twin::TwinData,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One part number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// The part number as recipes write it, for example `nRF52832_xxAA`.
    pub name: String,
    /// Who makes it.
    pub vendor: String,
    /// Id of the family whose plugin knows its behaviour, for example `nordic.nrf5`.
    pub family: String,
    /// Name in probe-rs's chip descriptions: selects the debug sequence of the vendor.
    pub chip: String,
    /// The core.
    pub core: Core,
    /// The wire.
    pub swd: Swd,
    /// All memories a script can name.
    pub memories: Vec<Memory>,
    /// Flash algorithms that `memories` refer to.
    pub algorithms: Vec<AlgorithmRef>,
    /// Where the unique identifier is, if the vendor documents one.
    #[serde(default)]
    pub uid: Option<Uid>,
    /// Where the silicon revision is, if the vendor documents a register whose number grows with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<Revision>,
    /// Facts for the family's behaviour and board, by name.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
    /// Addresses that a script may not write by itself, because they erase, program or protect.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guarded: Vec<Guarded>,
    /// What the twin needs beyond the above.
    pub twin: TwinData,
    /// Documents the figures come from.
    pub sources: Vec<String>,
    /// SHA-256 of the file it was read from, in hexadecimal. Reading a file fills it in; a file cannot say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_sha256: Option<String>,
}

impl Device {
    /// SHA-256 of the file it was read from, if there was one.
    pub fn file_sha256(&self) -> Option<[u8; 32]> {
        let mut sha256 = [0; 32];
        let text = self.file_sha256.as_ref()?;
        let bytes = base16ct::lower::decode(text, &mut sha256).ok()?;
        (bytes.len() == 32).then_some(sha256)
    }

    /// The memory of that name.
    pub fn memory(&self, name: &str) -> Option<&Memory> {
        self.memories.iter().find(|memory| memory.name == name)
    }

    /// The memory that holds the whole range `address .. address + len`, at its own address or an alias.
    pub fn memory_at(&self, address: u64, len: u64) -> Option<&Memory> {
        self.memories
            .iter()
            .find(|memory| memory.offset_of(address, len).is_some())
    }

    /// What is guarded in a range.
    pub fn guarded_at(&self, address: u64, len: u64) -> Option<&Guarded> {
        let end = address.saturating_add(len);
        self.guarded
            .iter()
            .find(|it| address < it.start.saturating_add(it.len) && end > it.start)
    }

    /// The memory that algorithms, scripts without a memory name, and firmware mean: the first flash.
    pub fn main_flash(&self) -> Option<&Memory> {
        self.memories
            .iter()
            .find(|memory| memory.kind == MemoryKind::Flash)
    }

    /// The RAM where algorithms run: the first one.
    pub fn main_ram(&self) -> Option<&Memory> {
        self.memories
            .iter()
            .find(|memory| memory.kind == MemoryKind::Ram)
    }
}

/// The processor core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Core {
    /// ARMv6-M.
    CortexM0,
    /// ARMv6-M.
    CortexM0Plus,
    /// ARMv7-M.
    CortexM3,
    /// ARMv7E-M; the floating-point unit, where there is one, is not used.
    CortexM4,
}

/// Serial wire debug.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Swd {
    /// The clock to use, in kHz.
    pub clock_khz: u32,
}

/// Registers of a flash controller, or words of an option memory that protect the chip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guarded {
    /// What it is, for messages.
    pub name: String,
    /// First address.
    pub start: u64,
    /// Length in bytes.
    pub len: u64,
}

/// The unique identifier that the factory gave each chip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uid {
    /// First byte.
    pub address: u64,
    /// Length in bytes.
    pub len: u32,
}

/// The silicon revision: a number in a register of 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revision {
    /// Of the register, a multiple of 4.
    pub address: u64,
    /// The bits of it.
    pub mask: u32,
    /// How far they are from bit 0.
    pub shift: u32,
}

impl Revision {
    /// The revision in the register's value.
    pub fn of(&self, register: u32) -> u32 {
        (register & self.mask).checked_shr(self.shift).unwrap_or(0)
    }
}
