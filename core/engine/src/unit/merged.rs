//! A payload with what is merged into it: the bytes as they go to the target, piece by piece.
//!
//! The plan of the image says where its blocks are, which of them are blank, and what their CRCs are. So only blocks that are
//! needed are read. A window lies over the blocks it touches, in the same piece, so that nothing is programmed twice.

use super::{UnitSession, values::Overlay};
use crate::{limits::PIECE_LEN, report::Failure};
use imprint_image::plan::Block;
use imprint_target::Sum;

/// What is to be moved of a payload, in the order of its addresses.
pub(super) struct Merged {
    pub(super) pieces: Vec<Piece>,
    /// Bytes in all pieces.
    pub(super) len: u64,
}

/// What lies between two multiples of `PIECE_LEN`.
#[derive(Default)]
pub(super) struct Piece {
    /// Of the payload: address and length, sorted, joined where they touch.
    from_payload: Vec<(u64, u64)>,
    overlays: Vec<Overlay>,
    /// Ranges that no window touches, by what they must sum up to. Empty unless sums were asked for.
    pub(super) sums: Vec<Sum>,
}

/// Which blocks of a payload are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All.
    All,
    /// Those that are not blank: programming the others changes nothing.
    NotBlank,
    /// All; those that no window touches by their CRC alone.
    Sums,
}

impl Merged {
    /// What is wanted of a payload with these blocks and windows.
    pub(super) fn new(blocks: &[Block], mut overlays: Vec<Overlay>, wanted: Wanted) -> Merged {
        overlays.sort_by_key(|overlay| overlay.address);
        let mut pieces: Vec<(u64, Piece)> = Vec::new();
        for block in blocks {
            let is_touched = overlays.iter().any(|overlay| touches(overlay, block));
            let piece = piece_at(&mut pieces, block.address);
            match wanted {
                Wanted::Sums if !is_touched => add_sum(&mut piece.sums, block),
                Wanted::NotBlank if block.blank && !is_touched => {}
                _ => add_range(&mut piece.from_payload, block.address, block.len),
            }
        }
        for overlay in overlays {
            for part in cut(overlay) {
                piece_at(&mut pieces, part.address).overlays.push(part);
            }
        }
        pieces.sort_by_key(|(start, _)| *start);
        let pieces: Vec<Piece> = pieces.into_iter().map(|(_, piece)| piece).collect();
        Merged {
            len: pieces.iter().map(Piece::len).sum(),
            pieces,
        }
    }
}

impl Piece {
    /// Bytes that are moved or summed up.
    pub(super) fn len(&self) -> u64 {
        let bytes: u64 = self.runs().iter().map(|(_, len)| len).sum();
        bytes + self.sums.iter().map(|sum| sum.len).sum::<u64>()
    }

    /// Address and length of each run of bytes: those of the payload and of the windows, joined where they touch.
    fn runs(&self) -> Vec<(u64, u64)> {
        let windows = self.overlays.iter();
        let windows = windows.map(|it| (it.address, it.data.len() as u64));
        let mut all: Vec<(u64, u64)> = self.from_payload.iter().copied().chain(windows).collect();
        all.sort_unstable();
        let mut runs = Vec::new();
        for (address, len) in all {
            add_range(&mut runs, address, len);
        }
        runs
    }

    /// The bytes of each run, windows over the payload.
    pub(super) fn read(
        &self,
        mut read: impl FnMut(u64, &mut [u8]) -> Result<(), Failure>,
    ) -> Result<Vec<(u64, Vec<u8>)>, Failure> {
        let runs = self.runs().into_iter();
        let mut runs: Vec<(u64, Vec<u8>)> = runs
            .map(|(address, len)| (address, vec![0; len as usize]))
            .collect();
        for (address, len) in &self.from_payload {
            read(*address, place(&mut runs, *address, *len as usize))?;
        }
        for overlay in &self.overlays {
            place(&mut runs, overlay.address, overlay.data.len()).copy_from_slice(&overlay.data);
        }
        Ok(runs)
    }
}

impl UnitSession {
    /// Everything that goes to the target with a payload. Draws the serial numbers that are merged with it.
    pub(super) fn merged(&mut self, name: &str, wanted: Wanted) -> Result<Merged, Failure> {
        let mut overlays = self.data_over(name)?;
        overlays.extend(self.serials_over(name)?);
        let blocks = self.plan.payloads.get(name).map(|plan| &plan.blocks);
        Ok(Merged::new(
            blocks.map_or(&[], Vec::as_slice),
            overlays,
            wanted,
        ))
    }

    /// The bytes of a piece.
    pub(super) fn read_piece(
        &mut self,
        name: &str,
        piece: &Piece,
    ) -> Result<Vec<(u64, Vec<u8>)>, Failure> {
        let payloads = &mut self.payloads;
        piece.read(|address, to| payloads.read_at(name, address, to))
    }
}

/// The part of the run that holds a range, which one of them does.
fn place(runs: &mut [(u64, Vec<u8>)], address: u64, len: usize) -> &mut [u8] {
    let index = runs.partition_point(|(start, _)| *start <= address);
    let Some((start, data)) = index.checked_sub(1).and_then(|index| runs.get_mut(index)) else {
        return &mut [];
    };
    let offset = (address - *start) as usize;
    data.get_mut(offset..offset + len).unwrap_or_default()
}

fn piece_at(pieces: &mut Vec<(u64, Piece)>, address: u64) -> &mut Piece {
    let start = address / PIECE_LEN;
    let known = pieces.iter().rposition(|(known, _)| *known == start);
    let index = known.unwrap_or_else(|| {
        pieces.push((start, Piece::default()));
        pieces.len() - 1
    });
    &mut pieces[index].1
}

fn touches(overlay: &Overlay, block: &Block) -> bool {
    let end = overlay.address + overlay.data.len() as u64;
    overlay.address < block.address + block.len && end > block.address
}

/// Adds a range to those before it, whose addresses are not higher.
fn add_range(ranges: &mut Vec<(u64, u64)>, address: u64, len: u64) {
    match ranges.last_mut() {
        Some((start, known)) if *start + *known >= address => {
            *known = (*known).max(address + len - *start);
        }
        _ => ranges.push((address, len)),
    }
}

/// Adds the CRC of a block to that of the bytes before it.
fn add_sum(sums: &mut Vec<Sum>, block: &Block) {
    match sums.last_mut() {
        Some(last) if last.address + last.len == block.address => {
            let mut crc = crc32fast::Hasher::new_with_initial_len(last.crc32, last.len);
            crc.combine(&crc32fast::Hasher::new_with_initial_len(
                block.crc32,
                block.len,
            ));
            last.crc32 = crc.finalize();
            last.len += block.len;
        }
        _ => sums.push(Sum {
            address: block.address,
            len: block.len,
            crc32: block.crc32,
        }),
    }
}

/// A window, cut where a piece ends.
fn cut(overlay: Overlay) -> Vec<Overlay> {
    let mut parts = Vec::new();
    let (mut address, mut rest) = (overlay.address, overlay.data);
    while !rest.is_empty() {
        let room = (PIECE_LEN - address % PIECE_LEN) as usize;
        let after = rest.split_off(room.min(rest.len()));
        let len = rest.len() as u64;
        parts.push(Overlay {
            address,
            data: rest,
        });
        (address, rest) = (address + len, after);
    }
    parts
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The bytes of a payload: each is the low byte of its address, and blank above 0x2000.
    fn byte(address: u64) -> u8 {
        if address < 0x2000 {
            address as u8
        } else {
            0xFF
        }
    }

    fn blocks(segments: &[(u64, u64)]) -> Vec<Block> {
        let mut blocks = Vec::new();
        for (start, len) in segments {
            let mut address = *start;
            while address < start + len {
                let end = (address / 4096 + 1) * 4096;
                let len = end.min(start + len) - address;
                let bytes: Vec<u8> = (address..address + len).map(byte).collect();
                blocks.push(Block {
                    address,
                    len,
                    crc32: crc32fast::hash(&bytes),
                    blank: bytes.iter().all(|byte| *byte == 0xFF),
                });
                address += len;
            }
        }
        blocks
    }

    fn over(address: u64, data: &[u8]) -> Overlay {
        let data = data.to_vec();
        Overlay { address, data }
    }

    /// Runs of all pieces, and how many bytes were read.
    fn runs(merged: &Merged) -> (Vec<(u64, Vec<u8>)>, usize) {
        let (mut all, mut read_len) = (Vec::new(), 0);
        for piece in &merged.pieces {
            let runs = piece.read(|address, to| {
                read_len += to.len();
                for (address, to) in (address..).zip(to) {
                    *to = byte(address);
                }
                Ok(())
            });
            all.extend(runs.unwrap());
        }
        (all, read_len)
    }

    #[test]
    fn windows_lie_over_the_payload_and_nothing_is_there_twice() {
        let blocks = blocks(&[(0x100, 0x80), (0x1F00, 0x2200), (0xFFF0, 0x20)]);
        let overlays = vec![
            over(0xFFFE, &[1, 2, 3, 4]),
            over(0x180, &[0xAA; 4]),
            over(0x110, &[0xBB; 2]),
            over(0x9000, &[0xCC; 8]),
        ];
        let merged = Merged::new(&blocks, overlays, Wanted::All);
        let (runs, read_len) = runs(&merged);
        let places: Vec<(u64, usize)> = runs.iter().map(|(at, data)| (*at, data.len())).collect();
        assert_eq!(
            places,
            [
                (0x100, 0x84),
                (0x1F00, 0x2200),
                (0x9000, 8),
                (0xFFF0, 0x10),
                (0x1_0000, 0x10)
            ]
        );
        assert_eq!(read_len, 0x80 + 0x2200 + 0x20);
        assert_eq!(merged.len, read_len as u64 + 4 + 8);
        assert_eq!(runs[0].1[0x10..0x13], [0xBB, 0xBB, 0x12]);
        assert_eq!(runs[0].1[0x7F..], [0x7F, 0xAA, 0xAA, 0xAA, 0xAA]);
        assert_eq!(runs[3].1[13..], [byte(0xFFFD), 1, 2]);
        assert_eq!(runs[4].1[..3], [3, 4, byte(0x1_0002)]);
    }

    #[test]
    fn blank_blocks_are_programmed_only_under_a_window() {
        let blocks = blocks(&[(0x1000, 0x4000)]);
        let (bare, read_len) = runs(&Merged::new(&blocks, Vec::new(), Wanted::NotBlank));
        assert_eq!((bare.len(), bare[0].0, read_len), (1, 0x1000, 0x1000));
        let merged = Merged::new(&blocks, vec![over(0x3FFE, &[1; 4])], Wanted::NotBlank);
        let (under, read_len) = runs(&merged);
        assert_eq!(read_len, 0x3000);
        assert_eq!((under[1].0, under[1].1.len()), (0x3000, 0x2000));
        assert_eq!(under[1].1[0xFFE..0x1002], [1; 4]);
    }

    #[test]
    fn sums_are_those_of_the_bytes_and_leave_windows_out() {
        let blocks = blocks(&[(0x123, 0x3000), (0x8000, 0x1_0000)]);
        let merged = Merged::new(&blocks, vec![over(0x1800, &[1; 4])], Wanted::Sums);
        let sums: Vec<Sum> = merged
            .pieces
            .iter()
            .flat_map(|it| it.sums.clone())
            .collect();
        let places: Vec<_> = sums.iter().map(|sum| (sum.address, sum.len)).collect();
        assert_eq!(
            places,
            [
                (0x123, 0xEDD),
                (0x2000, 0x1123),
                (0x8000, 0x8000),
                (0x1_0000, 0x8000)
            ]
        );
        for sum in sums {
            let bytes: Vec<u8> = (sum.address..sum.address + sum.len).map(byte).collect();
            assert_eq!(sum.crc32, crc32fast::hash(&bytes), "{:#x}", sum.address);
        }
        let (runs, _) = runs(&merged);
        assert_eq!(
            (runs.len(), runs[0].0, runs[0].1.len()),
            (1, 0x1000, 0x1000)
        );
    }
}
