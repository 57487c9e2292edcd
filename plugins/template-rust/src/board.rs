//! The chip's own part of a virtual A1: factory data, flash controller, lock, access port 1.
//!
//! Written from the datasheet and not from the family, or both would share one mistake.

use crate::{
    CONTROL, CONTROL_ERASE, CONTROL_PROGRAM, CONTROL_READ, ERASE, FLASH, LOCK, PART, PORT,
    PORT_BUSY, PORT_ERASE, PORT_LOCKED, PORT_STATUS, SECTOR_LEN, STATUS, STATUS_BUSY,
    STATUS_FAILED, UID,
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
    has_failed: bool,
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
            has_failed: false,
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
        self.has_failed = false;
        self.is_locked = lock != [0xFF; 4];
        chip.set_debug_access(match self.is_locked {
            true => DebugAccess::Closed,
            false => DebugAccess::Open,
        });
    }

    fn read(&mut self, chip: &mut dyn Chip, access: Access) -> Result<u32, BusFault> {
        let busy = if chip.is_busy() { STATUS_BUSY } else { 0 };
        let failed = if self.has_failed { STATUS_FAILED } else { 0 };
        let word = match u64::from(access.word_address()) {
            CONTROL => self.control,
            STATUS => busy | failed,
            _ => 0,
        };
        Ok(access.read_from(word))
    }

    fn write(&mut self, chip: &mut dyn Chip, access: Access, value: u32) -> Result<(), BusFault> {
        match u64::from(access.word_address()) {
            CONTROL => {
                self.control = value & 3;
                self.has_failed = false;
            }
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
        let (address, mut cells) = (u64::from(access.address), [0; 4]);
        chip.peek(address, &mut cells)?;
        let word = value.to_le_bytes();
        match cells == [0xFF; 4] || cells == word || word == [0xFF; 4] {
            true => chip.program(address, &word)?,
            false => self.has_failed = true,
        }
        Ok(())
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
