//! Whether the parts of a directory fit each other.
//!
//! A signed object can still be a wrong one. What a run relies on is checked when the directory is read, so that nobody
//! behind has to doubt it.

use super::contents::{
    Contents, DEVICE, LIST, MODULE, PAYLOAD, PLAN, PayloadEntry, SCRIPT, damaged,
};
use super::error::ObjectError;
use crate::{
    limits::{
        ADDRESS_END, DEVICE_SECTION_LEN_MAX, ENTRY_COUNT_MAX, LIST_LEN_MAX, PLAN_LEN_MAX,
        SCRIPT_LEN_MAX, SECTION_COUNT_MAX, SEGMENT_COUNT_MAX, TEST_COUNT_MAX,
    },
    recipe::{DataSource, Link, Name, Power, RelativePath, RunTest},
    serial::Values,
};
use std::collections::BTreeSet;

/// The first contradiction.
pub(super) fn check(contents: &Contents) -> Result<(), ObjectError> {
    check_values(contents)?;
    check_sections(contents)?;
    check_inputs(contents)?;
    for (name, payload) in &contents.payloads {
        check_payload(contents, name, payload)?;
    }
    check_serials(contents)?;
    check_data(contents)?;
    check_tests(contents)
}

fn check_values(contents: &Contents) -> Result<(), ObjectError> {
    let counts = [
        contents.settings.len(),
        contents.serials.len(),
        contents.data.len(),
    ];
    if contents.sections.len() > SECTION_COUNT_MAX
        || counts.iter().any(|count| *count > ENTRY_COUNT_MAX)
    {
        return Err(damaged("it has too many entries"));
    }
    let in_range = contents.limits.are_valid()
        && contents.link.as_ref().is_none_or(Link::is_sound)
        && contents.power.as_ref().is_none_or(Power::is_sound);
    if !in_range {
        return Err(damaged("a limit is out of its range"));
    }
    let defect = contents.barcode.as_ref().and_then(|it| it.defect());
    defect.map_or(Ok(()), |message| Err(damaged(message)))
}

/// Each section is one that there may be, and every one that there must be is there.
fn check_sections(contents: &Contents) -> Result<(), ObjectError> {
    let sections = &contents.sections;
    if !sections.is_sorted_by(|left, right| left.name < right.name) {
        return Err(damaged("its sections are not sorted"));
    }
    let mut needed: BTreeSet<String> = [SCRIPT, DEVICE, PLAN].map(String::from).into();
    needed.extend(contents.payloads.keys().map(|it| format!("{PAYLOAD}{it}")));
    let lists = contents.serials.iter();
    let lists = lists.filter(|(_, serial)| serial.definition.is_list());
    needed.extend(lists.map(|(name, _)| format!("{LIST}{name}")));
    for section in sections {
        let name = section.name.as_str();
        let is_needed = needed.remove(name);
        let len_max = match name {
            SCRIPT => SCRIPT_LEN_MAX,
            DEVICE => DEVICE_SECTION_LEN_MAX,
            PLAN => PLAN_LEN_MAX,
            _ if is_needed && name.starts_with(LIST) => LIST_LEN_MAX,
            _ if is_needed => ADDRESS_END,
            _ => {
                let path = name.strip_prefix(MODULE).unwrap_or_default();
                RelativePath::try_from(path.to_owned()).map_err(damaged)?;
                SCRIPT_LEN_MAX
            }
        };
        if section.len > len_max {
            return Err(damaged(format!("section `{name}` is too large")));
        }
    }
    match needed.first() {
        Some(name) => Err(damaged(format!("section `{name}` is missing"))),
        None => Ok(()),
    }
}

/// There is one input for every part, and no other.
fn check_inputs(contents: &Contents) -> Result<(), ObjectError> {
    let mut expected: BTreeSet<String> = ["recipe", DEVICE, SCRIPT].map(String::from).into();
    let sections = contents.sections.iter().map(|it| it.name.as_str());
    let parts = sections.filter(|name| {
        [MODULE, PAYLOAD, LIST]
            .iter()
            .any(|kind| name.starts_with(kind))
    });
    expected.extend(parts.map(String::from));
    expected.extend(contents.serials.keys().map(|it| format!("serial/{it}")));
    let roles = contents.inputs.iter().map(|it| it.role.as_str());
    if !roles.eq(expected.iter().map(String::as_str)) {
        return Err(damaged("its inputs are not those of its parts"));
    }
    let same = contents.payloads.iter().all(|(name, payload)| {
        contents.input(&format!("{PAYLOAD}{name}")) == Some(payload.input_sha256)
    });
    match same {
        true => Ok(()),
        false => Err(damaged("an input is not that of its payload")),
    }
}

fn check_payload(
    contents: &Contents,
    name: &Name,
    payload: &PayloadEntry,
) -> Result<(), ObjectError> {
    let bad = |what: &str| Err(damaged(format!("payload `{name}`: {what}")));
    if payload.segments.is_empty() || payload.segments.len() > SEGMENT_COUNT_MAX {
        return bad("no or too many segments");
    }
    let mut end = None;
    for segment in &payload.segments {
        // A segment that touches its predecessor should have been joined to it.
        if segment.len == 0 || end.is_some_and(|end| segment.address <= end) {
            return bad("its segments are not in normal form");
        }
        match segment.address.checked_add(segment.len) {
            Some(after) if after <= ADDRESS_END => end = Some(after),
            _ => return bad("a segment leaves the address space"),
        }
    }
    if contents
        .section_named(&format!("{PAYLOAD}{name}"))
        .map(|it| it.len)
        != Some(payload.len())
    {
        return bad("its segments are not as long as its section");
    }
    if payload.after_tests && contents.tests.is_empty() {
        return bad("it waits for tests that are not there");
    }
    Ok(())
}

fn check_serials(contents: &Contents) -> Result<(), ObjectError> {
    let mut ids = BTreeSet::new();
    for (name, serial) in &contents.serials {
        let bad = |what: String| Err(damaged(format!("serial `{name}`: {what}")));
        if let Err(message) = serial.check() {
            return bad(message);
        }
        if !ids.insert(&serial.definition.id) {
            return bad("another one draws from its counter".into());
        }
        if let Values::List { sha256, .. } = &serial.definition.values {
            let section = contents.section_named(&format!("{LIST}{name}"));
            if section.map(|it| it.sha256) != Some(*sha256) {
                return bad("its list is another one".into());
            }
        }
        let place = (serial.address, serial.len());
        if let Err(message) = check_window(contents, place, serial.into.as_ref(), serial.over) {
            return bad(message);
        }
    }
    Ok(())
}

fn check_data(contents: &Contents) -> Result<(), ObjectError> {
    for (name, data) in &contents.data {
        let bad = |what: String| Err(damaged(format!("data `{name}`: {what}")));
        if let Err(message) = data.check() {
            return bad(message);
        }
        let place = (data.address, u64::from(data.len));
        if let Err(message) = check_window(contents, place, data.into.as_ref(), data.over) {
            return bad(message);
        }
        if contents.serials.contains_key(name) {
            return bad("a serial number has its name".into());
        }
        if let DataSource::Result(test, _) = &data.source {
            let is_known = contents.tests.iter().any(|it| it.name == *test);
            if !is_known || data.into.is_some() {
                return bad("there is no test whose result it could take".into());
            }
        }
    }
    Ok(())
}

fn check_window(
    contents: &Contents,
    (address, len): (u64, u64),
    into: Option<&Name>,
    over: bool,
) -> Result<(), String> {
    if address.checked_add(len).is_none_or(|end| end > ADDRESS_END) {
        return Err("it leaves the address space".into());
    }
    match into {
        Some(name) if !contents.payloads.contains_key(name) => {
            Err(format!("there is no payload `{name}`"))
        }
        None if over => Err("it is to lie over nothing".into()),
        _ => Ok(()),
    }
}

fn check_tests(contents: &Contents) -> Result<(), ObjectError> {
    let tests = &contents.tests;
    if tests.len() > TEST_COUNT_MAX || !tests.iter().all(RunTest::is_sound) {
        return Err(damaged("its tests are out of their limits"));
    }
    let mut names = BTreeSet::new();
    for test in tests {
        if !names.insert(&test.name) || !contents.payloads.contains_key(&test.payload) {
            let name = &test.name;
            return Err(damaged(format!(
                "test `{name}`: it is there twice, or has no payload"
            )));
        }
    }
    Ok(())
}
