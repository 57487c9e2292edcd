//! Pieces of a file on their way to segments: the normal form.

use super::{Fault, Place, Problem, Segment, fits};
use crate::limits::{PAYLOAD_FILE_LEN_MAX, PIECE_COUNT_MAX, SEGMENT_COUNT_MAX};

/// Pieces in the order of the file. One that continues its predecessor is appended to it, so that a file in order
/// costs no more than its bytes.
#[derive(Default)]
pub(super) struct Pieces {
    pieces: Vec<(Place, Segment)>,
    /// Bytes in all of them. An ELF file can name the same bytes many times.
    len: u64,
}

impl Pieces {
    /// Adds `data` at `address`; empty data is nothing.
    pub fn push(&mut self, place: Place, address: u64, data: &[u8]) -> Result<(), Fault> {
        if data.is_empty() {
            return Ok(());
        }
        let len = data.len() as u64;
        if !fits(address, len) {
            return Err((place, Problem::AddressRange { address, len }));
        }
        self.len += len;
        if self.len > PAYLOAD_FILE_LEN_MAX {
            let len_max = PAYLOAD_FILE_LEN_MAX;
            let len = self.len;
            return Err((place, Problem::TooLarge { len, len_max }));
        }
        let full = self.pieces.len() == PIECE_COUNT_MAX;
        match self.pieces.last_mut() {
            Some((_, last)) if last.end() == address => last.data.extend_from_slice(data),
            _ if full => {
                let count_max = PIECE_COUNT_MAX;
                return Err((place, Problem::TooManyPieces { count_max }));
            }
            _ => self.pieces.push((
                place,
                Segment {
                    address,
                    data: data.to_vec(),
                },
            )),
        }
        Ok(())
    }

    /// Sorts, joins neighbours, and refuses overlaps and emptiness.
    pub fn into_segments(mut self) -> Result<Vec<Segment>, Fault> {
        self.pieces.sort_by_key(|(_, piece)| piece.address);
        let mut segments: Vec<Segment> = Vec::new();
        for (place, piece) in self.pieces {
            let full = segments.len() == SEGMENT_COUNT_MAX;
            match segments.last_mut() {
                Some(last) if last.end() > piece.address => {
                    let address = piece.address;
                    return Err((place, Problem::Overlap { address }));
                }
                Some(last) if last.end() == piece.address => last.data.extend(piece.data),
                _ if full => {
                    let count_max = SEGMENT_COUNT_MAX;
                    return Err((place, Problem::TooManyPieces { count_max }));
                }
                _ => segments.push(piece),
            }
        }
        if segments.is_empty() {
            return Err((Place::File, Problem::Empty));
        }
        Ok(segments)
    }
}
