//! A run that was recorded is played again, on a twin and with the engine: the same to the nanosecond, and a difference is
//! named where it begins.
#![allow(clippy::unwrap_used)]

use imprint::{CancelToken, RunOptions, Silent, TwinOptions, report::Outcome};
use imprint_tests::{CHIPS, Direct, NRF52, OWNER, Recipe, Run, STATION, Workshop, random_bytes};
use std::sync::{Arc, Mutex};

const TRANSCRIPT: &str = "wire.txt";
const SERIAL: &str =
    "(id: \"acme-sn\", values: counter(positions: [constant(\"A\"), numeric], start: \"A7\"))";

/// Replays the transcript with the engine.
fn with_engine(workshop: &Workshop, image: &str) -> Run {
    workshop.json(&["replay", TRANSCRIPT, "--image", image, "--trust", OWNER])
}

/// Replays it on a twin.
fn on_twin(workshop: &Workshop, on: &str) -> Run {
    workshop.json(&["replay", TRANSCRIPT, "--on", on])
}

#[track_caller]
fn compared(run: Run) -> u64 {
    let run = run.passes();
    run.json()["compared"].as_u64().unwrap()
}

/// Records a unit and replays it both ways; `on` is a twin's file, which is replayed as it was before.
#[track_caller]
fn replays(workshop: &Workshop, image: &str, on: &str, options: &[&str]) -> Run {
    let before = on
        .strip_prefix("twin:")
        .filter(|name| name.ends_with(".twin"));
    let again = match before {
        Some(name) => {
            workshop.write("before.twin", workshop.read(name));
            "twin:before.twin"
        }
        None => on,
    };
    let run = workshop.run_with(
        image,
        on,
        &[&["--transcript", TRANSCRIPT], options].concat(),
    );
    assert!(
        compared(on_twin(workshop, again)) >= run.report().transfer_count,
        "{run}"
    );
    assert_eq!(
        compared(with_engine(workshop, image)),
        run.report().transfer_count,
        "{run}"
    );
    run
}

#[test]
fn a_whole_production_run_replays_on_every_chip() {
    let workshop = Workshop::new();
    for chip in CHIPS {
        let image = workshop.image(chip.device, &Recipe::of_script(&chip, "production.rhai"));
        replays(&workshop, &image, &format!("twin:{}", chip.device), &[]).passed();
    }
}

#[test]
fn units_that_fail_replay_too() {
    let workshop = Workshop::new();
    let firmware = random_bytes(4, 9000);
    let image = workshop.image("unit", &Recipe::programming(&NRF52, firmware));
    for (fault, expect) in [
        ("vanish@1", "IMP-4001"),
        ("vanish@700", "IMP-4004"),
        ("wait@200x3", "none"),
        ("wait@300", "none"),
        ("fault@250", "any"),
        ("stuck@0x1000.3=0", "any"),
        ("brownout@600", "any"),
        ("no-target", "IMP-4001"),
        ("random@7/3", "any"),
    ] {
        let on = workshop.twin("unit.twin", NRF52.device, &["--fault", fault]);
        let run = replays(&workshop, &image, &on, &[]);
        let code = run
            .report()
            .failure
            .map_or("none".into(), |failure| failure.code);
        assert!(expect == "any" || code == expect, "{fault}: {run}");
    }
    // A script that gives up, one that breaks a right, and a unit whose time is over on the twin's clock.
    for (body, expect) in [
        ("fail(\"no\");", "IMP-3010"),
        ("chip.erase();", "IMP-"),
        ("loop { unit.delay_ms(100); chip.read32(0); }", "IMP-8002"),
    ] {
        let recipe = Recipe::with_body(body).limits(3000, 2000);
        workshop.build_unchecked("bad", &recipe);
        let image = workshop.seal("bad", &[]);
        let run = replays(&workshop, &image, "twin:nRF52832_xxAA", &[]);
        let failure = run.report().failure.unwrap();
        assert!(failure.code.starts_with(expect), "{body}: {run}");
    }
}

/// Records a unit in this process that is cancelled after so many lines of its transcript.
fn cancelled_at(workshop: &Workshop, direct: &Direct, image: &str, line: usize) -> bool {
    let twin = direct
        .engine()
        .twin(direct.device(NRF52.device), TwinOptions::default())
        .unwrap();
    let cancel = CancelToken::new();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let (sink, token) = (lines.clone(), cancel.clone());
    let options = RunOptions {
        cancel,
        transcript: Some(Box::new(move |text| {
            let mut lines = sink.lock().unwrap();
            lines.push(text.to_string());
            if lines.len() == line {
                token.cancel();
            }
        })),
        ..RunOptions::default()
    };
    let report = direct.run_with(&workshop.read(image), &twin, options, &mut Silent);
    workshop.write(TRANSCRIPT, lines.lock().unwrap().join("\n") + "\n");
    report.outcome == Outcome::Cancelled
}

#[test]
fn units_that_were_cancelled_replay_too() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    let body = "chip.erase(0, 0x4000);\nchip.program(unit.payload(\"firmware\"));\nunit.delay_ms(50);\nloop { }";
    let image = workshop.image(
        "unit",
        &Recipe::with_body(body).raw("firmware", 0, random_bytes(9, 5000)),
    );
    // In the header; while it connects, erases, programs, waits; and in the loop that makes no transfer.
    let mut last = 0;
    for line in [1, 12, 20, 60, 150, 300, 450, 600] {
        if !cancelled_at(&workshop, &direct, &image, line) {
            break;
        }
        let transcript = String::from_utf8(workshop.read(TRANSCRIPT)).unwrap();
        // Before the first transfer there may be nothing to be stopped.
        assert!(
            line < 20 || transcript.contains(" stop cancelled\n"),
            "{line}"
        );
        assert!(transcript.contains(" end cancelled\n"), "{line}");
        compared(on_twin(&workshop, "twin:nRF52832_xxAA"));
        compared(with_engine(&workshop, &image));
        last = line;
    }
    assert!(last >= 300, "only {last} lines");
}

/// What differs from unit to unit is in the transcript: values, the scanned text, the permit with its serial numbers.
#[test]
fn what_was_handed_in_is_in_the_transcript() {
    let workshop = Workshop::new();
    let recipe = Recipe::with_body(
        "chip.erase(0, 0x1000);\nchip.program(unit.serial(\"sn\"));\nchip.program(unit.data(\"go\"));\nunit.record(\"v\", unit.value(\"go\"));",
    )
    .file("sn.serial.ron", SERIAL.as_bytes())
    .section("    serials: { \"sn\": (definition: \"sn.serial.ron\", address: 0x10, encoding: ascii(len: 4, fill: 0x20)) },")
    .section("    data: { \"go\": (address: 0x20, len: 4, source: value, encoding: ascii(fill: 0)) },");
    let image = workshop.image("unit", &recipe);
    for number in [7, 8] {
        // The same image again: the number goes on.
        let options = ["--state", "state", "--value", "go=ab"];
        let run = replays(&workshop, &image, "twin:nRF52832_xxAA", &options);
        let report = run.passed();
        assert_eq!(
            report.serials.values().next().unwrap(),
            &[format!("A{number}")]
        );
    }
    // A refused unit.
    let policy = "(units: 1)";
    let image = workshop.restrict("unit", policy, &[]);
    for outcome in [Outcome::Pass, Outcome::Fail] {
        let options = [
            "--state",
            "other",
            "--value",
            "go=ab",
            "--transcript",
            TRANSCRIPT,
        ];
        let run = workshop.run_with(&image, "twin:nRF52832_xxAA", &options);
        if run.unit().is_some_and(|report| report.transfer_count > 0) {
            assert_eq!(run.report().outcome, outcome, "{run}");
            compared(with_engine(&workshop, &image));
        }
    }
}

#[test]
fn the_first_difference_is_named() {
    let workshop = Workshop::new();
    let image = workshop.image("unit", &Recipe::programming(&NRF52, random_bytes(2, 3000)));
    replays(&workshop, &image, "twin:nRF52832_xxAA", &[]);
    let text = String::from_utf8(workshop.read(TRANSCRIPT)).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let find = |what: &str| lines.iter().position(|line| line.contains(what)).unwrap();
    let with = |index: usize, line: Option<&str>| {
        let mut changed = lines.clone();
        match line {
            Some(line) => changed[index] = line,
            None => drop(changed.remove(index)),
        }
        changed.join("\n") + "\n"
    };

    // An answer: the twin gives another one. The engine reads no more of this one than that somebody answers.
    let at = find(" dp.read 0x0 = 0x2ba01477");
    let other = lines[at].replace("2ba01477", "2ba01478");
    workshop.write(TRANSCRIPT, with(at, Some(&other)));
    let failure = on_twin(&workshop, "twin:nRF52832_xxAA").fails_with(1, "IMP-7156");
    assert!(
        failure.message.contains(&format!("its line {},", at + 1)),
        "{failure}"
    );
    assert!(failure.expected.unwrap().ends_with("0x2ba01478"));
    assert!(failure.found.unwrap().ends_with("0x2ba01477"));
    compared(with_engine(&workshop, &image));

    // A time, by one nanosecond.
    let at = find(" dp.write 0x4");
    let (time, rest) = lines[at].trim_start().split_once(' ').unwrap();
    let ns: u64 = time.replace('.', "").parse::<u64>().unwrap() + 1;
    let later = format!("{:>14} {rest}", format!("{}.{:03}", ns / 1000, ns % 1000));
    workshop.write(TRANSCRIPT, with(at, Some(&later)));
    let failure = on_twin(&workshop, "twin:nRF52832_xxAA").fails_with(1, "IMP-7156");
    assert!(failure.found.unwrap().ends_with("ns"));

    // A request: the engine asks another one, and the time of the transcript is told.
    let at = find(" ap.write 0xc x");
    let (before, last) = lines[at].rsplit_once(' ').unwrap();
    let other = format!("{before} {:08x}", !u32::from_str_radix(last, 16).unwrap());
    workshop.write(TRANSCRIPT, with(at, Some(&other)));
    let failure = with_engine(&workshop, &image).fails_with(1, "IMP-7156");
    let time = lines[at].trim_start().split_once(' ').unwrap().0;
    assert!(
        failure
            .message
            .ends_with(&format!("line {}, at {time} us", at + 1)),
        "{failure}"
    );
    assert!(failure.expected.unwrap().contains("ap.write 0xc x"));

    // A line too few, and one too many.
    workshop.write(TRANSCRIPT, with(at, None));
    let failure = with_engine(&workshop, &image).fails_with(1, "IMP-7156");
    assert!(
        failure.message.contains(&format!("its line {},", at + 1)),
        "{failure}"
    );
    let end = find(" end pass");
    let twice = format!("{}\n{}", lines[end - 1], lines[end]);
    workshop.write(TRANSCRIPT, with(end, Some(&twice)));
    let failure = with_engine(&workshop, &image).fails_with(1, "IMP-7156");
    assert_eq!(failure.found.as_deref(), Some("end pass"), "{failure}");

    // Another end.
    let other = lines[end].replace("end pass", "end fail IMP-4010");
    workshop.write(TRANSCRIPT, with(end, Some(&other)));
    let failure = with_engine(&workshop, &image).fails_with(1, "IMP-7156");
    assert_eq!(
        failure.expected.as_deref(),
        Some("end fail IMP-4010"),
        "{failure}"
    );

    // It breaks off: nothing differs up to there.
    let cut = lines[..end - 5].join("\n") + "\n";
    workshop.write(TRANSCRIPT, cut);
    with_engine(&workshop, &image).fails_with(8, "IMP-7159");
    on_twin(&workshop, "twin:nRF52832_xxAA").passes();
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let workshop = Workshop::new();
    let image = workshop.image("unit", &Recipe::programming(&NRF52, random_bytes(2, 3000)));
    let other = workshop.image("other", &Recipe::programming(&NRF52, random_bytes(3, 3000)));
    replays(&workshop, &image, "twin:nRF52832_xxAA", &[]);
    with_engine(&workshop, &other).fails_with(2, "IMP-7157");
    on_twin(&workshop, "twin:nRF51822_xxAA").fails_with(2, "IMP-7158");
    let on = workshop.twin("unit.twin", NRF52.device, &["--uid", "0011223344556677"]);
    on_twin(&workshop, &on).fails_with(2, "IMP-7158");
    on_twin(&workshop, "probe").fails_with(2, "IMP-9001");
    assert_eq!(workshop.imprint(&["replay", TRANSCRIPT]).exit, 2);

    workshop.write(TRANSCRIPT, "hello\n");
    with_engine(&workshop, &image).fails_with(8, "IMP-7151");
    on_twin(&workshop, "twin:nRF52832_xxAA").fails_with(8, "IMP-7151");
    std::fs::remove_file(workshop.path(TRANSCRIPT)).unwrap();
    on_twin(&workshop, "twin:nRF52832_xxAA").fails_with(8, "IMP-7150");
}

#[test]
fn a_transcript_of_an_encrypted_image_is_warned_of() {
    let workshop = Workshop::new();
    workshop
        .build("unit", &Recipe::programming(&NRF52, random_bytes(2, 3000)))
        .passes();
    let image = workshop.seal("unit", &["--to", STATION]);
    let key = ["--station-key", "station.key"];
    let run = workshop.run_with(
        &image,
        "twin:nRF52832_xxAA",
        &[&key[..], &["--transcript", TRANSCRIPT]].concat(),
    );
    run.passed();
    assert!(run.stderr.contains("IMP-7140"), "{run}");
    let text = String::from_utf8(workshop.read(TRANSCRIPT)).unwrap();
    assert!(text.contains("\nencrypted yes\n"));
    let replay = ["replay", TRANSCRIPT, "--image", &image, "--trust", OWNER];
    compared(workshop.json(&[&replay[..], &key].concat()));
    // Without one, nothing is said.
    let run = workshop.run_with(&image, "twin:nRF52832_xxAA", &key);
    assert!(!run.stderr.contains("IMP-7140"), "{run}");
}
