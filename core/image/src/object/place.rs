//! Where payloads, serial numbers and data lie in the device's memories, and whether they may.

use super::{
    entries::{DataEntry, SerialEntry},
    error::BuildError,
};
use crate::{
    payload::Payload,
    recipe::{Name, PayloadSource, Recipe, Right},
};
use imprint_device::{Device, Memory, MemoryKind};
use std::{collections::BTreeMap, fmt};

/// What is to be placed.
pub(super) struct Placed<'a> {
    pub(super) payloads: &'a BTreeMap<&'a Name, Payload>,
    pub(super) serials: &'a BTreeMap<Name, SerialEntry>,
    pub(super) data: &'a BTreeMap<Name, DataEntry>,
}

/// Refuses what is outside the device's memories, in memories it may not touch, and over each other.
pub(super) fn check(recipe: &Recipe, device: &Device, placed: &Placed) -> Result<(), BuildError> {
    let mut spans = Vec::new();
    for (name, payload) in placed.payloads {
        for segment in &payload.segments {
            let owner = Owner::Payload(name);
            spans.extend(locate(device, owner, segment.address, segment.end())?);
        }
    }
    let windows = windows(device, placed)?;
    for span in spans.iter().chain(windows.iter().map(|it| &it.span)) {
        check_access(recipe, device, span)?;
    }
    check_windows(device, &spans, &windows)?;
    check_overlap(&recipe.payloads, spans)
}

/// What lies somewhere.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner<'a> {
    Payload(&'a Name),
    Serial(&'a Name),
    Data(&'a Name),
}

impl Owner<'_> {
    fn name(&self) -> &Name {
        match self {
            Owner::Payload(name) | Owner::Serial(name) | Owner::Data(name) => name,
        }
    }
}

impl fmt::Display for Owner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Owner::Payload(name) => write!(f, "payload `{name}`"),
            Owner::Serial(name) => write!(f, "serial `{name}`"),
            Owner::Data(name) => write!(f, "data `{name}`"),
        }
    }
}

/// A part of something within one memory. Aliases are resolved, so that bytes which are the same on the chip have the
/// same place here.
struct Span<'a> {
    memory: usize,
    offset: u64,
    len: u64,
    /// As it was given.
    address: u64,
    owner: Owner<'a>,
}

impl Span<'_> {
    fn end(&self) -> u64 {
        self.offset + self.len
    }

    /// Whether it has a byte in common with another, or with a block of `unit` bytes that the other touches.
    fn meets(&self, other: &Span, unit: u64) -> bool {
        let start = |span: &Span| span.offset / unit * unit;
        let end = |span: &Span| span.end().next_multiple_of(unit);
        self.memory == other.memory && start(self) < end(other) && start(other) < end(self)
    }
}

/// A serial number or data.
struct Window<'a> {
    span: Span<'a>,
    into: Option<&'a Name>,
    over: bool,
}

impl Window<'_> {
    /// Whether it is programmed in one pass with another.
    fn goes_with(&self, other: &Window) -> bool {
        self.into.is_some() && self.into == other.into
    }
}

fn windows<'a>(device: &Device, placed: &Placed<'a>) -> Result<Vec<Window<'a>>, BuildError> {
    let serials = placed.serials.iter().map(|(name, entry)| {
        let place = (entry.address, entry.len());
        (Owner::Serial(name), place, entry.into.as_ref(), entry.over)
    });
    let data = placed.data.iter().map(|(name, entry)| {
        let place = (entry.address, u64::from(entry.len));
        (Owner::Data(name), place, entry.into.as_ref(), entry.over)
    });
    let mut windows = Vec::new();
    for (owner, (address, len), into, over) in serials.chain(data) {
        let end = address.saturating_add(len);
        for span in locate(device, owner, address, end)? {
            windows.push(Window { span, into, over });
        }
    }
    Ok(windows)
}

/// Cuts `address .. end` at the bounds of the memories it lies in.
fn locate<'a>(
    device: &Device,
    owner: Owner<'a>,
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
                what: owner.to_string(),
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
            owner,
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
                what: span.owner.to_string(),
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
        what: span.owner.to_string(),
        memory: memory.name.clone(),
        address: span.address,
        right,
    })
}

/// A window lies over no other, and over its own payload only where the recipe says so. What is programmed in passes of
/// their own has no unit of the memory in common: most flash takes each unit once.
fn check_windows(device: &Device, payloads: &[Span], windows: &[Window]) -> Result<(), BuildError> {
    let unit = |span: &Span| {
        let nor = device.memories[span.memory].nor.as_ref();
        nor.map_or(1, |nor| u64::from(nor.unit_len))
    };
    let shared = |window: &Window, other: &Span| BuildError::SharedUnit {
        first: window.span.owner.to_string(),
        second: other.owner.to_string(),
        address: window.span.address,
        unit_len: unit(&window.span),
    };
    for (index, window) in windows.iter().enumerate() {
        for payload in payloads {
            let is_own = matches!(payload.owner, Owner::Payload(name) if Some(name) == window.into);
            if window.span.meets(payload, 1) && !(is_own && window.over) {
                return Err(BuildError::OverPayload {
                    window: window.span.owner.to_string(),
                    payload: payload.owner.to_string(),
                    address: window.span.address.max(payload.address),
                    is_own,
                });
            }
            if !is_own && window.span.meets(payload, unit(payload)) {
                return Err(shared(window, payload));
            }
        }
        for other in &windows[index + 1..] {
            if window.span.meets(&other.span, 1) {
                return Err(BuildError::WindowsOverlap {
                    first: window.span.owner.to_string(),
                    second: other.span.owner.to_string(),
                    address: window.span.address.max(other.span.address),
                });
            }
            if !window.goes_with(other) && window.span.meets(&other.span, unit(&other.span)) {
                return Err(shared(window, &other.span));
            }
        }
    }
    Ok(())
}

fn check_overlap(
    sources: &BTreeMap<Name, PayloadSource>,
    mut spans: Vec<Span>,
) -> Result<(), BuildError> {
    // A declared window may lie over anything, so it takes no part. A payload over itself, through an alias, does.
    let is_window = |owner| match owner {
        Owner::Payload(name) => sources.get(name).is_some_and(|it| it.window),
        Owner::Serial(_) | Owner::Data(_) => false,
    };
    spans.retain(|span| !is_window(span.owner));
    spans.sort_by_key(|span| (span.memory, span.offset));
    for pair in spans.windows(2) {
        let (first, second) = (&pair[0], &pair[1]);
        if first.memory == second.memory && first.end() > second.offset {
            return Err(BuildError::Overlap {
                first: first.owner.name().to_string(),
                second: second.owner.name().to_string(),
                address: second.address,
            });
        }
    }
    Ok(())
}
