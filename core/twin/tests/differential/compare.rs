//! Two answers to one case: are they the same?

use crate::{
    cores::TestCore,
    deviation::{DEVIATIONS, Deviation, Treatment},
    encoding::Encoding,
    oracle::{Answer, Case, Outcome},
};
use imprint_twin::Registers;
use std::fmt::Write;

/// One case with both answers.
pub struct Comparison<'a> {
    pub encoding: &'a Encoding,
    pub case: &'a Case,
    pub oracle: &'a Answer,
    pub twin: &'a Answer,
}

/// What a comparison found.
pub enum Verdict {
    Same,
    /// A deviation keeps it from being compared.
    Skipped,
    /// What is different, for a person.
    Different(String),
}

/// Which deviations were met.
pub struct Seen {
    met: Vec<bool>,
}

impl Seen {
    /// None yet.
    pub fn new() -> Seen {
        Seen {
            met: vec![false; DEVIATIONS.len()],
        }
    }

    /// Deviations that this core should have met and has not.
    pub fn missed<'a>(
        &'a self,
        core: &'a TestCore,
    ) -> impl Iterator<Item = &'static Deviation> + 'a {
        let listed = DEVIATIONS.iter().zip(&self.met);
        listed
            .filter(|(deviation, met)| !**met && (deviation.on)(core))
            .map(|(deviation, _)| deviation)
    }
}

/// Compares the answers, but for the deviations of that core.
pub fn compare(core: &TestCore, it: &Comparison, seen: &mut Seen) -> Verdict {
    let mut oracle = it.oracle.clone();
    let listed = DEVIATIONS.iter().zip(&mut seen.met);
    for (deviation, met) in listed.filter(|(deviation, _)| (deviation.on)(core)) {
        match deviation.treatment {
            Treatment::Skip(applies) if applies(it) => {
                *met = true;
                return Verdict::Skipped;
            }
            Treatment::Skip(_) => {}
            Treatment::Correct(correct) => {
                correct(&mut oracle);
                *met |= oracle.registers != it.oracle.registers;
            }
        }
    }
    match differences(&oracle, it.twin) {
        None => Verdict::Same,
        Some(differences) => Verdict::Different(report(it, &differences)),
    }
}

/// What is different, or nothing. After an access that failed, only that it failed is compared: an abandoned load or
/// store of several words may have done any part of its work, and is done again.
fn differences(oracle: &Answer, twin: &Answer) -> Option<String> {
    if oracle.outcome != twin.outcome {
        return Some(format!(
            "  outcome: oracle {:?}, twin {:?}\n",
            oracle.outcome, twin.outcome
        ));
    }
    if oracle.outcome == Outcome::BadAccess {
        return None;
    }
    let mut text = String::new();
    for ((name, oracle), (_, twin)) in named(&oracle.registers).zip(named(&twin.registers)) {
        if oracle != twin {
            let _ = writeln!(text, "  {name}: oracle {oracle:#010x}, twin {twin:#010x}");
        }
    }
    if oracle.changes != twin.changes {
        let _ = writeln!(
            text,
            "  memory: oracle {:#010x?}, twin {:#010x?}",
            oracle.changes, twin.changes
        );
    }
    (!text.is_empty()).then_some(text)
}

/// The encoding, the state and both results.
fn report(it: &Comparison, differences: &str) -> String {
    let code: Vec<String> = it
        .case
        .code
        .iter()
        .map(|half| format!("{half:04x}"))
        .collect();
    let mut text = format!(
        "{}: {}\n{differences}  state:",
        it.encoding.name,
        code.join(" ")
    );
    for (name, value) in named(&it.case.registers) {
        let _ = write!(text, " {name}={value:#010x}");
    }
    text
}

fn named(registers: &Registers) -> impl Iterator<Item = (String, u32)> + '_ {
    let general = registers
        .r
        .iter()
        .enumerate()
        .map(|(index, value)| (format!("r{index}"), *value));
    let special = [
        ("xpsr", registers.xpsr),
        ("msp", registers.msp),
        ("psp", registers.psp),
        ("primask", registers.primask),
        ("basepri", registers.basepri),
        ("faultmask", registers.faultmask),
        ("control", registers.control),
    ];
    general.chain(special.map(|(name, value)| (name.to_owned(), value)))
}
