//! Counters: value k of a counter is what an odometer shows after k steps.
//!
//! A value is a digit a position, each in the base of its position. Counting down is counting up in the ranks from the
//! other end, so there is one arithmetic: add with carry, subtract with borrow.

use super::{PositionMismatch, Positions};
use crate::limits::COUNTER_COUNT_MAX;
use minicbor::{Decode, Encode};
use serde::Deserialize;

/// A counter. `value` is injective: no two indices give the same value.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Counter {
    #[n(1)]
    positions: Positions,
    /// Text of the first value.
    #[n(2)]
    start: String,
    /// Text that no value goes past.
    #[n(3)]
    end: String,
    #[n(4)]
    step: u32,
    #[n(5)]
    direction: Direction,
    #[n(6)]
    fastest: Fastest,
}

/// Which way a counter counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Direction {
    /// From low to high.
    #[default]
    #[n(0)]
    Up,
    /// From high to low.
    #[n(1)]
    Down,
}

/// Which end of a counter moves with every value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Fastest {
    /// The last position, as numbers are written.
    #[default]
    #[n(0)]
    Last,
    /// The first position.
    #[n(1)]
    First,
}

/// Why there is no such counter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CounterError {
    /// A first or last value that is none.
    #[error("`{which}: {text:?}` is none of its values: {mismatch}")]
    Bound {
        /// `start` or `end`.
        which: &'static str,
        /// As given.
        text: String,
        /// Why.
        mismatch: PositionMismatch,
    },
    /// Nothing to count.
    #[error("it counts {direction} from {start:?} and never comes to {end:?}")]
    Empty {
        /// `up` or `down`.
        direction: &'static str,
        /// Text of the first value.
        start: String,
        /// Text of the last value.
        end: String,
    },
    /// A step of nothing.
    #[error("`step` must be 1 to 4294967295")]
    Step,
}

impl Counter {
    /// A counter. Without `start` and `end` it has all values, lowest to highest or the other way.
    pub fn new(
        positions: Positions,
        start: Option<String>,
        end: Option<String>,
        step: u32,
        direction: Direction,
        fastest: Fastest,
    ) -> Result<Counter, CounterError> {
        let zero = vec![0; positions.count()];
        let top: Vec<u8> = positions
            .iter()
            .map(|position| (position.symbol_count() - 1) as u8)
            .collect();
        let (first, last) = match direction {
            Direction::Up => (zero, top),
            Direction::Down => (top, zero),
        };
        let counter = Counter {
            start: start.unwrap_or_else(|| positions.text(&first)),
            end: end.unwrap_or_else(|| positions.text(&last)),
            positions,
            step,
            direction,
            fastest,
        };
        counter.check()?;
        Ok(counter)
    }

    /// What its values are made of.
    pub fn positions(&self) -> &Positions {
        &self.positions
    }

    /// Text of the first value.
    pub fn start(&self) -> &str {
        &self.start
    }

    /// Text that no value goes past.
    pub fn end(&self) -> &str {
        &self.end
    }

    /// From one value to the next.
    pub fn step(&self) -> u32 {
        self.step
    }

    /// Which way it counts.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// Which end moves with every value.
    pub fn fastest(&self) -> Fastest {
        self.fastest
    }

    /// How many values there are, at most 2^63.
    pub fn count(&self) -> u64 {
        let Some(span) = self.span(&self.end) else {
            return 0;
        };
        let count = (span / u128::from(self.step)).saturating_add(1);
        count.min(u128::from(COUNTER_COUNT_MAX)) as u64
    }

    /// The symbols of value `index`, a digit a position; none past the last.
    pub fn digits(&self, index: u64) -> Option<Vec<u8>> {
        if index >= self.count() {
            return None;
        }
        let mut ranks = self.ranks(&self.start).ok()?;
        let mut carry = u128::from(index) * u128::from(self.step);
        for at in self.fastest_first() {
            let base = self.base(at);
            let sum = u128::from(ranks[at]) + carry;
            ranks[at] = (sum % base) as u8;
            carry = sum / base;
        }
        self.turn(&mut ranks);
        (carry == 0).then_some(ranks)
    }

    /// Which value a text is, if it is one.
    pub fn index_of(&self, text: &str) -> Option<u64> {
        let span = self.span(text)?;
        let step = u128::from(self.step);
        if !span.is_multiple_of(step) {
            return None;
        }
        let index = u64::try_from(span / step).ok()?;
        (index < self.count()).then_some(index)
    }

    /// Whether its parts fit each other: what a decoder must ask.
    pub(crate) fn check(&self) -> Result<(), CounterError> {
        if self.step == 0 {
            return Err(CounterError::Step);
        }
        for (which, text) in [("start", &self.start), ("end", &self.end)] {
            self.positions
                .read(text)
                .map_err(|mismatch| CounterError::Bound {
                    which,
                    text: text.clone(),
                    mismatch,
                })?;
        }
        match self.span(&self.end) {
            Some(_) => Ok(()),
            None => Err(CounterError::Empty {
                direction: match self.direction {
                    Direction::Up => "up",
                    Direction::Down => "down",
                },
                start: self.start.clone(),
                end: self.end.clone(),
            }),
        }
    }

    /// Single steps from the start to a text, at most what 128 bits hold; none before the start.
    fn span(&self, text: &str) -> Option<u128> {
        let start = self.ranks(&self.start).ok()?;
        let mut ranks = self.ranks(text).ok()?;
        let mut borrow = 0;
        for at in self.fastest_first() {
            let base = self.base(at) as i32;
            let difference = i32::from(ranks[at]) - i32::from(start[at]) - borrow;
            borrow = i32::from(difference < 0);
            ranks[at] = difference.rem_euclid(base) as u8;
        }
        if borrow != 0 {
            return None;
        }
        let mut span: u128 = 0;
        for at in self.fastest_first().rev() {
            span = span
                .saturating_mul(self.base(at))
                .saturating_add(u128::from(ranks[at]));
        }
        Some(span)
    }

    /// The digits of a text, counted from the end that the counter leaves.
    fn ranks(&self, text: &str) -> Result<Vec<u8>, PositionMismatch> {
        let mut digits = self.positions.read(text)?;
        self.turn(&mut digits);
        Ok(digits)
    }

    /// From digits to ranks and back.
    fn turn(&self, digits: &mut [u8]) {
        if self.direction == Direction::Down {
            for (position, digit) in self.positions.iter().zip(digits) {
                *digit = (position.symbol_count() - 1) as u8 - *digit;
            }
        }
    }

    fn base(&self, at: usize) -> u128 {
        let position = self.positions.iter().nth(at);
        position.map_or(1, |it| u128::from(it.symbol_count()))
    }

    /// Indices of the positions, the fastest first.
    fn fastest_first(&self) -> impl DoubleEndedIterator<Item = usize> + use<> {
        let count = self.positions.count();
        let fastest = self.fastest;
        (0..count).map(move |at| match fastest {
            Fastest::Last => count - 1 - at,
            Fastest::First => at,
        })
    }
}
