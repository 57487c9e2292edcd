//! The host's side of a transcript, played on a twin.

use super::{Difference, OTHER_CHIP, Replayed, open};
use crate::{
    report::{Failure, to_hex},
    twin::Twin,
};
use imprint_target::{Port, Wire};
use imprint_transcript::{Action, Clock, Header};
use std::path::Path;

/// Plays a transcript on a twin and compares every answer, and the time where the recording has a virtual one.
///
/// # Errors
/// The first difference; a transcript that is broken, or of another chip.
pub fn replay_on_twin(path: &Path, twin: &Twin) -> Result<Replayed, Failure> {
    let mut reader = open(path)?;
    check_chip(reader.header(), twin)?;
    let mut wire = twin.clone();
    let zero_ns = wire.now_ns();
    let start_ns = match reader.header().clock {
        Clock::Virtual { start_ns } => Some(start_ns),
        Clock::Real => None,
    };
    let mut compared = 0;
    while let Some((line, recorded)) = reader.next_entry()? {
        if !recorded.action.is_of_wire() {
            continue;
        }
        let answered = play(&mut wire, &recorded.action);
        let passed_ns = wire.now_ns() - zero_ns;
        let difference = |expected: String, found: String| {
            let difference = Difference {
                line,
                time_ns: recorded.time_ns,
                expected,
                found,
            };
            difference.failure("the twin")
        };
        if answered != recorded.action && (start_ns.is_some() || !is_of_probe(&answered)) {
            return Err(difference(
                recorded.action.to_string(),
                answered.to_string(),
            ));
        }
        if let Some(start_ns) = start_ns {
            let expected_ns = recorded.time_ns.saturating_sub(start_ns);
            if passed_ns != expected_ns {
                let after = |ns: u64| format!("{} after {ns} ns", recorded.action.request());
                return Err(difference(after(expected_ns), after(passed_ns)));
            }
        }
        compared += 1;
    }
    Ok(Replayed { compared })
}

/// Clock and supply are the probe's: those of a real one say nothing of the chip.
fn is_of_probe(action: &Action) -> bool {
    matches!(action, Action::Clock { .. } | Action::Voltage { .. })
}

/// A twin of another chip differs somewhere, and that would say less.
fn check_chip(header: &Header, twin: &Twin) -> Result<(), Failure> {
    let other = |what: &str, expected: &str, found: String| {
        Failure::new(OTHER_CHIP, format!("the transcript is of another {what} than the twin"))
            .with_difference(expected, found)
            .with_help("name the device that was recorded; of a board in a file, keep a copy from before the run")
    };
    let device = twin.board().device().name.clone();
    if device != header.device {
        return Err(other("device", &header.device, device));
    }
    let uid = to_hex(&twin.uid());
    match &header.uid {
        Some(expected) if !expected.eq_ignore_ascii_case(&uid) => Err(other("chip", expected, uid)),
        _ => Ok(()),
    }
}

/// Does it, and says what came of it.
fn play(wire: &mut Twin, action: &Action) -> Action {
    let mut played = action.clone();
    match &mut played {
        Action::Read {
            port,
            register,
            answer,
        } => *answer = wire.read_register(of(*port), *register).map_err(Into::into),
        Action::Write {
            port,
            register,
            value,
            fault,
        } => *fault = failed(wire.write_register(of(*port), *register, *value)),
        Action::ReadBlock {
            port,
            register,
            count,
            answer,
        } => {
            let mut values = vec![0; *count];
            let read = wire.read_block(of(*port), *register, &mut values);
            *answer = read.map(|()| values).map_err(Into::into);
        }
        Action::WriteBlock {
            port,
            register,
            values,
            fault,
        } => *fault = failed(wire.write_block(of(*port), *register, values)),
        Action::Flush { fault } => *fault = failed(wire.flush()),
        Action::Line { bit_count, bits } => wire.line_sequence(*bit_count, *bits),
        Action::Pins {
            output,
            select,
            read,
        } => {
            let found = wire.pins(*output, *select);
            // Where nobody looked, there is nothing to compare.
            *read = read.map(|_| found);
        }
        Action::Clock { khz, set_khz } => *set_khz = wire.set_clock_khz(*khz),
        Action::Voltage { millivolts } => *millivolts = wire.voltage_mv(),
        Action::Pass { ns } => wire.pass_ns(*ns),
        _ => {}
    }
    played
}

fn failed(result: Result<(), imprint_target::WireFault>) -> Option<imprint_transcript::Fault> {
    result.err().map(Into::into)
}

fn of(port: imprint_transcript::Port) -> Port {
    match port {
        imprint_transcript::Port::Debug => Port::Debug,
        imprint_transcript::Port::Access => Port::Access,
    }
}
