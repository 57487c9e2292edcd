//! The permit of a unit: asked for once, before the first thing that cannot be taken back.

use super::{UnitSession, step::named};
use crate::{codes, gate::Gate, report::Failure};

/// How far the gate is open for a unit.
pub(crate) enum GateState {
    /// Nobody counts.
    Absent,
    /// It has not been asked.
    Shut(Box<dyn Gate>),
    /// It has granted the unit.
    Open,
    /// It has refused the unit, for good.
    Refused(Failure),
}

impl GateState {
    /// The gate of a unit that begins.
    pub(crate) fn new(gate: Option<Box<dyn Gate>>) -> Self {
        gate.map_or(Self::Absent, Self::Shut)
    }
}

impl UnitSession {
    /// Makes sure that the unit may change its target. Called before every irreversible operation, after whatever else can
    /// refuse it, so that a unit that is refused anyway draws nothing.
    pub(crate) fn permit(&mut self) -> Result<(), Failure> {
        match &self.gate {
            GateState::Absent | GateState::Open => return Ok(()),
            GateState::Refused(failure) => return Err(failure.clone()),
            GateState::Shut(_) => {}
        }
        // A unit that was cancelled meanwhile draws nothing either.
        self.wiring.check()?;
        self.step(named("permit", ""), |unit| {
            // Whatever the gate does, a panic included, it is not asked again.
            let GateState::Shut(mut gate) = std::mem::replace(&mut unit.gate, refused_by_panic())
            else {
                return Ok(());
            };
            match gate.open(unit.uid_bytes.as_deref()) {
                Ok(permit) => {
                    unit.book.ordinal = Some(permit.ordinal);
                    let taken = unit.take_serials(&permit);
                    unit.gate = match &taken {
                        Ok(()) => GateState::Open,
                        Err(failure) => GateState::Refused(failure.clone()),
                    };
                    taken
                }
                Err(failure) => {
                    unit.gate = GateState::Refused(failure.clone());
                    Err(failure)
                }
            }
        })
    }

    /// Whether this failure is the gate's refusal, which a script must not swallow.
    pub(crate) fn is_refusal(&self, failure: &Failure) -> bool {
        matches!(&self.gate, GateState::Refused(refusal) if refusal == failure)
    }

    /// After a failure: a unit that was not granted until then is not granted any more.
    pub(super) fn shut_gate(&mut self) {
        if let GateState::Shut(_) = self.gate {
            self.gate = GateState::Refused(
                Failure::new(
                    codes::GATE_SHUT,
                    "the unit failed before it was permitted to change its target",
                )
                .with_help("`on_abort` may log, read and reset; it changes nothing the unit was not permitted to"),
            );
        }
    }
}

fn refused_by_panic() -> GateState {
    GateState::Refused(Failure::new(
        codes::SCRIPT_ENGINE,
        "the gate panicked when it was asked",
    ))
}
