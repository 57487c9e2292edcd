//! Loading a shared library and finding its one exported function.
//!
//! A library stays loaded for the life of the process: unloading would leave thread-local data and callbacks behind that
//! point to nothing.

use crate::error::LibraryError;
use imprint_plugin_abi::imprint_plugin_entry_fn;
use std::path::Path;

/// Loads the library at `path`, which is absolute, and gives its entry function. Loading runs the library's own code: the
/// caller trusts it, or is in a process that it may bring down.
#[cfg(unix)]
pub fn open(path: &Path) -> Result<imprint_plugin_entry_fn, LibraryError> {
    use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
    // RTLD_NOW: a symbol that is missing shows here and not in the middle of programming. RTLD_LOCAL: two plugins with a
    // function of the same name do not meet.
    // SAFETY: loading runs the library's initialisers; that the caller has decided to do so is what this function says.
    let library = unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }
        .map_err(|e| LibraryError::Load(reason(&e)))?;
    // SAFETY: the name is the ABI's, and with it the type.
    let entry = unsafe { library.get::<imprint_plugin_entry_fn>(c"imprint_plugin_entry_v1") }
        .map(|symbol| *symbol);
    // Never unloaded, see above; also when the library turns out to be of no use.
    std::mem::forget(library);
    entry.map_err(|_| LibraryError::MissingEntry)
}

/// Other systems' loaders are not called yet.
#[cfg(not(unix))]
pub fn open(_path: &Path) -> Result<imprint_plugin_entry_fn, LibraryError> {
    Err(LibraryError::Load(
        "plugins can be loaded only on Linux so far".into(),
    ))
}

/// The loader hides what the system says behind "dlopen failed", and names a descriptor that nobody knows.
#[cfg(unix)]
fn reason(error: &libloading::Error) -> String {
    use std::error::Error as _;
    let text = error
        .source()
        .map_or_else(|| error.to_string(), ToString::to_string);
    match text.split_once(": ") {
        Some((path, rest)) if path.starts_with("/proc/self/fd/") => rest.to_string(),
        _ => text,
    }
}
