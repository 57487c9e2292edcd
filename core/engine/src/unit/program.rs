//! Programming and verifying: payloads with what is merged into them, serial numbers, data, bytes of the script.
//!
//! A family that brings its own `program` is used; else the flash path runs the algorithm that the object froze.

use super::{UnitSession, merged::Wanted, step::StepName, values::Overlay};
use crate::{
    codes,
    report::{Changes, Failure, Range},
};
use imprint_device::MemoryKind;
use imprint_target::{Segment, Sum, TargetError};

/// How a payload is compared with the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verification {
    /// Every byte.
    Compare,
    /// Sums, computed on the target.
    Crc,
}

/// Something that is programmed by itself, behind the payloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item<'a> {
    /// One value of a serial number.
    Serial(&'a str, i64),
    /// A data window.
    Data(&'a str),
}

impl UnitSession {
    /// Programs a payload with all that is merged into it.
    pub(crate) fn program(&mut self, name: &str) -> Result<(), Failure> {
        self.payloads.facts(name)?;
        self.refuse_before_tests(name)?;
        for (address, len) in self.ranges_of(name)? {
            self.require_for_write(address, len)?;
        }
        // What has no value yet is told before anything is drawn.
        self.data_over(name)?;
        self.permit()?;
        let merged = self.merged(name, Wanted::NotBlank)?;
        self.step(
            StepName {
                name: "program",
                detail: name,
                len: merged.len,
            },
            |unit| {
                let mut done = 0;
                for piece in &merged.pieces {
                    let runs = unit.read_piece(name, piece)?;
                    unit.program_runs(&runs, done, merged.len)?;
                    done += piece.len();
                }
                Ok(())
            },
        )
    }

    /// Programs a serial number or data by itself, and verifies it.
    pub(crate) fn program_item(&mut self, item: Item<'_>) -> Result<(), Failure> {
        self.wiring.target()?;
        let overlay = self.overlay_of(item)?;
        let len = overlay.data.len() as u64;
        self.require_for_write(overlay.address, len)?;
        self.permit()?;
        let detail = item.to_string();
        let runs = [(overlay.address, overlay.data)];
        self.step(
            StepName {
                name: "program",
                detail: &detail,
                len,
            },
            |unit| {
                unit.program_runs(&runs, 0, len)?;
                unit.verify_runs(&runs, Verification::Compare, 0, len)
            },
        )
    }

    /// Compares a serial number or data with the target.
    pub(crate) fn verify_item(&mut self, item: Item<'_>) -> Result<(), Failure> {
        self.wiring.target()?;
        let overlay = self.overlay_of(item)?;
        let len = overlay.data.len() as u64;
        let detail = item.to_string();
        let runs = [(overlay.address, overlay.data)];
        self.step(
            StepName {
                name: "verify",
                detail: &detail,
                len,
            },
            |unit| unit.verify_runs(&runs, Verification::Compare, 0, len),
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
            |unit| unit.program_runs(&[(address, data.to_vec())], 0, len),
        )
    }

    /// Compares the target with a payload and all that is merged into it.
    pub(crate) fn verify(&mut self, name: &str, how: Verification) -> Result<(), Failure> {
        self.payloads.facts(name)?;
        let (step, wanted) = match how {
            Verification::Crc => ("verify crc", Wanted::Sums),
            Verification::Compare => ("verify", Wanted::All),
        };
        let merged = self.merged(name, wanted)?;
        self.step(
            StepName {
                name: step,
                detail: name,
                len: merged.len,
            },
            |unit| {
                let sums: Vec<Sum> = merged
                    .pieces
                    .iter()
                    .flat_map(|it| it.sums.clone())
                    .collect();
                unit.verify_sums(name, &sums, merged.len)?;
                let mut done = sums.iter().map(|sum| sum.len).sum();
                for piece in &merged.pieces {
                    let runs = unit.read_piece(name, piece)?;
                    unit.verify_runs(&runs, how, done, merged.len)?;
                    done += runs.iter().map(|(_, data)| data.len() as u64).sum::<u64>();
                }
                Ok(())
            },
        )
    }

    /// Everything that goes to the target with a payload: its segments, and the windows that are merged with it.
    pub(super) fn ranges_of(&self, name: &str) -> Result<Vec<(u64, u64)>, Failure> {
        let segments = self.payloads.segments(name)?;
        let segments = segments.iter().map(|it| (it.address, it.len));
        let windows = self.contents.windows();
        let windows = windows.filter(|(into, _)| into.is_some_and(|into| into.as_str() == name));
        Ok(segments
            .chain(windows.map(|(_, window)| (window.address, window.len)))
            .collect())
    }

    fn overlay_of(&mut self, item: Item<'_>) -> Result<Overlay, Failure> {
        match item {
            Item::Serial(name, index) => self.serial_overlay(name, index),
            Item::Data(name) => self.data_overlay(name),
        }
    }

    /// Final firmware waits for the tests.
    fn refuse_before_tests(&self, name: &str) -> Result<(), Failure> {
        let is_final = self
            .contents
            .payloads
            .get(name)
            .is_some_and(|it| it.after_tests);
        let tests = self.contents.tests.iter().map(|test| test.name.as_str());
        let mut open = tests.filter(|test| !self.tests_passed.contains(*test));
        match (is_final, open.next()) {
            (true, Some(test)) => Err(Failure::new(
                codes::TESTS_FIRST,
                format!("payload `{name}` may be programmed only after all tests, and `{test}` has not passed"),
            )
            .with_help("call `chip.run_tests()` before")),
            _ => Ok(()),
        }
    }

    /// Programs runs of bytes that lie within one piece, in one pass.
    fn program_runs(
        &mut self,
        runs: &[(u64, Vec<u8>)],
        done: u64,
        total: u64,
    ) -> Result<(), Failure> {
        if runs.is_empty() {
            return Ok(());
        }
        if self.family.has_program() {
            self.wiring.target()?;
            for (address, data) in runs {
                self.book.change(programming(&[(*address, data.clone())]));
                self.family_call(|family, host| family.program(host, *address, data))?;
            }
            return Ok(());
        }
        self.book.announce(programming(runs));
        let (target, mut progress) = self.target_and_progress(done, total)?;
        Ok(target
            .flash()
            .with_progress(&mut progress)
            .program(&segments(runs))?)
    }

    fn verify_runs(
        &mut self,
        runs: &[(u64, Vec<u8>)],
        how: Verification,
        done: u64,
        total: u64,
    ) -> Result<(), Failure> {
        if runs.is_empty() {
            return Ok(());
        }
        let (target, mut progress) = self.target_and_progress(done, total)?;
        let mut flash = target.flash().with_progress(&mut progress);
        let verified = match how {
            Verification::Compare => flash.verify_compare(&segments(runs)),
            Verification::Crc => flash.verify_crc(&segments(runs)),
        };
        Ok(verified?)
    }

    /// Compares sums with what the target computes. Of a range that differs, the first wrong byte is named.
    fn verify_sums(&mut self, name: &str, sums: &[Sum], total: u64) -> Result<(), Failure> {
        if sums.is_empty() {
            return Ok(());
        }
        let wrong = {
            let (target, mut progress) = self.target_and_progress(0, total)?;
            let mut flash = target.flash().with_progress(&mut progress);
            flash.first_wrong_sum(sums)?
        };
        let Some((sum, found)) = wrong else {
            return Ok(());
        };
        let mut data = vec![0; sum.len as usize];
        self.payloads.read_at(name, sum.address, &mut data)?;
        self.verify_runs(&[(sum.address, data)], Verification::Compare, 0, total)?;
        Err(TargetError::CrcMismatch {
            address: sum.address,
            len: sum.len,
            expected: sum.crc32,
            found,
        }
        .into())
    }
}

impl std::fmt::Display for Item<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Item::Serial(name, 0) => write!(formatter, "serial number {name}"),
            Item::Serial(name, index) => write!(formatter, "serial number {name}, {index}"),
            Item::Data(name) => write!(formatter, "data {name}"),
        }
    }
}

fn segments(runs: &[(u64, Vec<u8>)]) -> Vec<Segment<'_>> {
    runs.iter()
        .map(|(address, data)| Segment {
            address: *address,
            data,
        })
        .collect()
}

fn programming(runs: &[(u64, Vec<u8>)]) -> Changes {
    let range = |(address, data): &(u64, Vec<u8>)| Range {
        address: *address,
        len: data.len() as u64,
    };
    Changes {
        programmed: runs.iter().map(range).collect(),
        ..Changes::default()
    }
}
