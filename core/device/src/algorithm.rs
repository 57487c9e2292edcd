//! Flash algorithms: named in a device file, frozen in an object.

use crate::device::Device;
use serde::{Deserialize, Serialize};

/// A flash algorithm by name. None is copied into a device file: the code comes from the chip descriptions that
/// probe-rs carries, or from a file beside the device file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlgorithmRef {
    /// Name in the chip description.
    pub name: String,
    /// Chip in whose description it is; the device's own when absent.
    #[serde(default)]
    pub chip: Option<String>,
    /// The file it is in, by its name in the folder of the device file; in the chip descriptions when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// SHA-256 of its code, in hexadecimal. Another code is an error.
    pub sha256: String,
}

/// A flash algorithm: code for the target and its entry points, as offsets from the start of the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Algorithm {
    /// Name in the chip description.
    pub name: String,
    /// The code.
    pub code: Vec<u8>,
    /// Where the code must lie, or anywhere.
    pub load_address: Option<u64>,
    /// `Init(address, clock, function)`.
    pub init: Option<u64>,
    /// `UnInit(function)`.
    pub uninit: Option<u64>,
    /// `ProgramPage(address, len, data)`.
    pub program_page: u64,
    /// `EraseSector(address)`.
    pub erase_sector: u64,
    /// `EraseChip()`.
    pub erase_all: Option<u64>,
    /// `Verify(address, len, data)`.
    pub verify: Option<u64>,
    /// `BlankCheck(address, len, pattern)`.
    pub blank_check: Option<u64>,
    /// Start of the data section: value of R9, from the start of the code.
    pub data_section: u64,
    /// First address it serves.
    pub range_start: u64,
    /// First address past what it serves.
    pub range_end: u64,
    /// Bytes one call of `ProgramPage` takes.
    pub page_len: u32,
    /// Longest time of one `ProgramPage`, in milliseconds.
    pub program_timeout_ms: u32,
    /// Longest time of one `EraseSector`, in milliseconds.
    pub erase_timeout_ms: u32,
    /// Stack it needs, in bytes, where the description says so.
    pub stack_len: Option<u32>,
}

/// A device with the code of its algorithms: what an object carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrozenDevice {
    /// The device.
    pub device: Device,
    /// The algorithms its memories name.
    pub algorithms: Vec<Algorithm>,
}

impl FrozenDevice {
    /// The algorithm of that name.
    pub fn algorithm(&self, name: &str) -> Option<&Algorithm> {
        self.algorithms
            .iter()
            .find(|algorithm| algorithm.name == name)
    }
}
