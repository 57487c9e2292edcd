//! What a programmer does to an A1.

use crate::{
    A1Board, CONTROL, CONTROL_ERASE, CONTROL_PROGRAM, CONTROL_READ, ERASE, FLASH, LOCK, PART, PORT,
    PORT_ERASE, PORT_LOCKED, PORT_STATUS, SECTOR_LEN, STATUS, STATUS_BUSY, STATUS_FAILED, UID,
    UID_LEN, USER,
};
use imprint_plugin::{
    BoardTable, DebugPort, DeviceFamily, Error, LogLevel, Named, Result, Target, Words,
};
use std::ops::Range;

/// Longest erase in the datasheet: 40 ms, with room.
const ERASE_TIMEOUT_MS: u32 = 200;
/// Bytes between two signs of progress.
const PIECE_LEN: usize = 1024;

/// One session with one chip: what the device file says of it.
pub struct A1 {
    part: u32,
    flash: Range<u64>,
}

impl DeviceFamily for A1 {
    const ID: &'static str = "template.rust";
    const SUMMARY: &'static str = "A1 of ACME, an example";
    const OPTIONS: &'static [Named] = &[Named::new("USER", "A word for free use, written once")];
    const OWN_FLASH: bool = true;
    const BOARD: Option<BoardTable> = Some(BoardTable::of::<A1Board>());

    fn open(target: &mut Target<'_>, _device: &str) -> Result<Self> {
        Ok(Self {
            part: target.number_property("part")? as u32,
            flash: FLASH..target.number_property("flash.end")?,
        })
    }

    fn identify(&mut self, target: &mut Target<'_>) -> Result<String> {
        let part = target.read_word(PART)?;
        if part != self.part {
            let expected = self.part;
            let sentence = format!("the part number is {part:#010x}, expected {expected:#010x}");
            return Err(Error::mismatch(sentence).at(PART));
        }
        Ok(format!("A1, part {part:#010x}"))
    }

    fn read_uid(&mut self, target: &mut Target<'_>) -> Result<Vec<u8>> {
        let mut uid = vec![0; UID_LEN];
        target.read(UID, &mut uid)?;
        Ok(uid)
    }

    fn erase(&mut self, target: &mut Target<'_>, address: u64, len: u64) -> Result<()> {
        within(&self.flash, address, len)?;
        if !address.is_multiple_of(SECTOR_LEN) || !len.is_multiple_of(SECTOR_LEN) {
            let sentence = format!("{len:#x} bytes at {address:#010x} are not whole sectors");
            return Err(Error::invalid_argument(sentence).at(address));
        }
        target.write_word(CONTROL, CONTROL_ERASE)?;
        for offset in (0..len).step_by(SECTOR_LEN as usize) {
            target.write_word(ERASE, (address + offset) as u32)?;
            target.wait_for(STATUS, STATUS_BUSY, 0, ERASE_TIMEOUT_MS)?;
            target.progress(offset + SECTOR_LEN, len);
        }
        target.write_word(CONTROL, CONTROL_READ)
    }

    fn program(&mut self, target: &mut Target<'_>, address: u64, data: &[u8]) -> Result<()> {
        within(&self.flash, address, data.len() as u64)?;
        write_cells(target, address, data)
    }

    fn protect(&mut self, target: &mut Target<'_>) -> Result<()> {
        write_cells(target, LOCK, &[0; 4])
    }

    fn is_protected(&mut self, target: &mut Target<'_>) -> Result<bool> {
        Ok(debug_port(target)?.ap_read(PORT, PORT_STATUS)? & PORT_LOCKED != 0)
    }

    fn unlock(&mut self, target: &mut Target<'_>) -> Result<()> {
        if !self.is_protected(target)? {
            target.log(LogLevel::Info, "not locked, nothing is erased");
            return Ok(());
        }
        let mut port = debug_port(target)?;
        port.ap_write(PORT, PORT_ERASE, 1)?;
        for _ in 0..ERASE_TIMEOUT_MS {
            // Neither busy nor locked.
            if port.ap_read(PORT, PORT_STATUS)? == 0 {
                return Ok(());
            }
            port.delay_us(1000)?;
        }
        Err(Error::device(
            "the chip is still busy or locked after it was told to erase itself",
        ))
    }

    fn option_read(&mut self, target: &mut Target<'_>, name: &str) -> Result<u64> {
        is_user(name)?;
        target.read_word(USER).map(u64::from)
    }

    fn option_write(&mut self, target: &mut Target<'_>, name: &str, value: u64) -> Result<()> {
        is_user(name)?;
        let value = u32::try_from(value)
            .map_err(|_| Error::invalid_argument(format!("{value:#x} has more than 32 bits")))?;
        write_cells(target, USER, &value.to_le_bytes())
    }
}

/// Refuses what does not lie in `memory` altogether; also a range that wraps around the end of the address space.
fn within(memory: &Range<u64>, address: u64, len: u64) -> Result<()> {
    let end = address.checked_add(len);
    if memory.start <= address && end.is_some_and(|end| end <= memory.end) {
        return Ok(());
    }
    let sentence = format!(
        "{len:#x} bytes at {address:#010x} do not lie in {:#010x} .. {:#010x}",
        memory.start, memory.end
    );
    Err(Error::invalid_argument(sentence).at(address))
}

fn is_user(name: &str) -> Result<()> {
    match name {
        "USER" => Ok(()),
        _ => Err(Error::invalid_argument(format!(
            "there is no option `{name}`, expected `USER`"
        ))),
    }
}

/// Programs erased cells. The bus of this chip stalls while a word is programmed, so there is nothing to poll; whether it
/// was done, the chip says.
fn write_cells(target: &mut Target<'_>, address: u64, data: &[u8]) -> Result<()> {
    let (address, words) = whole_words(address, data);
    target.write_word(CONTROL, CONTROL_PROGRAM)?;
    for (index, piece) in words.chunks(PIECE_LEN).enumerate() {
        let offset = index * PIECE_LEN;
        let at = address + offset as u64;
        target.write(at, piece)?;
        if target.read_word(STATUS)? & STATUS_FAILED != 0 {
            let sentence = format!(
                "a word of the {} bytes at {at:#010x} is not erased",
                piece.len()
            );
            return Err(Error::device(sentence).at(at));
        }
        target.progress((offset + piece.len()) as u64, words.len() as u64);
    }
    target.write_word(CONTROL, CONTROL_READ)
}

/// The same data from a word's first byte to a word's last; ones change nothing.
fn whole_words(address: u64, data: &[u8]) -> (u64, Vec<u8>) {
    let before = (address % 4) as usize;
    let mut words = vec![0xFF; (before + data.len()).next_multiple_of(4)];
    words[before..before + data.len()].copy_from_slice(data);
    (address - before as u64, words)
}

fn debug_port<'t>(target: &'t mut Target<'_>) -> Result<DebugPort<'t>> {
    let mut port = target
        .debug_port()
        .ok_or_else(|| Error::unsupported("this probe gives no access to the debug port"))?;
    port.power_up()?;
    Ok(port)
}
