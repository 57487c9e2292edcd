//! A board that is served: `imprint twin serve` under way, until the test ends it.

use crate::{Run, Started, Workshop};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;

/// Arguments that serve every protocol at a free port.
const EVERYWHERE: [&str; 6] = [
    "--glasgow",
    "127.0.0.1:0",
    "--pyocd",
    "127.0.0.1:0",
    "--bitbang",
    "127.0.0.1:0",
];

/// The command, and what it said of itself.
pub struct Served {
    started: Started,
    announced: Value,
}

impl Served {
    /// Serves a board, a device or a file, at free ports.
    pub fn new(workshop: &Workshop, board: &str, options: &[&str]) -> Served {
        Served::at(workshop, board, &[&EVERYWHERE, options].concat())
    }

    /// Serves it where the options say.
    pub fn at(workshop: &Workshop, board: &str, options: &[&str]) -> Served {
        let arguments = [&["twin", "serve", board, "--json"], options].concat();
        let mut started = workshop.start(&arguments);
        let line = started.first_line();
        match serde_json::from_str(&line) {
            Ok(announced) => Served { started, announced },
            Err(error) => panic!("{error}: {line}\n{}", started.finish()),
        }
    }

    /// What it said: `uid`, `device`, and the addresses `glasgow`, `pyocd`, `bitbang`.
    pub fn said(&self, name: &str) -> String {
        let text = self.announced[name].as_str();
        text.unwrap_or_else(|| panic!("no {name} in {}", self.announced))
            .into()
    }

    /// The port of an address.
    pub fn port(&self, name: &str) -> String {
        let address = self.said(name);
        let port = address.rsplit(':').next();
        port.unwrap_or_default().into()
    }

    /// Ends it as a service manager does.
    pub fn stop(self) -> Run {
        self.stop_by(Signal::SIGTERM)
    }

    /// Ends it by a signal.
    pub fn stop_by(self, signal: Signal) -> Run {
        let process = Pid::from_raw(self.started.id() as i32);
        kill(process, signal).unwrap_or_else(|error| panic!("{error}"));
        self.started.finish()
    }
}
