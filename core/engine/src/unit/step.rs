//! Steps: each piece of work of a unit is timed, told to the observer and kept, whether it succeeds or not.

use super::UnitSession;
use crate::report::Failure;

/// What a step is called and works on.
pub(super) struct StepName<'a> {
    pub(super) name: &'a str,
    pub(super) detail: &'a str,
    /// Bytes to move or cover, 0 where that means nothing.
    pub(super) len: u64,
}

impl UnitSession {
    /// Does one step.
    pub(super) fn step<T>(
        &mut self,
        step: StepName<'_>,
        work: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.book
            .begin(step.name, step.detail, step.len, self.meter.now())?;
        let result = work(self);
        self.note_changes();
        self.book.end(
            step.name,
            step.detail,
            step.len,
            result.is_ok(),
            self.meter.now(),
        );
        result
    }

    /// Takes over what the target says was changed.
    fn note_changes(&mut self) {
        if let super::Wiring::Target(target) = &self.wiring {
            self.book.note_changes(target.changes());
        }
    }
}

/// A step without bytes.
pub(super) fn named<'a>(name: &'a str, detail: &'a str) -> StepName<'a> {
    StepName {
        name,
        detail,
        len: 0,
    }
}
