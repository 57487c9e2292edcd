//! Checks of a plugin's tables: everything that is read later is looked at here once, and copied.

use crate::{
    error::LibraryError,
    family::Family,
    library,
    limits::{FAMILIES_MAX, NAMED_MAX, TEXT_LEN_MAX},
};
use imprint_plugin_abi::{
    IMPRINT_ABI_MAJOR, IMPRINT_ABI_MINOR, IMPRINT_EXT_BOARD, IMPRINT_PLUGIN_MAGIC, imprint_board,
    imprint_family, imprint_named, imprint_plugin, imprint_str,
};
use std::{collections::BTreeSet, mem::size_of, path::Path, slice};

/// A plugin whose tables were checked.
pub struct Plugin {
    /// Its id, a reverse domain name.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Its families, one at least.
    pub families: Vec<Family>,
}

impl Plugin {
    /// Loads a library and checks its tables. It stays loaded for the life of the process.
    pub fn load(path: &Path) -> Result<Plugin, LibraryError> {
        let entry = library::open(path)?;
        // SAFETY: the ABI's entry function takes nothing, and returns null or a table that is static.
        unsafe { Plugin::of_table(entry()) }
    }

    /// Checks the tables of a plugin that is there already.
    ///
    /// # Safety
    /// `table` is null, or points to a table that is static if its magic number is right.
    pub unsafe fn of_table(table: *const imprint_plugin) -> Result<Plugin, LibraryError> {
        // SAFETY: as this function's caller promises.
        unsafe { check(table) }.map_err(LibraryError::WrongAbi)
    }
}

/// A name with one sentence about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedItem {
    /// The name a script writes.
    pub name: String,
    /// One sentence.
    pub summary: String,
}

/// A checked family.
#[derive(Clone)]
pub(crate) struct FamilyTable {
    pub id: String,
    pub summary: String,
    pub options: Vec<NamedItem>,
    pub commands: Vec<NamedItem>,
    pub functions: &'static imprint_family,
    pub board: Option<&'static imprint_board>,
}

// SAFETY: the tables are static and immutable for the life of the process (ABI, ownership rule 3); pointers in them are
// only followed by `check`.
unsafe impl Send for FamilyTable {}
// SAFETY: as above.
unsafe impl Sync for FamilyTable {}

/// Checks what the entry function returned, in the order in which the answers tell most: the first thing that differs is
/// named with both values.
///
/// # Safety
/// `plugin` is null, or points to a table that is static if its magic number is right.
unsafe fn check(plugin: *const imprint_plugin) -> Result<Plugin, String> {
    // SAFETY: as this function's caller promises.
    let plugin = unsafe { plugin.as_ref() }.ok_or("the entry function returned null")?;
    differs("magic number", plugin.magic, IMPRINT_PLUGIN_MAGIC)?;
    differs(
        "major number of the ABI",
        plugin.abi_major,
        IMPRINT_ABI_MAJOR,
    )?;
    if plugin.host_minor_min > IMPRINT_ABI_MINOR {
        return Err(format!(
            "it needs minor number {} of the ABI, this program has {IMPRINT_ABI_MINOR}",
            plugin.host_minor_min
        ));
    }
    long_enough(
        "plugin table",
        plugin.struct_size,
        size_of::<imprint_plugin>(),
    )?;
    // SAFETY: the table is the ABI's, so its text is static.
    let (id, version) = unsafe { (text("id", plugin.id)?, text("version", plugin.version)?) };
    // SAFETY: the table is the ABI's, so it points to so many families.
    let pointers = unsafe {
        items(
            "families",
            plugin.families,
            plugin.family_count,
            FAMILIES_MAX,
        )
    }?;
    let mut families = Vec::with_capacity(pointers.len());
    let mut ids = BTreeSet::new();
    for (index, pointer) in pointers.iter().enumerate() {
        // SAFETY: null or a static table, as above.
        let table = unsafe { pointer.as_ref() }.ok_or(format!("family {index} is null"))?;
        // SAFETY: the table is the ABI's.
        let family = unsafe { check_family(table) }.map_err(|e| format!("family {index}: {e}"))?;
        if !ids.insert(family.id.clone()) {
            return Err(format!("the family `{}` is there twice", family.id));
        }
        families.push(Family::new(family, id.clone(), version.clone()));
    }
    if families.is_empty() {
        return Err("it has no families".into());
    }
    Ok(Plugin {
        id,
        version,
        families,
    })
}

/// # Safety
/// `table` begins with a size, and is a table of the ABI if that size is large enough.
unsafe fn check_family(table: &'static imprint_family) -> Result<FamilyTable, String> {
    long_enough("table", table.struct_size, size_of::<imprint_family>())?;
    if table.open.is_none() || table.close.is_none() {
        return Err("`open` and `close` are required, one is null".into());
    }
    // SAFETY: the table is the ABI's, so its text and lists are static.
    unsafe {
        Ok(FamilyTable {
            id: text("id", table.id)?,
            summary: text("summary", table.summary)?,
            options: named("options", table.options, table.option_count)?,
            commands: named("commands", table.commands, table.command_count)?,
            functions: table,
            board: board(table)?,
        })
    }
}

/// # Safety
/// As for `check_family`, after its checks.
unsafe fn board(table: &'static imprint_family) -> Result<Option<&'static imprint_board>, String> {
    let Some(extension) = table.extension else {
        return Ok(None);
    };
    let id = imprint_str {
        data: IMPRINT_EXT_BOARD.as_ptr().cast(),
        len: IMPRINT_EXT_BOARD.len(),
    };
    // SAFETY: the ABI's function; what it returns for this id is null or a static table of this type.
    let Some(board) = (unsafe { extension(id).cast::<imprint_board>().as_ref() }) else {
        return Ok(None);
    };
    long_enough("board table", board.struct_size, size_of::<imprint_board>())?;
    if board.open.is_none() || board.close.is_none() {
        return Err("`open` and `close` of the board are required, one is null".into());
    }
    Ok(Some(board))
}

/// # Safety
/// `items` is null or points to so many static items.
unsafe fn named(
    what: &str,
    list: *const imprint_named,
    count: usize,
) -> Result<Vec<NamedItem>, String> {
    // SAFETY: as this function's caller promises; text in static items is static.
    unsafe {
        items(what, list, count, NAMED_MAX)?
            .iter()
            .map(|item| {
                Ok(NamedItem {
                    name: text(what, item.name)?,
                    summary: text(what, item.summary)?,
                })
            })
            .collect()
    }
}

/// # Safety
/// `list` is null or points to `count` static items.
unsafe fn items<T>(
    what: &str,
    list: *const T,
    count: usize,
    count_max: usize,
) -> Result<&'static [T], String> {
    if count == 0 {
        return Ok(&[]);
    }
    if list.is_null() || count > count_max {
        return Err(format!(
            "{what}: {count} items at {list:p}, expected at most {count_max}"
        ));
    }
    // SAFETY: not null, and as this function's caller promises.
    Ok(unsafe { slice::from_raw_parts(list, count) })
}

/// # Safety
/// `text.data` is null or points to so many bytes.
unsafe fn text(what: &str, text: imprint_str) -> Result<String, String> {
    // SAFETY: as this function's caller promises.
    let bytes = unsafe { items(what, text.data.cast::<u8>(), text.len, TEXT_LEN_MAX) }?;
    let text = std::str::from_utf8(bytes).map_err(|_| format!("{what}: not UTF-8"))?;
    if text.is_empty() {
        return Err(format!("{what}: empty"));
    }
    Ok(text.into())
}

fn differs<T: PartialEq + std::fmt::LowerHex>(
    what: &str,
    found: T,
    expected: T,
) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!("its {what} is {found:#x}, expected {expected:#x}"))
}

fn long_enough(what: &str, found: u32, expected: usize) -> Result<(), String> {
    if found as usize >= expected {
        return Ok(());
    }
    Err(format!(
        "its {what} has {found} bytes, expected at least {expected}"
    ))
}
