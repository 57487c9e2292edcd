//! `ci`: what a change must pass.

use crate::{Result, fuzz, process, test};

/// Formatting, lints, tests, fresh inputs, licences.
pub fn run() -> Result<()> {
    process::run(&mut process::cargo(&["fmt", "--all", "--check"]))?;
    process::run(&mut process::cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))?;
    test::run()?;
    fuzz::run(&[])?;
    check_dependencies()
}

/// Licences, bans and sources need no network; advisories do, and are a command of their own (see deny.toml).
fn check_dependencies() -> Result<()> {
    if !process::succeeds(&mut process::cargo(&["deny", "--version"])) {
        // A debug build: it runs once or twice, and compiles in a fraction of the time.
        let install = ["install", "cargo-deny", "--locked", "--debug"];
        process::run(&mut process::cargo(&install))?;
    }
    process::run(&mut process::cargo(&[
        "deny", "check", "bans", "licenses", "sources",
    ]))
}
