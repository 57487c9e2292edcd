//! What the factory programs: flash size, unique identifier, option bytes.

use crate::{option_bytes, registers::OPTION_BYTES};
use imprint_plugin::{Chip, Error, Result, number_property};

/// Programs what every chip of this device has, and this chip's unique identifier.
pub fn program(chip: &mut dyn Chip, uid: &[u8]) -> Result<()> {
    let page_len = number_property(chip, "flash.page_len")?;
    let flash_kib = page_len * number_property(chip, "flash.page_count")? / 1024;
    let flash_size_address = number_property(chip, "flash_size.address")?;
    poke(chip, flash_size_address, &(flash_kib as u16).to_le_bytes())?;
    if chip.property("uid.address").is_some() {
        let (address, len) = (
            number_property(chip, "uid.address")?,
            number_property(chip, "uid.len")?,
        );
        if uid.len() as u64 != len {
            return Err(Error::invalid_argument(format!(
                "the unique identifier has {} bytes, expected {len}",
                uid.len()
            )));
        }
        poke(chip, address, uid)?;
    }
    let mut options =
        vec![option_bytes::half_word(0xFF); number_property(chip, "option_bytes.count")? as usize];
    let open_key = number_property(chip, "rdp.open")? as u8;
    options[option_bytes::RDP] = option_bytes::half_word(open_key);
    let bytes: Vec<u8> = options.into_iter().flat_map(u16::to_le_bytes).collect();
    poke(chip, OPTION_BYTES, &bytes)
}

fn poke(chip: &mut dyn Chip, address: u64, data: &[u8]) -> Result<()> {
    chip.poke(address, data).map_err(|_| {
        Error::invalid_argument(format!(
            "the device's description has no memory at {address:#010x}, which the factory programs"
        ))
    })
}
