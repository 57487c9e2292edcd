//! `bench`: runs the crates' bench programs in release and prints what they measure as one table.
//!
//! A bench program is a cargo example that prints lines for people; one with tabs is a row: name, value, unit, note.

use crate::{Result, process, workspace};
use std::env::consts::EXE_SUFFIX;

/// Package and example.
const PROGRAMS: &[(&str, &str)] = &[
    ("imprint-tests", "bench_unit"),
    ("imprint-image", "throughput"),
    ("imprint-twin", "mips"),
];

/// Builds everything first, so that no compiler runs beside a measurement.
pub fn run() -> Result<()> {
    let all = ["--workspace", "--lib", "--bins", "--examples"];
    process::run(process::cargo(&["build", "--release"]).args(all))?;
    let built = workspace::target().join("release/examples");
    for (package, example) in PROGRAMS {
        let program = built.join(format!("{example}{EXE_SUFFIX}"));
        let text = process::output(&mut process::command(
            &workspace::root(),
            &program.to_string_lossy(),
            [""; 0],
        ))?;
        println!("\n{package} {example}");
        for line in text.lines() {
            println!("  {}", row(line).trim_end());
        }
    }
    Ok(())
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
