//! Where lines come from: a terminal, with editing, history and completion, or plain standard input.

use crate::{
    failure::{Result, unreadable},
    places::Places,
};
use imprint::{
    limits::SCRIPT_LEN_MAX,
    script::{Completer, Console, is_incomplete},
};
use rustyline::{
    CompletionType, Config, Context, Editor, Helper,
    error::ReadlineError,
    highlight::Highlighter,
    hint::Hinter,
    history::{FileHistory, History},
    validate::{ValidationContext, ValidationResult, Validator},
};
use std::{
    io::{self, BufRead, IsTerminal, Stdin},
    path::PathBuf,
};

/// The prompt, also where a line goes on.
const PROMPT: &str = "imprint> ";
/// The history, in the `--home` folder.
const HISTORY_FILE: &str = "console-history";
/// Lines of the history: months of trying.
const HISTORY_COUNT_MAX: usize = 10_000;

/// Where lines come from.
pub enum Input {
    Terminal(Box<Terminal>),
    Plain(Stdin),
}

/// A person.
pub struct Terminal {
    editor: Editor<Words, FileHistory>,
    history: Option<PathBuf>,
}

impl Input {
    /// A terminal, if standard input is one.
    pub fn new(places: &Places) -> Result<Input> {
        if !io::stdin().is_terminal() {
            return Ok(Input::Plain(io::stdin()));
        }
        let mut editor = editor().map_err(failed)?;
        editor.set_helper(Some(Words(None)));
        let history = places.home_file(HISTORY_FILE);
        if let Some(path) = &history {
            // There is none at first, and one that cannot be read is no reason not to go on.
            let _ = editor.load_history(path);
        }
        Ok(Input::Terminal(Box::new(Terminal { editor, history })))
    }

    /// Whether a person types.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Input::Terminal(_))
    }

    /// The next line, with those that belong to it; none at the end.
    pub fn next(&mut self, console: &Console) -> Result<Option<String>> {
        match self {
            Input::Terminal(terminal) => terminal.next(console),
            Input::Plain(stdin) => plain(stdin),
        }
    }
}

impl Terminal {
    fn next(&mut self, console: &Console) -> Result<Option<String>> {
        if let Some(words) = self.editor.helper_mut() {
            words.0 = Some(console.completer());
        }
        loop {
            match self.editor.readline(PROMPT) {
                Ok(line) => {
                    self.remember(&line);
                    return Ok(Some(line));
                }
                // Ctrl-C throws away what is edited.
                Err(ReadlineError::Interrupted) => {}
                Err(ReadlineError::Eof) => return Ok(None),
                Err(error) => return Err(failed(error)),
            }
        }
    }

    /// At once, so that a console that is killed has kept it. A history that cannot be kept is no reason not to go on.
    fn remember(&mut self, line: &str) {
        let is_new = self.editor.add_history_entry(line).unwrap_or_default();
        if let Some(path) = self.history.as_ref().filter(|_| is_new) {
            let _ = self.editor.history_mut().append(path);
        }
    }
}

fn editor() -> rustyline::Result<Editor<Words, FileHistory>> {
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .max_history_size(HISTORY_COUNT_MAX)?
        .history_ignore_dups(true)?
        .build();
    let history = FileHistory::with_config(&config);
    Editor::with_history(config, history)
}

fn plain(stdin: &mut Stdin) -> Result<Option<String>> {
    let mut text = String::new();
    loop {
        let read = stdin.lock().read_line(&mut text);
        match read.map_err(|error| unreadable("standard input".as_ref(), error))? {
            // What is still open is the parser's to report.
            0 => return Ok((!text.is_empty()).then_some(text)),
            _ if text.len() > SCRIPT_LEN_MAX || !is_incomplete(&text) => return Ok(Some(text)),
            _ => {}
        }
    }
}

fn failed(error: ReadlineError) -> crate::failure::Failures {
    unreadable("the terminal".as_ref(), error).into()
}

/// What the editor asks about a line.
struct Words(Option<Completer>);

impl rustyline::completion::Completer for Words {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        cursor: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let words = self.0.as_ref();
        Ok(words.map_or((cursor, Vec::new()), |words| words.complete(line, cursor)))
    }
}

impl Validator for Words {
    fn validate(&self, context: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        Ok(match is_incomplete(context.input()) {
            true => ValidationResult::Incomplete,
            false => ValidationResult::Valid(None),
        })
    }
}

impl Hinter for Words {
    type Hint = String;
}

impl Highlighter for Words {}

impl Helper for Words {}
