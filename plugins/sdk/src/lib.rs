//! Write a device-family plugin in safe Rust.
//!
//! A family is a type that implements [`DeviceFamily`]; [`export_plugin!`] makes the shared library's one exported
//! function. What a script asks of the chip arrives as a method call with a [`Target`], which cannot outlive the call.
//! A [`Board`] beside it gives the family's chips a virtual twin.
//!
//! ```
//! use imprint_plugin::{DeviceFamily, Result, Target};
//!
//! struct Acme;
//!
//! impl DeviceFamily for Acme {
//!     const ID: &'static str = "acme.one";
//!     const SUMMARY: &'static str = "ACME's first chips";
//!
//!     fn open(_target: &mut Target<'_>, _device: &str) -> Result<Self> {
//!         Ok(Self)
//!     }
//!
//!     fn read_uid(&mut self, target: &mut Target<'_>) -> Result<Vec<u8>> {
//!         let mut uid = [0; 8];
//!         target.read(0x1FF0_0000, &mut uid)?;
//!         Ok(uid.to_vec())
//!     }
//! }
//!
//! imprint_plugin::export_plugin! { id: "com.acme.one", families: [Acme] }
//! # fn main() {}
//! ```
//!
//! Panics do not cross the boundary: they become a status, and the session is closed. A plugin that aborts instead
//! would take the host with it.

#[cfg(panic = "abort")]
compile_error!(
    "a plugin must be built with panic = \"unwind\": a panic that aborts takes the host with it"
);

mod board;
mod core_control;
mod debug_port;
mod error;
mod family;
mod glue;
mod glue_board;
mod glue_family;
mod glue_host;
mod target;
#[cfg(feature = "testing")]
pub mod testing;

pub use board::{
    Access, Board, BusFault, Chip, DebugAccess, EraseTime, Master, ResetKind, number_property,
};
pub use core_control::CoreControl;
pub use debug_port::{DebugPort, MemAp};
pub use error::{Error, Result};
pub use family::{DeviceFamily, Named};
pub use glue_board::BoardTable;
pub use glue_family::{Family, Plugin};
pub use imprint_plugin_abi as abi;
pub use target::{Call, LogLevel, Target, Words};

/// Makes `PLUGIN`, the plugin's table, for programs that link the plugin in.
#[macro_export]
macro_rules! plugin {
    (id: $id:expr, families: [$($family:ty),+ $(,)?] $(,)?) => {
        /// This plugin, for programs that link it in.
        pub static PLUGIN: $crate::Plugin = {
            static FAMILIES: &[$crate::Family] = &[$($crate::Family::of::<$family>()),+];
            $crate::Plugin::new($id, env!("CARGO_PKG_VERSION"), FAMILIES)
        };
    };
}

/// Makes `PLUGIN` and exports it from the shared library.
///
/// A program can link in only one plugin that uses this macro, because the exported name is always the same; more than
/// one use [`plugin!`](crate::plugin).
#[macro_export]
macro_rules! export_plugin {
    ($($plugin:tt)+) => {
        $crate::plugin! { $($plugin)+ }

        /// The one exported function.
        #[unsafe(no_mangle)]
        pub extern "C" fn imprint_plugin_entry_v1() -> *const $crate::abi::imprint_plugin {
            PLUGIN.table()
        }
    };
}
