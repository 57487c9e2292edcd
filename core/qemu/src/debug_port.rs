//! The debug port and the memory access port, register by register (ADIv5.2, B2 and C2). QEMU has neither.
//!
//! There are no lines and no sticky errors to model: a transfer either arrives or the probe clears the error at once, as
//! the trait `Wire` wants it.

use crate::{
    bus::{self, Refusal, memory_len},
    core::Core,
    registers::PRIVATE_START,
    rom_table::ROM_TABLE,
};
use imprint_target::Port;

/// The port of an nRF51822 (its DPIDR and the IDR of its access port: nRF51 chips, as debuggers read them).
const DPIDR: u32 = 0x0BB1_1477;
const AP_IDR: u32 = 0x0477_0021;

/// CTRL/STAT: power-up requests, each acknowledged in the bit above it, and what can be written.
const CDBGPWRUPREQ: u32 = 1 << 28;
const POWER_REQUESTS: u32 = CDBGPWRUPREQ | 1 << 30;
const WRITABLE: u32 = 0x54FF_FF0D;

/// Registers of the access port.
const CSW: u8 = 0x00;
const TAR: u8 = 0x04;
const DRW: u8 = 0x0C;
const BD0: u8 = 0x10;
const BD3: u8 = 0x1C;
const BASE: u8 = 0xF8;
const IDR: u8 = 0xFC;

/// CSW: fields that can be written, transfers are possible, and its value after power came on.
const CSW_WRITABLE: u32 = 0xFF00_0037;
const DEVICE_ENABLED: u32 = 1 << 6;
const CSW_RESET: u32 = 0x0300_0002;
/// The address counts up within these bits (ADIv5.2, C2.2.2).
const INCREMENT_MASK: u32 = 0x3FF;

/// The two ports.
pub(crate) struct DebugPort {
    select: u32,
    control: u32,
    read_buffer: u32,
    access_control: u32,
    address: u32,
}

impl DebugPort {
    /// After power came on.
    pub(crate) fn new() -> DebugPort {
        DebugPort {
            select: 0,
            control: 0,
            read_buffer: 0,
            access_control: CSW_RESET,
            address: 0,
        }
    }

    /// Reads a register.
    pub(crate) fn read(
        &mut self,
        core: &mut Core,
        port: Port,
        register: u8,
    ) -> Result<u32, Refusal> {
        match (port, register) {
            (Port::Debug, 0x0) => Ok(DPIDR),
            (Port::Debug, 0x4) if self.select & 0xF == 0 => {
                Ok(self.control | (self.control & POWER_REQUESTS) << 1)
            }
            (Port::Debug, 0x4) => Ok(0),
            (Port::Debug, _) => Ok(self.read_buffer),
            (Port::Access, _) => {
                let mut value = [0];
                self.read_block(core, port, register, &mut value)?;
                Ok(value[0])
            }
        }
    }

    /// Writes a register.
    pub(crate) fn write(
        &mut self,
        core: &mut Core,
        port: Port,
        register: u8,
        value: u32,
    ) -> Result<(), Refusal> {
        match (port, register) {
            (Port::Debug, 0x4) if self.select & 0xF == 0 => self.control = value & WRITABLE,
            (Port::Debug, 0x8) => self.select = value,
            (Port::Debug, _) => {}
            (Port::Access, _) => return self.write_block(core, port, register, &[value]),
        }
        Ok(())
    }

    /// Reads a register once for each of `values`: of memory as much at once as there is.
    pub(crate) fn read_block(
        &mut self,
        core: &mut Core,
        port: Port,
        register: u8,
        values: &mut [u32],
    ) -> Result<(), Refusal> {
        let mut rest = values;
        while !rest.is_empty() {
            let whole_words = match (port, self.access_register(register)?) {
                (Port::Access, Some(DRW)) => self.whole_words(rest.len()),
                _ => 0,
            };
            let (now, later) = rest.split_at_mut(whole_words.max(1));
            rest = later;
            if whole_words > 1 {
                let bytes = core.qtest.read(self.address, 4 * whole_words as u32)?;
                for (value, bytes) in now.iter_mut().zip(bytes.chunks_exact(4)) {
                    *value = little_endian(bytes);
                    self.count_up();
                }
            } else if port == Port::Access {
                now[0] = self.read_access(core, register)?;
            } else {
                now[0] = self.read(core, port, register)?;
            }
            self.read_buffer = now[now.len() - 1];
        }
        Ok(())
    }

    /// Writes each of `values` to a register: of RAM as much at once as there is.
    pub(crate) fn write_block(
        &mut self,
        core: &mut Core,
        port: Port,
        register: u8,
        values: &[u32],
    ) -> Result<(), Refusal> {
        let mut rest = values;
        while let [first, ..] = rest {
            if port == Port::Debug {
                self.write(core, port, register, *first)?;
                rest = &rest[1..];
                continue;
            }
            let whole_words = match self.access_register(register)? {
                Some(DRW) if bus::holds(bus::RAM, self.address) => self.whole_words(rest.len()),
                _ => 0,
            };
            let (now, later) = rest.split_at(whole_words.max(1));
            rest = later;
            if whole_words > 1 {
                let bytes: Vec<u8> = now.iter().flat_map(|word| word.to_le_bytes()).collect();
                core.qtest.write(self.address, &bytes)?;
                now.iter().for_each(|_| self.count_up());
            } else {
                self.write_access(core, register, *first)?;
            }
        }
        Ok(())
    }

    /// Words from the address on that can go in one go: as many as lie in one memory, up to where the address wraps.
    fn whole_words(&self, count: usize) -> usize {
        let counts_words = self.access_control & 0x37 == 0x12;
        if !counts_words || !self.address.is_multiple_of(4) {
            return 0;
        }
        let to_wrap = INCREMENT_MASK + 1 - (self.address & INCREMENT_MASK);
        count.min(memory_len(self.address).min(to_wrap) as usize / 4)
    }

    /// The register of the access port that SELECT names; none where there is no such port. Without debug power each access is
    /// a fault.
    fn access_register(&self, register: u8) -> Result<Option<u8>, Refusal> {
        if self.control & CDBGPWRUPREQ == 0 {
            return Err(Refusal::Fault);
        }
        let is_there = self.select >> 24 == 0;
        Ok(is_there.then_some((self.select & 0xF0) as u8 | register))
    }

    fn read_access(&mut self, core: &mut Core, register: u8) -> Result<u32, Refusal> {
        Ok(match self.access_register(register)? {
            Some(CSW) => self.access_control | DEVICE_ENABLED,
            Some(TAR) => self.address,
            Some(DRW) => {
                let value = read_memory(core, self.address)?;
                self.count_up();
                value
            }
            Some(register @ BD0..=BD3) => read_memory(core, self.banked(register))?,
            // Present, in the format of ADIv5.
            Some(BASE) => ROM_TABLE | 3,
            Some(IDR) => AP_IDR,
            _ => 0,
        })
    }

    fn write_access(&mut self, core: &mut Core, register: u8, value: u32) -> Result<(), Refusal> {
        match self.access_register(register)? {
            Some(CSW) => self.set_access_control(value),
            Some(TAR) => self.address = value,
            Some(DRW) => {
                write_memory(core, self.address, self.size(), value)?;
                self.count_up();
            }
            Some(register @ BD0..=BD3) => write_memory(core, self.banked(register), 4, value)?,
            _ => {}
        }
        Ok(())
    }

    fn set_access_control(&mut self, value: u32) {
        let mut control = value & CSW_WRITABLE;
        if control & 7 > 2 {
            control = control & !7 | 2;
        }
        // Packed transfers are not there.
        if control >> 4 & 3 > 1 {
            control &= !0x30;
        }
        self.access_control = control;
    }

    fn banked(&self, register: u8) -> u32 {
        self.address & !0xF | u32::from(register & 0xC)
    }

    fn size(&self) -> u32 {
        1 << (self.access_control & 3).min(2)
    }

    fn count_up(&mut self) {
        if self.access_control & 0x30 != 0 {
            let next = self.address.wrapping_add(self.size());
            self.address = self.address & !INCREMENT_MASK | next & INCREMENT_MASK;
        }
    }
}

/// A word, in which each byte stands in the lane of its address, whatever the size of the transfer.
fn read_memory(core: &mut Core, address: u32) -> Result<u32, Refusal> {
    match address {
        PRIVATE_START.. => core.read_private(address),
        _ => bus::read_word(&mut core.qtest, address),
    }
}

fn write_memory(core: &mut Core, address: u32, size: u32, value: u32) -> Result<(), Refusal> {
    let address = address & !(size - 1);
    let value = value >> (8 * (address & 3)) & u32::MAX >> (32 - 8 * size);
    match address {
        PRIVATE_START.. => core.write_private(address, value),
        _ => bus::write(&mut core.qtest, address, size, value),
    }
}

fn little_endian(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .rev()
        .fold(0, |word, byte| word << 8 | u32::from(*byte))
}
