//! The book of a unit: what the report will say, kept while it happens, and told to the observer.
//!
//! The script has a thread of its own; what it does reaches the caller's observer through a channel.

use crate::{
    codes,
    event::Event,
    limits::{LOG_LINE_LEN_MAX, LOG_LINES_MAX, RECORD_LEN_MAX, RECORDS_MAX},
    report::{Changes, Failure, LogLine, Range, Record, Step, Time, Value},
};
use imprint_target::Moment;
use std::sync::mpsc::Sender;

/// What goes through the channel: an event, or the end of all events.
pub(crate) type Message = Option<Event>;

/// What is written down about one unit.
pub(crate) struct Book {
    pub(crate) records: Vec<Record>,
    pub(crate) steps: Vec<Step>,
    pub(crate) log: Vec<LogLine>,
    pub(crate) changes: Changes,
    target_changes: Changes,
    pub(crate) identity: Option<String>,
    pub(crate) uid: Option<String>,
    events: Sender<Message>,
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
            events,
            depth: 0,
            step_began: None,
        }
    }

    /// The channel to the observer.
    pub(crate) fn events(&self) -> Sender<Message> {
        self.events.clone()
    }

    fn tell(&self, event: Event) {
        // Nobody listens any more when the caller has gone; the unit goes on to its end.
        let _ = self.events.send(Some(event));
    }

    /// A step begins.
    pub(crate) fn begin(&mut self, name: &str, detail: &str, len: u64, now: Moment) -> bool {
        self.depth += 1;
        let is_outermost = self.depth == 1;
        if is_outermost {
            self.step_began = Some(now);
            self.tell(Event::StepStarted {
                name: name.into(),
                detail: detail.into(),
                len,
            });
        }
        is_outermost
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
            detail: detail.into(),
            ok,
            len,
            time: time_between(began, now),
        };
        self.tell(Event::StepFinished(step.clone()));
        self.steps.push(step);
    }

    /// Keeps a record; the same name again replaces it.
    pub(crate) fn record(&mut self, record: Record) -> Result<(), Failure> {
        if let Value::Text(text) = &record.value
            && text.len() > RECORD_LEN_MAX
        {
            return Err(limit(
                &format!("the value of record `{}` is too long", record.name),
                RECORD_LEN_MAX,
                text.len(),
            ));
        }
        self.tell(Event::Recorded(record.clone()));
        if let Some(known) = self
            .records
            .iter_mut()
            .find(|known| known.name == record.name)
        {
            known.value = record.value;
            return Ok(());
        }
        if self.records.len() >= RECORDS_MAX {
            return Err(limit(
                "the unit has too many records",
                RECORDS_MAX,
                RECORDS_MAX + 1,
            ));
        }
        self.records.push(record);
        Ok(())
    }

    /// Keeps lines of the log. What is too much is dropped with a word about it, because a log must not fail a unit.
    pub(crate) fn log(&mut self, source: &str, text: &str) {
        for line in text.lines() {
            let text = match self.log.len() {
                0..LOG_LINES_MAX => shortened(line),
                LOG_LINES_MAX => "(further lines are dropped)",
                _ => return,
            };
            let line = LogLine {
                source: source.into(),
                text: text.into(),
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

/// The beginning of a line, cut at a character.
fn shortened(line: &str) -> &str {
    &line[..line.floor_char_boundary(LOG_LINE_LEN_MAX)]
}

fn limit(message: &str, expected: usize, found: usize) -> Failure {
    Failure::new(codes::UNIT_LIMIT, message)
        .with_difference(format!("at most {expected}"), found.to_string())
}
