//! One unit: a target on a link, the image's payloads, the family, and the book of what happens.
//!
//! Everything a script can do is a method here; the script's functions only translate. Each file has one kind of work:
//! connecting, flash, memory, test code, the family's own.

mod access;
mod book;
mod connect;
mod family;
mod flash;
mod merged;
mod payloads;
mod permit;
mod program;
mod protect;
mod run_tests;
mod step;
mod supply;
mod test_code;
mod values;
mod wiring;

pub(crate) use book::{Book, Message, time_between};
pub(crate) use payloads::{PayloadFacts, Payloads};
pub(crate) use permit::GateState;
pub(crate) use program::{Item, Verification};
pub(crate) use test_code::{TestOptions, TestRun};
pub(crate) use values::UnitValues;
pub(crate) use wiring::Wiring;

use crate::{
    codes,
    plugin::{Family, FamilySession},
    report::{Failure, Record},
};
use imprint_device::{Device, FrozenDevice, Memory, MemoryKind};
use imprint_image::{nearest, object::Contents, plan::Plan, recipe::Right};
use imprint_target::{CancelToken, Chips, Control, Link, Meter, TargetError};
use std::{
    collections::BTreeSet,
    sync::{Arc, mpsc::Sender},
    time::Duration,
};

/// What a unit is made of, before it is touched.
pub(crate) struct Setup {
    pub(crate) family: Family,
    pub(crate) frozen: Arc<FrozenDevice>,
    pub(crate) payloads: Payloads,
    pub(crate) plan: Plan,
    pub(crate) values: UnitValues,
    /// Least revision of the target that the image allows.
    pub(crate) revision_min: Option<u32>,
    pub(crate) gate: GateState,
}

/// One unit while its script runs.
pub(crate) struct UnitSession {
    wiring: Wiring,
    meter: Meter,
    family: Family,
    /// None until `open_family`.
    family_session: Option<FamilySession>,
    frozen: Arc<FrozenDevice>,
    chips: Chips,
    contents: Arc<Contents>,
    payloads: Payloads,
    plan: Arc<Plan>,
    values: UnitValues,
    /// Tests of the recipe that have passed.
    tests_passed: BTreeSet<String>,
    /// Least revision of the target.
    revision_min: Option<u32>,
    control: Control,
    gate: GateState,
    /// What the target says at `connect`; none where its device has no unique identifier.
    uid_bytes: Option<Vec<u8>>,
    book: Book,
}

impl UnitSession {
    /// A unit that has not been touched. The family opens its session, which moves nothing on the wire. A failure
    /// gives the wiring back.
    pub(crate) fn new(
        link: Link,
        setup: Setup,
        control: Control,
        events: Sender<Message>,
    ) -> Result<Self, (Wiring, Failure)> {
        let Setup {
            family,
            frozen,
            payloads,
            plan,
            values,
            revision_min,
            gate,
        } = setup;
        let meter = link.meter();
        let wiring = Wiring::Link(link);
        let chips = match Chips::for_device(&frozen) {
            Ok(chips) => chips,
            Err(error) => return Err((wiring, error.into())),
        };
        let mut unit = Self {
            wiring,
            meter,
            family,
            family_session: None,
            chips,
            frozen,
            contents: Arc::new(payloads.contents().clone()),
            payloads,
            plan: Arc::new(plan),
            values,
            tests_passed: BTreeSet::new(),
            revision_min,
            control,
            gate,
            uid_bytes: None,
            book: Book::new(events),
        };
        match unit.open_family() {
            Ok(()) => Ok(unit),
            Err(failure) => Err((unit.wiring, failure)),
        }
    }

    /// The channel to the observer.
    pub(crate) fn events(&self) -> Sender<Message> {
        self.book.events()
    }

    /// What is written down, and the wire for who reads on.
    pub(crate) fn into_parts(self) -> (Book, Wiring) {
        (self.book, self.wiring)
    }

    /// The script has failed: keeps how far the wire was.
    pub(crate) fn note_failure(&mut self) {
        self.book.failed_at = Some(self.meter.transfer_count());
    }

    /// Gives what comes next a token and a time of its own.
    fn rearm(&mut self, control: Control) {
        self.control = control;
        self.wiring.rearm(&self.control);
    }

    /// The next line of a console: a token and a time of its own, and an empty book.
    pub(crate) fn begin_line(&mut self, control: Control) {
        self.book.turn_page();
        self.rearm(control);
    }

    /// Whether the target is attached.
    pub(crate) fn is_connected(&self) -> bool {
        matches!(self.wiring, Wiring::Target(_))
    }

    /// Whether an attempt to connect has failed and taken the link with it.
    pub(crate) fn is_lost(&self) -> bool {
        matches!(self.wiring, Wiring::Lost)
    }

    /// Names of the device's memories.
    pub(crate) fn memory_names(&self) -> Vec<String> {
        let memories = self.device().memories.iter();
        memories.map(|memory| memory.name.clone()).collect()
    }

    /// After a failure: a new token and a short time for `on_abort`.
    pub(crate) fn begin_abort(&mut self, time: Duration) {
        self.shut_gate();
        self.rearm(Control {
            cancel: CancelToken::new(),
            budget: Some(time),
        });
    }

    /// Part number of the device.
    pub(crate) fn device_name(&self) -> String {
        self.device().name.clone()
    }

    /// Whether the image has that payload.
    pub(crate) fn payload_exists(&mut self, name: &str) -> Result<(), Failure> {
        self.payloads.facts(name).map(drop)
    }

    /// What a script may know of a payload.
    pub(crate) fn payload_facts(&mut self, name: &str) -> Result<PayloadFacts, Failure> {
        self.payloads.facts(name)
    }

    /// A setting of the recipe.
    pub(crate) fn setting(&mut self, name: &str) -> Result<String, Failure> {
        let known = &self.contents.settings;
        match known.get(name) {
            Some(value) => Ok(value.as_str().to_string()),
            None => Err(unknown(
                "setting",
                name,
                known.keys().map(|name| name.as_str()),
            )),
        }
    }

    /// Writes a record.
    pub(crate) fn record(&mut self, record: Record) -> Result<(), Failure> {
        self.book.record(record)
    }

    /// Writes lines to the log.
    pub(crate) fn log(&mut self, source: &str, text: &str) -> Result<(), Failure> {
        self.book.log(source, text);
        Ok(())
    }

    /// Writes what the script printed.
    pub(crate) fn note(&mut self, text: &str) {
        self.book.log("script", text);
    }

    /// Waits on the link's clock.
    pub(crate) fn delay_ms(&mut self, ms: u64) -> Result<(), Failure> {
        self.wiring.delay(Duration::from_millis(ms))
    }

    /// Start and length of a memory.
    pub(crate) fn memory_range(&mut self, name: &str) -> Result<(u64, u64), Failure> {
        self.memory_named(name)
            .map(|memory| (memory.start, memory.len))
    }

    fn device(&self) -> &Device {
        &self.frozen.device
    }

    fn memory_named(&self, name: &str) -> Result<&Memory, Failure> {
        let device = self.device();
        device.memory(name).ok_or_else(|| {
            unknown(
                "memory",
                name,
                device.memories.iter().map(|memory| memory.name.as_str()),
            )
        })
    }

    /// The memory that holds a whole range.
    fn memory_at(&self, address: u64, len: u64) -> Result<&Memory, Failure> {
        let device = self.device();
        device.memory_at(address, len).ok_or_else(|| {
            TargetError::OutsideMemory {
                device: device.name.clone(),
                address,
                len,
            }
            .into()
        })
    }

    fn main_flash(&self) -> Result<&Memory, Failure> {
        self.device().main_flash().ok_or_else(|| {
            Failure::new(
                codes::MEMORY_KIND,
                format!("{} has no flash", self.device().name),
            )
        })
    }

    /// Refuses what the signed image does not grant, before the wire moves.
    fn require(&self, right: Right, what: &str) -> Result<(), Failure> {
        let rights = &self.contents.rights;
        if rights.contains(&right) {
            return Ok(());
        }
        let granted: Vec<&str> = rights.iter().map(|right| right.name()).collect();
        Err(Failure::new(
            codes::RIGHT_MISSING,
            format!("{what} needs the right `{right}`, which the image does not grant"),
        )
        .with_difference(
            right.name(),
            if granted.is_empty() {
                "no rights".into()
            } else {
                granted.join(", ")
            },
        )
        .with_help(format!(
            "add `{right}` to `rights` in the recipe, build and seal again"
        )))
    }

    /// The right that writing a memory needs, if any. Erasing the main flash asks for its own.
    fn require_for_write(&self, address: u64, len: u64) -> Result<(), Failure> {
        let memory = self.memory_at(address, len)?;
        let what = format!("writing memory `{}`", memory.name);
        if let Some(guarded) = self.device().guarded_at(address, len) {
            self.require(Right::Protect, &format!("writing {}", guarded.name))?;
        }
        match memory.kind {
            MemoryKind::Ram | MemoryKind::Flash => Ok(()),
            MemoryKind::Options => self.require(Right::OptionBytes, &what),
            MemoryKind::OneTime => self.require(Right::OneTime, &what),
            MemoryKind::Factory => Err(Failure::new(
                codes::MEMORY_KIND,
                format!("memory `{}` is written by the factory only", memory.name),
            )),
        }
    }
}

/// A name the image or the device does not have.
fn unknown<'a>(kind: &str, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Failure {
    let message = format!("the image has no {kind} `{name}`");
    let help = match nearest(name, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it has: {}", known.collect::<Vec<_>>().join(", ")),
    };
    Failure::new(codes::SCRIPT_UNKNOWN_NAME, message).with_help(help)
}
