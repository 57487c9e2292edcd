//! What the command prints and how it exits, word for word: `cmd/*.trycmd`.
//!
//! After a wanted change: `TRYCMD=overwrite cargo test -p imprint-cli --test commands`, then read the difference.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::{fs, path::Path, process::Command};

/// A `--home` with the repository's devices and nothing else: no plugin, nobody trusted.
fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let devices = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../devices");
    std::os::unix::fs::symlink(devices.canonicalize().unwrap(), home.path().join("devices"))
        .unwrap();
    home
}

#[test]
fn word_for_word() {
    let home = home();
    trycmd::TestCases::new()
        .env("IMPRINT_HOME", home.path().to_str().unwrap())
        .case("tests/cmd/*.trycmd")
        .run();
}

#[test]
fn the_reference_of_scripts_is_the_commands() {
    let output = Command::new(env!("CARGO_BIN_EXE_imprint"))
        .args(["script", "reference"])
        .output()
        .unwrap();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/script-reference.md");
    let advice = "run: imprint script reference > docs/script-reference.md";
    assert!(fs::read(page).unwrap() == output.stdout, "{advice}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_imprint"))
        .args(["script", "reference"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

/// Every write to it fails as on a full disk.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_leaves_nothing() {
    use std::{fs::File, process::Stdio};
    let output = Command::new(env!("CARGO_BIN_EXE_imprint"))
        .args(["script", "reference"])
        .stdout(Stdio::from(
            File::options().write(true).open("/dev/full").unwrap(),
        ))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(8));
    assert!(String::from_utf8_lossy(&output.stderr).contains("IMP-9011"));
}
