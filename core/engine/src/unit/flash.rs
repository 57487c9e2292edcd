//! Erase, blank check, program, verify: which range, with what right, and by whose hands.
//!
//! A family that brings its own `erase` or `program` is used; else the flash path runs the algorithm that the object
//! froze. After each erase the range is checked to be blank.

use super::{UnitSession, step::StepName};
use crate::{
    codes,
    report::{Changes, Failure, Range},
};
use imprint_device::{Memory, MemoryKind};
use imprint_image::recipe::Right;
use imprint_target::{Progress, Segment, Target};

/// How a payload is compared with the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verification {
    /// Every byte.
    Compare,
    /// Sums, computed on the target.
    Crc,
}

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

    /// Erases the sectors that a payload will be programmed to.
    pub(crate) fn erase_payload(&mut self, name: &str) -> Result<(), Failure> {
        let ranges = self.sectors_of(name)?;
        let len = ranges.iter().map(|range| range.len).sum();
        self.permit()?;
        self.step(
            StepName {
                name: "erase",
                detail: name,
                len,
            },
            |unit| {
                ranges.iter().try_for_each(|range| {
                    unit.erase_sectors(range.address, range.len)?;
                    unit.prove_blank(range.address, range.len)
                })
            },
        )
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

    /// Programs a payload.
    pub(crate) fn program(&mut self, name: &str) -> Result<(), Failure> {
        let facts = self.payloads.facts(name)?;
        for segment in self.payloads.segments(name)? {
            self.require_for_write(segment.address, segment.len)?;
        }
        self.permit()?;
        self.step(
            StepName {
                name: "program",
                detail: name,
                len: facts.len,
            },
            |unit| {
                let mut done = 0;
                for segment in unit.payloads.segments(name)? {
                    let mut offset = 0;
                    while offset < segment.len {
                        let data = unit.payloads.read(name, segment, offset)?;
                        let address = segment.address + offset;
                        unit.program_data(address, &data, done, facts.len)?;
                        offset += data.len() as u64;
                        done += data.len() as u64;
                    }
                }
                Ok(())
            },
        )
    }

    /// Programs bytes a script made; in RAM, writes them.
    pub(crate) fn program_bytes(&mut self, address: u64, data: &[u8]) -> Result<(), Failure> {
        let len = data.len() as u64;
        self.require_for_write(address, len)?;
        if self.memory_at(address, len)?.kind == MemoryKind::Ram {
            return Ok(self.wiring.target()?.write(address, data)?);
        }
        let detail = format!("{address:#010x}");
        self.permit()?;
        self.step(
            StepName {
                name: "program",
                detail: &detail,
                len,
            },
            |unit| unit.program_data(address, data, 0, len),
        )
    }

    /// Compares the target with a payload.
    pub(crate) fn verify(&mut self, name: &str, how: Verification) -> Result<(), Failure> {
        let facts = self.payloads.facts(name)?;
        let step = if how == Verification::Crc {
            "verify crc"
        } else {
            "verify"
        };
        self.step(
            StepName {
                name: step,
                detail: name,
                len: facts.len,
            },
            |unit| {
                let mut done = 0;
                for segment in unit.payloads.segments(name)? {
                    let mut offset = 0;
                    while offset < segment.len {
                        let data = unit.payloads.read(name, segment, offset)?;
                        let address = segment.address + offset;
                        unit.verify_data(address, &data, how, done, facts.len)?;
                        offset += data.len() as u64;
                        done += data.len() as u64;
                    }
                }
                Ok(())
            },
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

    fn program_data(
        &mut self,
        address: u64,
        data: &[u8],
        done: u64,
        total: u64,
    ) -> Result<(), Failure> {
        if self.family.has_program() {
            self.wiring.target()?;
            self.book.change(programming(address, data));
            return self.family_call(|family, host| family.program(host, address, data));
        }
        self.book.announce(programming(address, data));
        let (target, mut progress) = self.target_and_progress(done, total)?;
        Ok(target
            .flash()
            .with_progress(&mut progress)
            .program(&[Segment { address, data }])?)
    }

    fn verify_data(
        &mut self,
        address: u64,
        data: &[u8],
        how: Verification,
        done: u64,
        total: u64,
    ) -> Result<(), Failure> {
        let (target, mut progress) = self.target_and_progress(done, total)?;
        let mut flash = target.flash().with_progress(&mut progress);
        let segments = [Segment { address, data }];
        let verified = match how {
            Verification::Compare => flash.verify_compare(&segments),
            Verification::Crc => flash.verify_crc(&segments),
        };
        Ok(verified?)
    }

    /// The target, and who is told how far it came: bytes of this piece count from `done` of `total`.
    fn target_and_progress(
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

    /// The whole sectors under a payload, joined where they touch.
    fn sectors_of(&mut self, name: &str) -> Result<Vec<Range>, Failure> {
        let mut ranges: Vec<Range> = Vec::new();
        for segment in self.payloads.segments(name)? {
            self.require_for_write(segment.address, segment.len)?;
            let memory = self.memory_at(segment.address, segment.len)?;
            let range = sectors_around(memory, segment.address, segment.len).ok_or_else(|| {
                Failure::new(
                    codes::MEMORY_KIND,
                    format!("memory `{}` cannot be erased", memory.name),
                )
            })?;
            match ranges.last_mut() {
                Some(last) if last.address + last.len >= range.address => {
                    last.len =
                        (range.address + range.len).max(last.address + last.len) - last.address;
                }
                _ => ranges.push(range),
            }
        }
        Ok(ranges)
    }
}

fn erasing(address: u64, len: u64) -> Changes {
    Changes {
        erased: vec![Range { address, len }],
        ..Changes::default()
    }
}

fn programming(address: u64, data: &[u8]) -> Changes {
    let len = data.len() as u64;
    Changes {
        programmed: vec![Range { address, len }],
        ..Changes::default()
    }
}

/// The sectors of a memory that a range touches.
fn sectors_around(memory: &Memory, address: u64, len: u64) -> Option<Range> {
    let nor = memory.nor.as_ref()?;
    let offset = memory.offset_of(address, len)?;
    let base = address - offset;
    let (mut start, mut first, mut end) = (0, None, 0);
    for run in &nor.sectors {
        for _ in 0..run.count {
            let next = start + u64::from(run.len);
            if next > offset && start < offset + len {
                first.get_or_insert(start);
                end = next;
            }
            start = next;
        }
    }
    first.map(|first| Range {
        address: base + first,
        len: end - first,
    })
}
