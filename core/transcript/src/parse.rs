//! A line read back. What `Display` would not write is refused, so that each line has one meaning and one form.

use crate::{
    entry::{Action, Entry, Fault, Port, Stop},
    limits::{BLOCK_COUNT_MAX, PASS_NS_MAX},
};

/// Reads a line, without its end. The error says what is wrong with it.
pub(crate) fn entry(line: &str) -> Result<Entry, &'static str> {
    let (time, rest) = line
        .trim_start()
        .split_once(' ')
        .ok_or("has no time and action")?;
    let time_ns = time_ns(time).ok_or("has no time in microseconds with three digits")?;
    let action = action(rest)?;
    let entry = Entry { time_ns, action };
    match entry.to_string() == line {
        true => Ok(entry),
        false => Err("is not written as a transcript writes it"),
    }
}

/// `1234.567`: microseconds, exact to the nanosecond.
pub(crate) fn time_ns(text: &str) -> Option<u64> {
    let (micros, nanos) = text.split_once('.')?;
    let micros: u64 = micros.parse().ok()?;
    let nanos: u64 = (nanos.len() == 3).then(|| nanos.parse().ok())??;
    micros.checked_mul(1000)?.checked_add(nanos)
}

fn action(text: &str) -> Result<Action, &'static str> {
    let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
    match verb {
        "permit" => return Ok(Action::Permit(rest.into())),
        "refuse" => return Ok(Action::Refuse(rest.into())),
        "end" => return Ok(Action::End(rest.into())),
        _ => {}
    }
    let (text, fault) = match text.rsplit_once(" ! ") {
        Some((text, word)) => (text, Some(fault(word).ok_or("names no fault")?)),
        None => (text, None),
    };
    if let Some(what) = text.strip_prefix("chip.") {
        let what = what.into();
        return Ok(Action::Chip { what, fault });
    }
    let (_, rest) = text.split_once(' ').unwrap_or((text, ""));
    let (request, answer) = match rest.split_once(" =") {
        Some((request, answer)) => (request, Some(answer.trim_start())),
        None => (rest, None),
    };
    let bad = "has numbers that are none";
    let parts: Vec<&str> = request.split(' ').collect();
    let found = match (verb, &parts[..], answer, fault) {
        ("dp.read" | "ap.read", [register], _, _) => {
            register_action(verb, register, |port, register| {
                let answer = answer_or(fault, || word(answer?))?;
                Some(Action::Read {
                    port,
                    register,
                    answer,
                })
            })
        }
        ("dp.read" | "ap.read", [register, times], _, _) => {
            register_action(verb, register, |port, register| {
                let count = count(times)?;
                let answer = answer_or(fault, || words(answer?, count))?;
                Some(Action::ReadBlock {
                    port,
                    register,
                    count,
                    answer,
                })
            })
        }
        ("dp.write" | "ap.write", [register], Some(value), _) => {
            register_action(verb, register, |port, register| {
                let value = word(value)?;
                Some(Action::Write {
                    port,
                    register,
                    value,
                    fault,
                })
            })
        }
        ("dp.write" | "ap.write", [register, times], Some(values), _) => {
            register_action(verb, register, |port, register| {
                let values = words(values, count(times)?)?;
                Some(Action::WriteBlock {
                    port,
                    register,
                    values,
                    fault,
                })
            })
        }
        ("flush", [""], None, _) => Some(Action::Flush { fault }),
        ("line", [bit_count, "bits", bits], None, None) => line(bit_count, bits),
        ("pins", [output, "of", select], read, None) => pins(output, select, read),
        ("clock", [khz], Some(set_khz), None) => clock(khz, set_khz),
        ("voltage", ["=", value], None, None) => voltage(value),
        ("pass", [ns], None, None) => pass(ns),
        ("stop", [word], None, None) => stop(word).map(Action::Stop),
        _ => return Err("has no action that is known"),
    };
    found.ok_or(bad)
}

fn register_action(
    verb: &str,
    register: &str,
    make: impl FnOnce(Port, u8) -> Option<Action>,
) -> Option<Action> {
    let port = match verb.starts_with("dp") {
        true => Port::Debug,
        false => Port::Access,
    };
    let register = match register {
        "0x0" => 0x0,
        "0x4" => 0x4,
        "0x8" => 0x8,
        "0xc" => 0xC,
        _ => return None,
    };
    make(port, register)
}

/// The fault, or the answer that has to be there without one.
fn answer_or<T>(
    fault: Option<Fault>,
    answer: impl FnOnce() -> Option<T>,
) -> Option<Result<T, Fault>> {
    match fault {
        Some(fault) => Some(Err(fault)),
        None => answer().map(Ok),
    }
}

fn count(text: &str) -> Option<usize> {
    let count = text.strip_prefix('x')?.parse().ok()?;
    (count <= BLOCK_COUNT_MAX).then_some(count)
}

fn words(text: &str, count: usize) -> Option<Vec<u32>> {
    let words = text.split(' ').filter(|word| !word.is_empty());
    let words: Option<Vec<u32>> = words
        .take(count + 1)
        .map(|word| u32::from_str_radix(word, 16).ok())
        .collect();
    words.filter(|words| words.len() == count)
}

/// `0x0000abcd`.
fn word(text: &str) -> Option<u32> {
    u32::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

fn line(bit_count: &str, bits: &str) -> Option<Action> {
    let bit_count = bit_count.parse().ok().filter(|count| *count <= 64)?;
    let bits = u64::from_str_radix(bits.strip_prefix("0x")?, 16).ok()?;
    Some(Action::Line { bit_count, bits })
}

fn pins(output: &str, select: &str, read: Option<&str>) -> Option<Action> {
    Some(Action::Pins {
        output: word(output)?,
        select: word(select)?,
        read: read.map_or(Some(None), |read| word(read).map(Some))?,
    })
}

fn clock(khz: &str, set_khz: &str) -> Option<Action> {
    Some(Action::Clock {
        khz: khz.parse().ok()?,
        set_khz: set_khz.parse().ok()?,
    })
}

fn voltage(value: &str) -> Option<Action> {
    let millivolts = match value {
        "none" => None,
        number => Some(number.parse().ok()?),
    };
    Some(Action::Voltage { millivolts })
}

fn pass(ns: &str) -> Option<Action> {
    let ns = ns.parse().ok().filter(|ns| *ns <= PASS_NS_MAX)?;
    Some(Action::Pass { ns })
}

fn fault(word: &str) -> Option<Fault> {
    match word {
        "NoAnswer" => Some(Fault::NoAnswer),
        "Wait" => Some(Fault::Wait),
        "Fault" => Some(Fault::Fault),
        _ => None,
    }
}

fn stop(word: &str) -> Option<Stop> {
    match word {
        "cancelled" => Some(Stop::Cancelled),
        "out-of-time" => Some(Stop::OutOfTime),
        "step-over" => Some(Stop::StepOver),
        _ => None,
    }
}
