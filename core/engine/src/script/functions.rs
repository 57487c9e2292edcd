//! The functions a script can call: for the check, for messages, for the reference.
//!
//! Taken from the engine's own tables, so that it cannot differ from what runs.

use crate::{codes, report::Failure};
use imprint_image::nearest;
use rhai::{AST, Engine};
use std::collections::{BTreeMap, BTreeSet};

/// One function as the reference shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FunctionInfo {
    /// Its name.
    pub name: String,
    /// Its parameters and what it returns.
    pub signature: String,
    /// Its documentation.
    pub summary: String,
    /// The type it is a method of: `Unit`, `Chip`, `Memory`, `Payload`, `TestResult`; none for a plain function.
    pub receiver: Option<String>,
}

/// Names and the numbers of arguments each takes.
#[derive(Clone, Debug, Default)]
pub(crate) struct FunctionTable {
    arguments: BTreeMap<String, BTreeSet<usize>>,
    signatures: BTreeMap<String, Vec<String>>,
}

impl FunctionTable {
    /// The functions of an engine.
    pub(crate) fn new(engine: &Engine) -> Self {
        let mut table = Self::default();
        for (name, count, signature) in engine.collect_fn_metadata(
            None,
            |info| {
                let metadata = info.metadata;
                Some((
                    metadata.name.to_string(),
                    metadata.num_params,
                    signature(metadata),
                ))
            },
            true,
        ) {
            table.add(name, count, signature);
        }
        table
    }

    /// Adds the functions a script defines.
    pub(crate) fn add_script(&mut self, ast: &AST) {
        for function in ast.iter_functions() {
            let signature = format!("{}({})", function.name, function.params.join(", "));
            self.add(function.name.to_string(), function.params.len(), signature);
        }
    }

    /// Adds one function.
    pub(crate) fn add(&mut self, name: String, argument_count: usize, signature: String) {
        self.arguments
            .entry(name.clone())
            .or_default()
            .insert(argument_count);
        let signatures = self.signatures.entry(name).or_default();
        signatures.push(signature);
        // Rhai's tables have no order; messages should: the simplest first.
        signatures.sort_by(|a, b| a.len().cmp(&b.len()).then(a.cmp(b)));
    }

    /// Numbers of arguments that functions of that name take.
    pub(crate) fn argument_counts(&self, name: &str) -> Option<&BTreeSet<usize>> {
        self.arguments.get(name)
    }

    /// The known name nearest to a misspelt one.
    pub(crate) fn nearest(&self, name: &str) -> Option<&str> {
        nearest(name, self.arguments.keys().map(String::as_str))
    }

    /// What a person could have meant, in words.
    pub(crate) fn help(&self, name: &str) -> Option<String> {
        if let Some(known) = self.signatures.get(name) {
            return Some(format!("it is known as {}", known.join(", or as ")));
        }
        let near = self.signatures.get(self.nearest(name)?)?;
        let quoted: Vec<String> = near.iter().map(|known| format!("`{known}`")).collect();
        Some(format!("did you mean {}?", quoted.join(" or ")))
    }

    /// Explains Rhai's `name (type, type)`.
    pub(crate) fn not_found(&self, signature: &str) -> Failure {
        let name = signature.split(" (").next().unwrap_or(signature);
        let types = signature[name.len()..].trim();
        let known = self.arguments.contains_key(name);
        let (code, message) = if known {
            (
                codes::SCRIPT_ARGUMENT_COUNT,
                format!("`{name}` does not take {types}"),
            )
        } else {
            (
                codes::SCRIPT_UNKNOWN_FUNCTION,
                format!("there is no function `{name}` for {types}"),
            )
        };
        let mut failure = Failure::new(code, message);
        failure.help = self.help(name);
        failure
    }
}

/// The functions Imprint adds to Rhai, for the reference.
pub(crate) fn reference(engine: &Engine) -> Vec<FunctionInfo> {
    let mut functions: Vec<FunctionInfo> = engine
        .collect_fn_metadata(
            None,
            |info| {
                let metadata = info.metadata;
                let summary = metadata
                    .comments
                    .iter()
                    .map(|line| line.trim_start_matches('/').trim())
                    .collect::<Vec<_>>()
                    .join(" ");
                let name = metadata.name.to_string();
                let is_plain = name.chars().all(|c| c.is_alphanumeric() || c == '_');
                (is_plain && !summary.is_empty()).then(|| FunctionInfo {
                    receiver: receiver(metadata),
                    signature: signature(metadata),
                    name,
                    summary,
                })
            },
            false,
        )
        .into_iter()
        .filter(|function| !function.name.is_empty())
        .collect();
    functions.sort();
    functions.dedup();
    functions
}

fn receiver(metadata: &rhai::FuncMetadata) -> Option<String> {
    let first = metadata.params_info.first()?;
    let kind = first
        .split(':')
        .nth(1)?
        .trim()
        .trim_start_matches("&mut ")
        .trim();
    ["Unit", "Chip", "Memory", "Payload", "TestResult", "Failure"]
        .into_iter()
        .find(|known| kind.ends_with(known))
        .map(str::to_string)
}

/// A function as a script writes it: `unit.connect(options: map) -> Chip`.
fn signature(metadata: &rhai::FuncMetadata) -> String {
    let mut parameters: Vec<(&str, String)> = metadata
        .params_info
        .iter()
        .map(|parameter| {
            let (name, kind) = parameter.split_once(':').unwrap_or((parameter, ""));
            (name.trim(), script_type(kind))
        })
        .collect();
    let mut text = String::new();
    if receiver(metadata).is_some() {
        text = format!("{}.", parameters.remove(0).0);
    }
    let list: Vec<String> = parameters
        .iter()
        .map(|(name, kind)| {
            if kind.is_empty() {
                (*name).to_string()
            } else {
                format!("{name}: {kind}")
            }
        })
        .collect();
    text += &format!("{}({})", metadata.name, list.join(", "));
    let returned = script_type(&metadata.return_type);
    if !returned.is_empty() && returned != "()" {
        text += &format!(" -> {returned}");
    }
    text
}

/// The word a script writer knows for a type of Rust.
fn script_type(kind: &str) -> String {
    let kind = kind
        .trim()
        .trim_start_matches("&mut ")
        .trim_start_matches('&');
    let kind = kind.split_once("Result<").map_or(kind, |(_, inner)| {
        inner
            .trim_end_matches('>')
            .split(',')
            .next()
            .unwrap_or(inner)
    });
    match kind.rsplit("::").next().unwrap_or(kind).trim() {
        "i64" | "INT" => "int",
        "f64" | "FLOAT" => "float",
        "str" | "ImmutableString" | "String" => "text",
        "Blob" | "Vec<u8>" => "blob",
        "Map" => "map",
        "Array" => "array",
        "Dynamic" => "any",
        other => other,
    }
    .to_string()
}
