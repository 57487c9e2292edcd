//! Lists: the devices that are described, the probes that are plugged in.

use crate::{
    boundary::{address_of, c_text, free, guarded, handle},
    engine::imprint_engine,
    failure::imprint_failure,
};
use imprint_facade::probes;
use std::ffi::{CString, c_char};

/// Some things, each with two texts: what a call takes for it, and what it is.
pub struct imprint_list(Vec<Entry>);

struct Entry {
    name: CString,
    about: CString,
}

impl Entry {
    fn new(name: &str, about: &str) -> Entry {
        Entry {
            name: c_text(name),
            about: c_text(about),
        }
    }
}

/// The devices that are described in the engine's folders. A name is a part number, for `twin:NAME`; about it is its family.
/// Any thread.
///
/// # Safety
/// `engine` is null or an engine that is not freed; `failure` is null or points to a place that is null or a failure.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_list_devices(
    engine: *const imprint_engine,
    failure: *mut *mut imprint_failure,
) -> *mut imprint_list {
    let list = || {
        // SAFETY: the caller vouches for it.
        let devices = unsafe { handle(engine, "engine") }?.0.devices();
        let entries = devices.iter().map(|it| Entry::new(&it.name, &it.family));
        Ok(imprint_list(entries.collect()))
    };
    // SAFETY: the caller vouches for `failure`.
    unsafe { guarded(failure, list) }
}

/// The probes that are plugged in; none is opened. A name is what `on` takes, as in `probe:0123ABCD`; about it are its maker's
/// name and whether it is free. Any thread.
///
/// # Safety
/// `failure` is null or points to a place that is null or a failure.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_list_probes(
    failure: *mut *mut imprint_failure,
) -> *mut imprint_list {
    let list = || {
        let probes = probes();
        let entries = probes.iter().map(|probe| {
            let about = format!("{}, {}, {}", probe.name, probe.driver, probe.state);
            Entry::new(&probe.on, &about)
        });
        Ok(imprint_list(entries.collect()))
    };
    // SAFETY: the caller vouches for `failure`.
    unsafe { guarded(failure, list) }
}

/// How many there are. 0 of null.
///
/// # Safety
/// `list` is null or a list that is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_list_count(list: *const imprint_list) -> usize {
    // SAFETY: the caller vouches for it.
    unsafe { list.as_ref() }.map_or(0, |list| list.0.len())
}

/// The name of one, counted from 0. It lives as long as the list. Null past the end.
///
/// # Safety
/// As `imprint_list_count`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_list_name(
    list: *const imprint_list,
    index: usize,
) -> *const c_char {
    // SAFETY: the caller vouches for it.
    let list = unsafe { list.as_ref() };
    let entry = list.and_then(|list| list.0.get(index));
    address_of(entry.map(|entry| &entry.name))
}

/// What one is, counted from 0. It lives as long as the list. Null past the end.
///
/// # Safety
/// As `imprint_list_count`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_list_about(
    list: *const imprint_list,
    index: usize,
) -> *const c_char {
    // SAFETY: the caller vouches for it.
    let list = unsafe { list.as_ref() };
    let entry = list.and_then(|list| list.0.get(index));
    address_of(entry.map(|entry| &entry.about))
}

/// Frees a list. Null is allowed.
///
/// # Safety
/// `list` is null or a list that is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_list_free(list: *mut imprint_list) {
    // SAFETY: the caller vouches for it.
    unsafe { free(list) }
}
