//! The check of a script before production: what Rhai would find only when the line runs.
//!
//! Rhai looks a function up when it calls it, so a misspelt name fails on the one part in a thousand that takes that
//! branch. The walk over the syntax tree finds every call and whatever else is certain from the text alone. A finding that
//! is wrong costs more trust than one that is missed, so what is not certain is left alone.

mod calls;
mod code;
mod finding;
mod kinds;
mod names;
mod parse;
mod precedence;
mod reach;
mod rights;
mod walk;

pub use finding::{Finding, Severity};
pub use names::ImageNames;

use super::{ScriptSources, functions::FunctionTable, modules::ImageModules, sandbox};
use crate::{
    codes,
    limits::{SCRIPT_LEN_MAX, VARIABLES_MAX},
    report::{Failure, Place},
};
use code::Code;
use imprint_image::nearest;
use parse::Parsed;
use rhai::Engine;
use std::collections::BTreeMap;
use walk::Walk;

/// Everything in a script and its modules that would fail when it runs, as far as it can be seen before: the script's
/// findings in the order of their places, then those of each module. Nothing is executed.
pub fn check(sources: &ScriptSources, names: &ImageNames) -> Vec<Finding> {
    if let Err(failure) = lengths(sources) {
        return vec![Finding::error(failure)];
    }
    let modules = ImageModules::new(sources.modules.clone());
    let engine = sandbox::engine(&modules);
    check_with(&engine, sources, names)
}

/// The same for a text that is a module: it needs no `main`.
pub fn check_module(sources: &ScriptSources, names: &ImageNames) -> Vec<Finding> {
    let mut findings = check(sources, names);
    findings.retain(|finding| finding.failure.code != codes::SCRIPT_NO_MAIN);
    findings
}

/// The same with an engine that has other functions than production's.
pub(crate) fn check_with(
    engine: &Engine,
    sources: &ScriptSources,
    names: &ImageNames,
) -> Vec<Finding> {
    let native = engine_functions(engine);
    let files: Vec<File> = std::iter::once(("", &sources.text))
        .chain(
            sources
                .modules
                .iter()
                .map(|(name, text)| (name.as_str(), text)),
        )
        .map(|(name, text)| File::read(engine, name, text))
        .collect();
    let modules: BTreeMap<String, Functions> = files[1..]
        .iter()
        .map(|file| {
            (
                file.name.to_string(),
                file.functions(FunctionTable::default()),
            )
        })
        .collect();
    let mut findings = Vec::new();
    for file in &files {
        let mut found = file.mistakes(sources);
        if file.name.is_empty() {
            found.extend(no_main(&file.code, sources));
        }
        if let Some(ast) = &file.parsed.ast {
            let functions = file.functions(native.clone());
            let walk = Walk::new(&functions, &modules, names, file);
            found.extend(walk.run(ast, sources));
        }
        found.sort_by_key(Finding::start);
        // The walk comes to some expressions twice.
        found.dedup();
        findings.extend(found);
    }
    findings
}

/// The functions that a text can call.
struct Functions {
    table: FunctionTable,
    /// Some may be missing, because a head cannot be read.
    is_complete: bool,
}

/// Whether a text is a module rather than a script: it has no `main`, and nothing that is a misspelt one.
pub fn is_module(text: &str) -> bool {
    let code = Code::new(text);
    let letters = |name: &str| {
        let mut letters: Vec<char> = name.to_lowercase().chars().collect();
        letters.sort_unstable();
        letters
    };
    let mut functions = code.functions().iter();
    !code.functions().is_empty() && functions.all(|it| letters(&it.name) != letters("main"))
}

/// One text, read as far as it can be.
struct File<'a> {
    /// The module's name; empty for the script itself.
    name: &'a str,
    code: Code,
    parsed: Parsed,
}

impl<'a> File<'a> {
    fn read(engine: &Engine, name: &'a str, text: &str) -> Self {
        let code = Code::new(text);
        let parsed = parse::parse(engine, text, &code);
        Self { name, code, parsed }
    }

    /// A table and the functions that the text defines, also those whose bodies cannot be read.
    fn functions(&self, mut table: FunctionTable) -> Functions {
        for function in self.code.functions() {
            table.add_defined(&function.name, &function.parameters, function.is_private);
        }
        Functions {
            table,
            is_complete: self.code.is_complete(),
        }
    }

    /// What the parser found.
    fn mistakes(&self, sources: &ScriptSources) -> Vec<Finding> {
        let parsed = &self.parsed;
        // Without a tree nothing else finds them.
        let undefined = parsed.undefined.values().filter(|_| parsed.ast.is_none());
        let mistakes = parsed.mistakes.iter().chain(undefined);
        mistakes
            .map(|mistake| {
                let failure = super::error::from_parse_error(mistake, sources, self.name);
                Finding::error(failure)
            })
            .collect()
    }
}

/// Refuses texts that are longer than a script may be.
pub(crate) fn lengths(sources: &ScriptSources) -> Result<(), Failure> {
    for (name, text) in std::iter::once((&sources.name, &sources.text)).chain(&sources.modules) {
        if text.len() > SCRIPT_LEN_MAX {
            return Err(Failure::new(
                codes::SCRIPT_TOO_LONG,
                format!("`{name}` is longer than a script may be"),
            )
            .with_difference(
                format!("at most {SCRIPT_LEN_MAX} bytes"),
                format!("{} bytes", text.len()),
            ));
        }
    }
    Ok(())
}

fn no_main(code: &Code, sources: &ScriptSources) -> Option<Finding> {
    let functions = code.functions();
    let main = functions.iter().find(|function| function.name == "main");
    if main.is_some_and(|function| function.parameters.len() == 1) {
        return None;
    }
    let found = match main {
        Some(function) => format!("`main` with {} parameters", function.parameters.len()),
        None => "no `main`".to_string(),
    };
    let (line, column) = main.map_or((1, 1), |function| function.place);
    let mut failure = Failure::new(codes::SCRIPT_NO_MAIN, "the script has no `main(unit)`")
        .with_difference("fn main(unit) { ... }", found)
        .with_help(
            "put the steps of the unit into `fn main(unit) { let chip = unit.connect(); ... }`",
        );
    failure.place = Some(Place {
        script: sources.name.clone(),
        line,
        column,
        text: sources
            .text
            .lines()
            .nth(line - 1)
            .unwrap_or_default()
            .into(),
        calls: Vec::new(),
    });
    Some(Finding::error(failure))
}

/// The functions every script has besides its own.
fn engine_functions(engine: &Engine) -> FunctionTable {
    let mut functions = FunctionTable::new(engine);
    // Keywords that look like calls.
    for (name, counts) in [
        ("print", &[1_usize][..]),
        ("debug", &[0, 1]),
        ("type_of", &[1]),
        ("is_def_fn", &[2]),
        ("is_def_var", &[1]),
        ("is_shared", &[1]),
        ("call", &[1, 2, 3, 4, 5, 6, 7, 8]),
    ] {
        for count in counts {
            functions.add(name.to_string(), *count, name.to_string());
        }
    }
    // What the parser makes of a closure that captures something.
    if engine.allow_anonymous_fn() {
        for count in 2..=VARIABLES_MAX {
            functions.add("curry".into(), count, "curry".into());
        }
    }
    functions
}

/// `did you mean ..?` for a misspelt name, or what there is.
fn meant<'n>(name: &str, known: impl Iterator<Item = &'n str> + Clone) -> String {
    match nearest(name, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let known: Vec<&str> = known.collect();
            match known.is_empty() {
                true => "it has none".to_string(),
                false => format!("it has: {}", known.join(", ")),
            }
        }
    }
}
