//! Running a unit beside Python: its thread, the callbacks, and Ctrl-C.
//!
//! The unit runs on a thread of its own, without the interpreter's lock. The thread that called waits for what it tells,
//! calls back, and looks now and then whether a signal has come: only Python's main thread may, and it is waiting here.

use crate::raised::raised;
use imprint_facade::{CancelToken, Event, Failure, INTERNAL, Input, Unit, UnitReport, to_json};
use pyo3::prelude::*;
use std::{
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    time::Duration,
};

/// How long Ctrl-C may go unnoticed: a person does not feel it.
const SIGNAL_PERIOD: Duration = Duration::from_millis(50);

/// Asks for all that is missing: `ask(kind, name)` gives a text or None.
pub(crate) fn prompt(py: Python<'_>, unit: &mut Unit<'_>, ask: &Py<PyAny>) -> PyResult<()> {
    let missing = py
        .detach(|| unit.missing())
        .map_err(|failure| raised(py, &failure))?;
    for input in missing {
        let (kind, name) = match &input {
            Input::Barcode => ("barcode", "barcode"),
            Input::StationName => ("station_name", "station_name"),
            Input::Value(name) => ("value", name.as_str()),
        };
        if let Some(text) = ask.call1(py, (kind, name))?.extract(py)? {
            unit.give(&input, text);
        }
    }
    Ok(())
}

/// Runs the unit to its end. The second is what a callback or a signal has raised: it stopped the unit.
pub(crate) fn run(
    unit: Unit<'_>,
    cancel: &CancelToken,
    on_event: Option<&Py<PyAny>>,
) -> (Result<UnitReport, Failure>, Option<PyErr>) {
    let (sender, events) = channel();
    let token = cancel.clone();
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("unit".into())
            .spawn_scoped(scope, move || run_here(unit, token, sender));
        match thread {
            Ok(thread) => {
                let stopped_by = attend(&events, cancel, on_event);
                let report = thread.join();
                let panicked = |_| Err(internal("the unit's thread ended: a mistake in Imprint"));
                (report.unwrap_or_else(panicked), stopped_by)
            }
            Err(error) => {
                let message = format!("the unit's thread could not be started: {error}");
                (Err(internal(&message)), None)
            }
        }
    })
}

fn run_here(
    unit: Unit<'_>,
    cancel: CancelToken,
    events: Sender<String>,
) -> Result<UnitReport, Failure> {
    let mut tell = |event: &Event| {
        // Who no longer listens has an exception to raise.
        let _ = events.send(to_json(event));
    };
    unit.run(cancel, &mut tell)
}

/// Calls back until the unit has ended. What is raised cancels it, and nothing is called after that.
fn attend(
    events: &Receiver<String>,
    cancel: &CancelToken,
    on_event: Option<&Py<PyAny>>,
) -> Option<PyErr> {
    let mut stopped_by = None;
    loop {
        let event = match events.recv_timeout(SIGNAL_PERIOD) {
            Ok(event) => Some(event),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return stopped_by,
        };
        if stopped_by.is_some() {
            continue;
        }
        let called = Python::attach(|py| {
            if let (Some(on_event), Some(event)) = (on_event, event) {
                on_event.call1(py, (event,))?;
            }
            py.check_signals()
        });
        if let Err(error) = called {
            cancel.cancel();
            stopped_by = Some(error);
        }
    }
}

fn internal(message: &str) -> Failure {
    Failure::new(INTERNAL, message)
}
