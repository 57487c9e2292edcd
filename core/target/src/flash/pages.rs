//! From segments to pages: what each call of `ProgramPage` gets.

use super::{
    Segment,
    layout::{Part, split},
};
use crate::error::TargetError;
use imprint_device::FrozenDevice;

/// One call of `ProgramPage`: whole programming units within one page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) address: u64,
    pub(super) data: Vec<u8>,
}

/// The pages of one memory.
pub(super) struct Batch<'a> {
    pub(super) part: Part<'a>,
    pub(super) pages: Vec<Page>,
}

impl Batch<'_> {
    pub(super) fn len(&self) -> u64 {
        self.pages.iter().map(|page| page.data.len() as u64).sum()
    }
}

/// A segment's piece in one memory.
struct Piece<'s, 'f> {
    part: Part<'f>,
    data: &'s [u8],
}

/// Length of all segments, if each lies in memories with cells and none has bytes of another.
pub(super) fn check(frozen: &FrozenDevice, segments: &[Segment<'_>]) -> Result<u64, TargetError> {
    pieces(frozen, segments).map(|pieces| pieces.iter().map(|piece| piece.part.len).sum())
}

/// The pages for all segments, in the order of their addresses.
pub(super) fn plan<'f>(
    frozen: &'f FrozenDevice,
    segments: &[Segment<'_>],
) -> Result<Vec<Batch<'f>>, TargetError> {
    let mut batches: Vec<Batch<'f>> = Vec::new();
    for piece in pieces(frozen, segments)? {
        let Piece { part, data } = piece;
        let page_len = u64::from(part.algorithm(frozen)?.page_len);
        let unit_len = u64::from(part.nor.unit_len).max(1);
        let (memory, erased) = (part.memory.start, part.nor.erased);
        let cuts = cut(part.address, data, page_len);
        if batches
            .last()
            .is_none_or(|last| last.part.memory.start != memory)
        {
            batches.push(Batch {
                part,
                pages: Vec::new(),
            });
        }
        if let Some(batch) = batches.last_mut() {
            for (at, bytes) in cuts {
                add(&mut batch.pages, at, bytes, page_len, unit_len, erased);
            }
        }
    }
    for batch in &mut batches {
        // Programming the erased value changes nothing.
        let erased = batch.part.nor.erased;
        batch
            .pages
            .retain(|page| page.data.iter().any(|byte| *byte != erased));
    }
    Ok(batches)
}

/// All segments cut by memory, sorted, without overlap.
fn pieces<'s, 'f>(
    frozen: &'f FrozenDevice,
    segments: &[Segment<'s>],
) -> Result<Vec<Piece<'s, 'f>>, TargetError> {
    let mut pieces: Vec<Piece<'s, 'f>> = Vec::new();
    for segment in segments {
        let mut rest = segment.data;
        for part in split(frozen, segment.address, segment.data.len() as u64)? {
            let (data, after) = rest.split_at(part.len as usize);
            pieces.push(Piece { part, data });
            rest = after;
        }
    }
    pieces.sort_by_key(|piece| piece.part.address);
    match pieces
        .windows(2)
        .find(|pair| pair[0].part.end() > pair[1].part.address)
    {
        Some(pair) => Err(TargetError::Overlap {
            address: pair[1].part.address,
        }),
        None => Ok(pieces),
    }
}

/// Cuts bytes where a page ends.
fn cut(address: u64, data: &[u8], page_len: u64) -> Vec<(u64, &[u8])> {
    let mut cuts = Vec::new();
    let (mut address, mut rest) = (address, data);
    while !rest.is_empty() {
        let room = page_len - address % page_len;
        let len = room.min(rest.len() as u64);
        let (bytes, after) = rest.split_at(len as usize);
        cuts.push((address, bytes));
        address += len;
        rest = after;
    }
    cuts
}

/// Adds bytes that lie within one page: to the last call if they follow it there, up to a gap of less than a unit.
fn add(
    pages: &mut Vec<Page>,
    address: u64,
    bytes: &[u8],
    page_len: u64,
    unit_len: u64,
    erased: u8,
) {
    let start = address / unit_len * unit_len;
    let end = (address + bytes.len() as u64).next_multiple_of(unit_len);
    let follows = |page: &Page| {
        page.address / page_len == start / page_len
            && page.address + page.data.len() as u64 >= start
    };
    if !pages.last().is_some_and(follows) {
        pages.push(Page {
            address: start,
            data: Vec::new(),
        });
    }
    if let Some(page) = pages.last_mut() {
        page.data.resize((end - page.address) as usize, erased);
        let offset = (address - page.address) as usize;
        page.data[offset..offset + bytes.len()].copy_from_slice(bytes);
    }
}
