//! Stopping a unit from any thread.

use crate::boundary::free;
use imprint_facade::CancelToken;

/// A token that stops units. It is used up once it was cancelled.
pub struct imprint_cancel(pub(crate) CancelToken);

/// Makes a token. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn imprint_cancel_new() -> *mut imprint_cancel {
    Box::into_raw(Box::new(imprint_cancel(CancelToken::new())))
}

/// Stops each unit that was given the token: the next transfer is refused, and the report says `cancelled`. Any thread, also
/// in a callback; not in a signal handler. Returns at once. Null is allowed.
///
/// # Safety
/// `cancel` is null or a token that is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_cancel_now(cancel: *const imprint_cancel) {
    // SAFETY: the caller vouches for it.
    if let Some(cancel) = unsafe { cancel.as_ref() } {
        cancel.0.cancel();
    }
}

/// Whether it was cancelled: 1 or 0. Any thread. Null was not.
///
/// # Safety
/// As `imprint_cancel_now`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_cancel_is_cancelled(cancel: *const imprint_cancel) -> i32 {
    // SAFETY: the caller vouches for it.
    unsafe { cancel.as_ref() }.map_or(0, |cancel| i32::from(cancel.0.is_cancelled()))
}

/// Frees a token. No thread may be using it; a unit that was given it goes on. Null is allowed.
///
/// # Safety
/// As `imprint_cancel_now`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_cancel_free(cancel: *mut imprint_cancel) {
    // SAFETY: the caller vouches for it.
    unsafe { free(cancel) }
}
