//! Faults of a board, each the same at every run.
//!
//! A fault is written, for example on a command line, as one of
//!
//! ```text
//! no-target               nothing is on the wire
//! vanish@N                no answer from transfer N on
//! wait@N, wait@NxK        WAIT answers transfer N, K times; the probe repeats it up to 65535 times, then gives up and goes on
//! fault@N                 FAULT answers transfer N
//! stuck@ADDRESS.BIT=V     bit BIT (0 to 31) at ADDRESS keeps the value V (0 or 1)
//! brownout@N              power fails within flash operation N and comes back
//! lost@N                  flash operation N takes its time and changes nothing
//! random@SEED/PER_MILLE   a few WAIT or a FAULT answer PER_MILLE of 1000 transfers, chosen by SEED
//! ```
//!
//! Transfers are what the host asks for: one register, or one word of a block; they and flash operations (one
//! programming unit, one erase) count from 1 since the board was made. Numbers are decimal, or hexadecimal with `0x`.

use crate::{
    error::TwinError,
    limits::{RANDOM_WAIT_COUNT_MAX, WAIT_RETRY_COUNT},
    random,
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The grammar in one line, for messages.
pub(crate) const GRAMMAR: &str = "no-target, vanish@N, wait@N[xK], fault@N, stuck@ADDRESS.BIT=0|1, brownout@N, \
     lost@N or random@SEED/PER_MILLE";

/// One fault. The text form is described in the documentation of this module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// Nothing is on the wire.
    NoTarget,
    /// No answer from this transfer on.
    Vanish {
        /// The first transfer without an answer, from 1.
        transfer: u64,
    },
    /// WAIT answers.
    Wait {
        /// The transfer, from 1.
        transfer: u64,
        /// Number of answers.
        count: u64,
    },
    /// A FAULT answer.
    Fault {
        /// The transfer, from 1.
        transfer: u64,
    },
    /// A cell that does not change.
    Stuck {
        /// Address of the byte, or of the word when `bit` is above 7.
        address: u64,
        /// Bit, 0 to 31.
        bit: u8,
        /// The value it keeps.
        value: bool,
    },
    /// Power fails in the middle of a flash operation.
    BrownOut {
        /// The operation, from 1.
        operation: u64,
    },
    /// A flash operation that does nothing.
    Lost {
        /// The operation, from 1.
        operation: u64,
    },
    /// WAIT and FAULT answers by chance.
    Random {
        /// Chooses the transfers.
        seed: u64,
        /// How many of 1000, 0 to 1000.
        per_mille: u16,
    },
}

impl Fault {
    /// What this fault answers to a transfer, counted from 1.
    fn answer(&self, transfer: u64) -> Option<Answer> {
        match *self {
            Fault::NoTarget => Some(Answer::None),
            Fault::Vanish { transfer: first } => (transfer >= first).then_some(Answer::None),
            Fault::Wait {
                transfer: first,
                count,
            } => waits_left(transfer.checked_sub(first)?, count),
            Fault::Fault { transfer: at } => (transfer == at).then_some(Answer::Fault),
            Fault::Random { seed, per_mille } => {
                let dice = random::at(seed, transfer);
                let answer = if dice >> 63 == 0 {
                    Answer::Wait {
                        count: 1 + (dice >> 32) % RANDOM_WAIT_COUNT_MAX,
                    }
                } else {
                    Answer::Fault
                };
                (dice % 1000 < u64::from(per_mille)).then_some(answer)
            }
            Fault::Stuck { .. } | Fault::BrownOut { .. } | Fault::Lost { .. } => None,
        }
    }
}

/// What a fault answers to a transfer, in the order of their weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answer {
    /// WAIT, so many times in a row.
    Wait {
        /// At least 1.
        count: u64,
    },
    /// FAULT.
    Fault,
    /// Nothing.
    None,
}

/// Waits that are left when a probe has given up on so many transfers before.
fn waits_left(transfers_before: u64, count: u64) -> Option<Answer> {
    let answered = transfers_before.saturating_mul(WAIT_RETRY_COUNT + 1);
    let count = count.saturating_sub(answered);
    (count > 0).then_some(Answer::Wait { count })
}

/// The answer of a board's faults to a transfer, counted from 1: the gravest of them.
pub(crate) fn answer(faults: &[Fault], transfer: u64) -> Option<Answer> {
    faults
        .iter()
        .filter_map(|fault| fault.answer(transfer))
        .max()
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Fault::NoTarget => f.write_str("no-target"),
            Fault::Vanish { transfer } => write!(f, "vanish@{transfer}"),
            Fault::Wait { transfer, count: 1 } => write!(f, "wait@{transfer}"),
            Fault::Wait { transfer, count } => write!(f, "wait@{transfer}x{count}"),
            Fault::Fault { transfer } => write!(f, "fault@{transfer}"),
            Fault::Stuck {
                address,
                bit,
                value,
            } => {
                write!(f, "stuck@{address:#010x}.{bit}={}", u8::from(value))
            }
            Fault::BrownOut { operation } => write!(f, "brownout@{operation}"),
            Fault::Lost { operation } => write!(f, "lost@{operation}"),
            Fault::Random { seed, per_mille } => write!(f, "random@{seed}/{per_mille}"),
        }
    }
}

impl FromStr for Fault {
    type Err = TwinError;

    fn from_str(text: &str) -> Result<Fault, TwinError> {
        let parser = Parser { text };
        let Some((name, argument)) = text.split_once('@') else {
            return match text {
                "no-target" => Ok(Fault::NoTarget),
                _ => Err(parser.error(GRAMMAR, text)),
            };
        };
        match name {
            "vanish" => Ok(Fault::Vanish {
                transfer: parser.count(argument)?,
            }),
            "fault" => Ok(Fault::Fault {
                transfer: parser.count(argument)?,
            }),
            "brownout" => Ok(Fault::BrownOut {
                operation: parser.count(argument)?,
            }),
            "lost" => Ok(Fault::Lost {
                operation: parser.count(argument)?,
            }),
            "wait" => parser.wait(argument),
            "stuck" => parser.stuck(argument),
            "random" => parser.random(argument),
            _ => Err(parser.error(GRAMMAR, name)),
        }
    }
}

struct Parser<'a> {
    text: &'a str,
}

impl Parser<'_> {
    fn error(&self, expected: &str, found: &str) -> TwinError {
        TwinError::Fault {
            text: self.text.into(),
            expected: expected.into(),
            found: found.into(),
        }
    }

    fn number(&self, text: &str, expected: &str) -> Result<u64, TwinError> {
        let number = match text.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16),
            None => text.parse(),
        };
        number.map_err(|_| self.error(expected, text))
    }

    fn count(&self, text: &str) -> Result<u64, TwinError> {
        let expected = "a number from 1";
        match self.number(text, expected)? {
            0 => Err(self.error(expected, text)),
            count => Ok(count),
        }
    }

    fn wait(&self, argument: &str) -> Result<Fault, TwinError> {
        // `0x` of a hexadecimal number is not the separator.
        let hex_len = if argument.starts_with("0x") { 2 } else { 0 };
        let (transfer, count) = match argument[hex_len..].split_once('x') {
            Some((digits, count)) => (&argument[..hex_len + digits.len()], self.count(count)?),
            None => (argument, 1),
        };
        Ok(Fault::Wait {
            transfer: self.count(transfer)?,
            count,
        })
    }

    fn stuck(&self, argument: &str) -> Result<Fault, TwinError> {
        let shape = "ADDRESS.BIT=0 or ADDRESS.BIT=1";
        let (cell, value) = argument
            .split_once('=')
            .ok_or_else(|| self.error(shape, argument))?;
        let (address, bit) = cell
            .split_once('.')
            .ok_or_else(|| self.error(shape, argument))?;
        let value = match value {
            "0" => false,
            "1" => true,
            _ => return Err(self.error("0 or 1", value)),
        };
        let bit = match self.number(bit, "a bit from 0 to 31")? {
            number @ 0..=31 => number as u8,
            _ => return Err(self.error("a bit from 0 to 31", bit)),
        };
        Ok(Fault::Stuck {
            address: self.number(address, "an address")?,
            bit,
            value,
        })
    }

    fn random(&self, argument: &str) -> Result<Fault, TwinError> {
        let (seed, per_mille) = argument
            .split_once('/')
            .ok_or_else(|| self.error("SEED/PER_MILLE", argument))?;
        let seed = self.number(seed, "a seed")?;
        match self.number(per_mille, "a number from 0 to 1000")? {
            number @ 0..=1000 => Ok(Fault::Random {
                seed,
                per_mille: number as u16,
            }),
            _ => Err(self.error("a number from 0 to 1000", per_mille)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Fault) {
        let fault: Fault = text
            .parse()
            .unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(fault, expected, "{text}");
        assert_eq!(
            fault.to_string().parse::<Fault>().ok(),
            Some(expected),
            "{text}"
        );
    }

    #[test]
    fn text_forms() {
        check("no-target", Fault::NoTarget);
        check("vanish@7", Fault::Vanish { transfer: 7 });
        check("vanish@0x10", Fault::Vanish { transfer: 16 });
        check(
            "wait@3",
            Fault::Wait {
                transfer: 3,
                count: 1,
            },
        );
        check(
            "wait@3x20",
            Fault::Wait {
                transfer: 3,
                count: 20,
            },
        );
        check(
            "wait@0x3x20",
            Fault::Wait {
                transfer: 3,
                count: 20,
            },
        );
        check(
            "wait@0x30",
            Fault::Wait {
                transfer: 0x30,
                count: 1,
            },
        );
        check("fault@9", Fault::Fault { transfer: 9 });
        check(
            "stuck@0x1000.3=0",
            Fault::Stuck {
                address: 0x1000,
                bit: 3,
                value: false,
            },
        );
        check(
            "stuck@4096.31=1",
            Fault::Stuck {
                address: 4096,
                bit: 31,
                value: true,
            },
        );
        check("brownout@1", Fault::BrownOut { operation: 1 });
        check("lost@500", Fault::Lost { operation: 500 });
        check(
            "random@42/15",
            Fault::Random {
                seed: 42,
                per_mille: 15,
            },
        );
    }

    #[test]
    fn texts_that_are_no_fault() {
        for (text, found) in [
            ("", ""),
            ("no-targets", "no-targets"),
            ("explode@3", "explode"),
            ("vanish@", ""),
            ("vanish@0", "0"),
            ("vanish@-1", "-1"),
            ("wait@3x", ""),
            ("wait@x3", ""),
            ("wait@3x0", "0"),
            ("stuck@0x1000", "0x1000"),
            ("stuck@0x1000=1", "0x1000=1"),
            ("stuck@0x1000.32=1", "32"),
            ("stuck@0x1000.1=2", "2"),
            ("stuck@zz.1=1", "zz"),
            ("random@4", "4"),
            ("random@4/1001", "1001"),
            ("brownout@1.5", "1.5"),
            ("lost@0", "0"),
        ] {
            match text.parse::<Fault>() {
                Err(error @ TwinError::Fault { .. }) => {
                    assert!(
                        error.to_string().ends_with(&format!("found `{found}`")),
                        "{error}"
                    );
                    assert_eq!(error.code(), "IMP-7007");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn the_answers() {
        let faults = ["wait@3x2", "fault@5", "vanish@9"].map(|text| text.parse().unwrap());
        let answers: Vec<_> = (1..=10).map(|transfer| answer(&faults, transfer)).collect();
        assert_eq!(
            answers,
            [
                None,
                None,
                Some(Answer::Wait { count: 2 }),
                None,
                Some(Answer::Fault),
                None,
                None,
                None,
                Some(Answer::None),
                Some(Answer::None)
            ]
        );
    }

    #[test]
    fn waits_beyond_the_probes_retries_go_on_at_the_next_transfer() {
        let faults = ["wait@3x65537"].map(|text| text.parse().unwrap());
        let answers: Vec<_> = (3..6).map(|transfer| answer(&faults, transfer)).collect();
        let wait = |count| Some(Answer::Wait { count });
        assert_eq!(answers, [wait(65_537), wait(1), None]);
    }

    #[test]
    fn random_answers_are_seeded_and_as_frequent_as_asked() {
        let hits = |seed| -> Vec<u64> {
            let faults = [Fault::Random {
                seed,
                per_mille: 100,
            }];
            (1..=10_000)
                .filter(|transfer| answer(&faults, *transfer).is_some())
                .collect()
        };
        assert_eq!(hits(1), hits(1));
        assert_ne!(hits(1), hits(2));
        assert!((800..1200).contains(&hits(3).len()), "{}", hits(3).len());
        let never = [Fault::Random {
            seed: 1,
            per_mille: 0,
        }];
        assert!((1..1000).all(|transfer| answer(&never, transfer).is_none()));
    }
}
