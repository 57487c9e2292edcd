//! Behaviour: identity, protection, UICR and commands.

use crate::{
    board::Nrf5Board,
    nvmc,
    series::{
        FICR, FICR_CODEPAGESIZE, FICR_CODESIZE, FICR_CONFIGID, FICR_DEVICEID, FICR_INFO_FLASH,
        FICR_INFO_PART, FICR_INFO_RAM, FICR_INFO_VARIANT, FICR_LEN, Series, UID_LEN, ctrl_ap,
    },
    uicr,
};
use imprint_plugin::{
    BoardTable, DebugPort, DeviceFamily, Error, LogLevel, Named, Result, Target, Words,
};

/// The memory access port.
const MEMORY_AP: u32 = 0;
/// Identification register of an access port.
const AP_IDR: u32 = 0xFC;
/// AIRCR with VECTKEY and SYSRESETREQ (ARMv6-M Architecture Reference Manual B3.2.6).
const AIRCR: (u64, u32) = (0xE000_ED0C, 0x05FA_0004);
/// How long the chip needs after a reset before it answers again: start-up takes well under a millisecond.
const RESET_US: u64 = 2000;
/// Longest erase of everything: 295.3 ms (nRF52832 PS 11.8), with room.
const ERASE_ALL_POLLS: u32 = 2000;

/// nRF51 and nRF52.
pub struct Nrf5 {
    series: Series,
}

impl DeviceFamily for Nrf5 {
    const ID: &'static str = "nordic.nrf5";
    const SUMMARY: &'static str = "Nordic Semiconductor nRF51 and nRF52";
    const OPTIONS: &'static [Named] = uicr::OPTIONS;
    const COMMANDS: &'static [Named] = &[
        Named::new(
            "variant",
            "Hardware variant: four characters on nRF52, the hardware id on nRF51",
        ),
        Named::new(
            "ficr-read",
            "Word of the factory registers at the offset given as text, e.g. 0x60; 4 bytes",
        ),
    ];
    const BOARD: Option<BoardTable> = Some(BoardTable::of::<Nrf5Board>());

    fn open(target: &mut Target<'_>, _device: &str) -> Result<Self> {
        Ok(Self {
            series: Series::parse(&target.required_property("series")?)?,
        })
    }

    fn identify(&mut self, target: &mut Target<'_>) -> Result<String> {
        match self.series {
            Series::Nrf51 => identify_nrf51(target),
            Series::Nrf52 => identify_nrf52(target),
        }
    }

    fn unlock(&mut self, target: &mut Target<'_>) -> Result<()> {
        if !self.is_protected(target)? {
            target.log(
                LogLevel::Info,
                "the chip is not protected, nothing is erased",
            );
            return Ok(());
        }
        let mut port = debug_port(target)?;
        match self.series {
            Series::Nrf51 => unlock_nrf51(&mut port)?,
            Series::Nrf52 => unlock_nrf52(&mut port)?,
        }
        if self.is_protected(target)? {
            return Err(Error::locked(
                "the chip is still protected after it was erased",
            ));
        }
        Ok(())
    }

    fn read_uid(&mut self, target: &mut Target<'_>) -> Result<Vec<u8>> {
        let mut uid = vec![0; UID_LEN];
        target.read(FICR_DEVICEID, &mut uid)?;
        Ok(uid)
    }

    fn protect(&mut self, target: &mut Target<'_>) -> Result<()> {
        let address = self.series.protection_address();
        let before = target.read_word(address)?;
        if self.series.is_protected_by(before) {
            return Ok(());
        }
        nvmc::write_word(target, address, before & self.series.protection_value())
    }

    fn is_protected(&mut self, target: &mut Target<'_>) -> Result<bool> {
        let mut port = debug_port(target)?;
        match self.series {
            Series::Nrf51 => is_protected_nrf51(&mut port),
            Series::Nrf52 => is_protected_nrf52(&mut port),
        }
    }

    fn option_read(&mut self, target: &mut Target<'_>, name: &str) -> Result<u64> {
        target
            .read_word(uicr::address(self.series, name)?)
            .map(u64::from)
    }

    fn option_write(&mut self, target: &mut Target<'_>, name: &str, value: u64) -> Result<()> {
        let address = uicr::address(self.series, name)?;
        if address == self.series.protection_address() {
            return Err(Error::unsupported(format!(
                "`{name}` is the protection: a script sets it with `chip.protect()` and opens it with `unit.unlock()`"
            )));
        }
        let value = u32::try_from(value).map_err(|_| {
            Error::invalid_argument(format!("`{name}` has 32 bits, {value:#x} has more"))
        })?;
        nvmc::write_word(target, address, value)
    }

    fn command(&mut self, target: &mut Target<'_>, name: &str, input: &[u8]) -> Result<Vec<u8>> {
        match name {
            "variant" => match self.series {
                Series::Nrf51 => Ok(format!("{:#06x}", hardware_id(target)?).into_bytes()),
                Series::Nrf52 => Ok(target.read_word(FICR_INFO_VARIANT)?.to_be_bytes().to_vec()),
            },
            "ficr-read" => {
                let offset = ficr_offset(input)?;
                Ok(target.read_word(FICR + offset)?.to_le_bytes().to_vec())
            }
            _ => Err(Error::invalid_argument(format!(
                "this family has no command `{name}`"
            ))),
        }
    }
}

/// The offset that `ficr-read` is given: text in decimal, or in hexadecimal after `0x`.
fn ficr_offset(input: &[u8]) -> Result<u64> {
    let text = std::str::from_utf8(input).unwrap_or_default().trim();
    let offset = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    match offset {
        Ok(offset) if offset < FICR_LEN && offset % 4 == 0 => Ok(offset),
        _ => Err(Error::invalid_argument(format!(
            "`ficr-read` is given `{text}`, expected the offset of a word below {FICR_LEN:#x}"
        ))),
    }
}

fn debug_port<'t>(target: &'t mut Target<'_>) -> Result<DebugPort<'t>> {
    let mut port = target
        .debug_port()
        .ok_or_else(|| Error::unsupported("this probe gives no access to the debug port"))?;
    port.power_up()?;
    Ok(port)
}

fn hardware_id(target: &mut Target<'_>) -> Result<u32> {
    Ok(target.read_word(FICR_CONFIGID)? & 0xFFFF)
}

/// FICR.CONFIGID.HWID against the property `ficr.hwids`: each build code has its own.
fn identify_nrf51(target: &mut Target<'_>) -> Result<String> {
    let expected = target.required_property("ficr.hwids")?;
    let hardware_id = hardware_id(target)?;
    let known = expected
        .split_whitespace()
        .filter_map(|text| u32::from_str_radix(text.trim_start_matches("0x"), 16).ok())
        .any(|id| id == hardware_id);
    if !known {
        return Err(Error::mismatch(format!(
            "FICR.CONFIGID says hardware {hardware_id:#06x}, expected one of {expected}"
        ))
        .at(FICR_CONFIGID));
    }
    let flash_len = u64::from(target.read_word(FICR_CODEPAGESIZE)?)
        * u64::from(target.read_word(FICR_CODESIZE)?);
    Ok(format!(
        "nRF51, hardware {hardware_id:#06x}, {} KiB flash",
        flash_len >> 10
    ))
}

/// FICR.INFO.PART against the property `ficr.part`.
fn identify_nrf52(target: &mut Target<'_>) -> Result<String> {
    let expected = target.number_property("ficr.part")?;
    let part = target.read_word(FICR_INFO_PART)?;
    if u64::from(part) != expected {
        return Err(Error::mismatch(format!(
            "FICR.INFO.PART is {part:#x}, expected {expected:#x}"
        ))
        .at(FICR_INFO_PART));
    }
    let variant = target.read_word(FICR_INFO_VARIANT)?.to_be_bytes();
    let (flash, ram) = (
        target.read_word(FICR_INFO_FLASH)?,
        target.read_word(FICR_INFO_RAM)?,
    );
    Ok(format!(
        "nRF{part:x}, variant {}, {flash} KiB flash, {ram} KiB RAM",
        variant.escape_ascii()
    ))
}

/// APPROTECTSTATUS of the control access port.
fn is_protected_nrf52(port: &mut DebugPort<'_>) -> Result<bool> {
    let idr = port.ap_read(ctrl_ap::PORT, ctrl_ap::IDR)?;
    if idr != ctrl_ap::IDR_VALUE {
        return Err(Error::mismatch(format!(
            "access port 1 identifies as {idr:#010x}, expected the control access port, {:#010x}",
            ctrl_ap::IDR_VALUE
        )));
    }
    Ok(port.ap_read(ctrl_ap::PORT, ctrl_ap::APPROTECTSTATUS)? & 1 == 0)
}

/// The erase of everything by the control access port (nRF52832 PS 16.2). The protection was loaded at reset, so it
/// ends with a reset.
fn unlock_nrf52(port: &mut DebugPort<'_>) -> Result<()> {
    let ap = ctrl_ap::PORT;
    port.ap_write(ap, ctrl_ap::RESET, 1)?;
    port.ap_write(ap, ctrl_ap::RESET, 0)?;
    port.ap_write(ap, ctrl_ap::ERASEALL, 1)?;
    let mut polls = 0;
    while port.ap_read(ap, ctrl_ap::ERASEALLSTATUS)? & 1 == 1 {
        polls += 1;
        if polls > ERASE_ALL_POLLS {
            return Err(Error::device(
                "the control access port does not finish to erase the chip",
            ));
        }
        port.delay_us(1000)?;
    }
    port.ap_write(ap, ctrl_ap::RESET, 1)?;
    port.ap_write(ap, ctrl_ap::RESET, 0)?;
    port.delay_us(RESET_US)
}

/// UICR.RBPCONF through the memory access port. A protected chip answers with a fault or with zeros; nothing else of
/// it tells.
fn is_protected_nrf51(port: &mut DebugPort<'_>) -> Result<bool> {
    let read = port
        .memory(MEMORY_AP)?
        .read_word(Series::Nrf51.protection_address());
    match read {
        Ok(value) => Ok(Series::Nrf51.is_protected_by(value)),
        // A fault of memory alone: the access port itself still answers.
        Err(_) => port.ap_read(MEMORY_AP, AP_IDR).map(|_| true),
    }
}

/// NVMC.ERASEALL: the flash controller stays within reach of the debugger (nRF51 RM 11.1.2). The protection was loaded
/// at reset, so it ends with a reset.
fn unlock_nrf51(port: &mut DebugPort<'_>) -> Result<()> {
    let mut memory = port.memory(MEMORY_AP)?;
    nvmc::erase_all(&mut memory)?;
    memory.write_word(AIRCR.0, AIRCR.1)?;
    memory.delay_us(RESET_US)?;
    drop(memory);
    port.power_up()
}
