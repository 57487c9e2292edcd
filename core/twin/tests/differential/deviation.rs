//! What is not compared, and why: each with its section of the ARMv7-M Architecture Reference Manual (DDI 0403E), or of
//! the ARMv6-M one (DDI 0419E) where it says so.
//!
//! Forms that are UNPREDICTABLE whatever the state are left out in the tables of encodings; here is what depends on
//! the state, what the architecture leaves open, and what the oracle (libunicorn 2.0, which is QEMU 5.0) does wrong.
//! A test fails when one of these is never met: the list holds nothing that is not seen.

use crate::{
    compare::Comparison,
    cores::TestCore,
    encoding::{Architecture, Unaligned},
    oracle::{Answer, Outcome},
};
use imprint_device::Core;

/// How a deviation is dealt with.
pub enum Treatment {
    /// The oracle's answer is corrected so.
    Correct(fn(&mut Answer)),
    /// The case is not compared.
    Skip(fn(&Comparison) -> bool),
}

/// One deviation.
pub struct Deviation {
    pub section: &'static str,
    pub reason: &'static str,
    /// On this core.
    pub on: fn(&TestCore) -> bool,
    pub treatment: Treatment,
}

use Treatment::{Correct, Skip};

/// The list.
pub const DEVIATIONS: &[Deviation] = &[
    Deviation {
        section: "A5.1.3",
        reason: "bits 1 and 0 of a stack pointer read as 0; the oracle keeps what is written there",
        on: any_core,
        treatment: Correct(|answer| {
            let registers = &mut answer.registers;
            for sp in [&mut registers.r[13], &mut registers.msp, &mut registers.psp] {
                *sp &= !3;
            }
        }),
    },
    Deviation {
        section: "DDI 0419E B1.4.2",
        reason: "ARMv6-M has no Q flag; the oracle has",
        on: |core| core.architecture == Architecture::V6M,
        treatment: Correct(|answer| answer.registers.xpsr &= !(1 << 27)),
    },
    Deviation {
        section: "B1.4.4",
        reason: "CONTROL.FPCA belongs to the floating-point unit, which the twin does not have",
        on: |core| core.core == Core::CortexM4,
        treatment: Correct(|answer| answer.registers.control &= 3),
    },
    Deviation {
        section: "B1.4.3, B1.5.4",
        reason: "how many bits a priority has is the implementation's choice: 8 in the oracle, 4 in the twin",
        on: is_v7m,
        treatment: Skip(|it| {
            it.encoding.name.starts_with("MSR T1, BASEPRI") && operand(it) & 0xF != 0
        }),
    },
    Deviation {
        section: "B2.3.7",
        reason: "whether an exclusive store that fails checks its address is the implementation's choice",
        on: is_v7m,
        treatment: Skip(|it| {
            it.encoding.name.starts_with("STREX")
                && it.twin.outcome == Outcome::BadAccess
                && it.oracle.first_access == 0
        }),
    },
    Deviation {
        section: "A7.7, LDR",
        reason: "a load of PC from an address that is not a multiple of four is UNPREDICTABLE",
        on: is_v7m,
        treatment: Skip(|it| {
            it.encoding.unaligned == Unaligned::Unpredictable && it.oracle.first_access % 4 != 0
        }),
    },
    Deviation {
        section: "B1.5.8",
        reason: "an exception return with other than ones in bits 27 to 4 is UNPREDICTABLE",
        on: any_core,
        treatment: Skip(|it| {
            let target = it.oracle.registers.r[15];
            it.case.registers.xpsr & 0x1FF != 0
                && it.twin.outcome == Outcome::InvalidState
                && (0xF000_0000..0xFFFF_FFE0).contains(&target)
        }),
    },
    Deviation {
        section: "B1.5.8",
        reason: "both see an exception return, which needs exceptions that a core alone does not have",
        on: any_core,
        treatment: Skip(|it| {
            it.oracle.outcome == Outcome::ExceptionReturn
                && it.twin.outcome == Outcome::InvalidState
        }),
    },
    Deviation {
        section: "B3.1",
        reason: "the core's own registers are in the private peripheral bus, which the oracle leaves empty",
        on: any_core,
        treatment: Skip(|it| {
            it.oracle.outcome == Outcome::BadAccess && it.oracle.first_access >> 20 == 0xE00
        }),
    },
];

fn any_core(_: &TestCore) -> bool {
    true
}

fn is_v7m(core: &TestCore) -> bool {
    core.architecture >= Architecture::V7M
}

/// The value of the register in field `n`.
fn operand(it: &Comparison) -> u32 {
    let fields = it.encoding.fields(it.case.word);
    it.case.registers.r[fields.get('n') as usize]
}
