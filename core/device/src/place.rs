//! Where in the text of a description something stands.
//!
//! What is wrong between two facts is found in the description and not while it is read, so the parser does not know the
//! line. This walks the text again, only as far as the way to a value goes.

/// One step on the way to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A field, or a key of `properties`.
    Field(String),
    /// An item of a list, from 0.
    Item(usize),
}

impl From<&str> for Step {
    fn from(name: &str) -> Self {
        Step::Field(name.into())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Step::Item(index)
    }
}

/// Line and column, both from 1, of the value that a way leads to; of the nearest thing around it that is there.
pub fn place_of(text: &str, way: &[Step]) -> (usize, usize) {
    let mut walk = Walk { text, at: 0 };
    let mut found = 0;
    walk.value(way, &mut found);
    line_and_column(text, found)
}

/// Line and column, both from 1, of a byte.
pub(crate) fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.matches('\n').count() + 1;
    (line, before[line_start..].chars().count() + 1)
}

/// A walk through text that the parser has understood, or has understood up to here: it ends, whatever the text is.
pub(crate) struct Walk<'t> {
    pub text: &'t str,
    pub at: usize,
}

impl Walk<'_> {
    /// Goes into the value at hand. Notes the start of whatever is met on the way; true when the way's end was.
    fn value(&mut self, way: &[Step], found: &mut usize) -> bool {
        self.skip_blank();
        *found = self.at;
        let Some(step) = way.first() else {
            return true;
        };
        let start = self.at;
        self.skip_word();
        match (self.peek(), step) {
            (Some('('), _) => {
                self.at += 1;
                self.fields(way, found)
            }
            (Some('['), Step::Item(index)) if self.at == start => {
                self.at += 1;
                for _ in 0..*index {
                    if !self.skip_item() {
                        return false;
                    }
                }
                self.value(&way[1..], found)
            }
            (Some('{'), Step::Field(_)) if self.at == start => {
                self.at += 1;
                self.fields(way, found)
            }
            _ => false,
        }
    }

    /// The fields of a struct or a map up to the one wanted. `Some(..)` has none and is gone through.
    fn fields(&mut self, way: &[Step], found: &mut usize) -> bool {
        loop {
            self.skip_blank();
            let start = self.at;
            if matches!(self.peek(), None | Some(')' | '}' | ']')) {
                return false;
            }
            let key = self.key();
            self.skip_blank();
            if self.peek() != Some(':') {
                self.at = start;
                return self.value(way, found);
            }
            self.at += 1;
            if Step::Field(key) == way[0] {
                return self.value(&way[1..], found);
            }
            if !self.skip_item() {
                return false;
            }
        }
    }

    /// A field's name, or the text of a map's key.
    fn key(&mut self) -> String {
        let start = self.at;
        match self.peek() {
            Some('"') => self.skip_text(),
            _ => self.skip_word(),
        }
        self.text[start..self.at].trim_matches('"').to_string()
    }

    /// The value at hand and the comma behind it. False where none follows.
    pub fn skip_item(&mut self) -> bool {
        let mut depth = 0usize;
        loop {
            self.skip_blank();
            match self.peek() {
                None => return false,
                Some('"') => self.skip_text(),
                Some('(' | '[' | '{') => {
                    depth += 1;
                    self.at += 1;
                }
                Some(')' | ']' | '}') if depth == 0 => return false,
                Some(')' | ']' | '}') => {
                    depth -= 1;
                    self.at += 1;
                }
                Some(',') if depth == 0 => {
                    self.at += 1;
                    return true;
                }
                Some(other) => self.at += other.len_utf8(),
            }
        }
    }

    fn skip_blank(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            let blank = rest.len() - rest.trim_start().len();
            self.at += blank;
            let rest = &rest[blank..];
            self.at += match rest {
                _ if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
                _ if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
                _ => return,
            };
        }
    }

    fn skip_word(&mut self) {
        let rest = &self.text[self.at..];
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        self.at += rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    }

    fn skip_text(&mut self) {
        self.at += 1;
        let mut is_escaped = false;
        while let Some(c) = self.peek() {
            self.at += c.len_utf8();
            match c {
                '"' if !is_escaped => return,
                '\\' => is_escaped = !is_escaped,
                _ => is_escaped = false,
            }
        }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"// (a comment)
Device(
    name: "X \" (1", /* , */
    memories: [
        (name: "flash", nor: Some((sectors: [(len: 1)], unit_len: 4))),
        (name: "ram"),
    ],
    properties: { "a.b": "1", "c": "2" },
)
"#;

    fn check(way: &[Step], expect: (usize, usize)) {
        assert_eq!(place_of(TEXT, way), expect, "{way:?}");
    }

    #[test]
    fn places_are_found() {
        let steps = |names: &[&str]| names.iter().map(|it| Step::from(*it)).collect::<Vec<_>>();
        check(&[], (2, 1));
        check(&steps(&["name"]), (3, 11));
        let memory = |index: usize, rest: &[&str]| {
            [vec!["memories".into(), index.into()], steps(rest)].concat()
        };
        check(&memory(1, &[]), (6, 9));
        check(&memory(1, &["name"]), (6, 16));
        check(&memory(0, &["nor", "unit_len"]), (5, 67));
        check(&memory(0, &["nor", "sectors"]), (5, 45));
        check(&steps(&["properties", "c"]), (8, 36));
        // What is not there is where it would be.
        check(&memory(1, &["nor"]), (6, 9));
        check(&memory(7, &[]), (4, 15));
        check(&steps(&["twin", "dpidr"]), (2, 1));
    }

    #[test]
    fn any_text_ends() {
        for text in [
            "",
            "(",
            "(a",
            "(a:",
            "[[[",
            "\"",
            "(a: \"\\",
            "é(é: [é",
            "/*",
            "{",
        ] {
            let _ = place_of(text, &["a".into(), 3.into(), "b".into()]);
        }
    }
}
