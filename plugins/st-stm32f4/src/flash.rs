//! Sequences of the flash interface, from outside the chip, for the option bytes.

use crate::registers::{OPTION_BYTES, OPTION_BYTES_NWRP, flash::*, rdp};
use imprint_plugin::{Error, Result, Words};

/// Longest wait: opening a protected chip erases all of its flash, 32 s at most (DS8626 table 40, x8), with room.
const TIMEOUT_MS: u32 = 40_000;

/// The option bytes, as FLASH_OPTCR holds them.
pub fn read_options(bus: &mut impl Words) -> Result<u32> {
    Ok(bus.read_word(OPTCR)? & (OPTCR_USER | OPTCR_RDP | OPTCR_NWRP))
}

/// Programs the option bytes (RM0090 3.6.2). The chip erases all of its flash first if they open a protected chip.
pub fn write_options(bus: &mut impl Words, options: u32) -> Result<()> {
    if options & OPTCR_RDP == u32::from(rdp::LEVEL_2) << 8 {
        return Err(Error::unsupported(
            "read protection level 2 can never be taken back, and nothing in this family sets it",
        ));
    }
    open(bus)?;
    bus.write_word(SR, SR_EOP | SR_ERRORS)?;
    bus.write_word(OPTCR, options)?;
    bus.write_word(OPTCR, options | OPTCR_START)?;
    bus.wait_for(SR, SR_BSY, 0, TIMEOUT_MS)?;
    let status = bus.read_word(SR)?;
    bus.write_word(OPTCR, options | OPTCR_LOCK)?;
    if status & SR_ERRORS != 0 {
        return Err(
            Error::device(format!("the flash interface reports FLASH_SR {status:#x}"))
                .at(SR)
                .with_detail(status),
        );
    }
    check(bus, options)
}

/// Opens FLASH_OPTCR with its keys.
fn open(bus: &mut impl Words) -> Result<()> {
    bus.wait_for(SR, SR_BSY, 0, TIMEOUT_MS)?;
    if bus.read_word(OPTCR)? & OPTCR_LOCK != 0 {
        for key in OPTION_KEYS {
            bus.write_word(OPTKEYR, key)?;
        }
    }
    let control = bus.read_word(OPTCR)?;
    if control & OPTCR_LOCK != 0 {
        return Err(Error::device(format!(
            "the option bytes do not open: FLASH_OPTCR reads {control:#010x}; a wrong key closes it until the next reset"
        ))
        .at(OPTCR));
    }
    Ok(())
}

/// Compares the cells, because FLASH_OPTCR shows what was written to it and not what was programmed.
fn check(bus: &mut impl Words, options: u32) -> Result<()> {
    let user_and_rdp = OPTCR_USER | OPTCR_RDP;
    let nwrp = OPTCR_NWRP >> 16;
    for (address, mask, expected) in [
        (OPTION_BYTES, user_and_rdp, options & user_and_rdp),
        (OPTION_BYTES_NWRP, nwrp, options >> 16 & nwrp),
    ] {
        let found = bus.read_word(address)? & mask;
        if found != expected {
            return Err(Error::mismatch(format!(
                "the option bytes read {found:#06x} after they were programmed, expected {expected:#06x}"
            ))
            .at(address));
        }
    }
    Ok(())
}
