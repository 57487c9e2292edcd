//! pyOCD, over its remote probe: the flash algorithms that it carries, called one page at a time.

use crate::{Bench, tool};
use imprint_tests::{F103, NRF51, NRF52, Run, repository};
use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

const INSTALL: &str = "apt-get install python3 python3-venv";

/// pyOCD's name of a chip. It knows no STM32F103C8 by itself, but the larger one of the same family.
fn target(bench: &Bench) -> &'static str {
    match bench.chip.device {
        "nRF51822_xxAA" => "nrf51822",
        "nRF52832_xxAA" => "nrf52832",
        _ => "stm32f103rc",
    }
}

/// Python with pyOCD.
fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let requirements = repository().join("tests/tests/foreign/requirements.txt");
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
        imprint_tests::python(target, "pyocd", &requirements)
    })
}

/// Runs commands of pyOCD's commander.
pub fn run(bench: &Bench, commands: &[String]) -> Run {
    let probe = format!("remote:127.0.0.1:{}", bench.served.port("pyocd"));
    let mut command = Command::new(python());
    command.current_dir(bench.workshop.path("."));
    command.args(["-m", "pyocd", "commander", "--no-config"]);
    command.args(["--uid", &probe, "--target", target(bench)]);
    for text in commands.iter().map(String::as_str).chain(["exit"]) {
        command.args(["--command", text]);
    }
    tool::run(&mut command, INSTALL)
}

/// Erases everything, programs the firmware and compares it.
fn program(bench: &Bench) -> Run {
    let start = bench.chip.flash_start;
    run(
        bench,
        &[
            "erase".into(),
            format!("load firmware.bin {start:#x}"),
            format!("compare {start:#x} firmware.bin"),
        ],
    )
}

fn check(chip: &imprint_tests::Chip) {
    let bench = Bench::new(chip, &[]);
    let programmed = program(&bench).passes();
    assert!(programmed.stdout.contains("bytes match"), "{programmed}");

    let place = match chip.device {
        "STM32F103C8" => "read32 0x1ffff7e8 12",
        _ => "read32 0x10000060 8",
    };
    let read = run(&bench, &[place.into()]).passes();
    let words = bench.uid_words().replace(' ', "");
    let said: String = read.stdout.split_whitespace().collect();
    assert!(said.contains(&words), "{words}\n{read}");

    // The application, from reset: it leaves the CRC of itself in RAM.
    let heartbeat = ["reset", "sleep 300", "halt", "read32 0x20000000 20"];
    let ran = run(&bench, &heartbeat.map(String::from)).passes();
    let magic = format!("{:08x}", crate::HEARTBEAT_MAGIC);
    assert!(ran.stdout.contains(&magic), "{ran}");
    assert!(ran.stdout.contains(&bench.image_crc()), "{ran}");
    bench.holds_the_firmware();
}

#[test]
fn programs_and_runs_an_nrf51822() {
    check(&NRF51);
}

#[test]
fn programs_and_runs_an_nrf52832() {
    check(&NRF52);
}

#[test]
fn programs_and_runs_an_stm32f103() {
    check(&F103);
}

/// A board that is broken on purpose makes it fail, for the right reason.
#[test]
fn a_broken_board_makes_it_fail() {
    for (chip, fault, word) in [
        (&NRF52, crate::stuck(&NRF52).as_str(), "Mismatched byte"),
        (&NRF51, "lost@100", "Mismatched byte"),
        // The algorithm for this chip looks at what it wrote.
        (&F103, "lost@100", "flash program page failure"),
        (&NRF51, "no-target", "Target not detected"),
    ] {
        let failed = program(&Bench::new(chip, &[fault]));
        let said = [&failed.stdout, &failed.stderr];
        assert!(said.iter().any(|it| it.contains(word)), "{fault}\n{failed}");
        assert!(!failed.stdout.contains("bytes match"), "{fault}\n{failed}");
    }
}
