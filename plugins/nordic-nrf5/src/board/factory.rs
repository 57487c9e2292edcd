//! What the factory programs: identity and sizes.

use crate::series::{
    FICR, FICR_CODEPAGESIZE, FICR_CODESIZE, FICR_CONFIGID, FICR_DEVICEID, FICR_INFO_FLASH,
    FICR_INFO_PACKAGE, FICR_INFO_PART, FICR_INFO_RAM, FICR_INFO_VARIANT, Series, UID_LEN,
};
use imprint_plugin::{BusFault, Chip, Error, Result, number_property};

/// FICR.ER and FICR.IR: keys, 16 bytes each.
const FICR_KEYS: [u64; 2] = [FICR + 0x080, FICR + 0x090];
/// FICR.DEVICEADDRTYPE: bit 0 is 1 for a random address.
const FICR_DEVICEADDRTYPE: u64 = FICR + 0x0A0;
/// FICR.DEVICEADDR: 48 bits.
const FICR_DEVICEADDR: u64 = FICR + 0x0A4;

/// Peripheral identification registers of the nRF52832, revision 2: what start-up code reads to choose workarounds.
pub const IDENTIFICATION_NRF52: [(u32, u32); 3] = [
    (0xF000_0FE0, 0x06),
    (0xF000_0FE4, 0x00),
    (0xF000_0FE8, 0x50),
];

/// Programs the factory registers of a chip with this unique identifier. What is not programmed reads as ones.
pub fn program(chip: &mut dyn Chip, series: Series, uid: &[u8]) -> Result<()> {
    if uid.len() != UID_LEN {
        return Err(Error::invalid_argument(format!(
            "the unique identifier has {} bytes, expected {UID_LEN}",
            uid.len()
        )));
    }
    let words = match series {
        Series::Nrf51 => nrf51_words(chip)?,
        Series::Nrf52 => nrf52_words(chip)?,
    };
    for (address, value) in words {
        chip.poke(address, &value.to_le_bytes())
            .map_err(|_| no_ficr(address))?;
    }
    chip.poke(FICR_DEVICEID, uid)
        .map_err(|_| no_ficr(FICR_DEVICEID))?;
    program_radio_identity(chip, uid).map_err(|_| no_ficr(FICR_DEVICEADDR))
}

fn nrf51_words(chip: &dyn Chip) -> Result<Vec<(u64, u32)>> {
    let hardware_ids = chip.property("ficr.hwids").unwrap_or_default();
    let hardware_id = hardware_ids
        .split_whitespace()
        .next()
        .and_then(|text| u32::from_str_radix(text.trim_start_matches("0x"), 16).ok())
        .ok_or_else(|| {
            Error::invalid_argument(
                "the property `ficr.hwids` of the device's description names no hardware id",
            )
        })?;
    Ok(vec![
        (FICR_CODEPAGESIZE, number(chip, "flash.page_len")?),
        (FICR_CODESIZE, number(chip, "flash.page_count")?),
        // The firmware id in the upper half: none.
        (FICR_CONFIGID, 0xFFFF_0000 | hardware_id),
    ])
}

fn nrf52_words(chip: &dyn Chip) -> Result<Vec<(u64, u32)>> {
    let (page_len, page_count) = (
        number(chip, "flash.page_len")?,
        number(chip, "flash.page_count")?,
    );
    Ok(vec![
        (FICR_CODEPAGESIZE, page_len),
        (FICR_CODESIZE, page_count),
        (FICR_INFO_PART, number(chip, "ficr.part")?),
        (FICR_INFO_VARIANT, number(chip, "ficr.variant")?),
        (FICR_INFO_PACKAGE, number(chip, "ficr.package")?),
        (FICR_INFO_RAM, number(chip, "ram.len")? >> 10),
        (FICR_INFO_FLASH, (page_len * page_count) >> 10),
    ])
}

/// Keys and address of the radio. On a chip they are random; here they follow from the unique identifier, so that two
/// chips differ and one chip stays the same.
fn program_radio_identity(chip: &mut dyn Chip, uid: &[u8]) -> Result<(), BusFault> {
    for (key, mask) in FICR_KEYS.into_iter().zip([0x5A, 0xA5]) {
        let bytes: Vec<u8> = uid.iter().chain(uid).map(|byte| byte ^ mask).collect();
        chip.poke(key, &bytes)?;
    }
    chip.poke(FICR_DEVICEADDRTYPE, &u32::MAX.to_le_bytes())?;
    chip.poke(FICR_DEVICEADDR, &uid[..6])
}

fn number(chip: &dyn Chip, name: &str) -> Result<u32> {
    let value = number_property(chip, name)?;
    u32::try_from(value).map_err(|_| {
        Error::invalid_argument(format!(
            "the property `{name}` of the device's description is {value:#x}, expected 32 bits"
        ))
    })
}

fn no_ficr(address: u64) -> Error {
    Error::invalid_argument(format!(
        "the device's description has no memory at {address:#010x}, where the factory registers are"
    ))
}
