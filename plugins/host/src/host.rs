//! What a host offers a family: the target, its debug port and its core.

use crate::error::FamilyStatus;
use std::sync::Arc;

/// Why the host cannot do what the family asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostError {
    /// What kind of failure it is: mostly `Target`, `Cancelled` or `Unsupported`.
    pub status: FamilyStatus,
    /// Target address of the failure.
    pub address: Option<u64>,
    /// One sentence.
    pub message: String,
}

/// What a host function gives.
pub type HostResult<T> = Result<T, HostError>;

/// Tells from any thread whether the unit is to stop.
pub type Cancellation = Arc<dyn Fn() -> bool + Send + Sync>;

/// How much a line of the log matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// Something failed.
    Error,
    /// Something a person should look at.
    Warn,
    /// What is being done.
    Info,
    /// Detail for who debugs the plugin.
    Debug,
}

/// A call of code that lies in the target's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostCall {
    /// Longest time to wait for the return, in milliseconds of target time.
    pub timeout_ms: u32,
    /// Address of the function.
    pub entry: u64,
    /// Initial stack pointer.
    pub stack: u64,
    /// Value of R9.
    pub static_base: u64,
    /// R0 to R3.
    pub args: [u64; 4],
}

/// The target that a family works on.
pub trait HostTarget {
    /// Reads memory.
    fn read(&mut self, address: u64, buffer: &mut [u8]) -> HostResult<()>;
    /// Writes memory: aligned words as words, 2 aligned bytes as one transfer of 16 bits.
    fn write(&mut self, address: u64, data: &[u8]) -> HostResult<()>;
    /// Calls code on the target and returns R0.
    fn call(&mut self, call: &HostCall) -> HostResult<u64>;
    /// Waits; ends early when the unit is to stop.
    fn delay_us(&mut self, us: u64) -> HostResult<()>;
    /// Progress of the call, in bytes or steps.
    fn progress(&mut self, done: u64, total: u64);
    /// A line for the unit's log, without control characters.
    fn log(&mut self, level: LogLevel, message: &str);
    /// Asked once a call.
    fn cancellation(&self) -> Cancellation;
    /// A property of the device.
    fn property(&self, name: &str) -> Option<&str>;
    /// The debug port, where the probe gives access to it.
    fn debug_port(&mut self) -> Option<&mut dyn HostDebugPort>;
    /// The core, once the target is attached.
    fn core(&mut self) -> Option<&mut dyn HostCore>;
}

/// Raw access to the debug port and its access ports (ADIv5).
pub trait HostDebugPort {
    /// Reads debug port register 0x0, 0x4, 0x8 or 0xC.
    fn dp_read(&mut self, register: u8) -> HostResult<u32>;
    /// Writes a debug port register.
    fn dp_write(&mut self, register: u8, value: u32) -> HostResult<()>;
    /// Reads register 0x00 to 0xFC of an access port.
    fn ap_read(&mut self, ap: u8, register: u8) -> HostResult<u32>;
    /// Writes a register of an access port.
    fn ap_write(&mut self, ap: u8, register: u8, value: u32) -> HostResult<()>;
    /// Holds the target in reset, or releases it.
    fn reset_line(&mut self, asserted: bool) -> HostResult<()>;
}

/// Control of the core.
pub trait HostCore {
    /// Halts the core.
    fn halt(&mut self) -> HostResult<()>;
    /// Lets the core run.
    fn run(&mut self) -> HostResult<()>;
    /// Executes one instruction.
    fn step(&mut self) -> HostResult<()>;
    /// Resets the target; with `halt` it stops before its first instruction.
    fn reset(&mut self, halt: bool) -> HostResult<()>;
    /// Reads a core register, numbered as DCRSR.REGSEL.
    fn register_read(&mut self, number: u32) -> HostResult<u32>;
    /// Writes a core register.
    fn register_write(&mut self, number: u32, value: u32) -> HostResult<()>;
}
