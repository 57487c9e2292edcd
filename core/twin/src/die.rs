//! The part of a chip that needs no behaviour of its own: memories, the map of addresses, the clock.
//!
//! It is what the family's peripherals see as their `Chip`. Time is counted in picoseconds, because a core cycle is
//! not a whole number of nanoseconds.

use crate::peripherals::{BusFault, Chip, DebugAccess, EraseTime, ResetKind};
use crate::{
    cells::{Cells, StuckBit},
    error::TwinError,
    fault::Fault,
    limits, random,
};
use imprint_device::{Device, Memory};
use std::collections::BTreeMap;

/// Picoseconds in a nanosecond.
pub(crate) const PS_PER_NS: u64 = 1000;

/// Marks a part of the map in which no memory begins.
const NO_REGION: u8 = u8::MAX;

/// Bits of an address within one slot of the map: 1 MiB.
const SLOT_BITS: u32 = 20;

/// A range of addresses that shows a memory.
#[derive(Clone, Copy, Default)]
pub(crate) struct Region {
    start: u32,
    len: u32,
    /// Index in the die of the first byte.
    index: usize,
    pub memory: usize,
    pub is_non_volatile: bool,
}

impl Region {
    /// Index in the die of the first of `len` bytes at `address`, if the region shows them all.
    #[inline(always)]
    pub fn index_of(&self, address: u32, len: u32) -> Option<usize> {
        let offset = address.wrapping_sub(self.start);
        let fits = u64::from(offset) + u64::from(len) <= u64::from(self.len);
        fits.then_some(self.index + offset as usize)
    }
}

/// A place in a memory.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    /// Index of the byte in the die.
    pub index: usize,
    pub memory: usize,
    pub is_non_volatile: bool,
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FlashCount {
    pub programs: u64,
    pub erases: u64,
    pub busy_ps: u64,
}

/// Memories, map and clock of one chip.
pub(crate) struct Die {
    /// The bytes of all memories.
    pub bytes: Vec<u8>,
    pub memories: Vec<Cells>,
    regions: Vec<Region>,
    /// For each mebibyte of the address space the first region in it.
    slots: Vec<u8>,
    properties: BTreeMap<String, String>,
    faults: Vec<Fault>,

    /// The time of whoever acts now.
    pub now_ps: u64,
    /// The flash is busy until then.
    pub busy_until_ps: u64,
    /// One cycle of the core.
    pub cycle_ps: u64,
    /// Wait states of a flash read, in core cycles.
    pub flash_wait_states: u32,
    /// Core clock after reset, in kHz, and the wait states after reset.
    clock_at_reset: (u32, u32),

    pub debug_access: DebugAccess,
    /// A debugger used the memory access port since power came on.
    pub debugger_seen: bool,
    pub reset_request: Option<ResetKind>,
    /// Interrupt lines that the peripherals moved and the NVIC has not seen.
    pub interrupt_lines: Vec<(u32, bool)>,
    /// Power failed in a flash operation and has not come back.
    pub power_failed: bool,
    /// The core has to look: a line, a reset, a pending exception.
    pub attention: bool,
    pub count: FlashCount,
}

impl Die {
    /// The die of that device, as it leaves the factory.
    pub fn new(device: &Device, faults: &[Fault]) -> Result<Die, TwinError> {
        let mut die = Die {
            bytes: Vec::new(),
            memories: Vec::new(),
            regions: Vec::new(),
            slots: vec![NO_REGION; 1 << (32 - SLOT_BITS)],
            properties: device.properties.clone(),
            faults: faults.to_vec(),
            now_ps: 0,
            busy_until_ps: 0,
            cycle_ps: 0,
            flash_wait_states: 0,
            clock_at_reset: (device.twin.core_clock_khz, device.twin.flash_wait_states),
            debug_access: DebugAccess::Open,
            debugger_seen: false,
            reset_request: None,
            interrupt_lines: Vec::new(),
            power_failed: false,
            attention: false,
            count: FlashCount::default(),
        };
        die.reset_clock();
        for memory in &device.memories {
            die.add_memory(memory)?;
        }
        die.add_boot_alias(device.twin.boot_address);
        die.stick_faulty_cells();
        Ok(die)
    }

    fn add_memory(&mut self, memory: &Memory) -> Result<(), TwinError> {
        let error = |message: String| TwinError::Memory {
            memory: memory.name.clone(),
            start: memory.start,
            message,
        };
        if memory.len == 0 || memory.len > limits::MEMORY_LEN_MAX {
            return Err(error(format!(
                "expected a length from 1 to {} bytes, found {}",
                limits::MEMORY_LEN_MAX,
                memory.len
            )));
        }
        let cells = Cells::new(memory, self.bytes.len());
        for &start in std::iter::once(&memory.start).chain(&memory.aliases) {
            if start
                .checked_add(memory.len)
                .is_none_or(|end| end > 1 << 32)
            {
                return Err(error(format!(
                    "expected an end below 4 GiB, starts at {start:#010x}"
                )));
            }
            self.add_region(Region {
                start: start as u32,
                len: memory.len as u32,
                index: self.bytes.len(),
                memory: self.memories.len(),
                is_non_volatile: cells.is_non_volatile(),
            });
        }
        self.bytes.resize(cells.range.end, cells.blank());
        self.memories.push(cells);
        Ok(())
    }

    fn add_region(&mut self, region: Region) {
        let first = region.start >> SLOT_BITS;
        let last = (region.start + (region.len - 1)) >> SLOT_BITS;
        // An index past the marker is found by the slow search only.
        let index = u8::try_from(self.regions.len()).unwrap_or(NO_REGION);
        for slot in first..=last {
            let slot = &mut self.slots[slot as usize];
            if *slot == NO_REGION {
                *slot = index;
            }
        }
        self.regions.push(region);
    }

    /// Shows the boot memory at address 0, where the core looks for its vectors.
    fn add_boot_alias(&mut self, boot_address: u64) {
        if self.locate(0, 1).is_some() {
            return;
        }
        let Some(place) = self.locate_wide(boot_address, 1) else {
            return;
        };
        let len = self.memories[place.memory].range.end - place.index;
        self.add_region(Region {
            start: 0,
            len: len as u32,
            index: place.index,
            memory: place.memory,
            is_non_volatile: place.is_non_volatile,
        });
    }

    fn stick_faulty_cells(&mut self) {
        for fault in self.faults.clone() {
            if let Fault::Stuck {
                address,
                bit,
                value,
            } = fault
                && let Some(place) = self.locate_wide(address + u64::from(bit / 8), 1)
            {
                let bit = StuckBit {
                    index: place.index,
                    bit: bit % 8,
                    value,
                };
                self.memories[place.memory].stick(&mut self.bytes, bit);
            }
        }
    }

    /// The core clock as after a reset.
    pub fn reset_clock(&mut self) {
        let (khz, wait_states) = self.clock_at_reset;
        self.cycle_ps = cycle_ps(khz);
        self.flash_wait_states = wait_states;
    }

    /// Power failed: RAM is lost, and what the flash was doing.
    pub fn lose_power(&mut self) {
        for memory in self
            .memories
            .iter()
            .filter(|memory| !memory.is_non_volatile())
        {
            self.bytes[memory.range.clone()].fill(0);
        }
        self.busy_until_ps = self.now_ps;
        self.debug_access = DebugAccess::Open;
        self.debugger_seen = false;
        self.interrupt_lines.clear();
        self.power_failed = false;
    }

    /// Where the `len` bytes from `address` are, if one memory shows them all.
    pub fn locate(&self, address: u32, len: u32) -> Option<Place> {
        let region = self.region(address, len)?;
        let index = region.index_of(address, len)?;
        Some(Place {
            index,
            memory: region.memory,
            is_non_volatile: region.is_non_volatile,
        })
    }

    /// The region that shows all of them.
    pub fn region(&self, address: u32, len: u32) -> Option<Region> {
        let first = usize::from(self.slots[(address >> SLOT_BITS) as usize]);
        let likely = self.regions.get(first).into_iter();
        likely
            .chain(&self.regions)
            .find(|region| region.index_of(address, len).is_some())
            .copied()
    }

    fn locate_wide(&self, address: u64, len: usize) -> Option<Place> {
        self.locate(u32::try_from(address).ok()?, u32::try_from(len).ok()?)
    }

    /// The flash is at work.
    #[inline(always)]
    pub fn busy(&self) -> bool {
        self.now_ps < self.busy_until_ps
    }

    /// Flash operations since power first came on.
    pub fn flash_operations(&self) -> u64 {
        self.count.programs + self.count.erases
    }

    /// Makes the flash busy, after what it already does.
    fn keep_busy(&mut self, ns: u64) {
        let ps = ns * PS_PER_NS;
        self.busy_until_ps = self.busy_until_ps.max(self.now_ps) + ps;
        self.count.busy_ps += ps;
        // A core that now polls is looked at at once.
        self.attention = true;
    }

    /// What becomes of the operation that starts now.
    fn fate(&mut self) -> Fate {
        let running = self.flash_operations();
        let fates = self.faults.iter().map(|fault| match fault {
            Fault::BrownOut { operation } if *operation == running => Fate::BrownOut(running),
            Fault::Lost { operation } if *operation == running => Fate::Lost,
            _ => Fate::Done,
        });
        let fate = fates.max().unwrap_or(Fate::Done);
        if let Fate::BrownOut(_) = fate {
            self.power_failed = true;
            self.request_reset(ResetKind::PowerOn);
        }
        fate
    }
}

/// What becomes of a flash operation, the gravest last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Done,
    /// It does nothing.
    Lost,
    /// Power fails in the operation of this number.
    BrownOut(u64),
}

impl Fate {
    /// Which bits the operation still changes, byte by byte: about half of them when power fails in it.
    fn changing_bits(self) -> impl FnMut() -> u8 {
        let mut position = 0;
        move || match self {
            Fate::Done => 0xFF,
            Fate::Lost => 0,
            Fate::BrownOut(operation) => {
                position += 1;
                random::at(operation, position) as u8
            }
        }
    }

    fn answer(self) -> Result<(), BusFault> {
        match self {
            Fate::BrownOut(_) => Err(BusFault),
            Fate::Done | Fate::Lost => Ok(()),
        }
    }
}

/// One cycle at that clock, in picoseconds; a stopped clock counts as 1 kHz.
fn cycle_ps(khz: u32) -> u64 {
    1_000_000_000 / u64::from(khz.max(1))
}

impl Chip for Die {
    fn now_ns(&self) -> u64 {
        self.now_ps / PS_PER_NS
    }

    fn is_busy(&self) -> bool {
        self.busy()
    }

    fn peek(&self, address: u64, buffer: &mut [u8]) -> Result<(), BusFault> {
        let place = self.locate_wide(address, buffer.len()).ok_or(BusFault)?;
        buffer.copy_from_slice(&self.bytes[place.index..place.index + buffer.len()]);
        Ok(())
    }

    fn poke(&mut self, address: u64, data: &[u8]) -> Result<(), BusFault> {
        let place = self.locate_wide(address, data.len()).ok_or(BusFault)?;
        self.memories[place.memory].set(&mut self.bytes, place.index, data);
        Ok(())
    }

    fn program(&mut self, address: u64, data: &[u8]) -> Result<(), BusFault> {
        let place = self.locate_wide(address, data.len()).ok_or(BusFault)?;
        let cells = &self.memories[place.memory];
        let Some(nor) = cells.nor.as_ref().filter(|_| !self.power_failed) else {
            return Err(BusFault);
        };
        let (unit_len, unit_ns) = (nor.unit_len.max(1) as usize, nor.timing.program_unit_ns);
        let offset = place.index - cells.range.start;
        let first = offset / unit_len;
        let last = (offset + data.len().max(1) - 1) / unit_len;
        self.keep_busy((last - first + 1) as u64 * unit_ns);
        self.count.programs += 1;
        let fate = self.fate();
        let allowed = fate.changing_bits();
        self.memories[place.memory].program(&mut self.bytes, place.index, data, allowed);
        fate.answer()
    }

    fn erase(&mut self, address: u64, len: u64, time: EraseTime) -> Result<(), BusFault> {
        let len = usize::try_from(len).map_err(|_| BusFault)?;
        let place = self.locate_wide(address, len).ok_or(BusFault)?;
        let nor = self.memories[place.memory].nor.as_ref();
        let Some(nor) = nor.filter(|_| !self.power_failed) else {
            return Err(BusFault);
        };
        let time_us = match time {
            EraseTime::Free => None,
            EraseTime::Sector => Some(
                nor.erase_us_at((place.index - self.memories[place.memory].range.start) as u64),
            ),
            EraseTime::All => Some(nor.timing.erase_all_us),
        };
        // An erase without a time of its own is a part of the operation before it.
        let fate = time_us.map_or(Fate::Done, |time_us| {
            self.keep_busy(time_us * 1000);
            self.count.erases += 1;
            self.fate()
        });
        let range = place.index..place.index + len;
        let allowed = fate.changing_bits();
        self.memories[place.memory].erase(&mut self.bytes, range, allowed);
        fate.answer()
    }

    fn set_debug_access(&mut self, access: DebugAccess) {
        self.debug_access = access;
    }

    fn set_core_clock(&mut self, khz: u32, flash_wait_states: u32) {
        self.cycle_ps = cycle_ps(khz);
        self.flash_wait_states = flash_wait_states;
        self.attention = true;
    }

    fn set_interrupt(&mut self, line: u32, level: bool) {
        self.interrupt_lines.push((line, level));
        self.attention = true;
    }

    fn request_reset(&mut self, kind: ResetKind) {
        // Power that fails is the stronger of two requests.
        if self.reset_request != Some(ResetKind::PowerOn) {
            self.reset_request = Some(kind);
        }
        self.attention = true;
    }

    fn property(&self, name: &str) -> Option<&str> {
        self.properties.get(name).map(String::as_str)
    }
}
