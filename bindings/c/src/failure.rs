//! What went wrong, as the other side reads it.

use crate::boundary::{address_of, c_text, free};
use imprint_facade::{Failure, to_json};
use std::ffi::{CString, c_char};

/// Why something failed. Its texts live as long as it does.
pub struct imprint_failure {
    code: CString,
    message: CString,
    help: Option<CString>,
    json: CString,
}

impl imprint_failure {
    pub(crate) fn new(failure: &Failure) -> imprint_failure {
        imprint_failure {
            code: c_text(&failure.code),
            message: c_text(&failure.message),
            help: failure.help.as_deref().map(c_text),
            json: c_text(&to_json(failure)),
        }
    }
}

/// The stable code, as in `IMP-2110`; `imprint explain CODE` and docs/errors.md say more. Null of null.
///
/// # Safety
/// `failure` is null or a failure that is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_failure_code(failure: *const imprint_failure) -> *const c_char {
    // SAFETY: the caller vouches for it.
    let failure = unsafe { failure.as_ref() };
    address_of(failure.map(|failure| &failure.code))
}

/// What happened: one sentence in lower case. Null of null.
///
/// # Safety
/// As `imprint_failure_code`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_failure_message(failure: *const imprint_failure) -> *const c_char {
    // SAFETY: the caller vouches for it.
    let failure = unsafe { failure.as_ref() };
    address_of(failure.map(|failure| &failure.message))
}

/// What to do next. Null where nothing is known.
///
/// # Safety
/// As `imprint_failure_code`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_failure_help(failure: *const imprint_failure) -> *const c_char {
    // SAFETY: the caller vouches for it.
    let failure = unsafe { failure.as_ref() };
    address_of(failure.and_then(|failure| failure.help.as_ref()))
}

/// All of it as a JSON object: also the address, what was expected and found, and the place in the script. Null of null.
///
/// # Safety
/// As `imprint_failure_code`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_failure_json(failure: *const imprint_failure) -> *const c_char {
    // SAFETY: the caller vouches for it.
    let failure = unsafe { failure.as_ref() };
    address_of(failure.map(|failure| &failure.json))
}

/// Frees a failure that a call has told; not the one of a report, which goes with it. Null is allowed.
///
/// # Safety
/// `failure` is null or was told by a call and is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_failure_free(failure: *mut imprint_failure) {
    // SAFETY: the caller vouches for it.
    unsafe { free(failure) }
}
