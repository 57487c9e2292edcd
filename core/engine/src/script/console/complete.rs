//! Completion: what may stand where the cursor is.
//!
//! A snapshot, because a line is edited while nobody runs. What a method belongs to is told by the variable before its dot,
//! or by what the call before it returns.

use crate::script::{
    functions::{FunctionInfo, reference},
    modules::ImageModules,
    sandbox,
};
use rhai::{AST, Scope};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What a console knows when a line is edited.
#[derive(Clone)]
pub struct Completer {
    /// Functions and properties of every script.
    known: Arc<[FunctionInfo]>,
    /// Variables, and the type of each.
    variables: BTreeMap<String, String>,
    /// Functions that lines have defined.
    functions: BTreeSet<String>,
    memories: Vec<String>,
}

impl Completer {
    pub(super) fn new(
        known: Arc<[FunctionInfo]>,
        scope: &Scope,
        functions: &AST,
        memories: Vec<String>,
    ) -> Completer {
        let variables = scope.iter_raw().map(|(name, _, value)| {
            let kind = value.type_name();
            let kind = kind.rsplit("::").next().unwrap_or(kind);
            (name.to_string(), kind.to_string())
        });
        Completer {
            known,
            variables: variables.collect(),
            functions: functions
                .iter_functions()
                .map(|function| function.name.to_string())
                .collect(),
            memories,
        }
    }

    /// What completes the word that ends at `cursor`, a place in bytes: where the word begins, and the words, in order.
    pub fn complete(&self, line: &str, cursor: usize) -> (usize, Vec<String>) {
        let before = line.get(..cursor).unwrap_or(line);
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let start = before.trim_end_matches(is_word).len();
        let (before, word) = before.split_at(start);
        let words = if before.ends_with("memory(\"") {
            self.memories.iter().cloned().collect()
        } else if let Some(receiver) = before.strip_suffix('.') {
            match self.kind_of(receiver) {
                Some(kind) => self.methods(&kind),
                None => BTreeSet::new(),
            }
        } else {
            self.plain()
        };
        let fits = words.into_iter().filter(|known| known.starts_with(word));
        (start, fits.collect())
    }

    /// Variables, and functions that belong to nothing.
    fn plain(&self) -> BTreeSet<String> {
        let known = self.known.iter().filter(|it| it.receiver.is_none());
        known
            .map(|function| format!("{}(", function.name))
            .chain(self.functions.iter().map(|name| format!("{name}(")))
            .chain(self.variables.keys().cloned())
            .collect()
    }

    /// The type of what stands before a dot.
    fn kind_of(&self, before: &str) -> Option<String> {
        if let Some(call) = before.strip_suffix(')') {
            let name = last_word(&call[..open_bracket(call)?]);
            let function = self.known.iter().find(|function| function.name == name)?;
            let (_, returned) = function.signature.rsplit_once("-> ")?;
            return Some(returned.to_string());
        }
        match (last_word(before), self.variables.get(last_word(before))) {
            (_, Some(kind)) => Some(kind.clone()),
            // What will be there after `unit.connect()`.
            ("chip", None) => Some("Chip".into()),
            _ => None,
        }
    }

    /// Methods of a type, with their bracket, and its properties.
    fn methods(&self, kind: &str) -> BTreeSet<String> {
        let methods = self.known.iter();
        methods
            .filter(|function| function.receiver.as_deref() == Some(kind))
            .map(|function| match function.signature.contains('(') {
                true => format!("{}(", function.name),
                false => function.name.clone(),
            })
            .collect()
    }
}

/// All functions and properties of a script.
pub(super) fn known() -> Arc<[FunctionInfo]> {
    reference(&sandbox::engine(&ImageModules::default())).into()
}

fn last_word(text: &str) -> &str {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    &text[text.trim_end_matches(is_word).len()..]
}

/// Where the bracket was opened that closes after `text`.
fn open_bracket(text: &str) -> Option<usize> {
    let mut depth = 1;
    for (place, c) in text.char_indices().rev() {
        match c {
            ')' => depth += 1,
            '(' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(place);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line with its end completed.
    fn check(line: &str, start: usize, some: &[&str], none: &[&str]) {
        let kinds = [("unit", "Unit"), ("uicr", "Memory"), ("count", "int")];
        let completer = Completer {
            known: known(),
            variables: kinds.map(|(name, kind)| (name.into(), kind.into())).into(),
            functions: ["twice".to_string()].into(),
            memories: vec!["flash".into(), "uicr".into()],
        };
        let (found, words) = completer.complete(line, line.len());
        assert_eq!(found, start, "{line}");
        for word in some {
            assert!(
                words.iter().any(|it| it == word),
                "{line}: no {word} in {words:?}"
            );
        }
        for word in none {
            assert!(
                !words.iter().any(|it| it == word),
                "{line}: {word} in {words:?}"
            );
        }
    }

    #[test]
    fn words() {
        check(
            "",
            0,
            &["unit", "uicr", "hex(", "twice("],
            &["erase(", "chip"],
        );
        check("un", 0, &["unit"], &["uicr", "hex("]);
        check("unit.co", 5, &["connect("], &["erase(", "unlock("]);
        check(
            "let c = unit.",
            13,
            &["connect(", "unlock(", "barcode"],
            &["erase("],
        );
        // The chip will be there.
        check("chip.er", 5, &["erase(", "erase_for_image("], &["read("]);
        check("print(chip.", 11, &["uid(", "read32("], &["connect("]);
        check("uicr.", 5, &["read(", "start", "len"], &["uid(", "start("]);
        // What the call before it returns.
        check("unit.connect().me", 15, &["memory("], &["connect("]);
        check(
            "chip.memory(\"ram\").",
            19,
            &["program(", "name"],
            &["uid("],
        );
        check("chip.memory(\"", 13, &["flash", "uicr"], &["unit"]);
        check("chip.memory(\"u", 13, &["uicr"], &["flash"]);
        // Nothing is known of these.
        let bare = Completer::new(known(), &Scope::new(), &AST::empty(), Vec::new());
        for line in ["count.", "1.", "foo().", ").", ".", "chip.uid()."] {
            let (_, words) = bare.complete(line, line.len());
            assert_eq!(words, [""; 0], "{line}");
        }
        // A place within a character is no place.
        assert_eq!(bare.complete("é", 1).0, 0);
    }
}
