//! The account of one unit: what its image demands of the books, and what it draws from them.
//!
//! It stands behind the unit's gate. Before the worker starts, `admit` asks whether the unit may begin at all; the gate
//! draws its ordinal and its serial numbers and has them on disk before it answers; `end` writes down what came of it
//! before anybody is told.

use super::{AccountError, Attempt, StateFolder};
use crate::{
    codes,
    gate::{Gate, Permit},
    report::{Failure, Outcome, UnitReport},
};
use imprint_image::{
    OpenImage,
    container::Manifest,
    keys::KeyId,
    recipe::{Name, OnFail},
    serial::{Definition, List},
};
use imprint_ledger::{
    AttemptId, DefinitionHash, DeploymentId, SerialId, Uid, ValueHash,
    station::{Caps, Demand, Draw, End, OnFailure, SerialDemand, Station, ValueDemand, Window},
};
use std::{
    collections::BTreeMap,
    io::{Read, Seek},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What one unit of an image demands, without the books.
pub struct UnitDemand {
    demand: Demand,
    numbers: Vec<Number>,
    is_counted: bool,
}

/// One serial number of the image.
struct Number {
    name: Name,
    definition: Definition,
    list: Option<List>,
    /// The value of one that is supplied.
    supplied: Option<String>,
}

/// A clock: seconds since 1970-01-01 UTC.
pub type Clock = fn() -> u64;

/// One unit, and the books that count it.
pub struct UnitAccount {
    gate: UnitGate,
}

/// The gate of one unit: what it grants is on disk before it answers.
#[derive(Clone)]
pub struct UnitGate {
    folder: Arc<StateFolder>,
    unit: Arc<UnitDemand>,
    clock: Clock,
    /// What was drawn; the account ends it.
    attempt: Arc<Mutex<Option<Attempt>>>,
}

impl UnitDemand {
    /// What a unit of `image` demands on the station with the key `station`. `values` are those that are supplied, by the
    /// name of their serial number.
    ///
    /// # Errors
    /// A station that the image does not allow, an owner's grant, a supplied value that is missing or does not fit.
    pub fn of<R: Read + Seek>(
        image: &mut OpenImage<R>,
        station: Option<KeyId>,
        values: &BTreeMap<String, String>,
    ) -> Result<UnitDemand, Failure> {
        image.check_may_run()?;
        check_station(image.manifest(), station)?;
        let entries = image.object().serials.clone();
        let mut demand = Demand {
            deployment: DeploymentId(image.manifest().deployment_id),
            caps: caps(image),
            window: window(image.manifest()),
            serials: Vec::new(),
            values: Vec::new(),
        };
        let mut numbers = Vec::new();
        for (name, entry) in entries {
            let definition = entry.definition;
            let id = SerialId(definition.id_hash());
            let on_failure = on_failure(entry.on_fail);
            let mut supplied = None;
            match definition.count() {
                Some(index_end) => demand.serials.push(SerialDemand {
                    id,
                    definition: DefinitionHash(definition.hash()),
                    index_end,
                    count: definition.per_unit,
                    on_failure,
                }),
                None => {
                    let text = supplied_value(&name, &definition, values)?;
                    demand.values.push(ValueDemand {
                        list: id,
                        value: ValueHash::of(id, text.as_bytes()),
                        on_failure,
                    });
                    supplied = Some(text);
                }
            }
            let list = image.list(name.as_str())?;
            numbers.push(Number {
                name,
                definition,
                list,
                supplied,
            });
        }
        let is_counted = image.manifest().restrictions.are_counted()
            || demand.caps.station_units.is_some()
            || !numbers.is_empty();
        Ok(UnitDemand {
            demand,
            numbers,
            is_counted,
        })
    }

    /// Whether the unit can only be run where units are counted: it has serial numbers, or something limits how many.
    pub fn is_counted(&self) -> bool {
        self.is_counted
    }

    /// Whether a unit that is not counted may begin. `now` is in seconds since 1970-01-01 UTC.
    ///
    /// # Errors
    /// A date window that is not open, or an image whose units must be counted.
    pub fn admit_uncounted(&self, now: u64) -> Result<(), Failure> {
        if self.is_counted {
            return Err(Failure::new(
                codes::NOT_COUNTED,
                "the units of this image are counted, and there are no books to count them in",
            )
            .with_help("name the station's state folder: --state DIR"));
        }
        Station::default()
            .admit(&self.demand, now)
            .map(drop)
            .map_err(|refusal| AccountError::from(refusal).into())
    }

    pub(super) fn demand(&self) -> &Demand {
        &self.demand
    }

    /// Where a serial number goes on when its next value is `text`; none if it has no such number or value.
    pub(super) fn index_of(&self, name: &str, text: &str) -> Option<(&SerialDemand, u64)> {
        let number = self.numbers.iter().find(|it| it.name.as_str() == name)?;
        let list = number.list.as_ref().map_or(&[][..], List::values);
        let index = number.definition.index_of(text, list)?;
        let id = SerialId(number.definition.id_hash());
        let demand = self.demand.serials.iter().find(|serial| serial.id == id)?;
        Some((demand, index))
    }

    pub(super) fn permit(&self, ordinal: u64, draws: &[Draw]) -> Result<Permit, Failure> {
        let mut serials = BTreeMap::new();
        for number in &self.numbers {
            serials.insert(number.name.clone(), number.texts(draws)?);
        }
        Ok(Permit { ordinal, serials })
    }
}

impl Number {
    /// The values that an attempt has drawn.
    fn texts(&self, draws: &[Draw]) -> Result<Vec<String>, Failure> {
        if let Some(text) = &self.supplied {
            return Ok(vec![text.clone()]);
        }
        let id = SerialId(self.definition.id_hash());
        let draw = draws.iter().find(|draw| draw.serial == id);
        let list = self.list.as_ref().map(List::values).unwrap_or_default();
        let values = draw.map(|draw| draw.indices.as_slice()).unwrap_or_default();
        values
            .iter()
            .map(|index| Some(self.definition.value(*index, list)?.text))
            .collect::<Option<Vec<_>>>()
            .filter(|texts| !texts.is_empty())
            .ok_or_else(|| {
                // The books refuse an index past the end, so this is an image that contradicts itself.
                let message = format!("serial number `{}` has no such value", self.name);
                Failure::new(codes::SERIAL_MISSING, message)
            })
    }
}

impl UnitAccount {
    /// The account of a unit that has not begun.
    ///
    /// # Errors
    /// The first restriction that is not met, or books that cannot be kept. Nothing is drawn.
    pub fn admit(
        folder: &Arc<StateFolder>,
        unit: UnitDemand,
        clock: Clock,
    ) -> Result<UnitAccount, Failure> {
        folder.admit(&unit.demand, clock())?;
        Ok(UnitAccount {
            gate: UnitGate {
                folder: folder.clone(),
                unit: Arc::new(unit),
                clock,
                attempt: Arc::default(),
            },
        })
    }

    /// The gate to run the unit with.
    pub fn gate(&self) -> UnitGate {
        self.gate.clone()
    }

    /// Writes down what came of the unit: `report` as its run gave it, none where nobody knows. When this returns, the end
    /// is on disk and may be told.
    ///
    /// # Errors
    /// Books that cannot be kept. The unit is spent then.
    pub fn end(self, report: Option<&UnitReport>) -> Result<(), Failure> {
        let UnitGate { folder, clock, .. } = &self.gate;
        let Some(attempt) = self.gate.attempt().take() else {
            return Ok(());
        };
        match report {
            None => folder.abandon(attempt, clock())?,
            Some(report) => folder.end(attempt, end(report), clock())?,
        }
        Ok(())
    }
}

impl UnitGate {
    fn attempt(&self) -> MutexGuard<'_, Option<Attempt>> {
        self.attempt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gate for UnitGate {
    fn open(&mut self, uid: Option<&[u8]>) -> Result<Permit, Failure> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|error| self.folder.unusable(&error))?;
        let uid = uid.and_then(Uid::new);
        let demand = &self.unit.demand;
        let attempt = self
            .folder
            .begin(demand, AttemptId(id), uid, (self.clock)())?;
        let permit = self.unit.permit(attempt.ordinal, &attempt.draws);
        *self.attempt() = Some(attempt);
        permit
    }
}

/// How the books call an end.
pub(super) fn end(report: &UnitReport) -> End {
    match report.outcome {
        Outcome::Pass => End::Pass,
        Outcome::Fail | Outcome::Cancelled if report.changes.is_empty() => End::Untouched,
        Outcome::Fail | Outcome::Cancelled => End::Fail,
    }
}

fn check_station(manifest: &Manifest, station: Option<KeyId>) -> Result<(), Failure> {
    let allowed = &manifest.restrictions.stations;
    if allowed.is_empty() || station.is_some_and(|station| allowed.contains(&station)) {
        return Ok(());
    }
    let found = station.map_or("no station's key".into(), |station| station.to_string());
    Err(Failure::new(
        codes::STATION_NOT_ALLOWED,
        "the image may not be run on this station",
    )
    .with_difference(format!("one of {} stations", allowed.len()), found)
    .with_help("give this station's key: --station-key FILE; or ask the owner to allow it"))
}

fn caps<R: Read + Seek>(image: &OpenImage<R>) -> Caps {
    let restrictions = &image.manifest().restrictions;
    Caps {
        units: restrictions.units.map(Into::into),
        station_units: image.grant().and_then(|grant| grant.cap),
        attempts: restrictions.attempts.map(Into::into),
        failures: restrictions.failures.map(Into::into),
    }
}

fn window(manifest: &Manifest) -> Window {
    Window {
        not_before: manifest.restrictions.not_before_s,
        not_after: manifest.restrictions.not_after_s,
    }
}

fn on_failure(on_fail: OnFail) -> OnFailure {
    match on_fail {
        OnFail::GiveBack => OnFailure::Return,
        OnFail::Burn => OnFailure::Burn,
    }
}

fn supplied_value(
    name: &Name,
    definition: &Definition,
    values: &BTreeMap<String, String>,
) -> Result<String, Failure> {
    let Some(text) = values.get(name.as_str()) else {
        return Err(Failure::new(
            codes::VALUE_MISSING,
            format!("the value of serial number `{name}` is not given"),
        )
        .with_help(format!("give it for each unit: --value {name}=...")));
    };
    match definition.supplied(text) {
        Ok(value) => Ok(value.text),
        Err(mismatch) => Err(Failure::new(
            codes::VALUE_REFUSED,
            format!("the value of serial number `{name}` does not fit: {mismatch}"),
        )
        .with_help("give a value as the definition of the serial number has it")),
    }
}
