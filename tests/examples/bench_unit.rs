//! What a unit costs the host: one figure a line, name, value and unit apart by tabs. `cargo xtask bench` shows them.
//!
//! Everything is measured on the real thing: the command, its worker, shared-library plugins, the twin. Times of a whole
//! process are the median and the least of several, because a machine does other things too.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use imprint::report::Outcome;
use imprint_tests::{Chip, Direct, F103, NRF52, Recipe, Workshop, random_bytes};
use nix::sys::resource::{UsageWho, getrusage};
use std::time::{Duration, Instant};

const RUNS: usize = 20;

fn main() {
    let workshop = Workshop::new();
    process_start_to_report(&workshop);
    let direct = Direct::new(&workshop);
    for chip in [NRF52, F103] {
        processor_time(&workshop, &direct, &chip);
    }
    calls(&workshop, &direct);
}

fn row(name: &str, value: f64, unit: &str, note: &str) {
    println!("{name}\t{value:.2}\t{unit}\t{note}");
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// `imprint run` of 64 KiB on the nRF52832, from the start of the process to its report.
fn process_start_to_report(workshop: &Workshop) {
    let bytes = random_bytes(1, 64 << 10);
    let image = workshop.image("run", &Recipe::programming(&NRF52, bytes));
    let on = format!("twin:{}", NRF52.device);
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let run = workshop.run(&image, &on);
            run.passed();
            run.time
        })
        .collect();
    times.sort();
    let name = "imprint run, 64 KiB on nRF52832, process start to report";
    row(
        &format!("{name}, median"),
        milliseconds(times[RUNS / 2]),
        "ms",
        "goal: under 150 ms",
    );
    row(&format!("{name}, least"), milliseconds(times[0]), "ms", "");
}

/// Time on the processor so far, of this process and all its threads.
fn processor_time_so_far() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_SELF).unwrap();
    [usage.user_time(), usage.system_time()]
        .iter()
        .map(|time| Duration::new(time.tv_sec() as u64, time.tv_usec() as u32 * 1000))
        .sum()
}

/// A unit of 64 KiB in this process: what a station with many slots pays for each.
fn processor_time(workshop: &Workshop, direct: &Direct, chip: &Chip) {
    let len = 60 << 10;
    let recipe = Recipe::programming(chip, random_bytes(2, len));
    let image = workshop.read(&workshop.image("unit", &recipe));
    let twins: Vec<_> = (0..RUNS).map(|_| direct.twin(chip.device)).collect();
    let before = processor_time_so_far();
    let mut virtual_us = 0;
    for twin in &twins {
        let report = direct.run(&image, twin);
        assert_eq!(report.outcome, Outcome::Pass, "{:?}", report.failure);
        virtual_us = report.time.virtual_us.unwrap_or_default();
    }
    let each = (processor_time_so_far() - before) / RUNS as u32;
    let note = format!(
        "with the emulated chip; {} ms on its own clock",
        virtual_us / 1000
    );
    row(
        &format!("host CPU a unit, 60 KiB on {}", chip.device),
        milliseconds(each),
        "ms",
        &note,
    );
}

/// Seconds that `count` calls of a script take, without those of an empty loop as long.
fn loop_time(workshop: &Workshop, direct: &Direct, call: &str, count: u32) -> f64 {
    let time = |call: &str| {
        let body = format!("    for number in 0..{count} {{\n        {call}\n    }}");
        let recipe = Recipe::with_body(&body).limits(3_600_000, 3_600_000);
        let image = workshop.read(&workshop.image("loop", &recipe));
        let twin = direct.twin(NRF52.device);
        let began = Instant::now();
        let report = direct.run(&image, &twin);
        assert_eq!(report.outcome, Outcome::Pass, "{:?}", report.failure);
        began.elapsed().as_secs_f64()
    };
    // The least of three is the one that was disturbed least.
    let least = |call: &str| (0..3).map(|_| time(call)).fold(f64::INFINITY, f64::min);
    least(call) - least("")
}

/// Calls from a script to the host, and from the host to a plugin.
fn calls(workshop: &Workshop, direct: &Direct) {
    let count = 100_000;
    let host = loop_time(workshop, direct, "unit.device;", count);
    row(
        "script host call, unit.device",
        host / f64::from(count) * 1e9,
        "ns",
        "",
    );

    // The same word over the wire, once asked for by the script and once by the plugin on its behalf.
    let count = 20_000;
    let read = loop_time(workshop, direct, "chip.read32(0x10001080);", count);
    let name = "script host call with one read over the twin's wire";
    row(name, read / f64::from(count) * 1e6, "us", "");
    let option = loop_time(workshop, direct, "chip.option(\"CUSTOMER0\");", count);
    let plugin = (option - read).max(0.0) / f64::from(count) * 1e6;
    row(
        "plugin call that calls the host once",
        plugin,
        "us",
        "beyond the read itself",
    );
}
