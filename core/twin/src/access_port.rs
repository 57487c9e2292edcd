//! Access port 0: the debugger's way to memory (ADIv5.2, C2). Packed transfers are not there, as on most Cortex-M
//! chips; a debugger that asks for them reads back that they are off.

use crate::{
    cpu::Cpu,
    peripherals::{Access, BusFault, DebugAccess, Master},
};

/// CSW: the fields that can be written. The others are fixed.
const CSW_WRITABLE: u32 = 0xFF00_0037;
/// CSW: transfers are possible.
const DEVICE_ENABLED: u32 = 1 << 6;
/// CSW after reset: protection as the bus wants it, words.
const CSW_RESET: u32 = 0x0300_0002;
/// The address counts up within these bits: at least the low ten (ADIv5.2, C2.2.2), and the low twelve in the port of
/// Cortex-M3 and M4, as OpenOCD and pyOCD count on.
const INCREMENT_MASK: u32 = 0x3FF;
const INCREMENT_MASK_V7: u32 = 0xFFF;

/// Registers, by address.
const CSW: u8 = 0x00;
const TAR: u8 = 0x04;
const DRW: u8 = 0x0C;
const BD0: u8 = 0x10;
const BD3: u8 = 0x1C;
const CFG: u8 = 0xF4;
const BASE: u8 = 0xF8;
const IDR: u8 = 0xFC;

/// State of the memory access port.
pub(crate) struct AccessPort {
    pub id: u32,
    /// Address of the ROM table.
    pub rom_table: u32,
    control: u32,
    address: u32,
}

impl AccessPort {
    pub fn new(id: u32, rom_table: u32) -> AccessPort {
        AccessPort {
            id,
            rom_table,
            control: CSW_RESET,
            address: 0,
        }
    }

    /// Address of the memory behind a register, if there is memory behind it.
    pub fn memory_address(&self, register: u8) -> Option<u32> {
        match register {
            DRW => Some(self.address & !(u32::from(self.size()) - 1)),
            BD0..=BD3 => Some(self.address & !0xF | u32::from(register & 0xC)),
            _ => None,
        }
    }

    fn size(&self) -> u8 {
        1 << (self.control & 3).min(2)
    }

    /// Reads or writes a register.
    pub fn transfer(
        &mut self,
        cpu: &mut Cpu,
        register: u8,
        write: Option<u32>,
    ) -> Result<u32, BusFault> {
        if let Some(address) = self.memory_address(register) {
            let size = if register == DRW { self.size() } else { 4 };
            let value = transfer_memory(cpu, address, size, write)?;
            if register == DRW {
                self.count_up(cpu.profile.is_v7);
            }
            return Ok(value);
        }
        match (register, write) {
            (CSW, None) => {
                let open = cpu.bus.die.debug_access != DebugAccess::Closed;
                return Ok(self.control | if open { DEVICE_ENABLED } else { 0 });
            }
            (CSW, Some(value)) => self.set_control(value),
            (TAR, None) => return Ok(self.address),
            (TAR, Some(value)) => self.address = value,
            (CFG, None) => return Ok(0),
            // Present, in the format of ADIv5.
            (BASE, None) => return Ok(self.rom_table & !0xFFF | 3),
            (IDR, None) => return Ok(self.id),
            _ => {}
        }
        Ok(0)
    }

    fn set_control(&mut self, value: u32) {
        let mut control = value & CSW_WRITABLE;
        if control & 7 > 2 {
            control = control & !7 | 2;
        }
        if control >> 4 & 3 > 1 {
            control &= !0x30;
        }
        self.control = control;
    }

    fn count_up(&mut self, is_v7: bool) {
        if self.control & 0x30 != 0 {
            let mask = if is_v7 {
                INCREMENT_MASK_V7
            } else {
                INCREMENT_MASK
            };
            let next = self.address.wrapping_add(u32::from(self.size()));
            self.address = self.address & !mask | next & mask;
        }
    }
}

/// A transfer on the bus. Values stand in the byte lanes of their addresses.
fn transfer_memory(
    cpu: &mut Cpu,
    address: u32,
    size: u8,
    write: Option<u32>,
) -> Result<u32, BusFault> {
    if cpu.bus.die.debug_access == DebugAccess::Closed {
        return Err(BusFault);
    }
    cpu.bus.die.debugger_seen = true;
    let lane = 8 * (address & 3);
    let is_private = address >= crate::cpu::PRIVATE_START;
    let access = Access {
        master: Master::Debugger,
        address,
        size,
    };
    match write {
        None if is_private => Ok(cpu.private_read(Master::Debugger, address, size)? << lane),
        None => Ok(cpu.bus.debugger_read(access)? << lane),
        Some(value) => {
            let value = value >> lane & u32::MAX >> (32 - 8 * u32::from(size));
            if is_private {
                cpu.private_write(Master::Debugger, address, size, value)?;
            } else {
                cpu.bus.debugger_write(access, value)?;
            }
            Ok(0)
        }
    }
}
