//! What is killed, and when.

use imprint_tests::{STATE, Workshop};
use std::fs;

/// What is killed.
#[derive(Clone, Copy, Debug)]
pub enum Victim {
    Both,
    Command,
    Worker,
}

/// When: what shows outside that a run has come this far.
#[derive(Clone, Copy, Debug)]
pub enum Moment {
    /// There is a worker.
    Worker,
    /// The lock of an open attempt is there.
    Open,
    /// As often as this something was written into the journal: the begin, then the end.
    Journal(u64),
    /// The transcript is this long, in bytes.
    Wire(u64),
    /// The lock was there, and is gone.
    Closed,
}

pub const MOMENTS: [Moment; 8] = [
    Moment::Journal(1),
    Moment::Wire(1),
    Moment::Worker,
    Moment::Wire(20_000),
    Moment::Open,
    Moment::Journal(2),
    Moment::Wire(50_000),
    Moment::Closed,
];

impl Moment {
    /// It is waited for fewer polls than these after it: the last moments are soon over.
    pub fn polls_end(self) -> u64 {
        match self {
            Moment::Journal(2) | Moment::Closed => 2,
            Moment::Wire(2..) => 8,
            _ => 24,
        }
    }
}

/// What was seen of a run from outside.
pub struct Seen {
    journal_before: u64,
    journal_len: u64,
    journal_count: u64,
    was_open: bool,
}

impl Seen {
    /// Before it starts.
    pub fn before(workshop: &Workshop) -> Seen {
        let journal_len = len(workshop, JOURNAL);
        Seen {
            journal_before: journal_len,
            journal_len,
            journal_count: 0,
            was_open: false,
        }
    }

    /// Whether anything was written into the journal since.
    pub fn has_grown(&self, workshop: &Workshop) -> bool {
        len(workshop, JOURNAL) > self.journal_before
    }

    /// Whether the run has come to a moment.
    pub fn has_come(&mut self, moment: Moment, has_worker: bool, workshop: &Workshop) -> bool {
        let open = || fs::read_dir(workshop.path(STATE).join("open"));
        let is_open = || open().is_ok_and(|mut names| names.next().is_some());
        match moment {
            Moment::Worker => has_worker,
            Moment::Open => is_open(),
            Moment::Wire(least) => len(workshop, "wire.txt") >= least,
            Moment::Closed => {
                let is_open = is_open();
                self.was_open |= is_open;
                self.was_open && !is_open
            }
            Moment::Journal(times) => {
                let now = len(workshop, JOURNAL);
                self.journal_count += u64::from(now != self.journal_len);
                self.journal_len = now;
                self.journal_count >= times
            }
        }
    }
}

/// The journal until it has grown long.
const JOURNAL: &str = "state/journal-00000000000000000001";

fn len(workshop: &Workshop, path: &str) -> u64 {
    fs::metadata(workshop.path(path)).map_or(0, |it| it.len())
}
