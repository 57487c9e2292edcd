//! The book of a unit: what the report will say, kept while it happens, and told to the observer.
//!
//! The script has a thread of its own; what it does reaches the caller's observer through a channel.

use crate::{
    codes,
    event::Event,
    limits::{
        ANNOUNCE_TIME, LOG_LINE_LEN_MAX, LOG_LINES_MAX, RECORD_LEN_MAX, RECORD_NAME_LEN_MAX,
        RECORD_WRITES_MAX, RECORDS_MAX, STEP_DETAIL_LEN_MAX, STEPS_MAX,
    },
    report::{Changes, Failure, LogLine, Range, Record, Step, Time, Value},
};
use imprint_target::Moment;
use std::{
    collections::BTreeMap,
    sync::mpsc::{Sender, channel},
};

/// What goes through the channel to whoever tells the observer.
pub(crate) enum Message {
    /// Something happened.
    Event(Event),
    /// Something is about to happen. The unit goes on when the observer has been told.
    Announcement(Event, Sender<()>),
    /// Nothing more comes.
    End,
}

/// What is written down about one unit.
pub(crate) struct Book {
    pub(crate) records: Vec<Record>,
    pub(crate) steps: Vec<Step>,
    pub(crate) log: Vec<LogLine>,
    pub(crate) changes: Changes,
    target_changes: Changes,
    pub(crate) identity: Option<String>,
    pub(crate) uid: Option<String>,
    pub(crate) ordinal: Option<u64>,
    /// Transfers until the script failed.
    pub(crate) failed_at: Option<u64>,
    pub(crate) serials: BTreeMap<String, Vec<String>>,
    events: Sender<Message>,
    /// Times a record was written.
    record_writes: usize,
    /// Steps under way; only the outermost is reported.
    depth: usize,
    step_began: Option<Moment>,
}

impl Book {
    /// An empty book.
    pub(crate) fn new(events: Sender<Message>) -> Self {
        Self {
            records: Vec::new(),
            steps: Vec::new(),
            log: Vec::new(),
            changes: Changes::default(),
            target_changes: Changes::default(),
            identity: None,
            uid: None,
            ordinal: None,
            failed_at: None,
            serials: BTreeMap::new(),
            events,
            record_writes: 0,
            depth: 0,
            step_began: None,
        }
    }

    /// The channel to the observer.
    pub(crate) fn events(&self) -> Sender<Message> {
        self.events.clone()
    }

    /// Forgets what was written down but who the target is.
    pub(crate) fn turn_page(&mut self) {
        *self = Self {
            identity: self.identity.take(),
            uid: self.uid.take(),
            ..Self::new(self.events())
        };
    }

    fn tell(&self, event: Event) {
        // Nobody listens any more when the caller has gone; the unit goes on to its end.
        let _ = self.events.send(Message::Event(event));
    }

    /// The target is about to be changed. When this returns, whoever watches knows: a worker may be gone in the next
    /// moment, and its client must still be able to say what was begun.
    pub(crate) fn announce(&self, changes: Changes) {
        let (told, wait) = channel();
        let announcement = Message::Announcement(Event::Changing(changes), told);
        if self.events.send(announcement).is_ok() {
            // One who sleeps is not waited for, and one who is gone wants to know nothing.
            let _ = wait.recv_timeout(ANNOUNCE_TIME);
        }
    }

    /// The same for a change that the flash path does not note by itself.
    pub(crate) fn change(&mut self, changes: Changes) {
        self.changes.add(&changes);
        self.announce(changes);
    }

    /// A step begins, unless there were too many already.
    pub(crate) fn begin(
        &mut self,
        name: &str,
        detail: &str,
        len: u64,
        now: Moment,
    ) -> Result<(), Failure> {
        if self.depth == 0 {
            if self.steps.len() >= STEPS_MAX {
                return Err(limit(
                    "the unit has too many steps",
                    STEPS_MAX,
                    STEPS_MAX + 1,
                ));
            }
            self.step_began = Some(now);
            self.tell(Event::StepStarted {
                name: name.into(),
                detail: one_line(detail, STEP_DETAIL_LEN_MAX),
                len,
            });
        }
        self.depth += 1;
        Ok(())
    }

    /// A step came further.
    pub(crate) fn progress(&mut self, done: u64, total: u64, now: Moment) {
        let virtual_us = self
            .step_began
            .and_then(|began| time_between(began, now).virtual_us);
        self.tell(Event::Progress {
            done,
            total,
            virtual_us,
        });
    }

    /// Takes over what the target says was erased and programmed; it counts from its own beginning.
    pub(crate) fn note_changes(&mut self, changes: &imprint_target::Changes) {
        let ranges = |ranges: &[std::ops::Range<u64>]| -> Vec<Range> {
            let range = |it: &std::ops::Range<u64>| Range {
                address: it.start,
                len: it.end - it.start,
            };
            ranges.iter().map(range).collect()
        };
        self.target_changes = Changes {
            erased: ranges(&changes.erased),
            programmed: ranges(&changes.programmed),
            ..Changes::default()
        };
    }

    /// Everything that was changed, by the flash path and by the family.
    pub(crate) fn all_changes(&self) -> Changes {
        let mut changes = self.changes.clone();
        changes.erased.extend(&self.target_changes.erased);
        changes.programmed.extend(&self.target_changes.programmed);
        changes
    }

    /// A step ended.
    pub(crate) fn end(&mut self, name: &str, detail: &str, len: u64, ok: bool, now: Moment) {
        self.depth = self.depth.saturating_sub(1);
        if self.depth > 0 {
            return;
        }
        let began = self.step_began.take().unwrap_or(now);
        let step = Step {
            name: name.into(),
            detail: one_line(detail, STEP_DETAIL_LEN_MAX),
            ok,
            len,
            time: time_between(began, now),
        };
        self.tell(Event::StepFinished(step.clone()));
        self.steps.push(step);
    }

    /// An option is about to be written.
    pub(crate) fn note_option(&mut self, name: &str) {
        self.change(Changes {
            options: vec![one_line(name, STEP_DETAIL_LEN_MAX)],
            ..Changes::default()
        });
    }

    /// Keeps a record; the same name again replaces it.
    pub(crate) fn record(&mut self, record: Record) -> Result<(), Failure> {
        let name = &record.name;
        if name.len() > RECORD_NAME_LEN_MAX || name.contains(char::is_control) {
            return Err(limit(
                "the name of a record is too long, or has control characters",
                RECORD_NAME_LEN_MAX,
                name.len(),
            ));
        }
        if let Value::Text(text) = &record.value
            && text.len() > RECORD_LEN_MAX
        {
            return Err(limit(
                &format!("the value of record `{name}` is too long"),
                RECORD_LEN_MAX,
                text.len(),
            ));
        }
        if self.record_writes >= RECORD_WRITES_MAX {
            return Err(limit(
                "the unit writes records too often",
                RECORD_WRITES_MAX,
                RECORD_WRITES_MAX + 1,
            ));
        }
        let place = self.records.iter().position(|known| known.name == *name);
        if place.is_none() && self.records.len() >= RECORDS_MAX {
            return Err(limit(
                "the unit has too many records",
                RECORDS_MAX,
                RECORDS_MAX + 1,
            ));
        }
        self.record_writes += 1;
        self.tell(Event::Recorded(record.clone()));
        match place {
            Some(place) => self.records[place] = record,
            None => self.records.push(record),
        }
        Ok(())
    }

    /// Keeps lines of the log. What is too much is dropped with a word about it, because a log must not fail a unit.
    pub(crate) fn log(&mut self, source: &str, text: &str) {
        for line in text.lines() {
            let text = match self.log.len() {
                0..LOG_LINES_MAX => one_line(line, LOG_LINE_LEN_MAX),
                LOG_LINES_MAX => "(further lines are dropped)".into(),
                _ => return,
            };
            let line = LogLine {
                source: source.into(),
                text,
            };
            self.tell(Event::Logged(line.clone()));
            self.log.push(line);
        }
    }
}

/// The time from one moment to another, on both clocks.
pub(crate) fn time_between(began: Moment, ended: Moment) -> Time {
    let microseconds = |ns: u64| ns / 1_000;
    Time {
        real_us: u64::try_from(ended.real.saturating_duration_since(began.real).as_micros())
            .unwrap_or(u64::MAX),
        virtual_us: match (began.virtual_ns, ended.virtual_ns) {
            (Some(began), Some(ended)) => Some(microseconds(ended.saturating_sub(began))),
            _ => None,
        },
    }
}

/// The beginning of a text, cut at a character, without control characters: those would move the cursor of a terminal, and
/// could write a pass over a fail.
fn one_line(text: &str, len_max: usize) -> String {
    text[..text.floor_char_boundary(len_max)]
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn limit(message: &str, expected: usize, found: usize) -> Failure {
    Failure::new(codes::UNIT_LIMIT, message)
        .with_difference(format!("at most {expected}"), found.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::mpsc, time::Instant};

    fn moment() -> Moment {
        Moment {
            real: Instant::now(),
            virtual_ns: None,
        }
    }

    fn record(name: &str, number: i64) -> Record {
        Record {
            name: name.into(),
            value: Value::Integer(number),
        }
    }

    /// What was told, when a book has been written in.
    fn told(work: impl FnOnce(&mut Book)) -> (Book, usize) {
        let (sender, receiver) = mpsc::channel();
        let mut book = Book::new(sender);
        work(&mut book);
        (book, receiver.try_iter().count())
    }

    fn code(result: Result<(), Failure>) -> String {
        result
            .err()
            .map_or_else(String::new, |failure| failure.code)
    }

    #[test]
    fn nothing_written_down_moves_a_cursor() {
        let (book, _) = told(|book| {
            book.log("script", "a\u{1b}[2J\u{1b}[HPASS\rb\u{9b}31m\nsecond");
            assert_eq!(
                book.begin("command", "x\u{1b}[31m\nPASS", 0, moment()),
                Ok(())
            );
            book.end("command", "x\u{1b}[31m\nPASS", 0, true, moment());
            book.note_option("y\u{1b}c");
            assert_eq!(code(book.record(record("r\nPASS", 1))), codes::UNIT_LIMIT);
        });
        let lines: Vec<_> = book.log.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(lines, ["a [2J [HPASS b 31m", "second"]);
        assert_eq!(book.steps[0].detail, "x [31m PASS");
        assert_eq!(book.changes.options, ["y c"]);
    }

    #[test]
    fn one_record_again_and_again_comes_to_an_end() {
        let (book, told) = told(|book| {
            for number in 0..RECORD_WRITES_MAX as i64 {
                assert_eq!(book.record(record("x", number)), Ok(()));
            }
            assert_eq!(code(book.record(record("x", 0))), codes::UNIT_LIMIT);
        });
        assert_eq!(told, RECORD_WRITES_MAX);
        assert_eq!(book.records, [record("x", RECORD_WRITES_MAX as i64 - 1)]);
    }

    #[test]
    fn what_is_refused_is_not_told() {
        let (book, told) = told(|book| {
            for number in 0..RECORDS_MAX as i64 {
                assert_eq!(book.record(record(&format!("n{number}"), 1)), Ok(()));
            }
            for name in ["one more", &"x".repeat(RECORD_NAME_LEN_MAX + 1), "\u{7f}"] {
                assert_eq!(code(book.record(record(name, 1))), codes::UNIT_LIMIT);
            }
            assert_eq!(book.record(record("n0", 2)), Ok(()));
        });
        assert_eq!((book.records.len(), told), (RECORDS_MAX, RECORDS_MAX + 1));
    }

    #[test]
    fn steps_come_to_an_end() {
        let (book, told) = told(|book| {
            for _ in 0..STEPS_MAX {
                assert_eq!(book.begin("blank check", "", 0, moment()), Ok(()));
                book.end("blank check", "", 0, true, moment());
            }
            assert_eq!(
                code(book.begin("blank check", "", 0, moment())),
                codes::UNIT_LIMIT
            );
        });
        assert_eq!((book.steps.len(), told), (STEPS_MAX, 2 * STEPS_MAX));
    }
}
