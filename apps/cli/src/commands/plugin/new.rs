//! `imprint plugin new`: a folder with a plugin that builds, with a chip that is all there, and with all it is built with.
//!
//! The sources come packed in the command (`build.rs`): what an author needs is published nowhere yet.

use crate::{
    exit::Exit,
    failure::{Failures, Result, argument},
    folder,
    options::PluginNew,
    output::Output,
    render::visible,
};
use serde_json::json;
use std::{
    env::consts::{DLL_PREFIX, DLL_SUFFIX},
    path::Path,
};

/// Templates and sources, packed by the build script.
const PACK: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/plugin.pack"));
/// All of it unpacked: bounds a pack that was damaged with the executable.
const PACK_LEN_MAX: usize = 16 << 20;

const MANIFEST: &str = include_str!("../../../templates/plugin/manifest.toml");
const README: &str = include_str!("../../../templates/plugin/README.md");
const GITIGNORE: &str = include_str!("../../../templates/plugin/gitignore");

/// Longest name of a folder that a crate is named after: crates.io takes no longer one.
const NAME_LEN_MAX: usize = 64;
/// Names that cargo refuses, or that something here has.
const TAKEN: &[&str] = &[
    "alloc",
    "core",
    "proc-macro",
    "proc_macro",
    "std",
    "test",
    "vendor",
    // The words of Rust, which no crate can be called by.
    "abstract",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "struct",
    "super",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

pub fn run(options: &PluginNew, output: &Output) -> Result {
    let names = Names::of(options)?;
    let files = match options.c {
        true => c_files(&names)?,
        false => rust_files(&names)?,
    };
    folder::write_all(&options.dir, &files)?;

    let dir = options.dir.display();
    let told = json!({
        "dir": dir.to_string(),
        "id": names.id,
        "family": names.family,
        "library": names.library(options.c),
        "files": files.iter().map(|(name, _)| name).collect::<Vec<_>>(),
    });
    let (build, library) = (build(options.c), names.library(options.c));
    output.done(&told, || {
        format!(
            "made {dir}: the plugin {}, with the example chip A1\n\nnext\n  cd {dir}\n  {build}\n  \
             imprint plugin check {library} --device devices/A1.ron\n\nREADME.md says how to go on",
            visible(&names.id)
        )
    })?;
    Ok(Exit::Pass)
}

fn build(c: bool) -> &'static str {
    match c {
        true => "make",
        false => "cargo build",
    }
}

/// What things are called in the author's folder.
struct Names {
    /// The crate, and the library.
    name: String,
    /// The plugin: a reverse domain name.
    id: String,
    /// The family: the last two parts of it.
    family: String,
}

impl Names {
    fn of(options: &PluginNew) -> Result<Names> {
        let name = crate_name(&options.dir)?;
        let id = match &options.id {
            Some(id) => id.clone(),
            None => format!("org.example.{}", name.replace('_', "-")),
        };
        if !is_plugin_id(&id) {
            return Err(argument(
                format!("`{id}` is no id of a plugin"),
                "write a reverse domain name in small letters: --id org.example.chips",
            )
            .into());
        }
        let parts: Vec<&str> = id.split('.').collect();
        let family = parts[parts.len() - 2..].join(".");
        Ok(Names { name, id, family })
    }

    /// The name as Rust and the linker write it.
    fn ident(&self) -> String {
        self.name.replace('-', "_")
    }

    /// Where the build leaves the library.
    fn library(&self, c: bool) -> String {
        let file = format!("{DLL_PREFIX}{}{DLL_SUFFIX}", self.ident());
        match c {
            true => file,
            false => format!("target/debug/{file}"),
        }
    }

    fn readme(&self, c: bool) -> Vec<u8> {
        let library = self.library(c);
        let (folder, files) = match c {
            true => (".", C_FILES),
            false => ("target/debug", RUST_FILES),
        };
        README
            .replace("{name}", &self.name)
            .replace("{files}", files)
            .replace("{build}", build(c))
            .replace("{library}", &library)
            .replace("{folder}", folder)
            .into_bytes()
    }
}

const RUST_FILES: &str = "| `src/lib.rs` | what the datasheet says, and what is exported |
| `src/family.rs` | what a programmer does to the chip |
| `src/board.rs` | what the chip does, for the twin |
| `tests/` | the board alone; the whole plugin against the rules of the boundary: `cargo test` |";
const C_FILES: &str = "| `a1.h` | what the datasheet says |
| `plugin.c` | what a programmer does to the chip, and what is exported |
| `board.c` | what the chip does, for the twin |
| `text.c` | text and numbers that cross the boundary |";

type File = (String, Vec<u8>);

fn rust_files(names: &Names) -> Result<Vec<File>> {
    let ident = names.ident();
    let mut files = unpack("rust/", |path, text| match path {
        "Cargo.lock" => with_package(&text, &names.name),
        _ => text
            .replace("org.example.template-rust", &names.id)
            .replace("\"template.rust\"", &format!("\"{}\"", names.family))
            .replace("imprint_template_rust", &ident),
    })?;
    let manifest = MANIFEST.replace("{name}", &names.name);
    files.push(("Cargo.toml".into(), manifest.into_bytes()));
    files.push(("README.md".into(), names.readme(false)));
    files.push((".gitignore".into(), GITIGNORE.into()));
    Ok(files)
}

fn c_files(names: &Names) -> Result<Vec<File>> {
    let ident = names.ident();
    let mut files = unpack("c/", |_, text| {
        text.replace("org.example.template-c", &names.id)
            .replace("\"template.c\"", &format!("\"{}\"", names.family))
            .replace("libtemplate_c", &format!("{DLL_PREFIX}{ident}"))
            .replace("INCLUDE ?= ../include", "INCLUDE ?= vendor")
    })?;
    files.push(("README.md".into(), names.readme(true)));
    files.push((".gitignore".into(), GITIGNORE.into()));
    Ok(files)
}

/// The files of one template, each as `fill` makes it; what lies in `vendor` stays as it is.
fn unpack(template: &str, fill: impl Fn(&str, String) -> String) -> Result<Vec<File>> {
    let damaged = || argument("this executable is damaged", "install it again");
    let pack = miniz_oxide::inflate::decompress_to_vec_with_limit(PACK, PACK_LEN_MAX);
    let pack = pack.ok().and_then(|pack| String::from_utf8(pack).ok());
    let pack = pack.ok_or_else(damaged)?;
    let (mut files, mut rest) = (Vec::new(), pack.as_str());
    while let Some((head, after)) = rest.split_once('\n') {
        let entry = head.split_once(' ').and_then(|(name, len)| {
            let (text, rest) = after.split_at_checked(len.parse().ok()?)?;
            Some((name, text, rest))
        });
        let (name, text, next) = entry.ok_or_else(damaged)?;
        rest = next;
        let Some(path) = name.strip_prefix(template) else {
            continue;
        };
        let text = match path.starts_with("vendor/") {
            true => text.to_string(),
            false => fill(path, text.to_string()),
        };
        files.push((path.to_string(), text.into_bytes()));
    }
    Ok(files)
}

/// The lock file with the author's own crate, so that cargo has nothing to look up.
fn with_package(lock: &str, name: &str) -> String {
    format!(
        "{lock}\n[[package]]\nname = \"{name}\"\nversion = \"0.1.0\"\ndependencies = [\n \"imprint-plugin\",\n \
         \"imprint-testkit\",\n]\n"
    )
}

/// The name of the crate: the folder's.
fn crate_name(dir: &Path) -> Result<String> {
    let absolute = std::path::absolute(dir);
    let folder = absolute
        .ok()
        .and_then(|path| Some(path.file_name()?.to_str()?.to_string()));
    let name = folder.unwrap_or_default();
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c))
        && name.len() <= NAME_LEN_MAX
        && !name.starts_with("imprint")
        && !TAKEN.contains(&name.as_str());
    match is_name {
        true => Ok(name),
        false => Err(Failures::from(argument(
            format!("`{}` does not name a plugin's folder", dir.display()),
            "choose a name of small letters, digits, `-` and `_` that begins with a letter, and not with `imprint`",
        ))),
    }
}

/// `^[a-z0-9]+(\.[a-z0-9-]+)+$`, as the ABI has it.
fn is_plugin_id(id: &str) -> bool {
    let mut parts = id.split('.');
    let is_part = |part: &str, hyphen: bool| {
        let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || (hyphen && c == '-');
        !part.is_empty() && part.chars().all(known)
    };
    let first = parts.next().is_some_and(|part| is_part(part, false));
    let rest: Vec<&str> = parts.collect();
    first && !rest.is_empty() && rest.iter().all(|part| is_part(part, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_names(dir: &str, id: Option<&str>, expect: Option<[&str; 3]>) {
        let options = PluginNew {
            dir: dir.into(),
            c: false,
            id: id.map(str::to_string),
        };
        let names = Names::of(&options).ok();
        let found = names.as_ref().map(|it| [&*it.name, &*it.id, &*it.family]);
        assert_eq!(found, expect, "{dir} {id:?}");
    }

    #[test]
    fn names_are_the_authors() {
        let a1 = Some(["my-a1", "org.example.my-a1", "example.my-a1"]);
        check_names("x/my-a1", None, a1);
        let under = Some(["my_a1", "org.example.my-a1", "example.my-a1"]);
        check_names("my_a1", None, under);
        let own = Some(["a1", "com.acme.chips.a1", "chips.a1"]);
        check_names("a1", Some("com.acme.chips.a1"), own);
        check_names("a1", Some("acme.a1"), Some(["a1", "acme.a1", "acme.a1"]));
        for (dir, id) in [
            ("A1", None),
            ("1a", None),
            ("imprint-a1", None),
            ("test", None),
            ("my a1", None),
            ("/", None),
            ("a1", Some("a1")),
            ("a1", Some("Org.example")),
            ("a1", Some("org..a1")),
            ("a1", Some("org.\"); evil")),
        ] {
            check_names(dir, id, None);
        }
    }

    #[test]
    fn nothing_of_the_template_is_left() {
        let options = PluginNew {
            dir: "my-a1".into(),
            c: false,
            id: Some("com.acme.a1".into()),
        };
        let names = Names::of(&options)
            .ok()
            .unwrap_or_else(|| panic!("no names"));
        for files in [rust_files(&names), c_files(&names)] {
            let files = files.unwrap_or_default();
            assert!(files.len() >= 10);
            for (path, bytes) in files
                .iter()
                .filter(|(path, _)| !path.starts_with("vendor/"))
            {
                let text = String::from_utf8_lossy(bytes);
                for word in ["template", "workspace = true", "../include", "# {name}"] {
                    assert!(!text.contains(word), "{path}: {word}");
                }
            }
        }
    }
}
