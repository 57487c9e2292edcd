//! Finding, refusing and attaching a target.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Bench, Controller, FLASH, RAM, device, noise};
use imprint_device::{Core, Device};
use imprint_target::{AttachMode, CancelToken, Control, CoreStatus, Segment, Target, TargetError};
use imprint_twin::{DebugAccess, Fault};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

#[test]
fn a_target_is_attached_as_it_is() {
    let bench = Bench::new();
    let mut target = bench.attach();
    assert_ne!(target.status().unwrap(), CoreStatus::Halted);
    assert_eq!(target.read_word(0xE000_ED00).unwrap(), 0x411F_C231);
    assert_eq!(target.voltage_mv(), None);
    assert!(target.changes().is_empty());
}

#[test]
fn under_reset_no_instruction_is_executed() {
    let bench = Bench::new();
    // Reset vector 0x08000101: a program that writes to RAM at once.
    let mut target = bench.attach();
    let vectors = [0x2000_1000u32.to_le_bytes(), 0x0800_0101u32.to_le_bytes()].concat();
    let code = [0x2001, 0x2120, 0x0609, 0x6008, 0xE7FE]
        .map(u16::to_le_bytes)
        .concat();
    let segments = [
        Segment {
            address: FLASH,
            data: &vectors,
        },
        Segment {
            address: FLASH + 0x100,
            data: &code,
        },
    ];
    target.flash().program(&segments).unwrap();
    target.write_word(RAM, 0).unwrap();
    let link = target.detach();
    let mut target = bench
        .try_attach(link, Control::default(), AttachMode::UnderReset)
        .unwrap();
    assert_eq!(target.status().unwrap(), CoreStatus::Halted);
    assert_eq!(target.read_register(15).unwrap(), 0x0800_0100);
    assert_eq!(target.read_word(RAM).unwrap(), 0);
    target.reset().unwrap();
    target.delay(Duration::from_millis(1)).unwrap();
    assert_eq!(target.read_word(RAM).unwrap(), 1);
    target.write_word(RAM, 0).unwrap();
    target.reattach(AttachMode::UnderReset).unwrap();
    assert_eq!(target.read_word(RAM).unwrap(), 0);
}

#[test]
fn an_empty_socket_is_told_within_100_ms() {
    for measures_supply in [false, true] {
        let mut bench = Bench::with_faults(&[Fault::NoTarget]);
        bench.measures_supply = measures_supply;
        for mode in [AttachMode::Running, AttachMode::UnderReset] {
            let start_ns = bench.now_ns();
            let error = bench
                .try_attach(bench.link(), Control::default(), mode)
                .err()
                .unwrap();
            assert!(
                bench.now_ns() - start_ns < 100_000_000,
                "{} ns",
                bench.now_ns() - start_ns
            );
            let voltage_mv = measures_supply.then_some(0);
            assert_eq!(
                error,
                TargetError::NoTarget {
                    probe: "bench".into(),
                    voltage_mv
                }
            );
        }
        let start_ns = bench.now_ns();
        let error = bench.link().detect(Control::default()).unwrap_err();
        assert_eq!(error.code(), "IMP-4001");
        assert!(bench.now_ns() - start_ns < 100_000_000);
    }
    let error = TargetError::NoTarget {
        probe: "bench".into(),
        voltage_mv: Some(1234),
    };
    assert_eq!(
        error.to_string(),
        "no target answers on bench (target supply 1.23 V)"
    );
}

#[test]
fn detecting_leaves_the_link_for_attaching() {
    let mut bench = Bench::new();
    bench.measures_supply = true;
    let mut link = bench.link();
    assert_eq!(link.detect(Control::default()).unwrap(), Some(0x2BA0_1477));
    assert_eq!(link.voltage_mv(), Some(3300));
    bench.frozen.device.swd.clock_khz = 1234;
    let mut target = bench
        .try_attach(link, Control::default(), AttachMode::Running)
        .unwrap();
    assert_eq!(target.voltage_mv(), Some(3300));
    assert_eq!(bench.clock_khz.load(Ordering::Relaxed), 1234);
    let mut link = target.detach();
    assert_eq!(link.detect(Control::default()).unwrap(), Some(0x2BA0_1477));
}

/// Attaches a chip as another device; the register that tells.
#[track_caller]
fn check_wrong(change: impl FnOnce(&mut Device), register: &str) {
    let mut bench = Bench::new();
    change(&mut bench.frozen.device);
    let error = bench
        .try_attach(bench.link(), Control::default(), AttachMode::Running)
        .err()
        .unwrap();
    assert_eq!(error.code(), "IMP-4002");
    assert!(error.to_string().contains(register), "{error}");
}

#[test]
fn a_wrong_target_is_refused() {
    check_wrong(
        |device| device.twin.dpidr = 0x0BB1_1477,
        "DPIDR is 0x2ba01477, expected 0x0bb11477",
    );
    check_wrong(
        |device| device.twin.ap_idr = 0x2477_0012,
        "IDR of access port 0",
    );
    check_wrong(
        |device| device.core = Core::CortexM4,
        "CPUID is 0x411fc231, expected 0x410fc240",
    );
    check_wrong(
        |device| device.twin.rom_table.part = 0x411,
        "ROM table id is 0x00020410, expected 0x00020411",
    );
    check_wrong(
        |device| device.twin.rom_table.jep106_identity = 0x44,
        "ROM table id",
    );
    check_wrong(
        |device| device.twin.rom_table.jep106_continuation = 2,
        "ROM table id",
    );
    // Another revision is the same chip.
    let mut bench = Bench::new();
    bench.frozen.device.twin.dpidr = 0x1BA0_2477;
    bench.frozen.device.twin.ap_idr = 0x1477_0011;
    bench.frozen.device.twin.cpuid = 0;
    bench.attach();
}

#[test]
fn a_locked_target_is_never_unlocked() {
    let bench = Bench::with(
        Controller {
            access: DebugAccess::Closed,
            ..Controller::default()
        },
        &[],
    );
    let error = bench
        .try_attach(bench.link(), Control::default(), AttachMode::Running)
        .err()
        .unwrap();
    assert_eq!(error.code(), "IMP-4003", "{error}");
    // Its debug port is there all the same.
    let frozen = Arc::new(bench.frozen.clone());
    let mut session =
        Target::open_debug_port(bench.link(), &bench.chips(), frozen, Control::default()).unwrap();
    assert_eq!(session.dp_read(0x0).unwrap(), 0x2BA0_1477);
    let error = session.attach(AttachMode::Running).err().unwrap();
    assert_eq!(error.code(), "IMP-4003", "{error}");
}

#[test]
fn flash_may_be_closed_while_the_core_is_open() {
    let bench = Bench::with(
        Controller {
            access: DebugAccess::NoFlash,
            ..Controller::default()
        },
        &[],
    );
    let mut target = bench.attach();
    target.write_word(RAM, 0x1234_5678).unwrap();
    assert_eq!(target.read_word(RAM).unwrap(), 0x1234_5678);
    let error = target.read_word(FLASH).unwrap_err();
    assert_eq!(
        error,
        TargetError::BusFault {
            access: "read",
            address: FLASH
        }
    );
}

#[test]
fn the_debug_port_before_and_after_attaching() {
    let bench = Bench::new();
    let frozen = Arc::new(bench.frozen.clone());
    let mut session =
        Target::open_debug_port(bench.link(), &bench.chips(), frozen, Control::default()).unwrap();
    assert_eq!(session.ap_read(0, 0xFC).unwrap(), 0x2477_0011);
    session.ap_write(0, 0x04, 0x2000_0010).unwrap();
    assert_eq!(session.ap_read(0, 0x04).unwrap(), 0x2000_0010);
    assert_eq!(session.dp_read(0x4).unwrap() >> 28, 0xF, "powered up");
    assert_eq!(session.dp_read(0x3).unwrap_err().code(), "IMP-4061");
    assert_eq!(session.dp_write(0x8, 0).unwrap_err().code(), "IMP-4061");
    assert_eq!(session.ap_read(0, 0xFD).unwrap_err().code(), "IMP-4061");
    session.dp_write(0x0, 0x1E).unwrap();
    session.reset_line(true).unwrap();
    session.reset_line(false).unwrap();
    let mut target = session.attach(AttachMode::UnderReset).unwrap();
    assert_eq!(target.status().unwrap(), CoreStatus::Halted);
    assert_eq!(target.ap_read(0, 0xFC).unwrap(), 0x2477_0011);
    target.write_word(RAM, 7).unwrap();
    let mut session = target.into_debug_port();
    session.reconnect().unwrap();
    let mut target = session.attach(AttachMode::Running).unwrap();
    assert_eq!(target.read_word(RAM).unwrap(), 7);
}

#[test]
fn an_unknown_chip_has_no_debug_sequence() {
    let bench = Bench::new();
    let mut other = bench.frozen.clone();
    other.device = Device {
        chip: "TEST-2".into(),
        ..device()
    };
    let error = Target::attach(
        bench.link(),
        &bench.chips(),
        Arc::new(other),
        Control::default(),
        AttachMode::Running,
    )
    .err()
    .unwrap();
    assert_eq!(
        error,
        TargetError::ChipUnknown {
            chip: "TEST-2".into()
        }
    );
}

#[test]
fn nothing_moves_once_cancelled() {
    let bench = Bench::new();
    let control = Control {
        cancel: CancelToken::new(),
        budget: None,
    };
    control.cancel.cancel();
    let start_ns = bench.now_ns();
    let error = bench
        .try_attach(bench.link(), control.clone(), AttachMode::Running)
        .err()
        .unwrap();
    assert_eq!(error, TargetError::Cancelled);
    assert_eq!(
        bench.link().detect(control).unwrap_err(),
        TargetError::Cancelled
    );
    assert_eq!(bench.now_ns(), start_ns);
}

#[test]
fn a_target_can_be_had_again() {
    let bench = Bench::new();
    let bytes = noise(100, 1);
    let mut link = bench.link();
    for _ in 0..3 {
        let mut target = bench
            .try_attach(link, Control::default(), AttachMode::Running)
            .unwrap();
        target.flash().erase_range(FLASH, 100).unwrap();
        target
            .flash()
            .program(&[Segment {
                address: FLASH,
                data: &bytes,
            }])
            .unwrap();
        link = target.detach();
    }
    assert_eq!(bench.peek(FLASH, 100), bytes);
}
