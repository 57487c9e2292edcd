//! The permit protocol: a cloud gives stations the right to concrete ordinals of a Job, and hears what became of them.
//!
//! Both sides are pure state machines. [`Cloud`] takes [`Event`]s: journal one, apply it, send the reply it gives.
//! [`Station`] gives [`Step`]s: journal its records, apply them, then do its effects in their order. Between any two of
//! these a crash may come, and any message may be lost, repeated or late.
//!
//! An ordinal is escrowed, not locked: it comes back only by its holder's own statement, a close, and never because time
//! has passed. `docs/permits.md` has the protocol as a whole, with what is promised and what is not.

mod cloud;
mod counter;
mod denial;
mod event;
mod handle;
mod message;
mod record;
mod settle;
mod station;
mod steps;

pub use cloud::{
    Cloud, Job, JobState, Lease, LeaseState, Member, MemberState, Ordinal, Place, Tally,
};
pub use counter::MonotonicCounter;
pub use denial::{Denial, Impossible, PermitRefusal};
pub use event::{Event, Policy, SerialTerms, Terms};
pub use handle::Received;
pub use message::{
    Answer, Ask, Close, Grant, LeaseAsk, LogState, Outcome, Permit, Reply, Request, SerialRange,
    UnitEnd,
};
pub use record::{Began, Effect, Ended, Record, Step, StopReason};
pub use station::{Held, Station, Unit, UnitState};
