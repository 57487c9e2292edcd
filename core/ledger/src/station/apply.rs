//! The one way in which the state changes.
//!
//! A record is checked as it is applied: a journal that was put together from two, or edited and chained anew, contradicts
//! itself at the first record that could not have been decided.

use super::{
    books::{Bound, Counter, Open, Station},
    demand::OnFailure,
    record::{Begun, Draw, End, Record, Value},
};
use crate::{AttemptId, Damage, DefinitionHash, SerialId};

impl Station {
    /// Takes in what has happened.
    ///
    /// # Errors
    /// [`Damage::Contradiction`] if it cannot have happened in this state; the state is then of no use any more.
    pub fn apply(&mut self, record: &Record) -> Result<(), Damage> {
        match record {
            Record::Begun(begun) => self.apply_begun(begun)?,
            Record::Ended { attempt, end, .. } => {
                let open = self.close(*attempt)?;
                self.apply_end(open, *end);
            }
            Record::Abandoned { attempt, .. } => {
                let open = self.close(*attempt)?;
                self.apply_abandoned(open);
            }
            Record::NextSet {
                serial,
                definition,
                next,
                ..
            } => self.apply_next(*serial, *definition, *next)?,
            Record::Seen { .. } => {}
        }
        self.time_floor = self.time_floor.max(record.time());
        Ok(())
    }

    fn apply_begun(&mut self, begun: &Begun) -> Result<(), Damage> {
        let attempt = begun.attempt;
        if self.open.contains_key(&attempt) {
            return contradiction(format!("attempt {attempt} begins twice"));
        }
        let account = self.accounts.entry(begun.deployment).or_default();
        let uid = begun.uid.as_ref();
        let before = uid.and_then(|uid| account.bound.remove(uid));
        let expected = before
            .as_ref()
            .map_or_else(|| account.fresh_ordinal(), |it| it.ordinal);
        if begun.ordinal != expected {
            return contradiction(format!(
                "attempt {attempt} has ordinal {}, expected {expected}",
                begun.ordinal
            ));
        }
        if before.is_none() && !account.free_ordinals.remove(&expected) {
            account.next_ordinal += 1;
        }
        account.counts.attempts += 1;
        account.counts.open += 1;
        let is_unknown = before.as_ref().is_some_and(|it| it.is_unknown);
        account.counts.unknown -= u64::from(is_unknown);
        for draw in &begun.draws {
            self.apply_draw(draw, before.as_ref())?;
        }
        for value in &begun.values {
            self.apply_value(value, before.as_ref())?;
        }
        let open = Open {
            deployment: begun.deployment,
            uid: begun.uid.clone(),
            ordinal: begun.ordinal,
            draws: begun.draws.clone(),
            values: begun.values.clone(),
            before,
        };
        self.open.insert(attempt, open);
        Ok(())
    }

    fn apply_draw(&mut self, draw: &Draw, before: Option<&Bound>) -> Result<(), Damage> {
        let serial = draw.serial;
        let counter = self.counter(serial, draw.definition)?;
        for &index in &draw.indices {
            let is_held = before.is_some_and(|it| it.holds_index(serial, index));
            if !is_held && !counter.draw(index) {
                return contradiction(format!(
                    "index {index} of serial number {serial} is drawn and is not next"
                ));
            }
        }
        Ok(())
    }

    fn apply_value(&mut self, value: &Value, before: Option<&Bound>) -> Result<(), Damage> {
        let is_held = before.is_some_and(|it| it.holds_value(value.list, value.value));
        let is_new = self
            .values
            .entry(value.list)
            .or_default()
            .insert(value.value);
        match is_new || is_held {
            true => Ok(()),
            false => contradiction(format!("a value of list {} is used twice", value.list)),
        }
    }

    fn close(&mut self, attempt: AttemptId) -> Result<Open, Damage> {
        let Some(open) = self.open.remove(&attempt) else {
            return contradiction(format!("attempt {attempt} ends and is not open"));
        };
        self.accounts
            .entry(open.deployment)
            .or_default()
            .counts
            .open -= 1;
        Ok(open)
    }

    fn apply_end(&mut self, open: Open, end: End) {
        let account = self.accounts.entry(open.deployment).or_default();
        match end {
            End::Pass => account.counts.passed += 1,
            End::Fail => {
                account.counts.failures += 1;
                if let Some(uid) = open.uid.clone() {
                    account.bound.insert(uid, Bound::failed(open.ordinal));
                }
                self.give_back(&open, |on_failure| on_failure == OnFailure::Return, None);
            }
            End::Untouched => {
                account.counts.attempts -= 1;
                match (&open.uid, &open.before) {
                    (Some(uid), Some(before)) => {
                        account.counts.unknown += u64::from(before.is_unknown);
                        account.bound.insert(uid.clone(), before.clone());
                    }
                    _ => {
                        account.free_ordinals.insert(open.ordinal);
                    }
                }
                self.give_back(&open, |_| true, open.before.as_ref());
            }
        }
    }

    fn apply_abandoned(&mut self, open: Open) {
        let account = self.accounts.entry(open.deployment).or_default();
        account.counts.unknown += 1;
        if let Some(uid) = open.uid {
            let bound = Bound {
                is_unknown: true,
                ordinal: open.ordinal,
                draws: open.draws,
                values: open.values,
            };
            account.bound.insert(uid, bound);
        }
    }

    /// Gives back what an attempt had drawn and `goes_back`, but for what its target `keeps`.
    fn give_back(
        &mut self,
        open: &Open,
        goes_back: impl Fn(OnFailure) -> bool,
        keeps: Option<&Bound>,
    ) {
        for draw in open.draws.iter().filter(|it| goes_back(it.on_failure)) {
            let Some(counter) = self.counters.get_mut(&draw.serial) else {
                continue;
            };
            for &index in &draw.indices {
                if !keeps.is_some_and(|it| it.holds_index(draw.serial, index)) {
                    counter.put_back(index);
                }
            }
        }
        for value in open.values.iter().filter(|it| goes_back(it.on_failure)) {
            let is_kept = keeps.is_some_and(|it| it.holds_value(value.list, value.value));
            if let Some(used) = self.values.get_mut(&value.list).filter(|_| !is_kept) {
                used.remove(&value.value);
            }
        }
    }

    fn apply_next(
        &mut self,
        serial: SerialId,
        definition: DefinitionHash,
        next: u64,
    ) -> Result<(), Damage> {
        let counter = self.counter(serial, definition)?;
        if next < counter.drawn_end {
            return contradiction(format!("serial number {serial} goes back to {next}"));
        }
        counter.next = next;
        counter.floor = next;
        counter.free.clear();
        Ok(())
    }

    fn counter(
        &mut self,
        serial: SerialId,
        definition: DefinitionHash,
    ) -> Result<&mut Counter, Damage> {
        let counter = self.counters.entry(serial);
        let counter = counter.or_insert_with(|| Counter::new(definition));
        match counter.definition == definition {
            true => Ok(counter),
            false => contradiction(format!("serial number {serial} has two definitions")),
        }
    }
}

impl Bound {
    fn failed(ordinal: u64) -> Bound {
        Bound {
            is_unknown: false,
            ordinal,
            draws: vec![],
            values: vec![],
        }
    }
}

fn contradiction<T>(message: String) -> Result<T, Damage> {
    Err(Damage::Contradiction { message })
}
