//! `include/imprint.h` is generated from this crate, committed, and valid C, alone and beside the plugin's header.
#![allow(clippy::unwrap_used)]

use std::{fs, path::PathBuf, process::Command};

const REGENERATE: &str = "IMPRINT_WRITE_HEADER=1 cargo test -p imprint-c --test header";

/// What the header says before its first declaration.
const PREAMBLE: &str = "\
/* libimprint: the Imprint engine for C.
 *
 * Generated from bindings/c. Do not edit: change the Rust files there, then run
 *     IMPRINT_WRITE_HEADER=1 cargo test -p imprint-c --test header
 *
 * How to begin: docs/embedding-c.md.
 *
 * Ownership
 * What a function returns without `const` is the caller's, and is freed once, with the function `_free` of its type. All
 * else stays whose it was: what is passed in is borrowed until the call returns; a `const` text or handle that is
 * returned belongs to the handle it was asked of, and goes with it; what a callback is given goes when it returns. To
 * free null does nothing. To free twice, or to use what is freed, is undefined, as with `free`.
 *
 * Failing
 * A function that can fail takes `struct imprint_failure **failure`. It returns null (or 0) and puts a failure there,
 * which is the caller's. A call that finds a failure there does nothing and returns null (or 0): so several calls in a row
 * need one check, and the first failure is the one that is kept. `failure` itself may be null.
 * A null handle is a failure (IMP-9030) where one is needed, and gives null or 0 where something is only asked of it.
 *
 * Threads
 * There is no state beside the handles and the loaded plugins. Engines, images and cancel tokens may be used by several
 * threads at once; reports, failures and lists never change, and may be read by several. None may be freed while another
 * thread uses it. Callbacks come on the thread that called `imprint_run`. They may call any function here but those that
 * free what the run was given. They must return: no exception and no longjmp crosses the boundary.
 *
 * Text
 * All texts and paths are UTF-8 and end with a zero byte. A list of texts ends with a null pointer; null is an empty one.
 *
 * Growth
 * Structs grow at their end only, and begin with their size. Set `struct_size` and leave what you do not use zero:
 *     struct imprint_run_options options = { .struct_size = sizeof options, .on = \"probe\" };
 */";

/// Reached by no function, but by macros or callbacks only.
const ALSO: [&str; 6] = [
    "IMPRINT_OUTCOME_PASS",
    "IMPRINT_OUTCOME_FAIL",
    "IMPRINT_OUTCOME_CANCELLED",
    "imprint_progress",
    "imprint_record",
    "imprint_prompt",
];

#[test]
fn header_is_the_committed_one() {
    let generated = generate();
    let path = folder().join("include/imprint.h");
    if std::env::var_os("IMPRINT_WRITE_HEADER").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "{} is not what bindings/c says; run: {REGENERATE}",
        path.display()
    );
}

#[test]
fn header_is_valid_c_also_beside_the_plugins() {
    let both = "#include <imprint.h>\n#include <imprint_plugin.h>\n#include <imprint.h>\n";
    for standard in ["c99", "c11", "c17"] {
        for text in ["#include <imprint.h>\n", both] {
            let mut command = Command::new("cc");
            command
                .args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"])
                .arg(format!("-std={standard}"))
                .arg(format!("-I{}", folder().join("include").display()))
                .arg(format!(
                    "-I{}",
                    folder().join("../../plugins/include").display()
                ))
                .args(["-x", "c", "-"]);
            let output = with_input(&mut command, text);
            assert!(output.is_empty(), "{standard}: {output}");
        }
    }
}

/// What a program writes to standard error.
fn with_input(command: &mut Command, input: &str) -> String {
    use std::{io::Write, process::Stdio};
    let mut child = command
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("no C compiler `cc`; install one: apt-get install gcc");
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn generate() -> String {
    let config = cbindgen::Config {
        language: cbindgen::Language::C,
        cpp_compat: true,
        style: cbindgen::Style::Tag,
        include_guard: Some("IMPRINT_H".into()),
        header: Some(PREAMBLE.into()),
        no_includes: true,
        sys_includes: vec!["stddef.h".into(), "stdint.h".into()],
        documentation_style: cbindgen::DocumentationStyle::C99,
        usize_is_size_t: true,
        line_length: 100,
        export: cbindgen::ExportConfig {
            include: ALSO.map(str::to_owned).to_vec(),
            ..Default::default()
        },
        ..Default::default()
    };
    let mut text = Vec::new();
    cbindgen::Builder::new()
        .with_crate(env!("CARGO_MANIFEST_DIR"))
        .with_config(config)
        .generate()
        .unwrap()
        .write(&mut text);
    let text = String::from_utf8(text).unwrap();
    // What is only for who changes the Rust side.
    without_safety(&text)
}

/// The documentation without its sections `# Safety`: their words are those of the preamble.
fn without_safety(text: &str) -> String {
    let mut kept = Vec::new();
    let mut in_safety = false;
    for line in text.lines() {
        let comment = line.trim_start().strip_prefix("//").map(str::trim);
        match comment {
            Some("# Safety") => {
                in_safety = true;
                // The empty line above it.
                if kept.last().is_some_and(|line: &&str| line.trim() == "//") {
                    kept.pop();
                }
            }
            Some(_) if in_safety => {}
            _ => {
                in_safety = false;
                kept.push(line);
            }
        }
    }
    kept.join("\n") + "\n"
}
