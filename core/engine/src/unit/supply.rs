//! The settings of the image for the wire and the supply: proved before the target is attached, applied after it passed.

use super::{UnitSession, Wiring, step::named};
use crate::{codes, report::Failure};
use imprint_image::recipe::{Connect, PowerAfter, Reset};

/// How far a measured supply may be from the image's, in percent.
const TOLERANCE_PERCENT: u32 = 10;

impl UnitSession {
    /// Whether the image wants the target held in reset while it is attached.
    pub(super) fn connects_under_reset(&self) -> bool {
        let link = self.contents.link.unwrap_or_default();
        link.connect == Connect::UnderReset
    }

    /// Compares the supply of the target with the image's, before anything is done with it. No probe here switches a supply,
    /// so what cannot be done is said.
    pub(super) fn check_supply(&mut self) -> Result<(), Failure> {
        let Some(power) = self.contents.power else {
            return Ok(());
        };
        if power.after == PowerAfter::Off {
            self.book.log(
                "engine",
                "nothing here can switch the target's supply: it stays on after the run",
            );
        }
        let Some(expected) = power.voltage_mv else {
            return Ok(());
        };
        let measured = match &mut self.wiring {
            Wiring::Link(link) => link.voltage_mv(),
            Wiring::DebugPort(port) => port.voltage_mv(),
            Wiring::Target(target) => target.voltage_mv(),
            Wiring::Lost => None,
        };
        let Some(found) = measured else {
            self.book.log(
                "engine",
                &format!("the target's supply of {expected} mV was not checked: the probe does not measure it"),
            );
            return Ok(());
        };
        if found.abs_diff(expected) <= expected * TOLERANCE_PERCENT / 100 {
            return Ok(());
        }
        Err(Failure::new(
            codes::WRONG_SUPPLY,
            "the target's supply is not the one the image is for",
        )
        .with_difference(
            format!("{expected} mV, at most {TOLERANCE_PERCENT} % more or less"),
            format!("{found} mV"),
        )
        .with_help("switch the supply on, or set it as the recipe's `power` says"))
    }

    /// Leaves a target that has passed running as the image says.
    pub(crate) fn leave(&mut self) -> Result<(), Failure> {
        let Some(link) = self.contents.link else {
            return Ok(());
        };
        // Protection was armed by a reset, and what is protected does not answer to another one.
        if self.book.changes.protected || !matches!(self.wiring, Wiring::Target(_)) {
            return Ok(());
        }
        match link.reset {
            Reset::None => Ok(()),
            Reset::Software => self.reset(false),
            Reset::Hardware => self.step(named("reset", "by the line"), |unit| {
                Ok(unit.wiring.target()?.reset_by_line()?)
            }),
        }
    }
}
