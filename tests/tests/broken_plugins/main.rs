//! Each broken plugin fails the case that is about its mistake, and no other.

mod mutants;
mod rust;

use imprint_tests::{command_path, library_path, repository};
use mutants::{MUTANTS, Mutant};
use serde_json::Value;
use std::{
    fs,
    panic::catch_unwind,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// Plugins that are checked at the same time: cases are processes, mostly of a few milliseconds.
const BESIDE: usize = 3;

/// What a check told: the failed cases with what was found, and its exit code.
struct Told {
    failed: Vec<(String, String)>,
    exit: Option<i32>,
    text: String,
}

fn check(library: &Path, device: &Path, options: &[&str]) -> Told {
    let output = Command::new(command_path())
        .args(["--json", "plugin", "check"])
        .arg(library)
        .arg("--device")
        .arg(device)
        .args(options)
        .output()
        .unwrap_or_else(|error| panic!("{error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + String::from_utf8_lossy(&output.stderr).as_ref();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    let cases = told["cases"].as_array().cloned().unwrap_or_default();
    assert!(!cases.is_empty(), "no case was run: {text}");
    let failed = cases
        .iter()
        .filter(|case| case["verdict"] == "failed")
        .map(|case| {
            let name = case["case"].as_str().unwrap_or_default();
            (name.to_string(), case["finding"].to_string())
        });
    Told {
        failed: failed.collect(),
        exit: output.status.code(),
        text,
    }
}

/// The template in C with changes, compiled.
fn compile(folder: &Path, name: &str, changes: &[(&str, &str, &str)]) -> PathBuf {
    let template = repository().join("plugins/template-c");
    let folder = folder.join(name.replace(' ', "-"));
    fs::create_dir_all(&folder).unwrap_or_else(|error| panic!("{error}"));
    let files = ["a1.h", "plugin.c", "board.c", "text.c", "exports.map"];
    for file in files {
        let mut text =
            fs::read_to_string(template.join(file)).unwrap_or_else(|error| panic!("{error}"));
        for (_, old, new) in changes.iter().filter(|change| change.0 == file) {
            assert!(
                text.contains(old),
                "`{name}`: {file} of the template has no `{old}` any more"
            );
            text = text.replacen(old, new, 1);
        }
        fs::write(folder.join(file), text).unwrap_or_else(|error| panic!("{error}"));
    }
    let library = folder.join("libbroken.so");
    let output = Command::new("cc")
        .current_dir(&folder)
        .args(["-std=c11", "-O1", "-fPIC", "-shared", "-pthread"])
        .arg("-I")
        .arg(repository().join("plugins/include"))
        .arg("-Wl,--version-script=exports.map")
        .args(["-o", "libbroken.so", "plugin.c", "board.c", "text.c"])
        .output()
        .expect("no C compiler `cc`; install one: apt-get install gcc");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`{name}`: {text}");
    library
}

fn device() -> PathBuf {
    repository().join("plugins/template-c/devices/A1.ron")
}

/// What is wrong with how this plugin was judged.
fn judge(folder: &Path, mutant: &Mutant) -> Option<String> {
    let library = compile(folder, mutant.name, mutant.changes);
    let told = check(&library, &device(), &[]);
    let names: Vec<&str> = told.failed.iter().map(|(name, _)| name.as_str()).collect();
    let says = told
        .failed
        .iter()
        .any(|(_, finding)| finding.contains(mutant.found));
    let is_right = names == mutant.cases && says && told.exit == Some(7);
    (!is_right).then(|| {
        format!(
            "`{}`: expected {:?} with {:?}, found {:?}, exit {:?}",
            mutant.name, mutant.cases, mutant.found, told.failed, told.exit
        )
    })
}

#[test]
fn the_template_itself_is_good() {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let library = compile(folder.path(), "as it is", &[]);
    let told = check(&library, &device(), &[]);
    assert!(told.failed.is_empty(), "{:?}", told.failed);
    assert_eq!(told.exit, Some(0), "{}", told.text);
}

#[test]
fn what_ships_is_good() {
    for (package, device) in [
        ("imprint-nordic-nrf5", "devices/nRF51822_xxAA.ron"),
        ("imprint-nordic-nrf5", "devices/nRF52832_xxAA.ron"),
        ("imprint-st-stm32f1", "devices/STM32F103C8.ron"),
        ("imprint-st-stm32f1", "devices/STM32F030C8.ron"),
        ("imprint-st-stm32f4", "devices/STM32F407VG.ron"),
        (
            "imprint-template-rust",
            "plugins/template-rust/devices/A1.ron",
        ),
    ] {
        let told = check(&library_path(package), &repository().join(device), &[]);
        assert!(told.failed.is_empty(), "{device}: {:?}", told.failed);
        assert_eq!(told.exit, Some(0), "{}", told.text);
    }
}

#[test]
fn each_mistake_in_c_fails_its_case_alone() {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let next = AtomicUsize::new(0);
    let work = || {
        let mut wrong = Vec::new();
        while let Some(mutant) = MUTANTS.get(next.fetch_add(1, Ordering::Relaxed)) {
            let verdict = catch_unwind(|| judge(folder.path(), mutant));
            wrong.extend(verdict.unwrap_or_else(|_| Some(format!("`{}`: see above", mutant.name))));
        }
        wrong
    };
    let wrong: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..BESIDE).map(|_| scope.spawn(work)).collect();
        let results = workers.into_iter().map(|worker| worker.join());
        results
            .flat_map(|result| result.unwrap_or_else(|_| panic!("a worker failed, see above")))
            .collect()
    });
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_case_has_a_plugin_that_fails_it() {
    let output = Command::new(command_path())
        .args(["--json", "plugin", "check", "--list"])
        .output()
        .unwrap_or_else(|error| panic!("{error}"));
    let told: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}"));
    for case in told["cases"].as_array().into_iter().flatten() {
        let name = case["case"].as_str().unwrap_or_default();
        let is_failed = MUTANTS.iter().any(|mutant| mutant.cases.contains(&name));
        assert!(is_failed, "no broken plugin fails `{name}`");
    }
}

/// A plugin that never comes back is killed, and the check says where it was.
#[test]
fn a_plugin_that_hangs_is_killed() {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let hang = (
        "plugin.c",
        "    status = read_word(host, PART, &part, error);",
        "    for (volatile int i = 0; i < 1;)\n        ;\n    status = read_word(host, PART, &part, error);",
    );
    let library = compile(folder.path(), "hangs", &[hang]);
    let told = check(
        &library,
        &device(),
        &["--case", "identify", "--timeout", "3"],
    );
    let [(case, finding)] = told.failed.as_slice() else {
        panic!("{}", told.text);
    };
    assert_eq!(case, "identify");
    assert!(finding.contains("still running after 3 s"), "{finding}");
    assert!(finding.contains("\"at\":\"identify\""), "{finding}");
}
