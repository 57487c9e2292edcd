//! The watch over one link: what every transfer passes, and the link's clock.
//!
//! probe-rs knows neither cancel nor deadline. The forwarding probe asks the watch before each transfer; the watch
//! refuses when the unit is to stop, counts, writes the transcript and, in tests, makes faults. Errors travel through
//! probe-rs as a plain "no acknowledge", which ends every loop in it, and are told apart again in `explain`.

use crate::{
    control::Control,
    error::TargetError,
    limits::PAUSE_SLICE,
    wire::{SharedWire, WireFault},
};
use imprint_transcript::{Action, Entry};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// A point in time on both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The host's clock.
    pub real: Instant,
    /// The virtual clock, in nanoseconds, where the link has one.
    pub virtual_ns: Option<u64>,
}

/// A fault to make in a test of what comes after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultPlan {
    /// Number of the transfer, counted from 0 when the link was opened. A block counts once.
    pub at_transfer: u64,
    /// What it answers.
    pub fault: WireFault,
    /// Whether all later ones answer so too: the target has vanished.
    pub stays: bool,
}

/// Reads the clock and the count of a link, also while something else holds the link, and after it is gone.
#[derive(Clone)]
pub struct Meter(Arc<Watch>);

impl Meter {
    pub(crate) fn new(watch: Arc<Watch>) -> Self {
        Self(watch)
    }

    /// The time now.
    pub fn now(&self) -> Moment {
        self.0.now()
    }

    /// Transfers since the link was opened. A block counts once.
    pub fn transfer_count(&self) -> u64 {
        self.0.transfer_count()
    }

    /// Writes a line to the transcript, where one is written: what a replay has to know beside the transfers.
    pub fn note(&self, action: &Action) {
        self.0.note(|| action.clone());
    }

    /// Ends the time of the unit now.
    pub fn end_time(&self) {
        self.0.lock().stop = Some(Stop::OutOfTime);
    }
}

/// Why the watch lets nothing through any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    Cancelled,
    OutOfTime,
    /// The limit of one step (`with_limit`) is over.
    StepOver,
}

impl From<Stop> for imprint_transcript::Stop {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Cancelled => Self::Cancelled,
            Stop::OutOfTime => Self::OutOfTime,
            Stop::StepOver => Self::StepOver,
        }
    }
}

/// The watch. Shared by the probe, which asks it, and the target, which reads and sets it.
pub(crate) struct Watch {
    clock: Clock,
    state: Mutex<State>,
}

enum Clock {
    Real(Instant),
    Virtual(SharedWire),
}

/// Where the lines of a transcript go.
pub(crate) type Transcript = Box<dyn FnMut(&str) + Send>;

#[derive(Default)]
struct State {
    control: Control,
    started_ns: u64,
    started: Option<Instant>,
    step_end_ns: Option<u64>,
    stop: Option<Stop>,
    /// How the last transfer failed, if it did.
    heard: Option<WireFault>,
    transfer_count: u64,
    faults: Vec<FaultPlan>,
    transcript: Option<Transcript>,
}

impl Watch {
    pub(crate) fn real() -> Arc<Self> {
        Arc::new(Self {
            clock: Clock::Real(Instant::now()),
            state: Mutex::default(),
        })
    }

    pub(crate) fn of_wire(wire: SharedWire) -> Arc<Self> {
        Arc::new(Self {
            clock: Clock::Virtual(wire),
            state: Mutex::default(),
        })
    }

    /// Starts the time of a unit.
    pub(crate) fn arm(&self, control: Control) {
        let now_ns = self.now_ns();
        let mut state = self.lock();
        if state.control.cancel.is_cancelled() {
            // The unit was cancelled where it made no transfer.
            state.stop_for(Stop::Cancelled, now_ns);
        }
        state.control = control;
        state.started_ns = now_ns;
        state.started = Some(Instant::now());
        state.stop = None;
        state.heard = None;
    }

    /// Time on the link's clock.
    pub(crate) fn now_ns(&self) -> u64 {
        match &self.clock {
            Clock::Real(zero) => nanoseconds(zero.elapsed()),
            Clock::Virtual(wire) => wire.lock().now_ns(),
        }
    }

    pub(crate) fn now(&self) -> Moment {
        let virtual_ns = match &self.clock {
            Clock::Real(_) => None,
            Clock::Virtual(wire) => Some(wire.lock().now_ns()),
        };
        Moment {
            real: Instant::now(),
            virtual_ns,
        }
    }

    pub(crate) fn identifier(&self) -> Option<Vec<u8>> {
        match &self.clock {
            Clock::Real(_) => None,
            Clock::Virtual(wire) => wire.lock().identifier(),
        }
    }

    pub(crate) fn transfer_count(&self) -> u64 {
        self.lock().transfer_count
    }

    pub(crate) fn record(&self, sink: Transcript) {
        self.lock().transcript = Some(sink);
    }

    pub(crate) fn inject(&self, plan: FaultPlan) {
        self.lock().faults.push(plan);
    }

    /// Before a transfer: may it go, and does it come back? A fault is returned instead of the transfer.
    pub(crate) fn before_transfer(&self) -> Result<(), WireFault> {
        let now_ns = self.now_ns();
        let mut state = self.lock();
        if state.must_stop(now_ns).is_some() {
            return Err(WireFault::NoAnswer);
        }
        let number = state.transfer_count;
        state.transfer_count += 1;
        let planned = state
            .faults
            .iter()
            .find(|plan| number == plan.at_transfer || plan.stays && number > plan.at_transfer);
        match planned.map(|plan| plan.fault) {
            Some(fault) => {
                state.heard = Some(fault);
                Err(fault)
            }
            None => Ok(()),
        }
    }

    /// After a transfer: how it ended, and its line for the transcript.
    pub(crate) fn after_transfer(&self, fault: Option<WireFault>, action: impl FnOnce() -> Action) {
        self.lock().heard = fault;
        self.note(action);
    }

    /// A line for the transcript, where one is written.
    pub(crate) fn note(&self, action: impl FnOnce() -> Action) {
        if self.lock().transcript.is_none() {
            return;
        }
        let time_ns = self.now_ns();
        let action = action();
        self.lock().write(&Entry { time_ns, action });
    }

    /// The error of a transfer that the watch or the wire refused, if it was one of them.
    pub(crate) fn refusal(&self) -> Option<Result<Stop, WireFault>> {
        let state = self.lock();
        state.stop.map(Ok).or(state.heard.map(Err))
    }

    pub(crate) fn stop_error(&self, stop: Stop) -> TargetError {
        match stop {
            Stop::Cancelled => TargetError::Cancelled,
            Stop::OutOfTime | Stop::StepOver => {
                let budget = self.lock().control.budget.unwrap_or_default();
                TargetError::OutOfTime {
                    budget_ms: milliseconds(budget),
                }
            }
        }
    }

    /// Whether the unit is to stop; asked in loops that make no transfer.
    pub(crate) fn check(&self) -> Result<(), TargetError> {
        let now_ns = self.now_ns();
        let stop = self.lock().must_stop(now_ns);
        stop.map_or(Ok(()), |stop| Err(self.stop_error(stop)))
    }

    /// Runs `work`, whose transfers are refused once `limit` has passed on the link's clock. For steps of probe-rs that
    /// wait by the host's clock. Returns None when the limit was what ended it.
    pub(crate) fn with_limit<T>(&self, limit: Duration, work: impl FnOnce() -> T) -> Option<T> {
        let end_ns = self.now_ns() + nanoseconds(limit);
        self.lock().step_end_ns = Some(end_ns);
        let result = work();
        let mut state = self.lock();
        state.step_end_ns = None;
        if state.stop == Some(Stop::StepOver) {
            state.stop = None;
            return None;
        }
        Some(result)
    }

    /// Lets time pass: on the virtual clock at once, on the real one by sleeping. Ends early when the unit is to stop.
    pub(crate) fn pause(&self, pause: Duration) -> Result<(), TargetError> {
        let mut left = pause;
        loop {
            self.check()?;
            if left.is_zero() {
                return Ok(());
            }
            let slice = left.min(PAUSE_SLICE);
            match &self.clock {
                Clock::Real(_) => std::thread::sleep(slice),
                Clock::Virtual(wire) => wire.lock().pass_ns(nanoseconds(slice)),
            }
            self.note(|| Action::Pass {
                ns: nanoseconds(slice),
            });
            left -= slice;
        }
    }

    /// The state. A panic in a transcript's sink must not take the watch with it.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether to stop, remembered until the next unit, so that a late error still gets its cause.
    fn must_stop(&mut self, now_ns: u64) -> Option<Stop> {
        if self.stop.is_none()
            && let Some(stop) = self.cause(now_ns)
        {
            self.stop_for(stop, now_ns);
        }
        self.stop
    }

    /// Lets nothing through any more.
    fn stop_for(&mut self, stop: Stop, now_ns: u64) {
        if self.stop.is_none() {
            self.stop = Some(stop);
            self.write(&Entry {
                time_ns: now_ns,
                action: Action::Stop(stop.into()),
            });
        }
    }

    fn write(&mut self, entry: &Entry) {
        if let Some(sink) = &mut self.transcript {
            sink(&entry.to_string());
        }
    }

    fn cause(&self, now_ns: u64) -> Option<Stop> {
        if self.control.cancel.is_cancelled() {
            return Some(Stop::Cancelled);
        }
        let elapsed = self.started.map(|started| started.elapsed());
        if let (Some(budget), Some(elapsed)) = (self.control.budget, elapsed)
            && (elapsed > budget || now_ns - self.started_ns > nanoseconds(budget))
        {
            return Some(Stop::OutOfTime);
        }
        self.step_end_ns
            .filter(|end_ns| now_ns > *end_ns)
            .map(|_| Stop::StepOver)
    }
}

/// A duration in nanoseconds; longer than 584 years counts as that.
pub(crate) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// A duration in whole milliseconds.
pub(crate) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
