//! The two generations, and the addresses they share.

use imprint_plugin::{Error, Result};

/// Factory information configuration registers.
pub const FICR: u64 = 0x1000_0000;
/// Bytes of the factory registers that `ficr-read` reaches.
pub const FICR_LEN: u64 = 0x400;
/// FICR.CODEPAGESIZE: length of a flash page in bytes.
pub const FICR_CODEPAGESIZE: u64 = FICR + 0x010;
/// FICR.CODESIZE: number of flash pages.
pub const FICR_CODESIZE: u64 = FICR + 0x014;
/// FICR.CONFIGID: hardware and firmware id (nRF51).
pub const FICR_CONFIGID: u64 = FICR + 0x05C;
/// FICR.DEVICEID: the 64-bit unique identifier.
pub const FICR_DEVICEID: u64 = FICR + 0x060;
/// FICR.INFO.PART (nRF52).
pub const FICR_INFO_PART: u64 = FICR + 0x100;
/// FICR.INFO.VARIANT: four characters, the first one in the highest byte (nRF52).
pub const FICR_INFO_VARIANT: u64 = FICR + 0x104;
/// FICR.INFO.PACKAGE (nRF52).
pub const FICR_INFO_PACKAGE: u64 = FICR + 0x108;
/// FICR.INFO.RAM: KiB (nRF52).
pub const FICR_INFO_RAM: u64 = FICR + 0x10C;
/// FICR.INFO.FLASH: KiB (nRF52).
pub const FICR_INFO_FLASH: u64 = FICR + 0x110;

/// User information configuration registers.
pub const UICR: u64 = 0x1000_1000;
/// UICR.RBPCONF: readback protection (nRF51).
pub const UICR_RBPCONF: u64 = UICR + 0x004;
/// UICR.APPROTECT: access port protection (nRF52).
pub const UICR_APPROTECT: u64 = UICR + 0x208;

/// Length of the unique identifier in bytes.
pub const UID_LEN: usize = 8;

/// RAM.
pub const RAM: u64 = 0x2000_0000;

/// Registers of the control access port (nRF52832 Product Specification, 16.2), access port 1.
pub mod ctrl_ap {
    /// Number of the port.
    pub const PORT: u32 = 1;
    /// 1 holds the chip in reset.
    pub const RESET: u32 = 0x00;
    /// 1 erases flash, UICR and RAM.
    pub const ERASEALL: u32 = 0x04;
    /// 1 while the erase is under way.
    pub const ERASEALLSTATUS: u32 = 0x08;
    /// 0 while the access port is protected.
    pub const APPROTECTSTATUS: u32 = 0x0C;
    /// Identification.
    pub const IDR: u32 = 0xFC;
    /// Value of `IDR`.
    pub const IDR_VALUE: u32 = 0x0288_0000;
}

/// Registers of the non-volatile memory controller.
pub mod nvmc {
    /// Bit 0 is 1 when no operation is under way.
    pub const READY: u64 = 0x4001_E400;
    /// Bit 0 is 1 when the next write is taken.
    pub const READYNEXT: u64 = 0x4001_E408;
    /// What is enabled.
    pub const CONFIG: u64 = 0x4001_E504;
    /// Erases the page at the address written; PCR1 on nRF51.
    pub const ERASEPAGE: u64 = 0x4001_E508;
    /// 1 erases flash and UICR.
    pub const ERASEALL: u64 = 0x4001_E50C;
    /// As `ERASEPAGE`, for pages of the protected region 0 (nRF51).
    pub const ERASEPCR0: u64 = 0x4001_E510;
    /// 1 erases UICR.
    pub const ERASEUICR: u64 = 0x4001_E514;

    /// `CONFIG`: only reads.
    pub const REN: u32 = 0;
    /// `CONFIG`: writes enabled.
    pub const WEN: u32 = 1;
    /// `CONFIG`: erase enabled.
    pub const EEN: u32 = 2;
}

/// The generation of a chip: the property `series` of its description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Series {
    /// Cortex-M0; protected by UICR.RBPCONF; unlocked by the flash controller, through the memory access port.
    Nrf51,
    /// Cortex-M4; protected by UICR.APPROTECT; unlocked by the control access port.
    Nrf52,
}

impl Series {
    /// Reads the property.
    pub fn parse(text: &str) -> Result<Self> {
        match text {
            "nrf51" => Ok(Self::Nrf51),
            "nrf52" => Ok(Self::Nrf52),
            _ => Err(Error::invalid_argument(format!(
                "the property `series` of the device's description is `{text}`, expected nrf51 or nrf52"
            ))),
        }
    }

    /// Bytes of UICR: one page.
    pub fn uicr_len(self) -> u64 {
        match self {
            Self::Nrf51 => 0x400,
            Self::Nrf52 => 0x1000,
        }
    }

    /// The word that protects the chip.
    pub fn protection_address(self) -> u64 {
        match self {
            Self::Nrf51 => UICR_RBPCONF,
            Self::Nrf52 => UICR_APPROTECT,
        }
    }

    /// The value that protects it.
    pub fn protection_value(self) -> u32 {
        match self {
            // PALL (bits 15:8) 0x00: enabled. PR0 (bits 7:0) stays open: nothing but PALL closes the whole chip.
            Self::Nrf51 => 0xFFFF_00FF,
            // PALL (bits 7:0) 0x00: enabled.
            Self::Nrf52 => 0xFFFF_FF00,
        }
    }

    /// A value of that word protects the chip from its next reset on: any value but 0xFF in the field PALL.
    pub fn is_protected_by(self, value: u32) -> bool {
        match self {
            Self::Nrf51 => value >> 8 & 0xFF != 0xFF,
            Self::Nrf52 => value & 0xFF != 0xFF,
        }
    }
}
