//! Memory of the target, as its memory access port shows it.
//!
//! Made for one operation: it borrows the interface, and making it costs a few transfers.

use crate::{
    error::TargetError,
    explain::Access,
    limits::POLL_PAUSE_MAX,
    watch::{Watch, nanoseconds},
};
use probe_rs::architecture::arm::{ArmError, memory::ArmMemoryInterface};
use std::{sync::Arc, time::Duration};

pub(crate) struct Bus<'a> {
    memory: Box<dyn ArmMemoryInterface + 'a>,
    watch: Arc<Watch>,
}

impl<'a> Bus<'a> {
    pub(crate) fn new(memory: Box<dyn ArmMemoryInterface + 'a>, watch: Arc<Watch>) -> Self {
        Self { memory, watch }
    }

    /// What probe-rs's debug sequences take.
    pub(crate) fn memory(&mut self) -> &mut dyn ArmMemoryInterface {
        &mut *self.memory
    }

    pub(crate) fn watch(&self) -> &Arc<Watch> {
        &self.watch
    }

    pub(crate) fn read_word(&mut self, address: u64) -> Result<u32, TargetError> {
        self.memory
            .read_word_32(address)
            .map_err(|error| self.failed(&error, Access::Read(address)))
    }

    pub(crate) fn write_word(&mut self, address: u64, value: u32) -> Result<(), TargetError> {
        self.memory
            .write_word_32(address, value)
            .map_err(|error| self.failed(&error, Access::Write(address)))
    }

    /// Reads bytes: whole words as words, the rest as bytes.
    pub(crate) fn read(&mut self, address: u64, buffer: &mut [u8]) -> Result<(), TargetError> {
        let (head_len, words_len) = split(address, buffer.len());
        let (head, rest) = buffer.split_at_mut(head_len);
        let (body, tail) = rest.split_at_mut(words_len);
        let body_address = address + head_len as u64;
        let tail_address = body_address + words_len as u64;
        if !head.is_empty() {
            let result = self.memory.read_8(address, head);
            result.map_err(|error| self.failed(&error, Access::Read(address)))?;
        }
        if !body.is_empty() {
            let mut words = vec![0; words_len / 4];
            let result = self.memory.read_32(body_address, &mut words);
            result.map_err(|error| self.failed(&error, Access::Read(body_address)))?;
            for (bytes, word) in body.chunks_exact_mut(4).zip(words) {
                bytes.copy_from_slice(&word.to_le_bytes());
            }
        }
        if !tail.is_empty() {
            let result = self.memory.read_8(tail_address, tail);
            result.map_err(|error| self.failed(&error, Access::Read(tail_address)))?;
        }
        Ok(())
    }

    /// Writes bytes: whole words as words, two aligned bytes as one transfer of 16 bits (some flash controllers take
    /// no other), the rest as bytes. May stay in the probe's queue until the next read.
    pub(crate) fn write(&mut self, address: u64, data: &[u8]) -> Result<(), TargetError> {
        if let ([low, high], true) = (data, address.is_multiple_of(2)) {
            return self
                .memory
                .write_16(address, &[u16::from_le_bytes([*low, *high])])
                .map_err(|error| self.failed(&error, Access::Write(address)));
        }
        let (head_len, words_len) = split(address, data.len());
        let (head, rest) = data.split_at(head_len);
        let (body, tail) = rest.split_at(words_len);
        let body_address = address + head_len as u64;
        let tail_address = body_address + words_len as u64;
        if !head.is_empty() {
            let result = self.memory.write_8(address, head);
            result.map_err(|error| self.failed(&error, Access::Write(address)))?;
        }
        if !body.is_empty() {
            let words: Vec<u32> = body.chunks_exact(4).map(little_endian).collect();
            let result = self.memory.write_32(body_address, &words);
            result.map_err(|error| self.failed(&error, Access::Write(body_address)))?;
        }
        if !tail.is_empty() {
            let result = self.memory.write_8(tail_address, tail);
            result.map_err(|error| self.failed(&error, Access::Write(tail_address)))?;
        }
        Ok(())
    }

    /// Sends what is queued; an error of a queued write to `address` arises here.
    pub(crate) fn flush(&mut self, address: u64) -> Result<(), TargetError> {
        self.memory
            .flush()
            .map_err(|error| self.failed(&error, Access::Write(address)))
    }

    /// Lets time pass on the link's clock.
    pub(crate) fn pause(&mut self, pause: Duration) -> Result<(), TargetError> {
        self.watch.pause(pause)
    }

    /// Asks until there is an answer: first after the `expected` time, then at pauses that grow with the time waited, so
    /// that a long wait costs few transfers and its end is seen soon. None after `timeout`.
    pub(crate) fn poll<T>(
        &mut self,
        expected: Duration,
        timeout: Duration,
        mut ask: impl FnMut(&mut Self) -> Result<Option<T>, TargetError>,
    ) -> Result<Option<T>, TargetError> {
        let start_ns = self.watch.now_ns();
        self.pause(expected)?;
        let asked_ns = self.watch.now_ns();
        loop {
            if let Some(answer) = ask(self)? {
                return Ok(Some(answer));
            }
            let now_ns = self.watch.now_ns();
            if now_ns - start_ns >= nanoseconds(timeout) {
                return Ok(None);
            }
            let pause = Duration::from_nanos((now_ns - asked_ns) / 8 + 1000);
            self.pause(pause.min(POLL_PAUSE_MAX))?;
        }
    }

    pub(crate) fn failed(&self, error: &ArmError, access: Access) -> TargetError {
        self.watch.explain(error, access)
    }
}

/// Bytes up to the first whole word, and bytes in whole words.
fn split(address: u64, len: usize) -> (usize, usize) {
    let head_len = (address.wrapping_neg() % 4) as usize;
    if head_len >= len {
        return (len, 0);
    }
    (head_len, (len - head_len) / 4 * 4)
}

fn little_endian(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .rev()
        .fold(0, |word, byte| word << 8 | u32::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn words_are_accessed_as_words() {
        for (address, len, expect) in [
            (0, 0, (0, 0)),
            (0, 3, (3 - 3, 0)),
            (0, 4, (0, 4)),
            (0, 7, (0, 4)),
            (1, 2, (2, 0)),
            (1, 3, (3, 0)),
            (1, 7, (3, 4)),
            (3, 6, (1, 4)),
            (0x2000_0002, 9, (2, 4)),
        ] {
            assert_eq!(split(address, len), expect, "{len} bytes at {address:#x}");
        }
    }
}
