//! What is for the console itself: a line that begins with a colon.

use crate::{failure::Result, output::Output, render::table};
use imprint::script::{Console, FunctionInfo, reference};
use serde_json::json;

/// What a person can ask of the console.
#[derive(Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// How it is used, or what there is of a name.
    Help(&'a str),
    /// What the variables hold.
    Variables,
    /// The end.
    Quit,
    /// None of these.
    Unknown(&'a str),
}

const HELP: &str = "\
A line of Rhai is evaluated; a value is shown. `unit` is the unit, `chip` is there after `unit.connect()`.
  :help unit     what can be called on `unit`; so for chip, memory
  :help NAME     what a function does: :help erase
  :vars          the variables and what they hold
  :quit          the end, as Ctrl-D
Tab completes. Ctrl-C ends the line that runs, and throws away the one that is edited.";

/// The command; none if the line is for the script.
pub fn parse(line: &str) -> Option<Command<'_>> {
    let words = line.trim().strip_prefix(':')?.trim();
    let (name, rest) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
    Some(match name {
        "help" | "h" | "?" => Command::Help(rest.trim()),
        "vars" | "v" => Command::Variables,
        "quit" | "q" | "exit" => Command::Quit,
        _ => Command::Unknown(words),
    })
}

impl Command<'_> {
    /// Does it. None of these can fail the script.
    pub fn run(&self, console: &Console, output: &Output) -> Result<()> {
        let text = match self {
            Command::Help("") => HELP.to_string(),
            Command::Help(name) => help(name),
            Command::Variables => {
                let variables = console.variables().into_iter();
                let rows: Vec<Vec<String>> = variables
                    .map(|(name, shown)| vec![format!("  {name}"), shown.text])
                    .collect();
                table(&rows)
            }
            Command::Quit => String::new(),
            Command::Unknown(words) => {
                format!("there is no `:{words}`: it is :help, :vars or :quit")
            }
        };
        match output.is_json {
            true => output.line(&json!({ "text": text })),
            false => {
                output.note(&text);
                Ok(())
            }
        }
    }
}

/// All that is called so, or that can be called on what is called so.
fn help(name: &str) -> String {
    let name = name.trim_end_matches(['(', ')', '.']);
    let is_meant = |function: &FunctionInfo| {
        let receiver = function.receiver.as_deref().unwrap_or_default();
        function.name == name || receiver.eq_ignore_ascii_case(name)
    };
    let functions: Vec<FunctionInfo> = reference().into_iter().filter(is_meant).collect();
    match functions.is_empty() {
        true => format!("nothing is called `{name}`; `imprint script reference` lists all"),
        false => {
            let lines = functions
                .iter()
                .map(|function| format!("{}\n    {}", function.signature, function.summary));
            lines.collect::<Vec<_>>().join("\n")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_told_from_lines() {
        for (line, command) in [
            ("1 + 1", None),
            ("", None),
            (":quit", Some(Command::Quit)),
            ("  :q ", Some(Command::Quit)),
            (":help", Some(Command::Help(""))),
            (": help  erase ", Some(Command::Help("erase"))),
            (":vars", Some(Command::Variables)),
            (":", Some(Command::Unknown(""))),
            (":explode now", Some(Command::Unknown("explode now"))),
        ] {
            assert_eq!(parse(line), command, "{line}");
        }
    }

    #[test]
    fn help_of_names() {
        for (name, part) in [
            ("erase", "chip.erase(start: int, len: int)"),
            ("chip", "chip.uid()"),
            ("unit.", "unit.connect()"),
            ("memory", "memory.program("),
            ("levitate", "nothing is called `levitate`"),
        ] {
            assert!(help(name).contains(part), "{name}: {}", help(name));
        }
    }
}
