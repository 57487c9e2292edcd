//! The `imprint` command: the engine for people and for other programs.
//!
//! Data goes to standard output, everything else to standard error. One file a verb, in `commands`; `exit` has the exit
//! codes, `places` says where devices, plugins and trust are found, `render` draws errors, reports and progress.

mod commands;
mod exit;
mod failure;
mod files;
mod folder;
mod keys;
mod options;
mod output;
mod outputs;
mod places;
mod range;
mod render;
mod trust;

use clap::Parser;
use exit::Exit;
use std::{alloc::System, process::ExitCode};

/// Counts what is allocated: a worker has a limit, and a script a budget below it.
#[global_allocator]
static ALLOCATOR: cap::Cap<System> = cap::Cap::new(System, usize::MAX);

fn main() -> ExitCode {
    let options = match options::Options::try_parse() {
        Ok(options) => options,
        Err(error) => return usage(&error),
    };
    let output = output::Output::new(&options);
    match commands::run(options, &output) {
        Ok(exit) => exit.into(),
        Err(failures) => {
            output.failures(&failures);
            Exit::of_failures(&failures).into()
        }
    }
}

/// Help and version are answers; everything else of clap is a mistake in the command line.
fn usage(error: &clap::Error) -> ExitCode {
    // Nobody reads when this fails.
    let _ = error.print();
    match error.use_stderr() {
        true => Exit::Usage.into(),
        false => Exit::Pass.into(),
    }
}
