//! Memory and registers of the target, as a script reads and writes them.

use super::UnitSession;
use crate::{codes, limits::READ_LEN_MAX, report::Failure};
use imprint_device::MemoryKind;

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
        let memory = self.device().memories.iter().find(|memory| {
            memory.kind != MemoryKind::Ram
                && address < memory.end()
                && address.saturating_add(data.len() as u64) > memory.start
        });
        if let Some(memory) = memory {
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
