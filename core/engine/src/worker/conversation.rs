//! What a client knows of its worker's unit: how far it is, how long it may still take, what to report if it dies.

use super::{
    limits::{AFTERWARDS_TIME, FAILURES_MAX, KILL_GRACE, SETUP_TIME},
    request::Message,
};
use crate::{
    codes,
    event::{Event, Observer},
    gate::Permit,
    limits::{
        LOG_LINE_LEN_MAX, LOG_LINES_MAX, RECORD_LEN_MAX, RECORD_NAME_LEN_MAX, RECORDS_MAX,
        STEPS_MAX,
    },
    report::{Failure, LogLine, Outcome, Record, Step, Time, UnitReport, Value, to_hex},
};
use std::time::{Duration, Instant};

/// What came of a worker.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ended {
    /// The unit's report; none if the unit did not begin.
    pub report: Option<UnitReport>,
    /// What failed outside the unit: before it began, or in what was asked for after it.
    pub failures: Vec<Failure>,
    /// Whether the worker was lost in the middle of its unit: the report says what had begun, and nobody knows how far it
    /// came.
    pub is_lost: bool,
}

/// The messages of one worker so far.
pub(super) struct Conversation {
    on: String,
    stage: Stage,
    deadline: Instant,
    /// Grows with the events, so that a worker that dies leaves a report; the worker's own report replaces it.
    report: Option<UnitReport>,
    /// The step under way.
    step: Option<Step>,
    failures: Vec<Failure>,
    is_lost: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Setup,
    Unit,
    Afterwards,
    Done,
}

/// What took longer than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overdue {
    Setup,
    Unit,
    Afterwards,
    Cancelled,
}

impl Conversation {
    /// A worker that has just been started.
    pub(super) fn new(on: &str) -> Self {
        Self {
            on: on.to_string(),
            stage: Stage::Setup,
            deadline: Instant::now() + SETUP_TIME,
            report: None,
            step: None,
            failures: Vec::new(),
            is_lost: false,
        }
    }

    /// Takes in one message. A unit starts once and has one report: a worker that says so again gets no more time.
    pub(super) fn take_in(&mut self, message: Message, observer: &mut dyn Observer) {
        match message {
            Message::Started {
                image,
                device,
                unit_time_ms,
            } if self.stage == Stage::Setup => {
                let report = UnitReport {
                    image,
                    device,
                    on: self.on.clone(),
                    ..Default::default()
                };
                self.report = Some(report);
                self.enter(
                    Stage::Unit,
                    Duration::from_millis(unit_time_ms) + KILL_GRACE,
                );
            }
            Message::Event(event @ Event::UnsignedPlugin { .. }) => observer.event(&event),
            Message::Event(event) if self.stage == Stage::Unit => {
                self.note(&event);
                observer.event(&event);
            }
            Message::Report(report) if self.stage == Stage::Unit => {
                self.report = Some(*report);
                self.enter(Stage::Afterwards, AFTERWARDS_TIME);
            }
            Message::Failed(failure) if self.failures.len() < FAILURES_MAX => {
                self.failures.push(failure);
            }
            Message::Done if self.may_be_done() => self.stage = Stage::Done,
            _ => {}
        }
    }

    /// Whether the unit is under way.
    pub(super) fn is_in_unit(&self) -> bool {
        self.stage == Stage::Unit
    }

    /// The unit was granted. A report of a worker that dies says so.
    pub(super) fn note_permit(&mut self, uid: Option<&[u8]>, permit: &Permit) {
        if let Some(report) = &mut self.report {
            report.ordinal = Some(permit.ordinal);
            report.uid = uid.map(to_hex);
        }
    }

    /// Whether the worker has told what there is to tell: a report, or why there is none.
    fn may_be_done(&self) -> bool {
        match self.stage {
            Stage::Setup => !self.failures.is_empty(),
            Stage::Unit => false,
            Stage::Afterwards | Stage::Done => true,
        }
    }

    /// What is overdue.
    pub(super) fn overdue(&self, now: Instant) -> Option<Overdue> {
        let overdue = match self.stage {
            Stage::Setup => Overdue::Setup,
            Stage::Unit => Overdue::Unit,
            Stage::Afterwards => Overdue::Afterwards,
            Stage::Done => return None,
        };
        (now > self.deadline).then_some(overdue)
    }

    /// The worker said that all is done.
    pub(super) fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    /// The end of a worker that told all.
    pub(super) fn ended(self) -> Ended {
        Ended {
            report: self.report,
            failures: self.failures,
            is_lost: self.is_lost,
        }
    }

    /// The end of a worker that did not: the failure is the unit's if it was under way.
    pub(super) fn broken_off(mut self, failure: Failure) -> Ended {
        match &mut self.report {
            Some(report) if self.stage == Stage::Unit => {
                self.is_lost = true;
                report.outcome = match failure.code == codes::CANCELLED {
                    true => Outcome::Cancelled,
                    false => Outcome::Fail,
                };
                report.steps.extend(self.step.take());
                report.failure = Some(with_steps(failure, &report.steps));
            }
            // The failure that the worker told explains its end.
            _ if self.failures.is_empty() => self.failures.push(failure),
            _ => {}
        }
        self.ended()
    }

    fn enter(&mut self, stage: Stage, time: Duration) {
        self.stage = stage;
        self.deadline = Instant::now() + time;
    }

    /// Keeps what happened, within the limits that the engine has for a report. A sound worker stays within them.
    fn note(&mut self, event: &Event) {
        let Some(report) = &mut self.report else {
            return;
        };
        match event {
            Event::StepStarted { name, detail, len } => {
                self.step = Some(Step {
                    name: name.clone(),
                    detail: detail.clone(),
                    ok: false,
                    len: *len,
                    time: Time::default(),
                });
            }
            Event::StepFinished(step) => {
                self.step = None;
                if report.steps.len() < STEPS_MAX {
                    report.steps.push(step.clone());
                }
            }
            Event::Changing(changes) => report.changes.add(changes),
            Event::Recorded(record) => keep_record(&mut report.records, record),
            Event::Logged(line) => keep_line(&mut report.log, line),
            Event::Progress { .. } | Event::UnsignedPlugin { .. } => {}
        }
    }
}

/// As in the engine's own book, the same name again replaces a record.
fn keep_record(records: &mut Vec<Record>, record: &Record) {
    let is_too_long = record.name.len() > RECORD_NAME_LEN_MAX
        || matches!(&record.value, Value::Text(text) if text.len() > RECORD_LEN_MAX);
    let place = records.iter().position(|known| known.name == record.name);
    match place {
        _ if is_too_long => {}
        Some(place) => records[place] = record.clone(),
        None if records.len() < RECORDS_MAX => records.push(record.clone()),
        None => {}
    }
}

/// The line after the last says that more were dropped.
fn keep_line(log: &mut Vec<LogLine>, line: &LogLine) {
    let is_too_long = line.source.len().max(line.text.len()) > LOG_LINE_LEN_MAX;
    if log.len() <= LOG_LINES_MAX && !is_too_long {
        log.push(line.clone());
    }
}

/// The steps that a dead worker had begun. What they were about to change is in `changes`; how far they came is not known.
fn with_steps(failure: Failure, steps: &[Step]) -> Failure {
    let names: Vec<&str> = steps.iter().map(|step| step.name.as_str()).collect();
    let found = match names.as_slice() {
        [] => "no step had begun".to_string(),
        names => format!("begun: {}", names.join(", ")),
    };
    Failure {
        found: Some(
            failure
                .found
                .map_or(found.clone(), |text| format!("{found}\n{text}")),
        ),
        ..failure
    }
}

impl Overdue {
    /// What that means.
    pub(super) fn failure(self) -> Failure {
        match self {
            Overdue::Cancelled => Failure::new(codes::CANCELLED, "the unit was cancelled"),
            Overdue::Unit => Failure::new(
                codes::UNIT_TIME,
                "the unit took longer than its recipe allows, and its worker had to be killed",
            )
            .with_help("raise `unit_time_ms` in the recipe, or find the call that does not end"),
            Overdue::Setup => Failure::new(
                codes::WORKER_ENDED,
                format!("the unit did not begin within {} s", SETUP_TIME.as_secs()),
            )
            .with_help("check the probe and the plugins"),
            Overdue::Afterwards => Failure::new(
                codes::WORKER_ENDED,
                format!(
                    "the dump did not end within {} s",
                    AFTERWARDS_TIME.as_secs()
                ),
            )
            .with_help("dump less at once"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{event::Silent, report::ImageFacts};

    fn started() -> Message {
        Message::Started {
            image: ImageFacts::default(),
            device: "chip".into(),
            unit_time_ms: 2_000,
        }
    }

    fn erase_started() -> Message {
        let (name, detail) = ("erase".to_string(), "flash".to_string());
        Message::Event(Event::StepStarted {
            name,
            detail,
            len: 64,
        })
    }

    fn after(messages: Vec<Message>) -> Conversation {
        let mut conversation = Conversation::new("probe");
        for message in messages {
            conversation.take_in(message, &mut Silent);
        }
        conversation
    }

    #[test]
    fn a_worker_that_dies_in_its_unit_leaves_a_report_with_the_step() {
        let ended = after(vec![started(), erase_started()]).broken_off(Failure::new("X", "dead"));
        assert!(ended.is_lost);
        let report = ended.report.unwrap();
        assert_eq!(report.outcome, Outcome::Fail);
        assert_eq!(
            (report.on.as_str(), report.device.as_str()),
            ("probe", "chip")
        );
        let failure = report.failure.unwrap();
        assert_eq!(failure.code, "X");
        assert_eq!(failure.found.unwrap(), "begun: erase");
        assert_eq!(
            (report.steps[0].name.as_str(), report.steps[0].ok),
            ("erase", false)
        );
        assert!(ended.failures.is_empty());
    }

    #[test]
    fn a_worker_that_dies_before_its_unit_leaves_a_failure() {
        let ended = after(vec![]).broken_off(Failure::new("X", "dead"));
        assert_eq!((ended.report, ended.failures.len()), (None, 1));
    }

    #[test]
    fn what_the_worker_told_goes_before_how_it_ended() {
        let told = Message::Failed(Failure::new("TOLD", "refused"));
        let ended = after(vec![told]).broken_off(Failure::new("X", "dead"));
        assert_eq!(
            ended
                .failures
                .iter()
                .map(|it| it.code.as_str())
                .collect::<Vec<_>>(),
            ["TOLD"]
        );
    }

    #[test]
    fn a_death_after_the_report_does_not_change_it() {
        let report = UnitReport {
            outcome: Outcome::Pass,
            ..Default::default()
        };
        let ended = after(vec![started(), Message::Report(Box::new(report))])
            .broken_off(Failure::new("X", "dead"));
        assert!(!ended.is_lost);
        assert_eq!(ended.report.unwrap().outcome, Outcome::Pass);
        assert_eq!(ended.failures[0].code, "X");
    }

    #[test]
    fn each_stage_has_its_time() {
        let unit = Duration::from_secs(3);
        let now = Instant::now();
        assert_eq!(after(vec![]).overdue(now + unit), None);
        assert_eq!(
            after(vec![]).overdue(now + SETUP_TIME * 2),
            Some(Overdue::Setup)
        );
        assert_eq!(after(vec![started()]).overdue(now), None);
        assert_eq!(
            after(vec![started()]).overdue(now + unit),
            Some(Overdue::Unit)
        );
        let report = || Message::Report(Box::default());
        assert_eq!(after(vec![started(), report()]).overdue(now + unit), None);
        let done = after(vec![started(), report(), Message::Done]);
        assert_eq!(done.overdue(now + AFTERWARDS_TIME * 2), None);
    }

    fn record(name: &str, value: impl Into<String>) -> Message {
        Message::Event(Event::Recorded(Record {
            name: name.into(),
            value: Value::Text(value.into()),
        }))
    }

    fn report_so_far(messages: Vec<Message>) -> UnitReport {
        let messages = std::iter::once(started()).chain(messages).collect();
        let ended = after(messages).broken_off(Failure::new("X", "dead"));
        ended.report.unwrap()
    }

    #[test]
    fn the_same_record_again_replaces_the_first() {
        let report = report_so_far(vec![record("a", "1"), record("b", "2"), record("a", "3")]);
        let told: Vec<_> = report
            .records
            .iter()
            .map(|it| (it.name.as_str(), it.value.clone()))
            .collect();
        assert_eq!(
            told,
            [
                ("a", Value::Text("3".into())),
                ("b", Value::Text("2".into()))
            ]
        );
    }

    #[test]
    fn a_flood_is_kept_within_the_limits_of_a_report() {
        let many = 10_000;
        let records = report_so_far((0..many).map(|it| record(&it.to_string(), "")).collect());
        assert_eq!(records.records.len(), RECORDS_MAX);
        let long = vec![
            record(&"n".repeat(RECORD_NAME_LEN_MAX + 1), ""),
            record("n", "v".repeat(RECORD_LEN_MAX + 1)),
            record("n", "v".repeat(RECORD_LEN_MAX)),
        ];
        assert_eq!(report_so_far(long).records.len(), 1);

        let line = |len| {
            Message::Event(Event::Logged(LogLine {
                source: "test".into(),
                text: "x".repeat(len),
            }))
        };
        let log = report_so_far((0..many).map(|_| line(1)).collect()).log;
        assert_eq!(log.len(), LOG_LINES_MAX + 1);
        let log = report_so_far(vec![line(LOG_LINE_LEN_MAX + 1), line(LOG_LINE_LEN_MAX)]).log;
        assert_eq!(log.len(), 1);

        let step = Step {
            name: "erase".into(),
            detail: String::new(),
            ok: true,
            len: 0,
            time: Time::default(),
        };
        let step = || Message::Event(Event::StepFinished(step.clone()));
        assert_eq!(
            report_so_far((0..many).map(|_| step()).collect())
                .steps
                .len(),
            STEPS_MAX
        );

        let failed = || Message::Failed(Failure::new("TOLD", "refused"));
        let ended = after((0..many).map(|_| failed()).collect()).ended();
        assert_eq!(ended.failures.len(), FAILURES_MAX);
    }

    #[test]
    fn done_is_believed_after_a_report_or_a_failure_only() {
        let report = || Message::Report(Box::default());
        let failed = || Message::Failed(Failure::new("TOLD", "refused"));
        for (messages, is_done) in [
            (vec![], false),
            (vec![started()], false),
            (vec![started(), failed()], false),
            (vec![report()], false),
            (vec![failed()], true),
            (vec![started(), report()], true),
            (vec![started(), report(), failed()], true),
        ] {
            let mut conversation = after(messages.clone());
            conversation.take_in(Message::Done, &mut Silent);
            assert_eq!(conversation.is_done(), is_done, "{messages:?}");
        }
    }

    #[test]
    fn a_worker_gives_itself_no_more_time() {
        let late = Instant::now() + Duration::from_secs(10);
        let again = Message::Started {
            image: ImageFacts::default(),
            device: "another".into(),
            unit_time_ms: 3_600_000,
        };
        let conversation = after(vec![started(), again]);
        assert_eq!(conversation.overdue(late), Some(Overdue::Unit));
        assert_eq!(conversation.report.unwrap().device, "chip");
    }

    #[test]
    fn a_cancelled_unit_is_cancelled_not_failed() {
        let ended = after(vec![started()]).broken_off(Overdue::Cancelled.failure());
        assert_eq!(ended.report.unwrap().outcome, Outcome::Cancelled);
    }
}
