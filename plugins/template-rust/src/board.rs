//! The chip's own part of a virtual A1: factory data, flash controller, lock, access port 1.
//!
//! Written from the datasheet and not from the family, or both would share one mistake.

use crate::{
    CONTROL, CONTROL_ERASE, CONTROL_PROGRAM, CONTROL_READ, ERASE, FLASH, LOCK, PART, PORT,
    PORT_BUSY, PORT_ERASE, PORT_LOCKED, PORT_STATUS, SECTOR_LEN, STATUS, STATUS_BUSY, UID,
};
use imprint_plugin::{
    Access, Board, BusFault, Chip, DebugAccess, EraseTime, Error, ResetKind, Result,
    number_property,
};
use std::ops::Range;

/// What is not in cells.
pub struct A1Board {
    flash_len: u64,
    control: u32,
    /// The lock as it was at the last reset: only a reset arms it.
    is_locked: bool,
}

impl Board for A1Board {
    fn open(chip: &mut dyn Chip, _device: &str, uid: &[u8]) -> Result<Self> {
        let part = number_property(chip, "part")? as u32;
        let no_memory =
            |_| Error::invalid_argument("the device file has no memory for the factory data");
        chip.poke(PART, &part.to_le_bytes()).map_err(no_memory)?;
        chip.poke(UID, uid).map_err(no_memory)?;
        Ok(Self {
            flash_len: number_property(chip, "flash.end")? - FLASH,
            control: CONTROL_READ,
            is_locked: false,
        })
    }

    fn windows(&self) -> Vec<Range<u64>> {
        let controller = CONTROL..STATUS + 4;
        vec![controller]
    }

    fn reset(&mut self, chip: &mut dyn Chip, _kind: ResetKind) {
        let mut lock = [0xFF; 4];
        // The memory was there when the board was opened.
        let _ = chip.peek(LOCK, &mut lock);
        self.control = CONTROL_READ;
        self.is_locked = lock != [0xFF; 4];
        chip.set_debug_access(match self.is_locked {
            true => DebugAccess::Closed,
            false => DebugAccess::Open,
        });
    }

    fn read(&mut self, chip: &mut dyn Chip, access: Access) -> Result<u32, BusFault> {
        let word = match u64::from(access.word_address()) {
            CONTROL => self.control,
            STATUS if chip.is_busy() => STATUS_BUSY,
            _ => 0,
        };
        Ok(access.read_from(word))
    }

    fn write(&mut self, chip: &mut dyn Chip, access: Access, value: u32) -> Result<(), BusFault> {
        match u64::from(access.word_address()) {
            CONTROL => self.control = value & 3,
            ERASE if self.control == CONTROL_ERASE => {
                let sector = u64::from(value) / SECTOR_LEN * SECTOR_LEN;
                chip.erase(sector, SECTOR_LEN, EraseTime::Sector)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn cell_write(
        &mut self,
        chip: &mut dyn Chip,
        access: Access,
        value: u32,
    ) -> Result<(), BusFault> {
        // Strict on purpose: a board that forgives hides a mistake that a chip punishes.
        if self.control != CONTROL_PROGRAM || access.size != 4 {
            return Err(BusFault);
        }
        chip.program(access.address.into(), &value.to_le_bytes())
    }

    fn ap_read(&mut self, chip: &mut dyn Chip, ap: u32, register: u32) -> Option<u32> {
        let busy = if chip.is_busy() { PORT_BUSY } else { 0 };
        let locked = if self.is_locked { PORT_LOCKED } else { 0 };
        (ap == PORT).then_some(match register {
            PORT_STATUS => busy | locked,
            _ => 0,
        })
    }

    fn ap_write(&mut self, chip: &mut dyn Chip, ap: u32, register: u32, value: u32) -> Option<()> {
        if ap != PORT {
            return None;
        }
        if register == PORT_ERASE && value & 1 == 1 {
            // The lock word and the flash are erased together, in the time of one erase.
            let _ = chip.erase(LOCK, SECTOR_LEN, EraseTime::Free);
            let _ = chip.erase(FLASH, self.flash_len, EraseTime::All);
            self.is_locked = false;
            chip.set_debug_access(DebugAccess::Open);
        }
        Some(())
    }
}
