//! A tool that must be installed, run to its end.

use imprint_tests::{Run, Started};
use std::process::{Command, Stdio};

/// Runs it. A tool that is not there fails the test with what installs it.
pub fn run(command: &mut Command, install: &str) -> Run {
    let program = command.get_program().to_owned();
    let mut probe = Command::new(&program);
    let probe = probe.arg("--version").stdout(Stdio::null());
    if let Err(error) = probe.stderr(Stdio::null()).status() {
        panic!("{}: {error}; needed: {install}", program.display());
    }
    Started::new(command).finish()
}
