//! Text from outside as a terminal may have it.
//!
//! Names, records and log lines come from images, device files, plugins and targets. A control character in them could
//! move the cursor, colour a FAIL as a PASS or hide a line, and a mark of writing direction could turn a name around.

use std::borrow::Cow;

/// The text on one line, with an escape as in Rust, `\n` or `\u{1b}`, for each character that acts instead of showing.
pub fn visible(text: &str) -> Cow<'_, str> {
    escaped(text, acts)
}

/// The same for text of several lines.
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c != '\n' && acts(c))
}

fn escaped(text: &str, acts: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&acts) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match acts(c) {
            true => escaped.extend(c.escape_default()),
            false => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

/// Controls (C0, DEL, C1), separators of lines and paragraphs, and marks of writing direction (UAX #9, table 1).
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_shown() {
        for (text, expected) in [
            ("plain µs 温度 ✓", "plain µs 温度 ✓"),
            ("\x1b[2J\x07", "\\u{1b}[2J\\u{7}"),
            ("a\nb\r\tc\0", "a\\nb\\r\\tc\\u{0}"),
            (
                "\x7f\u{80}\u{9b}31m\u{9f}",
                "\\u{7f}\\u{80}\\u{9b}31m\\u{9f}",
            ),
            (
                "\u{202a}\u{202e}\u{2066}\u{2069}",
                "\\u{202a}\\u{202e}\\u{2066}\\u{2069}",
            ),
            ("\u{2028}\u{200f}", "\\u{2028}\\u{200f}"),
            (
                "\u{a0}\u{2027}\u{202f}\u{2065}",
                "\u{a0}\u{2027}\u{202f}\u{2065}",
            ),
        ] {
            assert_eq!(visible(text), expected);
            assert_eq!(visible(&visible(text)), expected, "twice is once");
        }
        assert_eq!(visible_lines("a\n\x1bb\r\n"), "a\n\\u{1b}b\\r\n");
    }
}
