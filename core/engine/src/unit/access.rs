//! Memory and registers of the target, as a script reads and writes them.

use super::UnitSession;
use crate::{codes, limits::READ_LEN_MAX, report::Failure};
use imprint_device::{Device, Memory, MemoryKind};

/// DHCSR to DSCEMCR (ARMv7-M Architecture Reference Manual C1.6.1).
const DEBUG_REGISTERS: std::ops::Range<u64> = 0xE000_EDF0..0xE000_EE00;

impl UnitSession {
    /// Reads bytes from anywhere on the bus.
    pub(crate) fn read(&mut self, address: u64, len: u64) -> Result<Vec<u8>, Failure> {
        let len = usize::try_from(len)
            .ok()
            .filter(|len| *len <= READ_LEN_MAX)
            .ok_or_else(|| {
                Failure::new(
                    codes::UNIT_LIMIT,
                    "a script cannot read so many bytes at once",
                )
                .with_difference(format!("at most {READ_LEN_MAX}"), len.to_string())
                .with_help("compare with `verify`, or sum with `crc32`: both run on the target")
            })?;
        let mut buffer = vec![0; len];
        self.wiring.target()?.read(address, &mut buffer)?;
        Ok(buffer)
    }

    /// Writes bytes to RAM or registers. Non-volatile memory takes an erase and a program, or an option.
    pub(crate) fn write(&mut self, address: u64, data: &[u8]) -> Result<(), Failure> {
        let len = data.len() as u64;
        if let Some(name) = guard(self.device(), address, len) {
            return Err(Failure {
                address: Some(address),
                ..Failure::new(
                    codes::GUARDED,
                    format!("a script may not write {name} at {address:#010x} by itself"),
                )
                .with_help("use erase, program, set_option, protect, halt and go, which ask for their rights")
            });
        }
        if let Some(memory) = non_volatile_at(self.device(), address, len) {
            return Err(Failure::new(
                codes::MEMORY_KIND,
                format!(
                    "memory `{}` at {address:#010x} cannot be written like RAM",
                    memory.name
                ),
            )
            .with_help("use `chip.program(payload)` or `chip.memory(..).program(offset, bytes)`"));
        }
        Ok(self.wiring.target()?.write(address, data)?)
    }

    /// CRC-32 of a range.
    pub(crate) fn crc32(&mut self, address: u64, len: u64) -> Result<u32, Failure> {
        self.memory_at(address, len)?;
        Ok(self.wiring.target()?.flash().crc32(address, len)?)
    }
}

/// What a script would reach that is guarded: a flash controller would do without any right what needs one, and the
/// core's debug registers would run anything.
fn guard(device: &Device, address: u64, len: u64) -> Option<String> {
    let end = address.saturating_add(len);
    if address < DEBUG_REGISTERS.end && end > DEBUG_REGISTERS.start {
        return Some("the core's debug registers".into());
    }
    device
        .guarded_at(address, len)
        .map(|guarded| guarded.name.clone())
}

/// The memory that is not written like RAM and has a byte in a range, at its own address or an alias: through an alias the
/// flash controller programs just as well.
fn non_volatile_at(device: &Device, address: u64, len: u64) -> Option<&Memory> {
    let end = address.saturating_add(len);
    device.memories.iter().find(|memory| {
        memory.kind != MemoryKind::Ram
            && std::iter::once(&memory.start)
                .chain(&memory.aliases)
                .any(|start| address < start.saturating_add(memory.len) && end > *start)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{guard, non_volatile_at};
    use imprint_device::Device;

    #[test]
    fn what_is_not_ram_is_found_at_every_address() {
        let text = include_str!("../../../../devices/STM32F103C8.ron");
        let device = Device::parse("STM32F103C8.ron", text).unwrap();
        for (address, len, expect) in [
            (0x0800_0000, 4, Some("flash")),
            (0x0800_FFFF, 1, Some("flash")),
            (0x0801_0000, 4, None),
            (0x07FF_FFFF, 2, Some("flash")),
            // The alias of the flash.
            (0x0000_0000, 1, Some("flash")),
            (0x0000_0100, 2, Some("flash")),
            (0x0000_FFFE, 8, Some("flash")),
            (0x0001_0000, 4, None),
            (0x1FFF_F800, 2, Some("options")),
            (0x1FFF_F7FF, 1, Some("system")),
            (0x2000_0000, 0x5000, None),
            (0x4002_2010, 4, None),
            (u64::MAX, 8, None),
        ] {
            let found = non_volatile_at(&device, address, len);
            assert_eq!(
                found.map(|memory| memory.name.as_str()),
                expect,
                "{len} bytes at {address:#x}"
            );
        }
    }

    #[test]
    fn what_erases_programs_or_protects_is_guarded() {
        for (name, address, len, expect) in [
            ("nRF52832_xxAA", 0x4001_E504, 4, Some("NVMC")),
            ("nRF52832_xxAA", 0x4001_DFFC, 8, Some("NVMC")),
            ("nRF52832_xxAA", 0x4001_DFFC, 4, None),
            ("nRF52832_xxAA", 0x4000_0000, 4, None),
            ("nRF51822_xxAA", 0x4001_E50C, 4, Some("NVMC")),
            ("STM32F103C8", 0x4002_2010, 4, Some("FPEC")),
            ("STM32F103C8", 0x4244_0200, 4, Some("FPEC")),
            ("STM32F030C8", 0x4002_2004, 4, Some("FPEC")),
            ("STM32F407VG", 0x4002_3C14, 4, Some("the flash interface")),
            ("STM32F407VG", 0x4247_8280, 4, Some("the flash interface")),
            ("STM32F407VG", 0x1FFF_C000, 2, Some("RDP")),
            ("STM32F407VG", 0x4002_3800, 4, None),
            (
                "STM32F030C8",
                0xE000_EDF4,
                4,
                Some("the core's debug registers"),
            ),
            ("STM32F030C8", 0xE000_ED0C, 4, None),
            ("STM32F030C8", 0x2000_0000, 0x2000, None),
        ] {
            let path = format!("{}/../../devices/{name}.ron", env!("CARGO_MANIFEST_DIR"));
            let device = Device::parse(name, &std::fs::read_to_string(path).unwrap()).unwrap();
            let found = guard(&device, address, len);
            assert_eq!(found.as_deref(), expect, "{name} {address:#x} {len}");
        }
    }
}
