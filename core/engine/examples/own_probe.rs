//! A probe of your own: whatever can move the registers of a debug port. This one stands in a fixture, closes its lid
//! before the first transfer, and counts.
#![allow(clippy::print_stdout, reason = "a program for a terminal")]

use imprint::{
    Devices, Engine, Link, RunOptions, Silent, Twin, TwinOptions,
    image::*,
    plugin::PluginStore,
    wire::{Port, Wire, WireFault},
};
use std::{
    fs::File,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// Your hardware; here a virtual chip is in the place of the wires.
struct Fixture {
    wires: Twin,
    is_closed: bool,
    transfers: Arc<AtomicU64>,
}

impl Fixture {
    fn count(&mut self) -> &mut Twin {
        if !self.is_closed {
            println!("the lid closes");
            self.is_closed = true;
        }
        self.transfers.fetch_add(1, Relaxed);
        &mut self.wires
    }
}

impl Wire for Fixture {
    fn name(&self) -> String {
        "fixture 7".into()
    }
    fn set_clock_khz(&mut self, khz: u32) -> u32 {
        self.wires.set_clock_khz(khz.min(4000)) // long cables
    }
    fn read_register(&mut self, port: Port, register: u8) -> Result<u32, WireFault> {
        self.count().read_register(port, register)
    }
    fn write_register(&mut self, port: Port, register: u8, value: u32) -> Result<(), WireFault> {
        self.count().write_register(port, register, value)
    }
    fn read_block(&mut self, port: Port, register: u8, words: &mut [u32]) -> Result<(), WireFault> {
        self.count().read_block(port, register, words)
    }
    fn write_block(&mut self, port: Port, register: u8, words: &[u32]) -> Result<(), WireFault> {
        self.count().write_block(port, register, words)
    }
    fn flush(&mut self) -> Result<(), WireFault> {
        self.wires.flush()
    }
    fn line_sequence(&mut self, bit_count: u8, bits: u64) {
        self.count().line_sequence(bit_count, bits);
    }
    fn pins(&mut self, output: u32, select: u32) -> u32 {
        self.wires.pins(output, select)
    }
    fn voltage_mv(&mut self) -> Option<u32> {
        self.wires.voltage_mv()
    }
    fn now_ns(&self) -> u64 {
        self.wires.now_ns() // hardware gives the time since it was opened
    }
    fn pass_ns(&mut self, ns: u64) {
        self.wires.pass_ns(ns); // and sleeps here
    }
}

fn main() -> Result<(), imprint::report::Failure> {
    let author = PublicKey::load("author.pub".as_ref())?;
    let owner = PublicKey::load("owner.pub".as_ref())?;
    let plugins = PluginStore::open(&[PathBuf::from("plugins")], &[author.to_bytes()])?;
    let engine = Engine::new(plugins);
    let devices = Devices::load(&[PathBuf::from("devices")])?;
    let file = File::open("hello.sap").expect("the image is there");
    let image = Image::open(file, &TrustAnchors::new([owner]))?.unlock(Unlock::default())?;

    let transfers = Arc::new(AtomicU64::new(0));
    let link = Link::wire(Fixture {
        wires: engine.twin(devices.get("nRF52832_xxAA")?, TwinOptions::default())?,
        is_closed: false,
        transfers: transfers.clone(),
    });
    let unit = engine.run(image, link, RunOptions::default(), &mut Silent);
    println!(
        "{:?} after {} transfers",
        unit.report.outcome,
        transfers.load(Relaxed)
    );
    Ok(())
}
