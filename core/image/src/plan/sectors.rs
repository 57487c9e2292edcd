//! From addresses to the sectors that hold them.
//!
//! By arithmetic on runs of equal sectors, never sector by sector: a description may claim any number of them.

use crate::object::SegmentEntry;
use imprint_device::{Device, Memory, Nor};
use std::collections::BTreeMap;

/// Sectors of non-volatile memories, by the index of the memory.
#[derive(Default)]
pub(super) struct Touched(BTreeMap<usize, Vec<(u64, u64)>>);

impl Touched {
    /// Adds the sectors that hold some bytes. Bytes outside of non-volatile memories have none.
    pub(super) fn add(&mut self, device: &Device, mut address: u64, len: u64) {
        let end = address.saturating_add(len);
        while address < end {
            let memories = device.memories.iter().enumerate();
            let found = memories
                .filter_map(|(index, memory)| Some((index, memory, memory.offset_of(address, 1)?)))
                .next();
            let Some((index, memory, offset)) = found else {
                return;
            };
            let len = (memory.len - offset).min(end - address);
            if let Some(nor) = &memory.nor {
                let start = sector_at(nor, offset).0;
                let after = sector_at(nor, offset + len - 1).1;
                self.0.entry(index).or_default().push((start, after));
            }
            address += len;
        }
    }

    /// The sectors of each memory, joined where they touch, at the memory's own addresses.
    pub(super) fn runs(self, device: &Device) -> impl Iterator<Item = (usize, Vec<SegmentEntry>)> {
        self.0.into_iter().map(|(index, mut ranges)| {
            let base = device.memories[index].start;
            ranges.sort_unstable();
            let mut runs: Vec<SegmentEntry> = Vec::new();
            for (start, end) in ranges {
                let address = base + start;
                match runs.last_mut() {
                    Some(last) if last.address + last.len >= address => {
                        last.len = last.len.max(base + end - last.address);
                    }
                    _ => runs.push(SegmentEntry {
                        address,
                        len: end - start,
                    }),
                }
            }
            (index, runs)
        })
    }
}

/// How long some runs of sectors take to erase one by one, in microseconds.
pub(super) fn erase_us(memory: &Memory, nor: &Nor, runs: &[SegmentEntry]) -> u64 {
    let time = |run: &SegmentEntry| {
        let start = run.address - memory.start;
        erase_us_before(nor, start + run.len).saturating_sub(erase_us_before(nor, start))
    };
    runs.iter().map(time).fold(0, u64::saturating_add)
}

/// How long the whole sectors below an offset take to erase.
fn erase_us_before(nor: &Nor, offset: u64) -> u64 {
    let mut base = 0;
    let mut us = 0u64;
    for run in &nor.sectors {
        let run_len = u64::from(run.len) * u64::from(run.count);
        let within = offset.saturating_sub(base).min(run_len);
        let count = within.checked_div(u64::from(run.len)).unwrap_or(0);
        us = us.saturating_add(count.saturating_mul(nor.erase_us(run)));
        base += run_len;
    }
    us
}

/// Start and end of the sector that holds an offset.
fn sector_at(nor: &Nor, offset: u64) -> (u64, u64) {
    let mut base = 0;
    for run in &nor.sectors {
        let len = u64::from(run.len);
        let run_len = len * u64::from(run.count);
        if offset < base + run_len {
            let start = base + (offset - base) / len * len;
            return (start, start + len);
        }
        base += run_len;
    }
    (base, base.max(offset + 1))
}
