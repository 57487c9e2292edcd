//! `imprint script try`: lines from a program, and from a person at a terminal.
#![allow(clippy::unwrap_used)]

use imprint_tests::{NRF52, Workshop};
use rexpect::session::{PtySession, spawn_command};
use serde_json::Value;
use std::{
    fs,
    io::Write,
    process::{Command, Output, Stdio},
};

/// The console's answer to a line takes no longer on a loaded machine.
const SOON_MS: u64 = 60_000;
/// A new virtual board.
const ON: &str = "twin:nRF52832_xxAA";

/// Gives lines to a console and waits for its end.
fn feed(workshop: &Workshop, options: &[&str], lines: &str) -> Output {
    let mut line = workshop.line(&[&["script", "try"], options].concat());
    let line = line
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = line.spawn().unwrap();
    // One that refuses to start reads nothing.
    let _ = child.stdin.take().unwrap().write_all(lines.as_bytes());
    child.wait_with_output().unwrap()
}

/// What a console shows of lines: on standard output, and the codes of what failed.
fn check(workshop: &Workshop, options: &[&str], lines: &str, shown: &[&str], codes: &[&str]) {
    let output = feed(workshop, &[&["--on", ON], options].concat(), lines);
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(
        stdout.lines().collect::<Vec<_>>(),
        shown,
        "{lines}\n{stderr}"
    );
    let found: Vec<&str> = stderr
        .lines()
        .filter_map(|line| line.strip_prefix("error[")?.split(']').next())
        .collect();
    assert_eq!(found, codes, "{lines}\n{stderr}");
    let exit = i32::from(!codes.is_empty());
    assert_eq!(output.status.code(), Some(exit), "{lines}\n{stderr}");
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn lines_leave_behind_what_a_script_would() {
    let workshop = Workshop::new();
    let hundred = (0..300)
        .map(|n| format!("let x = {n};\n"))
        .collect::<String>()
        + "x";
    for (lines, shown, codes) in [
        ("", &[][..], &[][..]),
        ("\n\n  \n// nothing\n", &[], &[]),
        ("1 + 1", &["=> 2"], &[]),
        (
            "let x = 5\nx * 2\nlet x = 7;\nx",
            &["=> 10 (0xa)", "=> 7"],
            &[],
        ),
        ("const Y = 1;\nY = 2;\nY", &["=> 1"], &["IMP-3012"]),
        (
            "fn twice(n) {\n  n * 2\n}\ntwice(4)\nfn twice(n) { n * 3 }\ntwice(3)",
            &["=> 8", "=> 9"],
            &[],
        ),
        ("let s = `two\nlines`;\ns.len", &["=> 9"], &[]),
        (
            "print(\"a\"); debug(1); print(`b\nc`)",
            &["a", "1", "b", "c"],
            &[],
        ),
        (
            "unit.connect()\nchip.read(0, 2)",
            &["=> a connected nRF52832_xxAA", "=> ffff (2 bytes)"],
            &[],
        ),
        (
            "let chip = unit.connect();\nlet ram = chip.memory(\"ram\");\nram\nram.len",
            &[
                "=> memory `ram` at 0x20000000, 0x10000 bytes",
                "=> 65536 (0x10000)",
            ],
            &[],
        ),
        // What fails is told, and the console goes on.
        ("chip.uid()\n1", &["=> 1"], &["IMP-3041"]),
        ("fn f( {\n}\n}\n2", &["=> 2"], &["IMP-3001"]),
        ("\"open\n3", &["=> 3"], &["IMP-3001"]),
        ("{ 1", &[], &["IMP-3001"]),
        (
            "fail(\"no\")\nensure(1 == 2, \"no\")\nthrow 3\n4",
            &["=> 4"],
            &["IMP-3010", "IMP-3010", "IMP-3010"],
        ),
        (
            "unit.payload(\"x\")\nimport \"x\" as x;",
            &[],
            &["IMP-3006", "IMP-3006"],
        ),
        (
            "eval(\"1\")\n|x| x\nFn(\"f\")",
            &[],
            &["IMP-3001", "IMP-3001", "IMP-3001"],
        ),
        // A bound ends its line and not the next; variables are not used up.
        (
            "let x = 1; loop { x += 1 }\nx > 1",
            &["=> true"],
            &["IMP-3020"],
        ),
        ("fn f(n) { f(n + 1) }\nf(0)\n5", &["=> 5"], &["IMP-3023"]),
        (hundred.as_str(), &["=> 299 (0x12b)"], &[]),
        // Commands.
        (":quit\n1", &[], &[]),
        (":help\n:vars\n:nonsense\n1", &["=> 1"], &[]),
    ] {
        check(&workshop, &[], lines, shown, codes);
    }
}

#[test]
fn a_missing_right_names_the_option_that_gives_it() {
    let workshop = Workshop::new();
    let output = feed(
        &workshop,
        &["--on", ON],
        "unit.connect().erase()\nunit.unlock()",
    );
    let stderr = text(&output.stderr);
    for right in ["mass_erase", "unlock_by_erase"] {
        assert!(stderr.contains(&format!("`--allow {right}`")), "{stderr}");
    }
    let lines = "unit.connect().erase()\nchip.is_blank()\nchip.protect()";
    check(
        &workshop,
        &["--allow", "mass_erase"],
        lines,
        &["=> true"],
        &["IMP-8003"],
    );
    check(
        &workshop,
        &["--allow", "mass_erase", "--allow", "protect"],
        lines,
        &["=> true"],
        &[],
    );
}

#[test]
fn a_board_is_saved_and_its_device_is_its_own() {
    let workshop = Workshop::new();
    let on = workshop.twin("board.twin", NRF52.device, &[]);
    let write = "unit.connect().memory(\"flash\").program(0x40, from_hex(\"01020304\"))";
    assert!(feed(&workshop, &["--on", &on], write).status.success());
    let read = feed(&workshop, &["--on", &on], "unit.connect().read(0x40, 4)");
    assert_eq!(text(&read.stdout), "=> 01020304 (4 bytes)\n", "{read:?}");
    for (options, exit, code) in [
        (&["--on", "probe"][..], 2, "IMP-9001"),
        (&["--on", &on, "--device", "STM32F103C8"], 2, "IMP-9001"),
        (&["--on", "twin:nothing"], 6, "IMP-6003"),
        (&["--on", "twin:./no.twin"], 8, "IMP-7101"),
        (
            &["--on", "probe:1", "--device", "nRF52832_xxAA"],
            4,
            "IMP-4050",
        ),
    ] {
        let output = feed(&workshop, options, "1");
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(exit), "{options:?}\n{stderr}");
        assert!(stderr.contains(code), "{options:?}\n{stderr}");
    }
    let output = feed(&workshop, &["--on", ON, "--allow", "everything"], "1");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn a_target_that_is_lost_can_be_met_again() {
    let workshop = Workshop::new();
    // Where the first attempt finds a fault: at the debug port, at the memory, at the family's questions.
    for fault in ["fault@5", "fault@60", "fault@80"] {
        let on = workshop.twin("board.twin", NRF52.device, &["--fault", fault]);
        let lines = "unit.connect()\nunit.connect()\nchip.read(0, 1)";
        let output = feed(&workshop, &["--on", &on], lines);
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        let shown = "=> a connected nRF52832_xxAA\n=> ff (1 bytes)\n";
        assert_eq!(stdout, shown, "{fault}: {stderr}");
        assert!(stderr.starts_with("error[IMP-4007]"), "{fault}: {stderr}");
    }
}

#[test]
fn a_program_reads_an_object_a_line() {
    let workshop = Workshop::new();
    let lines = "print(7); 1 + 1\nlet x = 1;\nfail(\"no\")\n:vars";
    let output = feed(&workshop, &["--on", ON, "--json"], lines);
    let told: Vec<Value> = text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(told.len(), 4, "{output:?}");
    assert_eq!(
        (&told[0]["value"], &told[0]["kind"], &told[0]["log"][0]),
        (&"2".into(), &"i64".into(), &"7".into())
    );
    assert!(
        told[1]["value"].is_null() && told[1]["failure"].is_null(),
        "{told:?}"
    );
    assert_eq!(told[2]["failure"]["code"], "IMP-3010");
    assert!(told[3]["text"].as_str().unwrap().contains('x'), "{told:?}");
}

/// A person at a console.
fn sit_down(workshop: &Workshop) -> PtySession {
    let line = workshop.line(&["script", "try", "--on", ON]);
    // A new terminal has no size, and an editor draws nothing on such a one.
    let mut command = Command::new("sh");
    command
        .args(["-c", "stty rows 40 cols 120 && exec \"$@\"", "sh"])
        .arg(line.get_program())
        .args(line.get_args())
        .current_dir(workshop.path(""))
        .env("TERM", "xterm");
    let mut person = spawn_command(command, Some(SOON_MS)).unwrap();
    person.exp_string("a console on nRF52832_xxAA").unwrap();
    person.exp_string("imprint> ").unwrap();
    person
}

/// Presses keys, and no Enter.
fn press(person: &mut PtySession, keys: &str) {
    person.send(keys).unwrap();
    person.flush().unwrap();
}

/// Types a line and waits for what it shows.
fn types(person: &mut PtySession, line: &str, shown: &str) {
    person.send_line(line).unwrap();
    person
        .exp_string(shown)
        .unwrap_or_else(|error| panic!("{line}: {error}"));
    person.exp_string("imprint> ").unwrap();
}

#[test]
fn a_person_completes_and_recalls_lines() {
    let workshop = Workshop::new();
    let mut person = sit_down(&workshop);
    types(&mut person, "6 * 7", "=> 42 (0x2a)");
    // One word fits: it is there. Then the rest of the line.
    press(&mut person, "unit.conn\t");
    types(&mut person, ")", "=> a connected nRF52832_xxAA");
    // `chip` is there now, and a memory's name.
    press(&mut person, "chip.mem\t\"uic\t");
    types(&mut person, "\").start", "=> 268439552 (0x10001000)");
    // Several fit: they are listed.
    press(&mut person, "chip.read\t\t");
    person.exp_string("read32(").unwrap();
    types(&mut person, "8(0)", "=> 255 (0xff)");
    // Brackets that are open go on in the next line.
    press(&mut person, "fn twice(n) {\r");
    press(&mut person, "n * 2\r");
    types(&mut person, "}", "imprint> ".trim_end());
    types(&mut person, "twice(21)", "=> 42");
    // Arrow up: the last line again.
    press(&mut person, "\u{1b}[A");
    types(&mut person, "", "=> 42");
    // An error is drawn, and the console goes on.
    types(&mut person, "fail(\"no\")", "IMP-3010");
    // What is edited is thrown away by Ctrl-C.
    press(&mut person, "let broken = ");
    person.send_control('c').unwrap();
    person.exp_string("imprint> ").unwrap();
    types(&mut person, "1 + 2", "=> 3");
    person.send_control('d').unwrap();
    person.exp_eof().unwrap();
    let kept = fs::read_to_string(workshop.path("home/console-history")).unwrap();
    assert!(
        kept.contains("6 * 7") && kept.contains("unit.connect()"),
        "{kept}"
    );

    // The next console knows the lines of the one before; Ctrl-R finds them.
    let mut person = sit_down(&workshop);
    person.send_control('r').unwrap();
    press(&mut person, "6 *");
    person.exp_string("6 * 7").unwrap();
    types(&mut person, "", "=> 42 (0x2a)");
    types(&mut person, ":help erase", "chip.erase()");
    person.send_line(":quit").unwrap();
    person.exp_eof().unwrap();
}

#[test]
fn ctrl_c_ends_the_line_that_runs_and_not_the_console() {
    let workshop = Workshop::new();
    let mut person = sit_down(&workshop);
    types(&mut person, "let x = 1;", "");
    // It computes; it waits for the target.
    for line in [
        "print(\"begun\"); loop { x += 1; }",
        "print(\"begun\"); loop { unit.delay_ms(1); }",
    ] {
        person.send_line(line).unwrap();
        // Once in what is typed, once by the script.
        person.exp_regex("begun[^\"]*begun|\r\nbegun").unwrap();
        person.send_control('c').unwrap();
        person.exp_string("IMP-8001").unwrap();
        person.exp_string("imprint> ").unwrap();
    }
    types(&mut person, "x > 1", "=> true");
    types(&mut person, "unit.connect()", "=> a connected");
    person.send_control('d').unwrap();
    person.exp_eof().unwrap();
}
