//! The second reader: a program in Python that knows the formats from `docs/image-format.md` alone.
//!
//! Its libraries are put into a virtual environment in the target folder, once for each list of requirements.
#![allow(clippy::unwrap_used)]

use imprint_tests::repository;
use sha2::{Digest, Sha256};
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

/// Runs to a good end.
fn done(command: &mut Command, advice: &str) {
    let output = run(command);
    let said = said(&output);
    assert!(output.status.success(), "{command:?}: {said}\n{advice}");
}

/// The interpreter of the virtual environment.
fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let requirements = folder().join("requirements.txt");
        let hash: String = Sha256::digest(fs::read(&requirements).unwrap())
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("second-reader-{hash}"));
        let python = home.join("bin/python3");
        // Written last: what is there without it was interrupted.
        let complete = home.join("complete");
        if !complete.exists() {
            let mut venv = Command::new("python3");
            done(venv.args(["-m", "venv", "--clear"]).arg(&home), INSTALL);
            let mut pip = Command::new(&python);
            pip.args(["-m", "pip", "install", "--quiet", "--requirement"]);
            done(
                pip.arg(&requirements),
                "the packages come from PyPI: a network, or PIP_FIND_LINKS with a folder of wheels",
            );
            fs::write(&complete, "").unwrap();
        }
        python
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

#[test]
fn without_vectors_it_does_not_say_that_all_is_well() {
    let empty = tempfile::tempdir().unwrap();
    let output = reader(&["run_vectors.py", &empty.path().display().to_string()]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
}
