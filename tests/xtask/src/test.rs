//! `test`: every test of the workspace, with plain cargo, so that it runs everywhere.

use crate::{Result, process, setup};

/// The families as shared libraries, which the end-to-end tests load.
pub const FAMILIES: &[&str] = &["imprint-nordic-nrf5", "imprint-st-stm32f1"];

/// Runs the tests.
pub fn run() -> Result<()> {
    setup::for_tests()?;
    build_families(&[])?;
    process::run(&mut process::cargo(&["test", "--workspace"]))
}

/// Builds the command and the families' shared libraries, as the tests and the demo use them.
pub fn build_families(options: &[&str]) -> Result<()> {
    let mut command = process::cargo(&["build", "--package", "imprint-cli"]);
    for family in FAMILIES {
        command.args(["--package", family]);
    }
    process::run(command.args(options))
}
