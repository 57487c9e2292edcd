//! A probe at register level that is not one of probe-rs's: what a twin has to be to stand in for a real one.
//!
//! The methods are those of a serial wire debug interface (Arm Debug Interface v5.2, B4) plus a clock of its own.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Which half of the debug interface a transfer goes to (the APnDP bit).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// The debug port.
    Debug,
    /// The access port that DP SELECT names.
    Access,
}

/// How a transfer failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireFault {
    /// No acknowledge: nothing there, or it lost its place in the protocol.
    NoAnswer,
    /// WAIT: not ready, although the transfer was repeated as often as a probe does.
    Wait,
    /// FAULT: a sticky error flag is set.
    Fault,
}

impl From<Port> for imprint_transcript::Port {
    fn from(port: Port) -> Self {
        match port {
            Port::Debug => Self::Debug,
            Port::Access => Self::Access,
        }
    }
}

impl From<WireFault> for imprint_transcript::Fault {
    fn from(fault: WireFault) -> Self {
        match fault {
            WireFault::NoAnswer => Self::NoAnswer,
            WireFault::Wait => Self::Wait,
            WireFault::Fault => Self::Fault,
        }
    }
}

/// A probe at register level with a clock of its own.
///
/// As a probe's driver does, it repeats what is answered with WAIT for a while, and before it returns a fault it has
/// aborted the transfer and cleared the sticky errors (DP ABORT), so that the next transfer is not hit by them.
pub trait Wire: Send {
    /// What errors call it.
    fn name(&self) -> String;
    /// Whether what it ends at is virtual: a mistake there costs nothing. A plugin that nobody has signed is let run on
    /// such a wire only.
    fn is_virtual(&self) -> bool {
        false
    }
    /// Sets the clock of the wire and returns the one in use, in kHz.
    fn set_clock_khz(&mut self, khz: u32) -> u32;
    /// Reads register `register` (0x0, 0x4, 0x8, 0xC).
    fn read_register(&mut self, port: Port, register: u8) -> Result<u32, WireFault>;
    /// Writes register `register`.
    fn write_register(&mut self, port: Port, register: u8, value: u32) -> Result<(), WireFault>;
    /// Reads the same register once for each of `values`.
    fn read_block(&mut self, port: Port, register: u8, values: &mut [u32])
    -> Result<(), WireFault>;
    /// Writes each of `values` to the same register.
    fn write_block(&mut self, port: Port, register: u8, values: &[u32]) -> Result<(), WireFault>;
    /// Sends what is queued.
    fn flush(&mut self) -> Result<(), WireFault>;
    /// Drives SWDIO with the lowest `bit_count` bits of `bits`, the lowest first.
    fn line_sequence(&mut self, bit_count: u8, bits: u64);
    /// Sets the pins in `select` to `output` and returns all pins, numbered as in CMSIS-DAP's `DAP_SWJ_Pins` (bit 7 is
    /// nRESET).
    fn pins(&mut self, output: u32, select: u32) -> u32;
    /// Supply of the target, where it is measured.
    fn voltage_mv(&mut self) -> Option<u32>;
    /// Time on the link's clock.
    fn now_ns(&self) -> u64;
    /// Lets time pass without a transfer.
    fn pass_ns(&mut self, ns: u64);
    /// The unique identifier of the chip behind it, where that is known without asking the chip.
    fn identifier(&self) -> Option<Vec<u8>> {
        None
    }
}

/// A wire that the probe drives and the clock reads.
#[derive(Clone)]
pub(crate) struct SharedWire(Arc<Mutex<Box<dyn Wire>>>);

impl SharedWire {
    pub(crate) fn new(wire: impl Wire + 'static) -> Self {
        Self(Arc::new(Mutex::new(Box::new(wire))))
    }

    /// The wire. A panic inside a wire ends one unit; the lock it left says nothing about the next use.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Box<dyn Wire>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
