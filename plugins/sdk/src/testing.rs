//! A chip in memory, to test a board without the twin: cells, RAM and properties, and no time.

use crate::board::{Access, Board, BusFault, Chip, DebugAccess, EraseTime, Master, ResetKind};
use std::{collections::BTreeMap, ops::Range};

/// What a board does with its chip is done at once and can be looked at.
#[derive(Default)]
pub struct TestChip {
    memories: Vec<(Range<u64>, Vec<u8>)>,
    properties: BTreeMap<String, String>,
    /// What `is_busy` answers.
    pub is_busy: bool,
    /// What the debugger reaches.
    pub debug_access: DebugAccess,
    /// Clock of the core in kHz and wait states, once the board has set them.
    pub core_clock: Option<(u32, u32)>,
    /// Resets that the board asked for and that were not made yet.
    pub resets: Vec<ResetKind>,
    /// Erases made: address, length, time.
    pub erases: Vec<(u64, u64, EraseTime)>,
}

impl TestChip {
    /// A chip with these properties and no memory.
    pub fn new<'a>(properties: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let properties = properties
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        Self {
            properties: properties.collect(),
            ..Self::default()
        }
    }

    /// Adds a memory whose bytes are all ones.
    #[must_use]
    pub fn with_memory(mut self, range: Range<u64>) -> Self {
        let len = (range.end - range.start) as usize;
        self.memories.push((range, vec![0xFF; len]));
        self
    }

    /// Changes a property.
    pub fn set_property(&mut self, name: &str, value: &str) {
        self.properties.insert(name.into(), value.into());
    }

    /// A word of memory, which must exist.
    pub fn word(&self, address: u64) -> u32 {
        let mut bytes = [0; 4];
        assert!(
            self.peek(address, &mut bytes).is_ok(),
            "no memory at {address:#010x}"
        );
        u32::from_le_bytes(bytes)
    }

    /// Makes the resets that were asked for. `true` when there was one.
    pub fn settle(&mut self, board: &mut impl Board) -> bool {
        let resets = std::mem::take(&mut self.resets);
        for kind in &resets {
            board.reset(self, *kind);
        }
        !resets.is_empty()
    }

    fn cells(&mut self, address: u64, len: u64) -> Result<&mut [u8], BusFault> {
        let (range, bytes) = self
            .memories
            .iter_mut()
            .find(|(range, _)| range.start <= address && address + len <= range.end)
            .ok_or(BusFault)?;
        let start = (address - range.start) as usize;
        Ok(&mut bytes[start..start + len as usize])
    }
}

/// A transfer of the core.
pub fn core_access(address: u32, size: u8) -> Access {
    Access {
        master: Master::Core,
        address,
        size,
    }
}

impl Chip for TestChip {
    fn now_ns(&self) -> u64 {
        0
    }

    fn is_busy(&self) -> bool {
        self.is_busy
    }

    fn peek(&self, address: u64, buffer: &mut [u8]) -> Result<(), BusFault> {
        let len = buffer.len() as u64;
        let (range, bytes) = self
            .memories
            .iter()
            .find(|(range, _)| range.start <= address && address + len <= range.end)
            .ok_or(BusFault)?;
        let start = (address - range.start) as usize;
        buffer.copy_from_slice(&bytes[start..start + buffer.len()]);
        Ok(())
    }

    fn poke(&mut self, address: u64, data: &[u8]) -> Result<(), BusFault> {
        self.cells(address, data.len() as u64)?
            .copy_from_slice(data);
        Ok(())
    }

    fn program(&mut self, address: u64, data: &[u8]) -> Result<(), BusFault> {
        for (cell, byte) in self.cells(address, data.len() as u64)?.iter_mut().zip(data) {
            *cell &= byte;
        }
        Ok(())
    }

    fn erase(&mut self, address: u64, len: u64, time: EraseTime) -> Result<(), BusFault> {
        self.cells(address, len)?.fill(0xFF);
        self.erases.push((address, len, time));
        Ok(())
    }

    fn set_debug_access(&mut self, access: DebugAccess) {
        self.debug_access = access;
    }

    fn set_core_clock(&mut self, khz: u32, flash_wait_states: u32) {
        self.core_clock = Some((khz, flash_wait_states));
    }

    fn set_interrupt(&mut self, _line: u32, _level: bool) {}

    fn request_reset(&mut self, kind: ResetKind) {
        self.resets.push(kind);
    }

    fn property(&self, name: &str) -> Option<String> {
        self.properties.get(name).cloned()
    }
}
