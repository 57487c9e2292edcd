//! The engine of a station.

use crate::{
    boundary::{free, guarded, optional_text, paths, table},
    failure::imprint_failure,
};
use imprint_facade::{Engine, EngineOptions};
use std::ffi::c_char;

/// An engine: devices, trusted plugins, and the books.
pub struct imprint_engine(pub(crate) Engine);

/// What an engine is made of. Set `struct_size`; what is left out is null.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct imprint_engine_options {
    /// `sizeof(struct imprint_engine_options)`.
    pub struct_size: usize,
    /// Folders of plugins and their lists. A list of texts ends with a null pointer.
    pub plugins: *const *const c_char,
    /// Who may list plugins: public keys, root documents, or folders of them.
    pub trust: *const *const c_char,
    /// Folders of device descriptions; a twin of an image's own device needs none.
    pub devices: *const *const c_char,
    /// The folder of the station's books, made when it is not there. Images that count units or draw serial numbers need it.
    pub state: *const c_char,
    /// What the station is called, for images that program or record it.
    pub station_name: *const c_char,
}

/// Makes an engine. Plugins are listed; none is loaded before an image needs it. Any thread.
///
/// # Safety
/// `options` points to as many bytes as its size says; `failure` is null or points to a place that is null or a failure.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_engine_new(
    options: *const imprint_engine_options,
    failure: *mut *mut imprint_failure,
) -> *mut imprint_engine {
    let make = || {
        // SAFETY: the caller vouches for its size.
        let options = unsafe { table(options, "options") }?;
        // SAFETY: lists end with null and texts with zero, as the header says.
        let options = unsafe {
            EngineOptions {
                plugins: paths(options.plugins, "plugins")?,
                trust: paths(options.trust, "trust")?,
                devices: paths(options.devices, "devices")?,
                state: optional_text(options.state, "state")?.map(Into::into),
                station_name: optional_text(options.station_name, "station_name")?,
            }
        };
        Engine::new(options).map(imprint_engine)
    };
    // SAFETY: the caller vouches for `failure`.
    unsafe { guarded(failure, make) }
}

/// Frees an engine. No thread may be using it. Null is allowed.
///
/// # Safety
/// `engine` is null or an engine that is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_engine_free(engine: *mut imprint_engine) {
    // SAFETY: the caller vouches for it.
    unsafe { free(engine) }
}
