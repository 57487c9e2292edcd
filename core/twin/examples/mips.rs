//! Prints how fast the interpreter is: a loop that loads, adds, stores and branches.
//!
//! `cargo run --release -p imprint-twin --example mips`
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use imprint_device::Core;
use imprint_twin::{Machine, Registers, StepOutcome};
use std::time::Instant;

/// Replaces 4096 words by their running sums, again and again. R1 address, R2 count, R3 sum.
const LOOP: [u16; 9] = [
    0x460F, // outer: mov r7, r1
    0x0014, //        movs r4, r2
    0x6838, // inner: ldr r0, [r7]
    0x181B, //        adds r3, r3, r0
    0x603B, //        str r3, [r7]
    0x3704, //        adds r7, #4
    0x3C01, //        subs r4, #1
    0xD1F9, //        bne inner
    0xE7F6, //        b outer
];

fn main() {
    for core in [Core::CortexM0, Core::CortexM4] {
        let mut machine = Machine::new(core);
        let code: Vec<u8> = LOOP.iter().flat_map(|half| half.to_le_bytes()).collect();
        machine.write(0x2000_0000, &code).unwrap();
        let mut registers = Registers {
            xpsr: 1 << 24,
            ..Registers::default()
        };
        registers.r[1] = 0x2000_1000;
        registers.r[2] = 4096;
        registers.r[15] = 0x2000_0000;
        machine.set_registers(&registers);
        const COUNT: u64 = 100_000_000;
        let start = Instant::now();
        let outcome = machine.run(COUNT);
        let seconds = start.elapsed().as_secs_f64();
        assert_eq!(outcome, StepOutcome::Done);
        println!("{core:?}: {:.0} MIPS", COUNT as f64 / seconds / 1e6);
    }
}
