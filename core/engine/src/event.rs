//! What an observer is told while a unit runs.

use crate::report::{Changes, LogLine, Record, Step};
use serde::{Deserialize, Serialize};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A plugin is used that nobody who is trusted has signed: a person is to be warned.
    UnsignedPlugin {
        /// The library.
        path: String,
    },
    /// A step began.
    StepStarted {
        /// What is done.
        name: String,
        /// On what.
        detail: String,
        /// Bytes to move or cover, 0 where unknown.
        len: u64,
    },
    /// A step came further.
    Progress {
        /// Bytes done.
        done: u64,
        /// Bytes in all.
        total: u64,
        /// Time of the twin's clock since the step began, in microseconds.
        virtual_us: Option<u64>,
    },
    /// A step ended.
    StepFinished(Step),
    /// The target is about to be changed: what is told here has begun when the next thing happens. It is told before it
    /// begins, so that it is known even if nothing can be told any more.
    Changing(Changes),
    /// A value was recorded.
    Recorded(Record),
    /// A line was logged.
    Logged(LogLine),
}

/// Who is told, on the thread that called `run`.
pub trait Observer {
    /// Something happened.
    fn event(&mut self, event: &Event);
}

impl<F: FnMut(&Event)> Observer for F {
    fn event(&mut self, event: &Event) {
        self(event);
    }
}

/// An observer that looks away.
pub struct Silent;

impl Observer for Silent {
    fn event(&mut self, _event: &Event) {}
}
