//! The walls of the house: who may know whom, and what the core may not touch.
#![allow(clippy::unwrap_used)]

use imprint_tests::repository;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What each crate may depend on of ours, and of the libraries that are one crate's business.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("core/device", &[]),
    ("core/image", &["imprint-device"]),
    ("core/ledger", &[]),
    ("core/legacy", &["imprint-device"]),
    ("core/packs", &["imprint-device"]),
    ("core/twin", &["imprint-device"]),
    ("core/transcript", &[]),
    (
        "core/target",
        &["imprint-device", "imprint-transcript", "probe-rs"],
    ),
    ("core/qemu", &["imprint-target"]),
    (
        "core/engine",
        &[
            "imprint-device",
            "imprint-image",
            "imprint-ledger",
            "imprint-legacy",
            "imprint-packs",
            "imprint-plugin-host",
            "imprint-qemu",
            "imprint-target",
            "imprint-transcript",
            "imprint-twin",
            "rhai",
        ],
    ),
    ("plugins/abi", &[]),
    ("plugins/sdk", &["imprint-plugin-abi"]),
    (
        "plugins/host",
        &["imprint-plugin-abi", "imprint-twin", "libloading"],
    ),
    (
        "plugins/testkit",
        &[
            "imprint-device",
            "imprint-plugin-abi",
            "imprint-plugin-host",
            "imprint-twin",
        ],
    ),
    ("plugins/nordic-nrf5", &["imprint-plugin"]),
    ("plugins/st-stm32f1", &["imprint-plugin"]),
    ("plugins/st-stm32f4", &["imprint-plugin"]),
    ("bindings/facade", &["imprint"]),
    ("bindings/c", &["imprint-facade"]),
    ("bindings/python", &["imprint-facade", "pyo3"]),
];

/// Libraries that are one crate's business.
const SPECIAL: [&str; 4] = ["probe-rs", "rhai", "libloading", "pyo3"];

/// Names under `[dependencies]` of a manifest, not those of its tests.
fn dependencies(manifest: &str) -> Vec<String> {
    let section = manifest.split("[dependencies]").nth(1).unwrap_or_default();
    let section = section.split("\n[").next().unwrap_or_default();
    let names = section.lines().filter_map(|line| {
        let name = line.split(['.', '=', ' ']).next()?;
        (!name.is_empty() && !name.starts_with('#')).then(|| name.to_string())
    });
    names.collect()
}

#[test]
fn arrows_point_down() {
    for &(folder, may_know) in MAY_KNOW {
        let path = repository().join(folder).join("Cargo.toml");
        let found = dependencies(&fs::read_to_string(&path).unwrap());
        for name in found {
            let is_ours = name == "imprint" || name.starts_with("imprint-");
            let is_guarded = is_ours || SPECIAL.contains(&name.as_str());
            assert!(
                !is_guarded || may_know.contains(&name.as_str()),
                "{folder} must not know {name}"
            );
        }
    }
}

#[test]
fn the_names_of_dependencies_are_found() {
    let manifest = "[package]\nname = \"x\"\n\n[dependencies]\n# why\nrhai.workspace = true\na = \"1\"\n\n[dev-dependencies]\nb = \"1\"\n";
    assert_eq!(dependencies(manifest), ["rhai", "a"]);
}

/// Words that reach for the process's surroundings, or keep state beside the arguments.
const OUTSIDE: [&str; 9] = [
    "env::var",
    "env::args",
    "home_dir",
    "current_dir",
    "println!",
    "eprintln!",
    "static mut",
    "thread_local!",
    "process::exit",
];

/// State that outlives a call, and where it may be: the loaded plugins; Rhai's tables of functions, which never change.
const STATE: [&str; 4] = ["Mutex<", "RwLock<", "OnceLock<", "Atomic"];
const STATE_IN: [&str; 2] = ["plugin/library.rs", "script/sandbox.rs"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn the_core_reads_no_environment_and_keeps_no_state() {
    let mut files = Vec::new();
    for name in [
        "core/device",
        "core/image",
        "core/ledger",
        "core/legacy",
        "core/packs",
        "core/target",
        "core/twin",
        "core/qemu",
        "core/transcript",
        "core/engine",
        "plugins/host",
    ] {
        sources(&repository().join(name).join("src"), &mut files);
    }
    assert!(files.len() > 100, "only {} files", files.len());
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let product = text.split("#[cfg(test)]").next().unwrap_or_default();
        let may_keep = STATE_IN.iter().any(|end| path.ends_with(end));
        for (index, line) in product.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let place = format!("{}:{}: {line}", path.display(), index + 1);
            assert!(!OUTSIDE.iter().any(|word| code.contains(word)), "{place}");
            let is_static = code
                .trim_start()
                .trim_start_matches("pub ")
                .starts_with("static ");
            let keeps = is_static && STATE.iter().any(|word| code.contains(word));
            assert!(!keeps || may_keep, "{place}");
        }
    }
}
