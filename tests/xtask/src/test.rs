//! `test`: every test of the workspace, with plain cargo, so that it runs everywhere. `test --quick`: those that need a C
//! compiler and nothing else.

use crate::{Result, process, setup};
use serde_json::Value;

/// A test program that needs more than a C compiler.
struct Special {
    /// Its name in cargo, of which there is one in the workspace.
    name: &'static str,
    /// What it needs, for who leaves it out.
    needs: &'static str,
}

/// All of them. What they need is installed by `setup`.
const SPECIAL: &[Special] = &[
    Special {
        name: "differential",
        needs: "libunicorn, the emulator that the interpreter is compared with",
    },
    Special {
        name: "second_reader",
        needs: "Python, with packages of its index",
    },
    Special {
        name: "embedding_c",
        needs: "a C++ compiler, pkg-config, valgrind",
    },
    Special {
        name: "embedding_python",
        needs: "Python, with maturin and mypy of its index",
    },
    Special {
        name: "foreign",
        needs: "OpenOCD; Python, with pyOCD of its index",
    },
    Special {
        name: "qemu",
        needs: "QEMU with its microbit",
    },
];

/// Runs all tests.
pub fn run() -> Result<()> {
    setup::for_tests()?;
    build()?;
    process::run(&mut process::cargo(&[
        "test",
        "--workspace",
        "--no-fail-fast",
    ]))
}

/// Runs those that need a C compiler only, and says which were left out.
pub fn quick() -> Result<()> {
    setup::for_quick_tests()?;
    build()?;
    let mut command = process::cargo(&["test", "--workspace", "--no-fail-fast"]);
    command.args(["--lib", "--bins", "--examples"]);
    for name in names()? {
        command.args(["--test", &name]);
    }
    let tested = process::run(&mut command);
    // Cargo takes them alone or not at all.
    let documented = process::run(&mut process::cargo(&["test", "--workspace", "--doc"]));
    println!("\nleft out, and run by `cargo xtask test`:");
    for Special { name, needs } in SPECIAL {
        println!("  {name:<15} needs {needs}");
    }
    tested.and(documented)
}

/// The end-to-end tests run what lies in the target folder: the command and the shared libraries. With all targets,
/// because tests turn features of dependencies on, and what was built without would be built again.
fn build() -> Result<()> {
    let build = ["build", "--workspace", "--all-targets"];
    process::run(&mut process::cargo(&build))
}

/// The test programs of the workspace, without the special ones. One that is special and not there is a mistake.
fn names() -> Result<Vec<String>> {
    let arguments = ["metadata", "--no-deps", "--format-version", "1"];
    let text = process::output(&mut process::cargo(&arguments))?;
    let metadata: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let mut names = test_names(&metadata);
    for Special { name, .. } in SPECIAL {
        let before = names.len();
        names.retain(|found| found != name);
        if names.len() == before {
            return Err(format!("there is no test program `{name}`"));
        }
    }
    names.sort();
    names.dedup();
    Ok(names)
}

/// What cargo builds of `tests/` by default.
fn test_names(metadata: &Value) -> Vec<String> {
    let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    let targets = list(metadata, "packages")
        .into_iter()
        .flat_map(|package| list(&package, "targets"));
    targets
        .filter(|target| list(target, "kind").contains(&"test".into()))
        .filter(|target| list(target, "required-features").is_empty())
        .filter_map(|target| Some(target["name"].as_str()?.to_owned()))
        .collect()
}
