//! The functions a script can call: for the check, for messages, for the reference.
//!
//! Taken from the engine's own tables, so that it cannot differ from what runs.

use crate::{codes, report::Failure};
use imprint_image::nearest;
use rhai::{AST, Engine, FnAccess};
use std::collections::BTreeMap;

/// One function as the reference shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FunctionInfo {
    /// Its name.
    pub name: String,
    /// Its parameters and what it returns; of a property, what it is.
    pub signature: String,
    /// Its documentation.
    pub summary: String,
    /// The type it is a method or a property of: `Unit`, `Chip`, `Memory`, `Payload`; none for a plain function.
    pub receiver: Option<String>,
}

/// How one function is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signature {
    /// As a message shows it: `unit.connect() -> Chip`.
    pub(crate) text: String,
    /// Kinds of all its arguments, the receiver first.
    pub(crate) parameters: Vec<String>,
    /// Kind of what it returns.
    pub(crate) returns: String,
    /// A script defines it.
    pub(crate) is_defined: bool,
    /// It can be called by its plain name only, not as a method and not from outside of its module.
    pub(crate) is_private: bool,
}

/// Functions by their names.
#[derive(Clone, Debug, Default)]
pub(crate) struct FunctionTable(BTreeMap<String, Vec<Signature>>);

impl FunctionTable {
    /// The functions of an engine.
    pub(crate) fn new(engine: &Engine) -> Self {
        let mut table = Self::default();
        for (name, signature) in engine.collect_fn_metadata(
            None,
            |info| {
                let metadata = info.metadata;
                let kinds = parameters(metadata).map(|(_, kind)| kind);
                let mut kinds: Vec<String> = kinds.collect();
                kinds.resize(metadata.num_params, "any".into());
                let signature = Signature {
                    text: signature(metadata),
                    parameters: kinds,
                    returns: script_type(&metadata.return_type),
                    is_defined: false,
                    is_private: false,
                };
                Some((metadata.name.to_string(), signature))
            },
            true,
        ) {
            table.insert(name, signature);
        }
        table
    }

    /// Adds the functions a script defines.
    pub(crate) fn add_script(&mut self, ast: &AST) {
        for function in ast.iter_functions() {
            let is_private = function.access == FnAccess::Private;
            self.add_defined(function.name, &function.params, is_private);
        }
    }

    /// Adds one function that a script defines.
    pub(crate) fn add_defined(
        &mut self,
        name: &str,
        parameters: &[impl AsRef<str>],
        is_private: bool,
    ) {
        let names: Vec<&str> = parameters.iter().map(AsRef::as_ref).collect();
        let signature = Signature {
            text: format!("{name}({})", names.join(", ")),
            parameters: vec!["any".into(); parameters.len()],
            returns: "any".into(),
            is_defined: true,
            is_private,
        };
        self.insert(name.to_string(), signature);
    }

    /// Adds one word that looks like a function.
    pub(crate) fn add(&mut self, name: String, argument_count: usize, text: String) {
        let signature = Signature {
            text,
            parameters: vec!["any".into(); argument_count],
            returns: "any".into(),
            is_defined: false,
            is_private: false,
        };
        self.insert(name, signature);
    }

    fn insert(&mut self, name: String, signature: Signature) {
        let signatures = self.0.entry(name).or_default();
        // Rhai's tables have no order; messages should: the simplest first.
        let place = signatures.partition_point(|known| {
            (known.text.len(), &known.text) <= (signature.text.len(), &signature.text)
        });
        signatures.insert(place, signature);
    }

    /// Functions of that name with that many arguments, the receiver counted.
    pub(crate) fn of(&self, name: &str, argument_count: usize) -> impl Iterator<Item = &Signature> {
        let signatures = self.0.get(name).into_iter().flatten();
        signatures.filter(move |signature| signature.parameters.len() == argument_count)
    }

    /// Whether there is a function of that name.
    pub(crate) fn is_known(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Names of the properties that a kind of value has.
    pub(crate) fn properties(&self, kind: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(move |(name, signatures)| {
            let name = name.strip_prefix("get$")?;
            let mut signatures = signatures.iter();
            signatures
                .any(|signature| signature.parameters == [kind])
                .then_some(name)
        })
    }

    /// Whether a kind of value has a method of that name.
    pub(crate) fn is_method(&self, kind: &str, name: &str) -> bool {
        let mut signatures = self.0.get(name).into_iter().flatten();
        signatures.any(|signature| signature.parameters.first().is_some_and(|it| it == kind))
    }

    /// What a person could have meant, in words.
    pub(crate) fn help(&self, name: &str) -> Option<String> {
        let texts = |signatures: &[Signature]| {
            let mut texts: Vec<String> = signatures.iter().map(|it| it.text.clone()).collect();
            texts.dedup();
            texts
        };
        if let Some(known) = self.0.get(name) {
            return Some(format!("it is known as {}", texts(known).join(", or as ")));
        }
        let words = self.0.keys().map(String::as_str);
        let near = nearest(name, words.filter(|word| !word.contains('$')))?;
        let quoted = texts(self.0.get(near)?).into_iter();
        let quoted: Vec<String> = quoted.map(|known| format!("`{known}`")).collect();
        Some(format!("did you mean {}?", quoted.join(" or ")))
    }

    /// Explains Rhai's `name (type, type)`.
    pub(crate) fn not_found(&self, signature: &str) -> Failure {
        let name = signature.split(" (").next().unwrap_or(signature);
        let types = signature[name.len()..].trim();
        let known = self.is_known(name);
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
                let summary = words(metadata).replace('\n', " ");
                let name = metadata.name.trim_start_matches("get$").to_string();
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
    [
        "Unit",
        "Chip",
        "Memory",
        "Payload",
        "Serial",
        "Data",
        "TestResult",
        "Failure",
        "Bench",
        "UnitResult",
    ]
    .into_iter()
    .find(|known| kind.rsplit("::").next() == Some(known))
    .map(str::to_string)
}

/// The documentation of a function, a line each.
pub(crate) fn words(metadata: &rhai::FuncMetadata) -> String {
    let lines = metadata.comments.iter().flat_map(|comment| comment.lines());
    let lines: Vec<&str> = lines
        .map(|line| line.trim().trim_start_matches('/').trim())
        .collect();
    // What follows a heading is examples, of functions that a script may not have.
    let words = lines.iter().take_while(|line| !line.starts_with('#'));
    words
        .copied()
        .collect::<Vec<_>>()
        .join("\n")
        .trim()
        .to_string()
}

/// Names and kinds of its parameters, the receiver first.
pub(crate) fn parameters(metadata: &rhai::FuncMetadata) -> impl Iterator<Item = (&str, String)> {
    metadata.params_info.iter().map(|parameter| {
        let (name, kind) = parameter.split_once(':').unwrap_or((parameter, ""));
        let name = name.trim().trim_start_matches("mut ");
        (name.trim_start_matches('_'), script_type(kind))
    })
}

/// A function as a script writes it: `unit.connect(options: map) -> Chip`.
fn signature(metadata: &rhai::FuncMetadata) -> String {
    let mut parameters: Vec<(&str, String)> = parameters(metadata).collect();
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
    match metadata.name.strip_prefix("get$") {
        Some(property) => text += property,
        None => text += &format!("{}({})", metadata.name, list.join(", ")),
    }
    let returned = script_type(&metadata.return_type);
    if !returned.is_empty() && returned != "()" {
        text += &format!(" -> {returned}");
    }
    text
}

/// The word a script writer knows for a type of Rust.
pub(crate) fn script_type(kind: &str) -> String {
    let whole = kind
        .trim()
        .trim_start_matches("&mut ")
        .trim_start_matches('&');
    let kind = whole;
    let kind = ["RhaiResultOf<", "Result<"]
        .iter()
        .find_map(|result| kind.split_once(result));
    let kind = kind.map_or(whole, |(_, inner)| {
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
        "Dynamic" | "RhaiResult" => "any",
        other => other,
    }
    .to_string()
}
