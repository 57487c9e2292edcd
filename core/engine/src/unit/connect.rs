//! Connecting: find the target, open it if the script asks, attach, and make sure who it is.

use super::{UnitSession, family::offered, step::named};
use crate::{
    limits::UID_LEN_MAX,
    report::{Changes, Failure, to_hex},
};
use imprint_image::recipe::Right;
use imprint_target::{AttachMode, TargetError};

impl UnitSession {
    /// Attaches to the target and lets the family check that it is the image's device. Never unlocks.
    pub(crate) fn connect(&mut self, under_reset: bool) -> Result<(), Failure> {
        let mode = if under_reset {
            AttachMode::UnderReset
        } else {
            AttachMode::Running
        };
        let detail = self.device_name();
        self.step(named("connect", &detail), |unit| {
            unit.wiring
                .attach(&unit.chips, &unit.frozen, &unit.control, mode)?;
            let identity = unit.family_call(|family, host| family.identify(host));
            unit.book.identity = offered(identity)?;
            unit.refuse_locked()?;
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

    /// Opens a locked target by erasing it.
    pub(crate) fn unlock(&mut self) -> Result<(), Failure> {
        self.require(Right::UnlockByErase, "unlock")?;
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
