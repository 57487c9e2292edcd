//! Virtual boards.
#![forbid(unsafe_code)]

mod peripherals;

pub use peripherals::{
    Access, BusFault, Chip, DebugAccess, EraseTime, Master, Peripherals, ResetKind,
};
