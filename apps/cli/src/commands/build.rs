//! `imprint build`: a recipe and all it refers to become an object.

use crate::{
    exit::Exit,
    failure::Result,
    files,
    options::Build,
    output::Output,
    outputs,
    places::Places,
    render::{self, visible},
};
use imprint::image::{
    Recipe,
    limits::{DEFINITION_LEN_MAX, RECIPE_LEN_MAX},
    serial::{DefinitionSource, ValuesSource},
};
use serde_json::json;
use std::path::{Path, PathBuf};

pub fn run(options: &Build, places: &Places, output: &Output) -> Result {
    check_output(options, places)?;
    let devices = places.devices()?;
    let object = imprint::build(&options.recipe, &options.set, &devices)?;
    files::write(&options.output, object.to_bytes())?;
    let (path, contents) = (options.output.display(), object.contents());
    let len = object.to_bytes().len() as u64;
    let told = json!({
        "object": path.to_string(),
        "id": object.id().to_string(),
        "name": contents.name.as_str(),
        "device": contents.device,
        "len": len,
    });
    output.done(&told, || {
        format!(
            "built {path}: {} for {}, {}\n  id {}",
            contents.name,
            visible(&contents.device),
            render::bytes(len),
            object.id()
        )
    })?;
    Ok(Exit::Pass)
}

/// The object may replace neither the recipe nor what it refers to.
fn check_output(options: &Build, places: &Places) -> Result<()> {
    files::refuse_special(&options.recipe)?;
    let mut inputs = places.files()?;
    inputs.extend(named_by(&options.recipe));
    inputs.push(options.recipe.clone());
    outputs::check(
        inputs.iter().map(PathBuf::as_path),
        &[options.output.as_path()],
    )
}

/// The files of a recipe; none of one that cannot be read, which the build refuses.
fn named_by(recipe_path: &Path) -> Vec<PathBuf> {
    let text = files::read_text(recipe_path, RECIPE_LEN_MAX as u64).unwrap_or_default();
    let Ok(recipe) = Recipe::parse("", &text) else {
        return Vec::new();
    };
    let payloads = recipe.payloads.values().map(|payload| &payload.file);
    let serials = recipe.serials.values().map(|serial| &serial.definition);
    let mut files: Vec<PathBuf> = std::iter::once(&recipe.script)
        .chain(&recipe.modules)
        .chain(payloads)
        .chain(serials.clone())
        .map(|file| recipe_path.with_file_name(file.as_str()))
        .collect();
    files.extend(serials.filter_map(|definition| {
        let path = recipe_path.with_file_name(definition.as_str());
        let text = files::read_text(&path, DEFINITION_LEN_MAX).ok()?;
        match DefinitionSource::parse("", &text).ok()?.values {
            ValuesSource::List { file, .. } => Some(recipe_path.with_file_name(file.as_str())),
            ValuesSource::Counter { .. } | ValuesSource::Supplied { .. } => None,
        }
    }));
    files
}
