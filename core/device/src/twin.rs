//! What the twin needs to know of a chip beyond its memories.

use serde::{Deserialize, Serialize};

/// Registers that identify the chip on the wire, and the core's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TwinData {
    /// Debug port identification, DPIDR.
    pub dpidr: u32,
    /// Identification of access port 0, IDR.
    pub ap_idr: u32,
    /// CPUID of the core (0xE000_ED00).
    pub cpuid: u32,
    /// Core clock after reset, in kHz.
    pub core_clock_khz: u32,
    /// Wait states of a flash read after reset, in core cycles.
    pub flash_wait_states: u32,
    /// Hardware breakpoints of the core.
    pub breakpoint_count: u32,
    /// Number of external interrupts.
    pub interrupt_count: u32,
    /// The ROM table that access port 0 points to.
    pub rom_table: RomTable,
    /// Where the core finds its vectors at reset: the memory that appears at address 0.
    pub boot_address: u64,
    /// The chip's JTAG; `None` where it has serial wire alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jtag: Option<Jtag>,
}

/// The test access ports of the chip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jtag {
    /// IDCODE of the debug port, whose instruction register has 4 bits. It is the last before TDO.
    pub idcode: u32,
    /// The others, from the debug port towards TDI.
    #[serde(default)]
    pub others: Vec<TestAccessPort>,
}

/// A test access port that is not the debug port, such as that of the boundary scan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestAccessPort {
    /// Its IDCODE.
    pub idcode: u32,
    /// Length of its instruction register in bits, 2 to 32.
    pub instruction_len: u32,
}

/// The identification registers of the ROM table (ADIv5.2, D3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RomTable {
    /// Address of the table.
    pub address: u64,
    /// JEP106 continuation code of the designer.
    pub jep106_continuation: u8,
    /// JEP106 identity code of the designer.
    pub jep106_identity: u8,
    /// Part number, 12 bits.
    pub part: u16,
}
