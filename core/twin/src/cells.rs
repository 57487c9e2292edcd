//! One memory: bytes, and for non-volatile ones the rules of their cells.
//!
//! A NOR cell is erased to a value and programmed towards its complement only; whether programming a cell that is
//! not erased is allowed is for the flash controller, the family's board, to decide.

use imprint_device::{Memory, MemoryKind, Nor};

/// A cell that does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StuckBit {
    /// Offset of the byte in the memory.
    pub offset: usize,
    /// Bit 0 to 7.
    pub bit: u8,
    /// The value it keeps.
    pub value: bool,
}

/// One memory of the chip.
pub(crate) struct Cells {
    pub name: String,
    pub kind: MemoryKind,
    pub bytes: Vec<u8>,
    pub nor: Option<Nor>,
    stuck: Vec<StuckBit>,
}

impl Cells {
    /// A memory as it leaves the factory: erased, or zero for RAM.
    pub fn new(memory: &Memory) -> Cells {
        let blank = match memory.kind {
            MemoryKind::Ram => 0,
            _ => memory.nor.as_ref().map_or(0xFF, |nor| nor.erased),
        };
        Cells {
            name: memory.name.clone(),
            kind: memory.kind,
            bytes: vec![blank; memory.len as usize],
            nor: memory.nor.clone(),
            stuck: Vec::new(),
        }
    }

    /// Keeps its content without power.
    pub fn is_non_volatile(&self) -> bool {
        self.kind != MemoryKind::Ram
    }

    /// Value of an erased byte.
    pub fn erased(&self) -> u8 {
        self.nor.as_ref().map_or(0xFF, |nor| nor.erased)
    }

    /// From now on this bit keeps its value.
    pub fn stick(&mut self, bit: StuckBit) {
        self.stuck.push(bit);
        self.apply_stuck(bit.offset, 1);
    }

    /// Writes bytes as the factory does. The caller has checked the range.
    pub fn set(&mut self, offset: usize, data: &[u8]) {
        self.bytes[offset..offset + data.len()].copy_from_slice(data);
        self.apply_stuck(offset, data.len());
    }

    /// Programs bytes: a bit leaves its erased value or stays. Bits that `allowed` clears stay too: that is what a
    /// brown-out leaves behind. The caller has checked the range.
    pub fn program(&mut self, offset: usize, data: &[u8], mut allowed: impl FnMut() -> u8) {
        let erased = self.erased();
        for (cell, &wanted) in self.bytes[offset..offset + data.len()].iter_mut().zip(data) {
            let programmed = (*cell & wanted & erased) | ((*cell | wanted) & !erased);
            *cell ^= (*cell ^ programmed) & allowed();
        }
        self.apply_stuck(offset, data.len());
    }

    /// Erases bytes; `allowed` as in `program`. The caller has checked the range.
    pub fn erase(&mut self, offset: usize, len: usize, mut allowed: impl FnMut() -> u8) {
        let erased = self.erased();
        for cell in &mut self.bytes[offset..offset + len] {
            *cell ^= (*cell ^ erased) & allowed();
        }
        self.apply_stuck(offset, len);
    }

    fn apply_stuck(&mut self, offset: usize, len: usize) {
        for stuck in &self.stuck {
            if (offset..offset + len).contains(&stuck.offset) {
                let mask = 1 << stuck.bit;
                let cell = &mut self.bytes[stuck.offset];
                *cell = if stuck.value {
                    *cell | mask
                } else {
                    *cell & !mask
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imprint_device::{Sectors, Timing};

    fn cells(erased: u8) -> Cells {
        Cells::new(&Memory {
            name: "flash".into(),
            kind: MemoryKind::Flash,
            start: 0,
            len: 16,
            aliases: Vec::new(),
            nor: Some(Nor {
                algorithm: None,
                erased,
                sectors: vec![Sectors { len: 16, count: 1 }],
                unit_len: 4,
                timing: Timing {
                    program_unit_ns: 1,
                    erase_sector_us: 1,
                    erase_all_us: 1,
                    source: "test".into(),
                },
            }),
        })
    }

    #[test]
    fn programming_moves_bits_away_from_the_erased_value_only() {
        for (erased, first, second, expected) in [
            (0xFF, 0xF0, 0x0F, 0x00),
            (0xFF, 0xA5, 0xFF, 0xA5),
            (0xFF, 0x00, 0xFF, 0x00),
            (0x00, 0x0F, 0xF0, 0xFF),
            (0x00, 0xA5, 0x00, 0xA5),
        ] {
            let mut cells = cells(erased);
            cells.program(3, &[first], || 0xFF);
            cells.program(3, &[second], || 0xFF);
            assert_eq!(
                cells.bytes[3], expected,
                "erased {erased:#x} {first:#x} {second:#x}"
            );
            assert_eq!(cells.bytes[2], erased);
            cells.erase(0, 16, || 0xFF);
            assert!(cells.bytes.iter().all(|byte| *byte == erased));
        }
    }

    #[test]
    fn a_stuck_bit_survives_program_and_erase() {
        let mut cells = cells(0xFF);
        cells.stick(StuckBit {
            offset: 5,
            bit: 7,
            value: false,
        });
        assert_eq!(cells.bytes[5], 0x7F);
        cells.stick(StuckBit {
            offset: 6,
            bit: 0,
            value: true,
        });
        cells.program(5, &[0xFF, 0x00], || 0xFF);
        assert_eq!(cells.bytes[5..7], [0x7F, 0x01]);
        cells.erase(0, 16, || 0xFF);
        assert_eq!(cells.bytes[5], 0x7F);
    }

    #[test]
    fn half_an_operation_leaves_the_other_bits() {
        let mut cells = cells(0xFF);
        cells.program(0, &[0x00], || 0x0F);
        assert_eq!(cells.bytes[0], 0xF0);
        cells.erase(0, 1, || 0x03);
        assert_eq!(cells.bytes[0], 0xF3);
    }
}
