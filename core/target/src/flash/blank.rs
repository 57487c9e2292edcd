//! Blank check: whole words by code on the target, what is left at the ends by reading it.

use super::{NotBlank, Work, layout::Part, resident::Resident};
use crate::{call::address32, error::TargetError};

/// The first byte of the parts that is not erased.
pub(super) fn first_not_blank(
    work: &mut Work<'_>,
    parts: &[Part<'_>],
) -> Result<Option<NotBlank>, TargetError> {
    let Some(first) = parts.first() else {
        return Ok(None);
    };
    let frozen = work.frozen.clone();
    let resident = Resident::load(&mut work.bus, &frozen);
    let resident = work.at(first.address, resident)?;
    for part in parts {
        let found = in_part(work, &resident, part);
        if let Some(found) = work.at(part.address, found)? {
            return Ok(Some(found));
        }
        work.advance(part.len);
    }
    Ok(None)
}

fn in_part(
    work: &mut Work<'_>,
    resident: &Resident,
    part: &Part<'_>,
) -> Result<Option<NotBlank>, TargetError> {
    let erased = part.nor.erased;
    let start = part.address.next_multiple_of(4).min(part.end());
    let end = (part.end() / 4 * 4).max(start);
    if let Some(found) = read(work, part.address, start, erased)? {
        return Ok(Some(found));
    }
    if start < end {
        let (from, to) = (address32(start)?, address32(end)?);
        let pattern = u32::from_le_bytes([erased; 4]);
        let word = resident.first_not_blank(&mut work.bus, from, to, pattern)?;
        if word != to {
            return read(work, word.into(), u64::from(word) + 4, erased);
        }
    }
    read(work, end, part.end(), erased)
}

/// The first byte that is not erased among those from `start` to `end`, by reading them.
fn read(
    work: &mut Work<'_>,
    start: u64,
    end: u64,
    erased: u8,
) -> Result<Option<NotBlank>, TargetError> {
    let mut bytes = vec![0; (end - start) as usize];
    work.bus.read(start, &mut bytes)?;
    let found = (start..).zip(bytes).find(|(_, byte)| *byte != erased);
    Ok(found.map(|(address, found)| NotBlank {
        address,
        found,
        erased,
    }))
}
