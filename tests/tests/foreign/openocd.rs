//! OpenOCD, over JTAG by its remote_bitbang: its own target file where there is one for JTAG, its own flash drivers.

use crate::{Bench, tool};
use imprint_tests::{F103, NRF51, NRF52, Run, repository};
use std::process::Command;

const INSTALL: &str = "apt-get install openocd";

/// Runs commands of OpenOCD one after the other, until one fails; the last is to end it.
pub fn run(bench: &Bench, commands: &[&str]) -> Run {
    let port = bench.served.port("bitbang");
    let adapter = [
        "gdb_port disabled; tcl_port disabled; telnet_port disabled".to_string(),
        "adapter driver remote_bitbang; remote_bitbang host 127.0.0.1".into(),
        format!("remote_bitbang port {port}; transport select jtag"),
    ];
    let mut command = Command::new("openocd");
    command.current_dir(bench.workshop.path("."));
    for text in &adapter {
        command.args(["-c", text]);
    }
    match is_nrf(bench) {
        true => {
            let own = repository().join("tests/tests/foreign/nrf5.cfg");
            command.arg("-f").arg(own);
        }
        false => {
            command.args(["-f", "target/stm32f1x.cfg"]);
        }
    }
    for text in commands {
        command.args(["-c", text]);
    }
    tool::run(command.args(["-c", "shutdown"]), INSTALL)
}

fn is_nrf(bench: &Bench) -> bool {
    bench.chip.device.starts_with("nRF")
}

/// Erases everything, programs the firmware and verifies it.
pub fn program(bench: &Bench) -> Run {
    let erase = match is_nrf(bench) {
        true => "nrf5 mass_erase",
        false => "stm32f1x mass_erase 0",
    };
    run(
        bench,
        &[
            "init",
            "reset halt",
            erase,
            "flash write_image firmware.elf",
            "verify_image firmware.elf",
        ],
    )
}

fn check(chip: &imprint_tests::Chip) {
    let bench = Bench::new(chip, &[]);
    let programmed = program(&bench).passes();
    assert!(programmed.stderr.contains("verified"), "{programmed}");

    let uid = match is_nrf(&bench) {
        true => "mdw 0x10000060 2",
        false => "mdw 0x1ffff7e8 3",
    };
    let read = run(&bench, &["init", "halt", uid]).passes();
    assert!(read.stderr.contains(&bench.uid_words()), "{read}");

    // The application, from reset: it leaves the CRC of itself in RAM.
    let heartbeat = [
        "init",
        "reset halt",
        "resume",
        "sleep 300",
        "halt",
        "mdw 0x20000000 5",
    ];
    let ran = run(&bench, &heartbeat).passes();
    let magic = format!("{:08x}", crate::HEARTBEAT_MAGIC);
    assert!(ran.stderr.contains(&magic), "{ran}");
    assert!(ran.stderr.contains(&bench.image_crc()), "{ran}");

    // Test code in RAM, which talks by semihosting, and whose exit code becomes OpenOCD's.
    let flash_start = format!("reg r0 {:#x}", chip.flash_start);
    let len = format!("reg r1 {}", chip.firmware("bin").len());
    let selftest = [
        "init",
        "reset halt",
        "load_image selftest.elf",
        "arm semihosting enable",
        &flash_start,
        &len,
        "reg r2 0x20001000",
        "reg r3 0x1000",
        "resume 0x20000008",
        "wait_halt 10000",
    ];
    let tested = run(&bench, &selftest);
    let core = format!("core={:#010x}", chip.cpuid);
    let crc = format!("crc=0x{}", bench.image_crc());
    for line in [&core, &crc, "ram=ok"] {
        let said = [&tested.stdout, &tested.stderr];
        assert!(said.iter().any(|it| it.contains(line)), "{line}\n{tested}");
    }

    // Sectors behind the firmware.
    let page = chip.flash_start + 0x4000;
    let page = format!("flash erase_address {page:#x} 0x2000");
    run(
        &bench,
        &["init", "halt", &page, "verify_image firmware.elf"],
    )
    .passes();
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
        (&NRF52, crate::stuck(&NRF52).as_str(), "checksum mismatch"),
        (&NRF51, "lost@100", "checksum mismatch"),
        (&F103, "lost@100", "checksum mismatch"),
        (&NRF52, "no-target", "JTAG scan chain"),
        (&NRF52, "vanish@500", "rror"),
    ] {
        let failed = program(&Bench::new(chip, &[fault]));
        assert_eq!(failed.exit, 1, "{fault}\n{failed}");
        assert!(failed.stderr.contains(word), "{fault}\n{failed}");
    }
}
