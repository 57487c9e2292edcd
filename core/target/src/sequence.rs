//! How a debug port is found: line reset, switch to SWD, read DPIDR, a handful of times.
//!
//! probe-rs's own sequence keeps on for five times one second by the host's clock, which neither an empty socket, nor a
//! cancelled unit, nor a virtual clock can wait for. So this step is our own and the same for every chip; all later
//! steps are the vendor's. A chip that has to be woken in another way is woken by its family.

use crate::{
    limits::{CONNECT_PAUSE, CONNECT_TRIES},
    watch::Watch,
};
use probe_rs::architecture::arm::{
    ArmError, DapProbe, RegisterAddress,
    dp::{DpAddress, DpRegisterAddress},
    sequences::ArmDebugSequence,
};
use std::sync::Arc;

/// DPIDR when read, ABORT when written.
pub(crate) const DPIDR: RegisterAddress = register(0x0);
/// SELECT.
const SELECT: RegisterAddress = register(0x8);
/// ABORT bits that clear every sticky error.
const CLEAR_ERRORS: u32 = 0x1E;
/// At least 50 clocks with SWDIO high, then at least 2 low (ADIv5.2 B4.3.3).
const LINE_RESET: (u8, u64) = (54, 0x0007_FFFF_FFFF_FFFF);

/// The connecting part of a debug sequence; the rest are probe-rs's defaults, which are bounded.
pub(crate) struct Connect(pub(crate) Arc<Watch>);

impl ArmDebugSequence for Connect {
    fn debug_port_connect(&self, probe: &mut dyn DapProbe, dp: DpAddress) -> Result<(), ArmError> {
        if dp != DpAddress::Default {
            return Err(ArmError::NotImplemented("SWD multidrop"));
        }
        let mut result = connect(probe);
        for _ in 1..CONNECT_TRIES {
            if result.is_ok() {
                return result;
            }
            result = connect(probe);
        }
        if result.is_err() {
            // When the unit is to stop, the next transfer says so.
            let _ = self.0.pause(CONNECT_PAUSE);
        }
        result
    }
}

impl std::fmt::Debug for Connect {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Connect")
    }
}

fn connect(probe: &mut dyn DapProbe) -> Result<(), ArmError> {
    let (bit_count, bits) = LINE_RESET;
    probe.swj_sequence(bit_count, bits)?;
    probe.raw_read_register(DPIDR)?;
    probe.raw_write_register(DPIDR, CLEAR_ERRORS)?;
    probe.raw_write_register(SELECT, 0)?;
    probe.raw_flush()
}

const fn register(address: u8) -> RegisterAddress {
    RegisterAddress::DpRegister(DpRegisterAddress {
        address,
        bank: None,
    })
}
