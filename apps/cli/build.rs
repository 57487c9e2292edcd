//! Packs what `imprint plugin new` writes: the templates, and the sources that a plugin's author needs to build and test.
//!
//! Nothing of it is published yet, so it travels in the command. Manifests lose what only this repository can build, and
//! the versions of foreign crates are those that are tested here.
#![allow(
    clippy::panic,
    clippy::print_stdout,
    reason = "a build ends with its first mistake, and cargo is told on standard output"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

/// The crates an author builds, with all that they need of this repository.
const CRATES: [&str; 6] = [
    "core/device",
    "core/twin",
    "plugins/abi",
    "plugins/sdk",
    "plugins/host",
    "plugins/testkit",
];
/// What a manifest keeps.
const KEPT: [&str; 5] = ["package", "lib", "features", "dependencies", "lints"];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut pack = Pack {
        root: root.clone(),
        bytes: Vec::new(),
    };
    for folder in ["src", "tests", "devices"] {
        pack.folder(
            &format!("plugins/template-rust/{folder}"),
            &format!("rust/{folder}"),
        );
    }
    pack.folder("plugins/template-c", "c");
    pack.file(
        "plugins/include/imprint_plugin.h",
        "c/vendor/imprint_plugin.h",
    );

    let mut dependencies = BTreeMap::new();
    for krate in CRATES {
        let manifest = trimmed(&pack.read(&format!("{krate}/Cargo.toml")));
        let name = manifest
            .lines()
            .find_map(|line| line.strip_prefix("name = \""))
            .unwrap_or_default();
        dependencies.insert(name.trim_end_matches('"').to_string(), used(&manifest));
        pack.add(
            &format!("rust/vendor/{krate}/Cargo.toml"),
            manifest.as_bytes(),
        );
        pack.folder(&format!("{krate}/src"), &format!("rust/vendor/{krate}/src"));
    }
    let workspace = workspace(&pack.read("Cargo.toml"), &dependencies);
    pack.add("rust/vendor/Cargo.toml", workspace.as_bytes());
    let lock = lock(&pack.read("Cargo.lock"), &dependencies);
    pack.add("rust/Cargo.lock", lock.as_bytes());

    let packed = miniz_oxide::deflate::compress_to_vec(&pack.bytes, 9);
    let output = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default()).join("plugin.pack");
    done(&output, fs::write(&output, packed));
}

/// What came of an operation on a file; a build without the file ends.
fn done<T>(path: &Path, result: io::Result<T>) -> T {
    result.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Files one after the other: a line with name and length, then the bytes.
struct Pack {
    root: PathBuf,
    bytes: Vec<u8>,
}

impl Pack {
    fn read(&self, path: &str) -> String {
        let path = self.root.join(path);
        println!("cargo::rerun-if-changed={}", path.display());
        done(&path, fs::read_to_string(&path))
    }

    fn add(&mut self, name: &str, bytes: &[u8]) {
        self.bytes
            .extend(format!("{name} {}\n", bytes.len()).bytes());
        self.bytes.extend(bytes);
    }

    fn file(&mut self, path: &str, name: &str) {
        let text = self.read(path);
        self.add(name, text.as_bytes());
    }

    /// All sources below a folder, in an order that does not change by itself. What a build left there is none.
    fn folder(&mut self, path: &str, name: &str) {
        println!("cargo::rerun-if-changed={}", self.root.join(path).display());
        let folder = self.root.join(path);
        let entries = done(&folder, fs::read_dir(&folder));
        let mut files: Vec<String> = entries
            .map(|entry| {
                done(&folder, entry)
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        files.sort();
        for file in files {
            let (from, to) = (format!("{path}/{file}"), format!("{name}/{file}"));
            if self.root.join(&from).is_dir() {
                self.folder(&from, &to);
            } else if [".rs", ".ron", ".c", ".h", ".map", "Makefile"]
                .iter()
                .any(|it| file.ends_with(it))
            {
                self.file(&from, &to);
            }
        }
    }
}

/// A manifest without what only this repository can build: tests, examples and what they need.
fn trimmed(manifest: &str) -> String {
    let mut kept = true;
    let lines = manifest.lines().filter(|line| {
        if line.starts_with('[') {
            let section = line
                .trim_matches(['[', ']'])
                .split('.')
                .next()
                .unwrap_or_default();
            kept = KEPT.contains(&section) && !line.starts_with("[[");
        }
        kept
    });
    lines.map(|line| format!("{line}\n")).collect()
}

/// The crates that a trimmed manifest depends on.
fn used(manifest: &str) -> BTreeSet<String> {
    let section = manifest.split("[dependencies]").nth(1).unwrap_or_default();
    let section = section.split("\n[").next().unwrap_or_default();
    let names = section.lines().filter(|line| !line.starts_with('#'));
    names
        .filter_map(|line| Some(line.split_once(['.', ' ', '='])?.0.to_string()))
        .collect()
}

/// The manifest of the workspace that the vendored crates are.
fn workspace(root: &str, crates: &BTreeMap<String, BTreeSet<String>>) -> String {
    let used: BTreeSet<&String> = crates.values().flatten().collect();
    let mut text = format!("[workspace]\nresolver = \"3\"\nmembers = {CRATES:?}\n\n");
    let mut section = "";
    for line in root.lines() {
        if line.starts_with('[') {
            section = line;
        }
        let is_kept = match section {
            "[workspace.dependencies]" => {
                let name = line.split([' ', '.', '=']).next().unwrap_or_default();
                line == section || used.contains(&name.to_string())
            }
            other => other == "[workspace.package]" || other.starts_with("[workspace.lints"),
        };
        if is_kept {
            text += line;
            text += "\n";
        }
    }
    text
}

/// The part of the lock file that these crates need.
fn lock(root: &str, crates: &BTreeMap<String, BTreeSet<String>>) -> String {
    let (head, packages) = root.split_once("[[package]]\n").unwrap_or((root, ""));
    let mut wanted: BTreeSet<String> = crates.keys().cloned().collect();
    let packages: Vec<(&str, String)> = packages
        .split("[[package]]\n")
        .map(|package| {
            let name = package.lines().next().unwrap_or_default();
            let name = name.trim_start_matches("name = ").trim_matches('"');
            (name, pruned(package, crates.get(name)))
        })
        .collect();
    loop {
        let before = wanted.len();
        for (name, package) in &packages {
            if wanted.contains(*name) {
                wanted.extend(needs(package).map(str::to_string));
            }
        }
        if wanted.len() == before {
            break;
        }
    }
    let kept = packages.iter().filter(|(name, _)| wanted.contains(*name));
    let kept: Vec<String> = kept
        .map(|(_, package)| format!("[[package]]\n{}\n", package.trim_end()))
        .collect();
    format!("{head}{}", kept.join("\n"))
}

/// A package's entry, of which a crate of this repository keeps only what its trimmed manifest has.
fn pruned(package: &str, used: Option<&BTreeSet<String>>) -> String {
    let Some(used) = used else {
        return package.to_string();
    };
    let keep = |line: &&str| {
        let name = line
            .strip_prefix(" \"")
            .and_then(|it| it.split(['"', ' ']).next());
        name.is_none_or(|name| used.contains(name))
    };
    package
        .lines()
        .filter(keep)
        .map(|line| format!("{line}\n"))
        .collect()
}

/// The names under `dependencies`.
fn needs(package: &str) -> impl Iterator<Item = &str> {
    let lines = package.lines().filter_map(|line| line.strip_prefix(" \""));
    lines.filter_map(|line| line.split(['"', ' ']).next())
}
