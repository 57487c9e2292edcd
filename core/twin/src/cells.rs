//! The rules of one memory's cells. The bytes themselves lie in the die, all memories in a row, so that an address
//! leads to its byte in one step.
//!
//! A NOR cell is erased to a value and programmed towards its complement only; whether programming a cell that is
//! not erased is allowed is for the flash controller, the family's board, to decide.

use imprint_device::{Memory, MemoryKind, Nor};
use std::ops::Range;

/// A cell that does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StuckBit {
    /// Index of the byte in the die.
    pub index: usize,
    /// Bit 0 to 7.
    pub bit: u8,
    /// The value it keeps.
    pub value: bool,
}

/// One memory of the chip.
pub(crate) struct Cells {
    pub name: String,
    pub kind: MemoryKind,
    /// Where its bytes lie in the die.
    pub range: Range<usize>,
    pub nor: Option<Nor>,
    stuck: Vec<StuckBit>,
}

impl Cells {
    /// The rules of a memory whose bytes begin at that index of the die.
    pub fn new(memory: &Memory, index: usize) -> Cells {
        Cells {
            name: memory.name.clone(),
            kind: memory.kind,
            range: index..index + memory.len as usize,
            nor: memory.nor.clone(),
            stuck: Vec::new(),
        }
    }

    /// A byte as it leaves the factory: erased, or zero for RAM.
    pub fn blank(&self) -> u8 {
        if self.is_non_volatile() {
            self.erased()
        } else {
            0
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
    pub fn stick(&mut self, die: &mut [u8], bit: StuckBit) {
        self.stuck.push(bit);
        self.apply_stuck(die, bit.index..bit.index + 1);
    }

    /// Writes bytes as the factory does. The caller has checked the range, here and below.
    pub fn set(&self, die: &mut [u8], index: usize, data: &[u8]) {
        let range = index..index + data.len();
        die[range.clone()].copy_from_slice(data);
        self.apply_stuck(die, range);
    }

    /// Programs bytes: a bit leaves its erased value or stays. Bits that `allowed` clears stay too: that is what a
    /// brown-out leaves behind.
    pub fn program(
        &self,
        die: &mut [u8],
        index: usize,
        data: &[u8],
        mut allowed: impl FnMut() -> u8,
    ) {
        let erased = self.erased();
        let range = index..index + data.len();
        for (cell, &wanted) in die[range.clone()].iter_mut().zip(data) {
            let programmed = (*cell & wanted & erased) | ((*cell | wanted) & !erased);
            *cell ^= (*cell ^ programmed) & allowed();
        }
        self.apply_stuck(die, range);
    }

    /// Erases bytes; `allowed` as in `program`.
    pub fn erase(&self, die: &mut [u8], range: Range<usize>, mut allowed: impl FnMut() -> u8) {
        let erased = self.erased();
        for cell in &mut die[range.clone()] {
            *cell ^= (*cell ^ erased) & allowed();
        }
        self.apply_stuck(die, range);
    }

    fn apply_stuck(&self, die: &mut [u8], range: Range<usize>) {
        for stuck in self
            .stuck
            .iter()
            .filter(|stuck| range.contains(&stuck.index))
        {
            let mask = 1 << stuck.bit;
            let cell = &mut die[stuck.index];
            *cell = if stuck.value {
                *cell | mask
            } else {
                *cell & !mask
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imprint_device::{Sectors, Timing};

    /// Sixteen cells after four bytes of another memory, and the die.
    fn cells(erased: u8) -> (Cells, Vec<u8>) {
        let memory = Memory {
            name: "flash".into(),
            kind: MemoryKind::Flash,
            start: 0,
            len: 16,
            aliases: Vec::new(),
            nor: Some(Nor {
                algorithm: None,
                erased,
                sectors: vec![Sectors {
                    len: 16,
                    count: 1,
                    erase_us: None,
                }],
                unit_len: 4,
                timing: Timing {
                    program_unit_ns: 1,
                    erase_sector_us: 1,
                    erase_all_us: 1,
                    source: "test".into(),
                },
            }),
        };
        (Cells::new(&memory, 4), vec![erased; 20])
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
            let (cells, mut die) = cells(erased);
            cells.program(&mut die, 7, &[first], || 0xFF);
            cells.program(&mut die, 7, &[second], || 0xFF);
            assert_eq!(
                die[7], expected,
                "erased {erased:#x} {first:#x} {second:#x}"
            );
            assert_eq!(die[6], erased);
            cells.erase(&mut die, 4..20, || 0xFF);
            assert!(die.iter().all(|byte| *byte == erased));
        }
    }

    #[test]
    fn a_stuck_bit_survives_program_and_erase() {
        let (mut cells, mut die) = cells(0xFF);
        cells.stick(
            &mut die,
            StuckBit {
                index: 5,
                bit: 7,
                value: false,
            },
        );
        assert_eq!(die[5], 0x7F);
        cells.stick(
            &mut die,
            StuckBit {
                index: 6,
                bit: 0,
                value: true,
            },
        );
        cells.program(&mut die, 5, &[0xFF, 0x00], || 0xFF);
        assert_eq!(die[5..7], [0x7F, 0x01]);
        cells.erase(&mut die, 4..20, || 0xFF);
        assert_eq!(die[5], 0x7F);
    }

    #[test]
    fn half_an_operation_leaves_the_other_bits() {
        let (cells, mut die) = cells(0xFF);
        cells.program(&mut die, 4, &[0x00], || 0x0F);
        assert_eq!(die[4], 0xF0);
        cells.erase(&mut die, 4..5, || 0x03);
        assert_eq!(die[4], 0xF3);
    }
}
