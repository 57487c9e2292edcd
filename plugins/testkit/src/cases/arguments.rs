//! Cases about arguments: null ones, short buffers, an old host, a part that nobody knows.

use super::work;
use crate::{
    bench::Bench,
    raw::{self, HostKind, Op},
    raw_nulls,
    session::{Session, status_name},
    subject::{Site, Subject},
    verdict::{Step, ensure, failed, not_applicable},
};
use imprint_plugin_abi::*;

/// A name no family knows, with characters of two, three and four bytes in UTF-8.
const UNKNOWN: &str = "Ünbekannt☃🔒";
/// Values that a description should not have.
const ODD_VALUES: [&str; 6] = [
    "",
    "elephant",
    "-1",
    "0xFFFFFFFFFFFFFFFF",
    "0",
    "ÿ\u{0}\u{1b}[2J",
];

pub fn null_arguments(subject: &Subject) -> Step {
    let site = subject.site()?;
    let mut bench = Bench::new(&site, 1)?;
    let mut session = Session::open(&site, &mut bench)?;
    for try_out in raw_nulls::all() {
        // A session of its own, because what a plugin does to it here is open.
        let Some(status) = try_out.run(&site.family, &mut session, &mut bench) else {
            continue;
        };
        let may = match try_out.wants_refusal {
            // What the family does not offer it need not look at.
            true => [IMPRINT_E_INVALID_ARGUMENT, IMPRINT_E_UNSUPPORTED].contains(&status),
            false => status != IMPRINT_E_PANIC,
        };
        let expected = match try_out.wants_refusal {
            true => "IMPRINT_E_INVALID_ARGUMENT",
            false => "any answer but a panic",
        };
        ensure(may, try_out.at, expected, || status_name(status))?;
    }
    Ok(())
}

/// Calls that fail on every chip, and explain it.
fn failing() -> [Op; 3] {
    [
        Op::OptionRead {
            name: UNKNOWN.into(),
        },
        Op::OptionWrite {
            name: UNKNOWN.into(),
            value: 0,
        },
        Op::Command {
            name: UNKNOWN.into(),
            input: Vec::new(),
        },
    ]
}

pub fn short_message_buffer(subject: &Subject) -> Step {
    let site = subject.site()?;
    let mut bench = Bench::new(&site, 1)?;
    let mut session = Session::open(&site, &mut bench)?;
    let mut is_tried = false;
    // A call on a chip that answers nothing explains itself too.
    let mut calls: Vec<(Op, bool)> = failing().into_iter().map(|op| (op, false)).collect();
    calls.extend([Op::ReadUid, Op::Identify].map(|op| (op, true)));
    for (op, is_another_chip) in calls {
        bench.is_another_chip = is_another_chip;
        is_tried |= cut_everywhere(&mut session, &mut bench, &op)?;
    }
    if is_tried {
        Ok(())
    } else {
        not_applicable("no call that fails on every chip says why")
    }
}

/// Tries every length of the buffer. `false` when the call does not fail or says nothing.
fn cut_everywhere(session: &mut Session, bench: &mut Bench, op: &Op) -> Step<bool> {
    let whole = session.call(bench, op);
    if whole.is_ok() || whole.message.is_empty() {
        return Ok(false);
    }
    let whole = whole.message;
    for cap in 0..=whole.len() + 1 {
        let at = format!("{op} with a message buffer of {cap} bytes");
        let (status, error, _) = session.call_raw(bench, op, 64, cap);
        if status == IMPRINT_OK {
            return failed(at, "the same failure as before", "IMPRINT_OK");
        }
        ensure(
            !error.message.overran(),
            &at,
            format!("at most {cap} bytes written"),
            || "bytes after the buffer were written".into(),
        )?;
        ensure(
            error.raw.message_len == whole.len(),
            &at,
            format!("message_len {}, what the whole sentence needs", whole.len()),
            || error.raw.message_len.to_string(),
        )?;
        let cut = error.message.filled(whole.len());
        // Where the cut falls, the plugin may leave the bytes that a whole character would not fit in.
        let kept = whole.floor_char_boundary(cap.min(whole.len()));
        let is_text = cut.starts_with(&whole.as_bytes()[..kept])
            && !is_part_of_a_character(cut, kept, whole.as_bytes());
        ensure(is_text, &at, "the sentence, cut at a character", || {
            format!("\"{}\"", cut.escape_ascii())
        })?;
    }
    Ok(true)
}

/// The first byte after the last whole character was written too: half a character.
fn is_part_of_a_character(cut: &[u8], kept: usize, whole: &[u8]) -> bool {
    cut.get(kept)
        .is_some_and(|byte| whole.get(kept) == Some(byte))
}

pub fn short_result_buffer(subject: &Subject) -> Step {
    let site = subject.site()?;
    let mut calls = vec![Op::Identify, Op::ReadUid];
    for command in site.family.commands().iter().take(3) {
        calls.push(Op::Command {
            name: command.name.clone(),
            input: Vec::new(),
        });
    }
    let mut is_tried = false;
    for op in calls {
        let mut bench = Bench::new(&site, 1)?;
        let mut session = Session::open(&site, &mut bench)?;
        let whole = session.call(&mut bench, &op);
        if !whole.is_ok() || whole.bytes.is_empty() {
            continue;
        }
        is_tried = true;
        let len = whole.bytes.len();
        for cap in [len, len - 1, 1.min(len - 1), 0] {
            let at = format!("{op} with a buffer of {cap} bytes");
            let (status, _, results) = session.call_raw(&mut bench, &op, cap, 256);
            ensure(!results.buffer.overran(), &at, "the buffer's bytes", || {
                "bytes after the buffer were written".into()
            })?;
            let expected = match cap < len {
                true => IMPRINT_E_INVALID_ARGUMENT,
                false => IMPRINT_OK,
            };
            ensure(status == expected, &at, status_name(expected), || {
                status_name(status)
            })?;
            ensure(results.len == len, &at, format!("len {len}"), || {
                results.len.to_string()
            })?;
        }
    }
    if is_tried {
        Ok(())
    } else {
        not_applicable("no call gives bytes")
    }
}

pub fn old_host(subject: &Subject) -> Step {
    let site = subject.site()?;
    for work in work::all(&site)? {
        for has_extensions in [true, false] {
            let Some(mut bench) = work.state.bench(&site, 1)? else {
                continue;
            };
            bench.has_extensions = has_extensions;
            let mut session = Session::open_as(&site, &mut bench, HostKind::Old)?;
            let answer = session.call(&mut bench, &work.op);
            let at = match has_extensions {
                true => format!("{} with a host of ABI 1.0", work.op),
                false => format!("{} with a host of ABI 1.0 without extensions", work.op),
            };
            // A host that has everything of 1.0 is enough for what succeeds with the present one.
            let expected = match has_extensions {
                true => "IMPRINT_OK, as with the present host",
                false => "IMPRINT_OK, or a failure that says what is missing",
            };
            let holds = answer.is_ok()
                || !has_extensions
                    && answer.status != IMPRINT_E_PANIC
                    && !answer.message.is_empty();
            answer.expect(&at, holds, expected)?;
            drop(session);
            let count = raw::calls_beyond();
            ensure(
                count == 0,
                at,
                "nothing beyond struct_size of the host's table is used",
                || format!("{count} calls of what lies there"),
            )?;
        }
    }
    Ok(())
}

pub fn unknown_part(subject: &Subject) -> Step {
    let site = subject.site()?;
    let name = "no-such-part-0815";
    // A description that knows nothing.
    let mut bench = Bench::new(&site, 1)?;
    bench.properties.clear();
    let at = format!("open(`{name}`) with a description without properties");
    let refused = match Session::try_open(&site, &mut bench, HostKind::Present, name) {
        Ok(session) => {
            session.close();
            return not_applicable(
                "the family opens any device; whether it is the right chip, `identify` says",
            );
        }
        Err(answer) => answer,
    };
    let asked = bench.asked();
    let names_it = refused.message.contains(name)
        || asked
            .iter()
            .any(|property| refused.message.contains(property));
    let may = [IMPRINT_E_INVALID_ARGUMENT, IMPRINT_E_UNSUPPORTED].contains(&refused.status);
    refused.expect(
        &at,
        may,
        "IMPRINT_E_INVALID_ARGUMENT or IMPRINT_E_UNSUPPORTED",
    )?;
    refused.expect(
        &at,
        names_it,
        "a sentence that names the device, or the property that is missing",
    )
}

pub fn odd_properties(subject: &Subject) -> Step {
    let site = subject.site()?;
    let known = properties_of(&site)?;
    if known.is_empty() {
        return not_applicable("the family asks for no property");
    }
    for property in known {
        for value in ODD_VALUES.into_iter().map(Some).chain([None]) {
            let mut bench = Bench::new(&site, 1)?;
            match value {
                Some(value) => bench.properties.insert(property.clone(), value.into()),
                None => bench.properties.remove(&property),
            };
            let at = match value {
                Some(value) => format!("the property `{property}` is \"{}\"", value.escape_debug()),
                None => format!("the property `{property}` is missing"),
            };
            let name = &site.device.name;
            let opened = Session::try_open(&site, &mut bench, HostKind::Present, name);
            let mut session = match opened {
                Ok(session) => session,
                Err(answer) => {
                    answer.expect_no_panic(&format!("open, {at}"))?;
                    continue;
                }
            };
            for op in [Op::IsProtected, Op::Identify, Op::ReadUid] {
                let answer = session.call(&mut bench, &op);
                answer.expect_no_panic(&format!("{op}, {at}"))?;
            }
        }
    }
    Ok(())
}

/// The properties that a session asks for.
fn properties_of(site: &Site) -> Step<Vec<String>> {
    let mut bench = Bench::new(site, 1)?;
    let mut session = Session::open(site, &mut bench)?;
    let mut known = bench.asked();
    for op in [Op::IsProtected, Op::Identify, Op::ReadUid] {
        session.call(&mut bench, &op);
        known.extend(bench.asked());
    }
    known.sort();
    known.dedup();
    Ok(known)
}
