//! The transcript of a test's wire, as far as it is worth showing: what was there when the test failed.

use crate::{
    engine::Transcript,
    limits::{WIRE_LINE_LEN_MAX, WIRE_LINES_AFTER, WIRE_LINES_BEFORE, WIRE_LINES_MAX},
};
use serde::Serialize;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The lines around a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WireExcerpt {
    /// Number of the first line, counted from 1 since the test began.
    pub first: u64,
    /// The last lines before the failure.
    pub before: Vec<String>,
    /// The first lines after it.
    pub after: Vec<String>,
    /// How many lines there were in all.
    pub count: u64,
}

/// The last lines of a transcript. Clones are the same one.
#[derive(Clone, Default)]
pub(super) struct WireLog(Arc<Mutex<Lines>>);

#[derive(Default)]
struct Lines {
    kept: VecDeque<String>,
    count: u64,
}

impl WireLog {
    /// Where a link writes its lines.
    pub(super) fn sink(&self) -> Transcript {
        let log = self.clone();
        Box::new(move |line| log.lines().push(line))
    }

    /// Lines so far.
    pub(super) fn count(&self) -> u64 {
        self.lines().count
    }

    /// The lines around the moment when there were `at` of them.
    pub(super) fn around(&self, at: u64) -> WireExcerpt {
        let lines = self.lines();
        let dropped = lines.count - lines.kept.len() as u64;
        // Both are within what is kept, which fits a usize.
        let middle = at.clamp(dropped, lines.count) - dropped;
        let start = middle.saturating_sub(WIRE_LINES_BEFORE as u64);
        let take = |from: u64, count: u64| {
            let lines = lines.kept.iter().skip(from as usize);
            lines.take(count as usize).cloned().collect()
        };
        WireExcerpt {
            first: dropped + start + 1,
            before: take(start, middle - start),
            after: take(middle, WIRE_LINES_AFTER as u64),
            count: lines.count,
        }
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lines {
    fn push(&mut self, line: &str) {
        self.count += 1;
        if self.kept.len() == WIRE_LINES_MAX {
            self.kept.pop_front();
        }
        let mut kept = line[..line.floor_char_boundary(WIRE_LINE_LEN_MAX)].to_string();
        if kept.len() < line.len() {
            kept += " ..";
        }
        self.kept.push_back(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is shown of `count` lines around `at`: first and last line before, and how many after.
    fn check(count: u64, at: u64, before: (u64, u64), after: usize) {
        let log = WireLog::default();
        let mut sink = log.sink();
        for line in 1..=count {
            sink(&format!("line {line}"));
        }
        let excerpt = log.around(at);
        let lines = excerpt.before.len() as u64;
        assert_eq!(
            (
                excerpt.first,
                excerpt.first + lines,
                excerpt.after.len(),
                excerpt.count
            ),
            (before.0, before.1 + 1, after, count),
            "{count} {at}"
        );
        if let Some(last) = excerpt.before.last() {
            assert_eq!(*last, format!("line {}", before.1));
        }
    }

    #[test]
    fn around() {
        let kept = WIRE_LINES_MAX as u64;
        check(0, 0, (1, 0), 0);
        check(3, 3, (1, 3), 0);
        check(100, 50, (31, 50), 5);
        check(100, 98, (79, 98), 2);
        check(100, 1_000, (81, 100), 0);
        // What is not kept any more is not shown.
        check(kept + 100, 10, (101, 100), 5);
        check(kept + 100, 110, (101, 110), 5);
    }

    #[test]
    fn a_long_line_is_cut() {
        let log = WireLog::default();
        log.sink()(&"é".repeat(WIRE_LINE_LEN_MAX));
        let line = &log.around(1).before[0];
        assert!(line.ends_with("é .."), "{line}");
        assert!(line.len() <= WIRE_LINE_LEN_MAX + 3);
    }
}
