//! The accounts of a station: counts, ordinals and serial numbers in a folder that survives a crash at any point.
//!
//! What is counted, and what may still be made, is decided by `imprint-ledger`; this room only makes its records durable
//! in time. Several runs may share a folder: each decision is a short transaction under a lock, and an open attempt holds
//! a lock of its own, so that the attempt of a run that died is told from one that is under way.
//!
//! ```text
//! DIR/lock             held during a transaction
//! DIR/snapshot         the books up to a frame
//! DIR/journal-NUMBER   the frames behind it; NUMBER is that of the first
//! DIR/open/ATTEMPT     held while the attempt is under way
//! ```

mod disk;
mod error;
mod folder;
mod in_memory;
mod journal;
mod live;
#[cfg(test)]
mod simulated;
#[cfg(test)]
mod tests;
mod unit;

pub use error::AccountError;
pub use folder::{Attempt, StateFolder};
pub use imprint_ledger as ledger;
pub(crate) use in_memory::BooksInMemory;
pub use unit::{Clock, UnitAccount, UnitDemand, UnitGate};
