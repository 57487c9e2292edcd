//! The debug port and its access ports (ARM Debug Interface v5.2), and memory through a memory access port.
//!
//! Unlocking a chip happens below the host's memory access: on a vendor's own access port, or word by word through the
//! memory access port while everything else is still closed.

use crate::{
    error::{Error, Result},
    glue_host::DebugPortCalls,
    target::Words,
};

/// Control and status register of the debug port.
const DP_CTRL_STAT: u32 = 0x4;
/// CTRL/STAT.CSYSPWRUPREQ and CDBGPWRUPREQ.
const POWER_UP_REQUEST: u32 = 0x5000_0000;
/// CTRL/STAT.CSYSPWRUPACK and CDBGPWRUPACK.
const POWER_UP_ACK: u32 = 0xA000_0000;
/// Polls of `power_up`, a millisecond each: chips answer within microseconds.
const POWER_UP_POLLS: u32 = 100;

/// Control and status word of a memory access port (ADIv5.2, C2.6.4).
const CSW: u32 = 0x00;
/// Transfer address register.
const TAR: u32 = 0x04;
/// Data read/write register.
const DRW: u32 = 0x0C;
/// CSW.Size and CSW.AddrInc.
const CSW_SIZE_AND_INCREMENT: u32 = 0x37;
/// CSW.Size of 16 bits.
const CSW_SIZE_HALF_WORD: u32 = 1;
/// CSW.Size of 32 bits.
const CSW_SIZE_WORD: u32 = 2;

/// Raw access to the debug port.
pub struct DebugPort<'a> {
    calls: DebugPortCalls<'a>,
}

impl<'a> DebugPort<'a> {
    pub(crate) fn new(calls: DebugPortCalls<'a>) -> Self {
        Self { calls }
    }

    /// Reads debug port register 0x0, 0x4, 0x8 or 0xC.
    pub fn dp_read(&mut self, register: u32) -> Result<u32> {
        self.calls.dp_read(register)
    }

    /// Writes a debug port register.
    pub fn dp_write(&mut self, register: u32, value: u32) -> Result<()> {
        self.calls.dp_write(register, value)
    }

    /// Reads register 0x00 to 0xFC of access port `ap`.
    pub fn ap_read(&mut self, ap: u32, register: u32) -> Result<u32> {
        self.calls.ap_read(ap, register)
    }

    /// Writes a register of access port `ap`.
    pub fn ap_write(&mut self, ap: u32, register: u32, value: u32) -> Result<()> {
        self.calls.ap_write(ap, register, value)
    }

    /// Holds the target in reset, or releases it.
    pub fn reset_line(&mut self, asserted: bool) -> Result<()> {
        self.calls.reset_line(asserted)
    }

    /// Waits.
    pub fn delay_us(&mut self, us: u64) -> Result<()> {
        self.calls.delay_us(us)
    }

    /// Powers the debug domain up, which access ports need. Does nothing when it is up.
    pub fn power_up(&mut self) -> Result<()> {
        if self.dp_read(DP_CTRL_STAT)? & POWER_UP_ACK == POWER_UP_ACK {
            return Ok(());
        }
        self.dp_write(DP_CTRL_STAT, POWER_UP_REQUEST)?;
        for _ in 0..POWER_UP_POLLS {
            if self.dp_read(DP_CTRL_STAT)? & POWER_UP_ACK == POWER_UP_ACK {
                return Ok(());
            }
            self.delay_us(1000)?;
        }
        Err(Error::target(
            "the debug domain of the target does not power up",
        ))
    }

    /// Memory through the memory access port `ap`. Its settings are put back when the value is dropped.
    pub fn memory(&mut self, ap: u32) -> Result<MemAp<'_, 'a>> {
        let csw = self.ap_read(ap, CSW)?;
        Ok(MemAp {
            port: self,
            ap,
            csw,
        })
    }
}

/// Words of memory through a memory access port.
pub struct MemAp<'p, 'a> {
    port: &'p mut DebugPort<'a>,
    ap: u32,
    /// The settings found, which others may rely on.
    csw: u32,
}

impl MemAp<'_, '_> {
    fn select(&mut self, address: u64, size: u32) -> Result<()> {
        let address = u32::try_from(address).map_err(|_| {
            Error::invalid_argument(format!("{address:#x} is not a 32-bit address")).at(address)
        })?;
        self.port
            .ap_write(self.ap, CSW, self.csw & !CSW_SIZE_AND_INCREMENT | size)?;
        self.port.ap_write(self.ap, TAR, address)
    }
}

impl Words for MemAp<'_, '_> {
    fn read_word(&mut self, address: u64) -> Result<u32> {
        self.select(address, CSW_SIZE_WORD)?;
        self.port
            .ap_read(self.ap, DRW)
            .map_err(|error| error.at(address))
    }

    fn write_word(&mut self, address: u64, value: u32) -> Result<()> {
        self.select(address, CSW_SIZE_WORD)?;
        self.port
            .ap_write(self.ap, DRW, value)
            .map_err(|error| error.at(address))
    }

    fn write_half_word(&mut self, address: u64, value: u16) -> Result<()> {
        self.select(address, CSW_SIZE_HALF_WORD)?;
        // Data lies in the byte lanes of its address (ADIv5.2, C2.2.6).
        let lanes = u32::from(value) << (8 * (address & 2));
        self.port
            .ap_write(self.ap, DRW, lanes)
            .map_err(|error| error.at(address))
    }

    fn delay_us(&mut self, us: u64) -> Result<()> {
        self.port.delay_us(us)
    }
}

impl Drop for MemAp<'_, '_> {
    fn drop(&mut self) {
        // A failure here cannot be returned; it fails the call at its end, unless the call fails anyway.
        if let Err(error) = self.port.ap_write(self.ap, CSW, self.csw) {
            self.port.calls.keep_late(error);
        }
    }
}
