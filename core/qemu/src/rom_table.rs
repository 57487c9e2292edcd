//! How the chip's debug parts identify themselves (ADIv5.2, D2 and D3). QEMU has none of it.

/// Where the table is, and who made the chip: JEP106 of Nordic Semiconductor, and the part (nRF51 Series Reference Manual
/// v3.0.1, 11.1).
pub(crate) const ROM_TABLE: u32 = 0xF000_0000;
const NORDIC: (u32, u32) = (2, 0x44);
const NRF51: u32 = 0x001;
/// JEP106 of Arm.
const ARM: (u32, u32) = (4, 0x3B);
/// The parts that the table lists, with Arm's numbers for those of a Cortex-M0: system control space, data watchpoints,
/// breakpoint unit (Cortex-M0 Technical Reference Manual, 6.2.1).
const PARTS: [(u32, u32); 3] = [
    (0xE000_E000, 0x008),
    (0xE000_1000, 0x00A),
    (0xE000_2000, 0x00B),
];
/// CIDR1: classes of a ROM table and of a generic part.
const CLASS_ROM_TABLE: u32 = 0x10;
const CLASS_GENERIC: u32 = 0xE0;

/// What a word of the table, or an identification register of a part, reads as.
pub(crate) fn identification(address: u32) -> Option<u32> {
    let (page, offset) = (address & 0xFFFF_F000, address & 0xFFC);
    if page == ROM_TABLE {
        return Some(match offset {
            // MEMTYPE: system memory can be reached.
            0xFCC => 1,
            0xFD0.. => id_register(offset, NORDIC, NRF51, CLASS_ROM_TABLE),
            _ => PARTS
                .get(offset as usize / 4)
                .map_or(0, |(part, _)| part.wrapping_sub(page) & 0xFFFF_F000 | 3),
        });
    }
    let (_, part) = PARTS.iter().find(|(address, _)| *address == page)?;
    (offset >= 0xFD0).then(|| id_register(offset, ARM, *part, CLASS_GENERIC))
}

/// PIDR0 to PIDR7 and CIDR0 to CIDR3.
fn id_register(offset: u32, (continuation, identity): (u32, u32), part: u32, class: u32) -> u32 {
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
