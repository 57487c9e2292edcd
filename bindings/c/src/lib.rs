//! `libimprint`: the engine for C.
//!
//! Every function here takes what the other side gives, makes something safe of it, and calls the facade. The header
//! `include/imprint.h` is generated of these files; what it says before its first declaration are the rules of the whole
//! boundary: who frees, which thread, how a failure is told.
#![allow(non_camel_case_types)]

mod boundary;
mod cancel;
mod engine;
mod failure;
mod image;
mod list;
mod observer;
mod prompt;
mod report;
mod run;

use std::ffi::{CStr, c_char};

/// The version of the library, as in `0.1.0`. Static; any thread.
#[unsafe(no_mangle)]
pub extern "C" fn imprint_version() -> *const c_char {
    const VERSION: &CStr =
        match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
            Ok(version) => version,
            Err(_) => c"",
        };
    VERSION.as_ptr()
}

/// What may be used by several threads at once, as the header promises.
const _: () = {
    const fn is_shared<T: Send + Sync>() {}
    is_shared::<imprint_facade::Engine>();
    is_shared::<imprint_facade::Image>();
    is_shared::<imprint_facade::CancelToken>();
};
