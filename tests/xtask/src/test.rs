//! `test`: every test of the workspace, with plain cargo, so that it runs everywhere.

use crate::{Result, process, setup};

/// Runs the tests.
pub fn run() -> Result<()> {
    setup::for_tests()?;
    // The end-to-end tests run what lies in the target folder: the command and the shared libraries. With all targets,
    // because tests turn features of dependencies on, and what was built without would be built again.
    let build = ["build", "--workspace", "--all-targets"];
    process::run(&mut process::cargo(&build))?;
    process::run(&mut process::cargo(&[
        "test",
        "--workspace",
        "--no-fail-fast",
    ]))
}
