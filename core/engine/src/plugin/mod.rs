//! Family plugins: what may be loaded, and how it is loaded.
//!
//! A plugin runs with all rights of this process. So only libraries are loaded whose manifest a trusted key has signed, and
//! from the very bytes whose hash that manifest has. How a library is believed and called is `imprint-plugin-host`'s, which
//! has all the unsafe code of it.

mod allow_list;
mod catalogue;
mod error;
mod library;
mod limits;
mod load;
mod unsigned;

pub use allow_list::{PluginManifest, SignedManifest, sign_manifest};
pub use catalogue::Catalogue;
pub use error::PluginError;
pub use imprint_plugin_host::{
    BoardFactory, Cancellation, Family, FamilyError, FamilySession, FamilyStatus, HostCall,
    HostCore, HostDebugPort, HostError, HostResult, HostTarget, LogLevel, NamedItem,
};
pub use load::{PluginInfo, PluginState, PluginStore};
