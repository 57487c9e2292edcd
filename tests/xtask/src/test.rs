//! `test`: every test of the workspace, with plain cargo, so that it runs everywhere.

use crate::{Result, process, setup};

/// Runs the tests.
pub fn run() -> Result<()> {
    setup::for_tests()?;
    // The end-to-end tests run what lies in the target folder: the command and the shared libraries.
    process::run(&mut process::cargo(&["build", "--workspace"]))?;
    process::run(&mut process::cargo(&["test", "--workspace"]))
}
