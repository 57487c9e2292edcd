//! Whether a line goes on: a bracket, a text or a comment is open.

/// Whether more lines belong to `text`. What is no Rhai at all is complete: the parser says what is wrong.
pub fn is_incomplete(text: &str) -> bool {
    let mut open = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(next) = rest.next() {
        match (next, rest.peek()) {
            ('/', Some('/')) => {
                rest.by_ref().find(|c| *c == '\n');
            }
            ('/', Some('*')) => match comment(&mut rest) {
                Ended::Yes => {}
                Ended::No => return true,
            },
            // A text in these quotes ends with its line: one that does not is the parser's to report.
            ('"' | '\'', _) => match quoted(&mut rest, next) {
                Ended::Yes => {}
                Ended::No => return false,
            },
            ('`', _) => match quoted(&mut rest, '`') {
                Ended::Yes => {}
                Ended::No => return true,
            },
            ('(' | '[' | '{', _) => open.push(next),
            // One that closes too much is the parser's to report.
            (')' | ']' | '}', _) if open.pop().is_none() => return false,
            _ => {}
        }
    }
    !open.is_empty()
}

/// Whether what was open has ended.
#[derive(PartialEq)]
enum Ended {
    Yes,
    No,
}

/// Reads to the end of a text.
fn quoted(rest: &mut impl Iterator<Item = char>, quote: char) -> Ended {
    while let Some(next) = rest.next() {
        match next {
            '\\' if quote != '`' => {
                rest.next();
            }
            '\n' if quote != '`' => return Ended::No,
            _ if next == quote => return Ended::Yes,
            _ => {}
        }
    }
    Ended::No
}

/// Reads to the end of a comment; comments nest in Rhai.
fn comment(rest: &mut std::iter::Peekable<std::str::Chars>) -> Ended {
    let mut depth = 1;
    rest.next();
    while let Some(next) = rest.next() {
        match (next, rest.peek()) {
            ('/', Some('*')) => {
                depth += 1;
                rest.next();
            }
            ('*', Some('/')) => {
                depth -= 1;
                rest.next();
                if depth == 0 {
                    return Ended::Yes;
                }
            }
            _ => {}
        }
    }
    Ended::No
}

#[cfg(test)]
mod tests {
    use super::is_incomplete;

    #[test]
    fn what_goes_on() {
        for (text, expected) in [
            ("", false),
            ("chip.erase()", false),
            ("fn f(x) {", true),
            ("fn f(x) {\n  x\n}", false),
            ("let a = [1,", true),
            ("unit.connect(#{ under_reset: true", true),
            ("print(\"{\")", false),
            ("print(\"\\\"{\")", false),
            ("let c = '{';", false),
            ("print(\"open", false),
            ("let s = `two", true),
            ("let s = `two\nlines`;", false),
            ("1 // {", false),
            ("{ // }", true),
            ("{ // }\n}", false),
            ("1 /* {", true),
            ("1 /* { /* */ ", true),
            ("1 /* { /* */ */", false),
            (")", false),
            ("} {", false),
        ] {
            assert_eq!(is_incomplete(text), expected, "{text:?}");
        }
    }
}
