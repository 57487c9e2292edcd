//! `imprint script check`: what is wrong with a script before it runs.

use super::test::recipe_of;
use crate::{
    exit::Exit,
    failure::{Result, argument},
    files,
    options::Format,
    output::Output,
    places::Places,
    render::visible,
};
use imprint::{
    limits::{MODULES_MAX, SCRIPT_LEN_MAX},
    report::Failure,
    script::{self, Finding, ImageNames, ScriptSources, Severity},
    script_of,
};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

pub fn run(
    path: &Path,
    device: Option<&str>,
    format: Format,
    places: &Places,
    output: &Output,
) -> Result {
    let is_recipe = path.extension().is_some_and(|extension| extension == "ron");
    let mut checked = match recipe_of(path) {
        Some(recipe) if recipe.is_file() => check_test(path, &recipe, places)?,
        _ if is_recipe => check_recipe(path, device, places)?,
        _ => check_script(path, device, places)?,
    };
    for finding in &mut checked.findings {
        in_files(finding, path, is_recipe);
    }
    report(path, &checked, format, output)?;
    Ok(match checked.findings.iter().any(Finding::is_error) {
        true => Exit::BuildRefused,
        false => Exit::Pass,
    })
}

/// What was found, and what could not be looked at.
struct Checked {
    findings: Vec<Finding>,
    notes: Vec<String>,
}

fn check_recipe(path: &Path, device: Option<&str>, places: &Places) -> Result<Checked> {
    if device.is_some() {
        return Err(argument(
            "a recipe names its own device",
            "leave `--device` out, or name the script instead of the recipe",
        )
        .into());
    }
    let mut notes = Vec::new();
    let findings = match script_of(path, &[], &places.devices()?) {
        Ok((sources, names)) => {
            let names = with_family(names, &sources, places, &mut notes);
            script::check(&sources, &names)
        }
        // A recipe that cannot be read is a finding, with its place.
        Err(failure) => vec![Finding {
            severity: Severity::Error,
            failure,
        }],
    };
    Ok(Checked { findings, notes })
}

/// A file of tests, with the recipe that it tests.
fn check_test(path: &Path, recipe: &Path, places: &Places) -> Result<Checked> {
    let (tested, _) = script_of(recipe, &[], &places.devices()?)?;
    let mut modules = tested.modules;
    modules.insert("script".into(), tested.text);
    let sources = ScriptSources {
        name: path.display().to_string(),
        text: files::read_text(path, SCRIPT_LEN_MAX as u64 + 1)?,
        modules,
    };
    Ok(Checked {
        findings: script::check_test(&sources),
        notes: Vec::new(),
    })
}

fn check_script(path: &Path, device: Option<&str>, places: &Places) -> Result<Checked> {
    let (mut names, mut notes) = (ImageNames::default(), Vec::new());
    let sources = sources(path)?;
    if let Some(device) = device {
        names.device = Some(places.devices()?.get(device)?.clone());
        names = with_family(names, &sources, places, &mut notes);
    }
    let findings = match script::is_module(&sources.text) {
        true => {
            notes.push("it has no `main(unit)`: checked as a module".into());
            script::check_module(&sources, &names)
        }
        false => script::check(&sources, &names),
    };
    Ok(Checked { findings, notes })
}

/// The names with those of the device's family, where the script asks for one and its plugin may be loaded.
fn with_family(
    names: ImageNames,
    sources: &ScriptSources,
    places: &Places,
    notes: &mut Vec<String>,
) -> ImageNames {
    let mut texts = std::iter::once(&sources.text).chain(sources.modules.values());
    let calls = [".option(", ".set_option(", ".command("];
    let names_any = texts.any(|text| calls.iter().any(|call| text.contains(call)));
    let Some(device) = names.device.as_ref().filter(|_| names_any) else {
        return names;
    };
    let family = places
        .plugin_store()
        .and_then(|store| Ok(store.family(&device.family)?));
    match family {
        Ok(family) => {
            let options = family.options().iter().map(|option| option.name.clone());
            let commands = family.commands().iter().map(|command| command.name.clone());
            let (options, commands): (Vec<_>, Vec<_>) = (options.collect(), commands.collect());
            names.with_family(options, commands)
        }
        Err(failures) => {
            let why = failures.first().map_or("", |failure| &failure.message);
            notes.push(format!(
                "names of options and commands are not checked: {why}"
            ));
            names
        }
    }
}

/// The script, and of the modules it imports those that lie beside it.
fn sources(path: &Path) -> Result<ScriptSources> {
    // One more than a script may have, so that the check says so.
    let len_max = SCRIPT_LEN_MAX as u64 + 1;
    let text = files::read_text(path, len_max)?;
    let mut modules = BTreeMap::new();
    for name in imports(&text) {
        let module = path.with_file_name(format!("{name}.rhai"));
        if module.is_file() && modules.len() < MODULES_MAX {
            modules.insert(name.to_string(), files::read_text(&module, len_max)?);
        }
    }
    Ok(ScriptSources {
        name: path.display().to_string(),
        text,
        modules,
    })
}

/// Names in `import "name"`. One in a comment does no harm: it only makes a file known.
fn imports(text: &str) -> impl Iterator<Item = &str> {
    text.split("import").skip(1).filter_map(|rest| {
        let name = rest.trim_start().strip_prefix('"')?.split('"').next()?;
        let is_plain = |part: &str| !part.is_empty() && part != "." && part != "..";
        name.split('/').all(is_plain).then_some(name)
    })
}

/// Names the file instead of the script or module, as an editor needs it.
fn in_files(finding: &mut Finding, path: &Path, is_recipe: bool) {
    let Some(place) = &mut finding.failure.place else {
        return;
    };
    if path.as_os_str() == place.script.as_str() {
        return;
    }
    let beside = |name: &str| path.with_file_name(name);
    let module: PathBuf = beside(&format!("{}.rhai", place.script));
    let file = match is_recipe && !module.is_file() {
        true => beside(&place.script),
        false => module,
    };
    place.script = file.display().to_string();
}

fn report(path: &Path, checked: &Checked, format: Format, output: &Output) -> Result<()> {
    let file = path.display().to_string();
    let findings: Vec<Shown> = checked
        .findings
        .iter()
        .map(|finding| Shown::new(finding, &file))
        .collect();
    if output.is_json {
        return output.data(
            &Report {
                file: &file,
                findings,
                notes: &checked.notes,
            },
            String::new,
        );
    }
    if format == Format::Short {
        let lines: Vec<String> = findings.iter().map(Shown::line).collect();
        if !lines.is_empty() {
            output.data(&(), || lines.join("\n"))?;
        }
    } else {
        for finding in &checked.findings {
            match finding.severity {
                Severity::Error => output.failure(&finding.failure),
                Severity::Warning => output.warning(&finding.failure),
            }
        }
    }
    for note in &checked.notes {
        output.note(note);
    }
    output.note(&format!("{file}: {}", summary(&checked.findings)));
    Ok(())
}

fn summary(findings: &[Finding]) -> String {
    let errors = findings.iter().filter(|finding| finding.is_error()).count();
    let count = |count: usize, what: &str| match count {
        0 => None,
        1 => Some(format!("1 {what}")),
        _ => Some(format!("{count} {what}s")),
    };
    let parts = [
        count(errors, "error"),
        count(findings.len() - errors, "warning"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    match parts.is_empty() {
        true => "nothing found".into(),
        false => parts.join(", "),
    }
}

/// What `--format json` prints; `docs/editor.md` describes it.
#[derive(Serialize)]
struct Report<'a> {
    file: &'a str,
    findings: Vec<Shown<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct Shown<'a> {
    severity: Severity,
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    file: &'a str,
    range: Range,
    /// The whole line.
    text: &'a str,
}

#[derive(Serialize)]
struct Range {
    start: Point,
    /// Behind the last character.
    end: Point,
}

/// Both count from 1; columns are characters.
#[derive(Serialize)]
struct Point {
    line: usize,
    column: usize,
}

impl<'a> Shown<'a> {
    /// One that has no place of its own is the file's.
    fn new(finding: &'a Finding, file: &'a str) -> Self {
        let Failure {
            code,
            message,
            expected,
            found,
            help,
            place,
            ..
        } = &finding.failure;
        let place = place.as_ref();
        let (line, column) = place.map_or((1, 1), |place| (place.line, place.column));
        Shown {
            severity: finding.severity,
            code,
            message,
            expected: expected.as_deref(),
            found: found.as_deref(),
            help: help.as_deref(),
            file: place.map_or(file, |place| &place.script),
            range: Range {
                start: Point { line, column },
                end: Point {
                    line,
                    column: place.map_or(1, |place| place.end_column()),
                },
            },
            text: place.map_or("", |place| &place.text),
        }
    }

    fn line(&self) -> String {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let Point { line, column } = self.range.start;
        let help = self.help.map_or(String::new(), |help| format!("; {help}"));
        let text = format!(
            "{}:{line}:{column}: {severity}[{}]: {}{help}",
            self.file, self.code, self.message
        );
        visible(&text).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_found() {
        let text =
            "import \"common\" as c;\nimport\t\"lib/a\" as a; import \"../up\" as u; import x;";
        assert_eq!(imports(text).collect::<Vec<_>>(), ["common", "lib/a"]);
        assert_eq!(imports("important").count(), 0);
    }
}
