//! `docs/errors.md` lists every code that the sources have, and no other.
#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All `IMP-` followed by four digits.
fn codes(text: &str) -> BTreeSet<String> {
    let is_code =
        |rest: &&str| rest.len() >= 4 && rest.bytes().take(4).all(|it| it.is_ascii_digit());
    text.split("IMP-")
        .skip(1)
        .filter(is_code)
        .map(|rest| rest[..4].to_string())
        .collect()
}

/// Text of the Rust files below a folder, without tests: they may use codes that nothing has.
fn sources(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !["tests", "examples", "benches"].contains(&name.as_str()) {
            sources(&path, text);
        } else if name.ends_with(".rs") && !name.contains("test") {
            let source = fs::read_to_string(&path).unwrap();
            let code = source.split("#[cfg(test)]").next().unwrap();
            // A doc comment may show any code.
            for line in code
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
            {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
}

#[test]
fn every_code_is_on_the_page() {
    let mut text = String::new();
    for folder in ["core", "plugins", "apps"] {
        sources(&root().join(folder), &mut text);
    }
    let in_sources = codes(&text);
    let page = fs::read_to_string(root().join("docs/errors.md")).unwrap();
    let rows: String = page
        .lines()
        .filter(|line| line.starts_with("| `IMP-"))
        .collect();
    let on_page = codes(&rows);
    let missing: Vec<_> = in_sources.difference(&on_page).collect();
    let stale: Vec<_> = on_page.difference(&in_sources).collect();
    assert!(
        missing.is_empty(),
        "in the sources, not in docs/errors.md: {missing:?}"
    );
    assert!(
        stale.is_empty(),
        "in docs/errors.md, not in the sources: {stale:?}"
    );
}
