//! `setup`: the system packages that tests and measurements need, beyond Rust. Installs what is missing as root on Debian; elsewhere
//! it says what to type.

use crate::{Result, process, workspace};

/// A package, and a silent command that succeeds when it is there.
struct Package {
    name: &'static str,
    probe: &'static [&'static str],
}

/// The C compiler builds the C plugin.
const FOR_QUICK_TESTS: &[Package] = &[
    Package {
        name: "gcc",
        probe: &["cc", "--version"],
    },
    Package {
        name: "libc6-dev",
        probe: &[
            "cc",
            "-fsyntax-only",
            "-include",
            "stdio.h",
            "-x",
            "c",
            "/dev/null",
        ],
    },
];

/// Programs and libraries of others that the tests compare with: libunicorn is the oracle's emulator; Python runs the second
/// reader, pyOCD and its own binding; OpenOCD debugs served boards; QEMU has a chip that nobody here wrote; the C++ compiler,
/// pkg-config and valgrind check the binding to C. A test program that needs one is in the table of `test.rs`.
const FOR_TESTS: &[Package] = &[
    Package {
        name: "libunicorn-dev",
        probe: &[
            "cc",
            "-fsyntax-only",
            "-include",
            "unicorn/unicorn.h",
            "-x",
            "c",
            "/dev/null",
        ],
    },
    Package {
        name: "qemu-system-arm",
        probe: &["qemu-system-arm", "--version"],
    },
    Package {
        name: "g++",
        probe: &["c++", "--version"],
    },
    Package {
        name: "pkg-config",
        probe: &["pkg-config", "--version"],
    },
    Package {
        name: "valgrind",
        probe: &["valgrind", "--version"],
    },
    Package {
        name: "python3",
        probe: &["python3", "--version"],
    },
    Package {
        name: "python3-venv",
        probe: &["python3", "-m", "ensurepip", "--version"],
    },
    Package {
        name: "openocd",
        probe: &["openocd", "--version"],
    },
];

/// Builds what is in tests/firmware/out.
const FOR_FIRMWARE: &[Package] = &[Package {
    name: "gcc-arm-none-eabi",
    probe: &["arm-none-eabi-gcc", "--version"],
}];

/// What images are measured against, and what keeps a program to one core.
const FOR_BENCH: &[Package] = &[
    Package {
        name: "age",
        probe: &["age", "--version"],
    },
    Package {
        name: "openssl",
        probe: &["openssl", "version"],
    },
    Package {
        name: "util-linux",
        probe: &["taskset", "--version"],
    },
];

/// Everything that any verb needs.
pub fn run() -> Result<()> {
    for_tests()?;
    for_firmware()?;
    for_bench()?;
    println!("all system packages are there");
    Ok(())
}

/// What `test` needs.
pub fn for_tests() -> Result<()> {
    for_quick_tests()?;
    provide(FOR_TESTS)
}

/// What `test --quick` needs.
pub fn for_quick_tests() -> Result<()> {
    provide(FOR_QUICK_TESTS)
}

/// What `firmware` needs.
pub fn for_firmware() -> Result<()> {
    provide(FOR_FIRMWARE)
}

/// What `bench` needs.
pub fn for_bench() -> Result<()> {
    provide(FOR_BENCH)
}

fn provide(packages: &[Package]) -> Result<()> {
    let missing = missing(packages);
    if missing.is_empty() {
        return Ok(());
    }
    let advice = format!("needed: apt-get install {}", missing.join(" "));
    if !can_install() {
        return Err(advice);
    }
    install(&missing).map_err(|error| format!("{error}; {advice}"))?;
    match self::missing(packages) {
        still if still.is_empty() => Ok(()),
        still => Err(format!(
            "still not usable after installing: {}",
            still.join(" ")
        )),
    }
}

fn missing(packages: &[Package]) -> Vec<&'static str> {
    packages
        .iter()
        .filter(|package| !is_there(package.probe))
        .map(|package| package.name)
        .collect()
}

fn is_there(probe: &[&str]) -> bool {
    probe.split_first().is_some_and(|(program, arguments)| {
        process::succeeds(&mut process::command(
            &workspace::root(),
            program,
            arguments,
        ))
    })
}

fn can_install() -> bool {
    let root = workspace::root();
    let is_root = process::output(&mut process::command(&root, "id", ["-u"]));
    is_root.is_ok_and(|id| id.trim() == "0") && is_there(&["apt-get", "--version"])
}

fn install(packages: &[&str]) -> Result<()> {
    let root = workspace::root();
    process::run(&mut process::command(&root, "apt-get", ["update", "-q"]))?;
    let mut command = process::command(&root, "apt-get", ["install", "-q", "-y"]);
    command.arg("--no-install-recommends").args(packages);
    process::run(command.env("DEBIAN_FRONTEND", "noninteractive"))
}
