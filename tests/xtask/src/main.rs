//! `cargo xtask VERB`: what people and CI run in this repository, one file a verb.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command for a terminal: what it does is what it prints"
)]

mod bench;
mod ci;
mod demo;
mod firmware;
mod foreign;
mod fuzz;
mod header;
mod process;
mod product;
mod setup;
mod test;
mod uf2;
mod workspace;

use std::process::ExitCode;

/// What went wrong, for a person.
type Result<T> = std::result::Result<T, String>;

/// Name, what it does, and the function.
type Verb = (&'static str, &'static str, fn() -> Result<()>);

const VERBS: &[Verb] = &[
    (
        "demo",
        "make keys, build, seal and run on two virtual boards",
        demo::run,
    ),
    ("test", "run every test of the workspace", test::run),
    (
        "test --quick",
        "run the tests that need a C compiler and nothing else",
        test::quick,
    ),
    (
        "foreign",
        "build the command of probe-rs once (an hour), and test it on served boards",
        foreign::run,
    ),
    (
        "fuzz",
        "each reader of foreign bytes over fresh inputs: [TARGET] [--runs N] [--seed N] [--keep]",
        || fuzz::run(&[]),
    ),
    ("bench", "measure everything, and print it", bench::run),
    (
        "bench image",
        "measure images beside age and openssl",
        bench::image::run,
    ),
    (
        "ci",
        "formatting, lints, tests, fuzzing, licences: what a change must pass",
        ci::run,
    ),
    (
        "setup",
        "install or name the system packages that the tests need",
        setup::run,
    ),
    ("header", "write plugins/include from the ABI", header::run),
    (
        "firmware",
        "rebuild tests/firmware/out with arm-none-eabi-gcc",
        firmware::run,
    ),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let name = arguments.join(" ");
    let verb = VERBS.iter().find(|(verb, _, _)| *verb == name);
    let result = match (arguments.as_slice(), verb) {
        // The only one with options.
        ([verb, options @ ..], _) if verb == "fuzz" => fuzz::run(options),
        (_, Some((_, _, run))) => run(),
        _ => return usage(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask {name}: {message}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: cargo xtask VERB\n");
    for (name, purpose, _) in VERBS {
        eprintln!("  {name:<13}{purpose}");
    }
    ExitCode::from(2)
}
