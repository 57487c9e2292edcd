//! The command of probe-rs on a board that is served: read, erase, download with verify, verify.
//!
//! `cargo xtask foreign` builds the command and says where it is. Its `verify` ends well also when it finds a difference, so
//! what it says is what counts.
#![allow(clippy::unwrap_used)]

use imprint_tests::{Chip, F103, NRF51, NRF52, Run, Served, Started, Workshop};
use std::process::Command;

const INSTALL: &str = "run `cargo xtask foreign`, which builds probe-rs's command first";

/// Runs a verb of it on a served board.
fn probe_rs(workshop: &Workshop, served: &Served, chip: &Chip, arguments: &[&str]) -> Run {
    let program = std::env::var_os("IMPRINT_PROBE_RS").expect(INSTALL);
    let probe = format!("20b7:9db1:tcp:{}", served.said("glasgow"));
    let (verb, rest) = arguments.split_first().unwrap();
    let mut command = Command::new(program);
    command.current_dir(workshop.path(".")).arg(verb);
    command.args(["--probe", &probe, "--chip", chip.device]);
    command.args(["--non-interactive"]).args(rest);
    Started::new(&mut command).finish()
}

fn check(chip: &Chip, uid: &str, fault: &[&str]) {
    let workshop = Workshop::new();
    workshop.write("firmware.bin", chip.firmware("bin"));
    let mut other = chip.firmware("bin");
    other[0x100] ^= 8;
    workshop.write("other.bin", other);
    let served = Served::new(&workshop, chip.device, fault);
    let run = |arguments: &[&str]| probe_rs(&workshop, &served, chip, arguments);
    let start = format!("{:#x}", chip.flash_start);
    let format = ["--binary-format", "bin", "--base-address", &start];

    let read = run(&["read", "b8", uid, "4"]).passes();
    let said: String = read.stdout.split_whitespace().collect();
    assert!(said.contains(&served.said("uid")[..8]), "{read}");
    run(&["erase"]).passes();
    let download = ["download", "--verify", "firmware.bin"];
    let downloaded = run(&[&download[..], &format].concat());
    assert_eq!(downloaded.exit == 0, fault.is_empty(), "{downloaded}");
    for (file, is_same) in [("firmware.bin", fault.is_empty()), ("other.bin", false)] {
        let verified = run(&[&["verify", file][..], &format].concat());
        let said = format!("{}{}", verified.stdout, verified.stderr);
        assert_eq!(!said.contains("erification failed"), is_same, "{verified}");
    }
    served.stop().passes();
}

#[test]
fn an_nrf52832() {
    check(&NRF52, "0x10000060", &[]);
}

#[test]
fn an_nrf51822() {
    check(&NRF51, "0x10000060", &[]);
}

#[test]
fn an_stm32f103() {
    check(&F103, "0x1ffff7e8", &[]);
}

#[test]
fn a_broken_board() {
    check(&NRF52, "0x10000060", &["--fault", "lost@100"]);
}
