//! A plain board, for families that bring none: registers that hold what is written, cells that can be programmed.
//!
//! It knows no chip, so it has no flash controller, no identity and no protection. What such a family does to its chip
//! cannot be judged on it; how it behaves at the boundary can.

use imprint_twin::{Access, BusFault, Chip, Peripherals, ResetKind};
use std::{collections::BTreeMap, ops::Range};

/// Where Cortex-M chips have their peripherals (ARMv7-M Architecture Reference Manual B3.1).
const PERIPHERALS: Range<u64> = 0x4000_0000..0x6000_0000;

/// One chip.
#[derive(Default)]
pub struct PlainBoard {
    registers: BTreeMap<u32, u32>,
}

impl PlainBoard {
    /// Puts the identifier where the device's description has it.
    pub fn open(chip: &mut dyn Chip, uid_address: Option<u64>, uid: &[u8]) -> Box<dyn Peripherals> {
        if let Some(address) = uid_address {
            // A description may place it outside of its memories; then nobody reads it either.
            let _ = chip.poke(address, uid);
        }
        Box::new(PlainBoard::default())
    }
}

impl Peripherals for PlainBoard {
    fn windows(&self) -> Vec<Range<u64>> {
        vec![PERIPHERALS]
    }

    fn reset(&mut self, _chip: &mut dyn Chip, _kind: ResetKind) {
        self.registers.clear();
    }

    fn read(&mut self, _chip: &mut dyn Chip, access: Access) -> Result<u32, BusFault> {
        let word = self.registers.get(&(access.address & !3)).copied();
        Ok(word.unwrap_or(0) >> (8 * (access.address & 3)))
    }

    fn write(&mut self, _chip: &mut dyn Chip, access: Access, value: u32) -> Result<(), BusFault> {
        self.registers.insert(access.address & !3, value);
        Ok(())
    }

    fn cell_write(
        &mut self,
        chip: &mut dyn Chip,
        access: Access,
        value: u32,
    ) -> Result<(), BusFault> {
        let bytes = value.to_le_bytes();
        chip.program(
            access.address.into(),
            &bytes[..usize::from(access.size.min(4))],
        )
    }

    fn ap_read(&mut self, _chip: &mut dyn Chip, _ap: u8, _register: u8) -> Option<u32> {
        None
    }

    fn ap_write(
        &mut self,
        _chip: &mut dyn Chip,
        _ap: u8,
        _register: u8,
        _value: u32,
    ) -> Option<()> {
        None
    }

    fn save(&mut self) -> Vec<u8> {
        Vec::new()
    }

    fn load(&mut self, state: &[u8]) -> bool {
        state.is_empty()
    }
}
