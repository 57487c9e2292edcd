//! Protection: written by the family, then proved.
//!
//! What a chip's documentation says about protection and what a wire can still read are two things; only the second
//! protects the owner. So after the reset that arms it, a read of the flash must fail while the debug port answers.

use super::{UnitSession, Wiring, step::named};
use crate::{
    codes,
    limits::PROTECT_PROOF_READS,
    report::{Changes, Failure},
};
use imprint_image::recipe::Right;
use imprint_target::{Target, TargetError};

impl UnitSession {
    /// Protects the target against readout, resets it and proves that a read now fails.
    pub(crate) fn protect(&mut self) -> Result<(), Failure> {
        self.require(Right::Protect, "protect")?;
        self.wiring.target()?;
        self.permit()?;
        self.step(named("protect", ""), |unit| {
            unit.book.change(Changes {
                protected: true,
                ..Changes::default()
            });
            unit.family_call(|family, host| family.protect(host))?;
            let flash_start = unit.main_flash()?.start;
            if let Wiring::Target(target) = &mut unit.wiring {
                target.reset_unseen()?;
                prove_unreadable(target, flash_start)?;
            }
            if !unit.family_call(|family, host| family.is_protected(host))? {
                return Err(still_readable(
                    flash_start,
                    "the family reads back no protection",
                ));
            }
            Ok(())
        })
    }
}

fn prove_unreadable(target: &mut Target, address: u64) -> Result<(), Failure> {
    let mut bytes = [0; 4];
    for _ in 0..PROTECT_PROOF_READS {
        match target.read(address, &mut bytes) {
            Ok(()) => {
                let found = format!("{:#010x}", u32::from_le_bytes(bytes));
                return Err(still_readable(address, &found));
            }
            Err(error @ (TargetError::Cancelled | TargetError::OutOfTime { .. })) => {
                return Err(error.into());
            }
            Err(_) => {}
        }
    }
    // A target that is gone cannot be read either, and proves nothing.
    target.dp_read(0)?;
    Ok(())
}

fn still_readable(address: u64, found: &str) -> Failure {
    let mut failure = Failure::new(
        codes::NOT_PROTECTED,
        "the flash can still be read after protection",
    )
    .with_difference("a refused read", found)
    .with_help("some chips arm protection only at power-on: cycle the supply and check again");
    failure.address = Some(address);
    failure
}
