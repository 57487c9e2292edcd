//! Memory and registers of the target, as a script reads and writes them.

use super::UnitSession;
use crate::{codes, limits::READ_LEN_MAX, report::Failure};
use imprint_device::{Device, Memory, MemoryKind};

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
    use super::non_volatile_at;
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
}
