//! What comes over the boundary and what goes back: texts, lists, tables that may grow, results.

use crate::failure::imprint_failure;
use imprint_facade::{Failure, INTERNAL, invalid};
use std::{
    ffi::{CStr, CString, c_char},
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    ptr,
};

/// Most entries of a list: one that long has lost its end.
const LIST_LEN_MAX: usize = 4096;

/// Runs the body of a function and gives what it makes to the caller. A failure goes to `failure`, if there is a place
/// for it; where one is there already, nothing is done. No panic gets out.
///
/// # Safety
/// `failure` is null or points to a place that is null or a failure of this library.
pub(crate) unsafe fn guarded<T>(
    failure: *mut *mut imprint_failure,
    body: impl FnOnce() -> Result<T, Failure>,
) -> *mut T {
    // SAFETY: the caller vouches for `failure`.
    let mut told = unsafe { failure.as_mut() };
    if told.as_ref().is_some_and(|told| !told.is_null()) {
        return ptr::null_mut();
    }
    // What the body had borrowed is the caller's to free, whatever state it is in; nothing of it is read before that.
    let made = catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| {
        let failure = Failure::new(INTERNAL, "the library failed: a mistake in Imprint");
        Err(failure.with_help("report it, with what was called"))
    });
    match made {
        Ok(made) => Box::into_raw(Box::new(made)),
        Err(error) => {
            if let Some(told) = &mut told {
                **told = Box::into_raw(Box::new(imprint_failure::new(&error)));
            }
            ptr::null_mut()
        }
    }
}

/// Frees what `guarded` gave.
///
/// # Safety
/// `made` is null or was given by `guarded` and not freed.
pub(crate) unsafe fn free<T>(made: *mut T) {
    if made.is_null() {
        return;
    }
    // SAFETY: the caller vouches that it is ours and whole.
    let made = unsafe { Box::from_raw(made) };
    // A panic while something is dropped ends at the boundary too.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(made)));
}

/// A handle that must be there.
///
/// # Safety
/// `handle` is null or a handle of this library that is not freed.
pub(crate) unsafe fn handle<'a, T>(handle: *const T, name: &str) -> Result<&'a T, Failure> {
    // SAFETY: the caller vouches for it.
    unsafe { handle.as_ref() }.ok_or_else(|| is_null(name))
}

/// A text that must be there.
///
/// # Safety
/// `text` is null or ends with a zero byte.
pub(crate) unsafe fn text(text: *const c_char, name: &str) -> Result<String, Failure> {
    // SAFETY: the caller vouches for it.
    unsafe { optional_text(text, name) }?.ok_or_else(|| is_null(name))
}

/// A text that may be missing.
///
/// # Safety
/// As `text`.
pub(crate) unsafe fn optional_text(
    text: *const c_char,
    name: &str,
) -> Result<Option<String>, Failure> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: it is not null, and the caller vouches that it ends.
    let text = unsafe { CStr::from_ptr(text) };
    match text.to_str() {
        Ok(text) => Ok(Some(text.to_string())),
        Err(_) => Err(invalid(
            format!("`{name}` is not UTF-8"),
            "give all texts and paths as UTF-8",
        )),
    }
}

/// A list of texts that ends with a null pointer; null is an empty one.
///
/// # Safety
/// `list` is null or ends with a null pointer, and its texts are as `text` has them.
pub(crate) unsafe fn texts(list: *const *const c_char, name: &str) -> Result<Vec<String>, Failure> {
    let mut texts = Vec::new();
    if list.is_null() {
        return Ok(texts);
    }
    while texts.len() < LIST_LEN_MAX {
        // SAFETY: the list goes on up to its null pointer, which was not met yet.
        let text = unsafe { *list.add(texts.len()) };
        // SAFETY: the caller vouches for its texts.
        match unsafe { optional_text(text, name) }? {
            Some(text) => texts.push(text),
            None => return Ok(texts),
        }
    }
    Err(invalid(
        format!("`{name}` has more than {LIST_LEN_MAX} entries"),
        "end the list with a null pointer",
    ))
}

/// As `texts`, for paths.
///
/// # Safety
/// As `texts`.
pub(crate) unsafe fn paths(
    list: *const *const c_char,
    name: &str,
) -> Result<Vec<PathBuf>, Failure> {
    // SAFETY: the caller vouches for it.
    let texts = unsafe { texts(list, name) }?;
    Ok(texts.into_iter().map(PathBuf::from).collect())
}

/// A table that begins with its size, as this library knows it. One of an older caller is shorter: what it lacks is zero.
/// One of a newer caller is longer: what this library does not know must be zero, or the caller counts on it in vain.
///
/// # Safety
/// `table` is null, or points to as many bytes as its first field says. `T` is `repr(C)`, begins with that field, and may
/// be all zero.
pub(crate) unsafe fn table<T: Copy>(table: *const T, name: &str) -> Result<T, Failure> {
    if table.is_null() {
        return Err(is_null(name));
    }
    // SAFETY: it begins with its size.
    let size = unsafe { *table.cast::<usize>() };
    if size < size_of::<usize>() || size > TABLE_SIZE_MAX {
        return Err(invalid(
            format!("the size of `{name}` is not set"),
            "write: { .struct_size = sizeof(struct ...), ... }",
        ));
    }
    let bytes = table.cast::<u8>();
    for index in size_of::<T>()..size {
        // SAFETY: it has `size` bytes.
        if unsafe { *bytes.add(index) } != 0 {
            return Err(invalid(
                format!("`{name}` has a field that this library does not know"),
                "it is of a newer header: use the library that belongs to it",
            ));
        }
    }
    // SAFETY: all zero is a value of `T`.
    let mut known: T = unsafe { std::mem::zeroed() };
    let len = size.min(size_of::<T>());
    // SAFETY: both have that many bytes, and one is ours.
    unsafe { ptr::copy_nonoverlapping(bytes, (&raw mut known).cast::<u8>(), len) };
    Ok(known)
}

/// No table is that large: one that says so has no size.
const TABLE_SIZE_MAX: usize = 4096;

/// A text for the other side. A zero byte in it would end it: it becomes a replacement character.
pub(crate) fn c_text(text: &str) -> CString {
    CString::new(text.replace('\0', "\u{fffd}")).unwrap_or_default()
}

/// The address of a text that may be missing.
pub(crate) fn address_of(text: Option<&CString>) -> *const c_char {
    text.map_or(ptr::null(), |text| text.as_ptr())
}

fn is_null(name: &str) -> Failure {
    invalid(
        format!("`{name}` is null"),
        "check what the call before it returned",
    )
}
