//! The watch over a running script: operations, time, memory, cancel.
//!
//! Rhai's own operation limit restarts inside array callbacks, and no combination of its size limits bounds memory or
//! time. So the engine counts for itself: a watchdog thread turns every deadline into one atomic, which each operation
//! reads. Time inside host calls is not the script's: erasing a chip may take minutes.

use crate::limits::{Limits, WATCHDOG_PERIOD};
use imprint_target::CancelToken;
use rhai::Position;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// Why a script was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Stop {
    /// The user cancelled.
    Cancelled = 1,
    /// The script computed too long.
    ScriptTime = 2,
    /// The unit took too long.
    UnitTime = 3,
    /// Too many operations.
    Operations = 4,
    /// Too much memory.
    Memory = 5,
}

impl Stop {
    const ALL: [Stop; 5] = [
        Stop::Cancelled,
        Stop::ScriptTime,
        Stop::UnitTime,
        Stop::Operations,
        Stop::Memory,
    ];

    /// Reads what `as u8` wrote.
    pub(crate) fn from_number(number: u8) -> Option<Stop> {
        Self::ALL.into_iter().find(|stop| *stop as u8 == number)
    }
}

/// Tells how many bytes the process has allocated. The library cannot know; the worker counts.
pub type MemoryUse = fn() -> usize;

/// The watch over one run.
pub(crate) struct Watch {
    started: Instant,
    limits: Limits,
    memory_use: Option<MemoryUse>,
    cancel: CancelToken,
    /// Cancelled when the script is to stop.
    interrupt: CancelToken,
    stop: AtomicU8,
    operations: AtomicU64,
    /// Nanoseconds spent in host calls that have returned.
    host_ns: AtomicU64,
    /// The last place that was executed: module, line and column, 16 bits each. 0 before the first.
    here: AtomicU64,
    /// When the host call under way began, in nanoseconds since `started`, plus one; 0 for none.
    host_since: AtomicU64,
    ended: AtomicBool,
}

impl Watch {
    /// Starts the watch and its watchdog thread.
    pub(crate) fn start(
        limits: Limits,
        memory_use: Option<MemoryUse>,
        cancel: CancelToken,
    ) -> std::io::Result<(Arc<Watch>, Watchdog)> {
        let watch = Arc::new(Watch {
            started: Instant::now(),
            limits,
            memory_use,
            cancel,
            interrupt: CancelToken::new(),
            stop: AtomicU8::new(0),
            operations: AtomicU64::new(0),
            host_ns: AtomicU64::new(0),
            here: AtomicU64::new(0),
            host_since: AtomicU64::new(0),
            ended: AtomicBool::new(false),
        });
        let watched = watch.clone();
        let thread = std::thread::Builder::new()
            .name("script watchdog".into())
            .spawn(move || watched.guard())?;
        Ok((
            watch.clone(),
            Watchdog {
                watch,
                thread: Some(thread),
            },
        ))
    }

    /// Counts one operation; tells why the script must stop.
    pub(crate) fn operation(&self) -> Option<Stop> {
        let operations = self.operations.fetch_add(1, Relaxed);
        if let Some(stop) = Stop::from_number(self.stop.load(Relaxed)) {
            return Some(stop);
        }
        if operations >= self.limits.operations {
            return Some(self.stop_for(Stop::Operations));
        }
        if self
            .memory_use
            .is_some_and(|used| used() > self.limits.memory_len)
        {
            return Some(self.stop_for(Stop::Memory));
        }
        None
    }

    /// Why the run was stopped, if it was.
    pub(crate) fn stopped(&self) -> Option<Stop> {
        Stop::from_number(self.stop.load(Relaxed))
    }

    /// Stops what a host call waits for, when the script is to stop.
    pub(crate) fn interrupt(&self) -> CancelToken {
        self.interrupt.clone()
    }

    /// Notes where the script is. Rhai forgets the place of most failures that end a script.
    pub(crate) fn note_place(&self, module: usize, position: Position) {
        if let (Some(line), Some(column)) = (position.line(), position.position()) {
            let place =
                (module as u64) << 32 | (line as u64 & 0xFFFF) << 16 | column as u64 & 0xFFFF;
            self.here.store(place, Relaxed);
        }
    }

    /// Where the script was last: number of the module, and position.
    pub(crate) fn place(&self) -> (usize, Position) {
        let place = self.here.load(Relaxed);
        let (line, column) = ((place >> 16) as u16, place as u16);
        let position = if line == 0 {
            Position::NONE
        } else {
            Position::new(line, column)
        };
        ((place >> 32) as usize, position)
    }

    /// Begins a host call; its time is not the script's.
    pub(crate) fn host_call(&self) -> HostCall<'_> {
        self.host_since.store(self.elapsed_ns() + 1, Relaxed);
        HostCall(self)
    }

    fn stop_for(&self, stop: Stop) -> Stop {
        let _ = self.stop.compare_exchange(0, stop as u8, Relaxed, Relaxed);
        stop
    }

    fn elapsed_ns(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn script_time(&self) -> Duration {
        let now = self.elapsed_ns();
        let since = self.host_since.load(Relaxed);
        let under_way = if since == 0 {
            0
        } else {
            now.saturating_sub(since - 1)
        };
        Duration::from_nanos(now.saturating_sub(self.host_ns.load(Relaxed) + under_way))
    }

    fn guard(&self) {
        while !self.ended.load(Relaxed) {
            if self.cancel.is_cancelled() {
                self.stop_for(Stop::Cancelled);
            } else if self.started.elapsed() > self.limits.unit_time {
                self.stop_for(Stop::UnitTime);
            } else if self.script_time() > self.limits.script_time {
                self.stop_for(Stop::ScriptTime);
            }
            if self.stopped().is_some() {
                self.interrupt.cancel();
            }
            std::thread::park_timeout(WATCHDOG_PERIOD);
        }
    }
}

/// A host call under way.
pub(crate) struct HostCall<'a>(&'a Watch);

impl Drop for HostCall<'_> {
    fn drop(&mut self) {
        let since = self.0.host_since.swap(0, Relaxed);
        if since != 0 {
            let took = self.0.elapsed_ns().saturating_sub(since - 1);
            self.0.host_ns.fetch_add(took, Relaxed);
        }
    }
}

/// Ends the watchdog thread when it goes.
pub(crate) struct Watchdog {
    watch: Arc<Watch>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.watch.ended.store(true, Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}
