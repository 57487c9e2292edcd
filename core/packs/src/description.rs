//! What the three kinds of description have in common: a part with memories, and algorithms with what they serve.

use imprint_device::{Algorithm, Core};
use std::ops::Range;

/// One part number, as its description has it.
#[derive(Clone, Debug)]
pub(crate) struct Description {
    pub name: String,
    pub vendor: String,
    pub core: Core,
    pub regions: Vec<Region>,
    pub algorithms: Vec<Flm>,
    /// Where it comes from, for `sources` of the device.
    pub source: String,
}

/// A range of addresses.
#[derive(Clone, Debug)]
pub(crate) struct Region {
    pub name: String,
    pub range: Range<u64>,
    pub is_ram: bool,
}

/// An algorithm, and the flash it is for.
#[derive(Clone, Debug)]
pub(crate) struct Flm {
    pub algorithm: Algorithm,
    /// The file's own name for the flash.
    pub flash: String,
    /// Value of an erased byte.
    pub erased: u8,
    /// Length of the sectors, and the offset from `range_start` that each length begins at; in order.
    pub sectors: Vec<(u64, u64)>,
}

impl Flm {
    pub fn range(&self) -> Range<u64> {
        self.algorithm.range_start..self.algorithm.range_end
    }
}

/// The core of that name, as packs (`Cortex-M0+`) write it.
pub(crate) fn core_of(name: &str) -> Option<Core> {
    Some(match name.trim() {
        "Cortex-M0" => Core::CortexM0,
        "Cortex-M0+" => Core::CortexM0Plus,
        "Cortex-M3" => Core::CortexM3,
        "Cortex-M4" => Core::CortexM4,
        _ => return None,
    })
}
