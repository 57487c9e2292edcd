//! Ctrl-C and the like: they end the line that runs, and the console only when none does.

use super::Saved;
use crate::{
    exit::Exit,
    failure::{Result, unwritable},
};
use imprint::CancelToken;
use std::sync::{Arc, Mutex, PoisonError};

/// The token of the line that runs.
#[derive(Clone, Default)]
pub struct Signals(Arc<Mutex<Option<CancelToken>>>);

/// A line runs; it has ended when this goes.
pub struct Running<'a>(&'a Signals);

impl Signals {
    /// Listens. A board's file is saved before the console is ended so.
    pub fn install(saved: Saved) -> Result<Signals> {
        let signals = Signals::default();
        let heard = signals.clone();
        ctrlc::set_handler(move || heard.hear(&saved))
            .map_err(|error| unwritable("signal handler".as_ref(), error))?;
        Ok(signals)
    }

    /// From here on, a signal cancels this.
    pub fn running(&self, cancel: CancelToken) -> Running<'_> {
        self.set(Some(cancel));
        Running(self)
    }

    fn set(&self, running: Option<CancelToken>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = running;
    }

    // Reading a line waits for a person, and nothing but the end of the process ends that.
    #[allow(clippy::exit)]
    fn hear(&self, saved: &Saved) {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*running {
            Some(cancel) => cancel.cancel(),
            None => {
                let exit = match saved {
                    Some((twin, path)) if twin.save(path).is_err() => Exit::File,
                    _ => Exit::Cancelled,
                };
                std::process::exit(exit as i32);
            }
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.set(None);
    }
}
