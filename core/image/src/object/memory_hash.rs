//! The hash of what firmware leaves in memory, whatever file it came from.

use sha2::{Digest, Sha256};

/// SHA-256 over, for each run of bytes in the order of addresses: its address and its length, eight bytes each, lowest
/// first, then its bytes. Segments that touch are one run.
pub(super) fn of<'a>(segments: impl IntoIterator<Item = (u64, &'a [u8])>) -> [u8; 32] {
    let mut segments: Vec<(u64, &[u8])> = segments.into_iter().collect();
    segments.sort_by_key(|(address, _)| *address);
    let end = |(address, bytes): &(u64, &[u8])| address + bytes.len() as u64;
    let mut hasher = Sha256::new();
    for run in segments.chunk_by(|left, right| end(left) == right.0) {
        let len: u64 = run.iter().map(|(_, bytes)| bytes.len() as u64).sum();
        let address = run.first().map_or(0, |(address, _)| *address);
        hasher.update(address.to_le_bytes());
        hasher.update(len.to_le_bytes());
        run.iter().for_each(|(_, bytes)| hasher.update(bytes));
    }
    hasher.finalize().into()
}
