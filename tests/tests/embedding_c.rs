//! The engine from C: the library is linked as a person would link it, shared and static, and the examples are run.
#![allow(clippy::unwrap_used)]

use imprint_tests::{NRF52, Recipe, Run, Started, Workshop, library_path, repository};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A folder with an installed library, images, and a C compiler.
struct Bench {
    workshop: Workshop,
}

/// How a program is linked.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Linked {
    Shared,
    Static,
}

impl Bench {
    /// With images: `hello` needs nothing, `lot` needs a value, `endless` never ends.
    fn new() -> Bench {
        let bench = Bench {
            workshop: Workshop::new(),
        };
        let shared = library_path("imprint");
        bench.install("shared", &shared);
        bench.install("static", &shared.with_extension("a"));
        let workshop = &bench.workshop;
        let firmware = NRF52.firmware("elf");
        let programs = |before: &str| {
            let script = format!(
                "fn main(unit) {{\n    let chip = unit.connect();\n    {before}\n    chip.erase();\n    \
                 chip.program(unit.payload(\"firmware\"));\n    chip.verify(unit.payload(\"firmware\"));\n}}\n"
            );
            Recipe::new(NRF52.device, &script)
                .right("mass_erase")
                .payload("firmware", "firmware.elf", firmware.clone())
        };
        workshop.image("hello", &programs(""));
        workshop.image(
            "lot",
            &programs("unit.record(\"lot\", unit.value(\"lot\"));"),
        );
        workshop.image(
            "endless",
            &Recipe::with_body("    while true { unit.delay_ms(1); }"),
        );
        workshop.signer("stranger");
        bench
    }

    /// Puts header, library and `imprint.pc` where `make install` would.
    fn install(&self, prefix: &str, library: &Path) {
        let from = repository().join("bindings/c");
        for (file, to) in [
            (from.join("include/imprint.h"), "include"),
            (from.join("imprint.pc"), "lib/pkgconfig"),
            (library.to_path_buf(), "lib"),
        ] {
            let to = format!("{prefix}/{to}");
            self.workshop.create_folder(&to);
            let path = self.workshop.path(to).join(file.file_name().unwrap());
            // The libraries are large.
            if fs::hard_link(&file, &path).is_err() {
                fs::copy(&file, &path).unwrap();
            }
        }
    }

    /// Compiles `bindings/c/SOURCE`, with what pkg-config says.
    fn compile(&self, source: &str, linked: Linked) -> PathBuf {
        let (prefix, option) = match linked {
            Linked::Shared => ("shared", "--libs"),
            Linked::Static => ("static", "--static"),
        };
        let prefix = self.workshop.path(prefix);
        let mut command = Command::new("pkg-config");
        command
            .env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig"))
            .args(["--cflags", "--libs", option, "imprint"]);
        let flags = done(command, "apt-get install pkg-config");
        let source = repository().join("bindings/c").join(source);
        let name = source.file_stem().unwrap().to_string_lossy().into_owned();
        let program = self.workshop.path(format!("{name}-{linked:?}"));
        let mut command = Command::new("cc");
        command
            .args([
                "-std=c11",
                "-Wall",
                "-Wextra",
                "-Wpedantic",
                "-Werror",
                "-g",
            ])
            .arg(&source)
            .args(flags.split_whitespace())
            .args(["-pthread", "-o"])
            .arg(&program);
        if linked == Linked::Shared {
            command.arg(format!("-Wl,-rpath,{}", prefix.join("lib").display()));
        }
        done(command, "apt-get install gcc");
        program
    }

    /// Runs a program in the folder.
    fn run(&self, program: &Path, arguments: &[&str]) -> Run {
        self.run_under(&[], program, arguments)
    }

    fn run_under(&self, tool: &[&str], program: &Path, arguments: &[&str]) -> Run {
        let program = program.display().to_string();
        let words: Vec<&str> = tool.iter().copied().chain([program.as_str()]).collect();
        let mut command = Command::new(words[0]);
        command
            .args(&words[1..])
            .args(arguments)
            .current_dir(self.workshop.path(""));
        Started::new(&mut command).finish()
    }
}

/// What a command that must succeed writes.
fn done(mut command: Command, install: &str) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}; needed: {install}"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {stderr}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_examples_run_linked_either_way() {
    let bench = Bench::new();
    let owner = ["owner.pub", "plugins", "owner.pub"];
    for linked in [Linked::Shared, Linked::Static] {
        let run = bench.compile("examples/run.c", linked);
        let passed = bench
            .run(&run, &[&["hello.sap"], &owner[..]].concat())
            .passes();
        assert!(passed.stdout.starts_with("PASS  uid "), "{passed}");
        let failed = bench.run(&run, &[&["lot.sap"], &owner[..]].concat());
        assert_eq!(failed.exit, 1);
        assert!(failed.stdout.starts_with("FAIL  IMP-8182: "), "{failed}");
        let refused = bench.run(&run, &["hello.sap", "stranger.pub", "plugins", "owner.pub"]);
        assert!(refused.stdout.starts_with("FAIL  IMP-2"), "{refused}");
    }

    let list = bench.compile("examples/list.c", Linked::Shared);
    let devices = repository().join("devices").display().to_string();
    let listed = bench.run(&list, &[&devices]).passes();
    for line in [
        "libimprint 0.1.0\n",
        "  nRF52832_xxAA  nordic.nrf5\n",
        "probes: ",
    ] {
        assert!(listed.stdout.contains(line), "{listed}");
    }
    assert_eq!(bench.run(&list, &["nowhere"]).exit, 1);

    let watch = bench.compile("examples/watch.c", Linked::Shared);
    let arguments = ["lot.sap", "owner.pub", "plugins", "owner.pub", "books"];
    let watched = bench.run(&watch, &arguments).passes();
    for line in [
        "asked for  lot\n",
        "record     lot = L7\n",
        "program    firmware   ok\n",
        "PASS  unit 0\n",
    ] {
        assert!(watched.stdout.contains(line), "{line:?}\n{watched}");
    }
    let arguments = [
        "endless.sap",
        "owner.pub",
        "plugins",
        "owner.pub",
        "books",
        "0.2",
    ];
    let cancelled = bench.run(&watch, &arguments);
    assert!(
        cancelled.stdout.contains("CANCELLED  unit -1\nIMP-8001: "),
        "{cancelled}"
    );
}

#[test]
fn what_is_used_wrongly_is_told_and_does_no_harm() {
    let bench = Bench::new();
    let misuse = bench.compile("tests/c/misuse.c", Linked::Shared);
    let arguments = [
        "lot.sap",
        "owner.pub",
        "plugins",
        "owner.pub",
        "stranger.pub",
    ];
    let told = bench.run(&misuse, &arguments).passes();
    assert_eq!(told.stdout, "0 errors\n");
    let valgrind = [
        "valgrind",
        "--quiet",
        "--error-exitcode=9",
        "--leak-check=full",
        "--errors-for-leak-kinds=definite",
    ];
    let checked = bench.run_under(&valgrind, &misuse, &arguments).passes();
    assert_eq!(checked.stdout, "0 errors\n", "{checked}");
    let run = bench.compile("examples/run.c", Linked::Shared);
    let arguments = ["hello.sap", "owner.pub", "plugins", "owner.pub"];
    bench.run_under(&valgrind, &run, &arguments).passes();
}

#[test]
fn units_run_at_once_and_each_is_cancelled_by_its_own_token() {
    let bench = Bench::new();
    let threads = bench.compile("tests/c/threads.c", Linked::Shared);
    let arguments = ["lot.sap", "owner.pub", "plugins", "owner.pub", "books"];
    let run = bench.run(&threads, &arguments).passes();
    assert_eq!(run.stdout, "0 errors\n");
}

#[test]
fn the_header_is_valid_cpp_also_beside_the_plugins() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("both.cpp");
    fs::write(
        &source,
        "#include <imprint_plugin.h>\n#include <imprint.h>\n",
    )
    .unwrap();
    for standard in ["c++11", "c++20"] {
        let mut command = Command::new("c++");
        command
            .args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"])
            .arg(format!("-std={standard}"));
        for include in ["bindings/c/include", "plugins/include"] {
            command.arg(format!("-I{}", repository().join(include).display()));
        }
        command.arg(&source);
        done(command, "apt-get install g++");
    }
}

#[test]
fn the_page_shows_the_examples_and_the_version_is_the_librarys() {
    let read = |path: &str| fs::read_to_string(repository().join(path)).unwrap();
    let page = read("docs/embedding-c.md");
    let examples =
        ["run", "watch", "list"].map(|name| read(&format!("bindings/c/examples/{name}.c")));
    let blocks: Vec<&str> = page
        .split("```c\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert!(blocks.len() > 2, "{} blocks", blocks.len());
    for block in blocks {
        let is_shown = examples.iter().any(|example| example.contains(block));
        assert!(is_shown, "no example has:\n{block}");
    }
    let version = format!("\nVersion: {}\n", env!("CARGO_PKG_VERSION"));
    assert!(read("bindings/c/imprint.pc").contains(&version));
}
