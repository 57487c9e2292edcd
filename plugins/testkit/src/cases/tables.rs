//! Cases about what lies in memory before anything is called.

use crate::{
    library,
    raw_tables::{self, entry},
    subject::{Origin, Subject},
    verdict::{Step, ensure, failed, not_applicable},
};
use imprint_plugin_abi::*;
use imprint_plugin_host::limits::{FAMILIES_MAX, NAMED_MAX, TEXT_LEN_MAX};
use std::{collections::BTreeSet, mem::size_of};

/// Largest table that is believed: a hundred functions more than there are.
const TABLE_LEN_MAX: u32 = 4096;

/// Threads of this process, where the system tells.
fn thread_count() -> Option<usize> {
    Some(std::fs::read_dir("/proc/self/task").ok()?.count())
}

pub fn entry_is_pure(subject: &Subject) -> Step {
    let before = thread_count();
    let entry = entry(&subject.origin)?;
    let (first, second) = (entry(), entry());
    ensure(
        first == second,
        "imprint_plugin_entry_v1, called twice",
        "the same pointer",
        || format!("{first:p} and {second:p}"),
    )?;
    let after = thread_count();
    // A plugin that is linked in shares its process with the threads of the test.
    let counts = matches!(subject.origin, Origin::File(_));
    ensure(
        !counts || before == after,
        "loading the library and calling its entry",
        "no thread is started",
        || format!("{before:?} threads before, {after:?} after"),
    )
}

pub fn symbols(subject: &Subject) -> Step {
    let Origin::File(path) = &subject.origin else {
        return not_applicable("the plugin is linked in");
    };
    let mut ours = library::exports(path)?;
    ours.retain(|name| name.starts_with("imprint_"));
    ensure(
        ours == [IMPRINT_PLUGIN_ENTRY],
        "the dynamic symbols of the library",
        IMPRINT_PLUGIN_ENTRY,
        || match ours.is_empty() {
            true => "none".into(),
            false => ours.join(", "),
        },
    )
}

pub fn abi_version(subject: &Subject) -> Step {
    let table = subject.table()?;
    let Some(magic) = raw_tables::magic(table) else {
        return failed("imprint_plugin_entry_v1", "a table", "null");
    };
    let at = "imprint_plugin::magic";
    let expected = format!("{IMPRINT_PLUGIN_MAGIC:#010x}");
    ensure(magic == IMPRINT_PLUGIN_MAGIC, at, expected, || {
        format!("{magic:#010x}")
    })?;
    let plugin = raw_tables::plugin(table)?;
    ensure(
        plugin.abi_major == IMPRINT_ABI_MAJOR,
        "imprint_plugin::abi_major",
        IMPRINT_ABI_MAJOR.to_string(),
        || plugin.abi_major.to_string(),
    )?;
    let (oldest, newest) = (plugin.host_minor_min, plugin.abi_minor);
    ensure(
        oldest <= newest,
        "imprint_plugin::host_minor_min",
        format!("at most abi_minor, {newest}"),
        || oldest.to_string(),
    )?;
    ensure(
        (0..=IMPRINT_ABI_MINOR).contains(&oldest),
        "imprint_plugin::host_minor_min",
        format!("at most {IMPRINT_ABI_MINOR}, the newest there is"),
        || oldest.to_string(),
    )
}

pub fn struct_size(subject: &Subject) -> Step {
    let plugin = raw_tables::plugin(subject.table()?)?;
    let check = |at: &str, found: u32, least: usize| {
        ensure(
            found as usize >= least && found <= TABLE_LEN_MAX,
            format!("{at}::struct_size"),
            format!("{least} to {TABLE_LEN_MAX} bytes"),
            || found.to_string(),
        )
    };
    check(
        "imprint_plugin",
        plugin.struct_size,
        size_of::<imprint_plugin>(),
    )?;
    for family in raw_tables::families(plugin)? {
        check(
            "imprint_family",
            family.struct_size,
            size_of::<imprint_family>(),
        )?;
        if let Some(board) = raw_tables::board(family) {
            check(
                "imprint_board",
                board.struct_size,
                size_of::<imprint_board>(),
            )?;
        }
    }
    Ok(())
}

pub fn reserved_is_zero(subject: &Subject) -> Step {
    let plugin = raw_tables::plugin(subject.table()?)?;
    let check = |at: &str, found: u32| {
        ensure(found == 0, format!("{at}::reserved"), "0", || {
            found.to_string()
        })
    };
    check("imprint_plugin", plugin.reserved.into())?;
    for family in raw_tables::families(plugin)? {
        check("imprint_family", family.reserved)?;
        if let Some(board) = raw_tables::board(family) {
            check("imprint_board", board.reserved)?;
        }
    }
    Ok(())
}

/// `^[a-z0-9]+(\.[a-z0-9-]+)+$`
fn is_id(id: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let mut parts = id.split('.');
    let first = parts.next().unwrap_or_default();
    let mut count = 0;
    let rest = parts.all(|part| {
        count += 1;
        !part.is_empty() && part.chars().all(|c| is_plain(c) || c == '-')
    });
    !first.is_empty() && first.chars().all(is_plain) && rest && count > 0
}

/// `1.2.3`, with what may follow it.
fn is_version(version: &str) -> bool {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    let is_number = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    core.split('.').count() == 3 && core.split('.').all(is_number)
}

/// Text, however it is; `strings-are-utf8` says whether it may be so.
fn lossy(at: &str, text: imprint_str) -> Step<String> {
    let bytes = raw_tables::bytes(at, text)?;
    Ok(String::from_utf8_lossy(bytes).into_owned())
}

pub fn ids(subject: &Subject) -> Step {
    let plugin = raw_tables::plugin(subject.table()?)?;
    let check_id = |at: &str, id: &str| {
        ensure(
            is_id(id),
            at,
            "a reverse domain name, for example `org.example.chips`",
            || format!("`{}`", id.escape_debug()),
        )
    };
    check_id(
        "imprint_plugin::id",
        &lossy("imprint_plugin::id", plugin.id)?,
    )?;
    let version = lossy("imprint_plugin::version", plugin.version)?;
    ensure(
        is_version(&version),
        "imprint_plugin::version",
        "a semantic version, for example `1.2.3`",
        || format!("`{}`", version.escape_debug()),
    )?;
    let families = raw_tables::families(plugin)?;
    ensure(
        (1..=FAMILIES_MAX).contains(&families.len()),
        "imprint_plugin::family_count",
        format!("1 to {FAMILIES_MAX}"),
        || families.len().to_string(),
    )?;
    let mut known = BTreeSet::new();
    for family in families {
        let id = lossy("imprint_family::id", family.id)?;
        check_id("imprint_family::id", &id)?;
        once(&mut known, "imprint_family::id", &id)?;
        for (at, items, count) in lists(family) {
            let mut names = BTreeSet::new();
            for item in raw_tables::named(at, items, count)? {
                once(&mut names, at, &lossy(at, item.name)?)?;
            }
        }
    }
    Ok(())
}

fn lists(family: &imprint_family) -> [(&'static str, *const imprint_named, usize); 2] {
    [
        (
            "imprint_family::options",
            family.options,
            family.option_count,
        ),
        (
            "imprint_family::commands",
            family.commands,
            family.command_count,
        ),
    ]
}

fn once(known: &mut BTreeSet<String>, at: &str, name: &str) -> Step {
    ensure(known.insert(name.into()), at, "each name once", || {
        format!("`{}` twice", name.escape_debug())
    })
}

pub fn strings_are_utf8(subject: &Subject) -> Step {
    let plugin = raw_tables::plugin(subject.table()?)?;
    check_text("imprint_plugin::id", plugin.id)?;
    check_text("imprint_plugin::version", plugin.version)?;
    for family in raw_tables::families(plugin)? {
        check_text("imprint_family::id", family.id)?;
        check_text("imprint_family::summary", family.summary)?;
        for (at, items, count) in lists(family) {
            let items = raw_tables::named(at, items, count)?;
            let expected = format!("at most {NAMED_MAX} items");
            ensure(items.len() <= NAMED_MAX, at, expected, || {
                items.len().to_string()
            })?;
            for item in items {
                check_text(&format!("{at}, a name"), item.name)?;
                check_text(&format!("{at}, a summary"), item.summary)?;
            }
        }
    }
    Ok(())
}

fn check_text(at: &str, text: imprint_str) -> Step {
    let bytes = raw_tables::bytes(at, text)?;
    let Ok(text) = std::str::from_utf8(bytes) else {
        return failed(at, "UTF-8", format!("\"{}\"", bytes.escape_ascii()));
    };
    let is_good =
        !text.is_empty() && text.len() <= TEXT_LEN_MAX && !text.chars().any(char::is_control);
    let expected = format!("1 to {TEXT_LEN_MAX} bytes without control characters");
    ensure(is_good, at, expected, || {
        format!("{} bytes: \"{}\"", text.len(), text.escape_debug())
    })
}

pub fn required_functions(subject: &Subject) -> Step {
    let plugin = raw_tables::plugin(subject.table()?)?;
    let check = |is_there: bool, at: &str| ensure(is_there, at, "a function", || "null".into());
    for family in raw_tables::families(plugin)? {
        check(family.open.is_some(), "imprint_family::open")?;
        check(family.close.is_some(), "imprint_family::close")?;
        if let Some(board) = raw_tables::board(family) {
            check(board.open.is_some(), "imprint_board::open")?;
            check(board.close.is_some(), "imprint_board::close")?;
        }
    }
    Ok(())
}

pub fn extensions(subject: &Subject) -> Step {
    let plugin = raw_tables::plugin(subject.table()?)?;
    let mut is_asked = false;
    for family in raw_tables::families(plugin)? {
        is_asked |= family.extension.is_some();
        let ask = |id: &str| raw_tables::extension(family, id);
        let (first, second) = (ask(IMPRINT_EXT_BOARD), ask(IMPRINT_EXT_BOARD));
        ensure(
            first == second,
            format!("extension(`{IMPRINT_EXT_BOARD}`), called twice"),
            "the same pointer",
            || format!("{first:?} and {second:?}"),
        )?;
        for id in [
            "",
            "imprint.board",
            "imprint.board/2",
            "imprint.unheard-of/1",
        ] {
            let found = ask(id);
            ensure(
                found.is_none(),
                format!("extension(`{id}`)"),
                "null",
                || format!("{found:?}"),
            )?;
        }
    }
    if is_asked {
        Ok(())
    } else {
        not_applicable("no family has extensions")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_versions() {
        for (id, expect) in [
            ("org.example", true),
            ("a.b-c.d0", true),
            ("org", false),
            ("Org.example", false),
            ("org..example", false),
            ("org.example.", false),
            (".org", false),
            ("../org.x", false),
            ("or-g.x", false),
            ("", false),
        ] {
            assert_eq!(is_id(id), expect, "{id}");
        }
        for (version, expect) in [
            ("1.2.3", true),
            ("0.1.0-rc.1+build", true),
            ("1.2", false),
            ("1.2.x", false),
            ("", false),
        ] {
            assert_eq!(is_version(version), expect, "{version}");
        }
    }
}
