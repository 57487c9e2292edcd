//! What the command prints and how it exits, word for word: `cmd/*.trycmd`.
//!
//! After a wanted change: `TRYCMD=overwrite cargo test -p imprint-cli --test commands`, then read the difference.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

/// A `--home` with the repository's devices and nothing else: no plugin, nobody trusted.
fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let devices = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../devices");
    symlink(devices.canonicalize().unwrap(), home.path().join("devices")).unwrap();
    home
}

#[test]
fn word_for_word() {
    let home = home();
    trycmd::TestCases::new()
        .env("IMPRINT_HOME", home.path().to_str().unwrap())
        .case("tests/cmd/*.trycmd")
        .run();
}

#[test]
fn the_reference_of_scripts_is_the_commands() {
    let output = Command::new(env!("CARGO_BIN_EXE_imprint"))
        .args(["script", "reference"])
        .output()
        .unwrap();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/script-reference.md");
    let advice = "run: imprint script reference > docs/script-reference.md";
    assert!(fs::read(page).unwrap() == output.stdout, "{advice}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_imprint"))
        .args(["script", "reference"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

/// Every write to it fails as on a full disk.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_leaves_nothing() {
    use std::{fs::File, process::Stdio};
    let output = Command::new(env!("CARGO_BIN_EXE_imprint"))
        .args(["script", "reference"])
        .stdout(Stdio::from(
            File::options().write(true).open("/dev/full").unwrap(),
        ))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(8));
    assert!(String::from_utf8_lossy(&output.stderr).contains("IMP-9011"));
}

/// A folder to run commands in, with a home of its own.
struct Bench {
    home: tempfile::TempDir,
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Bench {
        Bench {
            home: home(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The exit code, and what was said on standard output and standard error.
    fn imprint(&self, line: &str) -> (i32, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_imprint"))
            .args(line.split(' '))
            .env("IMPRINT_HOME", self.home.path())
            .current_dir(&self.folder)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let code = output.status.code().unwrap();
        (code, text(output.stdout), text(output.stderr))
    }

    /// A sealed image `p.sap` of the project `p`, and all that is needed for it.
    fn with_image() -> Bench {
        let bench = Bench::new();
        for line in [
            "key new k",
            "key new owner",
            "key new s --station",
            "new p",
            "build p/recipe.ron -o p.sapobj",
            "seal p.sapobj --sap -o p.sap --key k.key",
        ] {
            let (code, _, said) = bench.imprint(line);
            assert_eq!(code, 0, "{line}: {said}");
        }
        bench
    }

    /// Every file and what is in it; of links where they lead.
    fn contents(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.folder.path().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let kind = path.symlink_metadata().unwrap().file_type();
                let bytes = match kind {
                    kind if kind.is_dir() => {
                        folders.push(path);
                        continue;
                    }
                    kind if kind.is_file() => fs::read(&path).unwrap(),
                    kind => format!("{kind:?}").into_bytes(),
                };
                found.insert(path, bytes);
            }
        }
        found
    }
}

fn make_pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn no_output_costs_an_input() {
    let bench = Bench::with_image();
    fs::hard_link(bench.at("k.key"), bench.at("hard")).unwrap();
    symlink("k.key", bench.at("soft")).unwrap();
    symlink("p", bench.at("way")).unwrap();
    fs::write(bench.at("p.sap.grants"), "").unwrap();
    fs::write(bench.at("b.twin"), "").unwrap();
    fs::create_dir(bench.at("plugins")).unwrap();
    fs::write(bench.at("plugins/libx.so"), "").unwrap();
    fs::write(bench.at("plugins/libx.plugin.ron"), "").unwrap();
    let before = bench.contents();
    let seal = "seal p.sapobj --sap --key k.key --owner owner.pub --to s.pub -o";
    let run = "run p.sap --trust k.pub --trust owner.pub --station-key s.key --plugins plugins";
    let twin = "--on twin:nRF52832_xxAA";
    for line in [
        format!("{seal} k.key"),
        format!("{seal} p/../k.key"),
        format!("{seal} hard"),
        format!("{seal} soft"),
        format!("{seal} owner.pub"),
        format!("{seal} s.pub"),
        format!("{seal} ./p.sapobj"),
        "build p/recipe.ron -o p/recipe.ron".into(),
        "build p/recipe.ron -o p/script.rhai".into(),
        "build p/recipe.ron -o way/firmware.hex".into(),
        "build way/recipe.ron -o p/selftest.hex".into(),
        format!("{run} {twin} --dump 0:64=p.sap"),
        format!("{run} {twin} --dump 0:64=k.pub"),
        format!("{run} {twin} --dump 0:64=owner.pub"),
        format!("{run} {twin} --dump 0:64=s.key"),
        format!("{run} {twin} --dump 0:64=p.sap.grants"),
        format!("{run} {twin} --dump 0:64=plugins/libx.so"),
        format!("{run} {twin} --dump 0:64=plugins/libx.plugin.ron"),
        format!("{run} {twin} --dump 0:64=a --dump 64:64=./a"),
        format!("{run} {twin} --dump 0:64=a --transcript p/../a"),
        format!("{run} {twin} --transcript p.sap"),
        format!("{run} --on twin:b.twin --dump 0:64=b.twin"),
    ] {
        let (code, _, said) = bench.imprint(&line);
        assert_eq!(code, 2, "{line}: {said}");
        assert!(said.starts_with("error[IMP-9003]"), "{line}: {said}");
    }
    assert!(bench.contents() == before);
}

#[test]
fn only_plain_files_are_replaced() {
    let bench = Bench::with_image();
    fs::write(bench.at("precious"), "precious").unwrap();
    symlink("precious", bench.at("link")).unwrap();
    symlink("nowhere", bench.at("dangling")).unwrap();
    fs::create_dir(bench.at("empty")).unwrap();
    make_pipe(&bench.at("pipe"));
    let before = bench.contents();
    let run = "run p.sap --trust k.pub --on twin:";
    for name in ["link", "dangling", "empty", "pipe"] {
        for line in [
            "build p/recipe.ron -o ",
            "seal p.sapobj --sap --key k.key -o ",
            // Without a plugin these would fail otherwise, had they come so far.
            &format!("{run}nRF52832_xxAA --transcript "),
            &format!("{run}nRF52832_xxAA --dump 0:64="),
        ] {
            let (code, _, said) = bench.imprint(&format!("{line}{name}"));
            assert_eq!(code, 8, "{line}{name}: {said}");
            assert!(said.starts_with("error[IMP-1093]"), "{line}{name}: {said}");
        }
    }
    let (code, _, said) = bench.imprint(&format!("{run}./link"));
    assert_eq!(code, 8, "{said}");
    assert!(said.starts_with("error[IMP-1093]"), "{said}");
    assert!(bench.contents() == before);
}

#[test]
fn a_pipe_is_not_waited_for() {
    let bench = Bench::with_image();
    make_pipe(&bench.at("x.twin"));
    for line in [
        "verify x.twin --trust k.pub",
        "inspect x.twin",
        "seal x.twin --sap -o y.sap --key k.key",
        "build x.twin -o y.sapobj",
        "run x.twin --trust k.pub --on twin:nRF52832_xxAA",
        "run p.sap --trust k.pub --on twin:x.twin",
        "twin show x.twin",
        "key show x.twin",
        "script check x.twin",
    ] {
        let (code, _, said) = bench.imprint(line);
        assert_eq!(code, 8, "{line}: {said}");
        assert!(
            said.contains("IMP-9010") && said.contains("pipe"),
            "{line}: {said}"
        );
    }
}

#[test]
fn a_bad_trusted_key_is_named_and_the_list_still_shown() {
    let bench = Bench::with_image();
    let (code, _, said) = bench.imprint("plugin trust k.pub");
    assert_eq!(code, 0, "{said}");
    let trust = bench.home.path().join("trust");
    fs::write(trust.join("junk.pub"), "junk").unwrap();
    make_pipe(&trust.join("pipe.pub"));

    let (code, _, said) = bench.imprint("twin new nRF52832_xxAA -o x.twin");
    assert_eq!(code, 3, "{said}");
    assert!(
        said.starts_with("error[IMP-2001]") && said.contains("junk.pub"),
        "{said}"
    );

    let (code, shown, said) = bench.imprint("plugin list");
    assert_eq!(code, 0, "{said}");
    let (_, id, _) = bench.imprint("key show k.pub");
    let id = id
        .lines()
        .find_map(|line| line.strip_prefix("id "))
        .unwrap();
    assert!(shown.contains(id), "{shown}");
    assert!(
        said.contains("junk.pub") && said.contains("pipe.pub"),
        "{said}"
    );
    let (_, shown, _) = bench.imprint("plugin list --json");
    assert!(
        shown.contains("unusable_keys") && shown.contains("junk.pub"),
        "{shown}"
    );
}

/// A device's name, and its sources, are whatever its file says.
#[test]
fn what_a_device_file_says_does_not_act_on_the_terminal() {
    let bench = Bench::new();
    let devices = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../devices");
    let file = fs::read_dir(devices)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "ron"))
        .unwrap();
    let text = fs::read_to_string(file).unwrap();
    let vendor = text.split("vendor: \"").nth(1).unwrap();
    let vendor = vendor.split('"').next().unwrap();
    let evil = text.replace(vendor, "\\u{1b}[2J\\u{9b}\\nPASS\\u{202e}");
    fs::write(bench.at("evil.ron"), evil).unwrap();
    for line in ["device list", "device list --json"] {
        let (code, shown, said) = bench.imprint(&format!("{line} --devices ."));
        assert_eq!(code, 0, "{said}");
        let acts = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        if line.ends_with("--json") {
            let told: serde_json::Value = serde_json::from_str(&shown).unwrap();
            assert!(
                told.to_string().contains("\\u001b[2J\u{9b}\\nPASS\u{202e}"),
                "{told}"
            );
        } else {
            assert!(!shown.contains(acts), "{shown:?}");
            assert!(shown.contains(r"\u{1b}[2J\u{9b}\nPASS\u{202e}"), "{shown}");
        }
    }
}
