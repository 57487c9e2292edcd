//! `imprint import`: a script file of PEmicro's programmers becomes a recipe and a script.
//!
//! What was not carried over is listed, and marked in the script. Firmware is copied if it lies in the file's folder; a
//! path of another machine is only named. Nothing that is there already is replaced, unless it is the same.

use crate::{
    exit::Exit,
    failure::{Result, argument},
    files,
    options::Import,
    output::Output,
    places::Places,
};
use imprint::{
    image::{
        limits::PAYLOAD_FILE_LEN_MAX,
        recipe::{FolderSources, RelativePath, SourceError, Sources},
    },
    legacy::{self, FileNeeded, Finding, Imported, limits::FILE_LEN_MAX},
    report::Failure,
};
use serde_json::json;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

pub fn run(options: &Import, places: &Places, output: &Output) -> Result {
    // One more than is imported, so that the import says so.
    let text = legacy::decode(&files::read(&options.file, FILE_LEN_MAX as u64 + 1)?);
    let devices = places.devices()?;
    let device = options
        .device
        .as_deref()
        .map(|name| devices.get(name))
        .transpose()?;
    let file = options
        .file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let imported = legacy::import(
        &text,
        &legacy::Options {
            file: &file,
            device,
            parameters: parameters(&options.param)?,
        },
    )
    .map_err(Failure::from)?;
    let folder = match &options.output {
        Some(folder) => folder.clone(),
        None => PathBuf::from(options.file.file_stem().unwrap_or_default()),
    };
    let texts = texts(&imported, &folder);
    for (path, text) in &texts {
        files::refuse_other(path, text.as_bytes())?;
    }
    files::create_folder(&folder)?;
    let missing = copy_firmware(&imported.files_needed, &options.file, &folder)?;
    for (path, text) in &texts {
        files::write_new(path, text.as_bytes())?;
    }
    report(options, &folder, &texts, &imported, &missing, output)
}

/// Texts for placeholders. One number twice is a slip.
fn parameters(assignments: &[String]) -> Result<BTreeMap<u32, String>> {
    let mut parameters = BTreeMap::new();
    for assignment in assignments {
        let parameter = assignment
            .split_once('=')
            .and_then(|(number, text)| Some((number.parse::<u32>().ok()?, text)));
        let Some((number, text)) = parameter else {
            let message = format!("`{assignment}` is no parameter");
            return Err(argument(message, "write it as --param N=TEXT").into());
        };
        if parameters.insert(number, text.to_owned()).is_some() {
            let message = format!("parameter {number} is given twice");
            return Err(argument(message, "give each number once").into());
        }
    }
    Ok(parameters)
}

/// What is written, the recipe last: a folder with a recipe is complete.
fn texts<'a>(imported: &'a Imported, folder: &Path) -> Vec<(PathBuf, &'a str)> {
    let serials = imported
        .serials
        .iter()
        .map(|it| (folder.join(&it.name), it.text.as_str()));
    let own = [
        ("main.rhai", &imported.script),
        ("recipe.ron", &imported.recipe),
    ];
    let own = own.map(|(name, text)| (folder.join(name), text.as_str()));
    serials.chain(own).collect()
}

/// Copies what can be found. The others, which are for a person to bring.
fn copy_firmware<'a>(
    needed: &'a [FileNeeded],
    cfg: &Path,
    folder: &Path,
) -> Result<Vec<&'a FileNeeded>> {
    let beside = cfg.parent().filter(|it| !it.as_os_str().is_empty());
    let sources = FolderSources::new(beside.unwrap_or(Path::new("."))).map_err(Failure::from)?;
    let mut missing = Vec::new();
    for file in needed {
        match find(&sources, file)? {
            Some(bytes) => files::write_new(&folder.join(&file.name), &bytes)?,
            None => missing.push(file),
        }
    }
    Ok(missing)
}

/// The file at its path below the folder of the script, or else under its plain name beside it.
fn find(sources: &FolderSources, file: &FileNeeded) -> Result<Option<Vec<u8>>> {
    let path = file.path.replace('\\', "/");
    let path = path.strip_prefix("./").unwrap_or(&path).to_owned();
    for path in [path, file.name.clone()] {
        let Ok(path) = RelativePath::try_from(path) else {
            continue;
        };
        match sources.read(&path, PAYLOAD_FILE_LEN_MAX) {
            Ok(bytes) => return Ok(Some(bytes)),
            // A person brings it from where it is.
            Err(SourceError::NotFound { .. } | SourceError::Outside { .. }) => {}
            Err(error) => return Err(Failure::from(error).into()),
        }
    }
    Ok(None)
}

fn report(
    options: &Import,
    folder: &Path,
    texts: &[(PathBuf, &str)],
    imported: &Imported,
    missing: &[&FileNeeded],
    output: &Output,
) -> Result {
    let written: Vec<String> = texts
        .iter()
        .map(|(path, _)| path.display().to_string())
        .collect();
    let findings: Vec<_> = imported.findings.iter().map(finding).collect();
    let files: Vec<_> = imported
        .files_needed
        .iter()
        .map(|file| {
            json!({
                "line": file.line,
                "path": file.path,
                "name": file.name,
                "is_there": !missing.contains(&file),
            })
        })
        .collect();
    let told = json!({
        "file": options.file.display().to_string(),
        "dir": folder.display().to_string(),
        "written": written,
        "files": files,
        "findings": findings,
        "complete": !imported.is_incomplete(),
    });
    output.done(&told, || text(options, folder, &written, imported, missing))?;
    Ok(Exit::Pass)
}

fn finding(finding: &Finding) -> serde_json::Value {
    json!({
        "line": finding.line,
        "text": finding.text,
        "code": finding.cause.code(),
        "missing": finding.is_missing(),
        "why": finding.why,
        "by_hand": finding.by_hand,
    })
}

fn text(
    options: &Import,
    folder: &Path,
    written: &[String],
    imported: &Imported,
    missing: &[&FileNeeded],
) -> String {
    let dir = folder.display();
    let mut text = format!("imported {} into {dir}\n", options.file.display());
    for path in written {
        text += &format!("  {path}\n");
    }
    for file in missing {
        text += &format!(
            "copy `{}` (line {}) to {dir}/{}\n",
            file.path, file.line, file.name
        );
    }
    for finding in &imported.findings {
        let Finding {
            line,
            text: original,
            why,
            by_hand,
            ..
        } = finding;
        let (code, word) = match finding.is_missing() {
            true => (finding.cause.code(), "not carried over"),
            false => (finding.cause.code(), "differs"),
        };
        text += &format!("line {line}, `{original}`: {word} [{code}]: {why}\n");
        if finding.is_missing() {
            text += &format!("  by hand: {by_hand}\n");
        }
    }
    text += &match imported.is_incomplete() {
        true => {
            format!("next: see to these lines in {dir}/main.rhai, which refuses to run until then")
        }
        false => format!("next: imprint build {dir}/recipe.ron -o {dir}.sapobj"),
    };
    text
}
