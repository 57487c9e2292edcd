//! Erase and blank check: which range, with what right, and by whose hands.
//!
//! A family that brings its own `erase` is used; else the flash path runs the algorithm that the object froze. After each erase the range is checked to be blank.

use super::{UnitSession, step::StepName};
use crate::{
    codes,
    report::{Changes, Failure, Range},
};
use imprint_device::{Memory, MemoryKind};
use imprint_image::{object::SegmentEntry, plan::EraseStrategy, recipe::Right};
use imprint_target::{Progress, Target};

impl UnitSession {
    /// Erases the whole main flash.
    pub(crate) fn erase_all(&mut self) -> Result<(), Failure> {
        self.require(Right::MassErase, "erasing the whole flash")?;
        let memory = self.main_flash()?.clone();
        self.erase_whole(&memory)
    }

    /// Erases one memory.
    pub(crate) fn erase_memory(&mut self, name: &str) -> Result<(), Failure> {
        let memory = self.memory_named(name)?.clone();
        match memory.kind {
            MemoryKind::Flash => self.require(Right::MassErase, "erasing a whole flash")?,
            MemoryKind::Options => {
                self.require_for_write(memory.start, memory.len)?;
            }
            MemoryKind::Ram | MemoryKind::Factory | MemoryKind::OneTime => {
                return Err(Failure::new(
                    codes::MEMORY_KIND,
                    format!("memory `{name}` cannot be erased"),
                ));
            }
        }
        self.erase_whole(&memory)
    }

    /// Erases whole sectors.
    pub(crate) fn erase_range(&mut self, address: u64, len: u64) -> Result<(), Failure> {
        self.require_for_write(address, len)?;
        let memory = self.memory_at(address, len)?;
        if memory.kind == MemoryKind::Flash && len == memory.len {
            self.require(Right::MassErase, "erasing the whole flash")?;
        }
        let detail = format!("{address:#010x}, {len:#x} bytes");
        self.permit()?;
        self.step(
            StepName {
                name: "erase",
                detail: &detail,
                len,
            },
            |unit| {
                unit.erase_sectors(address, len)?;
                unit.prove_blank(address, len)
            },
        )
    }

    /// Erases the sectors that a payload, and what is merged into it, will be programmed to.
    pub(crate) fn erase_payload(&mut self, name: &str) -> Result<(), Failure> {
        self.payloads.facts(name)?;
        for (address, len) in self.ranges_of(name)? {
            self.require_for_write(address, len)?;
            self.refuse_unless_nor(address, len)?;
        }
        let plan = self.plan.clone();
        let ranges = plan.payloads.get(name).map_or(&[][..], |plan| &plan.erase);
        self.permit()?;
        self.erase_ranges(name, ranges)
    }

    /// Erases what the image needs erased, memory by memory, in the way that takes less time: all at once where the image
    /// has the right, or the sectors that something goes to.
    pub(crate) fn erase_for_image(&mut self) -> Result<(), Failure> {
        let plan = self.plan.clone();
        for memory in &plan.memories {
            for range in &memory.erase {
                self.require_for_write(range.address, range.len)?;
            }
        }
        self.permit()?;
        for planned in &plan.memories {
            let memory = self.memory_named(&planned.name)?.clone();
            match planned.strategy {
                EraseStrategy::All => {
                    self.require(Right::MassErase, "erasing the whole flash")?;
                    self.erase_whole(&memory)?;
                }
                EraseStrategy::Sectors => self.erase_ranges(&planned.name, &planned.erase)?,
            }
        }
        Ok(())
    }

    fn erase_ranges(&mut self, detail: &str, ranges: &[SegmentEntry]) -> Result<(), Failure> {
        self.step(
            StepName {
                name: "erase",
                detail,
                len: ranges.iter().map(|range| range.len).sum(),
            },
            |unit| {
                ranges.iter().try_for_each(|range| {
                    unit.erase_sectors(range.address, range.len)?;
                    unit.prove_blank(range.address, range.len)
                })
            },
        )
    }

    fn refuse_unless_nor(&self, address: u64, len: u64) -> Result<(), Failure> {
        let memory = self.memory_at(address, len)?;
        if memory.nor.is_some() {
            return Ok(());
        }
        Err(Failure::new(
            codes::MEMORY_KIND,
            format!("memory `{}` cannot be erased", memory.name),
        ))
    }

    /// Erases the main flash unless it is blank already; tells whether it had to.
    pub(crate) fn erase_if_not_blank(&mut self) -> Result<bool, Failure> {
        self.require(Right::MassErase, "erasing the whole flash")?;
        if self.is_blank_all()? {
            return Ok(false);
        }
        self.erase_all()?;
        Ok(true)
    }

    /// Whether the main flash is erased.
    pub(crate) fn is_blank_all(&mut self) -> Result<bool, Failure> {
        let (address, len) = self.main_flash().map(|memory| (memory.start, memory.len))?;
        self.is_blank(address, len)
    }

    /// Whether a range is erased.
    pub(crate) fn is_blank(&mut self, address: u64, len: u64) -> Result<bool, Failure> {
        self.memory_at(address, len)?;
        let detail = format!("{address:#010x}, {len:#x} bytes");
        self.step(
            StepName {
                name: "blank check",
                detail: &detail,
                len,
            },
            |unit| {
                Ok(unit
                    .wiring
                    .target()?
                    .flash()
                    .is_blank(address, len)?
                    .is_none())
            },
        )
    }

    /// Fails unless the main flash is erased.
    pub(crate) fn blank_check(&mut self) -> Result<(), Failure> {
        let memory = self.main_flash()?;
        let (address, len, detail) = (memory.start, memory.len, memory.name.clone());
        self.step(
            StepName {
                name: "blank check",
                detail: &detail,
                len,
            },
            |unit| unit.prove_blank(address, len),
        )
    }

    fn erase_whole(&mut self, memory: &Memory) -> Result<(), Failure> {
        let (address, len) = (memory.start, memory.len);
        self.permit()?;
        self.step(
            StepName {
                name: "erase",
                detail: &memory.name,
                len,
            },
            |unit| {
                if unit.family.has_erase() {
                    unit.erase_by_family(address, len)?;
                } else {
                    unit.book.announce(erasing(address, len));
                    let (target, mut progress) = unit.target_and_progress(0, len)?;
                    target
                        .flash()
                        .with_progress(&mut progress)
                        .erase_all(&memory.name)?;
                }
                unit.prove_blank(address, len)
            },
        )
    }

    fn erase_sectors(&mut self, address: u64, len: u64) -> Result<(), Failure> {
        if self.family.has_erase() {
            return self.erase_by_family(address, len);
        }
        self.book.announce(erasing(address, len));
        let (target, mut progress) = self.target_and_progress(0, len)?;
        Ok(target
            .flash()
            .with_progress(&mut progress)
            .erase_range(address, len)?)
    }

    fn erase_by_family(&mut self, address: u64, len: u64) -> Result<(), Failure> {
        self.wiring.target()?;
        self.book.change(erasing(address, len));
        self.family_call(|family, host| family.erase(host, address, len))
    }

    fn prove_blank(&mut self, address: u64, len: u64) -> Result<(), Failure> {
        Ok(self.wiring.target()?.flash().check_blank(address, len)?)
    }

    /// The target, and who is told how far it came: bytes of this piece count from `done` of `total`.
    pub(super) fn target_and_progress(
        &mut self,
        done: u64,
        total: u64,
    ) -> Result<(&mut Target, impl FnMut(Progress) + '_), Failure> {
        let book = &mut self.book;
        let target = self.wiring.target()?;
        let progress = move |progress: Progress| {
            book.progress(done + progress.done, total, progress.now);
        };
        Ok((target, progress))
    }
}

fn erasing(address: u64, len: u64) -> Changes {
    Changes {
        erased: vec![Range { address, len }],
        ..Changes::default()
    }
}
