//! Cancelling: by Ctrl-C, and by a token from another thread, at any moment. It ends soon, and the report says so.
#![allow(clippy::unwrap_used)]

use imprint::{
    CancelToken, Event, Silent,
    report::{Outcome, UnitReport},
};
use imprint_tests::{Chip, Direct, F103, NRF52, Random, Recipe, Run, Workshop, random_bytes};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    sync::mpsc::{RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

/// A cancel is done within this: a second of `on_abort`, and room for a loaded machine.
const SOON: Duration = Duration::from_secs(10);

/// Interrupts `imprint run` when its transcript or its board shows that it is under way.
fn interrupt(workshop: &Workshop, image: &str, on: &str, after: Duration) -> Run {
    let run = [
        "run",
        image,
        "--trust",
        "owner.pub",
        "--on",
        on,
        "--json",
        "--transcript",
        "wire.txt",
    ];
    let transcript = workshop.path("wire.txt");
    // The one of the run before.
    let _ = std::fs::remove_file(&transcript);
    let started = workshop.start(&run);
    let began = Instant::now();
    while !transcript.exists() && began.elapsed() < SOON {
        thread::sleep(Duration::from_millis(1));
    }
    thread::sleep(after);
    kill(Pid::from_raw(started.id() as i32), Signal::SIGINT).unwrap();
    let interrupted = Instant::now();
    let ended = started.finish();
    assert!(
        interrupted.elapsed() < SOON,
        "{:?} after Ctrl-C\n{ended}",
        interrupted.elapsed()
    );
    ended
}

#[test]
fn ctrl_c_stops_a_delay() {
    let workshop = Workshop::new();
    let recipe = Recipe::with_body(
        "    unit.log(\"waiting\");\n    loop { unit.delay_ms(1); chip.read32(0); }",
    );
    let image = workshop.image("unit", &recipe.limits(600_000, 600_000));
    let on = workshop.twin("board.twin", NRF52.device, &[]);
    let run = interrupt(&workshop, &image, &on, Duration::from_millis(300));
    let failure = run.fails_with(5, "IMP-8001");
    assert_eq!(run.report().outcome, Outcome::Cancelled, "{run}");
    assert_eq!(failure.place.unwrap().line, 4, "{run}");
}

#[test]
fn ctrl_c_stops_a_script_that_only_computes() {
    let workshop = Workshop::new();
    let image = workshop.image(
        "unit",
        &Recipe::with_body("    loop { }").limits(600_000, 600_000),
    );
    let on = workshop.twin("board.twin", NRF52.device, &[]);
    let run = interrupt(&workshop, &image, &on, Duration::from_millis(100));
    run.fails_with(5, "IMP-8001");
}

#[test]
fn ctrl_c_during_programming_leaves_a_report_of_the_changes() {
    let workshop = Workshop::new();
    let script = "fn main(unit) {\n    let chip = unit.connect();\n    loop {\n        chip.erase();\n        \
         chip.program(unit.payload(\"firmware\"));\n    }\n}\n\nfn on_abort(unit) {\n    unit.log(\"aborted\");\n}\n";
    let recipe = Recipe::new(NRF52.device, script)
        .raw("firmware", 0, random_bytes(1, 256 << 10))
        .right("mass_erase")
        .limits(600_000, 600_000);
    let image = workshop.image("unit", &recipe);
    let on = workshop.twin("board.twin", NRF52.device, &[]);
    let run = interrupt(&workshop, &image, &on, Duration::from_millis(500));
    run.fails_with(5, "IMP-8001");
    let report = run.report();
    assert!(!report.changes.erased.is_empty(), "{run}");
    assert!(
        report.log.iter().any(|line| line.text == "aborted"),
        "{run}"
    );
    // The board's file is whole, and the chip can be used again.
    workshop.board("board.twin");
    let good = workshop.image("good", &Recipe::programming(&NRF52, random_bytes(2, 1024)));
    workshop.run(&good, &on).passed();
}

/// Runs a unit on a thread of its own and cancels it when `when` says so; it must end soon.
fn cancelled(
    direct: &Direct,
    chip: &Chip,
    image: &[u8],
    cancel_after: impl Fn(&Event) -> bool + Send + Sync,
) -> UnitReport {
    let twin = direct.twin(chip.device);
    let token = CancelToken::new();
    let (sender, receiver) = channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            let canceller = token.clone();
            let mut observer = |event: &Event| {
                if cancel_after(event) {
                    // From another thread, as a user's button does.
                    let canceller = canceller.clone();
                    let button = thread::spawn(move || canceller.cancel());
                    button.join().unwrap();
                }
            };
            let report = direct.run(image, &twin, token.clone(), &mut observer);
            sender.send(report).unwrap();
        });
        match receiver.recv_timeout(Duration::from_secs(60)) {
            Ok(report) => report,
            Err(RecvTimeoutError::Timeout) => panic!("a cancelled unit did not end"),
            Err(RecvTimeoutError::Disconnected) => panic!("a cancelled unit panicked"),
        }
    })
}

fn production(workshop: &Workshop, chip: &Chip) -> Vec<u8> {
    let recipe = Recipe::of_script(chip, "production.rhai");
    workshop.read(&workshop.image(chip.device, &recipe))
}

#[test]
fn a_token_stops_each_step_where_it_is() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    for chip in [NRF52, F103] {
        let image = production(&workshop, &chip);
        for step in [
            "connect", "erase", "program", "verify", "run test", "protect",
        ] {
            let report = cancelled(
                &direct,
                &chip,
                &image,
                |event| matches!(event, Event::StepStarted { name, .. } if name == step),
            );
            let name = format!("{} cancelled in {step}", chip.device);
            // The step may be over before the observer was told of it; then the next thing that happens is stopped.
            match report.outcome {
                Outcome::Cancelled => {
                    assert_eq!(report.failure.unwrap().code, "IMP-8001", "{name}")
                }
                Outcome::Pass => assert_eq!(step, "protect", "{name}: nothing was stopped"),
                Outcome::Fail => panic!("{name}: {:?}", report.failure),
            }
        }
    }
}

#[test]
fn a_token_stops_at_any_moment() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    let image = production(&workshop, &F103);
    let whole = Instant::now();
    direct.run(
        &image,
        &direct.twin(F103.device),
        CancelToken::new(),
        &mut Silent,
    );
    let whole = whole.elapsed();
    let mut random = Random::new(17);
    let mut stopped = 0;
    for _ in 0..40 {
        let after = whole.mul_f64(random.below(1000) as f64 / 1000.0);
        let (token, twin) = (CancelToken::new(), direct.twin(F103.device));
        let report = thread::scope(|scope| {
            let canceller = token.clone();
            scope.spawn(move || {
                thread::sleep(after);
                canceller.cancel();
            });
            direct.run(&image, &twin, token, &mut Silent)
        });
        match report.outcome {
            Outcome::Cancelled => stopped += 1,
            Outcome::Pass => {}
            Outcome::Fail => panic!("cancelled after {after:?}: {:?}", report.failure),
        }
    }
    assert!(stopped > 0, "no cancel came in time");
}

#[test]
fn a_token_that_was_used_before_stops_before_the_wire_moves() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    let token = CancelToken::new();
    token.cancel();
    let image = production(&workshop, &NRF52);
    let report = direct.run(&image, &direct.twin(NRF52.device), token, &mut Silent);
    assert_eq!(
        (report.outcome, report.transfer_count),
        (Outcome::Cancelled, 0),
        "{report:?}"
    );
    assert!(report.changes.is_empty());
}
