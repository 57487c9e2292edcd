//! The workshop of the end-to-end tests: the real `imprint` command with real plugins, in a folder that is thrown away.
//!
//! A test makes a `Workshop`, writes a `Recipe`, builds, seals and runs it as a person would, and asks the `Run` what came
//! of it. Nothing is replaced by something simpler: plugins are shared libraries that were signed and trusted, boards run
//! the vendors' flash algorithms. A mistake of the test itself panics, so that tests read as what they show.
#![allow(clippy::panic)]

mod chip;
mod counted;
mod direct;
mod outcome;
mod places;
mod python;
mod random;
mod recipe;
mod served;
mod snapshot;
mod workshop;

pub use chip::{CHIPS, Chip, F030, F103, F407, NRF51, NRF52};
pub use counted::{BOARD, BOARD_DEVICE, STATE};
pub use direct::Direct;
pub use outcome::{Run, Started};
pub use places::{command_path, library_name, library_path, repository};
pub use python::python;
pub use random::{Random, crc32, random_bytes};
pub use recipe::Recipe;
pub use served::Served;
pub use snapshot::Snapshot;
pub use workshop::{OWNER, STATION, Workshop};
