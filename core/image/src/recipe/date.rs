//! Formats of dates: a small part of `strftime`, the same on every machine.

use super::text::TextError;
use crate::limits::DATE_FORMAT_LEN_MAX;
use serde::Deserialize;
use std::fmt::Write;
use time::OffsetDateTime;

/// A format of a date: printable ASCII with `%Y %y %m %d %j %H %M %S %G %V %u %%`. All of them have one length, and no
/// word of any language.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct DateFormat(String);

/// Last second of the year 9999: `%Y` has four digits.
const SECONDS_MAX: u64 = 253_402_300_799;

impl TryFrom<String> for DateFormat {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        let refuse = |why: String| Err(TextError::new(format!("date format {text:?}: {why}")));
        if text.is_empty() || text.len() > DATE_FORMAT_LEN_MAX {
            return refuse(format!("expected 1 to {DATE_FORMAT_LEN_MAX} characters"));
        }
        let mut rest = text.chars();
        while let Some(character) = rest.next() {
            match character {
                '%' => {
                    let word = rest.next().unwrap_or(' ');
                    if digit_count(word).is_none() {
                        return refuse(format!(
                            "found %{word}, known are %Y %y %m %d %j %H %M %S %G %V %u %%"
                        ));
                    }
                }
                ' '..='~' => {}
                other => return refuse(format!("expected printable ASCII, found {other:?}")),
            }
        }
        Ok(DateFormat(text))
    }
}

/// Characters that a word of the format gives.
fn digit_count(word: char) -> Option<u32> {
    match word {
        'Y' | 'G' => Some(4),
        'j' => Some(3),
        'y' | 'm' | 'd' | 'H' | 'M' | 'S' | 'V' => Some(2),
        'u' | '%' => Some(1),
        _ => None,
    }
}

impl DateFormat {
    /// The format.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Characters of every text it gives.
    pub fn text_len(&self) -> u32 {
        let mut rest = self.0.chars();
        let mut len = 0;
        while let Some(character) = rest.next() {
            len += match character {
                '%' => rest.next().and_then(digit_count).unwrap_or(0),
                _ => 1,
            };
        }
        len
    }

    /// The text of a time in seconds since 1970 UTC; none past the year 9999.
    pub fn text(&self, seconds: u64) -> Option<String> {
        let seconds = i64::try_from(seconds.min(SECONDS_MAX + 1)).ok()?;
        let time = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
        let (week_year, week, weekday) = time.date().to_iso_week_date();
        if time.year() > 9999 || week_year > 9999 {
            return None;
        }
        let mut text = String::new();
        let mut rest = self.0.chars();
        while let Some(character) = rest.next() {
            let word = match character {
                '%' => rest.next()?,
                other => {
                    text.push(other);
                    continue;
                }
            };
            let written = match word {
                'Y' => write!(text, "{:04}", time.year()),
                'y' => write!(text, "{:02}", time.year() % 100),
                'm' => write!(text, "{:02}", u8::from(time.month())),
                'd' => write!(text, "{:02}", time.day()),
                'j' => write!(text, "{:03}", time.ordinal()),
                'H' => write!(text, "{:02}", time.hour()),
                'M' => write!(text, "{:02}", time.minute()),
                'S' => write!(text, "{:02}", time.second()),
                'G' => write!(text, "{week_year:04}"),
                'V' => write!(text, "{week:02}"),
                'u' => write!(text, "{}", weekday.number_from_monday()),
                _ => write!(text, "%"),
            };
            written.ok()?;
        }
        Some(text)
    }
}

impl<C> minicbor::Encode<C> for DateFormat {
    fn encode<W: minicbor::encode::Write>(
        &self,
        encoder: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        encoder.str(&self.0)?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for DateFormat {
    fn decode(
        decoder: &mut minicbor::Decoder<'b>,
        _: &mut C,
    ) -> Result<Self, minicbor::decode::Error> {
        Self::try_from(decoder.str()?.to_owned()).map_err(minicbor::decode::Error::message)
    }
}
