//! Verifying: by CRC-32 on the target, or by reading back.

use super::{Segment, Sum, Work, resident::Resident};
use crate::{
    call::address32,
    error::TargetError,
    limits::{CRC_CHUNK_LEN, CRC_LEN_MIN, READ_CHUNK_LEN},
};

/// Verifies segments by CRC where that pays.
pub(super) fn verify_crc(work: &mut Work<'_>, segments: &[Segment<'_>]) -> Result<(), TargetError> {
    let frozen = work.frozen.clone();
    let is_long = |segment: &&Segment<'_>| segment.data.len() as u64 >= CRC_LEN_MIN;
    let Some(first) = segments.iter().find(is_long) else {
        return segments
            .iter()
            .try_for_each(|segment| compare(work, *segment));
    };
    let resident = match Resident::load_for_crc(&mut work.bus, &frozen) {
        Err(TargetError::RamTooSmall { .. }) => None,
        loaded => Some(work.at(first.address, loaded)?),
    };
    for segment in segments {
        match &resident {
            Some(resident) if is_long(&segment) => by_crc(work, resident, *segment)?,
            _ => compare(work, *segment)?,
        }
    }
    Ok(())
}

/// Whole words by CRC, in chunks; the bytes at the ends by reading.
fn by_crc(
    work: &mut Work<'_>,
    resident: &Resident,
    segment: Segment<'_>,
) -> Result<(), TargetError> {
    let head_len = (segment.address.wrapping_neg() % 4) as usize;
    let (head, rest) = segment.data.split_at(head_len.min(segment.data.len()));
    let (body, tail) = rest.split_at(rest.len() / 4 * 4);
    compare(
        work,
        Segment {
            address: segment.address,
            data: head,
        },
    )?;
    let mut address = segment.address + head.len() as u64;
    for data in body.chunks(CRC_CHUNK_LEN as usize) {
        let (start, end) = (address32(address)?, address32(address + data.len() as u64)?);
        let crc = resident.crc(&mut work.bus, 0, start, end);
        let found = work.at(address, crc)?;
        let expected = crc32fast::hash(data);
        if found != expected {
            compare(work, Segment { address, data })?;
            let len = data.len() as u64;
            return Err(TargetError::CrcMismatch {
                address,
                len,
                expected,
                found,
            });
        }
        address += data.len() as u64;
        work.advance(data.len() as u64);
    }
    compare(
        work,
        Segment {
            address,
            data: tail,
        },
    )
}

/// The CRC of a range: whole words by the target, the bytes at the ends read; all read where RAM is too small.
pub(super) fn crc_of(work: &mut Work<'_>, address: u64, len: u64) -> Result<u32, TargetError> {
    let resident = load_resident(work, address)?;
    crc_with(work, resident.as_ref(), address, len)
}

/// The first range whose CRC is another one.
pub(super) fn first_wrong_sum(
    work: &mut Work<'_>,
    sums: &[Sum],
) -> Result<Option<(Sum, u32)>, TargetError> {
    let Some(first) = sums.first() else {
        return Ok(None);
    };
    let resident = load_resident(work, first.address)?;
    for sum in sums {
        let found = crc_with(work, resident.as_ref(), sum.address, sum.len)?;
        if found != sum.crc32 {
            return Ok(Some((*sum, found)));
        }
    }
    Ok(None)
}

/// None where RAM is too small for it.
fn load_resident(work: &mut Work<'_>, address: u64) -> Result<Option<Resident>, TargetError> {
    let frozen = work.frozen.clone();
    match Resident::load_for_crc(&mut work.bus, &frozen) {
        Err(TargetError::RamTooSmall { .. }) => Ok(None),
        loaded => work.at(address, loaded).map(Some),
    }
}

fn crc_with(
    work: &mut Work<'_>,
    resident: Option<&Resident>,
    address: u64,
    len: u64,
) -> Result<u32, TargetError> {
    let end = address + len;
    let words_start = address.next_multiple_of(4).min(end);
    let words_end = (end - end % 4).max(words_start);
    let Some(resident) = resident else {
        return read_crc(work, 0, address, end);
    };
    let mut crc = read_crc(work, 0, address, words_start)?;
    let mut start = words_start;
    while start < words_end {
        let next = (start + CRC_CHUNK_LEN).min(words_end);
        let found = resident.crc(&mut work.bus, crc, address32(start)?, address32(next)?);
        crc = work.at(start, found)?;
        work.advance(next - start);
        start = next;
    }
    read_crc(work, crc, words_end, end)
}

/// Goes on with a CRC over bytes that are read.
fn read_crc(work: &mut Work<'_>, crc: u32, address: u64, end: u64) -> Result<u32, TargetError> {
    let mut hasher = crc32fast::Hasher::new_with_initial(crc);
    let mut buffer = vec![0; READ_CHUNK_LEN.min((end - address) as usize)];
    let mut start = address;
    while start < end {
        let len = (end - start).min(buffer.len() as u64);
        let bytes = &mut buffer[..len as usize];
        let read = work.bus.read(start, bytes);
        work.at(start, read)?;
        hasher.update(bytes);
        work.advance(len);
        start += len;
    }
    Ok(hasher.finalize())
}

/// Compares by reading back.
pub(super) fn compare(work: &mut Work<'_>, segment: Segment<'_>) -> Result<(), TargetError> {
    let mut address = segment.address;
    let mut buffer = vec![0; READ_CHUNK_LEN.min(segment.data.len())];
    for data in segment.data.chunks(READ_CHUNK_LEN) {
        let read = &mut buffer[..data.len()];
        let result = work.bus.read(address, read);
        work.at(address, result)?;
        let differs = (address..)
            .zip(data.iter().zip(&*read))
            .find(|(_, (wanted, found))| wanted != found);
        if let Some((address, (expected, found))) = differs {
            return Err(TargetError::VerifyMismatch {
                address,
                expected: *expected,
                found: *found,
            });
        }
        address += data.len() as u64;
        work.advance(data.len() as u64);
    }
    Ok(())
}
