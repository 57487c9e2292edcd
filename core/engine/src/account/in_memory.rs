//! Books that nobody keeps: they count like a station's, and are forgotten.
//!
//! A test of a script wants the ordinals, serial numbers and refusals of production, and leaves no trace.

use super::{AccountError, UnitDemand, unit::end};
use crate::{
    gate::{Gate, Permit},
    report::{Failure, UnitReport},
};
use imprint_ledger::{
    AttemptId, Refusal, Uid,
    station::{Record, Station},
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The books. Clones are the same ones.
#[derive(Clone, Default)]
pub(crate) struct BooksInMemory(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    station: Station,
    /// Attempts that were begun, which also names the next one.
    attempt_count: u128,
    open: Option<AttemptId>,
}

impl BooksInMemory {
    /// Whether a unit may begin, before its target is touched. `now` is in seconds since 1970 UTC.
    pub(crate) fn admit(&self, unit: &UnitDemand, now: u64) -> Result<(), Failure> {
        let admitted = self.state().station.admit(unit.demand(), now);
        admitted.map(drop).map_err(refused)
    }

    /// The gate of a unit.
    pub(crate) fn gate(&self, unit: UnitDemand, now: u64) -> impl Gate + use<> {
        let books = self.clone();
        move |uid: Option<&[u8]>| books.begin(&unit, uid, now)
    }

    /// Writes down what came of the unit whose gate was opened last.
    pub(crate) fn end(&self, report: &UnitReport, now: u64) -> Result<(), Failure> {
        let mut state = self.state();
        let Some(attempt) = state.open.take() else {
            return Ok(());
        };
        let record = state.station.end(attempt, end(report), now);
        state.apply(&record.map_err(refused)?)
    }

    /// Gives up a unit of which nobody knows the end.
    pub(crate) fn abandon(&self, now: u64) -> Result<(), Failure> {
        let mut state = self.state();
        let Some(attempt) = state.open.take() else {
            return Ok(());
        };
        let record = state.station.abandon(attempt, now);
        state.apply(&record.map_err(refused)?)
    }

    /// Lets a serial number go on at a value; tells whether it has that value.
    pub(crate) fn set_next(
        &self,
        unit: &UnitDemand,
        name: &str,
        text: &str,
        now: u64,
    ) -> Result<bool, Failure> {
        let Some((serial, index)) = unit.index_of(name, text) else {
            return Ok(false);
        };
        let mut state = self.state();
        let record = state
            .station
            .set_next(serial.id, serial.definition, index, now);
        state.apply(&record.map_err(refused)?)?;
        Ok(true)
    }

    fn begin(&self, unit: &UnitDemand, uid: Option<&[u8]>, now: u64) -> Result<Permit, Failure> {
        let mut state = self.state();
        state.attempt_count += 1;
        let attempt = AttemptId(state.attempt_count.to_be_bytes());
        let uid = uid.and_then(Uid::new);
        let record = state.station.begin(unit.demand(), attempt, uid, now);
        let record = record.map_err(refused)?;
        state.apply(&record)?;
        state.open = Some(attempt);
        match &record {
            Record::Begun(begun) => unit.permit(begun.ordinal, &begun.draws),
            _ => unreachable!("an attempt begins with the record of its begin"),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn apply(&mut self, record: &Record) -> Result<(), Failure> {
        // The station made the record itself, of the state it is in.
        self.station.apply(record).map_err(|damage| {
            Failure::new(
                crate::codes::SCRIPT_ENGINE,
                format!("the books in memory: {damage}"),
            )
        })
    }
}

fn refused(refusal: Refusal) -> Failure {
    AccountError::from(refusal).into()
}
