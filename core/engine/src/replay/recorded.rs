//! A wire that answers from a recording, and notes the first thing it is asked that was not asked then.

use super::{BROKEN_OFF, Difference, Replayed, how_it_ended};
use crate::report::{Failure, UnitReport};
use imprint_target::{CancelToken, Meter, Port, Wire, WireFault};
use imprint_transcript::{Action, Clock, Entry, Fault, Header, Reader, Stop, TranscriptError};
use std::{
    fs::File,
    io::BufReader,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A recording, shared by the wire and by who asks afterwards.
#[derive(Clone)]
pub(super) struct Recording(Arc<Mutex<State>>);

/// Its side as a wire.
pub(super) struct Recorded(pub Recording);

struct State {
    reader: Reader<BufReader<File>>,
    /// The next thing that was done on the wire.
    next: Option<(u64, Entry)>,
    /// How the recorded unit ended, once that is reached, and the line that says so.
    ended: Option<(u64, String)>,
    now_ns: u64,
    compared: u64,
    /// The recorded unit was cancelled before the next thing. How soon a script notices is the host's doing.
    is_cancelled: bool,
    difference: Option<Difference>,
    error: Option<TranscriptError>,
    stops: Option<(CancelToken, Meter)>,
}

impl Recording {
    pub(super) fn new(reader: Reader<BufReader<File>>) -> Recording {
        let now_ns = match reader.header().clock {
            Clock::Real => 0,
            Clock::Virtual { start_ns } => start_ns,
        };
        Recording(Arc::new(Mutex::new(State {
            reader,
            next: None,
            ended: None,
            now_ns,
            compared: 0,
            is_cancelled: false,
            difference: None,
            error: None,
            stops: None,
        })))
    }

    pub(super) fn header(&self) -> Header {
        self.lock().reader.header().clone()
    }

    /// From here on it answers.
    pub(super) fn begin(&self, cancel: CancelToken, meter: Meter) {
        let mut state = self.lock();
        state.stops = Some((cancel, meter));
        state.advance();
    }

    pub(super) fn finish(&self, report: &UnitReport) -> Result<Replayed, Failure> {
        let mut state = self.lock();
        if state.is_cancelled {
            state.skip(is_idle);
        }
        if let Some(error) = &state.error {
            return Err(error.clone().into());
        }
        let difference = state
            .difference
            .clone()
            .or_else(|| state.difference_at_end(report));
        if let Some(difference) = difference {
            return Err(difference.failure("the engine"));
        }
        if state.ended.is_none() {
            let message = format!(
                "the transcript breaks off before its unit ended; {} lines were compared, and none differs",
                state.compared
            );
            return Err(Failure::new(BROKEN_OFF, message)
                .with_help("a run that is killed leaves such a transcript"));
        }
        Ok(Replayed {
            compared: state.compared,
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic ends one unit; what was read so far was read.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the recording answered to this; none where it was asked something else.
    fn ask(&self, asked: &Action) -> Option<Action> {
        self.lock().ask(asked)
    }
}

impl State {
    fn is_exact(&self) -> bool {
        self.reader.header().clock != Clock::Real
    }

    fn ask(&mut self, asked: &Action) -> Option<Action> {
        if self.difference.is_some() || self.error.is_some() {
            return None;
        }
        if !self.is_exact() {
            self.skip(is_pause);
        }
        if self.is_cancelled {
            self.skip(|action| is_idle(action) && action.request() != asked.request());
            let is_next = self
                .next
                .as_ref()
                .is_some_and(|(_, entry)| is_idle(&entry.action));
            if is_idle(asked) && !is_next {
                return None;
            }
        }
        let Some((line, entry)) = self.next.take() else {
            if let Some((line, how)) = &self.ended {
                self.difference = Some(Difference {
                    line: *line,
                    time_ns: self.now_ns,
                    expected: format!("end {how}"),
                    found: asked.request(),
                });
            }
            return None;
        };
        let (expected, found) = (entry.action.request(), asked.request());
        if expected != found {
            self.difference = Some(Difference {
                line,
                time_ns: entry.time_ns,
                expected,
                found,
            });
            return None;
        }
        self.now_ns = entry.time_ns;
        self.compared += 1;
        self.advance();
        Some(entry.action)
    }

    /// Passes over what is never the same twice.
    fn skip(&mut self, is_skipped: impl Fn(&Action) -> bool) {
        while let Some((_, entry)) = &self.next
            && is_skipped(&entry.action)
        {
            self.now_ns = entry.time_ns;
            self.advance();
        }
    }

    /// Goes to the next thing that was done on the wire. What stopped the recorded unit before that stops this one.
    fn advance(&mut self) {
        self.next = None;
        while self.ended.is_none() {
            let (line, entry) = match self.reader.next_entry() {
                Ok(Some(found)) => found,
                Ok(None) => return,
                Err(error) => {
                    self.error = Some(error);
                    return;
                }
            };
            match (&entry.action, &self.stops) {
                (Action::Stop(Stop::Cancelled), Some((cancel, _))) => {
                    cancel.cancel();
                    self.is_cancelled = true;
                }
                (Action::Stop(Stop::OutOfTime), Some((_, meter))) => meter.end_time(),
                (Action::End(how), stops) => {
                    if let (Some((cancel, _)), "cancelled") = (stops, how.as_str()) {
                        // Where nothing was left to be done on the wire, nothing else says so.
                        cancel.cancel();
                        self.is_cancelled = true;
                    }
                    self.ended = Some((line, how.clone()));
                }
                (action, _) if action.is_of_wire() => {
                    self.next = Some((line, entry));
                    return;
                }
                _ => {}
            }
        }
    }

    /// A unit that ended before the recorded one, or in another way.
    fn difference_at_end(&self, report: &UnitReport) -> Option<Difference> {
        let found = how_it_ended(report);
        let (line, time_ns, expected) = match (&self.next, &self.ended) {
            (Some((line, entry)), _) => (*line, entry.time_ns, entry.action.request()),
            (None, Some((line, how))) => (*line, self.now_ns, format!("end {how}")),
            (None, None) => return None,
        };
        let found = format!("end {found}");
        (expected != found).then_some(Difference {
            line,
            time_ns,
            expected,
            found,
        })
    }
}

impl Wire for Recorded {
    fn name(&self) -> String {
        self.0.header().link
    }

    fn set_clock_khz(&mut self, khz: u32) -> u32 {
        match self.0.ask(&Action::Clock { khz, set_khz: khz }) {
            Some(Action::Clock { set_khz, .. }) => set_khz,
            _ => khz,
        }
    }

    fn read_register(&mut self, port: Port, register: u8) -> Result<u32, WireFault> {
        let asked = Action::Read {
            port: port.into(),
            register,
            answer: Ok(0),
        };
        match self.0.ask(&asked) {
            Some(Action::Read { answer, .. }) => answer.map_err(fault),
            _ => Err(WireFault::NoAnswer),
        }
    }

    fn write_register(&mut self, port: Port, register: u8, value: u32) -> Result<(), WireFault> {
        let asked = Action::Write {
            port: port.into(),
            register,
            value,
            fault: None,
        };
        match self.0.ask(&asked) {
            Some(Action::Write { fault, .. }) => outcome(fault),
            _ => Err(WireFault::NoAnswer),
        }
    }

    fn read_block(
        &mut self,
        port: Port,
        register: u8,
        values: &mut [u32],
    ) -> Result<(), WireFault> {
        let asked = Action::ReadBlock {
            port: port.into(),
            register,
            count: values.len(),
            answer: Err(Fault::NoAnswer),
        };
        match self.0.ask(&asked) {
            Some(Action::ReadBlock { answer, .. }) => {
                let found = answer.map_err(fault)?;
                // As many as were asked for: the requests are the same.
                for (value, found) in values.iter_mut().zip(found) {
                    *value = found;
                }
                Ok(())
            }
            _ => Err(WireFault::NoAnswer),
        }
    }

    fn write_block(&mut self, port: Port, register: u8, values: &[u32]) -> Result<(), WireFault> {
        let asked = Action::WriteBlock {
            port: port.into(),
            register,
            values: values.to_vec(),
            fault: None,
        };
        match self.0.ask(&asked) {
            Some(Action::WriteBlock { fault, .. }) => outcome(fault),
            _ => Err(WireFault::NoAnswer),
        }
    }

    fn flush(&mut self) -> Result<(), WireFault> {
        match self.0.ask(&Action::Flush { fault: None }) {
            Some(Action::Flush { fault }) => outcome(fault),
            _ => Err(WireFault::NoAnswer),
        }
    }

    fn line_sequence(&mut self, bit_count: u8, bits: u64) {
        self.0.ask(&Action::Line { bit_count, bits });
    }

    fn pins(&mut self, output: u32, select: u32) -> u32 {
        let asked = Action::Pins {
            output,
            select,
            read: None,
        };
        match self.0.ask(&asked) {
            Some(Action::Pins { read, .. }) => read.unwrap_or(output & select),
            _ => 0,
        }
    }

    fn voltage_mv(&mut self) -> Option<u32> {
        match self.0.ask(&Action::Voltage { millivolts: None }) {
            Some(Action::Voltage { millivolts }) => millivolts,
            _ => None,
        }
    }

    fn now_ns(&self) -> u64 {
        self.0.lock().now_ns
    }

    fn pass_ns(&mut self, ns: u64) {
        let mut state = self.0.lock();
        match state.is_exact() {
            true => drop(state.ask(&Action::Pass { ns })),
            false => state.skip(is_pause),
        }
        if state.next.is_none() || state.difference.is_some() {
            // What waits for something that never comes has to come to its end.
            state.now_ns = state.now_ns.saturating_add(ns);
        }
    }
}

/// Pauses on the host's clock differ.
fn is_pause(action: &Action) -> bool {
    matches!(action, Action::Pass { .. })
}

/// What is done although nothing may be transferred any more.
fn is_idle(action: &Action) -> bool {
    matches!(
        action,
        Action::Pass { .. } | Action::Clock { .. } | Action::Voltage { .. }
    )
}

fn outcome(found: Option<Fault>) -> Result<(), WireFault> {
    found.map_or(Ok(()), |found| Err(fault(found)))
}

fn fault(fault: Fault) -> WireFault {
    match fault {
        Fault::NoAnswer => WireFault::NoAnswer,
        Fault::Wait => WireFault::Wait,
        Fault::Fault => WireFault::Fault,
    }
}
