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
    /// Each with the transfers up to it, itself included.
    kept: VecDeque<(u64, String)>,
    count: u64,
    transfer_count: u64,
}

/// What the line of a transfer says after its time. Whatever else a transcript notes is no transfer.
const TRANSFERS: [&str; 7] = ["ap.", "dp.", "flush", "line", "pins", "jtag", "chip"];

impl WireLog {
    /// Where a link writes its lines.
    pub(super) fn sink(&self) -> Transcript {
        let log = self.clone();
        Box::new(move |line| log.lines().push(line))
    }

    /// Transfers so far.
    pub(super) fn transfer_count(&self) -> u64 {
        self.lines().transfer_count
    }

    /// The lines around the moment when there were that many transfers; none is the end.
    pub(super) fn around(&self, transfer_count: Option<u64>) -> WireExcerpt {
        let lines = self.lines();
        let is_before = |line: &&(u64, String)| transfer_count.is_none_or(|at| line.0 <= at);
        let middle = lines.kept.iter().take_while(is_before).count();
        let start = middle.saturating_sub(WIRE_LINES_BEFORE);
        let take = |from: usize, count: usize| {
            let lines = lines.kept.iter().skip(from).take(count);
            lines.map(|(_, line)| line.clone()).collect()
        };
        let dropped = lines.count - lines.kept.len() as u64;
        WireExcerpt {
            first: dropped + start as u64 + 1,
            before: take(start, middle - start),
            after: take(middle, WIRE_LINES_AFTER),
            count: lines.count,
        }
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lines {
    /// Takes what a link writes: a line, and at the beginning a head of several.
    fn push(&mut self, text: &str) {
        for line in text.lines() {
            let what = line.split_whitespace().nth(1).unwrap_or_default();
            let is_timed = line.starts_with(|c: char| c.is_whitespace() || c.is_ascii_digit());
            if is_timed && TRANSFERS.iter().any(|it| what.starts_with(it)) {
                self.transfer_count += 1;
            }
            self.keep(line);
        }
    }

    fn keep(&mut self, line: &str) {
        self.count += 1;
        if self.kept.len() == WIRE_LINES_MAX {
            self.kept.pop_front();
        }
        let mut kept = line[..line.floor_char_boundary(WIRE_LINE_LEN_MAX)].to_string();
        if kept.len() < line.len() {
            kept += " ..";
        }
        self.kept.push_back((self.transfer_count, kept));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is shown of `count` transfers around one: first and last line before, and how many after. Each has a line, and
    /// there is one line before them all.
    fn check(count: u64, at: Option<u64>, before: (u64, u64), after: usize) {
        let log = WireLog::default();
        let mut sink = log.sink();
        sink("link twin");
        for transfer in 1..=count {
            sink(&format!("{transfer:>14}.000 ap.read 0xc = {transfer}"));
        }
        assert_eq!(log.transfer_count(), count);
        let excerpt = log.around(at);
        let lines = excerpt.before.len() as u64;
        assert_eq!(
            (
                excerpt.first,
                excerpt.first + lines,
                excerpt.after.len(),
                excerpt.count
            ),
            (before.0, before.1 + 1, after, count + 1),
            "{count} {at:?}"
        );
    }

    #[test]
    fn around() {
        let kept = WIRE_LINES_MAX as u64;
        check(0, None, (1, 1), 0);
        check(3, None, (1, 4), 0);
        check(100, Some(50), (32, 51), 5);
        check(100, Some(98), (80, 99), 2);
        check(100, Some(1_000), (82, 101), 0);
        check(100, None, (82, 101), 0);
        // What is not kept any more is not shown.
        check(kept + 100, Some(10), (102, 101), 5);
        check(kept + 100, Some(110), (102, 111), 5);
    }

    #[test]
    fn what_is_no_transfer_is_not_counted() {
        let log = WireLog::default();
        let mut sink = log.sink();
        for line in [
            "imprint transcript 1\ndevice x\n",
            "inputs {\"values\":{}}",
            "         0.000 clock 4000 = 4000",
            "         0.000 voltage = 3300",
            "         1.000 pass 1000",
            "         1.000 end fail IMP-3010",
        ] {
            sink(line);
        }
        assert_eq!((log.transfer_count(), log.lines().count), (0, 7));
        for line in [
            "1.000 line 51 bits 0x7",
            "  1.000 flush",
            "  1.000 dp.read 0x0 = 0x2ba01477",
        ] {
            sink(line);
        }
        assert_eq!(log.transfer_count(), 3);
    }

    #[test]
    fn a_long_line_is_cut() {
        let log = WireLog::default();
        log.sink()(&"é".repeat(WIRE_LINE_LEN_MAX));
        let line = &log.around(None).before[0];
        assert!(line.ends_with("é .."), "{line}");
        assert!(line.len() <= WIRE_LINE_LEN_MAX + 3);
    }
}
