//! From what Rhai says to what a person needs: a code, the innermost place, the way there, the nearest name.

use crate::{
    codes,
    limits::THROWN_LEN_MAX,
    report::{Call, Failure, Place},
    script::{api::End, functions::FunctionTable, watch::Stop},
};
use rhai::{Dynamic, EvalAltResult, ParseError, ParseErrorType, Position};
use std::fmt::{self, Write};

/// The texts that places refer to.
pub(crate) trait Texts {
    /// The text of a script or module; an empty name means the main script.
    fn text(&self, name: &str) -> &str;
    /// The name of the main script.
    fn main_name(&self) -> &str;
}

/// A mistake the parser found.
pub(crate) fn from_parse_error(error: &ParseError, texts: &dyn Texts, script: &str) -> Failure {
    let (code, help) = match &*error.0 {
        ParseErrorType::VariableUndefined(name) => {
            let message = format!("there is no variable `{name}`");
            let mut failure = Failure::new(codes::SCRIPT_UNKNOWN_VARIABLE, message);
            failure.place = place(error.1, texts, script, Vec::new());
            return failure;
        }
        ParseErrorType::ExprTooDeep => (
            codes::SCRIPT_DEPTH,
            Some("split the expression into several statements"),
        ),
        ParseErrorType::LiteralTooLarge(..) => (codes::SCRIPT_VALUE_SIZE, None),
        ParseErrorType::Reserved(_) | ParseErrorType::BadInput(_) => (
            codes::SCRIPT_SYNTAX,
            Some(
                "`eval`, `Fn`, `curry` and closures are not part of a programming script; pass a function by its name",
            ),
        ),
        _ => (
            codes::SCRIPT_SYNTAX,
            Some("`docs/script-guide.md` shows the language on one page"),
        ),
    };
    let mut failure = Failure::new(code, lower_first(&error.0.to_string()));
    failure.help = help.map(str::to_string);
    failure.place = place(error.1, texts, script, Vec::new());
    failure
}

/// A failure while the script ran. `last` is where it was last: script and position.
pub(crate) fn from_eval_error(
    error: EvalAltResult,
    last: (&str, Position),
    texts: &dyn Texts,
    functions: &FunctionTable,
) -> Failure {
    let mut calls = Vec::new();
    let mut script = String::new();
    let cause = innermost(error, &mut script, &mut calls);
    let mut position = position_of(&cause, &mut script);
    if position.is_none() {
        (script, position) = (last.0.to_string(), last.1);
    }
    calls.reverse();
    let mut failure = match cause {
        EvalAltResult::ErrorParsing(kind, at) => {
            return from_parse_error(&ParseError(Box::new(kind), at), texts, &script);
        }
        cause => explain(cause, functions),
    };
    failure.place = place(position, texts, &script, calls);
    failure
}

/// The failure alone, and where it happened: in which module, and where there.
pub(crate) fn without_texts(error: EvalAltResult) -> (Failure, String, Position) {
    let mut script = String::new();
    let cause = innermost(error, &mut script, &mut Vec::new());
    let position = position_of(&cause, &mut script);
    (explain(cause, &FunctionTable::default()), script, position)
}

/// Follows the chain of calls to the error that started it.
fn innermost(error: EvalAltResult, script: &mut String, calls: &mut Vec<Call>) -> EvalAltResult {
    match error {
        EvalAltResult::ErrorInFunctionCall(function, source, inner, position) => {
            if !source.is_empty() {
                *script = source;
            }
            if let (Some(line), Some(column)) = (position.line(), position.position()) {
                calls.push(Call {
                    function,
                    line,
                    column,
                });
            }
            innermost(*inner, script, calls)
        }
        EvalAltResult::ErrorInModule(name, inner, _) => {
            *script = name;
            innermost(*inner, script, calls)
        }
        cause => cause,
    }
}

/// Where the cause is; of what ended the script, where that was.
fn position_of(cause: &EvalAltResult, script: &mut String) -> Position {
    if let EvalAltResult::ErrorTerminated(token, _) = cause
        && let Some(end) = token.read_lock::<End>()
    {
        script.clone_from(&end.script);
        return end.position;
    }
    cause.position()
}

fn explain(cause: EvalAltResult, functions: &FunctionTable) -> Failure {
    let text = lower_first(&without_position(&cause));
    match cause {
        EvalAltResult::ErrorRuntime(token, _) => match token.clone().try_cast::<Failure>() {
            Some(failure) => failure,
            None if let Some(message) = caught_message(&token) => {
                Failure::new(codes::SCRIPT_RUNTIME, message)
            }
            None => Failure::new(
                codes::SCRIPT_FAILED,
                format!("the script threw: {}", beginning(&token)),
            ),
        },
        EvalAltResult::ErrorTerminated(token, _) => match token.clone().try_cast::<End>() {
            Some(end) => end.failure,
            None => stopped(
                token
                    .as_int()
                    .ok()
                    .and_then(|number| u8::try_from(number).ok())
                    .and_then(Stop::from_number),
            ),
        },
        EvalAltResult::ErrorFunctionNotFound(signature, _) => functions.not_found(&signature),
        EvalAltResult::ErrorStackOverflow(_) => {
            Failure::new(codes::SCRIPT_DEPTH, "functions call each other too deeply")
                .with_help("a script is a list of steps: use a loop instead of recursion")
        }
        EvalAltResult::ErrorTooManyOperations(_) => stopped(Some(Stop::Operations)),
        EvalAltResult::ErrorDataTooLarge(..) | EvalAltResult::ErrorTooManyVariables(_) => {
            Failure::new(codes::SCRIPT_VALUE_SIZE, text)
                .with_help("keep firmware in payloads: their bytes never enter the script")
        }
        EvalAltResult::ErrorModuleNotFound(name, _) => Failure::new(
            codes::SCRIPT_UNKNOWN_NAME,
            format!("the image has no module `{name}`"),
        )
        .with_help("list it under `modules` in the recipe; modules cannot import modules"),
        EvalAltResult::ErrorSystem(..) => Failure::new(codes::SCRIPT_ENGINE, text),
        _ => Failure::new(codes::SCRIPT_RUNTIME, text),
    }
}

/// What an error of the language said, which a script has caught and thrown again: Rhai makes a map of it.
fn caught_message(thrown: &Dynamic) -> Option<String> {
    let map = thrown.read_lock::<rhai::Map>()?;
    map.get("error")?;
    let message = map.get("message")?.clone().into_string().ok()?;
    let first = message.lines().next().unwrap_or_default();
    Some(lower_first(
        &first.chars().take(THROWN_LEN_MAX).collect::<String>(),
    ))
}

/// How the text of a value begins. The script has ended, so nothing else bounds what a map of maps would take.
fn beginning(value: &Dynamic) -> String {
    struct Beginning(String);
    impl Write for Beginning {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            let room = THROWN_LEN_MAX - self.0.len();
            self.0.push_str(&text[..text.floor_char_boundary(room)]);
            if text.len() > room {
                Err(fmt::Error)
            } else {
                Ok(())
            }
        }
    }
    let mut text = Beginning(String::new());
    // The only error is that there is no more room.
    let _ = write!(text, "{value}");
    text.0
}

/// The failure of a script that was told to stop.
pub(crate) fn stopped(stop: Option<Stop>) -> Failure {
    match stop {
        Some(Stop::Cancelled) | None => Failure::new(codes::CANCELLED, "the unit was cancelled"),
        Some(Stop::ScriptTime) => {
            Failure::new(codes::SCRIPT_TIME, "the script computed longer than it may").with_help(
                "raise `script_time_ms` in the recipe, or find the loop that does not end",
            )
        }
        Some(Stop::UnitTime) => Failure::new(
            codes::UNIT_TIME,
            "the unit took longer than its recipe allows",
        )
        .with_help("raise `unit_time_ms` in the recipe"),
        Some(Stop::Operations) => Failure::new(
            codes::SCRIPT_OPERATIONS,
            "the script executed more operations than it may",
        )
        .with_help("find the loop that does not end; let Rust move the bytes"),
        Some(Stop::Memory) => Failure::new(
            codes::SCRIPT_MEMORY,
            "the script used more memory than it may",
        )
        .with_help("keep firmware in payloads: their bytes never enter the script"),
    }
}

/// Makes a place with the text of its line.
pub(crate) fn place(
    position: Position,
    texts: &dyn Texts,
    script: &str,
    calls: Vec<Call>,
) -> Option<Place> {
    let line = position.line()?;
    let text = texts.text(script).lines().nth(line - 1).unwrap_or_default();
    Some(Place {
        script: if script.is_empty() {
            texts.main_name()
        } else {
            script
        }
        .to_string(),
        line,
        column: position.position().unwrap_or(1),
        text: text.to_string(),
        calls,
    })
}

/// Rhai appends ` (line 3, position 9)` to a message; the place says it better.
fn without_position(error: &EvalAltResult) -> String {
    let text = error.to_string();
    match text.rfind(" (line ") {
        Some(end) => text[..end].to_string(),
        None => text,
    }
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::beginning;
    use crate::limits::THROWN_LEN_MAX;
    use rhai::{Array, Dynamic};

    #[test]
    fn a_thrown_value_is_told_up_to_the_limit() {
        let array: Array = vec![Dynamic::from("é".repeat(1_000)); 10_000];
        for (value, len) in [
            (Dynamic::from("short"), 5..=5),
            (Dynamic::from(7_i64), 1..=1),
            (
                Dynamic::from("é".repeat(4_000)),
                THROWN_LEN_MAX - 1..=THROWN_LEN_MAX,
            ),
            (Dynamic::from(array), THROWN_LEN_MAX - 1..=THROWN_LEN_MAX),
        ] {
            assert!(len.contains(&beginning(&value).len()), "{len:?}");
        }
    }
}
