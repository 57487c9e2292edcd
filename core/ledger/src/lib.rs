//! The accounting of units: what may still be made, what was begun, what came of it.
//!
//! Everything here is a pure state machine: a state and an event in, records to make durable and messages to send out.
//! No file, no clock, no randomness: time and ids are handed in, so that what a model checker explores is what ships.
//!
//! - [`station`]: one station on its own. Caps, attempts, ordinals, serial numbers, used values.
//! - [`permit`]: stations and a cloud together. Jobs, leases, and the messages between.
//! - [`log`]: the tree over what happened, and its proofs.
//! - [`journal`]: how records lie in a file, so that a write that was cut is told from damage.
#![forbid(unsafe_code)]

mod cbor;
mod error;
mod ids;
pub mod journal;
pub mod limits;
pub mod log;
pub mod permit;
pub mod station;

pub use error::{Damage, Refusal};
pub use ids::{
    AttemptId, DefinitionHash, DeploymentId, ImageId, KeyShare, LeaseId, RequestHash, SerialId,
    StationId, Uid, ValueHash,
};
