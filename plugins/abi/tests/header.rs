//! `plugins/include/imprint_plugin.h` is generated from this crate, committed, and valid C.
#![allow(clippy::unwrap_used)]

use imprint_plugin_abi::{
    IMPRINT_EXT_BOARD, IMPRINT_EXT_CORE, IMPRINT_EXT_DEBUG_PORT, IMPRINT_PLUGIN_ENTRY,
};
use std::{fmt::Write, fs, path::PathBuf, process::Command};

const REGENERATE: &str = "IMPRINT_WRITE_HEADER=1 cargo test -p imprint-plugin-abi header";

/// What the header says before its first declaration.
const PREAMBLE: &str = "\
/* The C ABI between Imprint (the host) and a device-family plugin.
 *
 * Generated from plugins/abi. Do not edit: change the Rust files there, then run
 *     IMPRINT_WRITE_HEADER=1 cargo test -p imprint-plugin-abi header
 *
 * A plugin is a shared library that exports one function:
 *     const struct imprint_plugin *imprint_plugin_entry_v1(void);
 * It returns the address of a static, immutable table and does nothing else.
 *
 * Ownership
 * 1. Who allocates frees. No memory changes owner across the boundary.
 * 2. Every pointer argument is valid until the call returns, not longer. That holds for the host table too: it is an
 *    argument of every call and must not be kept.
 * 3. Plugin, family and extension tables and their strings are static and immutable for the life of the process. A
 *    plugin is never unloaded.
 * 4. A session is made by `open` and ended by `close` exactly once. `close` cannot fail and does not touch the target.
 * 5. Calls on one session never overlap and may come from different threads; different sessions run in parallel.
 *
 * Failing
 * Every function that can fail returns `imprint_status` and explains itself in `error`, which may be null. No exception
 * and no panic crosses the boundary: a C++ plugin catches everything in each of its functions.
 *
 * Threads
 * `[session]` functions may be called only by the thread that is inside a call on that session. `[any]` functions may
 * be called by any thread until that call returns. The host's `delay_us` is the only way to wait.
 *
 * Growth
 * Tables grow at the end only. Every table begins with the size its writer compiled it with; a reader asks before it
 * touches a field added after 1.0. A null function pointer means \"not offered\".
 */";

/// A struct, its size, and the offsets of some of its fields.
type Layout = (&'static str, usize, &'static [(&'static str, usize)]);

/// Checks of the layout, for the compiler that includes the header.
const STRUCTS: &[Layout] = &[
    ("imprint_str", 16, &[("len", 8)]),
    ("imprint_error", 40, &[("address", 8), ("message_len", 32)]),
    ("imprint_call", 64, &[("entry", 8), ("args", 32)]),
    ("imprint_host", 88, &[("mem_read", 16), ("extension", 80)]),
    (
        "imprint_debug_port",
        48,
        &[("dp_read", 8), ("reset_line", 40)],
    ),
    ("imprint_core", 56, &[("halt", 8), ("register_write", 48)]),
    ("imprint_named", 32, &[("summary", 16)]),
    ("imprint_family", 176, &[("open", 72), ("extension", 168)]),
    ("imprint_plugin", 64, &[("id", 16), ("families", 56)]),
    ("imprint_window", 16, &[("len", 8)]),
    (
        "imprint_board_host",
        104,
        &[("now_ns", 16), ("property", 96)],
    ),
    ("imprint_board", 96, &[("open", 8), ("load", 88)]),
];

#[test]
fn header_is_the_committed_one() {
    let generated = generate();
    let path = header_path();
    if std::env::var_os("IMPRINT_WRITE_HEADER").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "{} is not what plugins/abi says; run: {REGENERATE}",
        path.display()
    );
}

#[test]
fn header_is_valid_c() {
    for standard in ["c11", "c17"] {
        let output = Command::new("cc")
            .args([
                "-x",
                "c",
                "-Wall",
                "-Wextra",
                "-Wpedantic",
                "-Werror",
                "-fsyntax-only",
            ])
            .arg(format!("-std={standard}"))
            .arg(header_path())
            .output()
            .expect("no C compiler `cc`; install one: apt-get install gcc");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{standard}: {stderr}");
    }
}

fn header_path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../include/imprint_plugin.h")
}

fn generate() -> String {
    let config = cbindgen::Config {
        language: cbindgen::Language::C,
        cpp_compat: true,
        style: cbindgen::Style::Tag,
        include_guard: Some("IMPRINT_PLUGIN_H".into()),
        header: Some(PREAMBLE.into()),
        no_includes: true,
        sys_includes: vec!["stddef.h".into(), "stdint.h".into()],
        documentation_style: cbindgen::DocumentationStyle::C99,
        usize_is_size_t: true,
        line_length: 100,
        export: cbindgen::ExportConfig {
            // Reached by no function: the one exported function is declared in the trailer.
            include: STRUCTS
                .iter()
                .map(|(name, ..)| (*name).to_owned())
                .collect(),
            // It would be a second name for what the trailer declares.
            exclude: vec!["imprint_plugin_entry_fn".into()],
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
    // cbindgen writes no string constants, and its trailer falls outside the include guard.
    let (body, guard_end) = text.rsplit_once("#endif").unwrap();
    format!("{body}{}#endif{guard_end}", tail())
}

/// What cbindgen does not write: ids, the exported function, and the checks of the layout.
fn tail() -> String {
    let mut text = String::new();
    for (name, id) in [
        ("IMPRINT_EXT_DEBUG_PORT", IMPRINT_EXT_DEBUG_PORT),
        ("IMPRINT_EXT_CORE", IMPRINT_EXT_CORE),
        ("IMPRINT_EXT_BOARD", IMPRINT_EXT_BOARD),
    ] {
        writeln!(
            text,
            "// Id of an extension table.\n#define {name} \"{id}\"\n"
        )
        .unwrap();
    }
    write!(
        text,
        "// The exported function.\n\
         #ifdef __cplusplus\n\
         extern \"C\"\n\
         #endif\n\
         const struct imprint_plugin *{IMPRINT_PLUGIN_ENTRY}(void);\n\n\
         #if UINTPTR_MAX == UINT64_MAX && !defined(__cplusplus)\n"
    )
    .unwrap();
    for (name, size, fields) in STRUCTS {
        let mut check = |condition: String, what: String| {
            writeln!(text, "_Static_assert({condition}, \"{what}\");").unwrap();
        };
        check(
            format!("sizeof(struct {name}) == {size}"),
            (*name).to_owned(),
        );
        for (field, offset) in *fields {
            check(
                format!("offsetof(struct {name}, {field}) == {offset}"),
                format!("{name}.{field}"),
            );
        }
    }
    text.push_str("#endif\n\n");
    text
}
