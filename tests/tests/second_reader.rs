//! The second reader: a program in Python that knows the formats from `docs/image-format.md` alone.
//!
//! Its libraries are put into a virtual environment in the target folder, once for each list of requirements.
#![allow(clippy::unwrap_used)]

use imprint_tests::repository;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

const INSTALL: &str = "needed: apt-get install python3 python3-venv";

fn folder() -> PathBuf {
    repository().join("tests/second-reader")
}

/// Runs to its end. A program that is not there fails with what installs it.
fn run(command: &mut Command) -> Output {
    let line = format!("{command:?}");
    command
        .output()
        .unwrap_or_else(|error| panic!("{line}: {error}; {INSTALL}"))
}

fn said(output: &Output) -> String {
    let streams = [&output.stdout, &output.stderr];
    streams.map(|it| String::from_utf8_lossy(it)).join("\n")
}

/// The interpreter of the virtual environment.
fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
        imprint_tests::python(target, "second-reader", &folder().join("requirements.txt"))
    })
}

/// Python in the folder of the reader, which stays as it is.
fn reader(arguments: &[&str]) -> Output {
    let mut command = Command::new(python());
    run(command.arg("-B").args(arguments).current_dir(folder()))
}

#[test]
fn its_own_tests_pass() {
    let output = reader(&["-m", "unittest", "--buffer"]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(
        !said(&output).contains("Ran 0 tests"),
        "no tests were found"
    );
}

/// What the reader says of a folder of vectors, and its exit code.
fn read_vectors(folder: &Path) -> (Option<i32>, String) {
    let output = reader(&["run_vectors.py", &folder.display().to_string()]);
    (output.status.code(), said(&output))
}

#[test]
fn it_agrees_on_every_vector() {
    let (exit, said) = read_vectors(&repository().join("tests/vectors"));
    assert_eq!(exit, Some(0), "{said}");
}

#[test]
fn it_says_where_it_disagrees() {
    let folder = tempfile::tempdir().unwrap();
    let (exit, said) = read_vectors(folder.path());
    assert_eq!(exit, Some(2), "without vectors all is not well: {said}");
    let vector = "about: No image.\nexpect: IMP-2100\n";
    fs::write(folder.path().join("none.sap"), "none").unwrap();
    fs::write(folder.path().join("none.txt"), vector).unwrap();
    let (exit, said) = read_vectors(folder.path());
    assert_eq!(exit, Some(0), "{said}");
    let other = vector.replace("2100", "2101");
    fs::write(folder.path().join("none.txt"), other).unwrap();
    let (exit, said) = read_vectors(folder.path());
    assert_eq!(exit, Some(1), "{said}");
    assert!(
        said.contains("none: expected IMP-2101, found IMP-2100"),
        "{said}"
    );
}
