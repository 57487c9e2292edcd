//! What lies where: memories and their sectors in flash, code and buffers in RAM.

use crate::{
    call::{HALT_CODE, address32},
    error::TargetError,
};
use imprint_device::{Algorithm, FrozenDevice, Memory, Nor};

/// A part of a range that lies in one memory, at the memory's own address.
pub(super) struct Part<'a> {
    pub(super) memory: &'a Memory,
    pub(super) nor: &'a Nor,
    pub(super) address: u64,
    pub(super) len: u64,
}

/// One sector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sector {
    pub(super) address: u64,
    pub(super) len: u64,
    /// How long erasing it takes.
    pub(super) erase_us: u64,
}

/// A memory as a whole.
pub(super) fn whole<'a>(frozen: &'a FrozenDevice, memory: &str) -> Result<Part<'a>, TargetError> {
    let device = &frozen.device;
    let memory = device
        .memory(memory)
        .ok_or_else(|| TargetError::MemoryUnknown {
            device: device.name.clone(),
            memory: memory.into(),
        })?;
    part(memory, 0, memory.len)
}

/// A range, cut where one memory ends and the next begins. Every byte is in a memory that has cells.
pub(super) fn split(
    frozen: &FrozenDevice,
    address: u64,
    len: u64,
) -> Result<Vec<Part<'_>>, TargetError> {
    let device = &frozen.device;
    let outside = |address, len| TargetError::OutsideMemory {
        device: device.name.clone(),
        address,
        len,
    };
    let end = address
        .checked_add(len)
        .ok_or_else(|| outside(address, len))?;
    let mut parts = Vec::new();
    let mut next = address;
    while next < end {
        let found = device
            .memories
            .iter()
            .find_map(|memory| Some((memory, memory.offset_of(next, 1)?)));
        let (memory, offset) = found.ok_or_else(|| outside(next, end - next))?;
        let part = part(memory, offset, (memory.len - offset).min(end - next))?;
        next += part.len;
        parts.push(part);
    }
    Ok(parts)
}

fn part(memory: &Memory, offset: u64, len: u64) -> Result<Part<'_>, TargetError> {
    let nor = memory
        .nor
        .as_ref()
        .ok_or_else(|| not_programmable(memory))?;
    Ok(Part {
        memory,
        nor,
        address: memory.start + offset,
        len,
    })
}

fn not_programmable(memory: &Memory) -> TargetError {
    TargetError::NotProgrammable {
        memory: memory.name.clone(),
    }
}

impl Part<'_> {
    /// The algorithm of the memory.
    pub(super) fn algorithm<'f>(
        &self,
        frozen: &'f FrozenDevice,
    ) -> Result<&'f Algorithm, TargetError> {
        let name = self.nor.algorithm.as_deref();
        name.and_then(|name| frozen.algorithm(name))
            .ok_or_else(|| not_programmable(self.memory))
    }

    /// The sectors that have a byte in this part.
    pub(super) fn sectors(&self) -> Vec<Sector> {
        let mut sectors = Vec::new();
        let mut address = self.memory.start;
        for run in &self.nor.sectors {
            for _ in 0..run.count {
                let sector = Sector {
                    address,
                    len: run.len.into(),
                    erase_us: self.nor.erase_us(run),
                };
                address += sector.len;
                if address > self.address && sector.address < self.address + self.len {
                    sectors.push(sector);
                }
            }
        }
        sectors
    }

    pub(super) fn sectors_len(&self) -> u64 {
        self.sectors().iter().map(|sector| sector.len).sum()
    }

    /// First address past the part.
    pub(super) fn end(&self) -> u64 {
        self.address + self.len
    }
}

/// RAM while an algorithm is loaded, from low to high: return point, code, stack, buffers. The stack lies below the
/// buffers, so that an overrun meets the code's end, where a guard word tells, and never data that is being programmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RamLayout {
    pub(super) return_point: u32,
    pub(super) code: u32,
    /// The lowest word of the stack, which must stay as it is.
    pub(super) stack_guard: u32,
    pub(super) stack_top: u32,
    /// Two buffers, so that one is filled while the other is programmed, or one where RAM is short.
    pub(super) buffers: Vec<u32>,
}

/// What is to be placed.
pub(super) struct RamNeeds<'a> {
    pub(super) what: &'a str,
    pub(super) code_len: u64,
    /// Where the code must lie, or anywhere; in RAM, behind the return point.
    pub(super) load_address: Option<u64>,
    pub(super) stack_len: u32,
    pub(super) buffer_len: u32,
}

/// Debug access to memory increments its address within 1 KiB only, so a buffer that starts there takes fewer transfers.
const BUFFER_ALIGN: u64 = 1024;
/// Length of `HALT_CODE` and alignment of what follows.
pub(super) const RETURN_LEN: u64 = HALT_CODE.len() as u64;
/// Stack alignment of the procedure call standard (AAPCS 6.2.1.2).
const STACK_ALIGN: u64 = 8;

impl RamLayout {
    pub(super) fn new(ram: &Memory, needs: &RamNeeds<'_>) -> Result<Self, TargetError> {
        let too_small = |end: u64| TargetError::RamTooSmall {
            what: needs.what.into(),
            needed: end - ram.start,
            available: ram.len,
        };
        let code = needs.load_address.unwrap_or(ram.start + RETURN_LEN);
        let stack_guard = (code + needs.code_len).next_multiple_of(STACK_ALIGN);
        let stack_top = (stack_guard + u64::from(needs.stack_len)).next_multiple_of(STACK_ALIGN);
        let buffer_len = u64::from(needs.buffer_len).next_multiple_of(4);
        let layouts = [(BUFFER_ALIGN, 2), (4, 2), (4, 1)];
        let place = |(align, count): (u64, u64)| {
            let start = stack_top.next_multiple_of(align);
            let step = buffer_len.next_multiple_of(align);
            let addresses: Vec<u64> = (0..count).map(|index| start + index * step).collect();
            (start + (count - 1) * step + buffer_len <= ram.end()).then_some(addresses)
        };
        let buffers = layouts
            .into_iter()
            .find_map(place)
            .ok_or_else(|| too_small(stack_top + buffer_len))?;
        Ok(Self {
            return_point: address32(ram.start)?,
            code: address32(code)?,
            stack_guard: address32(stack_guard)?,
            stack_top: address32(stack_top)?,
            buffers: buffers
                .into_iter()
                .map(address32)
                .collect::<Result<_, _>>()?,
        })
    }
}

/// The RAM for code of ours.
pub(super) fn main_ram(frozen: &FrozenDevice) -> Result<&Memory, TargetError> {
    frozen
        .device
        .main_ram()
        .ok_or_else(|| TargetError::MemoryUnknown {
            device: frozen.device.name.clone(),
            memory: "ram".into(),
        })
}
