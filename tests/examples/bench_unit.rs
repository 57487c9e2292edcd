//! What a unit costs the host: one figure a line, name, value and unit apart by tabs. `cargo xtask bench` shows them.
//!
//! Everything is measured on the real thing: the command, its worker, shared-library plugins, the twin. Times of a whole
//! process are the median and the least of several, because a machine does other things too.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use imprint::{
    plugin::{Cancellation, HostCall, HostCore, HostDebugPort, HostResult, HostTarget, LogLevel},
    report::Outcome,
};
use imprint_tests::{Chip, Direct, F103, NRF52, Recipe, Workshop, random_bytes};
use nix::sys::resource::{UsageWho, getrusage};
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

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

    let count = 20_000;
    let read = loop_time(workshop, direct, "chip.read32(0x10001080);", count);
    let name = "script host call with one read over the twin's wire";
    row(name, read / f64::from(count) * 1e6, "us", "");
    plugin_call(direct);
}

/// A call over the plugin boundary that calls the host back once: reading an option, on a target that answers at once.
fn plugin_call(direct: &Direct) {
    let count = 200_000;
    let family = direct.engine().plugins().family("nordic.nrf5").unwrap();
    let mut host = StillHost(direct.device(NRF52.device).properties.clone());
    let mut session = family.open(&mut host, NRF52.device).unwrap();
    let began = Instant::now();
    for _ in 0..count {
        session.option_read(&mut host, "CUSTOMER0").unwrap();
    }
    let time = began.elapsed().as_secs_f64() / f64::from(count);
    let name = "plugin call that calls the host back once";
    row(name, time * 1e9, "ns", "on a target that answers at once");
}

/// A target whose every word is 0 and which never waits.
struct StillHost(BTreeMap<String, String>);

impl HostTarget for StillHost {
    fn read(&mut self, _address: u64, buffer: &mut [u8]) -> HostResult<()> {
        buffer.fill(0);
        Ok(())
    }

    fn write(&mut self, _address: u64, _data: &[u8]) -> HostResult<()> {
        Ok(())
    }

    fn call(&mut self, _call: &HostCall) -> HostResult<u64> {
        Ok(0)
    }

    fn delay_us(&mut self, _us: u64) -> HostResult<()> {
        Ok(())
    }

    fn progress(&mut self, _done: u64, _total: u64) {}

    fn log(&mut self, _level: LogLevel, _message: &str) {}

    fn cancellation(&self) -> Cancellation {
        Arc::new(|| false)
    }

    fn property(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn debug_port(&mut self) -> Option<&mut dyn HostDebugPort> {
        None
    }

    fn core(&mut self) -> Option<&mut dyn HostCore> {
        None
    }
}
