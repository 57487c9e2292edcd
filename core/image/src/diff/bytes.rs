//! Payloads compared byte by byte, at their addresses.

use super::Side;
use crate::{container::ImageError, limits::DIFFERENCE_RANGE_COUNT_MAX, object::SegmentEntry};
use std::collections::BTreeSet;

/// Bytes that are compared at once.
const PIECE_LEN: u64 = 64 << 10;

/// Where the bytes of a payload differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ByteChanges {
    /// Bytes that are another, or on one side only.
    pub count: u64,
    /// How many ranges they are.
    pub range_count: u64,
    /// The first ranges, at most 64.
    pub ranges: Vec<SegmentEntry>,
    /// One past the last byte that differs.
    end: u64,
}

impl ByteChanges {
    /// Address of the first one.
    pub fn first_address(&self) -> Option<u64> {
        self.ranges.first().map(|range| range.address)
    }

    /// Adds a range behind those that are there.
    fn add(&mut self, address: u64, len: u64) {
        self.count += len;
        let touches = self.range_count > 0 && self.end == address;
        self.end = address + len;
        if !touches {
            self.range_count += 1;
            if self.ranges.len() < DIFFERENCE_RANGE_COUNT_MAX {
                self.ranges.push(SegmentEntry { address, len });
            }
        } else if self.range_count as usize == self.ranges.len()
            && let Some(last) = self.ranges.last_mut()
        {
            last.len += len;
        }
    }
}

/// Where a payload that both sides have differs, if it does.
pub(super) fn compare(
    left: &mut dyn Side,
    right: &mut dyn Side,
    name: &str,
) -> Result<Option<ByteChanges>, ImageError> {
    let segments = [segments(left, name), segments(right, name)];
    let mut bounds = BTreeSet::new();
    for segment in segments.iter().flatten() {
        bounds.extend([segment.address, segment.address + segment.len]);
    }
    let bounds: Vec<u64> = bounds.into_iter().collect();
    let mut changes = ByteChanges::default();
    let (mut here, mut there) = (Vec::new(), Vec::new());
    for pair in bounds.windows(2) {
        let (mut address, end) = (pair[0], pair[1]);
        let places = (find(&segments[0], address), find(&segments[1], address));
        let ((first, first_offset), (second, second_offset)) = match places {
            (Some(first), Some(second)) => (first, second),
            (None, None) => continue,
            _ => {
                changes.add(address, end - address);
                continue;
            }
        };
        let start = address;
        while address < end {
            let len = (end - address).min(PIECE_LEN);
            here.resize(len as usize, 0);
            there.resize(len as usize, 0);
            let done = address - start;
            left.read_segment(name, first, first_offset + done, &mut here)?;
            right.read_segment(name, second, second_offset + done, &mut there)?;
            if here != there {
                add_differing(&mut changes, address, &here, &there);
            }
            address += len;
        }
    }
    Ok((changes.count > 0).then_some(changes))
}

fn segments(side: &dyn Side, name: &str) -> Vec<SegmentEntry> {
    let entry = side.contents().payloads.get(name);
    entry
        .map(|entry| entry.segments.clone())
        .unwrap_or_default()
}

/// The segment that holds an address, and the offset in it.
fn find(segments: &[SegmentEntry], address: u64) -> Option<(usize, u64)> {
    let index = segments.partition_point(|segment| segment.address <= address);
    let index = index.checked_sub(1)?;
    let offset = address - segments[index].address;
    (offset < segments[index].len).then_some((index, offset))
}

fn add_differing(changes: &mut ByteChanges, address: u64, left: &[u8], right: &[u8]) {
    for (offset, (left, right)) in left.iter().zip(right).enumerate() {
        if left != right {
            changes.add(address + offset as u64, 1);
        }
    }
}
