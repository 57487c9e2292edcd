//! A memory of a device.

use serde::{Deserialize, Serialize};

/// One memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// The name scripts write, for example `flash` or `uicr`.
    pub name: String,
    /// What it is.
    pub kind: MemoryKind,
    /// First address.
    pub start: u64,
    /// Length in bytes.
    pub len: u64,
    /// Further addresses at which the same bytes appear.
    #[serde(default)]
    pub aliases: Vec<u64>,
    /// How it is erased and programmed; none for RAM and ROM.
    #[serde(default)]
    pub nor: Option<Nor>,
}

impl Memory {
    /// First address past the end.
    pub fn end(&self) -> u64 {
        self.start + self.len
    }

    /// Offset of `address` in this memory if all of `len` bytes from there lie in it, also through an alias.
    pub fn offset_of(&self, address: u64, len: u64) -> Option<u64> {
        core::iter::once(&self.start)
            .chain(&self.aliases)
            .find_map(|start| {
                let offset = address.checked_sub(*start)?;
                (offset.checked_add(len)? <= self.len).then_some(offset)
            })
    }
}

/// What a memory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MemoryKind {
    /// Read and written freely.
    Ram,
    /// Code flash.
    Flash,
    /// Option bytes or configuration words: non-volatile, changed by the family or by an algorithm.
    Options,
    /// Each bit can be programmed once and never erased.
    OneTime,
    /// Written by the factory; read only.
    Factory,
}

/// Non-volatile cells: erased to a value, programmed towards its complement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nor {
    /// Name of the algorithm in `Device::algorithms`; none where only the family can write.
    #[serde(default)]
    pub algorithm: Option<String>,
    /// Value of an erased byte.
    #[serde(default = "erased")]
    pub erased: u8,
    /// Sectors from the start, in runs of equal length.
    pub sectors: Vec<Sectors>,
    /// Smallest unit that is programmed at once, in bytes.
    pub unit_len: u32,
    /// How long it takes.
    pub timing: Timing,
}

fn erased() -> u8 {
    0xFF
}

impl Nor {
    /// How long one sector of a run takes to erase, in microseconds.
    pub fn erase_us(&self, run: &Sectors) -> u64 {
        run.erase_us.unwrap_or(self.timing.erase_sector_us)
    }

    /// How long the sector that holds the byte at `offset` takes to erase, in microseconds.
    pub fn erase_us_at(&self, offset: u64) -> u64 {
        let mut end = 0u64;
        let run = self.sectors.iter().find(|run| {
            end = end.saturating_add(u64::from(run.len) * u64::from(run.count));
            offset < end
        });
        run.map_or(self.timing.erase_sector_us, |run| self.erase_us(run))
    }
}

/// A run of equal sectors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sectors {
    /// Length of one sector in bytes.
    pub len: u32,
    /// Number of sectors.
    pub count: u32,
    /// Erasing one of them, in microseconds, where it takes another time than the timing's `erase_sector_us`: on chips with
    /// sectors of unequal size a larger one takes longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erase_us: Option<u64>,
}

/// Busy times of the cells, typical values of the datasheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// Programming one unit, in nanoseconds.
    pub program_unit_ns: u64,
    /// Erasing one sector, in microseconds. A run of sectors can have a time of its own.
    pub erase_sector_us: u64,
    /// Erasing the whole memory at once, in microseconds.
    pub erase_all_us: u64,
    /// The document, table and row.
    pub source: String,
}
