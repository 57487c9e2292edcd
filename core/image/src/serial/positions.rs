//! The positions of a serial number or a barcode, each with the symbols it may show.
//!
//! A binary position is one byte of the value and two upper-case hexadecimal digits of its text; every other position is
//! one ASCII character of both. So a text has one reading only.

use crate::limits::POSITION_COUNT_MAX;
use minicbor::{Decode, Encode};
use ron::value::RawValue;
use serde::{
    Deserialize, Deserializer,
    de::{Error, Unexpected},
};

/// What one position may show.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum Position {
    /// Always this character, printable ASCII.
    #[n(0)]
    Constant(#[n(0)] char),
    /// A byte, 00 to FF.
    #[n(1)]
    Binary,
    /// `0` to `9`.
    #[n(2)]
    Numeric,
    /// `A` to `Z`.
    #[n(3)]
    Upper,
    /// `a` to `z`.
    #[n(4)]
    Lower,
    /// All of printable ASCII, space to `~`.
    #[n(5)]
    Printable,
    /// `0` to `9`, then `A` to `F`.
    #[n(6)]
    Hex,
    /// These characters, printable ASCII, each once, counted in this order.
    #[n(7)]
    Set(#[n(0)] String),
}

impl Position {
    /// How many symbols it has.
    pub fn symbol_count(&self) -> u32 {
        match self {
            Position::Constant(_) => 1,
            Position::Binary => 256,
            Position::Numeric => 10,
            Position::Upper | Position::Lower => 26,
            Position::Printable => 95,
            Position::Hex => 16,
            Position::Set(symbols) => symbols.len() as u32,
        }
    }

    /// The byte of its symbol `digit`, which must be less than their count.
    pub fn symbol(&self, digit: u8) -> u8 {
        match self {
            Position::Constant(symbol) => *symbol as u8,
            Position::Binary => digit,
            Position::Numeric => b'0' + digit,
            Position::Upper => b'A' + digit,
            Position::Lower => b'a' + digit,
            Position::Printable => b' ' + digit,
            Position::Hex => HEX_DIGITS[usize::from(digit)],
            Position::Set(symbols) => symbols.as_bytes()[usize::from(digit)],
        }
    }

    /// Which symbol a byte is.
    pub fn digit(&self, byte: u8) -> Option<u8> {
        let within = |range: std::ops::RangeInclusive<u8>| {
            range.contains(&byte).then(|| byte - *range.start())
        };
        match self {
            Position::Constant(symbol) => (*symbol as u32 == u32::from(byte)).then_some(0),
            Position::Binary => Some(byte),
            Position::Numeric => within(b'0'..=b'9'),
            Position::Upper => within(b'A'..=b'Z'),
            Position::Lower => within(b'a'..=b'z'),
            Position::Printable => within(b' '..=b'~'),
            Position::Hex => index_in(HEX_DIGITS, byte),
            Position::Set(symbols) => index_in(symbols.as_bytes(), byte),
        }
    }

    /// What it may show, for messages.
    pub fn describe(&self) -> String {
        match self {
            Position::Constant(symbol) => format!("`{symbol}`"),
            Position::Binary => "two digits 0-9 A-F".into(),
            Position::Numeric => "0-9".into(),
            Position::Upper => "A-Z".into(),
            Position::Lower => "a-z".into(),
            Position::Printable => "printable ASCII".into(),
            Position::Hex => "0-9 A-F".into(),
            Position::Set(symbols) => format!("one of `{symbols}`"),
        }
    }

    /// Characters of its text.
    fn text_len(&self) -> usize {
        match self {
            Position::Binary => 2,
            _ => 1,
        }
    }

    fn is_sound(&self) -> bool {
        let printable = |symbol: char| symbol.is_ascii() && matches!(symbol as u8, b' '..=b'~');
        match self {
            Position::Constant(symbol) => printable(*symbol),
            Position::Set(symbols) => {
                let mut sorted: Vec<char> = symbols.chars().collect();
                sorted.sort_unstable();
                !symbols.is_empty()
                    && symbols.chars().all(printable)
                    && sorted.windows(2).all(|pair| pair[0] != pair[1])
            }
            _ => true,
        }
    }
}

const HEX_DIGITS: &[u8] = b"0123456789ABCDEF";

fn index_in(symbols: &[u8], byte: u8) -> Option<u8> {
    let index = symbols.iter().position(|symbol| *symbol == byte)?;
    u8::try_from(index).ok()
}

/// 1 to 64 positions.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Positions(#[n(0)] Vec<Position>);

/// A text that the positions do not allow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PositionMismatch {
    /// What was expected where, and what was found.
    pub message: String,
}

impl Positions {
    /// Takes 1 to 64 sound positions.
    pub fn new(positions: Vec<Position>) -> Option<Positions> {
        let positions = Positions(positions);
        positions.are_sound().then_some(positions)
    }

    /// Each position, in the order of the text.
    pub fn iter(&self) -> std::slice::Iter<'_, Position> {
        self.0.iter()
    }

    /// How many there are: the bytes of a value.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether there are 1 to 64 and each is sound: what a decoder must ask.
    pub(crate) fn are_sound(&self) -> bool {
        (1..=POSITION_COUNT_MAX).contains(&self.0.len()) && self.0.iter().all(Position::is_sound)
    }

    /// The symbols of a text, a digit a position.
    pub fn read(&self, text: &str) -> Result<Vec<u8>, PositionMismatch> {
        let mut rest = text.chars();
        let mut digits = Vec::with_capacity(self.0.len());
        let mut place = 1;
        for position in &self.0 {
            let part: String = rest.by_ref().take(position.text_len()).collect();
            match digit_of(position, &part) {
                Some(digit) => digits.push(digit),
                None => return Err(mismatch(position, place, &part)),
            }
            place += position.text_len();
        }
        match rest.next() {
            None => Ok(digits),
            Some(_) => Err(PositionMismatch {
                message: format!(
                    "expected {} characters, found {}",
                    place - 1,
                    text.chars().count()
                ),
            }),
        }
    }

    /// The text of one digit a position.
    pub fn text(&self, digits: &[u8]) -> String {
        let mut text = String::new();
        for (position, digit) in self.0.iter().zip(digits) {
            let symbol = position.symbol(*digit);
            match position {
                Position::Binary => text.push_str(&format!("{symbol:02X}")),
                _ => text.push(char::from(symbol)),
            }
        }
        text
    }

    /// The bytes of one digit a position.
    pub fn bytes(&self, digits: &[u8]) -> Vec<u8> {
        let pairs = self.0.iter().zip(digits);
        pairs
            .map(|(position, digit)| position.symbol(*digit))
            .collect()
    }
}

fn digit_of(position: &Position, part: &str) -> Option<u8> {
    if !matches!(position, Position::Binary) {
        return position.digit(*part.as_bytes().first().filter(|_| part.len() == 1)?);
    }
    let digits: Option<Vec<u8>> = part
        .bytes()
        .map(|byte| index_in(HEX_DIGITS, byte))
        .collect();
    match digits?[..] {
        [high, low] => Some(high << 4 | low),
        _ => None,
    }
}

fn mismatch(position: &Position, place: usize, part: &str) -> PositionMismatch {
    let expected = position.describe();
    let found = match part {
        "" => "the end".to_owned(),
        part => format!("{part:?}"),
    };
    PositionMismatch {
        message: format!("expected {expected} at character {place}, found {found}"),
    }
}

/// A position as it is written: perhaps several at once.
struct Written(Vec<Position>);

/// Without parentheses.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum One {
    Binary,
    Numeric,
    Upper,
    Lower,
    Printable,
    Hex,
}

/// With them.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum With {
    Constant(String),
    Binary(usize),
    Numeric(usize),
    Upper(usize),
    Lower(usize),
    Printable(usize),
    Hex(usize),
    Set(String),
}

const WORDS: &[&str] = &[
    "constant",
    "binary",
    "numeric",
    "upper",
    "lower",
    "printable",
    "hex",
    "set",
];

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // `numeric` and `numeric(4)` are both meant to be written; an enum reads one of the two.
        let raw = <&RawValue>::deserialize(deserializer)?;
        let text = raw.get_ron().trim();
        let positions = match text.ends_with(')') {
            true => ron::from_str(text).map(expand),
            false => ron::from_str(text).map(|one| {
                vec![match one {
                    One::Binary => Position::Binary,
                    One::Numeric => Position::Numeric,
                    One::Upper => Position::Upper,
                    One::Lower => Position::Lower,
                    One::Printable => Position::Printable,
                    One::Hex => Position::Hex,
                }]
            }),
        };
        let positions = positions.map_err(|error| match error.code {
            ron::Error::NoSuchEnumVariant { found, .. } => D::Error::unknown_variant(&found, WORDS),
            code => D::Error::custom(code),
        })?;
        if !(1..=POSITION_COUNT_MAX).contains(&positions.len())
            || !positions.iter().all(Position::is_sound)
        {
            let expected = "1 to 64 positions of printable ASCII, in a set each character once";
            return Err(D::Error::invalid_value(Unexpected::Other(text), &expected));
        }
        Ok(Written(positions))
    }
}

fn expand(written: With) -> Vec<Position> {
    // One more than can be, so that too many are seen and none is a promise.
    let times = |position, count: usize| vec![position; count.min(POSITION_COUNT_MAX + 1)];
    match written {
        With::Constant(text) => {
            let characters = text.chars().take(POSITION_COUNT_MAX + 1);
            characters.map(Position::Constant).collect()
        }
        With::Binary(count) => times(Position::Binary, count),
        With::Numeric(count) => times(Position::Numeric, count),
        With::Upper(count) => times(Position::Upper, count),
        With::Lower(count) => times(Position::Lower, count),
        With::Printable(count) => times(Position::Printable, count),
        With::Hex(count) => times(Position::Hex, count),
        With::Set(symbols) => vec![Position::Set(symbols)],
    }
}

impl<'de> Deserialize<'de> for Positions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Vec::<Written>::deserialize(deserializer)?;
        let count: usize = written.iter().map(|it| it.0.len()).sum();
        Positions::new(written.into_iter().flat_map(|it| it.0).collect()).ok_or_else(|| {
            let found = format!("{count} positions");
            D::Error::invalid_value(Unexpected::Other(&found), &"1 to 64 positions")
        })
    }
}
