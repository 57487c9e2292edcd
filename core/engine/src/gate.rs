//! The gate: asked once a unit, right before its target is changed in a way that cannot be taken back.
//!
//! Who counts units stands behind it: an account in a folder, a station, a cloud. What it grants must be durably noted before it
//! answers, because nothing that happens afterwards can be undone by forgetting it. The engine counts nothing itself.

use crate::report::Failure;
use imprint_image::recipe::Name;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Grants or refuses one unit.
///
/// It is asked before the first erase, program, option, protection, unlock, command of the family or run test, when the script
/// first asks for a serial number, and at the latest before a unit passes: whichever comes first, and never again. A unit
/// that failed before that was never granted. A refusal ends the unit, whatever its script does.
///
/// A gate answers within a bounded time: the unit waits for it, and its time runs on.
pub trait Gate: Send {
    /// Grants the unit, or refuses it with the reason. `uid` is the target's unique identifier; none where the device has
    /// none, or where the target is not connected yet.
    fn open(&mut self, uid: Option<&[u8]>) -> Result<Permit, Failure>;
}

/// What a gate grants to one unit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permit {
    /// The number of the unit among all that were granted.
    pub ordinal: u64,
    /// The values of each of the image's serial numbers that are reserved for the unit, as text.
    #[serde(default)]
    pub serials: BTreeMap<Name, Vec<String>>,
}

impl<F: FnMut(Option<&[u8]>) -> Result<Permit, Failure> + Send> Gate for F {
    fn open(&mut self, uid: Option<&[u8]>) -> Result<Permit, Failure> {
        self(uid)
    }
}
