//! Is it the chip that the device describes?
//!
//! Asked before anything is written to the chip, so that a wrong one is left as it was.

use crate::{
    bus::Bus,
    core_control::CPUID,
    error::TargetError,
    port::{MEMORY_AP, Port},
};
use imprint_device::{Core, RomTable};

/// Of DPIDR, the part number and the designer; version and revision may differ (ADIv5.2 B2.2.5).
const DPIDR_MASK: u32 = 0x0FF0_0FFF;
/// Of an access port's IDR, all but revision and variant (ADIv5.2 C2.6.1).
const AP_IDR_MASK: u32 = 0x0FFF_FF0F;
/// Of CPUID, implementer, architecture and part number (ARMv7-M B3.2.3).
const CPUID_MASK: u32 = 0xFF0F_FFF0;
/// First of the eight peripheral id words that name designer and part (PIDR4, ADIv5.2 D2.2).
const PIDR4: u64 = 0xFD0;
/// BASE of an access port, and the bits of it that are an address (ADIv5.2 C2.6.2).
const AP_BASE: u8 = 0xF8;
const AP_BASE_ADDRESS: u32 = 0xFFFF_F000;
/// IDR of an access port.
const AP_IDR: u8 = 0xFC;

impl Port {
    /// The debug port itself, before anything else.
    pub(crate) fn check_dpidr(&self, found: u32) -> Result<(), TargetError> {
        let expected = self.frozen.device.twin.dpidr;
        self.check("DPIDR", expected, found, DPIDR_MASK)
    }

    pub(crate) fn check_cpuid(&self, found: u32) -> Result<(), TargetError> {
        let expected = cpuid_of(self.frozen.device.core);
        self.check("CPUID", expected, found, CPUID_MASK)
    }

    /// Compares what the chip says of itself. One that does not say, because it is locked, passes: what follows finds
    /// that.
    pub(crate) fn identify(&mut self) -> Result<(), TargetError> {
        let frozen = self.frozen.clone();
        let twin = &frozen.device.twin;
        if let Some(idr) = refusal_is_none(self.ap_read(MEMORY_AP, AP_IDR))? {
            self.check("IDR of access port 0", twin.ap_idr, idr, AP_IDR_MASK)?;
        }
        let cpuid = self.bus().and_then(|mut bus| bus.read_word(CPUID));
        let Some(cpuid) = refusal_is_none(cpuid)? else {
            return Ok(());
        };
        self.check_cpuid(cpuid)?;
        let table = twin.rom_table.address;
        let base = self.ap_read(MEMORY_AP, AP_BASE)? & AP_BASE_ADDRESS;
        self.check("BASE of access port 0", table as u32, base, AP_BASE_ADDRESS)?;
        let part = self.bus().and_then(|mut bus| read_part(&mut bus, table));
        // A table without a part is one that its maker left blank.
        match refusal_is_none(part)?.filter(|part| *part != 0) {
            Some(part) => self.check("ROM table id", part_of(&twin.rom_table), part, u32::MAX),
            None => Ok(()),
        }
    }

    fn check(
        &self,
        register: &'static str,
        expected: u32,
        found: u32,
        mask: u32,
    ) -> Result<(), TargetError> {
        if found & mask == expected & mask {
            return Ok(());
        }
        let device = self.frozen.device.name.clone();
        Err(TargetError::WrongTarget {
            device,
            register,
            expected,
            found,
        })
    }
}

/// None when the target refused the access.
fn refusal_is_none<T>(result: Result<T, TargetError>) -> Result<Option<T>, TargetError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(
            TargetError::BusFault { .. } | TargetError::Busy { .. } | TargetError::Probe { .. },
        ) => Ok(None),
        Err(error) => Err(error),
    }
}

/// CPUID without variant and revision.
fn cpuid_of(core: Core) -> u32 {
    match core {
        Core::CortexM0 => 0x410C_C200,
        Core::CortexM0Plus => 0x410C_C600,
        Core::CortexM3 => 0x410F_C230,
        Core::CortexM4 => 0x410F_C240,
    }
}

/// Designer and part of the ROM table at `base`, packed as JEP106 continuation, JEP106 identity, part.
fn read_part(bus: &mut Bus<'_>, base: u64) -> Result<u32, TargetError> {
    let mut bytes = [0; 32];
    bus.read(base + PIDR4, &mut bytes)?;
    // PIDR4, three reserved ones, PIDR0 to PIDR3; each has its value in the low byte of a word.
    let pidr = |index: usize| u32::from(bytes[4 * index]);
    let continuation = pidr(0) & 0xF;
    let identity = pidr(5) >> 4 | (pidr(6) & 0x7) << 4;
    let part = pidr(4) | (pidr(5) & 0xF) << 8;
    Ok(continuation << 20 | identity << 12 | part)
}

fn part_of(table: &RomTable) -> u32 {
    u32::from(table.jep106_continuation) << 20
        | u32::from(table.jep106_identity) << 12
        | u32::from(table.part)
}
