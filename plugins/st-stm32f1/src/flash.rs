//! Sequences of the flash controller, from outside the chip, for the option bytes.

use crate::{
    option_bytes,
    registers::{OPTION_BYTES, OPTION_BYTES_LEN, fpec},
};
use imprint_plugin::{Error, Result, Words, abi::IMPRINT_E_DEVICE};

/// Longest wait for an operation: 40 ms for a mass erase (DS5319 table 28, DS9773 table 34), with room.
const TIMEOUT_MS: u32 = 200;

/// Reads `count` option bytes from memory, as they are since the last erase or program.
pub fn read_options(bus: &mut impl Words, count: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(OPTION_BYTES_LEN as usize / 2);
    for address in (OPTION_BYTES..).step_by(4).take(count.div_ceil(2)) {
        let word = bus.read_word(address)?;
        bytes.push(option_bytes::byte_of(word as u16).0);
        bytes.push(option_bytes::byte_of((word >> 16) as u16).0);
    }
    bytes.truncate(count);
    Ok(bytes)
}

/// Erases the option bytes and programs these. RDP comes first, so that a chip whose power fails in between is
/// protected for as short a time as can be; a key that ends the protection makes the chip erase its flash.
pub fn write_options(bus: &mut impl Words, bytes: &[u8]) -> Result<()> {
    open(bus)?;
    operate(bus, fpec::CR_OPTWRE | fpec::CR_OPTER, |bus| {
        bus.write_word(fpec::CR, fpec::CR_OPTWRE | fpec::CR_OPTER | fpec::CR_STRT)
    })?;
    for (position, byte) in bytes.iter().enumerate() {
        operate(bus, fpec::CR_OPTWRE | fpec::CR_OPTPG, |bus| {
            bus.write_half_word(
                option_bytes::address(position),
                option_bytes::half_word(*byte),
            )
        })
        .map_err(|error| match error.status() {
            // The controller's verdict is about the half-word; where the wire failed, the wire knows.
            IMPRINT_E_DEVICE => error.at(option_bytes::address(position)),
            _ => error,
        })?;
    }
    bus.write_word(fpec::CR, fpec::CR_LOCK)
}

/// Opens the controller and the option bytes with their keys.
fn open(bus: &mut impl Words) -> Result<()> {
    if bus.read_word(fpec::CR)? & fpec::CR_LOCK != 0 {
        for key in fpec::KEYS {
            bus.write_word(fpec::KEYR, key)?;
        }
    }
    if bus.read_word(fpec::CR)? & fpec::CR_OPTWRE == 0 {
        for key in fpec::KEYS {
            bus.write_word(fpec::OPTKEYR, key)?;
        }
    }
    let control = bus.read_word(fpec::CR)?;
    if control & fpec::CR_LOCK != 0 || control & fpec::CR_OPTWRE == 0 {
        return Err(Error::device(format!(
            "the flash controller does not open: FLASH_CR reads {control:#x}; a wrong key closes it until the next reset"
        ))
        .at(fpec::CR));
    }
    Ok(())
}

/// One operation: control bits, start, wait, judge.
fn operate<B: Words>(
    bus: &mut B,
    control: u32,
    start: impl FnOnce(&mut B) -> Result<()>,
) -> Result<()> {
    let flags = fpec::SR_EOP | fpec::SR_PGERR | fpec::SR_WRPRTERR;
    bus.write_word(fpec::SR, flags)?;
    bus.write_word(fpec::CR, control)?;
    start(bus)?;
    bus.wait_for(fpec::SR, fpec::SR_BSY, 0, TIMEOUT_MS)?;
    let status = bus.read_word(fpec::SR)?;
    bus.write_word(fpec::CR, fpec::CR_OPTWRE)?;
    if status & (fpec::SR_PGERR | fpec::SR_WRPRTERR) != 0 {
        return Err(
            Error::device(format!("the flash controller reports FLASH_SR {status:#x}"))
                .at(fpec::SR)
                .with_detail(status),
        );
    }
    Ok(())
}
