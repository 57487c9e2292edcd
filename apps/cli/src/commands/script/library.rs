//! `imprint script library`: modules that scripts import, ready to be listed in a recipe.
//!
//! They become files of the project, because what is signed is what a person can read beside it.

use crate::{
    exit::Exit,
    failure::{Result, argument, exists},
    files,
    output::Output,
    render,
};
use serde_json::json;
use std::path::{Path, PathBuf};

/// The modules, by the names that `import` uses.
pub(super) const MODULES: [(&str, &str); 4] = [
    ("hex", include_str!("../../../../../scripts/hex.rhai")),
    ("crc", include_str!("../../../../../scripts/crc.rhai")),
    ("retry", include_str!("../../../../../scripts/retry.rhai")),
    ("report", include_str!("../../../../../scripts/report.rhai")),
];

pub fn run(names: &[String], to: &Path, output: &Output) -> Result {
    if names.is_empty() {
        return list(output);
    }
    let mut modules = Vec::new();
    for name in names {
        let known = MODULES.iter().find(|(known, _)| known == name);
        modules.push(known.ok_or_else(|| unknown(name))?);
    }
    let files: Vec<PathBuf> = modules
        .iter()
        .map(|(name, _)| to.join(format!("{name}.rhai")))
        .collect();
    if let Some(there) = files.iter().find(|file| file.symlink_metadata().is_ok()) {
        return Err(exists(there).into());
    }
    for ((_, text), file) in modules.iter().zip(&files) {
        files::write(file, text.as_bytes())?;
    }
    let names: Vec<String> = names.iter().map(|name| format!("{name}.rhai")).collect();
    output.done(&json!({ "files": files, "modules": names }), || {
        let files: String = files
            .iter()
            .map(|file| format!("made {}\n", file.display()))
            .collect();
        let import = names[0].trim_end_matches(".rhai");
        format!(
            "{files}next: in the recipe  modules: [\"{}\"]\n      in the script  import \"{import}\" as {import};",
            names.join("\", \"")
        )
    })?;
    Ok(Exit::Pass)
}

fn list(output: &Output) -> Result {
    let told: Vec<_> = MODULES
        .iter()
        .map(|(name, text)| json!({ "name": name, "summary": summary(text) }))
        .collect();
    output.data(&json!({ "modules": told }), || {
        let heading = vec!["module".to_string(), "what it is for".to_string()];
        let rows = MODULES
            .iter()
            .map(|(name, text)| vec![name.to_string(), summary(text).to_string()]);
        let rows: Vec<_> = std::iter::once(heading).chain(rows).collect();
        render::table(&rows)
    })?;
    Ok(Exit::Pass)
}

/// What the first line of a module says.
fn summary(text: &str) -> &str {
    let first = text.lines().next().unwrap_or_default();
    first.trim_start_matches("//!").trim()
}

fn unknown(name: &str) -> imprint::report::Failure {
    let known: Vec<&str> = MODULES.iter().map(|(known, _)| *known).collect();
    argument(
        format!("the library has no module `{name}`"),
        format!("it has: {}", known.join(", ")),
    )
}
