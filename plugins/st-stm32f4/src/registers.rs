//! Addresses and registers that both sides of the plugin know.

/// Main flash.
pub const FLASH: u64 = 0x0800_0000;
/// One-time programmable area: 16 blocks of 32 bytes (RM0090 3.7).
pub const OTP: u64 = 0x1FFF_7800;
/// Bytes of one OTP block.
pub const OTP_BLOCK_LEN: u64 = 32;
/// A lock byte for each OTP block, behind them.
pub const OTP_LOCKS: u64 = 0x1FFF_7A00;
/// First address past the OTP area.
pub const OTP_END: u64 = 0x1FFF_7A10;
/// Unique identifier, 96 bits (RM0090 39.1).
pub const UID: u64 = 0x1FFF_7A10;
/// Bytes of the unique identifier.
pub const UID_LEN: usize = 12;
/// Size of the flash in KiB, 16 bits (RM0090 39.2).
pub const FLASH_SIZE: u64 = 0x1FFF_7A22;
/// Option bytes: user options and read protection, then write protection at + 8 (RM0090 3.6.1, table 12).
pub const OPTION_BYTES: u64 = 0x1FFF_C000;
/// Bytes of the option byte area.
pub const OPTION_BYTES_LEN: u64 = 16;
/// Of the write protection in the option byte area.
pub const OPTION_BYTES_NWRP: u64 = OPTION_BYTES + 8;

/// DBGMCU_IDCODE: device in bits 11:0, revision in bits 31:16 (RM0090 38.6.1).
pub const IDCODE: u64 = 0xE004_2000;

/// Flash interface (RM0090 3.9).
pub mod flash {
    /// Access control: wait states in bits 2:0.
    pub const ACR: u64 = 0x4002_3C00;
    /// Takes the two keys that open `CR`.
    pub const KEYR: u64 = 0x4002_3C04;
    /// Takes the two keys that open `OPTCR`.
    pub const OPTKEYR: u64 = 0x4002_3C08;
    /// Status.
    pub const SR: u64 = 0x4002_3C0C;
    /// Control.
    pub const CR: u64 = 0x4002_3C10;
    /// Option bytes.
    pub const OPTCR: u64 = 0x4002_3C14;

    /// The keys of `KEYR`.
    pub const KEYS: [u32; 2] = [0x4567_0123, 0xCDEF_89AB];
    /// The keys of `OPTKEYR`.
    pub const OPTION_KEYS: [u32; 2] = [0x0819_2A3B, 0x4C5D_6E7F];

    /// `SR`: an operation ended; set only while `CR_EOPIE` is.
    pub const SR_EOP: u32 = 1 << 0;
    /// `SR`: an operation could not run; set only while `CR_ERRIE` is.
    pub const SR_OPERR: u32 = 1 << 1;
    /// `SR`: the place is protected against writing.
    pub const SR_WRPERR: u32 = 1 << 4;
    /// `SR`: data crossed a row of 128 bits. Only a burst can do that.
    pub const SR_PGAERR: u32 = 1 << 5;
    /// `SR`: the write had another width than `CR_PSIZE` says.
    pub const SR_PGPERR: u32 = 1 << 6;
    /// `SR`: a write that `CR` does not allow.
    pub const SR_PGSERR: u32 = 1 << 7;
    /// `SR`: an operation is under way.
    pub const SR_BSY: u32 = 1 << 16;
    /// `SR`: the bits of errors.
    pub const SR_ERRORS: u32 = SR_OPERR | SR_WRPERR | SR_PGAERR | SR_PGPERR | SR_PGSERR;

    /// `CR`: what is written to flash is programmed.
    pub const CR_PG: u32 = 1 << 0;
    /// `CR`: erase of the sector `CR_SNB`.
    pub const CR_SER: u32 = 1 << 1;
    /// `CR`: erase of the main flash.
    pub const CR_MER: u32 = 1 << 2;
    /// `CR`: number of the sector to erase.
    pub const CR_SNB: u32 = 0xF << 3;
    /// `CR`: bytes programmed at once, as a power of 2.
    pub const CR_PSIZE: u32 = 0b11 << 8;
    /// `CR`: starts an erase.
    pub const CR_STRT: u32 = 1 << 16;
    /// `CR`: an interrupt at the end of an operation.
    pub const CR_EOPIE: u32 = 1 << 24;
    /// `CR`: an interrupt at an error.
    pub const CR_ERRIE: u32 = 1 << 25;
    /// `CR`: closed; the state out of reset.
    pub const CR_LOCK: u32 = 1 << 31;

    /// `OPTCR`: closed; the state out of reset.
    pub const OPTCR_LOCK: u32 = 1 << 0;
    /// `OPTCR`: programs the option bytes.
    pub const OPTCR_START: u32 = 1 << 1;
    /// `OPTCR`: BOR_LEV, WDG_SW, nRST_STOP, nRST_STDBY.
    pub const OPTCR_USER: u32 = 0b1110_1100;
    /// `OPTCR`: read protection.
    pub const OPTCR_RDP: u32 = 0xFF << 8;
    /// `OPTCR`: write protection, a bit a sector, 0 protects.
    pub const OPTCR_NWRP: u32 = 0xFFF << 16;
    /// `OPTCR` as the factory left it, without the bits that are no options (RM0090 3.9.6).
    pub const OPTCR_FACTORY: u32 = 0x0FFF_AAEC;
}

/// Levels of the read protection, by the byte RDP (RM0090 3.6.3). Every byte but these two is level 1.
pub mod rdp {
    /// Open.
    pub const LEVEL_0: u8 = 0xAA;
    /// For ever: no debug port, no way back. Nothing in this plugin writes it.
    pub const LEVEL_2: u8 = 0xCC;
    /// What protects: the complement of the open one.
    pub const LEVEL_1: u8 = 0x55;
}

/// The sector at a place in the flash (RM0090 table 5): four of 16 KiB, one of 64 KiB, then 128 KiB each.
pub fn sector_at(offset: u64) -> u32 {
    match offset >> 14 {
        small @ 0..4 => small as u32,
        4..8 => 4,
        _ => 4 + (offset >> 17) as u32,
    }
}

/// Offset and length of a sector.
pub fn sector(number: u32) -> (u64, u64) {
    match u64::from(number) {
        small @ 0..4 => (small << 14, 0x4000),
        4 => (0x1_0000, 0x1_0000),
        large => ((large - 4) << 17, 0x2_0000),
    }
}

#[cfg(test)]
mod tests {
    use super::{sector, sector_at};

    #[test]
    fn sectors_follow_one_another() {
        let mut end = 0;
        for number in 0..12 {
            let (offset, len) = sector(number);
            assert_eq!(offset, end, "sector {number}");
            end = offset + len;
            assert_eq!((sector_at(offset), sector_at(end - 1)), (number, number));
        }
        assert_eq!(end, 1 << 20);
    }
}
