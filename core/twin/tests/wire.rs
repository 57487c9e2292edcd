//! The debug port, the access ports, the price of the wire, and faults on it.
#![allow(clippy::unwrap_used)]

mod common;

use common::{
    CONTROLLER, FLASH, Probe, RAM, RAM_ALIAS, UID_ADDRESS, device, firmware, make, options,
};
use imprint_device::Core;
use imprint_twin::{Board, BoardOptions, Fault, Link, Port, TwinError, WireFault};

fn probe() -> Probe {
    Probe::connected(Core::CortexM4, firmware::SPIN)
}

#[test]
fn the_port_listens_as_jtag_until_it_is_switched() {
    let mut probe = Probe::new(Core::CortexM4, firmware::SPIN, &[]);
    assert_eq!(
        probe.board.read_register(Port::Debug, 0),
        Err(WireFault::NoAnswer)
    );
    probe.line_reset();
    assert_eq!(
        probe.board.read_register(Port::Debug, 0),
        Err(WireFault::NoAnswer)
    );
    // The sequence alone is not enough, neither before it nor after it.
    probe.board.line_sequence(16, 0xE79E);
    probe.line_reset();
    assert_eq!(
        probe.board.read_register(Port::Debug, 0),
        Err(WireFault::NoAnswer)
    );
    probe.board.line_sequence(51, u64::MAX);
    probe.board.line_sequence(16, 0xE79E);
    assert_eq!(
        probe.board.read_register(Port::Debug, 0),
        Err(WireFault::NoAnswer)
    );
    probe.line_reset();
    assert_eq!(probe.board.read_register(Port::Debug, 0), Ok(0x2BA0_1477));
}

#[test]
fn after_a_line_reset_only_the_identification_is_answered() {
    let mut probe = probe();
    probe.line_reset();
    assert_eq!(
        probe.board.read_register(Port::Debug, 4),
        Err(WireFault::NoAnswer)
    );
    assert_eq!(probe.board.read_register(Port::Debug, 0), Ok(0x2BA0_1477));
    assert!(probe.board.read_register(Port::Debug, 4).is_ok());
    // A start bit that begins nothing.
    probe.board.line_sequence(3, 0b010);
    assert_eq!(
        probe.board.read_register(Port::Debug, 0),
        Err(WireFault::NoAnswer)
    );
    probe.board.line_sequence(49, u64::MAX);
    assert_eq!(
        probe.board.read_register(Port::Debug, 0),
        Err(WireFault::NoAnswer)
    );
    probe.board.line_sequence(1, 1);
    assert_eq!(probe.board.read_register(Port::Debug, 0), Ok(0x2BA0_1477));
    // Back to JTAG.
    probe.board.line_sequence(51, u64::MAX);
    probe.board.line_sequence(16, 0xE73C);
    probe.line_reset();
    assert_eq!(
        probe.board.read_register(Port::Debug, 0),
        Err(WireFault::NoAnswer)
    );
    assert_eq!(probe.connect(), Ok(0x2BA0_1477));
}

#[test]
fn power_up_is_acknowledged_and_needed() {
    let mut probe = Probe::new(Core::CortexM4, firmware::SPIN, &[]);
    probe.switch_to_swd();
    probe.board.read_register(Port::Debug, 0).unwrap();
    assert_eq!(probe.board.read_register(Port::Debug, 4), Ok(0));
    assert_eq!(
        probe.board.read_register(Port::Access, 0),
        Err(WireFault::Fault)
    );
    probe
        .board
        .write_register(Port::Debug, 4, 0x5000_0000)
        .unwrap();
    assert_eq!(probe.board.read_register(Port::Debug, 4), Ok(0xF000_0000));
    assert!(probe.board.read_register(Port::Access, 0).is_ok());
    probe.board.write_register(Port::Debug, 4, 0).unwrap();
    assert_eq!(
        probe.board.read_register(Port::Debug, 4).unwrap() & 0xF000_0000,
        0
    );
}

#[test]
fn a_fault_is_cleared_before_it_is_reported() {
    let mut probe = probe();
    assert_eq!(probe.read(0x6000_0000), Err(WireFault::Fault));
    assert_eq!(probe.board.read_register(Port::Debug, 4).unwrap() & 0x20, 0);
    assert_eq!(probe.read(RAM), Ok(0));
    // A write that waited answers at the next read.
    probe
        .board
        .write_register(Port::Access, 4, 0x6000_0000)
        .unwrap();
    probe.board.write_register(Port::Access, 0xC, 1).unwrap();
    assert_eq!(
        probe.board.read_register(Port::Debug, 0),
        Err(WireFault::Fault)
    );
    assert_eq!(probe.board.read_register(Port::Debug, 0), Ok(0x2BA0_1477));
}

#[test]
fn the_registers_of_the_access_ports() {
    let mut probe = probe();
    probe.board.write_register(Port::Debug, 8, 0xF0).unwrap();
    for (register, value) in [(0x4, 0), (0x8, 0xE00F_F003), (0xC, 0x2477_0011)] {
        assert_eq!(probe.board.read_register(Port::Access, register), Ok(value));
    }
    // The family's port, and one that is not there.
    for (select, register, value) in [
        (0x0100_00F0, 0xC, 0x1234_5678),
        (0x0100_0000, 0, 0),
        (0x0200_00F0, 0xC, 0),
    ] {
        probe.board.write_register(Port::Debug, 8, select).unwrap();
        assert_eq!(
            probe.board.read_register(Port::Access, register),
            Ok(value),
            "{select:#x}"
        );
    }
    probe
        .board
        .write_register(Port::Debug, 8, 0x0100_0000)
        .unwrap();
    probe.board.write_register(Port::Access, 0, 77).unwrap();
    assert_eq!(probe.board.read_register(Port::Access, 0), Ok(77));
    assert_eq!(
        probe.board.read_register(Port::Debug, 0xC),
        Ok(77),
        "RDBUFF"
    );
    // Packed transfers and sizes above a word are not there.
    probe.board.write_register(Port::Debug, 8, 0).unwrap();
    probe
        .board
        .write_register(Port::Access, 0, 0x2300_0025)
        .unwrap();
    assert_eq!(probe.board.read_register(Port::Access, 0), Ok(0x2300_0042));
}

/// OpenOCD writes 4 KiB to a Cortex-M3 without naming the address again: all of it once landed in the first KiB.
#[test]
fn the_address_counts_up_within_what_the_core_has() {
    for (core, page_len) in [(Core::CortexM0, 0x400), (Core::CortexM4, 0x1000)] {
        let mut probe = Probe::connected(core, firmware::SPIN);
        // What is written lies where the core has its stack.
        probe.halt();
        let values: Vec<u32> = (0..8).collect();
        let start = RAM + page_len - 0x10;
        probe.board.write_register(Port::Access, 4, start).unwrap();
        probe.board.write_block(Port::Access, 0xC, &values).unwrap();
        assert_eq!(probe.board.read_register(Port::Access, 4), Ok(RAM + 0x10));
        assert_eq!(probe.peek(RAM + page_len - 4), 3);
        assert_eq!(probe.peek(RAM), 4, "the address wraps");
        let mut back = [0; 8];
        probe.board.write_register(Port::Access, 4, start).unwrap();
        probe
            .board
            .read_block(Port::Access, 0xC, &mut back)
            .unwrap();
        assert_eq!(back[..], values[..]);
    }
}

#[test]
fn parts_of_words_stand_in_their_lanes() {
    let mut probe = probe();
    probe.write(RAM, 0x4433_2211).unwrap();
    probe.set_size(1);
    assert_eq!(probe.read(RAM + 2), Ok(0x0033_0000));
    probe.write(RAM + 1, 0xAAAA_55AA).unwrap();
    probe.set_size(2);
    assert_eq!(probe.read(RAM + 2), Ok(0x4433_0000));
    probe.write(RAM + 2, 0x1234_FFFF).unwrap();
    assert_eq!(probe.peek(RAM), 0x1234_5511);
}

#[test]
fn banked_data_registers() {
    let mut probe = probe();
    probe
        .board
        .write_register(Port::Access, 4, RAM + 0x24)
        .unwrap();
    probe.board.write_register(Port::Debug, 8, 0x10).unwrap();
    for register in [0, 4, 8, 0xC] {
        probe
            .board
            .write_register(Port::Access, register, u32::from(register) + 1)
            .unwrap();
    }
    assert_eq!(probe.board.read_register(Port::Access, 8), Ok(9));
    assert_eq!((probe.peek(RAM + 0x20), probe.peek(RAM + 0x2C)), (1, 0xD));
}

#[test]
fn the_map_of_addresses() {
    let mut probe = probe();
    probe.write(RAM + 8, 0xCAFE).unwrap();
    let first = u32::from(firmware::SPIN[0]) | u32::from(firmware::SPIN[1]) << 16;
    for (address, value) in [
        (RAM_ALIAS + 8, Ok(0xCAFE)),
        (FLASH, Ok(first)),
        (0, Ok(first)),
        (UID_ADDRESS, Ok(0x0403_0201)),
        (CONTROLLER + 0x20, Ok(5)),
        (0xE004_2000, Ok(0xD06_0001)),
        (CONTROLLER + 0x2C, Err(WireFault::Fault)),
        (CONTROLLER + 0x10, Err(WireFault::Fault)),
        (FLASH + 0x1_0000, Err(WireFault::Fault)),
        (RAM + 0x4000, Err(WireFault::Fault)),
        (0x1FFF_E000, Err(WireFault::Fault)),
        (0xE004_3000, Err(WireFault::Fault)),
        (0xFFFF_FFFC, Err(WireFault::Fault)),
    ] {
        assert_eq!(probe.read(address), value, "{address:#x}");
    }
    assert_eq!(probe.write(UID_ADDRESS, 0), Err(WireFault::Fault));
    assert_eq!(
        probe.write(FLASH + 0x8000, 0),
        Err(WireFault::Fault),
        "programming is off"
    );
}

#[test]
fn the_rom_table_leads_to_the_core() {
    let mut probe = probe();
    let table = 0xE00F_F000;
    for (offset, value) in [
        (0x000, 0xFFF0_F003),
        (0x00C, 0),
        (0xFCC, 1),
        (0xFD0, 2),
        (0xFE0, 0x23),
        (0xFE4, 0x41),
        (0xFE8, 0xC),
        (0xFF0, 0x0D),
        (0xFF4, 0x10),
        (0xFF8, 0x05),
        (0xFFC, 0xB1),
    ] {
        assert_eq!(probe.read(table + offset), Ok(value), "{offset:#x}");
    }
    let core = 0xE000_E000;
    for (offset, value) in [
        (0xFD0, 4),
        (0xFE0, 0x0C),
        (0xFE4, 0xB0),
        (0xFE8, 0x0B),
        (0xFF4, 0xE0),
        (0xD00, 0x410F_C241),
    ] {
        assert_eq!(probe.read(core + offset), Ok(value), "{offset:#x}");
    }
}

#[test]
fn debug_access_can_be_closed() {
    let mut probe = probe();
    probe.write(CONTROLLER + 0x1C, 1).unwrap();
    assert_eq!(probe.read(FLASH), Err(WireFault::Fault));
    assert_eq!(
        probe.read(0),
        Err(WireFault::Fault),
        "nor through the alias"
    );
    assert!(probe.read(RAM).is_ok());
    assert!(probe.read(UID_ADDRESS).is_ok());
    probe.write(CONTROLLER + 0x1C, 2).unwrap();
    for address in [FLASH, RAM, CONTROLLER, 0xE000_ED00] {
        assert_eq!(probe.read(address), Err(WireFault::Fault), "{address:#x}");
    }
    assert_eq!(
        probe.board.read_register(Port::Access, 0).unwrap() & 0x40,
        0
    );
    // The family's port still answers, and opens it by an erase.
    probe
        .board
        .write_register(Port::Debug, 8, 0x0100_0000)
        .unwrap();
    probe.board.write_register(Port::Access, 4, 1).unwrap();
    probe.board.write_register(Port::Debug, 8, 0).unwrap();
    assert_eq!(probe.read(FLASH), Ok(0xFFFF_FFFF));
    assert_eq!(
        probe.board.read_register(Port::Access, 0).unwrap() & 0x40,
        0x40
    );
}

#[test]
fn code_from_ram_cannot_read_what_the_debugger_must_not() {
    let mut probe = probe();
    // ldr r2, [r1]; bkpt
    probe.load(&[0x680A, 0xBE00]);
    probe.set_register(1, FLASH);
    probe.write(CONTROLLER + 0x1C, 1).unwrap();
    probe.go();
    probe.board.pass_ns(1_000_000);
    // The vectors are in flash, so the fault is taken there; what counts is that nothing was read.
    probe.halt();
    assert_eq!(probe.register(2), 0);
    assert_ne!(
        probe.read(0xE000_ED28).unwrap() & 0x8200,
        0,
        "precise bus fault"
    );
}

#[test]
fn the_price_of_transfers_is_that_of_the_driver() {
    // 10 MHz: a transfer of 54 bits takes 5.4 us. Half a latency on each side, one transfer more a packet.
    let transfer = 5_400;
    let latency = 190_000;
    let mut probe = probe();
    let mut check = |action: &mut dyn FnMut(&mut Board), transfers: u64, packets: u64| {
        let start = probe.board.now_ns();
        action(&mut probe.board);
        let expected = transfers * transfer + packets * (latency + transfer);
        assert_eq!(
            probe.board.now_ns() - start,
            expected,
            "{transfers} in {packets}"
        );
    };
    check(
        &mut |board| assert!(board.read_register(Port::Debug, 0).is_ok()),
        1,
        1,
    );
    check(
        &mut |board| assert!(board.write_register(Port::Access, 4, RAM).is_ok()),
        0,
        0,
    );
    check(&mut |board| assert!(board.flush().is_ok()), 1, 1);
    check(&mut |board| assert!(board.flush().is_ok()), 0, 0);
    // 101 writes fill a packet of 512 bytes.
    check(
        &mut |board| (0..100).for_each(|_| board.write_register(Port::Access, 4, RAM).unwrap()),
        0,
        0,
    );
    check(
        &mut |board| board.write_register(Port::Access, 4, RAM).unwrap(),
        101,
        1,
    );
    // A write that waits goes with the read.
    check(
        &mut |board| board.write_register(Port::Access, 4, RAM).unwrap(),
        0,
        0,
    );
    check(
        &mut |board| assert!(board.read_register(Port::Access, 0xC).is_ok()),
        2,
        1,
    );
    // A block sends what waits, then 126 words a packet.
    check(
        &mut |board| board.write_register(Port::Access, 4, RAM).unwrap(),
        0,
        0,
    );
    check(
        &mut |board| board.write_block(Port::Access, 0xC, &[0; 256]).unwrap(),
        1 + 256,
        1 + 3,
    );
    check(
        &mut |board| board.read_block(Port::Access, 0xC, &mut [0; 126]).unwrap(),
        126,
        1,
    );
}

#[test]
fn a_fault_costs_two_more_packets() {
    let mut probe = probe();
    let start = probe.board.now_ns();
    let before = probe.board.statistics();
    assert_eq!(probe.read(0x6000_0000), Err(WireFault::Fault));
    let after = probe.board.statistics();
    assert_eq!(after.round_trips - before.round_trips, 3);
    assert_eq!(after.transfers - before.transfers, 2);
    // TAR, DRW; read of CTRL/STAT; write of ABORT.
    assert_eq!(probe.board.now_ns() - start, 4 * 5_400 + 3 * 190_000);
}

#[test]
fn the_clock_and_the_link_set_the_price() {
    let options = BoardOptions {
        link: Link::full_speed(),
        ..options(&[])
    };
    let mut board = Board::power_on(&device(Core::CortexM0), options, make).unwrap();
    board.set_clock_khz(1_000);
    board.line_sequence(51, u64::MAX);
    assert_eq!(board.now_ns(), 1_000_000 + 51_000);
    board.set_clock_khz(0);
    board.line_sequence(1, 1);
    assert_eq!(board.now_ns(), 2_000_000 + 51_000 + 1_000_000);
    let statistics = board.statistics();
    assert_eq!(
        (statistics.wire_ns, statistics.latency_ns),
        (1_051_000, 2_000_000)
    );
}

/// The answers to ten reads of the port after the wire is up.
fn answers(faults: &[&str]) -> Vec<Result<u32, WireFault>> {
    let mut probe = Probe::new(Core::CortexM4, firmware::SPIN, faults);
    probe.switch_to_swd();
    (0..10)
        .map(|_| probe.board.read_register(Port::Debug, 0))
        .collect()
}

#[test]
fn faults_on_the_wire() {
    let ok = Ok(0x2BA0_1477);
    for (fault, place, answer) in [
        ("no-target", 1..11, WireFault::NoAnswer),
        ("vanish@4", 4..11, WireFault::NoAnswer),
        ("wait@3", 1..1, WireFault::Wait),
        ("wait@3x65535", 1..1, WireFault::Wait),
        ("wait@3x65536", 3..4, WireFault::Wait),
        ("wait@3x1000000", 3..11, WireFault::Wait),
        ("fault@10", 10..11, WireFault::Fault),
    ] {
        let expected: Vec<_> = (1..11)
            .map(|n| if place.contains(&n) { Err(answer) } else { ok })
            .collect();
        assert_eq!(answers(&[fault]), expected, "{fault}");
    }
    assert_eq!(answers(&["random@5/400"]), answers(&["random@5/400"]));
    // A few waits are repeated by the probe; faults are not.
    let random = answers(&["random@5/1000"]);
    assert!(
        random.contains(&ok) && random.contains(&Err(WireFault::Fault)),
        "{random:?}"
    );
}

#[test]
fn a_target_that_is_gone_has_no_voltage() {
    let mut probe = Probe::new(Core::CortexM4, firmware::SPIN, &["vanish@2"]);
    assert_eq!(probe.board.voltage_mv(), 3300);
    probe.switch_to_swd();
    probe.board.read_register(Port::Debug, 0).unwrap();
    assert_eq!(probe.board.voltage_mv(), 0);
    let mut empty = Probe::new(Core::CortexM4, firmware::SPIN, &["no-target"]);
    assert_eq!(empty.board.voltage_mv(), 0);
    assert_eq!(empty.connect(), Err(WireFault::NoAnswer));
    assert_eq!(empty.board.pins(0, 0x80), 0x80);
}

#[test]
fn boards_that_cannot_be_made() {
    let check = |change: &dyn Fn(&mut imprint_device::Device, &mut BoardOptions), code: &str| {
        let mut device = device(Core::CortexM0);
        let mut options = options(&[]);
        change(&mut device, &mut options);
        match Board::power_on(&device, options, make) {
            Err(error) => {
                assert_eq!(error.code(), code, "{error}");
                assert!(error.help().is_some());
            }
            Ok(_) => panic!("expected {code}"),
        }
    };
    check(&|_, options| options.uid.push(5), "IMP-7001");
    check(&|_, options| options.uid.clear(), "IMP-7001");
    check(&|device, _| device.memories[0].len = 1 << 40, "IMP-7002");
    check(&|device, _| device.memories[0].len = 0, "IMP-7002");
    check(
        &|device, _| device.memories[0].start = 0xFFFF_FFFF,
        "IMP-7002",
    );
    check(
        &|device, _| device.memories[1].aliases[0] = u64::MAX,
        "IMP-7002",
    );
    check(&|device, _| device.twin.core_clock_khz = 0, "IMP-7003");
    check(&|device, _| device.twin.interrupt_count = 241, "IMP-7003");
    check(&|device, _| device.twin.breakpoint_count = 1000, "IMP-7003");
    check(&|device, _| device.memories.truncate(2), "IMP-7004");
    check(
        &|_, options| options.faults = vec![Fault::NoTarget; 65],
        "IMP-7008",
    );
    check(&|_, options| options.link.packet_len = 8, "IMP-7009");
    let error = Board::power_on(&device(Core::CortexM0), options(&[]), |_, _| {
        Err("why".into())
    });
    assert!(matches!(error, Err(TwinError::Peripherals { message, .. }) if message == "why"));
}
