//! A chip without a wire, to ask a board what its registers hold: cells, a clock that stands, and nothing else.

use imprint_device::{Device, MemoryKind};
use imprint_twin::{BusFault, Chip, DebugAccess, EraseTime, ResetKind};
use std::{collections::BTreeMap, ops::Range};

/// What a board does with it is done at once.
pub struct KitChip {
    memories: Vec<(Range<u64>, Vec<u8>)>,
    pub properties: BTreeMap<String, String>,
    pub is_busy: bool,
    pub now_ns: u64,
}

impl KitChip {
    /// The memories and properties of a device, erased.
    pub fn new(device: &Device) -> Self {
        let memories = device.memories.iter().map(|memory| {
            let blank = match (memory.kind, &memory.nor) {
                (MemoryKind::Ram, _) => 0,
                (_, Some(nor)) => nor.erased,
                (_, None) => 0xFF,
            };
            let range = memory.start..memory.end();
            (range, vec![blank; memory.len as usize])
        });
        Self {
            memories: memories.collect(),
            properties: device.properties.clone(),
            is_busy: false,
            now_ns: 1_000_000,
        }
    }

    /// The bytes of all memories.
    pub fn cells(&self) -> Vec<Vec<u8>> {
        self.memories
            .iter()
            .map(|(_, bytes)| bytes.clone())
            .collect()
    }

    /// Puts them back.
    pub fn set_cells(&mut self, cells: &[Vec<u8>]) {
        for ((_, bytes), cells) in self.memories.iter_mut().zip(cells) {
            bytes.clone_from(cells);
        }
    }

    fn slice(&mut self, address: u64, len: u64) -> Result<&mut [u8], BusFault> {
        let end = address.checked_add(len).ok_or(BusFault)?;
        let (range, bytes) = self
            .memories
            .iter_mut()
            .find(|(range, _)| range.start <= address && end <= range.end)
            .ok_or(BusFault)?;
        let start = (address - range.start) as usize;
        Ok(&mut bytes[start..start + len as usize])
    }
}

impl Chip for KitChip {
    fn now_ns(&self) -> u64 {
        self.now_ns
    }

    fn is_busy(&self) -> bool {
        self.is_busy
    }

    fn peek(&self, address: u64, buffer: &mut [u8]) -> Result<(), BusFault> {
        let end = address.checked_add(buffer.len() as u64).ok_or(BusFault)?;
        let (range, bytes) = self
            .memories
            .iter()
            .find(|(range, _)| range.start <= address && end <= range.end)
            .ok_or(BusFault)?;
        let start = (address - range.start) as usize;
        buffer.copy_from_slice(&bytes[start..start + buffer.len()]);
        Ok(())
    }

    fn poke(&mut self, address: u64, data: &[u8]) -> Result<(), BusFault> {
        self.slice(address, data.len() as u64)?
            .copy_from_slice(data);
        Ok(())
    }

    fn program(&mut self, address: u64, data: &[u8]) -> Result<(), BusFault> {
        for (cell, byte) in self.slice(address, data.len() as u64)?.iter_mut().zip(data) {
            *cell &= byte;
        }
        Ok(())
    }

    fn erase(&mut self, address: u64, len: u64, _time: EraseTime) -> Result<(), BusFault> {
        self.slice(address, len)?.fill(0xFF);
        Ok(())
    }

    fn set_debug_access(&mut self, _access: DebugAccess) {}

    fn set_core_clock(&mut self, _khz: u32, _flash_wait_states: u32) {}

    fn set_interrupt(&mut self, _line: u32, _level: bool) {}

    fn request_reset(&mut self, _kind: ResetKind) {}

    fn property(&self, name: &str) -> Option<&str> {
        self.properties.get(name).map(String::as_str)
    }
}
