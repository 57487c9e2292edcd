//! How the chip's debug components identify themselves (ADIv5.2, D2 and D3): the ROM table that access port 0 points
//! to, and the identification registers of the parts that it lists.

use imprint_device::TwinData;

/// JEP106 of Arm: continuation code and identity code.
const ARM: (u32, u32) = (4, 0x3B);
/// CIDR1: class of a ROM table.
const CLASS_ROM_TABLE: u32 = 0x10;
/// CIDR1: class of a generic IP component.
const CLASS_GENERIC: u32 = 0xE0;
/// The parts that the table lists.
const COMPONENTS: [u32; 3] = [0xE000_E000, 0xE000_1000, 0xE000_2000];

/// What an address of the table, or an identification register of a part, reads as.
pub(crate) fn identification(twin: &TwinData, is_v7: bool, address: u32) -> Option<u32> {
    let (page, offset) = (address & 0xFFFF_F000, address & 0xFFC);
    if u64::from(page) == twin.rom_table.address {
        let table = &twin.rom_table;
        let designer = (
            u32::from(table.jep106_continuation),
            u32::from(table.jep106_identity),
        );
        return Some(match offset {
            0xFCC => 1, // MEMTYPE: system memory can be reached.
            0xFD0.. => id_register(offset, designer, u32::from(table.part), CLASS_ROM_TABLE),
            _ => COMPONENTS.get(offset as usize / 4).map_or(0, |component| {
                component.wrapping_sub(page) & 0xFFFF_F000 | 3
            }),
        });
    }
    if offset < 0xFD0 {
        return None;
    }
    let part = match (page, is_v7) {
        (0xE000_E000, false) => 0x008,
        (0xE000_E000, true) if twin.cpuid >> 4 & 0xFFF == 0xC24 => 0x00C,
        (0xE000_E000, true) => 0x000,
        (0xE000_1000, false) => 0x00A,
        (0xE000_1000, true) => 0x002,
        (0xE000_2000, false) => 0x00B,
        (0xE000_2000, true) => 0x003,
        _ => return None,
    };
    Some(id_register(offset, ARM, part, CLASS_GENERIC))
}

/// PIDR0 to PIDR7 and CIDR0 to CIDR3.
fn id_register(offset: u32, designer: (u32, u32), part: u32, class: u32) -> u32 {
    let (continuation, identity) = designer;
    match offset {
        0xFD0 => continuation,
        0xFE0 => part & 0xFF,
        0xFE4 => (identity & 0xF) << 4 | part >> 8,
        0xFE8 => 0x8 | identity >> 4,
        0xFF0 => 0x0D,
        0xFF4 => class,
        0xFF8 => 0x05,
        0xFFC => 0xB1,
        _ => 0,
    }
}
