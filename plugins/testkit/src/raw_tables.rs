//! The tables of a plugin as they lie in memory, before anyone believes them.

use crate::{
    subject::Origin,
    verdict::{Step, failed, not_applicable},
};
use imprint_plugin_abi::*;
use imprint_plugin_host::{LibraryError, Plugin, open};
use std::{ffi::c_void, slice};

/// Longest list or text that is looked at, so that a wild length is a finding and not a crash.
const COUNT_MAX: usize = 4096;

/// The table that the entry gives.
pub fn table(origin: &Origin) -> Step<*const imprint_plugin> {
    Ok(entry(origin)?())
}

/// The entry, to be called as often as one likes.
pub fn entry(origin: &Origin) -> Step<Box<dyn Fn() -> *const imprint_plugin>> {
    match origin {
        Origin::Linked(table) => Ok(Box::new(*table)),
        Origin::File(path) => match open(path) {
            // SAFETY: the ABI's entry function takes nothing and may be called at any time.
            Ok(entry) => Ok(Box::new(move || unsafe { entry() })),
            Err(error @ LibraryError::MissingEntry) => not_applicable(format!(
                "there is no entry, see the case `symbols`: {error}"
            )),
            Err(error) => failed(
                "loading the library",
                "a shared library of this machine",
                error.to_string(),
            ),
        },
    }
}

/// The host's own check.
pub fn checked(table: *const imprint_plugin) -> Result<Plugin, LibraryError> {
    // SAFETY: what an entry returned; null or static (ABI, ownership rule 3).
    unsafe { Plugin::of_table(table) }
}

/// A plugin's table whose magic number is right, so that its other fields mean something.
pub fn plugin(table: *const imprint_plugin) -> Step<&'static imprint_plugin> {
    // SAFETY: what an entry returned; null or static (ABI, ownership rule 3).
    match unsafe { table.as_ref() } {
        Some(plugin) if plugin.magic == IMPRINT_PLUGIN_MAGIC => Ok(plugin),
        _ => not_applicable("there is no plugin table, see the case `abi-version`"),
    }
}

/// The magic number, if there is a table at all.
pub fn magic(table: *const imprint_plugin) -> Option<u32> {
    // SAFETY: as above.
    unsafe { table.as_ref() }.map(|plugin| plugin.magic)
}

/// The families that are not null.
pub fn families(plugin: &imprint_plugin) -> Step<Vec<&'static imprint_family>> {
    let pointers: &[*const imprint_family] =
        list("families", plugin.families, plugin.family_count)?;
    let mut families = Vec::new();
    for pointer in pointers {
        // SAFETY: null or a static table (ABI, ownership rule 3).
        match unsafe { pointer.as_ref() } {
            Some(family) => families.push(family),
            None => {
                return failed("imprint_plugin::families", "a table each", "a null pointer");
            }
        }
    }
    Ok(families)
}

/// A family's board.
pub fn board(family: &imprint_family) -> Option<&'static imprint_board> {
    extension(family, IMPRINT_EXT_BOARD).map(|table| {
        // SAFETY: what the family gives for this id is a static table of this type.
        unsafe { &*table.cast::<imprint_board>() }
    })
}

/// What a family gives for an extension.
pub fn extension(family: &imprint_family, id: &str) -> Option<*const c_void> {
    let function = family.extension?;
    // SAFETY: the family's function with text that outlives the call.
    let table = unsafe { function(crate::raw::text(id)) };
    (!table.is_null()).then_some(table)
}

/// Options or commands.
pub fn named(
    what: &str,
    items: *const imprint_named,
    count: usize,
) -> Step<&'static [imprint_named]> {
    list(what, items, count)
}

fn list<T>(what: &str, items: *const T, count: usize) -> Step<&'static [T]> {
    if count == 0 {
        return Ok(&[]);
    }
    if items.is_null() || count > COUNT_MAX {
        return failed(
            what,
            format!("at most {COUNT_MAX} items at an address"),
            format!("{count} at {items:p}"),
        );
    }
    // SAFETY: not null; a static list of so many items (ABI, ownership rule 3).
    Ok(unsafe { slice::from_raw_parts(items, count) })
}

/// The bytes of a static text.
pub fn bytes(what: &str, text: imprint_str) -> Step<&'static [u8]> {
    list(what, text.data.cast(), text.len)
}
