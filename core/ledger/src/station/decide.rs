//! Decisions: the state and a demand give a record or a refusal. Nothing here changes anything.

use super::{
    books::{Account, Bound, Counter, Station},
    demand::{Demand, SerialDemand, Window},
    record::{Begun, Draw, End, Record, Value},
};
use crate::{
    AttemptId, DefinitionHash, Refusal, SerialId, Uid,
    limits::{BOUND_COUNT_MAX, CLOCK_STEP_BACK_MAX_S, OPEN_COUNT_MAX},
};

/// What is left for a demand; `None` is without bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Successful units, by policy and grant.
    pub units: Option<u64>,
    /// Attempts.
    pub attempts: Option<u64>,
    /// Failures.
    pub failures: Option<u64>,
    /// Units that the serial numbers suffice for.
    pub serial_units: Option<u64>,
    /// Targets that a crash left in the middle and that can be finished in spite of the above being 0.
    pub resumable: u64,
}

impl Station {
    /// Whether a unit may begin, asked before its target is touched.
    ///
    /// While targets that a crash left in the middle can still be taken up, a full cap and exhausted numbers do not refuse
    /// here: which target it is shows once it is connected, and [`Station::begin`] decides.
    ///
    /// # Errors
    /// The first restriction that is not met: [`Refusal`].
    pub fn admit(&self, demand: &Demand, now: u64) -> Result<Room, Refusal> {
        demand.check()?;
        self.check_clock(&demand.window, now)?;
        let empty = Account::default();
        let account = self.accounts.get(&demand.deployment).unwrap_or(&empty);
        let resumable = account.resumable().count() as u64;
        self.check_caps(account, demand, resumable > 0)?;
        for serial in &demand.serials {
            let needed = if resumable > 0 { 0 } else { serial.count };
            self.check_serial(serial, needed)?;
        }
        self.check_values(demand, |list, value| {
            account.resumable().any(|it| it.holds_value(list, value))
        })?;
        Ok(self.room(account, demand, resumable))
    }

    /// Begins an attempt at the target `uid`, which can be `None` if the chip has no id that can be read. Journal the record,
    /// apply it, and only then change anything on the target; [`Station::attempt`] has what the unit has drawn.
    ///
    /// A target that failed before keeps its ordinal; one that a crash left in the middle keeps its numbers and values too.
    ///
    /// # Errors
    /// The first restriction that is not met: [`Refusal`].
    pub fn begin(
        &self,
        demand: &Demand,
        attempt: AttemptId,
        uid: Option<Uid>,
        now: u64,
    ) -> Result<Record, Refusal> {
        demand.check()?;
        self.check_clock(&demand.window, now)?;
        let empty = Account::default();
        let account = self.accounts.get(&demand.deployment).unwrap_or(&empty);
        self.check_attempt(account, demand, attempt, uid.as_ref())?;
        let before = uid.as_ref().and_then(|uid| account.bound.get(uid));
        self.check_caps(account, demand, before.is_some_and(|it| it.is_unknown))?;
        let draws = demand.serials.iter().map(|it| self.draw(it, before));
        let draws = draws.collect::<Result<_, _>>()?;
        self.check_values(demand, |list, value| {
            before.is_some_and(|it| it.holds_value(list, value))
        })?;
        Ok(Record::Begun(Begun {
            attempt,
            deployment: demand.deployment,
            ordinal: before.map_or_else(|| account.fresh_ordinal(), |it| it.ordinal),
            uid,
            draws,
            values: demand.values.iter().map(Value::from).collect(),
            time: now,
        }))
    }

    /// Ends an attempt. Journal the record before anybody is told.
    ///
    /// # Errors
    /// [`Refusal::NotOpen`].
    pub fn end(&self, attempt: AttemptId, end: End, now: u64) -> Result<Record, Refusal> {
        self.must_be_open(attempt)?;
        Ok(Record::Ended {
            attempt,
            end,
            time: now,
        })
    }

    /// Gives up an attempt that was found open after a crash: its end is not known and it is spent. Its target can be taken
    /// up again.
    ///
    /// # Errors
    /// [`Refusal::NotOpen`].
    pub fn abandon(&self, attempt: AttemptId, now: u64) -> Result<Record, Refusal> {
        self.must_be_open(attempt)?;
        Ok(Record::Abandoned { attempt, time: now })
    }

    /// Lets a serial number go on at index `next`; nothing below is drawn from then on.
    ///
    /// # Errors
    /// [`Refusal::SerialBack`] below an index that was ever drawn, [`Refusal::SerialDefinition`].
    pub fn set_next(
        &self,
        serial: SerialId,
        definition: DefinitionHash,
        next: u64,
        now: u64,
    ) -> Result<Record, Refusal> {
        if let Some(counter) = self.counters.get(&serial) {
            if counter.definition != definition {
                return Err(Refusal::SerialDefinition { serial });
            }
            if next < counter.drawn_end {
                return Err(Refusal::SerialBack {
                    serial,
                    wanted: next,
                    lowest: counter.drawn_end,
                });
            }
        }
        Ok(Record::NextSet {
            serial,
            definition,
            next,
            time: now,
        })
    }

    /// Remembers the time, so that a clock set back later is noticed; `None` if nothing new is seen.
    pub fn observe(&self, now: u64) -> Option<Record> {
        (now > self.time_floor).then_some(Record::Seen { time: now })
    }

    fn must_be_open(&self, attempt: AttemptId) -> Result<(), Refusal> {
        match self.open.contains_key(&attempt) {
            true => Ok(()),
            false => Err(Refusal::NotOpen { attempt }),
        }
    }

    /// A window is held against the latest time seen. Without a window the clock restricts nothing.
    fn check_clock(&self, window: &Window, now: u64) -> Result<(), Refusal> {
        if *window == Window::default() {
            return Ok(());
        }
        let floor = self.time_floor;
        if now.saturating_add(CLOCK_STEP_BACK_MAX_S) < floor {
            return Err(Refusal::ClockBack { floor, now });
        }
        let now = now.max(floor);
        match *window {
            Window {
                not_after: Some(not_after),
                ..
            } if now > not_after => Err(Refusal::TooLate { not_after, now }),
            Window {
                not_before: Some(not_before),
                ..
            } if now < not_before => Err(Refusal::TooEarly { not_before, now }),
            _ => Ok(()),
        }
    }

    fn check_attempt(
        &self,
        account: &Account,
        demand: &Demand,
        attempt: AttemptId,
        uid: Option<&Uid>,
    ) -> Result<(), Refusal> {
        if self.open.contains_key(&attempt) {
            return Err(Refusal::AttemptOpen { attempt });
        }
        let mut open = self.open.iter();
        let is_same = |open: &super::Open| open.deployment == demand.deployment;
        let twin =
            open.find(|(_, open)| uid.is_some() && open.uid.as_ref() == uid && is_same(open));
        if let (Some(uid), Some((attempt, _))) = (uid, twin) {
            return Err(Refusal::TargetOpen {
                uid: uid.clone(),
                attempt: *attempt,
            });
        }
        let full = |what, count| Err(Refusal::Full { what, count });
        if self.open.len() >= OPEN_COUNT_MAX {
            return full("open attempts", self.open.len());
        }
        let bound = account.bound.len() + account.counts.open as usize;
        let is_known = uid.is_some_and(|uid| account.bound.contains_key(uid));
        if bound >= BOUND_COUNT_MAX && uid.is_some() && !is_known {
            return full("targets without a good end", bound);
        }
        Ok(())
    }

    /// What is open or unknown counts against each cap; the target of unknown end that is taken up again is counted once.
    fn check_caps(
        &self,
        account: &Account,
        demand: &Demand,
        takes_up: bool,
    ) -> Result<(), Refusal> {
        let (caps, counts) = (&demand.caps, &account.counts);
        let taken_up = u64::from(takes_up);
        let units = account.spent().saturating_sub(taken_up);
        let is_full = |cap: Option<u64>, spent: u64| cap.filter(|cap| spent >= *cap);
        if let Some(cap) = is_full(caps.units, units) {
            return Err(Refusal::Units { cap, spent: units });
        }
        if let Some(cap) = is_full(caps.station_units, units) {
            return Err(Refusal::StationUnits { cap, spent: units });
        }
        if let Some(cap) = is_full(caps.attempts, counts.attempts) {
            let spent = counts.attempts;
            return Err(Refusal::Attempts { cap, spent });
        }
        let failures = counts.failures + counts.open + counts.unknown.saturating_sub(taken_up);
        match is_full(caps.failures, failures) {
            Some(cap) => Err(Refusal::Failures {
                cap,
                spent: failures,
            }),
            None => Ok(()),
        }
    }

    fn check_serial(&self, demand: &SerialDemand, needed: u32) -> Result<(), Refusal> {
        let serial = demand.id;
        let fresh = Counter::new(demand.definition);
        let counter = self.counters.get(&serial).unwrap_or(&fresh);
        if counter.definition != demand.definition {
            return Err(Refusal::SerialDefinition { serial });
        }
        let (count, remaining) = (u64::from(needed), counter.remaining(demand.index_end));
        match count <= remaining {
            true => Ok(()),
            false => Err(Refusal::SerialExhausted {
                serial,
                count,
                remaining,
            }),
        }
    }

    /// What the target holds already, then the lowest indices that are free.
    fn draw(&self, demand: &SerialDemand, before: Option<&Bound>) -> Result<Draw, Refusal> {
        let held = before.and_then(|it| it.draws.iter().find(|draw| draw.serial == demand.id));
        let mut indices = held.map_or(vec![], |draw| draw.indices.clone());
        indices.truncate(demand.count as usize);
        let missing = demand.count - indices.len() as u32;
        self.check_serial(demand, missing)?;
        let fresh = Counter::new(demand.definition);
        let counter = self.counters.get(&demand.id).unwrap_or(&fresh);
        indices.extend(counter.upcoming().take(missing as usize));
        Ok(Draw {
            serial: demand.id,
            definition: demand.definition,
            indices,
            on_failure: demand.on_failure,
        })
    }

    fn check_values(
        &self,
        demand: &Demand,
        is_held: impl Fn(SerialId, crate::ValueHash) -> bool,
    ) -> Result<(), Refusal> {
        for (position, value) in demand.values.iter().enumerate() {
            let used = self.values.get(&value.list);
            let is_used = used.is_some_and(|used| used.contains(&value.value));
            if is_used && !is_held(value.list, value.value) {
                let list = value.list;
                return Err(Refusal::ValueUsed { list, position });
            }
        }
        Ok(())
    }

    fn room(&self, account: &Account, demand: &Demand, resumable: u64) -> Room {
        let (caps, counts) = (&demand.caps, &account.counts);
        let left = |cap: Option<u64>, spent: u64| cap.map(|cap| cap.saturating_sub(spent));
        let cap = [caps.units, caps.station_units].into_iter().flatten().min();
        let serial_units = demand.serials.iter().map(|serial| {
            let counter = self.counters.get(&serial.id);
            let remaining = counter.map_or(serial.index_end, |it| it.remaining(serial.index_end));
            remaining / u64::from(serial.count)
        });
        Room {
            units: left(cap, account.spent()),
            attempts: left(caps.attempts, counts.attempts),
            failures: left(
                caps.failures,
                counts.failures + counts.open + counts.unknown,
            ),
            serial_units: serial_units.min(),
            resumable,
        }
    }
}

impl From<&super::ValueDemand> for Value {
    fn from(demand: &super::ValueDemand) -> Value {
        Value {
            list: demand.list,
            value: demand.value,
            on_failure: demand.on_failure,
        }
    }
}
