//! Where payloads lie in the device's memories, and whether they may.

use super::error::BuildError;
use crate::{
    payload::Payload,
    recipe::{Name, PayloadSource, Recipe, Right},
};
use imprint_device::{Device, Memory, MemoryKind};
use std::collections::BTreeMap;

/// Refuses payloads outside the device's memories, in memories they may not touch, and over each other.
pub(super) fn check(
    recipe: &Recipe,
    device: &Device,
    payloads: &BTreeMap<&Name, Payload>,
) -> Result<(), BuildError> {
    let mut spans = Vec::new();
    for (name, payload) in payloads {
        for segment in &payload.segments {
            spans.extend(locate(device, name, segment.address, segment.end())?);
        }
    }
    for span in &spans {
        check_access(recipe, device, span)?;
    }
    check_overlap(&recipe.payloads, spans)
}

/// A part of a payload within one memory. Aliases are resolved, so that bytes which are the same on the chip have the
/// same place here.
struct Span<'a> {
    memory: usize,
    offset: u64,
    len: u64,
    /// As the payload has it.
    address: u64,
    payload: &'a Name,
}

impl Span<'_> {
    fn end(&self) -> u64 {
        self.offset + self.len
    }
}

/// Cuts `address .. end` at the bounds of the memories it lies in.
fn locate<'a>(
    device: &Device,
    payload: &'a Name,
    mut address: u64,
    end: u64,
) -> Result<Vec<Span<'a>>, BuildError> {
    let mut spans = Vec::new();
    while address < end {
        let found = device
            .memories
            .iter()
            .enumerate()
            .find_map(|(index, memory)| {
                let offset = memory.offset_of(address, 1)?;
                Some((index, offset, memory.len - offset))
            });
        let Some((memory, offset, rest)) = found else {
            return Err(BuildError::Outside {
                payload: payload.to_string(),
                device: device.name.clone(),
                address,
                nearest: nearest(device, address).map(describe),
            });
        };
        let len = rest.min(end - address);
        spans.push(Span {
            memory,
            offset,
            len,
            address,
            payload,
        });
        address += len;
    }
    Ok(spans)
}

fn nearest(device: &Device, address: u64) -> Option<&Memory> {
    device.memories.iter().min_by_key(|memory| {
        let last = memory.end().saturating_sub(1);
        address.abs_diff(address.clamp(memory.start, last.max(memory.start)))
    })
}

fn describe(memory: &Memory) -> String {
    let (name, start, end) = (&memory.name, memory.start, memory.end());
    format!("`{name}`, {start:#010x} to {end:#010x}")
}

fn check_access(recipe: &Recipe, device: &Device, span: &Span) -> Result<(), BuildError> {
    let memory = &device.memories[span.memory];
    let right = match memory.kind {
        MemoryKind::Ram | MemoryKind::Flash => return Ok(()),
        MemoryKind::Factory => {
            return Err(BuildError::ReadOnly {
                payload: span.payload.to_string(),
                memory: memory.name.clone(),
                address: span.address,
            });
        }
        MemoryKind::Options => Right::OptionBytes,
        MemoryKind::OneTime => Right::OneTime,
    };
    if recipe.rights.contains(&right) {
        return Ok(());
    }
    Err(BuildError::RightMissing {
        payload: span.payload.to_string(),
        memory: memory.name.clone(),
        address: span.address,
        right,
    })
}

fn check_overlap(
    sources: &BTreeMap<Name, PayloadSource>,
    mut spans: Vec<Span>,
) -> Result<(), BuildError> {
    // A declared window may lie over anything, so it takes no part. A payload over itself, through an alias, does.
    spans.retain(|span| !sources.get(span.payload).is_some_and(|it| it.window));
    spans.sort_by_key(|span| (span.memory, span.offset));
    for pair in spans.windows(2) {
        let (first, second) = (&pair[0], &pair[1]);
        if first.memory == second.memory && first.end() > second.offset {
            return Err(BuildError::Overlap {
                first: first.payload.to_string(),
                second: second.payload.to_string(),
                address: second.address,
            });
        }
    }
    Ok(())
}
