//! `bench`: runs the crates' bench programs in release and prints what they measure as one table.
//!
//! A bench program is a cargo example that prints one figure a line, its columns apart by a tab or two spaces.

use crate::{Result, process, test};

/// Package and example.
const PROGRAMS: &[(&str, &str)] = &[
    ("imprint-image", "throughput"),
    ("imprint-twin", "mips"),
    ("imprint", "bench"),
];

/// Builds everything first, so that no compiler runs beside a measurement.
pub fn run() -> Result<()> {
    test::build_families(&["--release"])?;
    for (package, example) in PROGRAMS {
        let name = ["--package", package, "--example", example];
        process::run(process::cargo(&["build", "--release"]).args(name))?;
    }
    let mut rows = Vec::new();
    for (package, example) in PROGRAMS {
        let name = ["--quiet", "--package", package, "--example", example];
        let text = process::output(process::cargo(&["run", "--release"]).args(name))?;
        rows.extend(text.lines().filter_map(|line| row(package, line)));
    }
    print_table(&rows);
    Ok(())
}

fn row(package: &str, line: &str) -> Option<Vec<String>> {
    let columns = line.replace('\t', "  ");
    let columns = columns.split("  ").map(str::trim);
    let columns = columns.filter(|column| !column.is_empty());
    let row: Vec<String> = std::iter::once(package)
        .chain(columns)
        .map(str::to_owned)
        .collect();
    (row.len() > 1).then_some(row)
}

fn print_table(rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let cells = row.iter().zip(&widths);
        let line: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        println!("{}", line.join("  ").trim_end());
    }
}
