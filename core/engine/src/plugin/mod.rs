//! Family plugins: what may be loaded, how it is loaded, and how it is called.
//!
//! A plugin runs with all rights of this process. So only libraries are loaded whose manifest a trusted key has signed, and
//! from the very bytes whose hash that manifest has. All unsafe code of the engine is in this folder: `library.rs` and
//! `tables.rs` (loading), `host_table.rs`, `family.rs` and `board.rs` (calling).

mod allow_list;
mod board;
mod call;
mod error;
mod family;
mod host;
mod host_table;
mod library;
mod limits;
mod load;
mod tables;

pub use allow_list::{PluginManifest, SignedManifest, sign_manifest};
pub use board::BoardFactory;
pub use error::{FamilyError, FamilyStatus, PluginError};
pub use family::{Family, FamilySession, NamedItem};
pub use host::{
    Cancellation, HostCall, HostCore, HostDebugPort, HostError, HostResult, HostTarget, LogLevel,
};
pub use load::{PluginInfo, PluginState, PluginStore};
