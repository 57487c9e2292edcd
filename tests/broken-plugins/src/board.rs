//! A board whose window lies over the flash, which answers first.

use crate::UID;
use imprint_plugin::{Access, Board, BusFault, Chip, Error, ResetKind, Result};
use std::ops::Range;

/// One chip.
pub struct Covering;

impl Board for Covering {
    fn open(chip: &mut dyn Chip, _device: &str, uid: &[u8]) -> Result<Self> {
        chip.poke(UID, uid)
            .map_err(|_| Error::invalid_argument("no memory for the identifier"))?;
        Ok(Self)
    }

    fn windows(&self) -> Vec<Range<u64>> {
        vec![0x0000_8000..0x0000_8004, 0x4000_0000..0x4000_0010]
    }

    fn reset(&mut self, _chip: &mut dyn Chip, _kind: ResetKind) {}

    fn read(&mut self, _chip: &mut dyn Chip, _access: Access) -> Result<u32, BusFault> {
        Ok(0)
    }

    fn write(
        &mut self,
        _chip: &mut dyn Chip,
        _access: Access,
        _value: u32,
    ) -> Result<(), BusFault> {
        Ok(())
    }

    fn cell_write(
        &mut self,
        _chip: &mut dyn Chip,
        _access: Access,
        _value: u32,
    ) -> Result<(), BusFault> {
        Err(BusFault)
    }
}
