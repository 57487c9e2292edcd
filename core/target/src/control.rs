//! How a unit is stopped: by a token from any thread, or by its time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Asks whatever holds a clone to stop. Checked before every transfer and in every pause.
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// A token that nobody has used yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks to stop. There is no way back: a new unit takes a new token.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether someone asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What bounds the work on one unit.
#[derive(Clone, Debug, Default)]
pub struct Control {
    /// Stops the work at once.
    pub cancel: CancelToken,
    /// Longest time for the unit, counted from when the link gets this control; on the link's clock and on the real
    /// one, whichever is over first. None: no limit.
    pub budget: Option<Duration>,
}
