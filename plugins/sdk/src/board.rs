//! The family's board: its chips' peripherals, for the twin.
//!
//! The twin has the core, the debug port, RAM, the cells of non-volatile memory and the clock. A board has what is the
//! chip's own: flash controller, identity, protection, option bytes.

use crate::{
    error::{Error, Result},
    target::parse_number,
};
use std::ops::Range;

/// A transfer that no one answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusFault;

/// Who makes a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Master {
    /// The core.
    Core,
    /// The debugger, through the memory access port.
    Debugger,
}

/// One transfer on the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// Who makes it.
    pub master: Master,
    /// Byte address, aligned to `size`.
    pub address: u32,
    /// 1, 2 or 4 bytes.
    pub size: u8,
}

impl Access {
    /// Address of the word that the transfer lies in.
    pub fn word_address(self) -> u32 {
        self.address & !3
    }

    /// The part of `word` that a read of this size returns.
    pub fn read_from(self, word: u32) -> u32 {
        (word >> self.shift()) & self.mask()
    }

    /// `word` after a write of this size.
    pub fn written_to(self, word: u32, value: u32) -> u32 {
        let lanes = self.mask() << self.shift();
        word & !lanes | value << self.shift() & lanes
    }

    fn shift(self) -> u32 {
        8 * (self.address & 3)
    }

    fn mask(self) -> u32 {
        match self.size {
            1 => 0xFF,
            2 => 0xFFFF,
            _ => u32::MAX,
        }
    }
}

/// What was reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetKind {
    /// Power came on.
    PowerOn,
    /// The reset line, or AIRCR.SYSRESETREQ.
    System,
}

/// What the debugger reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DebugAccess {
    /// Everything.
    #[default]
    Open,
    /// RAM and peripherals; non-volatile memory answers with a bus fault.
    NoFlash,
    /// Nothing: the memory access port answers with a fault.
    Closed,
}

/// How long an erase keeps the flash busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EraseTime {
    /// No time of its own, because another erase covers it.
    Free,
    /// The memory's time for one sector.
    Sector,
    /// The memory's time for a whole erase.
    All,
}

/// What the peripherals may do to their chip. Addresses are the chip's; cells are the bytes of non-volatile memory.
pub trait Chip {
    /// Virtual time since power-on, in nanoseconds.
    fn now_ns(&self) -> u64;
    /// A flash operation is under way.
    fn is_busy(&self) -> bool;
    /// Reads cells or RAM without protection, time or side effects.
    fn peek(&self, address: u64, buffer: &mut [u8]) -> Result<(), BusFault>;
    /// Sets cells or RAM as the factory does, without time.
    fn poke(&mut self, address: u64, data: &[u8]) -> Result<(), BusFault>;
    /// Programs cells: bits go from 1 to 0 only. Takes the memory's time for one programming unit.
    fn program(&mut self, address: u64, data: &[u8]) -> Result<(), BusFault>;
    /// Erases cells.
    fn erase(&mut self, address: u64, len: u64, time: EraseTime) -> Result<(), BusFault>;
    /// Sets what the debugger reaches.
    fn set_debug_access(&mut self, access: DebugAccess);
    /// Sets the clock of the core in kHz and the wait states of a flash read in core cycles.
    fn set_core_clock(&mut self, khz: u32, flash_wait_states: u32);
    /// Drives an interrupt line of the NVIC.
    fn set_interrupt(&mut self, line: u32, level: bool);
    /// Resets the chip after this call.
    fn request_reset(&mut self, kind: ResetKind);
    /// A property of the device.
    fn property(&self, name: &str) -> Option<String>;
}

/// A numeric property that the device's description must have, decimal or with `0x`.
pub fn number_property(chip: &dyn Chip, name: &str) -> Result<u64> {
    let text = chip.property(name).ok_or_else(|| {
        Error::invalid_argument(format!("the device's description has no property `{name}`"))
    })?;
    parse_number(&text).ok_or_else(|| {
        Error::invalid_argument(format!(
            "the property `{name}` of the device's description is `{text}`, expected a number"
        ))
    })
}

/// The peripherals of one chip.
pub trait Board: Sized + Send + 'static {
    /// Makes the peripherals of one chip, with the unique identifier this chip has, and pokes what the factory programs.
    fn open(chip: &mut dyn Chip, device: &str, uid: &[u8]) -> Result<Self>;
    /// The addresses whose reads and writes the board answers. Asked once.
    fn windows(&self) -> Vec<Range<u64>>;
    /// The chip was reset.
    fn reset(&mut self, chip: &mut dyn Chip, kind: ResetKind);
    /// A read inside a window.
    fn read(&mut self, chip: &mut dyn Chip, access: Access) -> Result<u32, BusFault>;
    /// A write inside a window.
    fn write(&mut self, chip: &mut dyn Chip, access: Access, value: u32) -> Result<(), BusFault>;
    /// A write to a non-volatile memory, which the flash controller takes or refuses.
    fn cell_write(
        &mut self,
        chip: &mut dyn Chip,
        access: Access,
        value: u32,
    ) -> Result<(), BusFault>;
    /// Reads a register of access port `ap`, 1 and up; `None` where there is no such port.
    fn ap_read(&mut self, _chip: &mut dyn Chip, _ap: u32, _register: u32) -> Option<u32> {
        None
    }
    /// Writes a register of access port `ap`; `None` where there is no such port.
    fn ap_write(
        &mut self,
        _chip: &mut dyn Chip,
        _ap: u32,
        _register: u32,
        _value: u32,
    ) -> Option<()> {
        None
    }
    /// The state that survives a power cycle and is not in cells.
    fn save(&self) -> Vec<u8> {
        Vec::new()
    }
    /// Takes back what `save` gave; `false` when these are not such bytes.
    fn load(&mut self, state: &[u8]) -> bool {
        state.is_empty()
    }
}
