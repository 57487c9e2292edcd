//! The debug port for serial wire and JTAG (ADIv5.2, B2 to B4): line states, identification, power-up, sticky errors, selection.
//!
//! It is version 1 of the port, so it knows no dormant state and no multi-drop: after power came on it listens as
//! JTAG, and answers to no transfer of serial wire until the switch sequence and a line reset. Behind JTAG's test
//! access port (`serve::tap`) are the same registers, reached by `scan`.

use crate::{access_port::AccessPort, cpu::Cpu};

/// Which half of the debug port a register belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// A register of the debug port.
    Debug,
    /// A register of the access port that SELECT names.
    Access,
}

/// A transfer that did not go well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireFault {
    /// No one acknowledged.
    NoAnswer,
    /// WAIT, until the probe gave up.
    Wait,
    /// FAULT. The probe has cleared the sticky error.
    Fault,
}

/// One transfer on the wire.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    pub port: Port,
    /// Bits 3 and 2 of the register's address: 0x0, 0x4, 0x8 or 0xC.
    pub register: u8,
    /// The value of a write.
    pub write: Option<u32>,
}

/// What the port makes of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// It listens for the sequence that switches to serial wire.
    Jtag,
    /// Serial wire; it has lost the thread and waits for a line reset.
    Lost,
    /// After a line reset: only DPIDR can be read.
    Reset,
    /// In operation.
    Open,
}

/// High bits of a line reset (ADIv5.2, B4.3.3).
const LINE_RESET_BITS: u32 = 50;
/// The sequence from JTAG to serial wire, 0xE79E, in the order of its bits on the wire, first bit highest.
const JTAG_TO_SWD: u128 = 0x79E7;
/// The sequence back, 0xE73C.
const SWD_TO_JTAG: u128 = 0x3CE7;

/// CTRL/STAT: an overrun is to be kept in STICKYORUN.
const ORUNDETECT: u32 = 1;
/// CTRL/STAT: a transfer was answered with WAIT while overruns are looked for.
const STICKYORUN: u32 = 1 << 1;
/// CTRL/STAT: sticky error.
const STICKYERR: u32 = 1 << 5;
/// CTRL/STAT: the last read of an access port went well.
const READOK: u32 = 1 << 6;
/// CTRL/STAT: power-up requests, each acknowledged in the bit above it.
const POWER_REQUESTS: u32 = 1 << 28 | 1 << 30;
/// CTRL/STAT: debug power is requested.
const CDBGPWRUPREQ: u32 = 1 << 28;
/// CTRL/STAT: what can be written.
const WRITABLE: u32 = 0x54FF_FF0D;
/// ABORT: clears the sticky error.
const STKERRCLR: u32 = 1 << 2;

/// State of the debug port and its memory access port.
pub(crate) struct DebugPort {
    id: u32,
    line: Line,
    /// High bits in a row, and the last 128 bits, the latest lowest.
    high_bits: u32,
    history: u128,
    select: u32,
    control: u32,
    sticky_error: bool,
    /// Only JTAG sets it here: on serial wire, a probe repeats what is answered with WAIT.
    sticky_overrun: bool,
    read_ok: bool,
    read_buffer: u32,
    access: AccessPort,
}

impl DebugPort {
    /// A port after power came on.
    pub fn new(id: u32, access_port_id: u32, rom_table: u32) -> DebugPort {
        DebugPort {
            id,
            line: Line::Jtag,
            high_bits: 0,
            history: 0,
            select: 0,
            control: 0,
            sticky_error: false,
            sticky_overrun: false,
            read_ok: false,
            read_buffer: 0,
            access: AccessPort::new(access_port_id, rom_table),
        }
    }

    /// Power failed and came back.
    pub fn reset(&mut self) {
        *self = DebugPort::new(self.id, self.access.id, self.access.rom_table);
    }

    /// One bit on the data line, outside of a transfer.
    pub fn shift(&mut self, bit: bool) {
        self.history = self.history << 1 | u128::from(bit);
        self.high_bits = if bit { self.high_bits + 1 } else { 0 };
        let switch = self.history & 0xFFFF;
        let after_reset = is_line_reset(self.history >> 16);
        match self.line {
            Line::Jtag if switch == JTAG_TO_SWD && after_reset => {
                self.line = Line::Lost;
                self.high_bits = 0;
            }
            Line::Jtag => {}
            _ if switch == SWD_TO_JTAG && after_reset => self.line = Line::Jtag,
            _ if self.high_bits >= LINE_RESET_BITS => {
                self.line = Line::Reset;
                self.select = 0;
            }
            // A start bit that begins no transfer.
            _ if bit => self.line = Line::Lost,
            _ => {}
        }
    }

    /// The pins are those of JTAG.
    pub fn is_jtag(&self) -> bool {
        self.line == Line::Jtag
    }

    /// Address of the memory that the request reads or writes.
    pub fn memory_address(&self, request: Request) -> Option<u32> {
        let is_memory = request.port == Port::Access && self.select >> 24 == 0;
        let is_open = matches!(self.line, Line::Open | Line::Jtag);
        if !is_memory || !is_open || self.sticky_error || self.sticky_overrun {
            return None;
        }
        self.access
            .memory_address(self.access_register(request.register))
    }

    /// Does one transfer.
    pub fn transfer(&mut self, cpu: &mut Cpu, request: Request) -> Result<u32, WireFault> {
        let reads_id =
            request.port == Port::Debug && request.register == 0 && request.write.is_none();
        match self.line {
            Line::Reset if reads_id => self.line = Line::Open,
            Line::Open => {}
            _ => return Err(WireFault::NoAnswer),
        }
        match (request.port, request.write) {
            (Port::Debug, None) => self.read_debug(request.register),
            (Port::Debug, Some(value)) => self.write_debug(request.register, value),
            (Port::Access, _) => self.transfer_access(cpu, request),
        }
    }

    /// Does one access of a scan (ADIv5.2, B3.2). Errors stay in CTRL/STAT, where they are cleared, too.
    pub fn scan(&mut self, cpu: &mut Cpu, request: Request) -> u32 {
        match (request.port, request.register, request.write) {
            (Port::Debug, 0x4, None) => self.status(),
            (Port::Debug, 0x4, Some(value)) => {
                self.sticky_error &= value & STICKYERR == 0;
                self.sticky_overrun &= value & STICKYORUN == 0;
                self.control = value & WRITABLE;
                0
            }
            (Port::Debug, 0x8, None) => self.select,
            (Port::Debug, 0x8, Some(value)) => {
                self.select = value;
                0
            }
            // RDBUFF reads as zero: it is there to fetch what the scan before it has read.
            (Port::Debug, ..) => 0,
            (Port::Access, ..) if self.sticky_error || self.sticky_overrun => 0,
            (Port::Access, ..) => self.transfer_access(cpu, request).unwrap_or(0),
        }
    }

    /// A scan was answered with WAIT.
    pub fn note_overrun(&mut self) {
        self.sticky_overrun |= self.control & ORUNDETECT != 0;
    }

    /// The sticky error that a FAULT leaves; also injected ones.
    pub fn set_sticky_error(&mut self) {
        self.sticky_error = true;
    }

    /// Transfers are answered with FAULT until the error is cleared.
    pub fn has_sticky_error(&self) -> bool {
        self.sticky_error
    }

    /// The last value that was read of an access port.
    pub fn read_buffer(&self) -> u32 {
        self.read_buffer
    }

    fn read_debug(&self, register: u8) -> Result<u32, WireFault> {
        match register {
            0x0 => Ok(self.id),
            0x4 if self.select & 1 == 0 => Ok(self.status()),
            // WCR: no turn-around cycles beyond one.
            0x4 => Ok(0),
            _ if self.sticky_error => Err(WireFault::Fault),
            // RESEND and RDBUFF: the last value of an access port again.
            _ => Ok(self.read_buffer),
        }
    }

    fn status(&self) -> u32 {
        let acknowledged = (self.control & POWER_REQUESTS) << 1;
        let error = if self.sticky_error { STICKYERR } else { 0 };
        let overrun = if self.sticky_overrun { STICKYORUN } else { 0 };
        self.control | acknowledged | error | overrun | if self.read_ok { READOK } else { 0 }
    }

    fn write_debug(&mut self, register: u8, value: u32) -> Result<u32, WireFault> {
        match register {
            0x0 => self.sticky_error &= value & STKERRCLR == 0,
            _ if self.sticky_error => return Err(WireFault::Fault),
            0x4 if self.select & 1 == 0 => self.control = value & WRITABLE,
            0x8 => self.select = value,
            _ => {}
        }
        Ok(0)
    }

    fn access_register(&self, register: u8) -> u8 {
        (self.select & 0xF0) as u8 | register
    }

    fn transfer_access(&mut self, cpu: &mut Cpu, request: Request) -> Result<u32, WireFault> {
        if self.sticky_error || self.control & CDBGPWRUPREQ == 0 {
            self.sticky_error = true;
            return Err(WireFault::Fault);
        }
        let register = self.access_register(request.register);
        let answer = match (self.select >> 24) as u8 {
            0 => self.access.transfer(cpu, register, request.write),
            port => Ok(other_port(cpu, port, register, request.write)),
        };
        self.read_ok = answer.is_ok() && request.write.is_none();
        match answer {
            Ok(value) => {
                if request.write.is_none() {
                    self.read_buffer = value;
                }
                Ok(value)
            }
            Err(_) => {
                self.sticky_error = true;
                Err(WireFault::Fault)
            }
        }
    }
}

/// A register of an access port of the family. A port that is not there reads as zero (ADIv5.2, C1.2.1).
fn other_port(cpu: &mut Cpu, port: u8, register: u8, write: Option<u32>) -> u32 {
    cpu.bus
        .with_peripherals(|peripherals, die| match write {
            None => peripherals.ap_read(die, port, register),
            Some(value) => peripherals.ap_write(die, port, register, value).map(|()| 0),
        })
        .flatten()
        .unwrap_or(0)
}

/// The last bits were all high, and enough for a line reset.
fn is_line_reset(history: u128) -> bool {
    let mask = (1u128 << LINE_RESET_BITS) - 1;
    history & mask == mask
}
