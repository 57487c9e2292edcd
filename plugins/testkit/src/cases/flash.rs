//! Cases for families that erase and program by themselves: ranges, and what lies beside them.

use super::work::Sector;
use crate::{
    bench::Bench,
    raw::Op,
    session::{Answer, Session},
    subject::{Site, Subject},
    verdict::{Step, ensure, failed, not_applicable},
};
use imprint_device::Memory;

/// A family that erases and programs by itself, with a chip that can judge it.
struct Work {
    site: Site,
    bench: Bench,
    session: Session,
    flash: Memory,
}

impl Work {
    fn new(subject: &Subject) -> Step<Work> {
        let site = subject.site()?;
        if !site.family.has_erase() && !site.family.has_program() {
            return not_applicable("the host erases and programs, with the device's algorithm");
        }
        site.needs_own_board()?;
        let Some(flash) = site.device.main_flash().cloned() else {
            return not_applicable("the device has no flash");
        };
        let mut bench = Bench::new(&site, 1)?;
        let session = Session::open(&site, &mut bench)?;
        Ok(Work {
            site,
            bench,
            session,
            flash,
        })
    }

    fn sectors(&self) -> Vec<Sector> {
        Sector::all(&self.site)
    }

    /// The whole flash as it is.
    fn snapshot(&self) -> Vec<u8> {
        self.bench.peek(self.flash.start, self.flash.len as usize)
    }

    /// Puts bytes everywhere that are not erased ones.
    fn fill(&mut self, sector: &Sector) -> Step {
        let data = sector.pattern(self.flash.len);
        let mut state = self.bench.board().save();
        let name = self.flash.name.clone();
        for memory in state.memories.iter_mut().filter(|it| it.name == name) {
            memory.runs = vec![imprint_twin::CellRun {
                offset: 0,
                data: data.clone(),
            }];
        }
        self.bench.restore(&state, Vec::new())?;
        self.bench.attach();
        Ok(())
    }

    fn call(&mut self, op: &Op) -> Answer {
        self.session.call(&mut self.bench, op)
    }

    /// After the call only the bytes of its range may differ, and only if it succeeded.
    fn only_the_range_changed(&self, op: &Op, before: &[u8], answer: &Answer) -> Step {
        let (start, len) = match op {
            Op::Erase { address, len } => (*address, *len),
            Op::Program { address, data } => (*address, data.len() as u64),
            _ => return Ok(()),
        };
        let range = start..start.saturating_add(len);
        let after = self.snapshot();
        for (offset, (old, new)) in before.iter().zip(&after).enumerate() {
            let address = self.flash.start + offset as u64;
            if old != new && !range.contains(&address) {
                return failed(
                    op.to_string(),
                    format!("only {start:#010x} to {:#010x} changes", range.end),
                    format!("{answer}, and {address:#010x} changed from {old:#04x} to {new:#04x}"),
                );
            }
        }
        Ok(())
    }

    /// What the call says it did is there.
    fn is_done(&self, op: &Op, erased: u8) -> Step {
        let (address, expected) = match op {
            Op::Erase { address, len } => (*address, vec![erased; *len as usize]),
            Op::Program { address, data } => (*address, data.clone()),
            _ => return Ok(()),
        };
        let found = self.bench.peek(address, expected.len());
        let difference = expected.iter().zip(&found).position(|(a, b)| a != b);
        match difference {
            None => Ok(()),
            Some(offset) => failed(
                op.to_string(),
                format!(
                    "{:#04x} at {:#010x}, because it succeeded",
                    expected[offset],
                    address + offset as u64
                ),
                format!("{:#04x}", found[offset]),
            ),
        }
    }

    /// A call that may refuse; if it does not, it has done exactly what was asked for.
    fn exactly_or_not_at_all(&mut self, op: &Op, erased: u8) -> Step {
        let before = self.snapshot();
        let answer = self.call(op);
        answer.expect_no_panic(&op.to_string())?;
        self.only_the_range_changed(op, &before, &answer)?;
        if answer.is_ok() {
            self.is_done(op, erased)?;
        }
        Ok(())
    }
}

pub fn erase_and_program(subject: &Subject) -> Step {
    let mut work = Work::new(subject)?;
    let sectors = work.sectors();
    // One sector of each size, the first and the last one.
    let mut tried: Vec<Sector> = Vec::new();
    for sector in &sectors {
        if !tried.iter().any(|known| known.len == sector.len) {
            tried.push(*sector);
        }
    }
    tried.extend(sectors.last());
    for sector in tried {
        if work.site.family.has_erase() {
            work.fill(&sector)?;
            let before = work.snapshot();
            let op = sector.erase();
            let answer = work.call(&op);
            answer.expect_ok(&op.to_string())?;
            work.only_the_range_changed(&op, &before, &answer)?;
            work.is_done(&op, sector.erased)?;
        }
        if work.site.family.has_program() {
            let before = work.snapshot();
            let op = sector.program(16);
            let answer = work.call(&op);
            answer.expect_ok(&op.to_string())?;
            work.only_the_range_changed(&op, &before, &answer)?;
            work.is_done(&op, sector.erased)?;
        }
    }
    Ok(())
}

/// The second sector, so that there is one before it.
fn second(work: &Work) -> Step<Sector> {
    match Sector::of(&work.site, 1) {
        Some(sector) => Ok(sector),
        None => not_applicable("the device's flash has no sectors"),
    }
}

pub fn program_needs_erase(subject: &Subject) -> Step {
    let mut work = Work::new(subject)?;
    if !work.site.family.has_program() {
        return not_applicable("the host programs");
    }
    let sector = second(&work)?;
    let first = sector.program(1);
    work.call(&first).expect_ok(&first.to_string())?;
    let data = vec![sector.erased ^ 0x55; sector.unit_len as usize];
    let over = Op::Program {
        address: sector.start,
        data,
    };
    let before = work.snapshot();
    let answer = work.call(&over);
    answer.expect_no_panic(&over.to_string())?;
    work.only_the_range_changed(&over, &before, &answer)?;
    if answer.is_ok() {
        work.is_done(&over, sector.erased)?;
    }
    Ok(())
}

pub fn unaligned_range(subject: &Subject) -> Step {
    let mut work = Work::new(subject)?;
    let sector = second(&work)?;
    let erased = sector.erased;
    let mut calls = Vec::new();
    if work.site.family.has_erase() {
        for (skip, len) in [
            (1, sector.len),
            (sector.unit_len, sector.len),
            (0, sector.len - 1),
            (0, sector.unit_len),
            (sector.len / 2, sector.len),
        ] {
            let address = sector.start + skip;
            calls.push(Op::Erase { address, len });
        }
    }
    if work.site.family.has_program() {
        for (skip, len) in [(1, sector.unit_len), (0, 1), (1, 1), (sector.unit_len, 3)] {
            let address = sector.start + skip;
            calls.push(Op::Program {
                address,
                data: sector.pattern(len),
            });
        }
    }
    for op in calls {
        match op {
            Op::Erase { .. } => work.fill(&sector)?,
            _ => work.bench = Bench::new(&work.site, 1)?,
        }
        work.exactly_or_not_at_all(&op, erased)?;
    }
    Ok(())
}

pub fn range_end(subject: &Subject) -> Step {
    let mut work = Work::new(subject)?;
    let Some(last) = work.sectors().last().copied() else {
        return not_applicable("the device's flash has no sectors");
    };
    if work.site.family.has_erase() {
        work.fill(&last)?;
        let op = last.erase();
        work.call(&op).expect_ok(&op.to_string())?;
        work.is_done(&op, last.erased)?;
    }
    let unit = last.unit_len;
    if work.site.family.has_program() {
        work.bench = Bench::new(&work.site, 1)?;
        let op = Op::Program {
            address: last.end() - unit,
            data: last.pattern(unit),
        };
        work.call(&op).expect_ok(&op.to_string())?;
        work.is_done(&op, last.erased)?;
    }
    let mut beyond = Vec::new();
    if work.site.family.has_erase() {
        for (address, len) in [(last.start, 2 * last.len), (last.end(), last.len)] {
            beyond.push(Op::Erase { address, len });
        }
    }
    if work.site.family.has_program() {
        for (address, count) in [(last.end() - unit, 2), (last.end(), 1)] {
            let data = last.pattern(count * unit);
            beyond.push(Op::Program { address, data });
        }
    }
    for op in beyond {
        work.bench = Bench::new(&work.site, 1)?;
        let answer = work.call(&op);
        let at = format!("{op}, beyond the end of the memory at {:#010x}", last.end());
        answer.expect_no_panic(&at)?;
        answer.expect(&at, !answer.is_ok(), "a failure")?;
    }
    Ok(())
}

pub fn zero_length(subject: &Subject) -> Step {
    let mut work = Work::new(subject)?;
    let sector = second(&work)?;
    for address in [sector.start, sector.start + 1, work.flash.end()] {
        for op in [
            Op::Erase { address, len: 0 },
            Op::Program {
                address,
                data: Vec::new(),
            },
        ] {
            work.fill(&sector)?;
            work.exactly_or_not_at_all(&op, sector.erased)?;
        }
    }
    Ok(())
}

pub fn len_overflow(subject: &Subject) -> Step {
    let mut work = Work::new(subject)?;
    let sector = second(&work)?;
    for address in [u64::MAX, u64::MAX - 7, u64::from(u32::MAX) - 3] {
        let mut calls = vec![Op::Program {
            address,
            data: sector.pattern(16),
        }];
        for len in [16, u64::MAX] {
            calls.push(Op::Erase { address, len });
        }
        for op in calls {
            work.fill(&sector)?;
            let before = work.snapshot();
            let answer = work.call(&op);
            answer.expect_no_panic(&op.to_string())?;
            answer.expect(&op.to_string(), !answer.is_ok(), "a failure")?;
            let written = work.bench.events().into_iter().find(|it| it.is_write);
            let at = op.to_string();
            if let Some(event) = written {
                return failed(
                    at,
                    "refused before the target is written to",
                    event.to_string(),
                );
            }
            ensure(work.snapshot() == before, at, "nothing changes", || {
                "the flash changed".into()
            })?;
        }
    }
    Ok(())
}
