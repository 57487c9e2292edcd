//! The flash program and erase controller with option bytes and read protection (PM0075, RM0360 3).

use crate::{
    option_bytes::{self, RDP, WRP0},
    registers::{FLASH, OPTION_BYTES, OPTION_BYTES_LEN, RDP_LEVEL_2, fpec::*},
};
use imprint_plugin::{
    Access, BusFault, Chip, DebugAccess, EraseTime, Error, ResetKind, Result, number_property,
};

/// Bits of CR that hold what is written: the operations and the interrupt enables.
const CR_PLAIN: u32 = CR_PG | CR_PER | CR_MER | CR_OPTPG | CR_OPTER | 1 << 10 | 1 << 12;
/// Flash that one bit of WRPR protects: 4 KiB on both chips.
const WRPR_BIT_LEN: u64 = 4096;
/// ACR out of reset: prefetch on.
const ACR_RESET: u32 = 0x30;

/// Read protection as loaded at the last reset.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Open,
    Protected,
    /// For ever, and without debug port (STM32F0).
    Closed,
}

/// A lock that two keys open. A wrong key closes it until the next reset.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lock {
    Locked,
    /// The first key was right.
    Half,
    Open,
    Jammed,
}

impl Lock {
    fn key(self, key: u32) -> Self {
        match (self, key) {
            (Self::Locked, key) if key == KEYS[0] => Self::Half,
            (Self::Half, key) if key == KEYS[1] => Self::Open,
            (Self::Open, _) => Self::Open,
            _ => Self::Jammed,
        }
    }
}

/// The controller.
pub struct Fpec {
    flash_len: u64,
    page_len: u64,
    open_key: u8,
    /// `rdp.levels` 3: OBR has two bits for the level, level 2 exists, CR.OBL_LAUNCH exists (STM32F0).
    has_level_2: bool,
    lock: Lock,
    option_lock: Lock,
    acr: u32,
    cr: u32,
    sr: u32,
    ar: u32,
    obr: u32,
    wrpr: u32,
    level: Level,
}

impl Fpec {
    pub fn new(chip: &dyn Chip) -> Result<Self> {
        let page_len = number_property(chip, "flash.page_len")?;
        if page_len == 0 {
            return Err(Error::invalid_argument(
                "the device's description has pages of 0 bytes",
            ));
        }
        Ok(Self {
            flash_len: page_len * number_property(chip, "flash.page_count")?,
            page_len,
            open_key: number_property(chip, "rdp.open")? as u8,
            has_level_2: number_property(chip, "rdp.levels")? == 3,
            lock: Lock::Locked,
            option_lock: Lock::Locked,
            acr: ACR_RESET,
            cr: 0,
            sr: 0,
            ar: 0,
            obr: 0,
            wrpr: u32::MAX,
            level: Level::Open,
        })
    }

    /// Closes the locks and loads the option bytes.
    pub fn reset(&mut self, chip: &mut dyn Chip) {
        (self.lock, self.option_lock) = (Lock::Locked, Lock::Locked);
        (self.acr, self.cr, self.sr, self.ar) = (ACR_RESET, 0, 0, 0);
        self.load_options(chip);
        chip.set_debug_access(match self.level {
            Level::Open => DebugAccess::Open,
            Level::Protected => DebugAccess::NoFlash,
            Level::Closed => DebugAccess::Closed,
        });
    }

    fn load_options(&mut self, chip: &dyn Chip) {
        let mut cells = [0xFF; OPTION_BYTES_LEN as usize];
        // Without option bytes in the description they count as erased.
        let _ = chip.peek(OPTION_BYTES, &mut cells);
        let loaded = cells
            .as_chunks()
            .0
            .iter()
            .map(|pair| option_bytes::byte_of(u16::from_le_bytes(*pair)));
        let (bytes, right): (Vec<u8>, Vec<bool>) = loaded.unzip();
        let rdp = bytes[RDP];
        self.level = match rdp {
            rdp if rdp == self.open_key => Level::Open,
            RDP_LEVEL_2 if self.has_level_2 => Level::Closed,
            _ => Level::Protected,
        };
        let [user, data0, data1] = [bytes[1], bytes[2], bytes[3]].map(u32::from);
        let level = match self.level {
            Level::Open => 0,
            Level::Protected => OBR_RDPRT,
            Level::Closed => OBR_RDPRT | OBR_RDPRT2,
        };
        let error = if right.contains(&false) {
            OBR_OPTERR
        } else {
            0
        };
        self.obr = error
            | level
            | if self.has_level_2 {
                user << 8 | data0 << 16 | data1 << 24
            } else {
                user << 2 | data0 << 10 | data1 << 18
            };
        self.wrpr = u32::from_le_bytes([
            bytes[WRP0],
            bytes[WRP0 + 1],
            bytes[WRP0 + 2],
            bytes[WRP0 + 3],
        ]);
    }

    pub fn wait_states(&self) -> u32 {
        self.acr & 7
    }

    pub fn read(&self, chip: &dyn Chip, address: u64) -> u32 {
        let busy = chip.is_busy();
        match address {
            ACR => self.acr,
            // The end of an operation shows when it is over.
            SR if busy => self.sr & !SR_EOP | SR_BSY,
            SR => self.sr,
            CR => {
                let lock = if self.lock == Lock::Open { 0 } else { CR_LOCK };
                let option_lock = if self.option_lock == Lock::Open {
                    CR_OPTWRE
                } else {
                    0
                };
                let start = if busy && self.cr & (CR_PER | CR_MER | CR_OPTER) != 0 {
                    CR_STRT
                } else {
                    0
                };
                self.cr | lock | option_lock | start
            }
            AR => self.ar,
            OBR => self.obr,
            WRPR => self.wrpr,
            _ => 0,
        }
    }

    pub fn write(&mut self, chip: &mut dyn Chip, address: u64, value: u32) -> Result<(), BusFault> {
        match address {
            ACR => self.acr = value & 0x3F,
            KEYR => self.lock = self.lock.key(value),
            // The option bytes open only after the controller.
            OPTKEYR if self.lock == Lock::Open => self.option_lock = self.option_lock.key(value),
            SR => self.sr &= !(value & (SR_PGERR | SR_WRPRTERR | SR_EOP)),
            AR => self.ar = value,
            CR if self.lock == Lock::Open => self.write_control(chip, value)?,
            _ => {}
        }
        Ok(())
    }

    fn write_control(&mut self, chip: &mut dyn Chip, value: u32) -> Result<(), BusFault> {
        self.cr = value & CR_PLAIN;
        if value & CR_OPTWRE == 0 {
            self.option_lock = match self.option_lock {
                Lock::Open => Lock::Locked,
                lock => lock,
            };
        }
        if value & CR_LOCK != 0 {
            (self.lock, self.option_lock) = (Lock::Locked, Lock::Locked);
        }
        if value & CR_STRT != 0 {
            self.start_erase(chip)?;
        }
        if value & CR_OBL_LAUNCH != 0 && self.has_level_2 {
            chip.request_reset(ResetKind::System);
        }
        Ok(())
    }

    fn start_erase(&mut self, chip: &mut dyn Chip) -> Result<(), BusFault> {
        if self.cr & CR_OPTER != 0 {
            if self.option_lock == Lock::Open && self.level != Level::Closed {
                chip.erase(OPTION_BYTES, OPTION_BYTES_LEN, EraseTime::Sector)?;
                self.sr |= SR_EOP;
            }
        } else if self.cr & CR_MER != 0 {
            if self.is_write_protected(FLASH, self.flash_len) {
                self.sr |= SR_WRPRTERR;
            } else {
                chip.erase(FLASH, self.flash_len, EraseTime::All)?;
                self.sr |= SR_EOP;
            }
        } else if self.cr & CR_PER != 0 {
            let page = u64::from(self.ar) / self.page_len * self.page_len;
            if !(FLASH..FLASH + self.flash_len).contains(&page) {
                return Ok(());
            }
            if self.is_write_protected(page, self.page_len) {
                self.sr |= SR_WRPRTERR;
            } else {
                chip.erase(page, self.page_len, EraseTime::Sector)?;
                self.sr |= SR_EOP;
            }
        }
        Ok(())
    }

    /// Protected by WRPR, or all of it by read protection: a chip that is read-protected changes its flash only by code
    /// in that flash (PM0075 2.4.1), and the board cannot tell where the running code lies.
    fn is_write_protected(&self, address: u64, len: u64) -> bool {
        if self.level != Level::Open {
            return true;
        }
        let first = (address - FLASH) / WRPR_BIT_LEN;
        let last = (address - FLASH + len - 1) / WRPR_BIT_LEN;
        // The last bit covers the rest of a larger flash.
        (first..=last).any(|sector| self.wrpr & 1 << sector.min(31) == 0)
    }

    /// A write to flash or to the option bytes. Anything but a half-word is a bus fault (PM0075 2.3.3); so is, here, a
    /// write that was not enabled, on which the manuals are silent: a mistake is to be seen.
    pub fn cell_write(
        &mut self,
        chip: &mut dyn Chip,
        access: Access,
        value: u32,
    ) -> Result<(), BusFault> {
        let address = u64::from(access.address);
        if access.size != 2 || self.lock != Lock::Open {
            return Err(BusFault);
        }
        let flash_offset = if address < self.flash_len {
            Some(address)
        } else {
            address.checked_sub(FLASH)
        };
        match flash_offset {
            Some(offset) if offset < self.flash_len && self.cr & CR_PG != 0 => {
                self.program_flash(chip, FLASH + offset, value as u16)
            }
            _ if (OPTION_BYTES..OPTION_BYTES + OPTION_BYTES_LEN).contains(&address)
                && self.cr & CR_OPTPG != 0
                && self.option_lock == Lock::Open =>
            {
                self.program_option(chip, address, value as u8)
            }
            _ => Err(BusFault),
        }
    }

    fn program_flash(
        &mut self,
        chip: &mut dyn Chip,
        address: u64,
        value: u16,
    ) -> Result<(), BusFault> {
        if self.is_write_protected(address, 2) {
            self.sr |= SR_WRPRTERR;
            return Ok(());
        }
        // Zero may be programmed over anything (PM0075 2.3.3).
        if peek(chip, address)? != 0xFFFF && value != 0 {
            self.sr |= SR_PGERR;
            return Ok(());
        }
        chip.program(address, &value.to_le_bytes())?;
        self.sr |= SR_EOP;
        Ok(())
    }

    /// The controller takes the byte and makes the complement itself (PM0075 2.4.4). The key that opens a protected chip
    /// first erases its flash (PM0075 2.4.2, RM0360 3.3.1).
    fn program_option(
        &mut self,
        chip: &mut dyn Chip,
        address: u64,
        byte: u8,
    ) -> Result<(), BusFault> {
        if self.level == Level::Closed {
            self.sr |= SR_WRPRTERR;
            return Ok(());
        }
        if peek(chip, address)? != 0xFFFF {
            self.sr |= SR_PGERR;
            return Ok(());
        }
        let opens = address == option_bytes::address(RDP) && byte == self.open_key;
        if opens && self.level == Level::Protected {
            chip.erase(FLASH, self.flash_len, EraseTime::All)?;
        }
        chip.program(address, &option_bytes::half_word(byte).to_le_bytes())?;
        self.sr |= SR_EOP;
        Ok(())
    }
}

fn peek(chip: &dyn Chip, address: u64) -> Result<u16, BusFault> {
    let mut bytes = [0; 2];
    chip.peek(address, &mut bytes)?;
    Ok(u16::from_le_bytes(bytes))
}
