//! `bench`: runs the crates' bench programs in release and prints what they measure as one table.
//!
//! A bench program is a cargo example that prints lines for people; one with tabs is a row: name, value, unit, note.

use crate::{Result, process, product};

/// Package and example.
const PROGRAMS: &[(&str, &str)] = &[
    ("imprint-tests", "bench_unit"),
    ("imprint-image", "throughput"),
    ("imprint-twin", "mips"),
];

/// Builds everything first, so that no compiler runs beside a measurement.
pub fn run() -> Result<()> {
    product::build()?;
    for (package, example) in PROGRAMS {
        let name = ["--package", package, "--example", example];
        process::run(process::cargo(&["build", "--release"]).args(name))?;
    }
    for (package, example) in PROGRAMS {
        let name = ["--quiet", "--package", package, "--example", example];
        let text = process::output(process::cargo(&["run", "--release"]).args(name))?;
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
