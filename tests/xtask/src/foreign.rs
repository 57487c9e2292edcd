//! `foreign`: the command of probe-rs on a board that is served.
//!
//! It is no system package, and takes most of an hour to build: so it is built once, into a folder that is kept, and the
//! tests of it are a program that only this verb builds. probe-rs's library is a client in every run of the tests.

use crate::{Result, process, workspace};

/// The version that the tests know; the library of the workspace is of the same.
const VERSION: &str = "0.32.0";

/// Builds it if it is not there, and runs the tests.
pub fn run() -> Result<()> {
    let root = workspace::target().join("foreign");
    let program = root.join("bin/probe-rs");
    if !program.exists() {
        println!("probe-rs {VERSION} is built once, in {}", root.display());
        println!("that takes up to an hour of two cores, and 2 GB while it lasts");
        let mut command = process::cargo(&["install", "probe-rs-tools", "--locked"]);
        command.args(["--version", VERSION, "--root"]).arg(&root);
        // What is built on the way is kept too: an interrupted build goes on.
        command.env("CARGO_TARGET_DIR", root.join("build"));
        process::run(&mut command)?;
    }
    process::run(&mut process::cargo(&["build", "--workspace"]))?;
    let test = [
        "test",
        "--package",
        "imprint-tests",
        "--features",
        "probe-rs-command",
    ];
    let mut command = process::cargo(&test);
    command.args(["--test", "probe_rs_command"]);
    process::run(command.env("IMPRINT_PROBE_RS", program))
}
