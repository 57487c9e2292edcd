//! Building an object: everything that can be wrong is found here, before production.

use crate::{
    codes,
    devices::Devices,
    failure::in_text,
    report::{Failure, Place},
    script::{self, Finding, ImageNames, ScriptSources},
};
use imprint_device::Device;
use imprint_image::{
    limits::SCRIPT_LEN_MAX,
    object::Object,
    recipe::{FolderSources, Recipe, RelativePath, Sources},
};
use std::{collections::BTreeMap, path::Path};

/// Builds the object of a recipe. `settings` are `NAME=VALUE` and replace those of the recipe. All mistakes of the
/// script are returned together.
pub fn build(
    recipe_path: &Path,
    settings: &[String],
    devices: &Devices,
) -> Result<Object, Vec<Failure>> {
    let opened = open_recipe(recipe_path, settings, devices);
    let (recipe, folder) = opened.map_err(|failure| vec![failure])?;
    build_from(&recipe, &folder, devices)
}

/// A recipe for a known device, and the folder that its files are in.
fn open_recipe(
    path: &Path,
    settings: &[String],
    devices: &Devices,
) -> Result<(Recipe, FolderSources), Failure> {
    let recipe = read_recipe(path, settings)?;
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    let folder = FolderSources::new(folder.unwrap_or(Path::new(".")))?;
    devices
        .get(&recipe.device)
        .map_err(|failure| at_device(failure, path, &recipe.device))?;
    Ok((recipe, folder))
}

/// An unknown device, with the line of the recipe that names it.
fn at_device(mut failure: Failure, recipe_path: &Path, device: &str) -> Failure {
    let text = std::fs::read_to_string(recipe_path).unwrap_or_default();
    let named = format!("\"{device}\"");
    let line = text
        .lines()
        .enumerate()
        .find_map(|(index, line)| Some((index + 1, line.find(&named)? + 1, line.to_string())));
    failure.place = line.map(|(line, column, text)| Place {
        script: recipe_path.display().to_string(),
        line,
        column,
        text,
        calls: Vec::new(),
    });
    failure
}

/// Builds an object from a recipe that is already in memory, and from any place its files come from.
pub fn build_from(
    recipe: &Recipe,
    sources: &dyn Sources,
    devices: &Devices,
) -> Result<Object, Vec<Failure>> {
    let one = |failure: Failure| vec![failure];
    let device = devices.get(&recipe.device).map_err(one)?;
    check_script(recipe, sources, device)?;
    let frozen = devices.freeze(&recipe.device).map_err(one)?;
    Object::build(recipe, sources, &frozen).map_err(|error| one(error.into()))
}

fn read_recipe(path: &Path, settings: &[String]) -> Result<Recipe, Failure> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::new(
            codes::RECIPE_UNREADABLE,
            format!("recipe `{name}` cannot be read: {error}"),
        )
        .with_help("name the recipe file; `imprint new DIR` makes one")
    })?;
    let mut recipe = Recipe::parse(&name, &text).map_err(|error| in_text(error, &text))?;
    for setting in settings {
        recipe.set(setting)?;
    }
    Ok(recipe)
}

fn check_script(
    recipe: &Recipe,
    sources: &dyn Sources,
    device: &Device,
) -> Result<(), Vec<Failure>> {
    let texts = script_sources(recipe, sources).map_err(|failure| vec![failure])?;
    let names = ImageNames::of_recipe(recipe, device);
    let findings = script::check(&texts, &names).into_iter();
    let errors: Vec<Failure> = findings
        .filter(Finding::is_error)
        .map(|finding| finding.failure)
        .collect();
    match errors.is_empty() {
        true => Ok(()),
        false => Err(errors),
    }
}

/// The script of a recipe, and the names it may use: for a check without building anything. `settings` as in `build`.
pub fn script_of(
    recipe_path: &Path,
    settings: &[String],
    devices: &Devices,
) -> Result<(ScriptSources, ImageNames), Failure> {
    let (recipe, folder) = open_recipe(recipe_path, settings, devices)?;
    let device = devices.get(&recipe.device)?;
    let sources = script_sources(&recipe, &folder)?;
    Ok((sources, ImageNames::of_recipe(&recipe, device)))
}

fn script_sources(recipe: &Recipe, sources: &dyn Sources) -> Result<ScriptSources, Failure> {
    let read = |path: &RelativePath| -> Result<String, Failure> {
        let bytes = sources.read(path, SCRIPT_LEN_MAX)?;
        String::from_utf8(bytes).map_err(|error| {
            let offset = error.utf8_error().valid_up_to();
            Failure::new(codes::SCRIPT_SYNTAX, format!("`{path}` is not UTF-8 text"))
                .with_difference("UTF-8", format!("another byte at offset {offset:#x}"))
        })
    };
    let mut modules = BTreeMap::new();
    for path in &recipe.modules {
        modules.insert(module_name(path.as_str()).to_string(), read(path)?);
    }
    Ok(ScriptSources {
        name: recipe.script.to_string(),
        text: read(&recipe.script)?,
        modules,
    })
}

/// What `import` calls a module: its path without the ending, as in Rhai.
pub(crate) fn module_name(path: &str) -> &str {
    path.strip_suffix(".rhai").unwrap_or(path)
}
