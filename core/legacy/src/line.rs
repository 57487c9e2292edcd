//! Lines: what is a command, what is set-up, what a person wrote for people.

use crate::{
    error::LegacyError,
    limits::{FILE_LEN_MAX, LINE_COUNT_MAX, LINE_LEN_MAX, PARAMETER_LEN_MAX, PARAMETER_NUMBER_MAX},
};
use std::collections::{BTreeMap, BTreeSet};

/// A line that says something.
#[derive(Debug)]
pub(crate) struct Line {
    /// From 1.
    pub(crate) number: usize,
    /// Without the comment, placeholders filled in; no control characters.
    pub(crate) text: String,
    /// The first placeholder that has no value.
    pub(crate) missing: Option<String>,
    /// What follows `;`.
    pub(crate) comment: Option<String>,
}

impl Line {
    /// The first word in capitals, and the rest.
    pub(crate) fn words(&self) -> (String, &str) {
        let (name, rest) = match self.text.split_once(char::is_whitespace) {
            Some((name, rest)) => (name, rest.trim()),
            None => (self.text.as_str(), ""),
        };
        (name.to_ascii_uppercase(), rest)
    }
}

/// The text of a file: UTF-8, or else one character a byte as the older tools wrote it.
pub fn decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{FEFF}').to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// Reads the lines that say something and fills in the placeholders. A value that no line asks for is an error: it is a
/// slip that would otherwise go into production.
pub(crate) fn read(
    file: &str,
    text: &str,
    parameters: &BTreeMap<u32, String>,
) -> Result<Vec<Line>, LegacyError> {
    let file = || file.to_owned();
    if text.len() > FILE_LEN_MAX {
        let len = text.len();
        return Err(LegacyError::TooLarge { file: file(), len });
    }
    check(parameters)?;
    let mut used = BTreeSet::new();
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        if number > LINE_COUNT_MAX {
            return Err(LegacyError::TooManyLines { file: file() });
        }
        let too_long = LegacyError::LineTooLong {
            file: file(),
            line: number,
        };
        if line.len() > LINE_LEN_MAX {
            return Err(too_long);
        }
        let (text, comment) = split_comment(line);
        let (text, missing) = fill_in(text, parameters, &mut used);
        if text.len() > LINE_LEN_MAX {
            return Err(too_long);
        }
        let text = plain(&text);
        let comment = comment.map(plain).filter(|comment| !comment.is_empty());
        if !text.is_empty() || comment.is_some() {
            lines.push(Line {
                number,
                text,
                missing,
                comment,
            });
        }
    }
    match parameters.keys().find(|number| !used.contains(number)) {
        Some(number) => Err(LegacyError::Parameter {
            found: number.to_string(),
            why: "no line has a placeholder of that number",
        }),
        None => Ok(lines),
    }
}

fn check(parameters: &BTreeMap<u32, String>) -> Result<(), LegacyError> {
    for (number, text) in parameters {
        let why = match text {
            _ if *number > PARAMETER_NUMBER_MAX => "its number is too high",
            text if text.len() > PARAMETER_LEN_MAX => "its text is too long",
            text if text.contains(char::is_control) => "its text has a control character",
            _ => continue,
        };
        let found = number.to_string();
        return Err(LegacyError::Parameter { found, why });
    }
    Ok(())
}

/// A `;` within quotes belongs to a file name.
fn split_comment(line: &str) -> (&str, Option<&str>) {
    let mut is_quoted = false;
    for (at, character) in line.char_indices() {
        match character {
            '"' => is_quoted = !is_quoted,
            ';' if !is_quoted => return (&line[..at], Some(&line[at + 1..])),
            _ => {}
        }
    }
    (line, None)
}

/// Fills in `/PARAMn/`. What a value brings is not looked at again.
fn fill_in(
    text: &str,
    parameters: &BTreeMap<u32, String>,
    used: &mut BTreeSet<u32>,
) -> (String, Option<String>) {
    let (mut filled, mut missing) = (String::new(), None);
    let mut rest = text;
    while let Some(at) = rest.find('/') {
        let (before, from) = rest.split_at(at);
        filled += before;
        let Some((number, len)) = placeholder(from) else {
            filled.push('/');
            rest = &from[1..];
            continue;
        };
        match parameters.get(&number) {
            Some(value) => {
                used.insert(number);
                filled += value;
            }
            None => {
                missing.get_or_insert_with(|| from[..len].to_owned());
                filled += &from[..len];
            }
        }
        rest = &from[len..];
    }
    (filled + rest, missing)
}

/// Number and length of the placeholder that `text` begins with.
fn placeholder(text: &str) -> Option<(u32, usize)> {
    const START: &str = "/PARAM";
    let start = text.get(..START.len())?;
    let rest = &text[START.len()..];
    let digits = rest.split('/').next()?;
    let is_number = (1..=2).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit());
    let is_closed = rest.len() > digits.len();
    if !start.eq_ignore_ascii_case(START) || !is_number || !is_closed {
        return None;
    }
    Some((digits.parse().ok()?, START.len() + digits.len() + 1))
}

/// One line for certain: what is written into a comment must not end it.
fn plain(text: &str) -> String {
    let visible = |character: char| match character {
        it if it.is_control() || matches!(it, '\u{2028}' | '\u{2029}') => ' ',
        it => it,
    };
    let text: String = text.chars().map(visible).collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: (&str, Option<&str>, Option<&str>)) {
        let parameters = BTreeMap::from([(1, "one; two".to_owned()), (12, "/PARAM1/".to_owned())]);
        let all = format!("{line}\n;/PARAM1//PARAM12/\nX /PARAM1//PARAM12/");
        let lines = read("x.cfg", &all, &parameters).unwrap_or_default();
        let found = lines.first().map(|line| {
            let missing = line.missing.as_deref();
            (line.text.as_str(), line.comment.as_deref(), missing)
        });
        assert_eq!(found, Some(expected), "{line:?}");
    }

    #[test]
    fn a_line_is_text_and_comment() {
        for (line, expected) in [
            ("QO a.s19", ("QO a.s19", None, None)),
            ("  qo\ta.s19\t; main ", ("qo a.s19", Some("main"), None)),
            ("; all", ("", Some("all"), None)),
            ("QO \"a;b.s19\" ;c;d", ("QO \"a;b.s19\"", Some("c;d"), None)),
            ("QO /PARAM1/", ("QO one; two", None, None)),
            ("QO /param1/x", ("QO one; twox", None, None)),
            ("QO /PARAM12/", ("QO /PARAM1/", None, None)),
            (
                "QO /PARAM2/ ;/PARAM3/",
                ("QO /PARAM2/", Some("/PARAM3/"), Some("/PARAM2/")),
            ),
            (
                "QO /PARAM/ /PARAM1 /PARAM123/",
                ("QO /PARAM/ /PARAM1 /PARAM123/", None, None),
            ),
            ("QO a\u{2028}b\u{85}c", ("QO a b c", None, None)),
            ("QO ü/ö", ("QO ü/ö", None, None)),
        ] {
            check(line, expected);
        }
    }

    #[test]
    fn a_file_that_is_not_utf8_is_read_by_the_byte() {
        assert_eq!(decode("\u{FEFF}QO ü".as_bytes()), "QO ü");
        assert_eq!(decode(b"QO \xFC"), "QO ü");
    }
}
