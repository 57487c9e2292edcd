//! `imprint script definitions`: what a script can call, as editors read it.

use crate::{exit::Exit, failure::Result, files, output::Output};
use imprint::script::definitions;
use serde_json::json;
use std::path::Path;

pub fn run(folder: &Path, output: &Output) -> Result {
    files::create_folder(folder)?;
    let mut written = Vec::new();
    for file in definitions() {
        let path = folder.join(file.name);
        files::write(&path, file.text.as_bytes())?;
        written.push(path);
    }
    output.done(&json!({ "files": written }), || {
        let lines = written
            .iter()
            .map(|path| format!("wrote {}\n", path.display()));
        lines.collect()
    })?;
    Ok(Exit::Pass)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::script::reference::page;
    use std::path::PathBuf;

    /// Run with IMPRINT_WRITE_SCRIPTS=1 to write what is compared.
    #[test]
    fn the_pages_of_scripts_are_the_functions_that_are_registered() {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut files: Vec<(PathBuf, String)> = definitions()
            .into_iter()
            .map(|file| (root.join("scripts/definitions").join(file.name), file.text))
            .collect();
        files.push((root.join("docs/script-reference.md"), page()));
        for (path, text) in files {
            if std::env::var_os("IMPRINT_WRITE_SCRIPTS").is_some() {
                files::create_folder(path.parent().unwrap_or(&root)).unwrap_or_default();
                assert!(files::write(&path, text.as_bytes()).is_ok(), "{path:?}");
            }
            let committed = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(
                committed == text,
                "{} is not what is registered; write it with\n  IMPRINT_WRITE_SCRIPTS=1 cargo test -p imprint-cli the_pages_of_scripts",
                path.display()
            );
        }
    }

    #[test]
    fn definitions_have_the_words_of_a_script_and_none_of_rust() {
        let files = definitions();
        for (file, line) in [
            (0, "fn connect(unit: Unit) -> Chip;"),
            (0, "/// A payload of the image, by its name in the recipe."),
            (0, "fn payload(unit: Unit, name: String) -> Payload;"),
            (0, "fn get len(payload: Payload) -> int;"),
            (0, "fn crc32(bytes: Blob) -> int;"),
            (1, "fn to_upper(string: String) -> String;"),
            (1, "op +(String, String) -> String;"),
        ] {
            assert!(files[file].text.lines().any(|it| it == line), "{line}");
        }
        for word in [
            "NativeCallContext",
            "&mut",
            "Result<",
            "ImmutableString",
            "Dynamic",
            "i64",
            "::",
            "fn (",
            "->;",
        ] {
            for file in &files {
                let mut code = file.text.lines().filter(|line| !line.starts_with("//"));
                assert_eq!(code.find(|line| line.contains(word)), None, "{}", file.name);
            }
        }
    }
}
