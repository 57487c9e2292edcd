//! What the command prints: data on standard output, everything else on standard error.

use crate::{
    failure::Result,
    options::{Command, Format, Options, Script},
    render,
};
use imprint::{plugin::PluginStore, report::Failure};
use serde::Serialize;
use serde_json::Value;
use std::io::{ErrorKind, IsTerminal, Write};

/// The two streams.
pub struct Output {
    /// One JSON object instead of text.
    pub is_json: bool,
}

impl Output {
    /// As the options want it.
    pub fn new(options: &Options) -> Self {
        let format = match &options.command {
            Command::Script(Script::Check { format, .. }) => *format,
            _ => Format::Text,
        };
        Self {
            is_json: options.json || format == Format::Json,
        }
    }

    /// Prints data: the object as JSON, or else the text.
    pub fn data(&self, object: &impl Serialize, text: impl FnOnce() -> String) -> Result<()> {
        let text = match self.is_json {
            true => to_json(object),
            false => render::visible_lines(&text()).into_owned(),
        };
        print(&text)
    }

    /// Prints what a program needs before the command ends: with `--json` the object in one line, for who reads lines.
    pub fn announce(&self, object: &Value, text: impl FnOnce() -> String) -> Result<()> {
        match self.is_json {
            true => print(&object.to_string()),
            false => print(&render::visible_lines(&text())),
        }
    }

    /// Prints one object on one line: one of several, as they come.
    pub fn line(&self, object: &serde_json::Value) -> Result<()> {
        print(&object.to_string())
    }

    /// Says what was done, to a person. Programs have the exit code.
    pub fn done(&self, object: &impl Serialize, text: impl FnOnce() -> String) -> Result<()> {
        match self.is_json {
            true => print(&to_json(object)),
            false => {
                self.note(&text());
                Ok(())
            }
        }
    }

    /// A line for a person.
    pub fn note(&self, text: &str) {
        say(&render::visible_lines(text));
    }

    /// What failed, for a person.
    pub fn failure(&self, failure: &Failure) {
        say(&render::failure(failure));
    }

    /// What was most likely not meant, for a person.
    pub fn warning(&self, failure: &Failure) {
        say(&render::warning(failure));
    }

    /// Shows what failed: on standard error, and with `--json` as an object.
    pub fn failures(&self, failures: &[Failure]) {
        for failure in failures {
            self.failure(failure);
        }
        if self.is_json {
            // The failures are on standard error already.
            let _ = print(&to_json(&serde_json::json!({ "failures": failures })));
        }
    }

    /// Whether a person watches standard error.
    pub fn is_watched(&self) -> bool {
        std::io::stderr().is_terminal()
    }
}

/// Names a library that nobody who is trusted has signed, each time it is used.
pub fn warn_of_unsigned(path: &str) {
    let path = render::visible(path);
    say(&format!(
        "warning: `{path}` is signed by nobody you trust; it is loaded because of --allow-unsigned-plugins"
    ));
}

/// Names the library of a family, where it is one that nobody has signed.
pub fn warn_if_unsigned(plugins: &PluginStore, family: &str) {
    if let Some(path) = plugins.unsigned_library(family) {
        warn_of_unsigned(&path.display().to_string());
    }
}

/// Writes to standard error; colours of a failure are stripped where they do not belong.
fn say(text: &str) {
    // Nobody reads when this fails.
    let _ = writeln!(anstream::stderr(), "{}", text.trim_end());
}

/// Prints to standard output. A reader that has seen enough is no error.
fn print(text: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    let text = text.trim_end();
    match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(crate::failure::unwritable("standard output".as_ref(), error).into())
        }
        _ => Ok(()),
    }
}

fn to_json(object: &impl Serialize) -> String {
    // Maps with keys of text, numbers and texts: nothing that JSON cannot say.
    serde_json::to_string_pretty(object).unwrap_or_default()
}
