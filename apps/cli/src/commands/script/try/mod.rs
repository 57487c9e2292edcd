//! `imprint script try`: lines of a script, one by one, on a virtual board or a chip.

mod command;
mod input;
mod signals;
mod watcher;

use super::memory;
use crate::{
    commands::run::{parse_on, unsigned_off_twin},
    exit::Exit,
    failure::{Result, argument},
    options::ScriptTry,
    output::{self, Output},
    places::Places,
    render::visible,
};
use imprint::{
    CancelToken, Engine, Link, Place, Twin, TwinOptions, Where, codes,
    device::Device,
    report::Failure,
    script::{Connector, Console, Shown},
};
use input::Input;
use serde_json::json;
use signals::Signals;
use std::path::PathBuf;
use watcher::Watcher;

/// A board's file that is saved at the end.
type Saved = Option<(Twin, PathBuf)>;

pub fn run(options: &ScriptTry, places: &Places, output: &Output) -> Result {
    let on = parse_on(&options.on, places)?;
    if options.unsigned.allow_unsigned_plugins && !on.is_twin() {
        return Err(unsigned_off_twin(&options.on).into());
    }
    let engine = Engine::new(places.twin_plugins(options.unsigned)?);
    let (device, connector, saved) = target(options, on, places, &engine)?;
    output::warn_if_unsigned(engine.plugins(), &device.family);
    let rights = options.allow.iter().copied().collect();
    memory::begin();
    let devices = places.devices()?;
    let described = (&devices, device.name.as_str());
    let console = Console::new(engine, described, &rights, connector, Some(memory::used))?;
    let input = Input::new(places)?;
    if input.is_terminal() && !output.is_json {
        output.note(&format!(
            "a console on {}, {}; `:help` shows more, `:quit` ends it",
            visible(&device.name),
            visible(&options.on)
        ));
    }
    let signals = Signals::install(saved.clone())?;
    let exit = lines(console, input, &signals, output);
    if let Some((twin, path)) = saved {
        twin.save(&path)?;
    }
    exit
}

/// Reads and evaluates until there is nothing more.
fn lines(mut console: Console, mut input: Input, signals: &Signals, output: &Output) -> Result {
    let mut has_failed = false;
    while let Some(text) = input.next(&console)? {
        let text = text.trim_end();
        match command::parse(text) {
            _ if text.trim().is_empty() => {}
            Some(command::Command::Quit) => break,
            Some(command) => command.run(&console, output)?,
            None => has_failed |= !line(&mut console, text, signals, output)?,
        }
    }
    // A person has seen what failed; a program has the exit code.
    Ok(match has_failed && !input.is_terminal() {
        true => Exit::UnitFailed,
        false => Exit::Pass,
    })
}

/// Evaluates a line and shows what came of it; tells whether it succeeded.
fn line(console: &mut Console, text: &str, signals: &Signals, output: &Output) -> Result<bool> {
    let cancel = CancelToken::new();
    let mut watcher = Watcher::new(output);
    let running = signals.running(cancel.clone());
    let outcome = console.line(text, cancel, &mut watcher);
    drop(running);
    let log = watcher.finish();
    let outcome = outcome.map_err(with_option);
    if output.is_json {
        output.line(&told(text, &outcome, &log))?;
    }
    match &outcome {
        Ok(Some(shown)) if !output.is_json => {
            output.data(&(), || format!("=> {}", shown.text))?;
        }
        Ok(_) => {}
        Err(failure) => output.failure(failure),
    }
    Ok(outcome.is_ok())
}

fn told(
    text: &str,
    outcome: &std::result::Result<Option<Shown>, Failure>,
    log: &[String],
) -> serde_json::Value {
    let shown = outcome.as_ref().ok().and_then(Option::as_ref);
    json!({
        "line": text,
        "value": shown.map(|shown| &shown.text),
        "kind": shown.map(|shown| &shown.kind),
        "log": log,
        "failure": outcome.as_ref().err(),
    })
}

/// A console has no recipe that could grant a right: it has an option.
fn with_option(failure: Failure) -> Failure {
    match &failure.expected {
        Some(right) if failure.code == codes::RIGHT_MISSING => {
            let help = format!("if it is meant, start the console with `--allow {right}`");
            failure.with_help(help)
        }
        _ => failure,
    }
}

/// The device, the way to it, and the board's file.
fn target(
    options: &ScriptTry,
    on: Where,
    places: &Places,
    engine: &Engine,
) -> Result<(Device, Connector, Saved)> {
    let named = options.device.as_deref();
    let (twin, path) = match &on {
        Where::TwinDevice(device) => (engine.twin(device, TwinOptions::default())?, None),
        Where::TwinFile(path) => (engine.twin_from_file(path)?, Some(path.clone())),
        _ => {
            let Some(name) = named else {
                return Err(argument(
                    "nothing says which device is behind the probe",
                    "name it: --device NAME; `imprint device list` shows the known ones",
                )
                .into());
            };
            let device = places.devices()?.get(name)?.clone();
            let connector = move |engine: &Engine| -> std::result::Result<Link, Failure> {
                // The token is of use to recordings alone.
                Ok(Place::open(engine, &on, &CancelToken::new())?.link)
            };
            return Ok((device, Box::new(connector), None));
        }
    };
    let device = twin.board().device().clone();
    if named.is_some_and(|name| name != device.name) {
        let message = format!("the virtual board is a {}", visible(&device.name));
        return Err(argument(message, "leave --device away: the board says what it is").into());
    }
    let board = twin.clone();
    let connector = move |_: &Engine| Ok(board.link());
    Ok((device, Box::new(connector), path.map(|path| (twin, path))))
}
