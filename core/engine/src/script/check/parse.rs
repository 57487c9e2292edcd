//! Parsing on after a mistake, so that one does not hide the others.
//!
//! The parser stops at its first mistake. A variable that does not exist is made known, the body of a function that cannot
//! be read is taken out, and the rest is parsed again.

use super::code::Code;
use rhai::{AST, Engine, ParseError, ParseErrorType, Scope};
use std::collections::{BTreeMap, BTreeSet};

/// Mistakes that are looked for in one text; each costs a parse of the whole.
const MISTAKES_MAX: usize = 16;

/// What could be read.
pub(super) struct Parsed {
    /// The tree without the functions that could not be read; none where even that is not possible.
    pub(super) ast: Option<AST>,
    /// What the parser said, in the order it was found.
    pub(super) mistakes: Vec<ParseError>,
    /// Variables that do not exist, each with where the parser met it first.
    pub(super) undefined: BTreeMap<String, ParseError>,
}

/// Parses as much as can be.
pub(super) fn parse(engine: &Engine, text: &str, code: &Code) -> Parsed {
    let mut text = text.to_string();
    let mut scope = Scope::new();
    let mut removed = BTreeSet::new();
    let mut parsed = Parsed {
        ast: None,
        mistakes: Vec::new(),
        undefined: BTreeMap::new(),
    };
    while parsed.mistakes.len() + parsed.undefined.len() < MISTAKES_MAX {
        let mistake = match engine.compile_with_scope(&scope, &text) {
            Ok(ast) => {
                parsed.ast = Some(ast);
                break;
            }
            Err(mistake) => mistake,
        };
        if let ParseErrorType::VariableUndefined(name) = &*mistake.0
            && !parsed.undefined.contains_key(name)
        {
            scope.push(name.clone(), ());
            parsed.undefined.insert(name.clone(), mistake);
            continue;
        }
        let functions = code.functions();
        let inside = code.function_at(mistake.1);
        // The start of a function is where the one before should have ended, and so is the end of the text.
        let culprit = match inside {
            Some(inside) if code.begins_function(mistake.1) => inside.checked_sub(1),
            Some(inside) => Some(inside),
            None => functions.len().checked_sub(1),
        };
        let is_new = culprit.is_some_and(|culprit| removed.insert(culprit));
        parsed.mistakes.push(mistake);
        match culprit.and_then(|culprit| functions.get(culprit)) {
            Some(function) if is_new => text = code.without_body(&text, function),
            _ => break,
        }
    }
    parsed
}
