//! A QEMU that is not there, is another one, dies or hangs: an error with a code each time, and nothing left behind.

use crate::{ON, recipe, run, workshop};
use imprint_tests::{Run, Started, Workshop};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{fs, os::unix::fs::PermissionsExt, thread::sleep, time::Duration};

/// State letter and parent of a process, if it is there.
fn process(id: u32) -> Option<(char, u32)> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let mut fields = stat.rsplit(") ").next()?.split(' ');
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

fn is_over(id: u32) -> bool {
    process(id).is_none_or(|(state, _)| matches!(state, 'Z' | 'X'))
}

fn child_of(parent: u32) -> Option<u32> {
    let ids = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    ids.into_iter()
        .find(|id: &u32| process(*id).is_some_and(|(_, of)| of == parent))
}

/// Waits until something is there, for as many looks as a machine under load needs.
fn wait<T>(mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..60_000 {
        if let Some(found) = look() {
            return found;
        }
        sleep(Duration::from_millis(1));
    }
    panic!("it did not happen");
}

/// A unit that reads for minutes once its chip is erased, and the ids of its worker and its QEMU then.
fn begun(workshop: &Workshop) -> (Started, u32, u32) {
    let body = "chip.erase();\nunit.log(\"erased\");\nloop { chip.read32(0x20000000); }";
    let recipe = recipe(body).limits(100_000, 90_000);
    let image = workshop.image("unit", &recipe);
    let line = [
        "run",
        &image,
        "--trust",
        "owner.pub",
        "--on",
        ON,
        "--transcript",
        "wire.txt",
        "--json",
    ];
    let command = workshop.start(&line);
    let worker = wait(|| child_of(command.id()));
    let transcript = workshop.path("wire.txt");
    // The transcript grows in blocks. Connecting and erasing are less than this.
    wait(|| {
        let file = fs::metadata(&transcript).ok()?;
        (file.len() > 128 << 10).then_some(())
    });
    let qemu = wait(|| {
        child_of(worker).filter(|id| {
            fs::read_to_string(format!("/proc/{id}/comm"))
                .is_ok_and(|name| name.starts_with("qemu-system"))
        })
    });
    (command, worker, qemu)
}

fn signal(id: u32, signal: Signal) {
    kill(Pid::from_raw(id.try_into().unwrap()), signal).unwrap();
}

#[test]
fn a_killed_qemu_fails_the_unit() {
    let workshop = workshop();
    let (command, _, qemu) = begun(&workshop);
    signal(qemu, Signal::SIGKILL);
    let run = command.finish();
    let failure = run.fails_with(1, "IMP-7132");
    assert!(failure.message.contains("signal: 9"), "{failure}");
    // What the unit met of it, and where.
    assert!(
        failure.found.is_some_and(|met| met.contains("IMP-40")),
        "{run}"
    );
    assert!(failure.place.is_some(), "{run}");
    assert!(!run.report().changes.erased.is_empty());
    assert!(is_over(qemu));
}

#[test]
fn a_qemu_that_hangs_fails_the_unit_and_is_ended() {
    let workshop = workshop();
    let (command, _, qemu) = begun(&workshop);
    signal(qemu, Signal::SIGSTOP);
    command.finish().fails_with(1, "IMP-7133");
    assert!(is_over(qemu));
}

/// A worker ends its QEMU; one that is killed cannot.
#[test]
fn a_killed_worker_leaves_no_qemu() {
    let workshop = workshop();
    let (command, worker, qemu) = begun(&workshop);
    signal(worker, Signal::SIGKILL);
    command.finish().fails_with(9, "IMP-8010");
    wait(|| is_over(qemu).then_some(()));
}

#[test]
fn a_cancelled_unit_leaves_no_qemu() {
    let workshop = workshop();
    let (command, _, qemu) = begun(&workshop);
    signal(command.id(), Signal::SIGINT);
    command.finish().fails_with(5, "IMP-8001");
    assert!(is_over(qemu));
}

/// Runs a unit with a search path of one folder, which has this program in the place of QEMU.
fn run_with_program(workshop: &Workshop, script: Option<&str>) -> Run {
    let recipe = recipe("chip.erase();");
    let image = workshop.image("unit", &recipe);
    workshop.create_folder("path");
    if let Some(script) = script {
        workshop.write("path/qemu-system-arm", script);
        let path = workshop.path("path/qemu-system-arm");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut line = workshop.line(&["run", &image, "--trust", "owner.pub", "--on", ON, "--json"]);
    Started::new(line.env("PATH", workshop.path("path"))).finish()
}

#[test]
fn another_program_in_its_place_is_an_error_that_says_what_to_install() {
    let workshop = Workshop::new();
    let answers =
        |text: &str| format!("#!/bin/sh\ncase $1 in --version) echo '{text}'; exit;; esac\n");
    let known = answers("QEMU emulator version 7.2.22 (Debian)");
    for (script, exit, code, help) in [
        (None, 4, "IMP-7130", "apt-get install"),
        (
            Some("no program".to_string()),
            4,
            "IMP-7130",
            "apt-get install",
        ),
        (
            Some(answers("QEMU emulator version 6.1.0")),
            4,
            "IMP-7131",
            "7.2",
        ),
        (Some(answers("cowsay 1")), 4, "IMP-7131", "apt-get install"),
        (Some("#!/bin/sh\n".into()), 4, "IMP-7131", "apt-get install"),
        (
            Some(format!("{known}echo 'no such machine' >&2; exit 1\n")),
            1,
            "IMP-7132",
            "the board",
        ),
        (
            Some(format!("{known}printf '+$E01#a6' >&3; read answer <&3\n")),
            1,
            "IMP-71",
            "",
        ),
        (
            Some(format!("{known}printf 'noise' >&3; exec 3>&-\n")),
            1,
            "IMP-7132",
            "",
        ),
    ] {
        let run = run_with_program(&workshop, script.as_deref());
        let failure = run.failures().into_iter().next().unwrap();
        assert!(failure.code.starts_with(code), "{script:?}: {run}");
        assert_eq!(run.exit, exit, "{script:?}: {run}");
        assert!(failure.help.unwrap().contains(help), "{script:?}: {run}");
    }
}

#[test]
fn a_board_that_is_not_known_is_an_error() {
    let workshop = Workshop::new();
    let image = workshop.image("unit", &recipe("chip.erase();"));
    workshop
        .run(&image, "qemu:netduino2")
        .fails_with(2, "IMP-7135");
    workshop.run(&image, "qemu:").fails_with(2, "IMP-9001");
}

/// Nothing of a board outlives its unit: each is a new one.
#[test]
fn each_unit_has_a_board_of_its_own() {
    let workshop = workshop();
    let erase = recipe("chip.erase();\nchip.program(unit.payload(\"firmware\"));").raw(
        "firmware",
        0,
        vec![0x5A; 1024],
    );
    run(&workshop, &erase, &[]).passed();
    let look = recipe("ensure(chip.read32(0) == 0, \"a new board\");");
    run(&workshop, &look, &[]).passed();
}
