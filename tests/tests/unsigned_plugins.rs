//! `--allow-unsigned-plugins`: what nobody has signed runs on a twin, with a warning, and nowhere else.
#![allow(clippy::unwrap_used)]

use imprint::{
    Devices, Engine, Link, RunOptions, Silent, TwinOptions,
    image::{Image, TrustAnchors, Unlock, keys::KeyFile, keys::PublicKey},
    plugin::{PluginState, PluginStore},
    worker::{Request, WorkerProcess},
};
use imprint_target::{Port, Wire, WireFault};
use imprint_tests::{NRF52, OWNER, Recipe, Run, Workshop, library_name, library_path, repository};
use std::{
    fs::{self, File},
    path::PathBuf,
};

const PACKAGE: &str = "imprint-nordic-nrf5";
const FAMILY: &str = "nordic.nrf5";
const OPTION: &str = "--allow-unsigned-plugins";

/// The family lies in `plugins`, and nobody has signed it.
fn workshop() -> Workshop {
    let workshop = Workshop::without_plugins();
    fs::copy(library_path(PACKAGE), library(&workshop)).unwrap();
    image(&workshop);
    workshop
}

fn image(workshop: &Workshop) {
    let script = "fn main(unit) {\n    unit.connect();\n}\n";
    workshop.image("connect", &Recipe::new(NRF52.device, script));
}

fn library(workshop: &Workshop) -> PathBuf {
    workshop.path("plugins").join(library_name(PACKAGE))
}

fn run(workshop: &Workshop, on: &str, options: &[&str]) -> Run {
    workshop.run_with("connect.sap", on, options)
}

fn check_warns(run: &Run) {
    let line = run
        .stderr
        .lines()
        .find(|line| line.starts_with("warning: "));
    let line = line.unwrap_or_else(|| panic!("no warning\n{run}"));
    assert!(line.contains(&library_name(PACKAGE)), "{line}");
    assert!(line.contains("signed by nobody you trust"), "{line}");
}

#[test]
fn an_unsigned_plugin_runs_on_twins_and_warns_each_time() {
    let workshop = workshop();
    let twin = format!("twin:{}", NRF52.device);
    run(&workshop, &twin, &[]).fails_with(7, "IMP-5012");
    for _ in 0..2 {
        let passed = run(&workshop, &twin, &[OPTION]);
        passed.passed();
        check_warns(&passed);
    }
    let new = ["twin", "new", NRF52.device, "-o", "board.twin", OPTION];
    check_warns(&workshop.imprint(&new).passes());
    let passed = run(&workshop, "twin:board.twin", &[OPTION]);
    passed.passed();
    check_warns(&passed);
}

#[test]
fn a_library_that_was_signed_and_built_again_is_unsigned() {
    let workshop = Workshop::without_plugins();
    workshop.imprint(&["plugin", "trust", OWNER]).passes();
    fs::copy(library_path(PACKAGE), library(&workshop)).unwrap();
    let file = format!("plugins/{}", library_name(PACKAGE));
    let sign = ["plugin", "sign", &file, "--key", "owner.key"];
    workshop.imprint(&sign).passes();
    image(&workshop);
    let twin = format!("twin:{}", NRF52.device);
    let signed = run(&workshop, &twin, &[OPTION]);
    signed.passed();
    assert!(!signed.stderr.contains("warning"), "{signed}");

    // A byte behind the end is nothing to the loader, and another hash.
    let mut bytes = workshop.read(&file);
    bytes.push(0);
    workshop.write(&file, bytes);
    run(&workshop, &twin, &[]).fails_with(7, "IMP-5006");
    let passed = run(&workshop, &twin, &[OPTION]);
    passed.passed();
    check_warns(&passed);
}

#[test]
fn anything_but_a_twin_is_refused() {
    let workshop = workshop();
    for on in ["probe", "probe:1234"] {
        let failure = run(&workshop, on, &[OPTION]).fails_with(2, "IMP-5015");
        assert!(failure.message.contains(on), "{failure:?}");
        let help = failure.help.unwrap();
        assert!(help.contains("imprint plugin sign"), "{help}");
    }
}

/// The command is not the wall: a request that was made by hand meets it in the worker.
#[test]
fn a_worker_refuses_it_too() {
    let workshop = workshop();
    for (on, allow, code) in [
        (r#"{"probe":""}"#, true, "IMP-5015"),
        (r#"{"probe":""}"#, false, "IMP-4050"),
    ] {
        let request = format!(
            r#"{{"trust":[{:?}],"plugin_folders":[{:?}],"plugin_trust":[],"on":{on},"on_name":"x",
                "allow_unsigned_plugins":{allow}}}"#,
            String::from_utf8(workshop.read(OWNER)).unwrap(),
            workshop.path("plugins"),
        );
        let request: Request = serde_json::from_str(&request).unwrap();
        let image = File::open(workshop.path("connect.sap")).unwrap();
        let worker = WorkerProcess::spawn(&workshop.command(), image, &request).unwrap();
        let ended = worker.finish(None, &mut Silent);
        assert!(ended.report.is_none());
        assert_eq!(ended.failures[0].code, code, "{:?}", ended.failures);
    }
}

/// Nor is the worker: an engine that was made to take them gives no unit to a wire that does not say it is virtual.
#[test]
fn an_engine_that_takes_them_moves_no_other_wire() {
    let workshop = workshop();
    let folders = [workshop.path("plugins")];
    let ordinary = PluginStore::open(&folders, &[]).unwrap();
    assert!(!ordinary.takes_unsigned() && ordinary.family(FAMILY).is_err());
    let store = PluginStore::open_with_unsigned_for_twins(&folders, &[]).unwrap();
    assert!(matches!(store.list()[0].state, PluginState::Unsigned(_)));
    assert_eq!(store.unsigned_library(FAMILY), Some(library(&workshop)));

    let engine = Engine::new(store);
    let devices = Devices::load(&[repository().join("devices")]).unwrap();
    let device = devices.get(NRF52.device).unwrap();
    let twin = engine.twin(device, TwinOptions::default()).unwrap();
    for (link, code) in [
        (twin.link(), None),
        (Link::wire(Untouched), Some("IMP-5015")),
    ] {
        let owner = PublicKey::load(&workshop.path(OWNER)).unwrap();
        let file = File::open(workshop.path("connect.sap")).unwrap();
        let image = Image::open(file, &TrustAnchors::new([owner])).unwrap();
        let image = image.unlock(Unlock::default()).unwrap();
        let finished = engine.run(image, link, RunOptions::default(), &mut Silent);
        let failure = finished.report.failure.as_ref();
        assert_eq!(failure.map(|failure| failure.code.as_str()), code);
    }
}

/// A wire that ends the test when something moves on it.
struct Untouched;

impl Wire for Untouched {
    fn name(&self) -> String {
        "a real chip".into()
    }
    fn set_clock_khz(&mut self, khz: u32) -> u32 {
        khz
    }
    fn read_register(&mut self, _: Port, _: u8) -> Result<u32, WireFault> {
        panic!("the wire moves")
    }
    fn write_register(&mut self, _: Port, _: u8, _: u32) -> Result<(), WireFault> {
        panic!("the wire moves")
    }
    fn read_block(&mut self, _: Port, _: u8, _: &mut [u32]) -> Result<(), WireFault> {
        panic!("the wire moves")
    }
    fn write_block(&mut self, _: Port, _: u8, _: &[u32]) -> Result<(), WireFault> {
        panic!("the wire moves")
    }
    fn flush(&mut self) -> Result<(), WireFault> {
        panic!("the wire moves")
    }
    fn line_sequence(&mut self, _: u8, _: u64) {
        panic!("the wire moves")
    }
    fn pins(&mut self, _: u32, _: u32) -> u32 {
        panic!("the wire moves")
    }
    fn voltage_mv(&mut self) -> Option<u32> {
        None
    }
    fn now_ns(&self) -> u64 {
        0
    }
    fn pass_ns(&mut self, _: u64) {}
}
