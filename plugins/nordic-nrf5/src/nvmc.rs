//! Sequences of the non-volatile memory controller, from outside the chip.

use crate::series::nvmc;
use imprint_plugin::{Error, Result, Words};

/// Longest wait for a word: 46.3 us (nRF51822 PS 8.16) and 338 us (nRF52832 PS 11.8), with room.
const WRITE_TIMEOUT_MS: u32 = 10;
/// Longest wait for an erase of everything: 295.3 ms (nRF52832 PS 11.8), with room.
const ERASE_TIMEOUT_MS: u32 = 2000;

/// Programs one word of flash or UICR, whose bits can only go from 1 to 0, and reads it back.
pub fn write_word(bus: &mut impl Words, address: u64, value: u32) -> Result<()> {
    let before = bus.read_word(address)?;
    if before & value != value {
        return Err(Error::device(format!(
            "{address:#010x} holds {before:#010x} and cannot become {value:#010x}: bits only go from 1 to 0 until the \
             whole memory is erased"
        ))
        .at(address));
    }
    bus.write_word(nvmc::CONFIG, nvmc::WEN)?;
    bus.write_word(address, value)?;
    bus.wait_for(nvmc::READY, 1, 1, WRITE_TIMEOUT_MS)?;
    bus.write_word(nvmc::CONFIG, nvmc::REN)?;
    let after = bus.read_word(address)?;
    if after != value {
        return Err(Error::mismatch(format!(
            "{address:#010x} reads {after:#010x} after it was programmed, expected {value:#010x}"
        ))
        .at(address));
    }
    Ok(())
}

/// Erases flash and UICR.
pub fn erase_all(bus: &mut impl Words) -> Result<()> {
    bus.write_word(nvmc::CONFIG, nvmc::EEN)?;
    bus.write_word(nvmc::ERASEALL, 1)?;
    bus.wait_for(nvmc::READY, 1, 1, ERASE_TIMEOUT_MS)?;
    bus.write_word(nvmc::CONFIG, nvmc::REN)
}
