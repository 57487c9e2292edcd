//! Memory, the core, calls and test code.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Bench, FLASH, RAM, RAM_LEN, noise};
use imprint_target::{Call, CoreStatus, Run, RunEnd, Target, TargetError};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

/// `tests/code/programs.s`, and where the tests put it.
const PROGRAMS: &[u8] = include_bytes!("code/programs.bin");
const CODE: u64 = RAM + 0x100;
const STACK: u64 = RAM + 0x1000;

/// A halted target with the programs in its RAM.
fn halted() -> (Bench, Target) {
    let bench = Bench::new();
    let mut target = bench.attach();
    target.reset_and_halt().unwrap();
    target.write(CODE, PROGRAMS).unwrap();
    (bench, target)
}

#[test]
fn memory_of_every_alignment() {
    let bench = Bench::new();
    let mut target = bench.attach();
    let bytes = noise(3000, 1);
    for (offset, len) in [
        (0, 1),
        (1, 1),
        (1, 2),
        (3, 4),
        (2, 7),
        (0, 1024),
        (1, 1024),
        (1023, 2),
        (5, 2999),
    ] {
        target.write(RAM, &[0; 4000]).unwrap();
        target.write(RAM + offset, &bytes[..len]).unwrap();
        let mut expect = vec![0; 4000];
        expect[offset as usize..offset as usize + len].copy_from_slice(&bytes[..len]);
        assert!(bench.peek(RAM, 4000) == expect, "{len} bytes at {offset}");
        let mut read = vec![0; len];
        target.read(RAM + offset, &mut read).unwrap();
        assert!(read == bytes[..len], "{len} bytes at {offset}");
    }
    target.read(RAM, &mut []).unwrap();
    target.write(RAM, &[]).unwrap();
}

#[test]
fn words_go_to_peripherals_as_words() {
    let (_, mut target) = halted();
    target.write_word(0x4000_0000, 2).unwrap();
    assert_eq!(target.read_word(0x4000_0000).unwrap(), 2);
    // The controller takes whole words only.
    target.write(FLASH, &[1, 2, 3, 4]).unwrap();
    assert_eq!(target.read_word(FLASH).unwrap(), 0x0403_0201);
}

#[test]
fn two_aligned_bytes_are_one_transfer() {
    let (bench, mut target) = halted();
    target.write(RAM, &[0xFF; 8]).unwrap();
    for offset in 0..5 {
        target.write(RAM + offset, &[0x12, 0x34]).unwrap();
        assert_eq!(bench.peek(RAM + offset, 2), [0x12, 0x34], "{offset}");
    }
    let lines = Arc::new(Mutex::new(Vec::<String>::new()));
    let sink = lines.clone();
    target.record_transcript(move |line| sink.lock().unwrap().push(line.into()));
    target.write(RAM + 2, &[0x56, 0x78]).unwrap();
    let lines = lines.lock().unwrap();
    let data: Vec<&String> = lines
        .iter()
        .filter(|line| line.contains("ap.write 0xc"))
        .collect();
    assert_eq!(data.len(), 1, "{lines:#?}");
    assert!(data[0].ends_with("0x78560000"), "{}", data[0]);
}

#[test]
fn what_memory_refuses() {
    let (_, mut target) = halted();
    let nowhere = RAM + RAM_LEN;
    let read = TargetError::BusFault {
        access: "read",
        address: nowhere,
    };
    let write = TargetError::BusFault {
        access: "write",
        address: nowhere,
    };
    assert_eq!(target.read_word(nowhere), Err(read.clone()));
    assert_eq!(target.read(nowhere, &mut [0; 16]), Err(read));
    assert_eq!(target.write_word(nowhere, 1), Err(write.clone()));
    assert_eq!(target.write(nowhere, &[0; 16]), Err(write));
    // Flash that is not enabled for programming.
    assert_eq!(target.write_word(FLASH, 1).unwrap_err().code(), "IMP-4005");
    for (address, len) in [(u64::MAX, 1), (1 << 32, 1), ((1 << 32) - 1, 2)] {
        let mut buffer = vec![0; len];
        assert_eq!(
            target.read(address, &mut buffer).unwrap_err().code(),
            "IMP-4061"
        );
        assert_eq!(
            target.write(address, &buffer).unwrap_err().code(),
            "IMP-4061"
        );
    }
    assert_eq!(target.read_word(RAM + 2).unwrap_err().code(), "IMP-4061");
    // Nothing of this hurts what comes next.
    target.write_word(RAM, 5).unwrap();
    assert_eq!(target.read_word(RAM).unwrap(), 5);
}

#[test]
fn the_core_obeys() {
    let (_, mut target) = halted();
    assert_eq!(target.status().unwrap(), CoreStatus::Halted);
    target.write_register(15, (CODE + 0x62) as u32).unwrap();
    target.run().unwrap();
    assert_eq!(target.status().unwrap(), CoreStatus::Running);
    target.halt().unwrap();
    assert_eq!(target.status().unwrap(), CoreStatus::Halted);
    assert_eq!(target.read_register(15).unwrap(), (CODE + 0x62) as u32);
    for register in 0..13 {
        target
            .write_register(register, register * 0x0101_0101)
            .unwrap();
    }
    target.write_register(15, CODE as u32).unwrap();
    target.step().unwrap();
    assert_eq!(target.read_register(15).unwrap(), CODE as u32 + 2);
    assert_eq!(target.read_register(0).unwrap(), 0x0101_0101);
    assert_eq!(target.read_register(12).unwrap(), 12 * 0x0101_0101);
    assert_eq!(target.read_register(0x60).unwrap_err().code(), "IMP-4061");
}

#[test]
fn a_reset_is_a_reset() {
    let (_, mut target) = halted();
    target.write_word(0x4000_0000, 2).unwrap();
    target.reset_and_halt().unwrap();
    assert_eq!(target.status().unwrap(), CoreStatus::Halted);
    assert_eq!(target.read_word(0x4000_0000).unwrap(), 0);
    target.reset().unwrap();
    // Flash is blank: the core starts nowhere and locks up.
    target.delay(Duration::from_millis(1)).unwrap();
    assert_eq!(target.status().unwrap(), CoreStatus::LockedUp);
    target.reset_and_halt().unwrap();
    assert_eq!(target.status().unwrap(), CoreStatus::Halted);
}

#[test]
fn a_free_core_handles_its_own_faults() {
    let (_, mut target) = halted();
    // A call has made faults halt the core.
    target.call(&call(0, [0; 4])).unwrap();
    target.write_register(15, (CODE + 0x64) as u32).unwrap();
    target.run().unwrap();
    target.delay(Duration::from_millis(1)).unwrap();
    // Its vector table is blank, so its handler faults, too.
    assert_eq!(target.status().unwrap(), CoreStatus::LockedUp);
}

fn call(entry: u64, args: [u32; 4]) -> Call {
    Call {
        entry: CODE + entry,
        stack: STACK,
        static_base: 0x2000_0ABC,
        args,
        timeout_ms: 50,
    }
}

#[test]
fn calls_return() {
    let (_, mut target) = halted();
    for entry in [0, 1] {
        assert_eq!(target.call(&call(entry, [1, 20, 300, 4000])).unwrap(), 4321);
    }
    assert_eq!(target.call(&call(0x08, [0; 4])).unwrap(), 0x2000_0ABC);
    // From a running core, too.
    target.write_register(15, (CODE + 0x62) as u32).unwrap();
    target.run().unwrap();
    assert_eq!(target.call(&call(0, [1, 2, 3, 4])).unwrap(), 10);
    assert_eq!(target.status().unwrap(), CoreStatus::Halted);
}

#[test]
fn calls_that_do_not_return() {
    let (bench, mut target) = halted();
    let at = |offset: u64| (CODE + offset) as u32;
    let what = |entry: u64| format!("the call of {:#010x}", CODE + entry);
    let cases = [
        (
            0x62,
            TargetError::CallTimeout {
                what: what(0x62),
                timeout_ms: 50,
                pc: at(0x62),
            },
        ),
        (
            0x64,
            TargetError::HardFault {
                what: what(0x64),
                pc: at(0x68),
            },
        ),
        (
            0x5E,
            TargetError::UnexpectedHalt {
                what: what(0x5E),
                pc: at(0x5E),
            },
        ),
    ];
    for (entry, expect) in cases {
        let start_ns = bench.now_ns();
        assert_eq!(target.call(&call(entry, [0; 4])), Err(expect));
        assert!(bench.now_ns() - start_ns < 80_000_000);
        assert_eq!(
            target.call(&call(0, [1, 2, 3, 4])).unwrap(),
            10,
            "after {entry:#x}"
        );
    }
    let nowhere = Call {
        stack: 4,
        ..call(0, [0; 4])
    };
    assert_eq!(target.call(&nowhere).unwrap_err().code(), "IMP-4061");
    let nowhere = Call {
        stack: 0x1000_0000,
        ..call(0, [0; 4])
    };
    assert_eq!(target.call(&nowhere).unwrap_err().code(), "IMP-4005");
    let nowhere = Call {
        entry: 1 << 32,
        ..call(0, [0; 4])
    };
    assert_eq!(target.call(&nowhere).unwrap_err().code(), "IMP-4061");
}

/// Runs a program; how it ended and what it printed.
fn run(entry: u64, r0: u32) -> (Result<RunEnd, TargetError>, String) {
    let (_, mut target) = halted();
    let run = Run {
        pc: CODE + entry,
        sp: STACK,
        args: [r0, 2, 3, 4],
        timeout_ms: 100,
    };
    let mut printed = Vec::new();
    let end = target.run_code(&run, |bytes| printed.extend_from_slice(bytes));
    if !matches!(end, Err(TargetError::Lost { .. })) {
        assert_eq!(target.status().unwrap(), CoreStatus::Halted);
    }
    (end, String::from_utf8(printed).unwrap())
}

#[track_caller]
fn check_run(entry: u64, r0: u32, end: RunEnd, printed: &str) {
    assert_eq!(run(entry, r0), (Ok(end), printed.into()));
}

#[test]
fn test_code_ends() {
    check_run(0x00, 1, RunEnd::Returned { result: 10 }, "");
    check_run(0x0C, 0, RunEnd::Exit { code: 7 }, "hello, world\n!hell");
    check_run(0x3A, 0x20026, RunEnd::Exit { code: 0 }, "");
    check_run(0x3A, 0x20023, RunEnd::Exit { code: 0x20023 }, "");
    check_run(0x3A, 0, RunEnd::Exit { code: 1 }, "");
    check_run(0x40, 0, RunEnd::Returned { result: 0 }, "");
    check_run(0x40, 4, RunEnd::Returned { result: 1 }, "");
    check_run(0x40, 8, RunEnd::Returned { result: 2 }, "");
    let pc = (CODE + 0x5E) as u32;
    check_run(
        0x5E,
        99,
        RunEnd::Breakpoint {
            pc,
            number: 0x2A,
            r0: 99,
        },
        "",
    );
}

#[test]
fn test_code_that_does_not_end_well() {
    let what = "the test code".to_string();
    let at = |offset: u64| (CODE + offset) as u32;
    let (end, _) = run(0x58, 0);
    assert_eq!(
        end,
        Err(TargetError::Semihosting {
            operation: 0x12,
            pc: at(0x5A)
        })
    );
    let (end, _) = run(0x62, 0);
    assert_eq!(
        end,
        Err(TargetError::CallTimeout {
            what: what.clone(),
            timeout_ms: 100,
            pc: at(0x62)
        })
    );
    let (end, _) = run(0x64, 0);
    assert_eq!(
        end,
        Err(TargetError::HardFault {
            what: what.clone(),
            pc: at(0x68)
        })
    );
    // A fault whose frame cannot be written locks up, or at least is a fault.
    let (end, _) = run(0x6C, 0x1000_0000);
    assert!(
        matches!(
            end,
            Err(TargetError::Lockup { .. } | TargetError::HardFault { .. })
        ),
        "{end:?}"
    );
}
