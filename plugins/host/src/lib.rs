//! The host's side of the plugin ABI: a library's tables are believed only after a check, and what they offer is called
//! safely.
//!
//! Whoever runs plugins needs the same things: the engine for units, the conformance kit for its cases. Read in this order:
//! `library.rs` (loading), `tables.rs` (believing), `host.rs` (what a host offers), `host_table.rs`, `family.rs` and
//! `board.rs` (calling). Which libraries may be loaded at all is for the caller to decide.

mod board;
mod call;
mod error;
mod family;
mod host;
mod host_table;
mod library;
pub mod limits;
mod tables;

pub use board::{BoardFactory, with_chip};
pub use error::{FamilyError, FamilyStatus, LibraryError};
pub use family::{Family, FamilySession};
pub use host::{
    Cancellation, HostCall, HostCore, HostDebugPort, HostError, HostResult, HostTarget, LogLevel,
};
pub use host_table::with_host;
pub use imprint_plugin_abi::IMPRINT_ABI_MAJOR;
pub use library::open;
pub use tables::{NamedItem, Plugin};
