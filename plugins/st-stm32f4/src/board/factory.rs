//! What the factory programs: flash size, unique identifier, option bytes.

use crate::registers::{
    FLASH_SIZE, OPTION_BYTES, OPTION_BYTES_NWRP, UID, UID_LEN, flash::OPTCR_FACTORY,
};
use imprint_plugin::{Chip, Error, Result, number_property};

/// Programs what every chip of this device has, and this chip's unique identifier.
pub fn program(chip: &mut dyn Chip, uid: &[u8]) -> Result<()> {
    if uid.len() != UID_LEN {
        return Err(Error::invalid_argument(format!(
            "the unique identifier has {} bytes, expected {UID_LEN}",
            uid.len()
        )));
    }
    let flash_kib = number_property(chip, "flash.kib")? as u16;
    poke(chip, UID, uid)?;
    poke(chip, FLASH_SIZE, &flash_kib.to_le_bytes())?;
    let [user_and_rdp, nwrp] = super::flash::option_cells(OPTCR_FACTORY);
    poke(chip, OPTION_BYTES, &user_and_rdp.to_le_bytes())?;
    poke(chip, OPTION_BYTES_NWRP, &nwrp.to_le_bytes())
}

fn poke(chip: &mut dyn Chip, address: u64, data: &[u8]) -> Result<()> {
    chip.poke(address, data).map_err(|_| {
        Error::invalid_argument(format!(
            "the device's description has no memory at {address:#010x}, which the factory programs"
        ))
    })
}
