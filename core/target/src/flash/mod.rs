//! The flash path: erasing, programming and checking non-volatile memory with the device's algorithms.
//!
//! The plain way, one call on the target a page, with the next page uploaded while the target programs. A streaming
//! driver can take its place behind the same interface.
//!
//! A range may span memories; each part is done with its memory's algorithm. Whole sectors are erased: one that a range
//! only touches is erased, too.

mod algorithm;
mod blank;
mod erase;
mod layout;
mod pages;
mod program;
mod resident;
mod verify;

use crate::{
    bus::Bus,
    error::TargetError,
    progress::{Changes, Progress, Step},
    target::Target,
};
use imprint_device::FrozenDevice;
use std::sync::Arc;

/// Bytes for an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment<'a> {
    /// Address of the first byte.
    pub address: u64,
    /// The bytes.
    pub data: &'a [u8],
}

/// The CRC-32 (IEEE 802.3) that a range should have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sum {
    /// Address of the first byte.
    pub address: u64,
    /// Length in bytes.
    pub len: u64,
    /// What it should be.
    pub crc32: u32,
}

/// A byte that is not erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotBlank {
    /// Its address.
    pub address: u64,
    /// Its value.
    pub found: u8,
    /// The value of an erased byte.
    pub erased: u8,
}

/// The flash path of a target. Every operation halts the core and leaves it halted, with its RAM used.
pub struct Flash<'a> {
    target: &'a mut Target,
    on_progress: Option<&'a mut dyn FnMut(Progress)>,
}

impl<'a> Flash<'a> {
    pub(crate) fn new(target: &'a mut Target) -> Self {
        Self {
            target,
            on_progress: None,
        }
    }

    /// Reports each step's progress to `on_progress`.
    pub fn with_progress(mut self, on_progress: &'a mut dyn FnMut(Progress)) -> Self {
        self.on_progress = Some(on_progress);
        self
    }

    /// Erases a memory as a whole, by the algorithm's chip erase where it has one. That takes with it whatever the chip
    /// erases then: on some chips also configuration memory.
    pub fn erase_all(&mut self, memory: &str) -> Result<(), TargetError> {
        let frozen = self.target.port.frozen.clone();
        let part = layout::whole(&frozen, memory)?;
        self.work(Step::Erase, part.memory.len, |work| {
            erase::erase_all(work, &part)
        })
    }

    /// Erases every sector that has a byte in the range.
    pub fn erase_range(&mut self, address: u64, len: u64) -> Result<(), TargetError> {
        let frozen = self.target.port.frozen.clone();
        let parts = layout::split(&frozen, address, len)?;
        let total = parts.iter().map(layout::Part::sectors_len).sum();
        self.work(Step::Erase, total, |work| {
            parts
                .iter()
                .try_for_each(|part| erase::erase_sectors(work, part))
        })
    }

    /// The first byte of the range that is not erased, if there is one. Looked for by code on the target.
    pub fn is_blank(&mut self, address: u64, len: u64) -> Result<Option<NotBlank>, TargetError> {
        let frozen = self.target.port.frozen.clone();
        let parts = layout::split(&frozen, address, len)?;
        self.work(Step::BlankCheck, len, |work| {
            blank::first_not_blank(work, &parts)
        })
    }

    /// `is_blank` whose finding is an error.
    pub fn check_blank(&mut self, address: u64, len: u64) -> Result<(), TargetError> {
        match self.is_blank(address, len)? {
            None => Ok(()),
            Some(NotBlank {
                address,
                found,
                erased,
            }) => Err(TargetError::NotBlank {
                address,
                found,
                erased,
            }),
        }
    }

    /// Programs erased memory. Bytes that fill up a programming unit get the erased value, so they change nothing.
    pub fn program(&mut self, segments: &[Segment<'_>]) -> Result<(), TargetError> {
        let frozen = self.target.port.frozen.clone();
        let batches = pages::plan(&frozen, segments)?;
        let total = batches.iter().map(pages::Batch::len).sum();
        self.work(Step::Program, total, |work| {
            batches
                .iter()
                .try_for_each(|batch| program::program(work, batch))
        })
    }

    /// Compares memory with the segments by reading it back.
    pub fn verify_compare(&mut self, segments: &[Segment<'_>]) -> Result<(), TargetError> {
        let frozen = self.target.port.frozen.clone();
        let total = pages::check(&frozen, segments)?;
        self.work(Step::Verify, total, |work| {
            segments
                .iter()
                .try_for_each(|segment| verify::compare(work, *segment))
        })
    }

    /// Compares memory with the segments by a CRC-32 that the target computes. Where it differs, the range is read back
    /// and the first wrong byte named. Short segments, and all on a chip with too little RAM, are read back at once.
    pub fn verify_crc(&mut self, segments: &[Segment<'_>]) -> Result<(), TargetError> {
        let frozen = self.target.port.frozen.clone();
        let total = pages::check(&frozen, segments)?;
        self.work(Step::Verify, total, |work| {
            verify::verify_crc(work, segments)
        })
    }

    /// The first range whose CRC-32 is another one, if there is one, and what it is. Computed on the target.
    pub fn first_wrong_sum(&mut self, sums: &[Sum]) -> Result<Option<(Sum, u32)>, TargetError> {
        let frozen = self.target.port.frozen.clone();
        for sum in sums {
            layout::split(&frozen, sum.address, sum.len)?;
        }
        let total = sums.iter().map(|sum| sum.len).sum();
        self.work(Step::Verify, total, |work| {
            verify::first_wrong_sum(work, sums)
        })
    }

    /// CRC-32 (IEEE 802.3) of a range, computed on the target.
    pub fn crc32(&mut self, address: u64, len: u64) -> Result<u32, TargetError> {
        let frozen = self.target.port.frozen.clone();
        let outside = || TargetError::OutsideMemory {
            device: frozen.device.name.clone(),
            address,
            len,
        };
        frozen.device.memory_at(address, len).ok_or_else(outside)?;
        self.work(Step::Verify, len, |work| verify::crc_of(work, address, len))
    }

    /// Runs a step on a halted core that nothing disturbs.
    fn work<T>(
        &mut self,
        step: Step,
        total: u64,
        work: impl FnOnce(&mut Work<'_>) -> Result<T, TargetError>,
    ) -> Result<T, TargetError> {
        if !self.target.is_quiet {
            self.target.reset_and_halt()?;
        }
        let result = self.work_halted(step, total, work);
        // Whatever went wrong, the core is not as a reset leaves it.
        self.target.is_quiet &= result.is_ok();
        result
    }

    fn work_halted<T>(
        &mut self,
        step: Step,
        total: u64,
        work: impl FnOnce(&mut Work<'_>) -> Result<T, TargetError>,
    ) -> Result<T, TargetError> {
        let Target { port, changes, .. } = &mut *self.target;
        let frozen = port.frozen.clone();
        let progress = Progress {
            step,
            done: 0,
            total,
            now: port.watch.now(),
        };
        let on_progress: &mut dyn FnMut(Progress) = match &mut self.on_progress {
            Some(on_progress) => *on_progress,
            None => &mut |_| {},
        };
        on_progress(progress);
        let bus = port.bus().map_err(|error| error.during(step, 0, changes))?;
        work(&mut Work {
            bus,
            frozen,
            changes,
            progress,
            on_progress,
        })
    }
}

/// A step under way.
struct Work<'a> {
    bus: Bus<'a>,
    frozen: Arc<FrozenDevice>,
    changes: &'a mut Changes,
    progress: Progress,
    on_progress: &'a mut dyn FnMut(Progress),
}

impl Work<'_> {
    /// So many bytes more are done.
    fn advance(&mut self, len: u64) {
        self.progress.done += len;
        self.progress.now = self.bus.watch().now();
        (self.on_progress)(self.progress);
    }

    /// Where in this step a target was lost.
    fn at<T>(&self, address: u64, result: Result<T, TargetError>) -> Result<T, TargetError> {
        result.map_err(|error| error.during(self.progress.step, address, self.changes))
    }
}
