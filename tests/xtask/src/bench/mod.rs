//! `bench`: runs bench programs in release and prints what they measure.
//!
//! A bench program is a cargo example. Most print lines for people, where one with tabs is a row: name, value, unit, note.
//! Those of `bench image` print one JSON object each.

mod foreign;
pub mod image;
mod table;

use crate::{Result, process, setup, workspace};
use serde_json::Value;
use std::{env::consts::EXE_SUFFIX, path::PathBuf};

/// Package and example.
const PROGRAMS: &[(&str, &str)] = &[("imprint-tests", "bench_unit"), ("imprint-twin", "mips")];

/// Builds everything first, so that no compiler runs beside a measurement.
pub fn run() -> Result<()> {
    setup::for_bench()?;
    let examples = Examples::build(&["--workspace", "--lib", "--bins"])?;
    for (package, example) in PROGRAMS {
        println!("\n{package} {example}");
        for line in examples.output(example, &[])?.lines() {
            println!("  {}", row(line).trim_end());
        }
    }
    image::measure(&examples)
}

/// The folder of built bench programs.
pub struct Examples(PathBuf);

impl Examples {
    /// Builds those of the packages that `what` names, and what else it names.
    fn build(what: &[&str]) -> Result<Examples> {
        process::run(process::cargo(&["build", "--release", "--examples"]).args(what))?;
        Ok(Examples(workspace::target().join("release/examples")))
    }

    fn path(&self, name: &str) -> String {
        let file = self.0.join(format!("{name}{EXE_SUFFIX}"));
        file.to_string_lossy().into_owned()
    }

    fn output(&self, name: &str, arguments: &[&str]) -> Result<String> {
        let program = self.path(name);
        process::output(&mut process::command(
            &workspace::root(),
            &program,
            arguments,
        ))
    }

    fn json(&self, name: &str, arguments: &[&str]) -> Result<Value> {
        parse(&self.output(name, arguments)?)
    }

    /// On the first `cores` only, which is also how many threads the program then starts.
    fn json_on(&self, cores: usize, name: &str, arguments: &[&str]) -> Result<Value> {
        let (cores, program) = (format!("0-{}", cores - 1), self.path(name));
        let words = ["-c", &cores, &program];
        let mut command = process::command(&workspace::root(), "taskset", words);
        parse(&process::output(command.args(arguments))?)
    }
}

fn parse(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| format!("{error} in {text}"))
}

fn row(line: &str) -> String {
    let mut columns = line.split('\t');
    let (name, Some(value)) = (columns.next().unwrap_or_default(), columns.next()) else {
        return line.to_owned();
    };
    let unit = columns.next().unwrap_or_default();
    let note = columns.next().unwrap_or_default();
    format!("{name:<72} {value:>10} {unit:<6} {note}")
}
