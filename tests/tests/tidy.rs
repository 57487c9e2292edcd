//! The rules of the house that no compiler checks, over every source file of the repository.
#![allow(clippy::unwrap_used)]

use imprint_tests::repository;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Longest source file, in lines.
const LINES_MAX: usize = 600;
/// Where `unsafe` may be: the plugin boundary, on both its sides, the tests of the boundary itself, and the binding to C, which
/// is made of pointers from the other side.
const UNSAFE_IN: &[&str] = &[
    "plugins/host/src/",
    "plugins/abi/",
    "plugins/sdk/src/glue",
    "plugins/testkit/src/raw",
    "plugins/sdk/tests/boundary",
    "bindings/c/src/",
];
/// Crates whose lints let them have it there; all others forbid it.
const OWN_LINTS: &[&str] = &[
    "plugins/host/Cargo.toml",
    "plugins/sdk/Cargo.toml",
    "plugins/testkit/Cargo.toml",
    "bindings/c/Cargo.toml",
];

struct Source {
    /// From the root of the repository, with `/`.
    path: String,
    text: String,
}

impl Source {
    fn is_test(&self) -> bool {
        let in_tests = ["tests/", "benches/", "examples/"].iter().any(|folder| {
            self.path.starts_with(folder) || self.path.contains(&format!("/{folder}"))
        });
        in_tests || self.path.ends_with("/tests.rs") || self.path.ends_with("_test.rs")
    }

    /// Lines that are not within an item marked `#[cfg(test)]`, with their numbers.
    fn product_lines(&self) -> Vec<(usize, &str)> {
        if self.is_test() {
            return Vec::new();
        }
        let mut product = Vec::new();
        let mut lines = self.text.lines().enumerate();
        while let Some((number, line)) = lines.next() {
            let is_test = ["#[cfg(test)]", "#[cfg(all(test,"];
            if !is_test
                .iter()
                .any(|start| line.trim_start().starts_with(start))
            {
                product.push((number + 1, line));
                continue;
            }
            // As rustfmt writes it, an item ends at a `}` below its first letter, or with its first line.
            let indent = line.len() - line.trim_start().len();
            let end = format!("{}}}", " ".repeat(indent));
            for (_, line) in lines.by_ref() {
                let is_one_line = line.trim_end().ends_with(';') || line.trim_end().ends_with("{}");
                if line.starts_with(&end)
                    || (is_one_line && !line.starts_with(&format!("{} ", " ".repeat(indent))))
                {
                    break;
                }
            }
        }
        product
    }
}

/// All files of the repository with one of these endings.
fn files(endings: &[&str]) -> Vec<Source> {
    let root = repository();
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            // Cargo marks what it builds.
            let is_built = path.join("CACHEDIR.TAG").exists();
            if path.is_dir() && name != ".git" && !is_built {
                folders.push(path);
            } else if path.is_file() && endings.iter().any(|ending| name.ends_with(ending)) {
                let relative = path
                    .strip_prefix(&root)
                    .unwrap()
                    .to_string_lossy()
                    .replace('\\', "/");
                let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
                found.push(Source {
                    path: relative,
                    text,
                });
            }
        }
    }
    found.sort_by(|left, right| left.path.cmp(&right.path));
    assert!(found.len() > 1, "no files {endings:?}");
    found
}

/// Fails with all findings at once.
fn none(rule: &str, findings: Vec<String>) {
    assert!(findings.is_empty(), "{rule}:\n  {}", findings.join("\n  "));
}

#[test]
fn files_are_short() {
    let long = files(&[".rs", ".rhai", ".c", ".h"])
        .into_iter()
        .filter_map(|source| {
            let count = source.text.lines().count();
            // The header and the definitions for editors are generated.
            let is_generated = source.path == "plugins/include/imprint_plugin.h"
                || source.path.ends_with(".d.rhai");
            let is_long = count > LINES_MAX && !is_generated;
            is_long.then(|| format!("{} has {count} lines", source.path))
        });
    none(
        &format!("a file has at most {LINES_MAX} lines"),
        long.collect(),
    );
}

#[test]
fn modules_say_what_they_are() {
    let silent = files(&[".rs"])
        .into_iter()
        .filter(|source| !source.text.starts_with("//!"));
    none(
        "a module begins with `//!`",
        silent.map(|source| source.path).collect(),
    );
    let scripts = files(&[".rhai"])
        .into_iter()
        .filter(|source| source.path.starts_with("scripts/") && !source.text.starts_with("//!"));
    none(
        "a script begins with `//!`",
        scripts.map(|source| source.path).collect(),
    );
}

/// A line without what follows `//`, as far as one can tell without parsing texts.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

#[test]
fn nothing_is_unwrapped_or_left_open() {
    let mut findings = Vec::new();
    // Split, so that this file is not a finding itself.
    let open = ["TO", "FIX", "XX"].map(|start| {
        format!(
            "{start}{}",
            match start {
                "TO" => "DO",
                "FIX" => "ME",
                _ => "X",
            }
        )
    });
    for source in files(&[".rs", ".rhai", ".c", ".h", ".md", ".ron", ".toml"]) {
        for (number, line) in source.text.lines().enumerate() {
            if open.iter().any(|word| line.contains(word.as_str())) {
                findings.push(format!("{}:{}: {}", source.path, number + 1, line.trim()));
            }
        }
        if source.path.ends_with(".rs") {
            for (number, line) in source.product_lines() {
                let is_bad = [".unwrap()", "todo!(", "unimplemented!(", "dbg!("].iter();
                if is_bad.clone().any(|text| code(line).contains(text)) {
                    findings.push(format!("{}:{number}: {}", source.path, line.trim()));
                }
            }
        }
    }
    let ignored = format!("#[{}", "ignore");
    for source in files(&[".rs"])
        .iter()
        .filter(|source| source.text.contains(&ignored))
    {
        findings.push(format!("{}: a test is ignored", source.path));
    }
    none(
        "nothing is unwrapped outside of tests, nothing is left open",
        findings,
    );
}

#[test]
fn unsafe_code_is_at_the_boundary_and_says_why_it_is_sound() {
    let mut findings = Vec::new();
    for source in files(&[".rs"]) {
        let lines: Vec<&str> = source.text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let code = code(line);
            let has_block = code.contains("unsafe {") || code.contains("unsafe impl");
            let may = UNSAFE_IN
                .iter()
                .any(|folder| source.path.starts_with(folder));
            if has_block && !may && !source.path.starts_with("tests/") {
                findings.push(format!("{}:{}: unsafe here", source.path, number + 1));
            }
            let before = &lines[number.saturating_sub(8)..=number];
            let is_explained = before.iter().any(|line| line.contains("SAFETY:"));
            if has_block && may && !is_explained {
                findings.push(format!("{}:{}: no SAFETY", source.path, number + 1));
            }
        }
    }
    none(
        "`unsafe` is at the plugin boundary only, and explained",
        findings,
    );
}

#[test]
fn every_crate_keeps_the_lints_of_the_workspace() {
    let manifests = files(&["Cargo.toml"]).into_iter().filter(|source| {
        let is_member = source.text.contains("[package]") && !source.path.contains("oracle");
        let keeps = match OWN_LINTS.contains(&source.path.as_str()) {
            true => source.text.contains("undocumented_unsafe_blocks"),
            false => source.text.contains("[lints]\nworkspace = true"),
        };
        is_member && !keeps
    });
    none(
        "a crate keeps the lints",
        manifests.map(|source| source.path).collect(),
    );
}

#[test]
fn device_descriptions_are_sound() {
    let mut count = 0;
    for source in files(&[".ron"])
        .iter()
        .filter(|source| source.path.starts_with("devices/"))
    {
        let device = imprint_device::Device::parse(&source.path, &source.text)
            .unwrap_or_else(|error| panic!("{error}"));
        let stem = Path::new(&source.path)
            .file_stem()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        assert_eq!(device.name, stem, "a device has the name of its file");
        assert!(!device.sources.is_empty(), "{}: no source", source.path);
        count += 1;
    }
    assert!(count >= 4, "{count} devices");
}

#[test]
fn no_path_of_this_machine() {
    let root = repository();
    let mut private: BTreeSet<String> = [Some(root.as_path()), root.parent()]
        .iter()
        .flatten()
        .map(|it| it.display().to_string())
        .collect();
    private.extend(std::env::var("HOME"));
    // The root folder and its like are in every text.
    private.retain(|path| path.len() > 2);
    let mut findings = Vec::new();
    let endings = [
        ".rs", ".rhai", ".c", ".h", ".md", ".ron", ".toml", ".lock", ".txt", ".trycmd", "run",
    ];
    for source in files(&endings) {
        for path in &private {
            let at = source.text.find(&format!("{path}/"));
            findings.extend(at.map(|_| format!("{} names {path}", source.path)));
        }
    }
    none("no path of a machine", findings);
}

/// Codes as they are defined: `=> "IMP-1234",` of an error's `code()`, and `NAME: &str = "IMP-1234";`.
fn definitions() -> BTreeMap<String, Vec<String>> {
    let mut definitions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in files(&[".rs"]) {
        for (number, line) in source.product_lines() {
            for shape in ["=> \"IMP-", ": &str = \"IMP-"] {
                let Some((_, rest)) = code(line).split_once(shape) else {
                    continue;
                };
                let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
                let place = format!("{}:{number}", source.path);
                definitions
                    .entry(format!("IMP-{digits}"))
                    .or_default()
                    .push(place);
            }
        }
    }
    definitions
}

/// Codes that are written down twice, because one place hands on or asks for what the other found.
const SHARED: [(&str, &str); 5] = [
    (
        "IMP-4002",
        "wrong target: the wire's registers tell, or else the family",
    ),
    ("IMP-4003", "locked: the wire tells, or else the family"),
    (
        "IMP-5103",
        "unsupported: the unit asks whether a family's failure is that one",
    ),
    (
        "IMP-8001",
        "cancelled: the wire stops first, and the unit ends for the same reason",
    ),
    (
        "IMP-8002",
        "out of time: the wire stops first, and the unit ends for the same reason",
    ),
];

#[test]
fn each_code_has_one_meaning() {
    let definitions = definitions();
    assert!(
        definitions.len() > 100,
        "only {} codes found",
        definitions.len()
    );
    let twice = definitions.iter().filter(|(code, places)| {
        assert_eq!(code.len(), "IMP-1234".len(), "{code}: {places:?}");
        places.len() > 1 && !SHARED.iter().any(|(shared, _)| shared == code)
    });
    none(
        "a code has one meaning",
        twice
            .map(|(code, places)| format!("{code}: {places:?}"))
            .collect(),
    );
}

/// Every `IMP-` with four digits in the code of the product. A comment may show any code, the catalogue has them all.
fn used_codes() -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    let is_asked = |source: &&Source| !source.path.starts_with("core/engine/src/catalogue/");
    for source in files(&[".rs"]).iter().filter(is_asked) {
        for (_, line) in source.product_lines() {
            for rest in code(line).split("IMP-").skip(1) {
                let digits = rest.get(..4).unwrap_or_default();
                if digits.len() == 4 && digits.bytes().all(|it| it.is_ascii_digit()) {
                    used.insert(format!("IMP-{digits}"));
                }
            }
        }
    }
    used
}

#[test]
fn the_catalogue_of_codes_is_complete() {
    let entries = imprint::catalogue::entries();
    let listed: BTreeSet<String> = entries.iter().map(|entry| entry.code.into()).collect();
    let used = used_codes();
    let defined: BTreeSet<String> = definitions().into_keys().collect();
    assert!(defined.is_subset(&used), "{:?}", defined.difference(&used));
    let missing = used
        .difference(&listed)
        .map(|code| format!("{code} has no entry"));
    let stale = listed
        .difference(&used)
        .map(|code| format!("{code} is in the catalogue alone"));
    none(
        "core/engine/src/catalogue has every code, and no other",
        missing.chain(stale).collect(),
    );
}
