//! Barcode rules: which scanned text selects an image.
//!
//! A text passes if every character is one that its position allows, and if it lies in one of the numeric ranges, where
//! there are any. Of several images exactly one may let a text pass.

use crate::{
    limits::{RANGE_COUNT_MAX, RANGE_DIGIT_COUNT_MAX},
    serial::{Position, PositionMismatch, Positions},
};
use minicbor::{Decode, Encode};
use serde::Deserialize;

/// What a barcode must look like.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Encode, Decode)]
#[serde(deny_unknown_fields, rename = "Barcode")]
#[cbor(map)]
pub struct BarcodeRules {
    /// What each character may be.
    #[n(1)]
    pub positions: Positions,
    /// Numbers in it, at most two; one that holds is enough.
    #[n(2)]
    #[serde(default)]
    #[cbor(skip_if = "Vec::is_empty")]
    pub ranges: Vec<NumericRange>,
}

/// A number within a barcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Encode, Decode)]
#[serde(deny_unknown_fields, rename = "Range")]
pub struct NumericRange {
    /// Index of its first character, from 0.
    #[n(0)]
    pub from: u32,
    /// How many digits it has, 1 to 18.
    #[n(1)]
    pub len: u32,
    /// Least number that passes.
    #[n(2)]
    pub min: u64,
    /// Greatest number that passes.
    #[n(3)]
    pub max: u64,
}

/// Why a text does not pass.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BarcodeMismatch {
    /// A character that is not allowed there, or another length.
    #[error(transparent)]
    Position(#[from] PositionMismatch),
    /// In none of the ranges.
    #[error("{text:?} is in none of the ranges: {}", describe(ranges))]
    Range {
        /// The text.
        text: String,
        /// The ranges.
        ranges: Vec<NumericRange>,
    },
}

impl BarcodeRules {
    /// Whether a text passes.
    pub fn check(&self, text: &str) -> Result<(), BarcodeMismatch> {
        self.positions.read(text)?;
        let passes = |range: &NumericRange| {
            // The positions hold, so every character is one byte, and those of a range are digits.
            let start = range.from as usize;
            let digits = text.get(start..start + range.len as usize);
            digits
                .and_then(|digits| digits.parse().ok())
                .is_some_and(|number: u64| (range.min..=range.max).contains(&number))
        };
        if self.ranges.is_empty() || self.ranges.iter().any(passes) {
            return Ok(());
        }
        Err(BarcodeMismatch::Range {
            text: text.into(),
            ranges: self.ranges.clone(),
        })
    }

    /// Whether a text passes, without the reason.
    pub fn matches(&self, text: &str) -> bool {
        self.check(text).is_ok()
    }

    /// What is wrong with the rules themselves.
    pub(crate) fn defect(&self) -> Option<String> {
        if !self.positions.are_sound() {
            return Some("expected 1 to 64 positions of printable ASCII".into());
        }
        if self.positions.iter().any(|it| *it == Position::Binary) {
            return Some("a barcode is text, so no position can be `binary`".into());
        }
        if self.ranges.len() > RANGE_COUNT_MAX {
            let count = self.ranges.len();
            return Some(format!(
                "expected at most {RANGE_COUNT_MAX} ranges, found {count}"
            ));
        }
        self.ranges.iter().find_map(|range| self.defect_of(range))
    }

    fn defect_of(&self, range: &NumericRange) -> Option<String> {
        let NumericRange {
            from,
            len,
            min,
            max,
        } = *range;
        let count = self.positions.count() as u64;
        if !(1..=RANGE_DIGIT_COUNT_MAX).contains(&len) {
            return Some(format!(
                "expected a range of 1 to {RANGE_DIGIT_COUNT_MAX} digits, found {len}"
            ));
        }
        if u64::from(from) + u64::from(len) > count {
            return Some(format!(
                "the range from {from}, {len} digits, leaves the {count} characters"
            ));
        }
        let positions = self.positions.iter().enumerate();
        let mut within = positions.skip(from as usize).take(len as usize);
        if let Some((index, position)) = within.find(|(_, position)| !has_digits_only(position)) {
            return Some(format!(
                "the range from {from}, {len} digits, needs digits, but character {index} is {}",
                position.describe()
            ));
        }
        if min > max || max >= 10_u64.pow(len) {
            return Some(format!(
                "expected a range of `min` to `max` with {len} digits, found {min} to {max}"
            ));
        }
        None
    }
}

fn has_digits_only(position: &Position) -> bool {
    (0..position.symbol_count()).all(|digit| position.symbol(digit as u8).is_ascii_digit())
}

fn describe(ranges: &[NumericRange]) -> String {
    let describe = |range: &NumericRange| {
        let last = range.from + range.len - 1;
        format!(
            "characters {} to {last} within {} to {}",
            range.from, range.min, range.max
        )
    };
    let ranges: Vec<String> = ranges.iter().map(describe).collect();
    ranges.join(", or ")
}
