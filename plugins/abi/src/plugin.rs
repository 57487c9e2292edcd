//! The one exported function and what it returns.
//!
//! A function and not data, because dynamic linkers promise to find functions; pure, so that nobody has to count
//! initialisations; with the ABI's major number in its name, so that a host of another major says so exactly.

use crate::{family::imprint_family, types::imprint_str};

/// Name of the exported function: `const struct imprint_plugin *imprint_plugin_entry_v1(void)`.
pub const IMPRINT_PLUGIN_ENTRY: &str = "imprint_plugin_entry_v1";
/// `imprint_plugin::magic`: the bytes `IMP1` read as a little-endian number.
pub const IMPRINT_PLUGIN_MAGIC: u32 = 0x3150_4D49;
/// The major number of this ABI.
pub const IMPRINT_ABI_MAJOR: u16 = 1;
/// The newest minor number this file describes.
pub const IMPRINT_ABI_MINOR: u16 = 0;

/// Type of the exported function.
pub type imprint_plugin_entry_fn = unsafe extern "C" fn() -> *const imprint_plugin;

/// A plugin: one or more device families in one shared library.
#[repr(C)]
pub struct imprint_plugin {
    /// `IMPRINT_PLUGIN_MAGIC`.
    pub magic: u32,
    /// Size of this struct as the plugin compiled it.
    pub struct_size: u32,
    /// `IMPRINT_ABI_MAJOR`.
    pub abi_major: u16,
    /// Newest minor the plugin was compiled against.
    pub abi_minor: u16,
    /// Oldest host minor the plugin accepts.
    pub host_minor_min: u16,
    /// 0.
    pub reserved: u16,
    /// Reverse domain name, `^[a-z0-9]+(\.[a-z0-9-]+)+$`, for example `org.imprint.nordic-nrf5`.
    pub id: imprint_str,
    /// Semantic version of the plugin.
    pub version: imprint_str,
    /// Number of `families`.
    pub family_count: usize,
    /// The families.
    pub families: *const *const imprint_family,
}
