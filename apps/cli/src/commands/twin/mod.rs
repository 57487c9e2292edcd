//! `imprint twin`: virtual boards in files, so that two commands meet the same chip, and served to programs of others.

mod address;
mod serve;

use crate::{
    exit::Exit,
    failure::{Result, argument, exists},
    files,
    options::Twin as Verb,
    output::{self, Output},
    places::Places,
    render::{duration, from_hex, hex, table, visible},
};
use imprint::{BoardState, Engine, Fault, TwinOptions, read_board, report::Failure};
use serde_json::{Value, json};
use std::path::Path;

pub fn run(verb: &Verb, places: &Places, output: &Output) -> Result {
    match verb {
        Verb::New {
            device,
            output: path,
            uid,
            fault,
            unsigned,
        } => {
            let options = TwinOptions {
                uid: uid.as_deref().map(parse_uid).transpose()?,
                faults: parse_faults(fault)?,
            };
            if path.symlink_metadata().is_ok() {
                return Err(exists(path).into());
            }
            let engine = Engine::new(places.twin_plugins(*unsigned)?);
            let devices = places.devices()?;
            let device = devices.get(device)?;
            output::warn_if_unsigned(engine.plugins(), &device.family);
            let twin = engine.twin(device, options)?;
            twin.save(path)?;
            let board = twin.board().save();
            output.done(&facts(&board, path), || {
                format!("made {}", text(&board, path))
            })?;
        }
        Verb::Show { file } => {
            files::refuse_special(file)?;
            let board = read_board(file)?;
            output.data(&facts(&board, file), || text(&board, file))?;
        }
        Verb::Serve(options) => return serve::run(options, places, output),
    }
    Ok(Exit::Pass)
}

fn parse_uid(text: &str) -> Result<Vec<u8>> {
    let bytes = from_hex(text).filter(|bytes| !bytes.is_empty());
    Ok(bytes.ok_or_else(|| {
        argument(
            format!("`{text}` is not a unique identifier"),
            "write it as hexadecimal digits, two a byte",
        )
    })?)
}

fn parse_faults(texts: &[String]) -> Result<Vec<Fault>> {
    let parse = |text: &String| Ok(text.parse::<Fault>().map_err(Failure::from)?);
    texts.iter().map(parse).collect()
}

fn facts(board: &BoardState, path: &Path) -> Value {
    json!({
        "file": path.display().to_string(),
        "device": board.device.name,
        "uid": hex(&board.uid),
        "faults": board.faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "time_us": board.time_ns / 1_000,
        "erase_count": board.erase_count,
        "program_count": board.program_count,
    })
}

fn text(board: &BoardState, path: &Path) -> String {
    let uid = match board.uid.is_empty() {
        true => "none".into(),
        false => hex(&board.uid),
    };
    let row = |name: &str, value: String| vec![format!("  {name}"), value];
    let mut rows = vec![row("uid", uid)];
    rows.extend(
        board
            .faults
            .iter()
            .map(|fault| row("fault", fault.to_string())),
    );
    rows.push(row("virtual time", duration(board.time_ns / 1_000)));
    rows.push(row("erased", format!("{} times", board.erase_count)));
    rows.push(row("programmed", format!("{} times", board.program_count)));
    format!(
        "{}: a virtual {}\n{}",
        path.display(),
        visible(&board.device.name),
        table(&rows)
    )
}
