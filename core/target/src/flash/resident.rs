//! Our own routines in the target's RAM: CRC-32 and blank check. Their source is `resident.s`.

use super::{
    algorithm::load_code,
    layout::{RamLayout, RamNeeds, main_ram},
};
use crate::{
    bus::Bus,
    call::{CallTime, Caller},
    error::TargetError,
    limits::{BUSY_FACTOR, INIT_TIMEOUT, RESIDENT_STACK_LEN},
};
use imprint_device::FrozenDevice;
use std::time::Duration;

/// What `resident.s` assembles to. Its first word is where routines return to.
const CODE: &[u8] = include_bytes!("resident.bin");
/// Offsets of the routines in `CODE`.
const MAKE_TABLES: u32 = 0x04;
const CRC: u32 = 0x42;
const BLANK: u32 = 0x7C;
/// Four tables of 256 words.
const TABLES_LEN: u32 = 4096;
/// Cycles a word, by the instructions' times on a Cortex-M0 (Technical Reference Manual 3.3); flash reads add to them.
const CRC_CYCLES: u64 = 30;
const BLANK_CYCLES: u64 = 8;

/// The routines, loaded.
pub(super) struct Resident {
    caller: Caller,
    code: u32,
    tables: u32,
    core_clock_khz: u64,
}

impl Resident {
    /// Loads the routines for blank checks.
    pub(super) fn load(bus: &mut Bus<'_>, frozen: &FrozenDevice) -> Result<Self, TargetError> {
        Self::load_with(bus, frozen, 0)
    }

    /// Loads the routines and makes the tables for CRCs.
    pub(super) fn load_for_crc(
        bus: &mut Bus<'_>,
        frozen: &FrozenDevice,
    ) -> Result<Self, TargetError> {
        let resident = Self::load_with(bus, frozen, TABLES_LEN)?;
        let time = CallTime {
            expected: Duration::ZERO,
            timeout: INIT_TIMEOUT,
        };
        resident
            .caller
            .start(bus, resident.code + MAKE_TABLES, &[resident.tables])?;
        resident
            .caller
            .finish(bus, time, &|| "the resident routine".into())?;
        Ok(resident)
    }

    fn load_with(
        bus: &mut Bus<'_>,
        frozen: &FrozenDevice,
        tables_len: u32,
    ) -> Result<Self, TargetError> {
        let ram = main_ram(frozen)?;
        // The tables are a buffer, and the place of the second one stays empty.
        let needs = RamNeeds {
            what: "the resident routines",
            code_len: CODE.len() as u64,
            load_address: None,
            stack_len: RESIDENT_STACK_LEN,
            buffer_len: tables_len,
        };
        let layout = RamLayout::new(ram, &needs)?;
        load_code(bus, needs.what, layout.code, CODE)?;
        let caller = Caller::prepare(bus, layout.code, layout.stack_top, 0)?;
        let core_clock_khz = u64::from(frozen.device.twin.core_clock_khz.max(1));
        Ok(Self {
            caller,
            code: layout.code,
            tables: layout.buffers[0],
            core_clock_khz,
        })
    }

    /// Goes on with the CRC-32 `crc` over the words from `address` to `end`. At least one word.
    pub(super) fn crc(
        &self,
        bus: &mut Bus<'_>,
        crc: u32,
        address: u32,
        end: u32,
    ) -> Result<u32, TargetError> {
        let args = [!crc, address, end, self.tables];
        self.call(bus, CRC, &args, self.time(address, end, CRC_CYCLES))
            .map(|crc| !crc)
    }

    /// The first word from `address` to `end` that is not `erased`, or `end`.
    pub(super) fn first_not_blank(
        &self,
        bus: &mut Bus<'_>,
        address: u32,
        end: u32,
        erased: u32,
    ) -> Result<u32, TargetError> {
        self.call(
            bus,
            BLANK,
            &[address, end, erased],
            self.time(address, end, BLANK_CYCLES),
        )
    }

    fn call(
        &self,
        bus: &mut Bus<'_>,
        offset: u32,
        args: &[u32],
        time: CallTime,
    ) -> Result<u32, TargetError> {
        self.caller.start(bus, self.code + offset, args)?;
        self.caller
            .finish(bus, time, &|| "the resident routine".into())
    }

    fn time(&self, address: u32, end: u32, cycles: u64) -> CallTime {
        let words = u64::from(end - address) / 4;
        let expected = Duration::from_micros(words * cycles * 1000 / self.core_clock_khz);
        CallTime {
            expected,
            timeout: expected * BUSY_FACTOR + INIT_TIMEOUT,
        }
    }
}
