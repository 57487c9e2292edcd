//! The core under a debugger, exceptions, SysTick, sleep, resets.
#![allow(clippy::unwrap_used)]

mod common;

use common::{CONTROLLER, FLASH, Probe, RAM, firmware};
use imprint_device::Core;

const DFSR: u32 = 0xE000_ED30;
const DHCSR: u32 = 0xE000_EDF0;
const DEMCR: u32 = 0xE000_EDFC;
const AIRCR: u32 = 0xE000_ED0C;
const ALL_CORES: [Core; 4] = [
    Core::CortexM0,
    Core::CortexM0Plus,
    Core::CortexM3,
    Core::CortexM4,
];

#[test]
fn halting_and_registers() {
    for core in ALL_CORES {
        let mut probe = Probe::connected(core, firmware::SPIN);
        assert!(!probe.is_halted());
        probe.halt();
        assert_eq!(probe.read(DFSR), Ok(1));
        probe.write(DFSR, 1).unwrap();
        assert_eq!(probe.read(DFSR), Ok(0));
        for register in 0..13 {
            probe.set_register(register, 0x1111_0003 + register);
            assert_eq!(probe.register(register), 0x1111_0003 + register);
        }
        for (register, value, expected) in [
            (13, 0x2000_0FFF, 0x2000_0FFC),
            (15, 0x2000_0101, 0x2000_0100),
            (16, 0xF100_0000, 0xF100_0000),
            (17, 0x2000_0800, 0x2000_0800),
            (18, 0x2000_0900, 0x2000_0900),
        ] {
            probe.set_register(register, value);
            assert_eq!(probe.register(register), expected, "{core:?} {register}");
        }
        assert_eq!(
            probe.register(13),
            0x2000_0800,
            "R13 is the main stack pointer"
        );
        probe.set_register(20, 0x0200_0001);
        assert_eq!(probe.register(20), 0x0200_0001);
        assert_eq!(
            probe.register(13),
            0x2000_0900,
            "R13 is the process stack pointer"
        );
    }
}

#[test]
fn a_key_is_needed_and_debugging_must_be_enabled() {
    let mut probe = Probe::connected(Core::CortexM4, firmware::SPIN);
    for value in [0x0000_0003, 0x5FA0_0003, 0xA05F_0002] {
        probe.write(DHCSR, value).unwrap();
        assert!(!probe.is_halted(), "{value:#x}");
    }
}

#[test]
fn one_step_is_one_instruction() {
    let mut probe = Probe::connected(Core::CortexM0, firmware::SPIN);
    // movs r0, #1; adds r0, #2; b .-2
    probe.load(&[0x2001, 0x3002, 0xE7FD]);
    for (pc, r0) in [(2, 1), (4, 3), (2, 3), (4, 5)] {
        probe.step();
        assert!(probe.is_halted());
        assert_eq!((probe.register(15), probe.register(0)), (RAM + pc, r0));
    }
}

#[test]
fn breakpoints_stop_before_the_instruction_and_let_go() {
    let mut probe = Probe::connected(Core::CortexM0, firmware::SPIN);
    probe.halt();
    // `ldr r1, [r0]` of SPIN is in the upper half of the word at 0x0800_0008.
    assert_eq!(probe.read(0xE000_2000), Ok(0x40));
    probe.write(0xE000_2000, 3).unwrap();
    probe.write(0xE000_2008, 0x8000_0001 | (FLASH + 8)).unwrap();
    for _ in 0..3 {
        probe.go();
        probe.wait_for_halt();
        assert_eq!(probe.register(15), FLASH + 0xA);
        assert_eq!(probe.read(DFSR), Ok(3));
    }
    // They stay through a reset.
    probe.write(AIRCR, 0x05FA_0004).unwrap();
    probe.go();
    probe.wait_for_halt();
    assert_eq!(probe.register(15), FLASH + 0xA);
    assert_eq!(probe.register(1), 0, "the instruction is not executed");
}

#[test]
fn the_debugger_talks_to_a_running_program() {
    let mut probe = Probe::connected(Core::CortexM0, firmware::SPIN);
    probe.board.pass_ns(1_000_000_000);
    assert!(!probe.is_halted());
    // Enabled, so that the BKPT at its end halts.
    probe.write(DHCSR, 0xA05F_0001).unwrap();
    probe.write(RAM, 41).unwrap();
    probe.wait_for_halt();
    assert_eq!(probe.read(RAM + 4), Ok(42));
    assert_eq!(probe.read(DFSR), Ok(2));
}

#[test]
fn a_waiting_program_costs_nothing_and_counts_everything() {
    let mut probe = Probe::new(Core::CortexM0, firmware::SPIN, &[]);
    // A thousand years of `ldr, cmp, beq` would not end if they were executed: an hour is 6 * 10^9 turns.
    probe.board.pass_ns(3_600_000_000_000);
    // A turn is 2 + 1 + 3 cycles of 125 ns for 3 instructions.
    let turns = 3_600_000_000_000 / (6 * 125);
    let instructions = probe.board.statistics().instructions;
    assert!(instructions.abs_diff(3 * turns) < 10, "{instructions}");
}

#[test]
fn jumping_over_waiting_loops_changes_no_result() {
    // The same program stepped in pieces too short to jump ends at the same instruction.
    let run = |piece_ns: u64, total_ns: u64| {
        let mut probe = Probe::new(Core::CortexM0, firmware::TICKS, &[]);
        for _ in 0..total_ns / piece_ns {
            probe.board.pass_ns(piece_ns);
        }
        (probe.board.statistics(), probe.peek(RAM))
    };
    assert_eq!(run(125, 700_000), run(700_000, 700_000));
    assert_eq!(run(1_000, 700_000), run(350_000, 700_000));
}

#[test]
fn systick_svc_pendsv_and_interrupts_run_on_every_core() {
    for core in ALL_CORES {
        let mut probe = Probe::connected(core, firmware::TICKS);
        let start_ns = probe.board.now_ns();
        probe.restart();
        probe.wait_for_halt();
        let ipsr = probe.register(16) & 0x1FF;
        assert_eq!(ipsr, 0, "{core:?} stopped in an exception");
        // Five ticks; 40 + 2 + 7 by SVC; PendSV; IPSR of interrupt 0.
        let words: Vec<u32> = (0..4).map(|index| probe.peek(RAM + 4 * index)).collect();
        assert_eq!(words, [5, 49, 0x1234, 16], "{core:?}");
        assert_eq!(
            probe.register(13),
            0x2000_1000,
            "{core:?} the stack is level"
        );
        // Five periods of 1000 cycles at 8 MHz are 625 us.
        assert!(probe.board.now_ns() - start_ns > 625_000);
    }
}

#[test]
fn sleep_shows_and_masked_interrupts_do_not_wake_a_step() {
    let mut probe = Probe::connected(Core::CortexM0, firmware::TICKS);
    probe.restart();
    assert_eq!(probe.read(DHCSR).unwrap() >> 18 & 1, 1, "asleep");
    probe.halt();
    let ticks = probe.peek(RAM);
    // C_MASKINTS: a long time of steps without a tick. It may be set only while halted.
    probe.write(DHCSR, 0xA05F_000B).unwrap();
    probe.write(0xE000_ED04, 1 << 26).unwrap();
    for _ in 0..20 {
        probe.write(DHCSR, 0xA05F_000D).unwrap();
    }
    assert_eq!(probe.peek(RAM), ticks);
    assert_eq!(probe.register(16) & 0x1FF, 0);
    // Without it the pending tick is entered by the next step.
    probe.write(DHCSR, 0xA05F_0003).unwrap();
    probe.step();
    assert_eq!(probe.register(16) & 0x1FF, 15);
}

#[test]
fn faults_reach_their_handlers() {
    let mut probe = Probe::connected(Core::CortexM4, firmware::FAULTS);
    probe.restart();
    probe.wait_for_halt();
    let words: Vec<u32> = (0..12)
        .map(|index| probe.peek(RAM + 0x100 + 4 * index))
        .collect();
    let expected = [
        (0x0000_8200, 5), // BFARVALID, PRECISERR in BusFault
        (0x0001_0000, 6), // UNDEFINSTR in UsageFault
        (0x0200_0000, 6), // DIVBYZERO
        (0x0008_0000, 6), // NOCP
    ];
    for (index, (status, exception)) in expected.into_iter().enumerate() {
        assert_eq!(
            (words[2 * index], words[2 * index + 1]),
            (status, exception),
            "{index}"
        );
    }
    // With the handlers off: HFSR.FORCED, then the status, in HardFault.
    assert_eq!(words[8..11], [0x4000_0000, 0x0001_0000, 3]);
    assert_eq!(probe.read(0xE000_ED38), Ok(0x6000_0000), "BFAR");
    assert_eq!(probe.register(16) & 0x1FF, 0);
}

#[test]
fn a_fault_in_the_fault_handler_is_lockup() {
    for core in ALL_CORES {
        // Vectors whose HardFault handler is undefined: stack, entry, -, handler; entry: udf; handler: udf.
        let firmware = [
            0x1000, 0x2000, 0x0011, 0x0800, 0, 0, 0x0013, 0x0800, 0xDE00, 0xDE00, 0xE7FE,
        ];
        let mut probe = Probe::connected(core, &firmware);
        let status = probe.read(DHCSR).unwrap();
        assert_eq!(status >> 19 & 1, 1, "{core:?}: S_LOCKUP");
        let instructions = probe.board.statistics().instructions;
        probe.board.pass_ns(1_000_000_000);
        assert_eq!(probe.board.statistics().instructions, instructions);
        probe.halt();
        assert_eq!(probe.read(DHCSR).unwrap() >> 19 & 1, 0);
        assert_eq!(probe.register(16) & 0x1FF, 3);
    }
}

#[test]
fn an_empty_flash_is_lockup_too() {
    let mut probe = Probe::connected(Core::CortexM3, &[]);
    assert_eq!(probe.read(DHCSR).unwrap() >> 19 & 1, 1);
    probe.halt();
    // And still runs what the debugger loads.
    probe.load(&[0x2007, 0xBE00]);
    probe.go();
    probe.wait_for_halt();
    assert_eq!(probe.register(0), 7);
}

#[test]
fn vector_catch_of_hard_fault() {
    let mut probe = Probe::connected(Core::CortexM0, firmware::SPIN);
    probe.load(&[0xDE00]);
    probe.write(DEMCR, 1 << 10).unwrap();
    probe.go();
    probe.wait_for_halt();
    assert_eq!(probe.register(16) & 0x1FF, 3);
    assert_ne!(probe.read(DFSR).unwrap() & 8, 0);
}

#[test]
fn reset_catch_needs_debugging_to_be_enabled() {
    for enabled in [true, false] {
        let mut probe = Probe::connected(Core::CortexM4, firmware::SPIN);
        if enabled {
            probe.write(DHCSR, 0xA05F_0001).unwrap();
        }
        probe.write(DEMCR, 1).unwrap();
        probe.write(AIRCR, 0x05FA_0004).unwrap();
        assert_eq!(probe.is_halted(), enabled);
        if enabled {
            assert_eq!(probe.register(15), FLASH + 8, "at the first instruction");
            assert_eq!(probe.register(13), 0x2000_1000);
            assert_eq!(probe.read(DFSR), Ok(8));
        }
    }
}

#[test]
fn the_reset_line_holds_the_core() {
    let mut probe = Probe::connected(Core::CortexM4, firmware::SPIN);
    assert_eq!(probe.read(DHCSR).unwrap() >> 25 & 1, 1, "reset was seen");
    assert_eq!(probe.read(DHCSR).unwrap() >> 25 & 1, 0);
    assert_eq!(probe.board.pins(0, 0x80), 0);
    let instructions = probe.board.statistics().instructions;
    probe.board.pass_ns(1_000_000);
    assert_eq!(probe.board.statistics().instructions, instructions);
    // Under reset the debugger can set the catch.
    probe.write(DHCSR, 0xA05F_0001).unwrap();
    probe.write(DEMCR, 1).unwrap();
    assert_eq!(probe.read(DHCSR).unwrap() >> 25 & 1, 1);
    assert_eq!(probe.read(DHCSR).unwrap() >> 25 & 1, 1, "still in reset");
    assert_eq!(probe.board.pins(0, 0x01), 0, "the line is not selected");
    assert_eq!(probe.board.pins(0x80, 0x80), 0x80);
    assert!(probe.is_halted());
    assert_eq!(probe.register(15), FLASH + 8);
}

/// pyOCD resets a halted core and counts on it to run: it once stayed halted. A halt that is asked for under reset counts.
#[test]
fn a_halt_from_before_a_reset_is_forgotten() {
    let mut probe = Probe::connected(Core::CortexM4, firmware::SPIN);
    probe.halt();
    probe.write(0xE000_ED0C, 0x05FA_0004).unwrap();
    assert!(!probe.is_halted());
    assert_eq!(probe.read(DHCSR).unwrap() & 3, 1);
    probe.board.pins(0, 0x80);
    probe.write(DHCSR, 0xA05F_0003).unwrap();
    probe.board.pins(0x80, 0x80);
    assert!(probe.is_halted());
}

#[test]
fn a_reset_clears_the_core_and_not_the_debugger() {
    let mut probe = Probe::connected(Core::CortexM3, firmware::SPIN);
    probe.write(DHCSR, 0xA05F_0001).unwrap();
    for (address, value) in [
        (0xE000_ED08, 0x2000_0080),
        (0xE000_E100, 0x0000_00FF),
        (0xE000_E014, 0x0000_1234),
        (DEMCR, 0x0100_0000),
    ] {
        probe.write(address, value).unwrap();
        assert_eq!(probe.read(address), Ok(value), "{address:#x}");
    }
    probe.write(RAM + 0x1000, 99).unwrap();
    probe.write(AIRCR, 0x0000_0004).unwrap();
    assert_eq!(probe.read(0xE000_ED08), Ok(0x2000_0080), "no key, no reset");
    probe.write(AIRCR, 0x05FA_0004).unwrap();
    assert_eq!(probe.read(0xE000_ED08), Ok(0));
    assert_eq!(probe.read(0xE000_E100), Ok(0));
    assert_eq!(probe.read(0xE000_E014), Ok(0));
    assert_eq!(probe.read(DEMCR), Ok(0x0100_0000));
    assert_eq!(probe.read(DHCSR).unwrap() & 1, 1);
    assert_eq!(probe.read(RAM + 0x1000), Ok(99), "RAM keeps its content");
}

#[test]
fn the_family_can_reset_the_chip() {
    let mut probe = Probe::connected(Core::CortexM3, firmware::SPIN);
    probe.write(0xE000_ED08, 0x2000_0080).unwrap();
    probe
        .board
        .write_register(imprint_twin::Port::Debug, 8, 0x0100_0000)
        .unwrap();
    probe
        .board
        .write_register(imprint_twin::Port::Access, 8, 1)
        .unwrap();
    probe
        .board
        .write_register(imprint_twin::Port::Debug, 8, 0)
        .unwrap();
    assert_eq!(probe.read(0xE000_ED08), Ok(0));
}

#[test]
fn a_cortex_m0_has_no_wide_arithmetic_and_no_unaligned_words() {
    for (core, code, faults) in [
        // mov.w r0, #1
        (Core::CortexM0, [0xF04F, 0x0001, 0xBE00], true),
        (Core::CortexM3, [0xF04F, 0x0001, 0xBE00], false),
        // ldr r0, [r1]; with r1 odd
        (Core::CortexM0Plus, [0x6808, 0xBE00, 0xBE00], true),
        (Core::CortexM4, [0x6808, 0xBE00, 0xBE00], false),
        // uadd8 r0, r1, r1
        (Core::CortexM3, [0xFA81, 0xF041, 0xBE00], true),
        (Core::CortexM4, [0xFA81, 0xF041, 0xBE00], false),
    ] {
        let mut probe = Probe::connected(core, firmware::SPIN);
        probe.load(&code);
        probe.set_register(1, RAM + 1);
        probe.write(DEMCR, 1 << 10).unwrap();
        probe.go();
        probe.wait_for_halt();
        assert_eq!(
            probe.register(16) & 0x1FF == 3,
            faults,
            "{core:?} {code:x?}"
        );
    }
}

#[test]
fn the_cycle_counter_counts_the_cost_of_instructions() {
    let mut probe = Probe::connected(Core::CortexM4, firmware::SPIN);
    // ldr r2, [r0]; movs r4, #0; nop; nop; ldr r3, [r0]; bkpt; r0 = CYCCNT
    probe.load(&[0x6802, 0x2400, 0xBF00, 0xBF00, 0x6803, 0xBE00]);
    probe.write(0xE000_1000, 1).unwrap();
    probe.set_register(0, 0xE000_1004);
    probe.go();
    probe.wait_for_halt();
    // From one load to the next: the load 2, three instructions of 1.
    assert_eq!(probe.register(3).wrapping_sub(probe.register(2)), 5);
}

#[test]
fn the_core_clock_sets_the_pace() {
    let count = |khz: u32| {
        let mut probe = Probe::connected(Core::CortexM0, firmware::SPIN);
        probe.write(CONTROLLER + 0x18, khz).unwrap();
        let before = probe.board.statistics().instructions;
        probe.board.pass_ns(10_000_000);
        probe.board.statistics().instructions - before
    };
    let (slow, fast) = (count(8_000), count(64_000));
    assert!(fast.abs_diff(8 * slow) < 20, "{slow} {fast}");
}
