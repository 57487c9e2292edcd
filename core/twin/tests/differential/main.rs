//! The interpreter against an independent emulator: every encoding, at least 1,000 random states each.
//!
//! The tables of encodings are written after the ARMv7-M Architecture Reference Manual (DDI 0403E); `deviation.rs`
//! lists what is not compared. The oracle is in `tests/oracle`.
#![allow(clippy::unwrap_used, reason = "a test")]

mod compare;
mod cores;
mod deviation;
mod dsp;
mod encoding;
mod oracle;
mod state;
mod thumb16;
mod thumb32_data;
mod thumb32_memory;
mod thumb32_system;
mod twin;
mod undefined;

use compare::{Comparison, Seen, Verdict};
use cores::{CORTEX_M0, CORTEX_M3, CORTEX_M4, TestCore};
use encoding::{Encoding, Unaligned};
use oracle::{Case, Oracle, Outcome};
use state::Random;
use twin::Twin;

/// Cases to compare for each encoding and core.
const CASE_COUNT: usize = 1000;
/// Cases the oracle gets at a time.
const BATCH_LEN: usize = 500;
/// Batches after which an encoding that is mostly skipped is given up.
const BATCH_COUNT_MAX: usize = 20;
/// Mismatches that are printed for each encoding.
const REPORT_COUNT: usize = 3;

/// Every encoding.
fn encodings() -> impl Iterator<Item = &'static Encoding> {
    let tables = [
        thumb16::TABLE,
        thumb32_data::TABLE,
        thumb32_memory::TABLE,
        thumb32_system::TABLE,
        dsp::TABLE,
    ];
    tables.into_iter().flatten()
}

#[test]
fn cortex_m0_does_what_the_oracle_does() {
    check_core(&CORTEX_M0);
}

#[test]
fn cortex_m3_does_what_the_oracle_does() {
    check_core(&CORTEX_M3);
}

#[test]
fn cortex_m4_does_what_the_oracle_does() {
    check_core(&CORTEX_M4);
}

fn check_core(core: &TestCore) {
    let mut oracle = Oracle::start();
    let mut seen = Seen::new();
    let mut failures = Vec::new();
    for encoding in encodings().filter(|encoding| encoding.architecture <= core.architecture) {
        failures.extend(check_encoding(core, encoding, &mut oracle, &mut seen));
    }
    failures.extend(seen.missed(core).map(|deviation| {
        format!(
            "{}: listed as a deviation, but never met: {}",
            deviation.section, deviation.reason
        )
    }));
    assert!(
        failures.is_empty(),
        "{:?}:\n{}",
        core.core,
        failures.join("\n")
    );
}

/// The mismatches of one encoding, some of them.
fn check_encoding(
    core: &TestCore,
    encoding: &Encoding,
    oracle: &mut Oracle,
    seen: &mut Seen,
) -> Vec<String> {
    let mut random = Random::new(seed(encoding.name));
    let mut failures = Vec::new();
    let mut compared = 0;
    for _ in 0..BATCH_COUNT_MAX {
        let ram = state::random_ram(&mut random);
        let cases: Vec<Case> = (0..BATCH_LEN)
            .map(|_| {
                let word = random_word(&mut random, encoding);
                state::random_case(&mut random, encoding, word, core.features())
            })
            .collect();
        let answers = oracle.run(core.model, &ram, &cases);
        let mut twin = Twin::new(core.core, &ram);
        for (case, answer) in cases.iter().zip(&answers) {
            let twin = &twin.run(case);
            let comparison = Comparison {
                encoding,
                case,
                oracle: answer,
                twin,
            };
            match compare::compare(core, &comparison, seen) {
                Verdict::Same => compared += 1,
                Verdict::Skipped => {}
                Verdict::Different(report) => failures.push(report),
            }
        }
        if compared >= CASE_COUNT || !failures.is_empty() {
            failures.truncate(REPORT_COUNT);
            return failures;
        }
    }
    vec![format!(
        "{}: only {compared} cases could be compared",
        encoding.name
    )]
}

/// An instruction of that encoding.
fn random_word(random: &mut Random, encoding: &Encoding) -> u32 {
    loop {
        let word = encoding.fill(random.next());
        if encoding.includes(word) {
            return word;
        }
    }
}

/// A number from a name: each encoding has its own series, whatever else is in the tables.
fn seed(name: &str) -> u64 {
    name.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

/// What the oracle does not check (A3.2.1), so it is not asked.
#[test]
fn accesses_that_must_be_aligned_fault() {
    for core in [CORTEX_M3, CORTEX_M4] {
        for encoding in encodings().filter(|encoding| encoding.architecture <= core.architecture) {
            if let (Unaligned::Fault(_), Some((base, _))) = (encoding.unaligned, encoding.address) {
                check_unaligned(&core, encoding, base);
            }
        }
    }
}

fn check_unaligned(core: &TestCore, encoding: &Encoding, base: char) {
    let mut random = Random::new(seed(encoding.name));
    let mut twin = Twin::new(core.core, &state::random_ram(&mut random));
    for _ in 0..CASE_COUNT {
        let word = random_word(&mut random, encoding);
        let register = encoding.fields(word).get(base) as usize;
        if register == 13 {
            continue;
        }
        let mut case = state::random_case(&mut random, encoding, word, core.features());
        case.code = state::code_of(encoding, word);
        case.registers.r[register] |= 1;
        let answer = twin.run(&case);
        assert_eq!(
            answer.outcome,
            Outcome::BadAccess,
            "{}: {case:x?}",
            encoding.name
        );
        assert_eq!(answer.changes, [], "{}: {case:x?}", encoding.name);
    }
}
