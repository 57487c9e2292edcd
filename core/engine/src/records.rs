//! Unit records that are kept: where the report of each unit goes before anybody is told of it.
//!
//! A pass that nobody can prove afterwards is none. So a store answers when the record is durable, and a unit whose record
//! could not be kept has failed.

use crate::{
    codes,
    report::{Failure, Outcome, UnitReport},
};
use std::{
    fs::{File, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Keeps unit records: a file, a database, the line's own system.
pub trait RecordStore: Send {
    /// Keeps the record of one unit, however it ended. It is durable when this returns.
    ///
    /// # Errors
    /// Why it could not be kept. A unit that had passed has failed then, with this failure.
    fn keep(&mut self, report: &UnitReport) -> Result<(), Failure>;
}

impl<F: FnMut(&UnitReport) -> Result<(), Failure> + Send> RecordStore for F {
    fn keep(&mut self, report: &UnitReport) -> Result<(), Failure> {
        self(report)
    }
}

impl UnitReport {
    /// Keeps this record in a store. A pass that could not be kept becomes a failure.
    ///
    /// # Errors
    /// Why the record of a unit that had not passed could not be kept; its own failure stays in the report.
    pub fn keep_in(&mut self, store: &mut dyn RecordStore) -> Result<(), Failure> {
        match store.keep(self) {
            Err(failure) if self.outcome == Outcome::Pass => {
                self.outcome = Outcome::Fail;
                self.failure = Some(failure);
                Ok(())
            }
            other => other,
        }
    }
}

/// A file of records: one JSON object a line, each on the disk before the next thing happens. Several processes may write
/// to one file.
#[derive(Debug)]
pub struct RecordFile {
    path: PathBuf,
    file: File,
}

impl RecordFile {
    /// Opens the file, or makes it; what is in it stays.
    ///
    /// # Errors
    /// `IMP-8200` where it cannot be written.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let opened = OpenOptions::new()
            .append(true)
            .create(true)
            // Records name serial numbers and customers' lots: the owner's business, and nobody else's.
            .mode(0o600)
            .open(path);
        match opened {
            // A pipe or a terminal keeps nothing.
            Ok(file) if file.metadata().is_ok_and(|metadata| metadata.is_file()) => {
                sync_name(path).map_err(|error| not_kept(path, error))?;
                Ok(Self {
                    path: path.into(),
                    file,
                })
            }
            Ok(_) => Err(not_kept(path, "it is not a file")),
            Err(error) => Err(not_kept(path, error)),
        }
    }
}

impl RecordStore for RecordFile {
    fn keep(&mut self, report: &UnitReport) -> Result<(), Failure> {
        let text = serde_json::to_string(report).map_err(|error| not_kept(&self.path, error))?;
        // In one piece, so that the lines of two processes do not mix.
        self.file
            .write_all(format!("{text}\n").as_bytes())
            .and_then(|()| self.file.sync_data())
            .map_err(|error| not_kept(&self.path, error))
    }
}

/// A new file is only there after a loss of power if its folder says so.
fn sync_name(path: &Path) -> std::io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    File::open(folder)?.sync_all()
}

fn not_kept(path: &Path, why: impl std::fmt::Display) -> Failure {
    Failure::new(
        codes::RECORD_NOT_KEPT,
        format!(
            "the unit's record cannot be kept in `{}`: {why}",
            path.display()
        ),
    )
    .with_help(
        "make room and check that the file may be written; nobody was told that the unit passed",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(outcome: Outcome) -> UnitReport {
        UnitReport {
            outcome,
            on: "here".into(),
            ..UnitReport::default()
        }
    }

    #[test]
    fn each_unit_is_a_line_and_what_was_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("records.jsonl");
        for outcome in [Outcome::Pass, Outcome::Fail, Outcome::Cancelled] {
            let mut store = RecordFile::open(&path).unwrap();
            report(outcome).keep_in(&mut store).unwrap();
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let outcomes: Vec<Outcome> = text
            .lines()
            .map(|line| serde_json::from_str::<UnitReport>(line).unwrap().outcome)
            .collect();
        assert_eq!(outcomes, [Outcome::Pass, Outcome::Fail, Outcome::Cancelled]);
    }

    #[test]
    fn a_pass_that_is_not_kept_is_none() {
        let mut full = |_: &UnitReport| Err(Failure::new("SHOP-2", "the database is full"));
        let mut passed = report(Outcome::Pass);
        passed.keep_in(&mut full).unwrap();
        assert_eq!(passed.outcome, Outcome::Fail);
        assert_eq!(passed.failure.unwrap().code, "SHOP-2");

        let mut failed = report(Outcome::Fail);
        failed.failure = Some(Failure::new("IMP-4001", "no answer"));
        assert_eq!(failed.keep_in(&mut full).unwrap_err().code, "SHOP-2");
        assert_eq!(failed.failure.unwrap().code, "IMP-4001");
    }

    #[test]
    fn what_keeps_nothing_is_refused() {
        for path in ["/dev/null", "/dev/full", "/nonexistent/records", "/"] {
            let refused = RecordFile::open(path.as_ref()).unwrap_err();
            assert_eq!(refused.code, codes::RECORD_NOT_KEPT, "{path}");
        }
    }
}
