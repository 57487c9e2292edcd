//! Cancelling: by Ctrl-C, and by a token from another thread, at any moment. It ends soon, and the report says so.
#![allow(clippy::unwrap_used)]

use imprint::{
    CancelToken, Event, RunOptions, Silent,
    report::{Outcome, UnitReport},
};
use imprint_tests::{Chip, Direct, F103, NRF52, Random, Recipe, Run, Workshop, random_bytes};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{RecvTimeoutError, channel},
    },
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

/// Longest time of any run here, on a loaded machine. What takes longer hangs.
const NEVER: Duration = Duration::from_secs(60);

fn production(workshop: &Workshop, chip: &Chip) -> Vec<u8> {
    let recipe = Recipe::of_script(chip, "production.rhai");
    workshop.read(&workshop.image(chip.device, &recipe))
}

/// Runs `work` on a thread of its own; it must come back.
fn comes_back<T: Send>(name: &str, work: impl FnOnce() -> T + Send) -> T {
    let (sender, receiver) = channel();
    thread::scope(|scope| {
        scope.spawn(move || sender.send(work()).unwrap());
        match receiver.recv_timeout(NEVER) {
            Ok(value) => value,
            Err(RecvTimeoutError::Timeout) => panic!("{name}: it hangs"),
            Err(RecvTimeoutError::Disconnected) => panic!("{name}: it panicked"),
        }
    })
}

/// Cancels at a transfer on the wire: the report, and how many transfers there were altogether.
fn cancelled_at(direct: &Direct, chip: &Chip, image: &[u8], transfer: u64) -> (UnitReport, u64) {
    let cancel = CancelToken::new();
    let count = Arc::new(AtomicU64::new(0));
    let (counter, canceller) = (count.clone(), cancel.clone());
    let transcript = move |_: &str| {
        if counter.fetch_add(1, Ordering::Relaxed) + 1 == transfer {
            // From another thread, as a user's button does.
            let canceller = canceller.clone();
            thread::spawn(move || canceller.cancel()).join().unwrap();
        }
    };
    let options = RunOptions {
        cancel,
        transcript: Some(Box::new(transcript)),
        ..RunOptions::default()
    };
    let twin = direct.twin(chip.device);
    let name = format!("{}, cancelled at transfer {transfer}", chip.device);
    let report = comes_back(&name, || {
        direct.run_with(image, &twin, options, &mut Silent)
    });
    (report, count.load(Ordering::Relaxed))
}

#[test]
fn a_token_stops_at_any_transfer() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    let mut random = Random::new(17);
    for chip in [NRF52, F103] {
        let image = production(&workshop, &chip);
        let (whole, count) = cancelled_at(&direct, &chip, &image, u64::MAX);
        assert_eq!(whole.outcome, Outcome::Pass, "{:?}", whole.failure);
        let mut transfers = vec![1, 2, count / 2, count - 10];
        transfers.extend((0..60).map(|_| 1 + random.below(count - 10)));
        for transfer in transfers {
            let (report, after) = cancelled_at(&direct, &chip, &image, transfer);
            let name = format!(
                "{}, cancelled at transfer {transfer} of {count}",
                chip.device
            );
            let code = report.failure.as_ref().map(|failure| failure.code.as_str());
            assert_eq!(
                (report.outcome, code),
                (Outcome::Cancelled, Some("IMP-8001")),
                "{name}: {report:?}"
            );
            // What is under way on the wire may end, such as a block; then the target is left alone.
            assert!(
                after - transfer <= 64,
                "{name}: {} transfers afterwards",
                after - transfer
            );
        }
    }
}

#[test]
fn a_token_stops_while_an_observer_is_told() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    let image = production(&workshop, &NRF52);
    let mut stopped = 0;
    for step in [
        "connect", "erase", "program", "verify", "run test", "protect",
    ] {
        let cancel = CancelToken::new();
        let options = RunOptions {
            cancel: cancel.clone(),
            ..RunOptions::default()
        };
        let mut observer = move |event: &Event| match event {
            Event::StepStarted { name, .. } if name == step => cancel.cancel(),
            _ => {}
        };
        let twin = direct.twin(NRF52.device);
        let report = comes_back(step, || {
            direct.run_with(&image, &twin, options, &mut observer)
        });
        // The unit does not wait for its observer: it may be over when the observer is told.
        assert_ne!(
            report.outcome,
            Outcome::Fail,
            "{step}: {:?}",
            report.failure
        );
        stopped += usize::from(report.outcome == Outcome::Cancelled);
    }
    assert!(stopped > 0, "no cancel came in time");
}

#[test]
fn a_token_that_was_used_before_stops_before_the_wire_moves() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    let image = production(&workshop, &NRF52);
    let options = RunOptions::default();
    options.cancel.cancel();
    let report = direct.run_with(&image, &direct.twin(NRF52.device), options, &mut Silent);
    assert_eq!(
        (report.outcome, report.transfer_count),
        (Outcome::Cancelled, 0),
        "{report:?}"
    );
    assert!(report.changes.is_empty());
}
