//! A disk that is full, and other files that cannot be written.

use crate::refused;
use imprint_tests::{NRF52, Recipe, Started, Workshop, random_bytes};
use std::process::Command;

/// A recipe whose object is larger than what `limited` lets a file be.
fn large() -> Recipe {
    Recipe::programming(&NRF52, random_bytes(1, 64 << 10))
}

/// The command line in a shell that lets no file grow beyond 8 KiB: the system refuses the rest, as on a full disk.
fn limited(workshop: &Workshop, arguments: &[&str]) -> Started {
    let mut line = Command::new("bash");
    line.args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$@\"", "bash"]);
    let command = workshop.line(arguments);
    line.arg(command.get_program()).args(command.get_args());
    Started::new(line.arg("--json").current_dir(workshop.path("")))
}

#[test]
fn a_file_that_cannot_be_written_whole_is_not_there() {
    let workshop = Workshop::without_plugins();
    let recipe = workshop.project("unit", &large());
    workshop.build("good", &large()).passes();
    for (name, arguments) in [
        ("build", vec!["build", &recipe, "-o", "unit.sapobj"]),
        (
            "seal",
            vec![
                "seal",
                "good.sapobj",
                "--sap",
                "-o",
                "unit.sap",
                "--key",
                "owner.key",
            ],
        ),
    ] {
        let before = workshop.snapshot();
        let run = limited(&workshop, &arguments).finish();
        let failure = run.failures().remove(0);
        assert!(
            run.exit == 8 && failure.code.starts_with("IMP-"),
            "{name}: {run}"
        );
        assert!(
            failure.help.is_some() && failure.message.contains("unit.sap"),
            "{name}: {run}"
        );
        let differences = before.differences(&workshop.snapshot());
        assert!(differences.is_empty(), "{name}: {differences:?}");
        // With room, the same command succeeds.
        workshop.json(&arguments).passes();
    }
}

/// A file system of 16 KiB, in a namespace of its own: no other process sees it, and it goes with the command.
const ON_A_FULL_DISK: &str =
    "mount -t tmpfs -o size=16k tmpfs full && { \"$@\"; exit=$?; ls -A full >&2; exit $exit; }";

#[test]
fn a_full_disk_is_told_as_such() {
    let workshop = Workshop::without_plugins();
    let recipe = workshop.project("unit", &large());
    workshop.create_folder("full");
    let command = workshop.line(&["build", &recipe, "-o", "full/unit.sapobj"]);
    let mut line = Command::new("unshare");
    line.args([
        "--mount",
        "--map-root-user",
        "bash",
        "-c",
        ON_A_FULL_DISK,
        "bash",
    ]);
    line.arg(command.get_program())
        .args(command.get_args())
        .arg("--json");
    let run = Started::new(line.current_dir(workshop.path(""))).finish();
    assert!(
        !run.stderr.contains("unshare:") && !run.stderr.contains("mount:"),
        "this test needs unprivileged user namespaces: sysctl kernel.unprivileged_userns_clone=1\n{run}"
    );
    let failure = run.fails_with(8, "IMP-1091");
    assert!(failure.message.contains("full/unit.sapobj"), "{run}");
    assert!(
        failure.help.unwrap().contains("disk is full"),
        "{}",
        run.stderr
    );
    // `ls` after it shows that the folder is empty: a name would be a line of its own.
    assert!(
        !run.stderr
            .lines()
            .any(|line| line.starts_with("unit") || line.starts_with('.')),
        "{run}"
    );
}

#[test]
fn places_where_no_file_can_be() {
    let workshop = Workshop::without_plugins();
    let recipe = workshop.project("unit", &large());
    for (name, output) in [
        ("no folder", "missing/unit.sapobj"),
        ("a file as folder", "owner.pub/x"),
    ] {
        let build = ["build", &recipe, "-o", output];
        refused(&workshop, name, &build, (8, "IMP-1090"), &[output]);
    }
    // A secret key is never written over.
    refused(
        &workshop,
        "a key",
        &["key", "new", "owner"],
        (2, "IMP-9002"),
        &["owner.key"],
    );
}

#[test]
fn files_that_cannot_be_read() {
    let workshop = Workshop::without_plugins();
    let run = |image| {
        [
            "run",
            image,
            "--trust",
            "owner.pub",
            "--on",
            "twin:nRF52832_xxAA",
        ]
    };
    let seal = |object| ["seal", object, "--sap", "-o", "x.sap", "--key", "owner.key"];
    for (name, arguments) in [
        ("run", &run("missing.sap")[..]),
        ("run a folder", &run("plugins")),
        ("seal", &seal("missing.sapobj")),
        ("script", &["script", "check", "missing.rhai"]),
        ("inspect", &["inspect", "missing.sap"]),
        ("verify", &["verify", "missing.sap", "--trust", "owner.pub"]),
    ] {
        let path = arguments
            .iter()
            .find(|it| it.starts_with("missing") || **it == "plugins");
        refused(
            &workshop,
            name,
            arguments,
            (8, "IMP-9010"),
            &[path.unwrap()],
        );
    }
}
