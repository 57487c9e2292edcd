//! The accounting of one station on its own: how many units of a deployment were made, and which numbers they have.
//!
//! A demand and the state give a [`Record`] or a [`Refusal`](crate::Refusal); only [`Station::apply`] changes the state.
//! Who drives it makes a record durable **before** acting on it: the begin of an attempt before the first operation on
//! the target that cannot be undone, its end before anybody is told. Reading the journal again gives the same state, so a
//! crash at any point costs at most the one unit that was open.
//!
//! ```
//! use imprint_ledger::{AttemptId, DeploymentId, station::{Caps, Demand, End, Station, Window}};
//!
//! let mut station = Station::default();
//! let demand = Demand {
//!     deployment: DeploymentId([7; 16]),
//!     caps: Caps { units: Some(1), ..Caps::default() },
//!     window: Window::default(),
//!     serials: vec![],
//!     values: vec![],
//! };
//! let attempt = AttemptId([1; 16]);
//! station.admit(&demand, 100)?; // before the target is touched
//! let record = station.begin(&demand, attempt, None, 100)?; // journal it, then:
//! station.apply(&record)?;
//! let record = station.end(attempt, End::Pass, 101)?; // journal it, then:
//! station.apply(&record)?;
//! assert_eq!(station.admit(&demand, 102).unwrap_err().code(), "IMP-8100");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What is not known counts against every cap: an open attempt may yet pass or fail, and one that a crash left in the
//! middle may have done either. A target left in the middle keeps its ordinal and its numbers, and gets the same ones when
//! it comes again; that is the only way an unknown unit is resolved.

mod apply;
mod books;
mod decide;
mod demand;
mod record;
mod snapshot;

pub use books::{Counts, Open, Station};
pub use decide::Room;
pub use demand::{Caps, Demand, OnFailure, SerialDemand, ValueDemand, Window};
pub use record::{Begun, Draw, End, Record, Value};
pub use snapshot::Snapshot;
