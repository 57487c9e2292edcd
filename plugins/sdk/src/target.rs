//! The target, for the length of one call.

use crate::{
    core_control::CoreControl,
    debug_port::DebugPort,
    error::{Error, Result},
    glue_host::HostCalls,
};
use imprint_plugin_abi::{
    IMPRINT_LOG_DEBUG, IMPRINT_LOG_ERROR, IMPRINT_LOG_INFO, IMPRINT_LOG_WARN,
};

/// The chip on the wire, and what the host offers beside it. Every method that can fail does so with
/// `IMPRINT_E_CANCELLED` once the user has cancelled: hand the error on.
pub struct Target<'a> {
    host: HostCalls<'a>,
}

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

impl LogLevel {
    fn number(self) -> u32 {
        match self {
            Self::Error => IMPRINT_LOG_ERROR,
            Self::Warn => IMPRINT_LOG_WARN,
            Self::Info => IMPRINT_LOG_INFO,
            Self::Debug => IMPRINT_LOG_DEBUG,
        }
    }
}

/// A call of code that lies in the target's memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Call {
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

impl<'a> Target<'a> {
    pub(crate) fn new(host: HostCalls<'a>) -> Self {
        Self { host }
    }

    /// The failure of what was put back on the way, which no method could return.
    pub(crate) fn late(&self) -> Result<()> {
        self.host.late()
    }

    /// Reads memory.
    pub fn read(&mut self, address: u64, buffer: &mut [u8]) -> Result<()> {
        self.host.mem_read(address, buffer)
    }

    /// Writes memory.
    pub fn write(&mut self, address: u64, data: &[u8]) -> Result<()> {
        self.host.mem_write(address, data)
    }

    /// Calls code on the target and returns R0.
    pub fn call(&mut self, call: &Call) -> Result<u64> {
        self.host.call(call)
    }

    /// Reports progress of this call, in bytes or steps.
    pub fn progress(&mut self, done: u64, total: u64) {
        self.host.progress(done, total);
    }

    /// Writes a line to the log of the unit.
    pub fn log(&self, level: LogLevel, message: &str) {
        self.host.log(level.number(), message);
    }

    /// The unit is to stop.
    pub fn is_cancelled(&self) -> bool {
        self.host.is_cancelled()
    }

    /// A property of the device, from `properties` in its description.
    pub fn property(&self, name: &str) -> Result<Option<String>> {
        self.host.property(name)
    }

    /// A property that the device's description must have.
    pub fn required_property(&self, name: &str) -> Result<String> {
        self.property(name)?.ok_or_else(|| {
            Error::invalid_argument(format!("the device's description has no property `{name}`"))
        })
    }

    /// A numeric property that the device's description must have, decimal or with `0x`.
    pub fn number_property(&self, name: &str) -> Result<u64> {
        let text = self.required_property(name)?;
        parse_number(&text).ok_or_else(|| {
            Error::invalid_argument(format!(
                "the property `{name}` of the device's description is `{text}`, expected a number"
            ))
        })
    }

    /// The debug port: below memory, for chips that are locked or odd.
    pub fn debug_port(&mut self) -> Option<DebugPort<'_>> {
        self.host.debug_port().map(DebugPort::new)
    }

    /// The core, once the target is attached.
    pub fn core(&mut self) -> Option<CoreControl<'_>> {
        self.host.core().map(CoreControl::new)
    }
}

/// A number in decimal, or in hexadecimal after `0x`.
pub(crate) fn parse_number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(&digits.replace('_', ""), 16).ok(),
        None => text.replace('_', "").parse().ok(),
    }
}

/// Single transfers of words: over the attached target, or over a memory access port before it is attached.
pub trait Words {
    /// Reads 32 bits.
    fn read_word(&mut self, address: u64) -> Result<u32>;

    /// Writes 32 bits.
    fn write_word(&mut self, address: u64, value: u32) -> Result<()>;

    /// Writes 16 bits in one transfer.
    fn write_half_word(&mut self, address: u64, value: u16) -> Result<()>;

    /// Waits, the only way to wait.
    fn delay_us(&mut self, us: u64) -> Result<()>;

    /// Polls every millisecond until `address & mask` reads as `value`. Fails with `IMPRINT_E_DEVICE` after
    /// `timeout_ms`.
    fn wait_for(&mut self, address: u64, mask: u32, value: u32, timeout_ms: u32) -> Result<()> {
        let mut read = self.read_word(address)?;
        for _ in 0..timeout_ms {
            if read & mask == value {
                return Ok(());
            }
            self.delay_us(1000)?;
            read = self.read_word(address)?;
        }
        if read & mask == value {
            return Ok(());
        }
        Err(Error::device(format!(
            "{address:#010x} still reads {read:#010x} after {timeout_ms} ms, expected {value:#x} \
             under the mask {mask:#x}"
        ))
        .at(address))
    }
}

impl Words for Target<'_> {
    fn read_word(&mut self, address: u64) -> Result<u32> {
        let mut bytes = [0; 4];
        self.read(address, &mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn write_word(&mut self, address: u64, value: u32) -> Result<()> {
        self.write(address, &value.to_le_bytes())
    }

    fn write_half_word(&mut self, address: u64, value: u16) -> Result<()> {
        self.write(address, &value.to_le_bytes())
    }

    fn delay_us(&mut self, us: u64) -> Result<()> {
        self.host.delay_us(us)
    }
}
