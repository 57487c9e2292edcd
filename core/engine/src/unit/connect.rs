//! Connecting: find the target, open it if the script asks, attach, and make sure who it is.

use super::{UnitSession, Wiring, family::offered, step::named};
use crate::{
    codes,
    limits::UID_LEN_MAX,
    report::{Changes, Failure, to_hex},
};
use imprint_image::recipe::Right;
use imprint_target::{AttachMode, TargetError};

impl UnitSession {
    /// Attaches to the target and lets the family check that it is the image's device. Never unlocks.
    /// Under reset if the script or, where it does not say, the image wants it.
    pub(crate) fn connect(&mut self, under_reset: Option<bool>) -> Result<(), Failure> {
        let under_reset = under_reset.unwrap_or_else(|| self.connects_under_reset());
        let mode = if under_reset {
            AttachMode::UnderReset
        } else {
            AttachMode::Running
        };
        let detail = self.device_name();
        self.step(named("connect", &detail), |unit| {
            unit.check_supply()?;
            unit.wiring
                .attach(&unit.chips, &unit.frozen, &unit.control, mode)?;
            let identity = unit.family_call(|family, host| family.identify(host));
            unit.book.identity = offered(identity)?;
            unit.refuse_locked()?;
            unit.refuse_old_revision()?;
            unit.read_uid()
        })
    }

    /// Reads the unique identifier where the device says where it is: whoever counts units wants to know it.
    fn read_uid(&mut self) -> Result<(), Failure> {
        let Some(place) = self.device().uid.clone() else {
            return Ok(());
        };
        let mut bytes = vec![0; UID_LEN_MAX.min(place.len as usize)];
        self.wiring.target()?.read(place.address, &mut bytes)?;
        self.book.uid = Some(to_hex(&bytes));
        self.uid_bytes = Some(bytes);
        Ok(())
    }

    /// Some protected chips attach like open ones, and fail later in a way that says less.
    fn refuse_locked(&mut self) -> Result<(), Failure> {
        let is_protected = self.family_call(|family, host| family.is_protected(host));
        if offered(is_protected)? != Some(true) {
            return Ok(());
        }
        let reason = "its protection is on".into();
        Err(TargetError::Locked { reason }.into())
    }

    /// An image may be for newer silicon only.
    fn refuse_old_revision(&mut self) -> Result<(), Failure> {
        let (Some(least), Some(place)) = (self.revision_min, self.device().revision) else {
            return Ok(());
        };
        let found = place.of(self.wiring.target()?.read_word(place.address)?);
        if found >= least {
            return Ok(());
        }
        let mut failure = Failure::new(
            codes::REVISION_OLD,
            "the target's silicon is older than the image allows",
        )
        .with_difference(
            format!("revision {least:#x} or newer"),
            format!("revision {found:#x}"),
        )
        .with_help("take parts of a newer revision, or an image that allows this one");
        failure.address = Some(place.address);
        Err(failure)
    }

    /// Opens a locked target by erasing it.
    pub(crate) fn unlock(&mut self) -> Result<(), Failure> {
        self.require(Right::UnlockByErase, "unlock")?;
        if self.revision_min.is_some() && !matches!(self.wiring, Wiring::Target(_)) {
            return Err(Failure::new(
                codes::REVISION_UNKNOWN,
                "the image is for newer silicon only, and the revision of a locked target cannot be read",
            )
            .with_help("unlock the target with an image that has no restriction, then run this one"));
        }
        self.permit()?;
        self.step(named("unlock", ""), |unit| {
            unit.wiring
                .open_debug_port(&unit.chips, &unit.frozen, &unit.control)?;
            unit.book.change(Changes {
                unlocked: true,
                ..Changes::default()
            });
            unit.family_call(|family, host| family.unlock(host))
        })
    }

    /// Whether the target is protected against readout.
    pub(crate) fn is_protected(&mut self) -> Result<bool, Failure> {
        self.wiring
            .open_debug_port(&self.chips, &self.frozen, &self.control)?;
        self.family_call(|family, host| family.is_protected(host))
    }

    /// What the family said the chip is.
    pub(crate) fn identity(&mut self) -> Result<String, Failure> {
        self.wiring.target()?;
        Ok(self
            .book
            .identity
            .clone()
            .unwrap_or_else(|| self.device_name()))
    }

    /// Supply of the target, where the probe measures it.
    pub(crate) fn voltage_mv(&mut self) -> Result<Option<u32>, Failure> {
        Ok(self.wiring.target()?.voltage_mv())
    }

    /// Resets the target, and lets it run or halts it at once.
    pub(crate) fn reset(&mut self, halt: bool) -> Result<(), Failure> {
        self.step(named("reset", if halt { "and halt" } else { "" }), |unit| {
            let target = unit.wiring.target()?;
            let reset = if halt {
                target.reset_and_halt()
            } else {
                target.reset()
            };
            Ok(reset?)
        })
    }

    /// Halts the core.
    pub(crate) fn halt(&mut self) -> Result<(), Failure> {
        Ok(self.wiring.target()?.halt()?)
    }

    /// Lets the core run.
    pub(crate) fn go(&mut self) -> Result<(), Failure> {
        Ok(self.wiring.target()?.run()?)
    }
}
