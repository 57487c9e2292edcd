//! `imprint script check`: what is wrong with a script before it runs.

use crate::{exit::Exit, failure::Result, files, output::Output, places::Places};
use imprint::{
    limits::{MODULES_MAX, SCRIPT_LEN_MAX},
    report::Failure,
    script::{ImageNames, Program, ScriptSources},
};
use serde_json::json;
use std::{collections::BTreeMap, path::Path};

pub fn run(path: &Path, device: Option<&str>, places: &Places, output: &Output) -> Result {
    let mut names = ImageNames::default();
    if let Some(device) = device {
        let devices = places.devices()?;
        let memories = &devices.get(device)?.memories;
        names.memories = Some(memories.iter().map(|memory| memory.name.clone()).collect());
    }
    let findings = match Program::compile(sources(path)?) {
        Ok(program) => program.check(&names),
        Err(failure) => vec![failure],
    };
    report(path, &findings, output)?;
    Ok(match findings.is_empty() {
        true => Exit::Pass,
        false => Exit::of_failures(&findings),
    })
}

fn report(path: &Path, findings: &[Failure], output: &Output) -> Result<()> {
    let file = path.display().to_string();
    if output.is_json {
        return output.done(&json!({ "file": file, "findings": findings }), String::new);
    }
    for finding in findings {
        output.failure(finding);
    }
    output.note(&match findings.len() {
        0 => format!("{file}: nothing found"),
        1 => format!("{file}: 1 finding"),
        count => format!("{file}: {count} findings"),
    });
    Ok(())
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
