//! The engine from Python: the wheel is built and installed as a person would, and its tests, examples and page are run.
#![allow(clippy::unwrap_used)]

use imprint_tests::{Chip, NRF52, Recipe, Workshop, command_path, repository};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

fn folder() -> PathBuf {
    repository().join("bindings/python")
}

/// Python with these arguments and the module, which is built once a run. It writes no byte code beside what it reads.
fn python(arguments: &[&str]) -> Command {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    let interpreter = PYTHON.get_or_init(|| {
        let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let requirements = folder().join("tests/requirements.txt");
        let interpreter = imprint_tests::python(temporary, "embedding-python", &requirements);
        install(&interpreter, temporary);
        interpreter
    });
    let mut command = Command::new(interpreter);
    command.arg("-B").args(arguments);
    command
}

/// Builds the wheel and installs it.
fn install(interpreter: &Path, temporary: &Path) {
    let wheels = tempfile::tempdir_in(temporary).unwrap();
    // Beside what is built already; not compressed, because it is thrown away; and for this machine alone.
    let target = command_path().ancestors().nth(2).unwrap().to_path_buf();
    let mut maturin = Command::new(interpreter);
    maturin
        .args(["-m", "maturin", "build", "--profile", "dev", "--locked"])
        .args(["--compression-method", "stored", "--auditwheel", "skip"])
        .env("CARGO_TARGET_DIR", target)
        .current_dir(folder())
        .arg("--out")
        .arg(wheels.path());
    done(&mut maturin);
    let mut files = fs::read_dir(wheels.path()).unwrap();
    let wheel = files.next().unwrap().unwrap().path();
    let name = wheel.file_name().unwrap().to_string_lossy().into_owned();
    // Of the stable ABI: one for all Pythons from 3.9 on.
    assert!(name.contains("-cp39-abi3-"), "{name}");
    let mut pip = Command::new(interpreter);
    pip.args(["-m", "pip", "install", "--quiet", "--force-reinstall"])
        .args(["--no-deps", "--no-index"])
        .arg(&wheel);
    done(&mut pip);
}

fn output_of(command: &mut Command) -> Output {
    command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

fn said(output: &Output) -> String {
    let streams = [&output.stdout, &output.stderr];
    streams.map(|it| String::from_utf8_lossy(it)).join("\n")
}

/// Runs to a good end, and returns what was written.
fn done(command: &mut Command) -> String {
    let output = output_of(command);
    let said = said(&output);
    assert!(output.status.success(), "{command:?}: {said}");
    said
}

/// A folder with what the tests of the module name.
fn bench() -> Workshop {
    let workshop = Workshop::new();
    let programs = |before: &str| {
        let script = format!(
            "fn main(unit) {{\n    let chip = unit.connect();\n    {before}\n    chip.erase();\n    \
             chip.program(unit.payload(\"firmware\"));\n    chip.verify(unit.payload(\"firmware\"));\n}}\n"
        );
        Recipe::new(NRF52.device, &script)
            .right("mass_erase")
            .payload("firmware", "firmware.elf", Chip::firmware(&NRF52, "elf"))
    };
    workshop.image("hello", &programs(""));
    workshop.image("bad", &programs("fail(\"a scratch\");"));
    workshop.image(
        "lot",
        &programs("unit.record(\"lot\", unit.value(\"lot\"));"),
    );
    workshop.image(
        "endless",
        &Recipe::with_body("    while true { unit.delay_ms(1); }"),
    );
    workshop.build("batch", &programs("")).passes();
    workshop.restrict("batch", "(units: 2)", &[]);
    workshop.build("locked", &programs("")).passes();
    workshop.seal("locked", &["--to", "station.pub"]);
    workshop.write("passphrase", "open sesame");
    let lock = ["key", "lock", "station.key", "-o", "locked.key"];
    workshop
        .imprint(&[&lock[..], &["--passphrase-file", "passphrase"]].concat())
        .passes();
    workshop.write("station.key", workshop.read("locked.key"));
    workshop.signer("stranger");
    workshop.twin("board.twin", NRF52.device, &[]);
    let device = format!("devices/{}.ron", NRF52.device);
    workshop.write(&device, fs::read(repository().join(&device)).unwrap());
    // As the page calls them.
    for name in ["me.pub", "plugins.pub"] {
        workshop.write(name, workshop.read("owner.pub"));
    }
    workshop
}

#[test]
fn its_own_tests_pass_and_its_types_are_right() {
    let workshop = bench();
    let tests = folder().join("tests/test_imprint.py");
    let mut run = python(&[]);
    let said = done(run.arg(&tests).current_dir(workshop.path("")));
    assert!(said.contains("\nOK"), "{said}");
    assert!(!said.contains("Ran 0 tests"), "{said}");

    // As installed: the marker `py.typed` and the stubs have come along.
    let mut mypy = python(&["-m", "mypy", "--strict", "--cache-dir"]);
    mypy.arg(workshop.path("mypy"))
        .current_dir(workshop.path(""));
    let examples =
        ["run", "watch", "list"].map(|name| folder().join(format!("examples/{name}.py")));
    let said = done(mypy.arg(&tests).args(examples));
    assert!(said.contains("no issues found in 4 source files"), "{said}");
    let mut mypy = python(&["-m", "mypy", "--strict", "-p", "imprint", "--cache-dir"]);
    mypy.arg(workshop.path("mypy"))
        .current_dir(workshop.path(""));
    done(&mut mypy);
}

#[test]
fn the_examples_and_the_page_run() {
    let workshop = bench();
    let example = |name: &str, arguments: &[&str]| {
        let mut command = python(&[]);
        command.arg(folder().join(format!("examples/{name}.py")));
        command.args(arguments).current_dir(workshop.path(""));
        let output = output_of(&mut command);
        (output.status.code(), said(&output))
    };
    let owner = ["owner.pub", "plugins", "owner.pub"];
    let (exit, said) = example("run", &[&["hello.sap"], &owner[..]].concat());
    assert!(exit == Some(0) && said.starts_with("PASS "), "{said}");
    let (exit, said) = example("run", &[&["bad.sap"], &owner[..]].concat());
    assert!(
        exit == Some(1) && said.contains("IMP-3010: a scratch"),
        "{said}"
    );
    let (exit, said) = example("watch", &[&["lot.sap"], &owner[..], &["books"]].concat());
    assert_eq!(exit, Some(0), "{said}");
    for line in [
        "asked for  lot\n",
        "record     lot = L7\n",
        "program    firmware   ok\n",
        "PASS unit 0\n",
    ] {
        assert!(said.contains(line), "{line:?} {said}");
    }
    let (exit, said) = example(
        "watch",
        &[&["endless.sap"], &owner[..], &["books", "0.2"]].concat(),
    );
    assert!(
        exit == Some(1) && said.contains("CANCELLED unit None\n"),
        "{said}"
    );
    let (exit, said) = example(
        "watch",
        &["hello.sap", "stranger.pub", "plugins", "owner.pub", "books"],
    );
    assert!(
        exit == Some(1) && said.contains("IMP-2106: ") && said.contains("help: "),
        "{said}"
    );
    let (exit, said) = example("list", &["devices"]);
    assert!(
        exit == Some(0) && said.contains("nRF52832_xxAA nordic.nrf5\n"),
        "{said}"
    );

    // The blocks of the page, one after the other.
    let page = fs::read_to_string(repository().join("docs/embedding-python.md")).unwrap();
    let blocks: Vec<&str> = page
        .split("```python\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert!(blocks.len() > 3, "{} blocks", blocks.len());
    workshop.write("page.py", blocks.concat());
    let mut run = python(&["page.py"]);
    let said = done(run.current_dir(workshop.path("")));
    assert!(said.starts_with("PASS "), "{said}");
}
