//! Points in time as a person writes them: `2026-11-01`, or to the second `2026-12-31T23:59:59Z`. Always UTC.
//!
//! The calendar is the Gregorian one, without leap seconds, as in Unix time. Days are counted in years that begin in
//! March, so that the day that is sometimes missing is the last one.

use std::fmt;

const DAY_S: u64 = 24 * 3600;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_DAY: u64 = 719_468;
/// Days of 400 years, after which the calendar repeats.
const ERA_DAYS: u64 = 146_097;

/// Seconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(pub u64);

impl Date {
    /// Reads a date of the years 1970 to 9999; one without a time means its first second.
    pub fn first_second(text: &str) -> Option<Date> {
        parse(text, 0)
    }

    /// Reads a date of the years 1970 to 9999; one without a time means its last second.
    pub fn last_second(text: &str) -> Option<Date> {
        parse(text, DAY_S - 1)
    }
}

/// As `2026-12-31T23:59:59Z`; beyond the year 9999 as a number of seconds.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.0 / DAY_S);
        if year > 9999 {
            return write!(f, "second {}", self.0);
        }
        let second = self.0 % DAY_S;
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
        )
    }
}

fn parse(text: &str, without_time_s: u64) -> Option<Date> {
    let (date, second) = match text.split_once('T') {
        Some((date, time)) => (date, second_of_day(time.strip_suffix('Z')?)?),
        None => (text, without_time_s),
    };
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let in_range = (1970..=9999).contains(&year) && (1..=12).contains(&month) && day >= 1;
    let days = days(year, month, day);
    // A day that the month does not have comes back as another.
    let exists = in_range && civil(days) == (year, month, day);
    exists.then_some(Date(days * DAY_S + second))
}

fn second_of_day(text: &str) -> Option<u64> {
    let [hour, minute, second] = numbers(text, ':', [2, 2, 2])?;
    let exists = hour < 24 && minute < 60 && second < 60;
    exists.then_some(hour * 3600 + minute * 60 + second)
}

/// Three numbers of so many digits each.
fn numbers(text: &str, separator: char, lens: [usize; 3]) -> Option<[u64; 3]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; 3];
    for (number, len) in numbers.iter_mut().zip(lens) {
        let digits = parts.next()?;
        if digits.len() != len || !digits.bytes().all(|it| it.is_ascii_digit()) {
            return None;
        }
        *number = digits.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

/// Days from 1970-01-01 to a date not before it.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let year = if month <= 2 {
        year.saturating_sub(1)
    } else {
        year
    };
    let month = (month + 9) % 12;
    let day_of_year = (153 * month + 2) / 5 + day.saturating_sub(1);
    let days = year * 365 + year / 4 - year / 100 + year / 400 + day_of_year;
    days.saturating_sub(EPOCH_DAY)
}

/// Year, month and day so many days after 1970-01-01.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + EPOCH_DAY;
    let (era, day_of_era) = (days / ERA_DAYS, days % ERA_DAYS);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}
