//! What a core must take as UNDEFINED: encodings of a larger architecture, and bits that are no encoding at all. The
//! manual says what they are, so the oracle is not asked: it takes CBZ and IT on a Cortex-M0 and some of the DSP
//! extension on a Cortex-M3.

use crate::{
    cores::{CORTEX_M0, CORTEX_M3, CORTEX_M4, TestCore},
    encoding::{Architecture, Encoding, dsp, v6m, v7m},
    encodings,
    oracle::{Answer, Case, Outcome},
    random_word, seed,
    state::{self, Random},
    twin::Twin,
};
use imprint_twin::machine::RAM_LEN;

/// Words to try for each encoding.
const WORD_COUNT: usize = 1000;
/// 32-bit words to try that are no encoding.
const RANDOM_WORD_COUNT: usize = 200_000;

/// Forms that are UNPREDICTABLE because a bit that should be 0 or 1 (in brackets in the manual, A5.1.1) is not, and
/// that the twin executes as if it were.
#[rustfmt::skip] // One row a line.
const RESERVED_BITS: &[Encoding] = &[
    v6m("CPS", "10110110011 xxxxx"),
    v6m("BX, BLX", "01000111 xxxxx xxx"),
    v6m("MSR", "11110 0111 00x xxxx 10x0xxxx xxxxxxxx"),
    v6m("MRS", "11110 0111 11x xxxx 10x0xxxx xxxxxxxx"),
    v6m("barriers, CLREX", "11110 0111 011 xxxx 10x0xxxx 0xxxxxxx"),
    v7m("hints", "11110 0111 010 xxxx 10x0x000 xxxxxxxx"),
    v7m("STM, LDM", "11101000 10 xxxxxx xxxxxxxx xxxxxxxx"),
    v7m("STMDB, LDMDB", "11101001 00 xxxxxx xxxxxxxx xxxxxxxx"),
    v7m("AND, BIC, ORR, ORN (register)", "1110101 00xx xxxxx 1xxxxxxx xxxxxxxx"),
    v7m("EOR (register)", "1110101 0100 xxxxx 1xxxxxxx xxxxxxxx"),
    v7m("ADD (register)", "1110101 1000 xxxxx 1xxxxxxx xxxxxxxx"),
    v7m("ADC, SBC (register)", "1110101 101x xxxxx 1xxxxxxx xxxxxxxx"),
    v7m("SUB (register)", "1110101 1101 xxxxx 1xxxxxxx xxxxxxxx"),
    v7m("RSB (register)", "1110101 1110 xxxxx 1xxxxxxx xxxxxxxx"),
    v7m("SSAT, USAT", "11110 x 11x0x 0 xxxx 0xxxxxxx xxxxxxxx"),
    v7m("SBFX, BFI", "11110 x 1101x 0 xxxx 0xxxxxxx xxxxxxxx"),
    v7m("UBFX", "11110 x 11110 0 xxxx 0xxxxxxx xxxxxxxx"),
    v7m("SDIV, UDIV", "11111011 10x1 xxxx xxxxxxxx 1111xxxx"),
    dsp("PKHBT, PKHTB", "1110101 0110 0 xxxx 1xxxxxxx xxx0xxxx"),
];

/// On ARMv6-M the other special registers are UNPREDICTABLE, not UNDEFINED (DDI 0419E B4.2), as are the flags GE without
/// the DSP extension.
const UNPREDICTABLE_WITHOUT: [&str; 3] = ["CPS", "MRS", "MSR"];

#[test]
fn a_core_without_an_encoding_takes_it_as_undefined() {
    for core in [CORTEX_M0, CORTEX_M3] {
        let present = Patterns::of(core.architecture);
        let mut twin = Twin::new(core.core, &[0; RAM_LEN as usize]);
        for encoding in encodings().filter(|encoding| encoding.architecture > core.architecture) {
            if UNPREDICTABLE_WITHOUT
                .iter()
                .any(|name| encoding.name.starts_with(name))
            {
                continue;
            }
            let mut random = Random::new(seed(encoding.name));
            for _ in 0..WORD_COUNT {
                let word = random_word(&mut random, encoding);
                if !present.include(word, encoding.is_wide()) {
                    check_undefined(&core, &mut twin, word, encoding.is_wide(), &mut random);
                }
            }
        }
    }
}

#[test]
fn words_that_are_no_encoding_are_undefined() {
    for core in [CORTEX_M0, CORTEX_M3, CORTEX_M4] {
        let present = Patterns::of(core.architecture);
        let mut twin = Twin::new(core.core, &[0; RAM_LEN as usize]);
        let mut random = Random::new(seed("no encoding"));
        for word in 0..FIRST_WIDE {
            if !present.include(word, false) {
                check_undefined(&core, &mut twin, word, false, &mut random);
            }
        }
        for _ in 0..RANDOM_WORD_COUNT {
            let first = FIRST_WIDE + random.below(0x1_0000 - FIRST_WIDE);
            let word = first << 16 | random.next() & 0xFFFF;
            if !present.include(word, true) {
                check_undefined(&core, &mut twin, word, true, &mut random);
            }
        }
    }
}

/// Half-words from here on are the first of two (A5.1).
const FIRST_WIDE: u32 = 0xE800;

/// The core stops at the word, and nothing has changed.
fn check_undefined(
    core: &TestCore,
    twin: &mut Twin,
    word: u32,
    is_wide: bool,
    random: &mut Random,
) {
    let registers = state::random_registers(random, core.features());
    let low = word as u16;
    let code = if is_wide {
        vec![(word >> 16) as u16, low]
    } else {
        vec![low]
    };
    let case = Case {
        word,
        code,
        registers,
    };
    let expected = Answer {
        outcome: Outcome::Undefined,
        registers,
        first_access: 0,
        changes: Vec::new(),
    };
    let answer = twin.run(&case);
    assert_eq!(answer, expected, "{:?}: {:04x?}", core.core, case.code);
}

/// All patterns of an architecture, with those that differ from one in reserved bits.
struct Patterns {
    narrow: Vec<(u32, u32)>,
    wide: Vec<(u32, u32)>,
}

impl Patterns {
    fn of(architecture: Architecture) -> Patterns {
        let all = encodings().chain(RESERVED_BITS);
        let (wide, narrow): (Vec<&Encoding>, Vec<_>) = all
            .filter(|encoding| encoding.architecture <= architecture)
            .partition(|encoding| encoding.is_wide());
        let compile =
            |encodings: Vec<&Encoding>| encodings.iter().map(|it| it.mask_and_value()).collect();
        Patterns {
            narrow: compile(narrow),
            wide: compile(wide),
        }
    }

    fn include(&self, word: u32, is_wide: bool) -> bool {
        let patterns = if is_wide { &self.wide } else { &self.narrow };
        patterns.iter().any(|(mask, value)| word & mask == *value)
    }
}
