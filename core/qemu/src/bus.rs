//! The chip's memory as its bus shows it: what is where on an nRF51822, read and written over qtest.
//!
//! Where there is nothing, the chip answers with a fault; QEMU reads zeros. So the map is here.

use crate::{error::QemuError, limits::READ_LEN_MAX, qtest::Qtest};

/// First address and length of each range (nRF51 Series Reference Manual v3.0.1, 5).
pub(crate) const FLASH: (u32, u32) = (0x0000_0000, 0x4_0000);
pub(crate) const RAM: (u32, u32) = (0x2000_0000, 0x4000);
const FACTORY: (u32, u32) = (0x1000_0000, 0x400);
const USER: (u32, u32) = (0x1000_1000, 0x400);
const PERIPHERALS: (u32, u32) = (0x4000_0000, 0x2000_0000);
const SYSTEM_CONTROL: (u32, u32) = (0xE000_E000, 0x1000);

/// FICR.CONFIGID. QEMU leaves it blank; no chip does, and who identifies a chip reads it.
const CONFIGID: u32 = 0x1000_005C;
/// Hardware 0x0072: an nRF51822 QFAA, build code H0 (nRF51822 PAN v3.0), without firmware of the factory.
const CONFIGID_VALUE: u32 = 0xFFFF_0072;

/// Why an access did not go well.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// There is nothing at the address.
    Fault,
    /// QEMU itself failed.
    Broken(QemuError),
}

impl From<QemuError> for Refusal {
    fn from(error: QemuError) -> Self {
        Self::Broken(error)
    }
}

/// Whether the range holds this address.
pub(crate) fn holds((start, len): (u32, u32), address: u32) -> bool {
    address.wrapping_sub(start) < len
}

/// Whether something answers there.
fn is_mapped(address: u32) -> bool {
    [FLASH, RAM, FACTORY, USER, PERIPHERALS, SYSTEM_CONTROL]
        .iter()
        .any(|range| holds(*range, address))
}

/// Bytes from here to the end of memory that can be read in one go; 0 where a word is read at a time, because it is a
/// register.
pub(crate) fn memory_len(address: u32) -> u32 {
    let range = [FLASH, RAM].into_iter().find(|it| holds(*it, address));
    range.map_or(0, |(start, len)| {
        (len - (address - start)).min(READ_LEN_MAX)
    })
}

/// Reads the word that has the byte at `address`.
pub(crate) fn read_word(qtest: &mut Qtest, address: u32) -> Result<u32, Refusal> {
    // QEMU answers a byte of a factory register with the lowest of its word, so words are all that it is asked for.
    let address = address & !3;
    match address {
        CONFIGID => Ok(CONFIGID_VALUE),
        _ if is_mapped(address) => Ok(qtest.read_word(address)?),
        _ => Err(Refusal::Fault),
    }
}

/// Writes one, two or four bytes.
pub(crate) fn write(qtest: &mut Qtest, address: u32, len: u32, value: u32) -> Result<(), Refusal> {
    if !is_mapped(address) {
        return Err(Refusal::Fault);
    }
    Ok(qtest.write_part(address, len, value)?)
}
