//! The flash interface with option bytes, read protection and the one-time programmable area (RM0090 3).

use crate::registers::{
    FLASH, OPTION_BYTES, OPTION_BYTES_LEN, OPTION_BYTES_NWRP, OTP, OTP_BLOCK_LEN, OTP_END,
    OTP_LOCKS, flash::*, rdp, sector, sector_at,
};
use imprint_plugin::{
    Access, BusFault, Chip, DebugAccess, EraseTime, Error, Result, number_property,
};

/// ACR: wait states, prefetch, caches. The two bits that empty the caches read as 0 once that is done.
const ACR_PLAIN: u32 = 0x707;
/// Bits of CR that hold what is written: the operations, their settings and the interrupt enables.
const CR_PLAIN: u32 = CR_PG | CR_SER | CR_MER | CR_SNB | CR_PSIZE | CR_EOPIE | CR_ERRIE;
/// Most sectors that SNB and nWRP of this family can name.
const SECTOR_COUNT_MAX: u64 = 12;

/// Read protection as loaded at the last reset.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Open,
    Protected,
    /// For ever, and without debug port.
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
    /// Takes a key. A wrong one is a bus fault, too (RM0090 3.6.1).
    fn turn(&mut self, key: u32, keys: [u32; 2]) -> Result<(), BusFault> {
        *self = match self {
            Self::Locked if key == keys[0] => Self::Half,
            Self::Half if key == keys[1] => Self::Open,
            // The vendor's algorithms send their keys also to what is open.
            Self::Open => Self::Open,
            _ => Self::Jammed,
        };
        match self {
            Self::Jammed => Err(BusFault),
            _ => Ok(()),
        }
    }

    fn close(&mut self) {
        if *self != Self::Jammed {
            *self = Self::Locked;
        }
    }

    fn is_open(self) -> bool {
        self == Self::Open
    }
}

/// The flash interface.
pub struct FlashInterface {
    flash_len: u64,
    lock: Lock,
    option_lock: Lock,
    acr: u32,
    cr: u32,
    sr: u32,
    /// The options as they were last written, which OPTSTRT programs.
    optcr: u32,
    /// The options as loaded at the last reset, which count.
    loaded: u32,
}

impl FlashInterface {
    pub fn new(chip: &dyn Chip) -> Result<Self> {
        let flash_len = number_property(chip, "flash.kib")? << 10;
        let last = flash_len.checked_sub(1).map(sector_at);
        let ends_with_sector = last
            .map(sector)
            .is_some_and(|(at, len)| at + len == flash_len);
        if !ends_with_sector || last.is_none_or(|last| u64::from(last) >= SECTOR_COUNT_MAX) {
            return Err(Error::invalid_argument(format!(
                "the property `flash.kib` of the device's description is {}, expected whole sectors, 1024 at most",
                flash_len >> 10
            )));
        }
        Ok(Self {
            flash_len,
            lock: Lock::Locked,
            option_lock: Lock::Locked,
            acr: 0,
            cr: 0,
            sr: 0,
            optcr: OPTCR_FACTORY,
            loaded: OPTCR_FACTORY,
        })
    }

    /// Closes the locks and loads the option bytes.
    pub fn reset(&mut self, chip: &mut dyn Chip) {
        (self.lock, self.option_lock) = (Lock::Locked, Lock::Locked);
        (self.acr, self.cr, self.sr) = (0, 0, 0);
        self.loaded = load_options(chip);
        self.optcr = self.loaded;
        chip.set_debug_access(match self.level() {
            Level::Open => DebugAccess::Open,
            // The chip closes its one-time programmable area to the debugger as well; the twin leaves it readable.
            Level::Protected => DebugAccess::NoFlash,
            Level::Closed => DebugAccess::Closed,
        });
    }

    pub fn wait_states(&self) -> u32 {
        self.acr & 7
    }

    fn level(&self) -> Level {
        match (self.loaded >> 8) as u8 {
            rdp::LEVEL_0 => Level::Open,
            rdp::LEVEL_2 => Level::Closed,
            _ => Level::Protected,
        }
    }

    pub fn read(&self, chip: &dyn Chip, address: u64) -> u32 {
        let closed = |lock: Lock, bit| if lock.is_open() { 0 } else { bit };
        match address {
            ACR => self.acr,
            // The end of an operation shows when it is over.
            SR if chip.is_busy() => self.sr & !SR_EOP | SR_BSY,
            SR => self.sr,
            CR => self.cr | closed(self.lock, CR_LOCK),
            OPTCR => self.optcr | closed(self.option_lock, OPTCR_LOCK),
            _ => 0,
        }
    }

    pub fn write(&mut self, chip: &mut dyn Chip, address: u64, value: u32) -> Result<(), BusFault> {
        match address {
            ACR => self.acr = value & ACR_PLAIN,
            KEYR => self.lock.turn(value, KEYS)?,
            OPTKEYR => self.option_lock.turn(value, OPTION_KEYS)?,
            SR => self.sr &= !(value & (SR_EOP | SR_ERRORS)),
            CR if self.lock.is_open() => self.write_control(chip, value)?,
            OPTCR if self.option_lock.is_open() => self.write_options(chip, value)?,
            _ => {}
        }
        Ok(())
    }

    fn write_control(&mut self, chip: &mut dyn Chip, value: u32) -> Result<(), BusFault> {
        self.cr = value & CR_PLAIN;
        if value & CR_LOCK != 0 {
            self.lock.close();
        }
        if value & CR_STRT == 0 || chip.is_busy() {
            return Ok(());
        }
        if self.cr & CR_MER != 0 {
            self.erase(chip, 0, self.flash_len, EraseTime::All)
        } else if self.cr & CR_SER != 0 {
            let (offset, len) = sector((self.cr & CR_SNB) >> CR_SNB.trailing_zeros());
            self.erase(chip, offset, len, EraseTime::Sector)
        } else {
            Ok(())
        }
    }

    fn erase(
        &mut self,
        chip: &mut dyn Chip,
        offset: u64,
        len: u64,
        time: EraseTime,
    ) -> Result<(), BusFault> {
        if offset + len > self.flash_len {
            self.fail(SR_PGSERR);
        } else if self.is_write_protected(offset, len) {
            self.fail(SR_WRPERR);
        } else {
            chip.erase(FLASH + offset, len, time)?;
            self.succeed();
        }
        Ok(())
    }

    fn write_options(&mut self, chip: &mut dyn Chip, value: u32) -> Result<(), BusFault> {
        self.optcr = value & (OPTCR_USER | OPTCR_RDP | OPTCR_NWRP);
        if value & OPTCR_LOCK != 0 {
            self.option_lock.close();
        }
        let starts = value & OPTCR_START != 0 && !chip.is_busy();
        if !starts || self.level() == Level::Closed {
            return Ok(());
        }
        // Opening a protected chip erases its flash first (RM0090 3.6.3).
        if self.level() == Level::Protected && (self.optcr >> 8) as u8 == rdp::LEVEL_0 {
            chip.erase(FLASH, self.flash_len, EraseTime::All)?;
        }
        chip.erase(OPTION_BYTES, OPTION_BYTES_LEN, EraseTime::Sector)?;
        let [user_and_rdp, nwrp] = option_cells(self.optcr);
        chip.program(OPTION_BYTES, &user_and_rdp.to_le_bytes())?;
        chip.program(OPTION_BYTES_NWRP, &nwrp.to_le_bytes())?;
        self.succeed();
        Ok(())
    }

    /// Protected by nWRP, or all of it by read protection: a chip that is read-protected changes its flash only by code in
    /// that flash (RM0090 table 14), and the board cannot tell where the running code lies.
    fn is_write_protected(&self, offset: u64, len: u64) -> bool {
        let mut sectors = sector_at(offset)..=sector_at(offset + len - 1);
        self.level() != Level::Open || sectors.any(|sector| self.loaded >> 16 & 1 << sector == 0)
    }

    /// A write to flash, to the one-time programmable area or to another memory. Bits go from 1 to 0 only, and nothing
    /// asks whether a place was erased. What the interface does not allow sets a flag and changes nothing (RM0090 3.5.2).
    pub fn cell_write(
        &mut self,
        chip: &mut dyn Chip,
        access: Access,
        value: u32,
    ) -> Result<(), BusFault> {
        let address = u64::from(access.address);
        // With the pins of a usual board the flash appears at 0, too.
        let offset = if address < self.flash_len {
            Some(address)
        } else {
            address.checked_sub(FLASH)
        };
        let offset = offset.filter(|offset| *offset < self.flash_len);
        let is_protected = match offset {
            Some(offset) => self.is_write_protected(offset, access.size.into()),
            None if (OTP..OTP_END).contains(&address) => is_otp_locked(chip, address)?,
            None => return Err(BusFault),
        };
        let width = 1 << ((self.cr & CR_PSIZE) >> CR_PSIZE.trailing_zeros());
        if !self.lock.is_open() || self.cr & CR_PG == 0 {
            self.fail(SR_PGSERR);
        } else if u32::from(access.size) != width {
            self.fail(SR_PGPERR);
        } else if is_protected {
            self.fail(SR_WRPERR);
        } else {
            let at = offset.map_or(address, |offset| FLASH + offset);
            chip.program(at, &value.to_le_bytes()[..access.size.into()])?;
            self.succeed();
        }
        Ok(())
    }

    fn succeed(&mut self) {
        if self.cr & CR_EOPIE != 0 {
            self.sr |= SR_EOP;
        }
    }

    fn fail(&mut self, flag: u32) {
        self.sr |= flag;
        if self.cr & CR_ERRIE != 0 {
            self.sr |= SR_OPERR;
        }
    }
}

/// The two half-words that options are programmed as: user options with read protection, write protection. Bits without
/// a meaning stay erased.
pub fn option_cells(optcr: u32) -> [u16; 2] {
    let user_and_rdp = optcr & (OPTCR_USER | OPTCR_RDP) | 0b11;
    let nwrp = optcr >> 16 | !(OPTCR_NWRP >> 16);
    [user_and_rdp as u16, nwrp as u16]
}

/// The options in the cells. Without option bytes in the description they count as erased.
fn load_options(chip: &dyn Chip) -> u32 {
    let half_word = |address| {
        let mut bytes = [0xFF; 2];
        let _ = chip.peek(address, &mut bytes);
        u32::from(u16::from_le_bytes(bytes))
    };
    let user_and_rdp = half_word(OPTION_BYTES) & (OPTCR_USER | OPTCR_RDP);
    user_and_rdp | half_word(OPTION_BYTES_NWRP) << 16 & OPTCR_NWRP
}

/// A block whose lock byte is programmed takes nothing more; the lock bytes are no block (RM0090 3.7).
fn is_otp_locked(chip: &dyn Chip, address: u64) -> Result<bool, BusFault> {
    if address >= OTP_LOCKS {
        return Ok(false);
    }
    let mut lock = [0];
    chip.peek(OTP_LOCKS + (address - OTP) / OTP_BLOCK_LEN, &mut lock)?;
    Ok(lock != [0xFF])
}
