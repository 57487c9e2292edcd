//! The plan: what a run would otherwise have to work out about its payloads, made when the object is built.
//!
//! Which sectors hold what is programmed, whether erasing them one by one or all at once takes less time, which blocks are
//! blank and need no programming, and the CRC of each. All of it but blank blocks and CRCs follows from the directory and
//! the device, and a reader compares it with them: a signed plan could still be a wrong one.

mod sectors;

use crate::{
    limits::PLAN_LEN_MAX,
    object::{Contents, ObjectError, SegmentEntry, pairs},
    recipe::{Name, Right},
};
use imprint_device::{Device, MemoryKind};
use minicbor::{Decode, Encode};
use sectors::Touched;
use std::collections::BTreeMap;

/// Blocks end at the addresses that are multiples of this: one page, or several, of every flash there is a driver for.
pub const BLOCK_LEN: u64 = 4096;

/// What is erased and programmed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Plan {
    /// Non-volatile memories that something goes to, in the order of the device.
    #[n(1)]
    pub memories: Vec<MemoryPlan>,
    /// Each payload.
    #[n(2)]
    #[cbor(with = "pairs")]
    pub payloads: BTreeMap<Name, PayloadPlan>,
}

/// How a memory is erased for all that goes to it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct MemoryPlan {
    /// Its name in the device.
    #[n(1)]
    pub name: String,
    /// The sectors, joined where they touch.
    #[n(2)]
    pub erase: Vec<SegmentEntry>,
    /// The way that takes less time.
    #[n(3)]
    pub strategy: EraseStrategy,
    /// Time to erase the sectors, in microseconds.
    #[n(4)]
    pub sectors_us: u64,
    /// Time to erase all of it at once, in microseconds.
    #[n(5)]
    pub all_us: u64,
}

/// How a memory is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum EraseStrategy {
    /// Sector by sector.
    #[n(0)]
    Sectors,
    /// All at once, which needs the right `mass_erase`.
    #[n(1)]
    All,
}

/// How a payload is programmed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PayloadPlan {
    /// Sectors of non-volatile memories that it, and what goes into it, touches.
    #[n(1)]
    pub erase: Vec<SegmentEntry>,
    /// Its bytes in the order of its segments, cut at multiples of 4096 and at the ends of segments.
    #[n(2)]
    pub blocks: Vec<Block>,
}

/// Some bytes of a payload, without what is merged with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Block {
    /// Of the first byte.
    #[n(0)]
    pub address: u64,
    /// Length in bytes, 1 to 4096.
    #[n(1)]
    pub len: u64,
    /// CRC-32 (IEEE 802.3).
    #[n(2)]
    pub crc32: u32,
    /// Whether all of it is what an erased memory holds.
    #[n(3)]
    pub blank: bool,
}

impl Plan {
    /// Plans for payloads whose bytes are at hand.
    pub(crate) fn of<'a>(
        contents: &Contents,
        device: &Device,
        segments: impl Fn(&Name) -> Vec<(u64, &'a [u8])>,
    ) -> Plan {
        let payloads = contents.payloads.keys().map(|name| {
            let plan = PayloadPlan {
                erase: erase_of(contents, device, name),
                blocks: blocks_of(device, &segments(name)),
            };
            (name.clone(), plan)
        });
        Plan {
            memories: memories(contents, device),
            payloads: payloads.collect(),
        }
    }

    /// Reads the section of an object and compares it with what the directory and the device say.
    pub(crate) fn from_bytes(
        bytes: &[u8],
        contents: &Contents,
        device: &Device,
    ) -> Result<Plan, ObjectError> {
        if bytes.len() as u64 > PLAN_LEN_MAX {
            return Err(damaged("it is too large"));
        }
        let plan: Plan = minicbor::decode(bytes).map_err(|error| damaged(error.to_string()))?;
        if plan.to_bytes() != bytes {
            return Err(damaged("it is not in its only encoding"));
        }
        plan.check(contents, device)?;
        Ok(plan)
    }

    /// The section of an object.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing to a vector cannot fail, and no type here refuses")
    }

    fn check(&self, contents: &Contents, device: &Device) -> Result<(), ObjectError> {
        if self.memories != memories(contents, device) {
            return Err(damaged("its memories are not those of the payloads"));
        }
        if !self.payloads.keys().eq(contents.payloads.keys()) {
            return Err(damaged("its payloads are not those of the object"));
        }
        for ((name, plan), entry) in self.payloads.iter().zip(contents.payloads.values()) {
            let bad = |what: &str| Err(damaged(format!("payload `{name}`: {what}")));
            if plan.erase != erase_of(contents, device, name) {
                return bad("its sectors are not those of its segments");
            }
            let found = plan.blocks.iter().map(|block| (block.address, block.len));
            if !found.eq(entry.segments.iter().copied().flat_map(cut)) {
                return bad("its blocks are not those of its segments");
            }
            let mut crc = BlankCrc::default();
            let is_sound =
                |block: &Block| !block.blank || crc.of(device, block) == Some(block.crc32);
            if !plan.blocks.iter().all(is_sound) {
                return bad("a block that is said to be blank is not");
            }
        }
        Ok(())
    }
}

/// CRC of blank blocks, most of which have one length.
#[derive(Default)]
struct BlankCrc {
    last: Option<(u64, u8, u32)>,
}

impl BlankCrc {
    fn of(&mut self, device: &Device, block: &Block) -> Option<u32> {
        let erased = erased_at(device, block.address, block.len)?;
        match self.last {
            Some((len, value, crc32)) if (len, value) == (block.len, erased) => Some(crc32),
            _ => {
                let crc32 = crc32fast::hash(&vec![erased; block.len as usize]);
                self.last = Some((block.len, erased, crc32));
                Some(crc32)
            }
        }
    }
}

/// What all of the memory at some bytes holds when it is erased.
fn erased_at(device: &Device, address: u64, len: u64) -> Option<u8> {
    let nor = device.memory_at(address, len)?.nor.as_ref()?;
    Some(nor.erased)
}

fn blocks_of(device: &Device, segments: &[(u64, &[u8])]) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (start, data) in segments {
        let segment = SegmentEntry {
            address: *start,
            len: data.len() as u64,
        };
        for (address, len) in cut(segment) {
            let offset = (address - start) as usize;
            let bytes = &data[offset..offset + len as usize];
            let erased = erased_at(device, address, len);
            blocks.push(Block {
                address,
                len,
                crc32: crc32fast::hash(bytes),
                blank: erased.is_some_and(|erased| bytes.iter().all(|byte| *byte == erased)),
            });
        }
    }
    blocks
}

/// Address and length of each block of a segment.
fn cut(segment: SegmentEntry) -> impl Iterator<Item = (u64, u64)> {
    let end = segment.address.saturating_add(segment.len);
    let mut address = segment.address;
    std::iter::from_fn(move || {
        let start = address;
        let next = (start / BLOCK_LEN + 1) * BLOCK_LEN;
        address = next.min(end);
        (start < end).then(|| (start, address - start))
    })
}

fn memories(contents: &Contents, device: &Device) -> Vec<MemoryPlan> {
    let mut touched = Touched::default();
    for entry in contents.payloads.values() {
        for segment in &entry.segments {
            touched.add(device, segment.address, segment.len);
        }
    }
    for (_, window) in contents.windows() {
        touched.add(device, window.address, window.len);
    }
    let may_erase_all = contents.rights.contains(&Right::MassErase);
    let plan = |(index, erase): (usize, Vec<SegmentEntry>)| {
        let memory = &device.memories[index];
        let nor = memory.nor.as_ref()?;
        let sectors_us = sectors::erase_us(memory, nor, &erase);
        let all_us = nor.timing.erase_all_us;
        let all = may_erase_all && memory.kind == MemoryKind::Flash && all_us < sectors_us;
        Some(MemoryPlan {
            name: memory.name.clone(),
            erase,
            strategy: if all {
                EraseStrategy::All
            } else {
                EraseStrategy::Sectors
            },
            sectors_us,
            all_us,
        })
    };
    touched.runs(device).filter_map(plan).collect()
}

fn erase_of(contents: &Contents, device: &Device, name: &Name) -> Vec<SegmentEntry> {
    let mut touched = Touched::default();
    for segment in contents
        .payloads
        .get(name)
        .iter()
        .flat_map(|it| &it.segments)
    {
        touched.add(device, segment.address, segment.len);
    }
    for (into, window) in contents.windows() {
        if into == Some(name) {
            touched.add(device, window.address, window.len);
        }
    }
    touched.runs(device).flat_map(|(_, runs)| runs).collect()
}

fn damaged(message: impl Into<String>) -> ObjectError {
    ObjectError::Damaged {
        part: "section `plan`".into(),
        message: message.into(),
    }
}
