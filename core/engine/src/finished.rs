//! A finished unit: its report, and the target for who wants to read on.

use crate::{
    codes,
    records::RecordStore,
    report::{Failure, ImageFacts, LogLine, Outcome, UnitReport},
    unit::{Book, UnitSession, Wiring, time_between},
};
use imprint_image::container::OpenImage;
use imprint_target::{Control, Link, Meter, Moment};
use std::io::{Read, Seek};

/// Bytes of one read: what a person waits for between two signs of life.
const READ_LEN: usize = 64 << 10;

/// When a unit began, and what reads on.
pub(crate) struct Stopwatch {
    began: Moment,
    meter: Meter,
}

impl Stopwatch {
    /// A unit begins.
    pub(crate) fn start(meter: Meter) -> Self {
        Self {
            began: meter.now(),
            meter,
        }
    }
}

/// What is left of a unit.
pub struct Finished {
    /// What became of it.
    pub report: UnitReport,
    wiring: Wiring,
}

impl Finished {
    /// A unit whose wire never moved.
    pub(crate) fn untouched(
        report: UnitReport,
        link: Link,
        failure: Failure,
        clock: &Stopwatch,
    ) -> Self {
        Self::new(report, Wiring::Link(link), Err(failure), clock)
    }

    /// A unit that was refused before its image was opened.
    pub(crate) fn refused(failure: Failure, link: Link, device: &str) -> Self {
        let report = UnitReport {
            device: device.into(),
            ..UnitReport::default()
        };
        let clock = Stopwatch::start(link.meter());
        Self::untouched(report, link, failure, &clock)
    }

    /// A unit whose script has ended.
    pub(crate) fn of_session(
        mut report: UnitReport,
        session: Option<UnitSession>,
        outcome: Result<(), Failure>,
        clock: &Stopwatch,
    ) -> Self {
        let Some(session) = session else {
            return Self::new(report, Wiring::Lost, outcome, clock);
        };
        let (book, wiring) = session.into_parts();
        write_down(&mut report, book);
        Self::new(report, wiring, outcome, clock)
    }

    /// Closes the report.
    pub(crate) fn new(
        mut report: UnitReport,
        wiring: Wiring,
        outcome: Result<(), Failure>,
        clock: &Stopwatch,
    ) -> Self {
        report.time = time_between(clock.began, clock.meter.now());
        report.transfer_count = clock.meter.transfer_count();
        report.outcome = match &outcome {
            Ok(()) => Outcome::Pass,
            Err(failure) if failure.code == codes::CANCELLED => Outcome::Cancelled,
            Err(_) => Outcome::Fail,
        };
        report.failure = outcome.err();
        Self { report, wiring }
    }

    /// Keeps the record. Where that fails after a failure, the report has both: its own, and a line in its log.
    pub(crate) fn keep_in(&mut self, store: &mut dyn RecordStore) {
        if let Err(failure) = self.report.keep_in(store) {
            self.report.log.push(LogLine {
                source: "records".into(),
                text: failure.to_string(),
            });
        }
    }

    /// Reads the target over the wire after the script. A protected chip answers with an error.
    pub fn read(&mut self, start: u64, len: u64) -> Result<Vec<u8>, Failure> {
        // The time of the unit is over; reading on has its own.
        self.wiring.rearm(&Control::default());
        let target = self.wiring.target()?;
        let mut bytes = vec![0; usize::try_from(len).unwrap_or(usize::MAX)];
        for (index, chunk) in bytes.chunks_mut(READ_LEN).enumerate() {
            target.read(start + (index * READ_LEN) as u64, chunk)?;
        }
        Ok(bytes)
    }
}

impl ImageFacts {
    /// What a report says of an image. The signer is the first of those who signed.
    pub fn of<R: Read + Seek>(image: &OpenImage<R>) -> Self {
        Self {
            id: image.id().to_string(),
            name: image.manifest().name.to_string(),
            signer: image
                .signers()
                .next()
                .map(|id| id.to_string())
                .unwrap_or_default(),
        }
    }
}

fn write_down(report: &mut UnitReport, book: Book) {
    report.changes = book.all_changes();
    report.identity = book.identity;
    report.uid = book.uid;
    report.ordinal = book.ordinal;
    report.failed_at = book.failed_at;
    report.serials = book.serials;
    report.records = book.records;
    report.steps = book.steps;
    report.log = book.log;
}
