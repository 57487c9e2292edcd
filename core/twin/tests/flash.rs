//! Cells: programming, busy times, stuck bits, brown-outs, and boards on paper.
#![allow(clippy::unwrap_used)]

mod common;

use common::{
    ALL_US, CONTROLLER, FLASH, Probe, RAM, SECTOR_US, WORD_NS, device, firmware, make, make_with,
    options,
};
use imprint_device::Core;
use imprint_twin::{Board, BoardState, Port, WireFault};

const PLACE: u32 = FLASH + 0x2000;

/// A board whose core stands still and whose controller takes writes.
fn open(faults: &[&str]) -> Probe {
    let mut probe = Probe::new(Core::CortexM0, firmware::SPIN, faults);
    probe.connect().unwrap();
    probe.halt();
    probe.write(CONTROLLER, 1).unwrap();
    probe
}

fn wait(probe: &mut Probe) {
    while probe.read(CONTROLLER + 4).unwrap() != 0 {
        probe.board.pass_ns(10_000);
    }
}

#[test]
fn programming_clears_bits_and_erasing_sets_them() {
    let mut probe = open(&[]);
    probe.write(PLACE, 0xFFFF_0F0F).unwrap();
    probe.write(PLACE, 0x00FF_FF00).unwrap();
    assert_eq!(probe.read(PLACE), Ok(0x00FF_0F00));
    probe.write(CONTROLLER + 8, PLACE + 0x123).unwrap();
    assert_eq!(probe.read(PLACE), Ok(0xFFFF_FFFF));
    assert_eq!(probe.board.statistics().flash_operations, 3);
    let busy_ns = 2 * WORD_NS + SECTOR_US * 1000;
    assert_eq!(probe.board.statistics().flash_busy_ns, busy_ns);
    probe.write(CONTROLLER, 0).unwrap();
    assert_eq!(
        probe.write(PLACE, 0),
        Err(WireFault::Fault),
        "the controller refuses"
    );
    assert_eq!(probe.read(PLACE), Ok(0xFFFF_FFFF));
}

#[test]
fn busy_lasts_as_long_as_the_datasheet_says() {
    for (register, value, busy_us) in [(8, PLACE, SECTOR_US), (0xC, 0, ALL_US)] {
        let mut probe = open(&[]);
        // The write happens before its check transfer and the second half of the latency.
        probe.write(CONTROLLER + register, value).unwrap();
        let started_ns = probe.board.now_ns() - 95_000 - 5_400;
        wait(&mut probe);
        let ended_ns = probe.board.now_ns() - 95_000 - 5_400;
        let took_us = (ended_ns - started_ns) / 1000;
        assert!(
            (busy_us..busy_us + 250).contains(&took_us),
            "{took_us} us, {busy_us} us"
        );
    }
}

#[test]
fn the_probe_repeats_what_a_busy_flash_does_not_answer() {
    let mut probe = open(&[]);
    probe.write(CONTROLLER + 8, PLACE).unwrap();
    let start_ns = probe.board.now_ns();
    assert_eq!(probe.read(RAM), Ok(0), "RAM answers at once");
    assert!(probe.board.now_ns() - start_ns < 1_000_000);
    assert_eq!(probe.read(PLACE), Ok(0xFFFF_FFFF));
    assert!(probe.board.now_ns() - start_ns > SECTOR_US * 1000 - 200_000);
    // 65535 repetitions at 50 MHz are 70.8 ms; a chip erase that takes longer is too long.
    let mut device = device(Core::CortexM0);
    device.memories[0].nor.as_mut().unwrap().timing.erase_all_us = 100_000;
    let board = Board::power_on(&device, options(&[]), make_with(firmware::SPIN)).unwrap();
    let mut probe = Probe { board };
    probe.connect().unwrap();
    probe.halt();
    probe.write(CONTROLLER, 1).unwrap();
    probe.write(CONTROLLER + 0xC, 0).unwrap();
    probe.board.set_clock_khz(50_000);
    assert_eq!(probe.read(PLACE), Err(WireFault::Wait));
    assert_eq!(
        probe.read(PLACE),
        Ok(0xFFFF_FFFF),
        "the second attempt is late enough"
    );
}

#[test]
fn a_larger_sector_takes_its_own_time() {
    let mut device = device(Core::CortexM0);
    let nor = device.memories[0].nor.as_mut().unwrap();
    let (mut small, mut large) = (nor.sectors[0].clone(), nor.sectors[0].clone());
    small.count = 4;
    (large.len, large.count, large.erase_us) = (60 << 10, 1, Some(3 * SECTOR_US));
    nor.sectors = vec![small, large];
    let board = Board::power_on(&device, options(&[]), make_with(firmware::SPIN)).unwrap();
    let mut probe = Probe { board };
    probe.connect().unwrap();
    probe.halt();
    probe.write(CONTROLLER, 1).unwrap();
    for (offset, busy_us) in [(0xFFF, SECTOR_US), (0x1000, 4 * SECTOR_US)] {
        probe.write(CONTROLLER + 8, FLASH + offset).unwrap();
        wait(&mut probe);
        let busy_ns = probe.board.statistics().flash_busy_ns;
        assert_eq!(busy_ns, busy_us * 1000, "{offset:#x}");
    }
}

#[test]
fn the_core_programs_its_own_flash_and_waits_for_it() {
    let mut probe = Probe::new(Core::CortexM0, firmware::PROGRAMMER, &[]);
    probe.board.pass_ns(100_000_000);
    let words: Vec<u32> = (0..5)
        .map(|index| probe.peek(FLASH + 0x1000 + 4 * index))
        .collect();
    assert_eq!(words, [0x11, 0x11, 0x11, 0x11, 0xFFFF_FFFF]);
    let statistics = probe.board.statistics();
    assert_eq!(statistics.flash_busy_ns, SECTOR_US * 1000 + 4 * WORD_NS);
    // BKPT without a debugger is a HardFault, without a vector for it lockup.
    // It runs from the flash that is busy, so it stands still: few instructions in 20 ms.
    assert!(statistics.instructions < 100, "{}", statistics.instructions);
}

#[test]
fn polling_from_ram_takes_the_time_and_not_the_effort() {
    let mut probe = open(&[]);
    // str r2, [r0, #8]; l: ldr r1, [r0, #4]; cmp r1, #0; bne l; bkpt
    probe.load(&[0x6082, 0x6841, 0x2900, 0xD1FC, 0xBE00]);
    probe.set_register(0, CONTROLLER);
    probe.set_register(2, PLACE);
    let before = probe.board.statistics().instructions;
    probe.go();
    probe.wait_for_halt();
    assert_eq!(probe.board.statistics().flash_busy_ns, SECTOR_US * 1000);
    // 20 ms at 8 MHz are 160 000 cycles; a turn is 2 + 1 + 3 of them.
    let instructions = probe.board.statistics().instructions - before;
    assert!(
        instructions.abs_diff(3 * 160_000 / 6) < 20,
        "{instructions}"
    );
    assert_eq!(probe.register(1), 0);
}

/// An algorithm that feeds a watchdog while it polls took as long as the erase: each turn was executed.
#[test]
fn polling_that_stores_the_same_each_turn_is_jumped_too() {
    let mut probe = open(&[]);
    // str r2, [r0, #8]; l: str r2, [r0, #20]; ldr r1, [r0, #4]; cmp r1, #0; bne l; bkpt
    probe.load(&[0x6082, 0x6142, 0x6841, 0x2900, 0xD1FB, 0xBE00]);
    probe.set_register(0, CONTROLLER);
    probe.set_register(2, PLACE);
    let before = probe.board.statistics().instructions;
    probe.go();
    probe.wait_for_halt();
    // 20 ms at 8 MHz are 160 000 cycles; a turn is 2 + 2 + 1 + 3 of them.
    let instructions = probe.board.statistics().instructions - before;
    assert!(
        instructions.abs_diff(4 * 160_000 / 8) < 20,
        "{instructions}"
    );
    assert_eq!(probe.read(CONTROLLER + 0x14), Ok(PLACE));
    let count = probe.read(CONTROLLER + 0x28).unwrap();
    assert!(count < 1000, "the board heard of it {count} times");
}

#[test]
fn polling_that_counts_its_turns_counts_them_all() {
    let mut probe = open(&[]);
    // str r2, [r0, #8]; l: ldr r3, [r4, #0]; adds r3, #1; str r3, [r4, #0]; movs r3, #0;
    // ldr r1, [r0, #4]; cmp r1, #0; bne l; bkpt
    probe.load(&[
        0x6082, 0x6823, 0x3301, 0x6023, 0x2300, 0x6841, 0x2900, 0xD1F8, 0xBE00,
    ]);
    let counter = RAM + 0x800;
    probe.write(counter, 0).unwrap();
    for (register, value) in [(0, CONTROLLER), (2, PLACE), (3, 0), (4, counter)] {
        probe.set_register(register, value);
    }
    let before = probe.board.statistics().instructions;
    probe.go();
    probe.wait_for_halt();
    let instructions = probe.board.statistics().instructions - before;
    let turns = probe.read(counter).unwrap();
    assert!(turns > 10_000, "{turns}");
    assert!(instructions.abs_diff(7 * u64::from(turns)) < 20, "{turns}");
}

#[test]
fn stuck_bits_stay() {
    let mut probe = open(&[
        "stuck@0x08002000.9=0",
        "stuck@0x08002004.0=1",
        "stuck@0x60000000.0=1",
    ]);
    assert_eq!(probe.read(PLACE), Ok(0xFFFF_FDFF));
    probe.write(PLACE + 4, 0).unwrap();
    assert_eq!(probe.read(PLACE + 4), Ok(1));
    probe.write(CONTROLLER + 8, PLACE).unwrap();
    wait(&mut probe);
    assert_eq!(probe.read(PLACE), Ok(0xFFFF_FDFF));
}

#[test]
fn a_brown_out_leaves_half_an_operation_and_takes_the_port() {
    let run = || {
        let mut probe = open(&["brownout@3"]);
        for index in 0..2 {
            probe.write(PLACE + 4 * index, 0).unwrap();
        }
        probe.write(RAM + 0x80, 5).unwrap();
        // Power fails within the third operation; the port is gone with it.
        let _ = probe.write(PLACE + 8, 0);
        assert_eq!(
            probe.board.read_register(Port::Debug, 0),
            Err(WireFault::NoAnswer)
        );
        let half = probe.peek(PLACE + 8);
        assert_eq!((probe.peek(PLACE), probe.peek(PLACE + 4)), (0, 0));
        assert!(half != 0 && half != u32::MAX, "{half:#x}");
        assert_eq!(probe.peek(RAM + 0x80), 0, "RAM is lost");
        // After a line reset and the switch all is well, and the operation can be done again.
        probe.connect().unwrap();
        assert!(!probe.is_halted(), "debug state is lost");
        probe.write(CONTROLLER, 1).unwrap();
        probe.write(PLACE + 8, 0).unwrap();
        assert_eq!(probe.read(PLACE + 8), Ok(0));
        half
    };
    assert_eq!(run(), run(), "the same half each time");
}

#[test]
fn a_brown_out_within_an_erase() {
    let mut probe = open(&["brownout@2"]);
    probe.write(PLACE, 0).unwrap();
    let _ = probe.write(CONTROLLER + 8, PLACE);
    let half = probe.peek(PLACE);
    assert!(half != 0 && half != u32::MAX, "{half:#x}");
}

#[test]
fn a_lost_operation_takes_its_time_and_changes_nothing() {
    let mut probe = open(&["lost@2", "lost@4"]);
    for index in 0..3 {
        probe.write(PLACE + 4 * index, 0).unwrap();
    }
    let found = [0, 4, 8].map(|offset| probe.peek(PLACE + offset));
    assert_eq!(found, [0, u32::MAX, 0]);
    assert_eq!(probe.board.statistics().flash_busy_ns, 3 * WORD_NS);
    probe.write(CONTROLLER + 8, PLACE).unwrap();
    assert_eq!(probe.peek(PLACE), 0, "an erase is one, too");
    probe.write(CONTROLLER + 8, PLACE).unwrap();
    assert_eq!(probe.peek(PLACE), u32::MAX);
}

#[test]
fn a_board_comes_back_from_paper() {
    let mut probe = open(&["vanish@1000000"]);
    probe.write(PLACE, 0x1234_5678).unwrap();
    probe.write(CONTROLLER + 0x14, 0xABCD).unwrap();
    probe.write(RAM, 7).unwrap();
    let state = probe.board.save();
    let text = serde_json::to_string(&state).unwrap();
    assert!(text.len() < 8192, "a fresh chip is short: {}", text.len());
    let state: BoardState = serde_json::from_str(&text).unwrap();
    let mut probe = Probe {
        board: Board::restore(&state, None, make).unwrap(),
    };
    assert_eq!(probe.board.uid(), [1, 2, 3, 4]);
    assert_eq!(probe.board.device(), &device(Core::CortexM0));
    assert!(probe.board.now_ns() >= state.time_ns);
    probe.connect().unwrap();
    assert_eq!(probe.read(PLACE), Ok(0x1234_5678));
    assert_eq!(probe.read(CONTROLLER + 0x14), Ok(0xABCD));
    assert_eq!(probe.read(RAM), Ok(0), "RAM is lost");
    assert_eq!(probe.read(common::UID_ADDRESS), Ok(0x0403_0201));
    assert!(!probe.is_halted(), "the firmware runs");
    // What is saved again is the same but for the time and the transfers.
    let again = probe.board.save();
    assert_eq!(
        (again.memories, again.peripherals),
        (state.memories, state.peripherals)
    );
}

#[test]
fn faults_count_on_through_paper() {
    let mut probe = open(&["brownout@2"]);
    probe.write(PLACE, 0).unwrap();
    let state = probe.board.save();
    for (faults, fails) in [(None, true), (Some(Vec::new()), false)] {
        let mut probe = Probe {
            board: Board::restore(&state, faults, make).unwrap(),
        };
        probe.connect().unwrap();
        probe.write(CONTROLLER, 1).unwrap();
        let _ = probe.write(PLACE + 4, 0);
        let gone = probe.board.read_register(Port::Debug, 0).is_err();
        assert_eq!(gone, fails);
    }
    // A target that has vanished stays away.
    let mut probe = Probe::new(Core::CortexM0, firmware::SPIN, &["vanish@3"]);
    let _ = probe.connect();
    let mut probe = Probe {
        board: Board::restore(&probe.board.save(), None, make).unwrap(),
    };
    assert_eq!(probe.connect(), Err(WireFault::NoAnswer));
}

#[test]
fn states_that_contradict_themselves() {
    let state = open(&[]).board.save();
    let check = |change: &dyn Fn(&mut BoardState), code: &str| {
        let mut state = state.clone();
        change(&mut state);
        match Board::restore(&state, None, make) {
            Err(error) => assert_eq!(error.code(), code, "{error}"),
            Ok(_) => panic!("expected {code}"),
        }
    };
    check(&|state| state.peripherals.push(0), "IMP-7005");
    check(&|state| state.memories[0].name = "ram".into(), "IMP-7006");
    check(
        &|state| state.memories[0].runs[0].offset = 0xFFFF,
        "IMP-7006",
    );
    check(
        &|state| state.memories[0].runs[0].offset = u64::MAX,
        "IMP-7006",
    );
    check(&|state| state.time_ns = u64::MAX, "IMP-7006");
    check(&|state| state.uid.clear(), "IMP-7001");
    for text in [
        "\"uid\":\"0102030\"",
        "\"uid\":\"0102030g\"",
        "\"uid\":\"€\"",
        "\"uid\":4",
    ] {
        let json = serde_json::to_string(&state).unwrap();
        let json = json.replace("\"uid\":\"01020304\"", text);
        assert!(serde_json::from_str::<BoardState>(&json).is_err(), "{text}");
    }
}

#[test]
fn two_runs_are_the_same_to_the_nanosecond() {
    let run = || {
        let mut probe = open(&["random@7/50"]);
        for index in 0..200 {
            let _ = probe.write(PLACE + 4 * index, index);
        }
        (
            probe.board.statistics(),
            probe.board.now_ns(),
            probe.board.save(),
        )
    };
    assert_eq!(run(), run());
}

#[test]
fn boards_move_between_threads() {
    fn check<T: Send>() {}
    check::<Board>();
}
