//! Unit records in a store of your own. A unit whose record could not be kept has not passed.
#![allow(clippy::print_stdout, reason = "a program for a terminal")]

use imprint::{
    Devices, Engine, RunOptions, Silent, TwinOptions,
    image::*,
    plugin::PluginStore,
    records::RecordStore,
    report::{Failure, UnitReport},
};
use std::{fs::File, io::Write, path::PathBuf};

/// One line of CSV a unit: chip, outcome, code of the failure.
struct Ledger(File);

impl RecordStore for Ledger {
    fn keep(&mut self, report: &UnitReport) -> Result<(), Failure> {
        let uid = report.uid.as_deref().unwrap_or("");
        let code = report.failure.as_ref().map_or("", |it| it.code.as_str());
        let line = format!("{uid},{:?},{code}\n", report.outcome);
        // It is on the disk when this returns.
        let written = self.0.write_all(line.as_bytes());
        written
            .and_then(|()| self.0.sync_data())
            .map_err(|error| Failure::new("SHOP-2", format!("the ledger is full: {error}")))
    }
}

fn main() -> Result<(), Failure> {
    let author = PublicKey::load("author.pub".as_ref())?;
    let owner = TrustAnchors::new([PublicKey::load("owner.pub".as_ref())?]);
    let plugins = PluginStore::open(&[PathBuf::from("plugins")], &[author.to_bytes()])?;
    let engine = Engine::new(plugins);
    let devices = Devices::load(&[PathBuf::from("devices")])?;

    for ledger in ["ledger.csv", "/dev/full"] {
        let twin = engine.twin(devices.get("nRF52832_xxAA")?, TwinOptions::default())?;
        let file = File::open("hello.sap").expect("the image is there");
        let image = Image::open(file, &owner)?.unlock(Unlock::default())?;
        let ledger = File::options().append(true).create(true).open(ledger);
        let options = RunOptions {
            records: Some(Box::new(Ledger(ledger.expect("the ledger opens")))),
            ..RunOptions::default()
        };
        let report = engine.run(image, twin.link(), options, &mut Silent).report;
        println!("{:?} {:?}", report.outcome, report.failure);
    }
    Ok(())
}
