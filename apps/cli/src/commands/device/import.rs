//! `imprint device import`: what others describe becomes a device file, with its algorithms beside it.
//!
//! Nothing that is there is replaced. What was assumed is listed here and on top of the file.

use crate::{
    exit::Exit, failure::Result, files, options::DeviceImport, output::Output, places::Places,
};
use imprint::{
    packs::{self, Choice, Imported},
    report::Failure,
};
use serde_json::json;
use std::path::PathBuf;

/// The largest packs have some hundred megabytes.
const FILE_LEN_MAX: u64 = 512 << 20;

pub fn run(options: &DeviceImport, places: &Places, output: &Output) -> Result {
    let file = options.file.display().to_string();
    let bytes = files::read(&options.file, FILE_LEN_MAX)?;
    if options.list {
        let names = packs::names(&file, &bytes).map_err(Failure::from)?;
        output.data(&json!({ "devices": names }), || names.join("\n"))?;
        return Ok(Exit::Pass);
    }
    let like = match &options.like {
        Some(name) => Some(places.devices()?.get(name)?.clone()),
        None => None,
    };
    let choice = Choice {
        device: options.device.clone(),
        family: options.family.clone(),
        like,
        core: options.core,
        ram: options.ram.clone(),
    };
    let imported = packs::import(&file, &bytes, &choice).map_err(Failure::from)?;
    let written = write(&imported, options)?;
    for note in &imported.notes {
        output.note(&format!("look at: {note}"));
    }
    let told = json!({
        "device": imported.device.name,
        "family": imported.device.family,
        "files": written,
        "notes": imported.notes,
    });
    output.done(&told, || {
        format!("made {} in {}", imported.device.name, written.join(", "))
    })?;
    Ok(Exit::Pass)
}

/// Writes all files, the device last: a folder with a device is complete.
fn write(imported: &Imported, options: &DeviceImport) -> Result<Vec<String>> {
    let algorithms = imported.algorithms.iter();
    let mut texts: Vec<(PathBuf, &str)> = algorithms
        .map(|it| (options.output.join(&it.file), it.text.as_str()))
        .collect();
    let device = format!("{}.ron", imported.device.name);
    texts.push((options.output.join(device), &imported.text));
    for (path, text) in &texts {
        files::refuse_other(path, text.as_bytes())?;
    }
    files::create_folder(&options.output)?;
    for (path, text) in &texts {
        files::write_new(path, text.as_bytes())?;
    }
    Ok(texts
        .iter()
        .map(|(path, _)| path.display().to_string())
        .collect())
}
