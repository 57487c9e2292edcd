//! Registers of the flash controller and of what else both sides of the plugin know.

/// Main flash.
pub const FLASH: u64 = 0x0800_0000;
/// Option bytes: eight half-words, each a byte and its complement.
pub const OPTION_BYTES: u64 = 0x1FFF_F800;
/// Bytes of the option byte area.
pub const OPTION_BYTES_LEN: u64 = 16;

/// Flash program and erase controller (PM0075 3, RM0360 3.5).
pub mod fpec {
    /// Access control: wait states in bits 2:0.
    pub const ACR: u64 = 0x4002_2000;
    /// Takes the two keys that open `CR`.
    pub const KEYR: u64 = 0x4002_2004;
    /// Takes the two keys that open the option bytes.
    pub const OPTKEYR: u64 = 0x4002_2008;
    /// Status.
    pub const SR: u64 = 0x4002_200C;
    /// Control.
    pub const CR: u64 = 0x4002_2010;
    /// Address of the page to erase.
    pub const AR: u64 = 0x4002_2014;
    /// Option bytes as loaded at the last reset.
    pub const OBR: u64 = 0x4002_201C;
    /// Write protection as loaded at the last reset; 0 protects.
    pub const WRPR: u64 = 0x4002_2020;

    /// The keys of `KEYR` and `OPTKEYR`.
    pub const KEYS: [u32; 2] = [0x4567_0123, 0xCDEF_89AB];

    /// `SR`: an operation is under way.
    pub const SR_BSY: u32 = 1 << 0;
    /// `SR`: the place to program was not erased.
    pub const SR_PGERR: u32 = 1 << 2;
    /// `SR`: the place is protected against writing.
    pub const SR_WRPRTERR: u32 = 1 << 4;
    /// `SR`: an operation ended.
    pub const SR_EOP: u32 = 1 << 5;

    /// `CR`: half-words written to flash are programmed.
    pub const CR_PG: u32 = 1 << 0;
    /// `CR`: erase of a page.
    pub const CR_PER: u32 = 1 << 1;
    /// `CR`: erase of the main flash.
    pub const CR_MER: u32 = 1 << 2;
    /// `CR`: half-words written to the option bytes are programmed.
    pub const CR_OPTPG: u32 = 1 << 4;
    /// `CR`: erase of the option bytes.
    pub const CR_OPTER: u32 = 1 << 5;
    /// `CR`: starts an erase.
    pub const CR_STRT: u32 = 1 << 6;
    /// `CR`: closed; the state out of reset.
    pub const CR_LOCK: u32 = 1 << 7;
    /// `CR`: the option bytes are open.
    pub const CR_OPTWRE: u32 = 1 << 9;
    /// `CR`: loads the option bytes and resets the chip (STM32F0).
    pub const CR_OBL_LAUNCH: u32 = 1 << 13;

    /// `OBR`: a byte and its complement differ.
    pub const OBR_OPTERR: u32 = 1 << 0;
    /// `OBR`: read protection is on.
    pub const OBR_RDPRT: u32 = 1 << 1;
    /// `OBR`: it is level 2 (STM32F0).
    pub const OBR_RDPRT2: u32 = 1 << 2;
}

/// The byte RDP that no STM32 of this family leaves again: level 2 (RM0360 3.3.1; STM32F1 has no such level).
pub const RDP_LEVEL_2: u8 = 0xCC;
