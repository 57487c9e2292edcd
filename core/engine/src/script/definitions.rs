//! Definitions for editors: `*.d.rhai`, as the language server of Rhai reads them.
//!
//! Made of the tables of the very engine that runs scripts, so that nothing can be offered that is not there. Rhai's own
//! writer shows types of Rust and leaves out what a file is about, so this one writes them.

use super::{functions::parameters, functions::script_type, modules::ImageModules, sandbox};
use rhai::{Engine, FuncMetadata};
use std::collections::BTreeSet;

/// The functions that Imprint adds.
const OWN: &str = "imprint.d.rhai";
/// Those of Rhai's own library.
const LANGUAGE: &str = "language.d.rhai";

/// One file of definitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionFile {
    /// Its name.
    pub name: &'static str,
    /// Its text.
    pub text: String,
}

/// The definitions of all functions that a script can call: what Imprint adds, and what of Rhai's own library there is.
pub fn definitions() -> Vec<DefinitionFile> {
    let engine = sandbox::engine(&ImageModules::default());
    let own = defined(&engine, false);
    let language: BTreeSet<_> = defined(&engine, true).difference(&own).cloned().collect();
    vec![
        file(
            OWN,
            "What Imprint adds to Rhai: `docs/script-reference.md` has the same to read.",
            &own,
        ),
        file(
            LANGUAGE,
            "What a programming script has of Rhai's own library.",
            &language,
        ),
    ]
}

/// Types of Rust that no value of a script has. Rhai's library is made for all of them.
const NEVER: [&str; 13] = [
    "i8", "i16", "i32", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize", "f32", "f64",
];

/// A line that defines a function, and its words.
type Definition = (String, String);

fn defined(engine: &Engine, with_language: bool) -> BTreeSet<Definition> {
    let found = engine.collect_fn_metadata(None, |info| definition(info.metadata), with_language);
    found.into_iter().collect()
}

fn file(name: &'static str, about: &str, definitions: &BTreeSet<Definition>) -> DefinitionFile {
    let mut text = format!(
        "//! {about}\n//! Written by `imprint script definitions DIR`: for editors, not to be run.\n\nmodule static;\n"
    );
    for (line, words) in definitions {
        text += "\n";
        for word in words.lines() {
            text += format!("/// {word}").trim_end();
            text += "\n";
        }
        text += &format!("{line}\n");
    }
    DefinitionFile { name, text }
}

fn definition(metadata: &FuncMetadata) -> Option<Definition> {
    let name = metadata.name.as_str();
    let is_plain = |name: &str| name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let mut parameters: Vec<(&str, String)> = parameters(metadata).collect();
    parameters.resize(metadata.num_params, ("value", "any".into()));
    if parameters
        .iter()
        .any(|(_, kind)| NEVER.contains(&kind.as_str()))
    {
        return None;
    }
    let returns = editor_type(&script_type(&metadata.return_type));
    let typed = |separator: &str| {
        let list: Vec<String> = parameters
            .iter()
            .map(|(name, kind)| format!("{name}: {}", editor_type(kind)))
            .collect();
        list.join(separator)
    };
    let line = match name.split_once('$') {
        Some(("get", property)) => format!("fn get {property}({}) -> {returns};", typed(", ")),
        Some(("set", property)) => format!("fn set {property}({}) -> {returns};", typed(", ")),
        // Indexes, iterators: the language has its own words for them.
        Some(_) => return None,
        None if is_plain(name) => format!("fn {name}({}) -> {returns};", typed(", ")),
        None => {
            let kinds: Vec<String> = parameters
                .iter()
                .map(|(_, kind)| editor_type(kind))
                .collect();
            format!("op {name}({}) -> {returns};", kinds.join(", "))
        }
    };
    Some((line, super::functions::words(metadata)))
}

/// The names that definitions use for types.
fn editor_type(kind: &str) -> String {
    match kind {
        "text" => "String",
        "blob" => "Blob",
        "map" => "Map",
        "array" => "Array",
        "any" | "" | "_" => "?",
        // Ranges and iterators of one kind or another.
        generic if generic.contains('<') => "?",
        other => other,
    }
    .to_string()
}
