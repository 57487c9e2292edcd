//! `ci`: what a change must pass.

use crate::{Result, fuzz, process, test};

/// Formatting, lints, API pages, tests, fresh inputs, licences.
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
    check_pages()?;
    test::run()?;
    fuzz::run(&[])?;
    check_dependencies()
}

/// The pages of the API have no broken link and no warning.
fn check_pages() -> Result<()> {
    let arguments = ["doc", "--workspace", "--no-deps", "--quiet"];
    process::run(process::cargo(&arguments).env("RUSTDOCFLAGS", "-D warnings"))
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
