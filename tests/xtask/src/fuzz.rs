//! `fuzz`: each reader of foreign bytes over its kept corpus, and a bounded number of fresh inputs.
//!
//! Built by cargo-fuzz with the stable compiler and no sanitizer: what is looked for are panics, memory and time, and the
//! readers count those themselves (`tests/inputs`). The executables are run directly, as many at a time as there are
//! cores. Their randomness begins the same each time, so that a change is judged by itself and not by luck;
//! `--runs` with more, or another `--seed`, goes looking.

use crate::{Result, process, workspace};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Targets, and how many inputs each reads by default: what takes it some ten seconds of one core.
const TARGETS: &[(&str, u64)] = &[
    ("header", 20_000),
    ("manifest", 200_000),
    ("index", 4_000),
    ("grant", 3_000),
    ("payload", 3_000),
    ("object", 40_000),
    ("recipe", 40_000),
    ("device", 60_000),
    ("pack", 20_000),
    ("algorithm", 40_000),
    ("serial", 100_000),
    ("barcode", 60_000),
    ("policy", 200_000),
    ("cfg", 40_000),
    ("srecord", 200_000),
    ("intel_hex", 150_000),
    ("elf", 300_000),
    ("uf2", 300_000),
    ("key", 200_000),
    ("root", 200_000),
    ("journal", 200_000),
    ("serve", 20_000),
    ("transcript", 200_000),
    ("script", 10_000),
];

/// The hang of a machine: readers have a bound of their own, on the time of the processor.
const TIMEOUT_S: u32 = 60;

struct Options {
    target: Option<String>,
    runs: Option<u64>,
    seed: u64,
    keeps: bool,
}

/// `[TARGET] [--runs N] [--seed N] [--keep]`.
pub fn run(arguments: &[String]) -> Result<()> {
    let options = parse(arguments)?;
    build(options.target.as_deref())?;
    let chosen: Vec<&(&str, u64)> = TARGETS
        .iter()
        .filter(|(name, _)| {
            options
                .target
                .as_deref()
                .is_none_or(|target| target == *name)
        })
        .collect();
    if chosen.is_empty() {
        let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
        return Err(format!("targets are: {}", names.join(", ")));
    }
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores.min(chosen.len()) {
            scope.spawn(|| {
                while let Some((name, runs)) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(error) = fuzz(name, options.runs.unwrap_or(*runs), &options)
                        && let Ok(mut failed) = failed.lock()
                    {
                        failed.push(format!("{name}: {error}"));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_default();
    match failed.is_empty() {
        true => Ok(()),
        false => Err(failed.join("\n")),
    }
}

fn parse(arguments: &[String]) -> Result<Options> {
    let mut options = Options {
        target: None,
        runs: None,
        seed: 1,
        keeps: false,
    };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut number = || {
            let number = arguments.next().and_then(|text| text.parse::<u64>().ok());
            number.ok_or_else(|| format!("{argument} needs a number"))
        };
        match argument.as_str() {
            "--runs" => options.runs = Some(number()?),
            "--seed" => options.seed = number()?,
            "--keep" => options.keeps = true,
            name if !name.starts_with('-') => options.target = Some(name.into()),
            _ => {
                return Err(
                    "usage: cargo xtask fuzz [TARGET] [--runs N] [--seed N] [--keep]".into(),
                );
            }
        }
    }
    Ok(options)
}

/// All targets, or one. `script` brings the engine, which takes longer to compile than the rest together.
fn build(one: Option<&str>) -> Result<()> {
    if !process::succeeds(&mut process::cargo(&["fuzz", "--version"])) {
        // A debug build: it only starts compilers.
        let install = ["install", "cargo-fuzz", "--locked", "--debug"];
        process::run(&mut process::cargo(&install))?;
    }
    let folder = folder().display().to_string();
    let target = target().display().to_string();
    let mut command = process::cargo(&[
        "fuzz",
        "build",
        "--fuzz-dir",
        &folder,
        "--sanitizer",
        "none",
        // The product as it ships: some crates are another thing when they know that they are fuzzed.
        "--no-cfg-fuzzing",
        "--target-dir",
        &target,
    ]);
    if one.is_none_or(|name| name == "script") {
        command.args(["--features", "script"]);
    }
    process::run(command.args(one))
}

fn fuzz(name: &str, runs: u64, options: &Options) -> Result<()> {
    let (kept, fresh) = (
        folder().join("corpus").join(name),
        target().join("corpus").join(name),
    );
    let bad = workspace::root().join("tests/bad-inputs").join(name);
    let artifacts = target().join("artifacts").join(name);
    for folder in [&kept, &fresh, &artifacts] {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let mut command = executable(name)?;
    command
        .arg(format!("-runs={runs}"))
        .arg(format!("-seed={}", options.seed))
        .arg(format!("-timeout={TIMEOUT_S}"))
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .arg("-print_final_stats=1")
        .arg(&fresh)
        .arg(&kept);
    if bad.is_dir() {
        command.arg(&bad);
    }
    let text = told(&mut command)?;
    println!("{name:<10} {}", summary(&text));
    if options.keeps {
        // Few inputs that reach every place. How often they pass there would keep ten times as many.
        let merge = ["-set_cover_merge=1", "-use_counters=0"];
        told(executable(name)?.args(merge).arg(&kept).arg(&fresh))?;
    }
    Ok(())
}

/// The words of libFuzzer, which all go to standard error. When it fails, they are the error.
fn told(command: &mut Command) -> Result<String> {
    let output = command.output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    match output.status.success() {
        true => Ok(text),
        false => {
            let lines: Vec<&str> = text.lines().collect();
            Err(lines[lines.len().saturating_sub(60)..].join("\n"))
        }
    }
}

/// How many inputs were read, how fast, and how much of the reader they reach.
fn summary(text: &str) -> String {
    let stat = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.split_whitespace().last())
            .unwrap_or("?")
    };
    let features = text.lines().rev().find_map(|line| {
        let (_, rest) = line.split_once(" ft: ")?;
        rest.split_whitespace().next()
    });
    format!(
        "{:>9} inputs, {:>7} a second, {:>6} features, {} new",
        stat("stat::number_of_executed_units:"),
        stat("stat::average_exec_per_sec:"),
        features.unwrap_or("?"),
        stat("stat::new_units_added:"),
    )
}

fn executable(name: &str) -> Result<Command> {
    // Below the name of the machine it was built for, which only the compiler knows.
    let folders = fs::read_dir(target()).map_err(|error| error.to_string())?;
    let found = folders
        .flatten()
        .map(|entry| entry.path().join("release").join(name))
        .find(|path| path.is_file());
    let path = found.ok_or_else(|| format!("cargo-fuzz built no `{name}`"))?;
    Ok(Command::new(path))
}

fn folder() -> PathBuf {
    workspace::root().join("tests/fuzz")
}

fn target() -> PathBuf {
    Path::new(&workspace::target()).join("fuzz")
}
