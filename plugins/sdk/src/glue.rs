//! What every function of the boundary does: check pointers, catch panics, hand errors over.

use crate::error::{Error, Result};
use imprint_plugin_abi::{
    IMPRINT_LOG_ERROR, IMPRINT_NO_ADDRESS, IMPRINT_OK, imprint_error, imprint_host, imprint_status,
    imprint_str,
};
use std::{
    any::Any,
    cell::Cell,
    mem::{forget, size_of},
    panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook},
    ptr, slice,
    sync::Once,
};

/// Longest sentence taken from the host, in bytes.
const MESSAGE_LEN_MAX: usize = 1024;

thread_local! {
    /// The host of the call this thread is inside, for the panic hook.
    static CURRENT_HOST: Cell<*const imprint_host> = const { Cell::new(ptr::null()) };
}

/// Runs one call from the host. Errors and panics become a status; `error` explains them.
///
/// # Safety
/// `host` is null or a host table, `error` is null or an error struct, both valid during the call.
pub(crate) unsafe fn guard(
    host: *const imprint_host,
    error: *mut imprint_error,
    body: impl FnOnce() -> Result<()>,
) -> imprint_status {
    let outer = CURRENT_HOST.replace(host);
    let result = catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        let failure = Error::panic(format!("the plugin panicked: {}", panic_text(&*payload)));
        // A payload may panic again when it is dropped.
        if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            forget(again);
        }
        Err(failure)
    });
    CURRENT_HOST.set(outer);
    let Err(failure) = result else {
        return IMPRINT_OK;
    };
    // SAFETY: as this function's caller promises.
    unsafe { explain(error, &failure) };
    failure.status
}

/// Runs one call that cannot fail, such as `close`. A panic is dropped: the hook has logged it.
pub(crate) fn guard_infallible(body: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(body)) {
        forget(payload);
    }
}

/// Fills the caller's error struct.
///
/// # Safety
/// `error` is null or an error struct that is valid during the call.
unsafe fn explain(error: *mut imprint_error, failure: &Error) {
    // SAFETY: as this function's caller promises.
    let Some(error) = (unsafe { error.as_mut() }) else {
        return;
    };
    if (error.struct_size as usize) < size_of::<imprint_error>() {
        return;
    }
    error.detail = failure.detail;
    error.address = failure.address.unwrap_or(IMPRINT_NO_ADDRESS);
    error.message_len = failure.message.len();
    let cut = failure
        .message
        .floor_char_boundary(error.message_cap.min(failure.message.len()));
    if !error.message.is_null() {
        // SAFETY: `message` has room for `message_cap` bytes, and `cut` is not more.
        unsafe { ptr::copy_nonoverlapping(failure.message.as_ptr(), error.message.cast(), cut) };
    }
}

/// Calls a function of the host and turns its status into a result.
pub(crate) fn host_call(call: impl FnOnce(*mut imprint_error) -> imprint_status) -> Result<()> {
    let mut message = [0_u8; MESSAGE_LEN_MAX];
    let mut error = imprint_error {
        struct_size: size_of::<imprint_error>() as u32,
        detail: 0,
        address: IMPRINT_NO_ADDRESS,
        message: message.as_mut_ptr().cast(),
        message_cap: message.len(),
        message_len: 0,
    };
    let status = call(&raw mut error);
    if status == IMPRINT_OK {
        return Ok(());
    }
    let len = error.message_len.min(message.len());
    let mut failure =
        Error::new(status, String::from_utf8_lossy(&message[..len])).with_detail(error.detail);
    if error.address != IMPRINT_NO_ADDRESS {
        failure = failure.at(error.address);
    }
    Err(failure)
}

/// Text of the caller.
///
/// # Safety
/// `text` is valid for `'a`.
pub(crate) unsafe fn text<'a>(text: imprint_str) -> Result<&'a str> {
    // SAFETY: as this function's caller promises.
    let bytes = unsafe { bytes(text.data.cast(), text.len) }?;
    std::str::from_utf8(bytes).map_err(|_| Error::invalid_argument("a name is not UTF-8"))
}

/// Bytes of the caller.
///
/// # Safety
/// `data` is null, or valid for `len` bytes and for `'a`.
pub(crate) unsafe fn bytes<'a>(data: *const u8, len: usize) -> Result<&'a [u8]> {
    if len == 0 {
        return Ok(&[]);
    }
    if data.is_null() || len > isize::MAX as usize {
        return Err(Error::invalid_argument("null pointer with a length"));
    }
    // SAFETY: not null, and valid as this function's caller promises.
    Ok(unsafe { slice::from_raw_parts(data, len) })
}

/// Where the caller wants a value.
///
/// # Safety
/// `out` is null, or valid for `'a` and used by nobody else.
pub(crate) unsafe fn out<'a, T>(out: *mut T) -> Result<&'a mut T> {
    // SAFETY: as this function's caller promises.
    unsafe { out.as_mut() }.ok_or_else(|| Error::invalid_argument("null pointer for a result"))
}

/// Copies a result into the caller's buffer. `len` receives what the result needs, also when it does not fit.
///
/// # Safety
/// `buffer` is null or valid for `cap` bytes; `len` is null or valid.
pub(crate) unsafe fn put(
    result: &[u8],
    buffer: *mut u8,
    cap: usize,
    len: *mut usize,
) -> Result<()> {
    // SAFETY: as this function's caller promises.
    *unsafe { out(len) }? = result.len();
    if result.is_empty() {
        return Ok(());
    }
    if buffer.is_null() || result.len() > cap {
        return Err(Error::invalid_argument(format!(
            "the result has {} bytes, the buffer has room for {cap}",
            result.len()
        )));
    }
    // SAFETY: `buffer` has room for `cap` bytes, and the result is not longer.
    unsafe { ptr::copy_nonoverlapping(result.as_ptr(), buffer, result.len()) };
    Ok(())
}

/// Sends panics of this plugin to the log of the unit. A plugin that is a shared library has a panic hook of its own,
/// which would write to the standard error past the host. Panics outside calls go where they went before.
pub(crate) fn install_panic_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            let host = CURRENT_HOST.get();
            if host.is_null() {
                before(info);
            } else {
                // SAFETY: the host table is valid while this thread is inside a call, and `guard` clears it after.
                unsafe { log_panic(host, info) };
            }
        }));
    });
}

/// # Safety
/// `host` is a valid host table.
unsafe fn log_panic(host: *const imprint_host, info: &PanicHookInfo<'_>) {
    // SAFETY: as this function's caller promises.
    let Some(log) = (unsafe { &*host }).log else {
        return;
    };
    let place = info
        .location()
        .map(|at| format!(" at {}:{}", at.file(), at.line()));
    let line = format!(
        "the plugin panicked{}: {}",
        place.unwrap_or_default(),
        panic_text(info.payload())
    );
    let message = imprint_str {
        data: line.as_ptr().cast(),
        len: line.len(),
    };
    // SAFETY: the host's own function with its own table; the text outlives the call.
    unsafe { log(host, IMPRINT_LOG_ERROR, message) };
}

fn panic_text(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text")
}
