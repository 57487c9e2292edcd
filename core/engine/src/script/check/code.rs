//! The text of a script with its comments and strings blanked out: what only the text tells.
//!
//! The syntax tree has neither brackets nor the extent of functions, and there is none where the parser gave up. Characters
//! keep their places, so a place of the parser is a place here.

use rhai::Position;

/// A function as its head shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) parameters: Vec<String>,
    pub(super) is_private: bool,
    /// Line and column of the name, from 1.
    pub(super) place: (usize, usize),
    /// Characters of the whole function, as an offset from the start; and where its head ends.
    start: usize,
    head_end: usize,
    end: usize,
}

/// The code of a text.
pub(super) struct Code {
    /// One for each character of the text; spaces where there is no code.
    characters: Vec<char>,
    /// How many brackets are open before each character.
    depths: Vec<usize>,
    /// Where each line begins in `characters`.
    lines: Vec<usize>,
    functions: Vec<Function>,
    /// How often a function begins; more than `functions` where a head cannot be read.
    begin_count: usize,
}

impl Code {
    pub(super) fn new(text: &str) -> Self {
        let characters = blanked(text);
        let begins = characters.iter().enumerate();
        let begins = begins.filter(|(_, c)| **c == '\n').map(|(at, _)| at + 1);
        let mut code = Self {
            depths: depths(&characters),
            lines: std::iter::once(0).chain(begins).collect(),
            characters,
            functions: Vec::new(),
            begin_count: 0,
        };
        let begins = code.function_begins();
        code.begin_count = begins.len();
        code.functions = code.find_functions(&begins);
        code
    }

    /// All functions in their order.
    pub(super) fn functions(&self) -> &[Function] {
        &self.functions
    }

    /// Whether the heads of all functions can be read.
    pub(super) fn is_complete(&self) -> bool {
        self.begin_count == self.functions.len()
    }

    /// The number of the function that a place lies in; none at the top level.
    pub(super) fn function_at(&self, position: Position) -> Option<usize> {
        let offset = self.offset(position)?;
        self.functions
            .iter()
            .rposition(|function| (function.start..function.end).contains(&offset))
    }

    /// How many brackets are open at a place.
    pub(super) fn depth_at(&self, position: Position) -> usize {
        let depth = self.offset(position).and_then(|at| self.depths.get(at));
        depth.copied().unwrap_or(0)
    }

    /// The text without the body of a function, whose head stays.
    pub(super) fn without_body(&self, text: &str, function: &Function) -> String {
        let inner = function.head_end..function.end;
        text.chars()
            .enumerate()
            .map(|(at, c)| match at {
                at if !inner.contains(&at) || c == '\n' => c,
                at if at == inner.start => '{',
                at if at == inner.start + 1 => '}',
                _ => ' ',
            })
            .collect()
    }

    /// Whether a place is where a function begins: what is wrong there is the end of the one before.
    pub(super) fn begins_function(&self, position: Position) -> bool {
        let offset = self.offset(position);
        self.functions
            .iter()
            .any(|function| Some(function.start) == offset)
    }

    fn offset(&self, position: Position) -> Option<usize> {
        let line = self.lines.get(position.line()?.checked_sub(1)?)?;
        Some((line + position.position().unwrap_or(1).max(1) - 1).min(self.characters.len()))
    }

    fn function_begins(&self) -> Vec<usize> {
        let is_begin = |at: &usize| {
            matches!(self.characters[*at..], ['f', 'n', ..])
                && self.word_at(*at).is_some_and(|word| word == "fn")
        };
        (0..self.characters.len()).filter(is_begin).collect()
    }

    /// Functions stand at the top level only, so each reaches up to the next one, or to the bracket that closes it.
    fn find_functions(&self, starts: &[usize]) -> Vec<Function> {
        let mut functions = Vec::new();
        for (index, start) in starts.iter().enumerate() {
            let next = starts.get(index + 1).copied();
            let end = next.unwrap_or(self.characters.len());
            if let Some(function) = self.head(*start, end) {
                functions.push(function);
            }
        }
        functions
    }

    fn head(&self, start: usize, end: usize) -> Option<Function> {
        let find = |from: usize, wanted: fn(char) -> bool| {
            (from..end).find(|at| wanted(self.characters[*at]))
        };
        let name_at = find(start + 2, |c| !c.is_whitespace())?;
        let name = self.word_at(name_at)?;
        let open = find(name_at, |c| c == '(')?;
        let close = find(open, |c| c == ')')?;
        let parameters: String = self.characters[open + 1..close].iter().collect();
        let line = self.lines.partition_point(|begin| *begin <= name_at);
        Some(Function {
            name,
            parameters: parameters
                .split(',')
                .map(|parameter| parameter.trim().to_string())
                .filter(|parameter| !parameter.is_empty())
                .collect(),
            is_private: self.is_private(start),
            place: (line, name_at - self.lines[line - 1] + 1),
            start,
            head_end: close + 1,
            end: self.body_end(close + 1, end),
        })
    }

    /// Whether the word before `fn` says so.
    fn is_private(&self, start: usize) -> bool {
        let before = self.characters[..start].iter().rev();
        let word = before.skip_while(|c| c.is_whitespace()).take(7);
        word.copied().eq("private".chars().rev())
    }

    /// Where the body that begins after `from` is closed; `end` where it is not.
    fn body_end(&self, from: usize, end: usize) -> usize {
        let mut depth = 0_usize;
        for at in from..end {
            match self.characters[at] {
                '{' => depth += 1,
                '}' if depth == 1 => return at + 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        end
    }

    /// The word that begins here, if one does.
    fn word_at(&self, at: usize) -> Option<String> {
        let is_word = |c: &char| c.is_alphanumeric() || *c == '_';
        let is_begin = at == 0 || !is_word(&self.characters[at - 1]);
        let word: String = match is_begin {
            true => self.characters[at..]
                .iter()
                .take_while(|c| is_word(c))
                .collect(),
            false => return None,
        };
        (!word.is_empty()).then_some(word)
    }
}

fn depths(characters: &[char]) -> Vec<usize> {
    let depths = characters.iter().scan(0_usize, |depth, c| {
        let before = *depth;
        match c {
            '(' | '[' | '{' => *depth += 1,
            ')' | ']' | '}' => *depth = depth.saturating_sub(1),
            _ => {}
        }
        Some(before)
    });
    depths.collect()
}

/// What the scan is in.
enum State {
    /// Code within `${ }`, with how many brackets of its own are open; the outermost never closes.
    Code(usize),
    /// Text between backticks.
    Template,
}

/// The characters of a text, with spaces for those of comments and strings. Lines stay.
fn blanked(text: &str) -> Vec<char> {
    let text: Vec<char> = text.chars().collect();
    let mut code: Vec<char> = text
        .iter()
        .map(|c| if *c == '\n' { '\n' } else { ' ' })
        .collect();
    let mut states = vec![State::Code(0)];
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let is_within_text = states.len() > 1;
        match states.last_mut() {
            Some(State::Template) => match rest {
                ['`', '`', ..] => at += 2,
                ['`', ..] => {
                    states.pop();
                    at += 1;
                }
                ['$', '{', ..] => {
                    states.push(State::Code(0));
                    at += 2;
                }
                _ => at += 1,
            },
            state => {
                let skipped = skipped(rest);
                if skipped > 0 {
                    at += skipped;
                    continue;
                }
                match (rest[0], state) {
                    ('`', _) => states.push(State::Template),
                    ('{', Some(State::Code(depth))) => {
                        *depth += 1;
                        code[at] = '{';
                    }
                    ('}', Some(State::Code(0))) if is_within_text => {
                        states.pop();
                    }
                    ('}', Some(State::Code(depth))) => {
                        *depth = depth.saturating_sub(1);
                        code[at] = '}';
                    }
                    (c, _) => code[at] = c,
                }
                at += 1;
            }
        }
    }
    code
}

/// How many characters the comment, string or character at the start takes; 0 where there is none.
fn skipped(rest: &[char]) -> usize {
    match rest {
        ['/', '/', ..] => rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()),
        ['/', '*', ..] => block_comment(rest),
        ['"', ..] => quoted(rest, '"'),
        ['\'', ..] => quoted(rest, '\''),
        ['#', ..] => raw_string(rest),
        _ => 0,
    }
}

/// Block comments nest.
fn block_comment(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        match &rest[at..] {
            ['/', '*', ..] => {
                depth += 1;
                at += 2;
            }
            ['*', '/', ..] => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    at
}

/// A string ends with its line, unless a backslash ends the line.
fn quoted(rest: &[char], quote: char) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            '\\' => at += 2,
            '\n' => return at,
            c if c == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// `#"..."#`, with any number of `#`.
fn raw_string(rest: &[char]) -> usize {
    // More than anybody writes; without a bound a line of them would take its square.
    let hashes = rest.iter().take(16).take_while(|c| **c == '#').count();
    if rest.get(hashes) != Some(&'"') {
        return 0;
    }
    let is_end = |at: usize| {
        let after = rest[at + 1..].iter().take(hashes);
        rest[at] == '"' && after.filter(|c| **c == '#').count() == hashes
    };
    let end = (hashes + 1..rest.len()).find(|at| is_end(*at));
    end.map_or(rest.len(), |end| end + 1 + hashes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn check(text: &str, code: &str) {
        let found: String = blanked(text).into_iter().collect();
        assert_eq!(found, code, "{text}");
    }

    #[test]
    fn only_code_is_left() {
        for (text, code) in [
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ d */ e", "a                   e"),
            ("a \"b\\\"c\" d", "a        d"),
            ("a \"open\nb", "a      \nb"),
            ("'{' {", "    {"),
            ("'\\'' x", "     x"),
            ("`a ${b + `c ${d}` } e` f", "     b +      d        f"),
            ("`${#{a: 1}.a}` f", "   # a: 1 .a   f"),
            ("`a``b` c", "       c"),
            ("#\"a\"b\"# c", "        c"),
            ("#{ a: 1 }", "#{ a: 1 }"),
            ("/* open", "       "),
            ("`open", "     "),
            ("\"\\", "  "),
        ] {
            // Brackets of a map within a template are the map's.
            let code = code.replace("# a: 1 .a", "#{a: 1}.a");
            check(text, &code);
        }
    }

    #[test]
    fn functions_are_found_with_their_extent() {
        let text = "let x = 1;\n/// fn no(a)\nfn main(unit) {\n  \"fn no()\";\n}\nprivate fn b(x, y) { { } }\nx";
        let code = Code::new(text);
        let found: Vec<_> = code
            .functions()
            .iter()
            .map(|it| {
                (
                    it.name.as_str(),
                    it.parameters.len(),
                    it.is_private,
                    it.place,
                )
            })
            .collect();
        assert_eq!(found, [("main", 1, false, (3, 4)), ("b", 2, true, (6, 12))]);
        for (line, column, expect) in [
            (1, 5, None),
            (3, 1, Some(0)),
            (4, 3, Some(0)),
            (5, 1, Some(0)),
            (6, 1, None),
            (6, 9, Some(1)),
            (7, 1, None),
        ] {
            let position = Position::new(line, column);
            assert_eq!(code.function_at(position), expect, "{line}:{column}");
        }
        let without = code.without_body(text, &code.functions()[0]);
        assert!(without.contains("fn main(unit){}\n"), "{without}");
        assert_eq!(without.chars().count(), text.chars().count());
    }

    #[test]
    fn odd_heads_do_not_break_it() {
        for text in [
            "fn", "fn ", "fn (", "fn a", "fn a(", "fn a(b", "fn a(b)", "fn a(b){", "fn fn",
        ] {
            let code = Code::new(text);
            for function in code.functions() {
                code.without_body(text, function);
            }
        }
    }
}
