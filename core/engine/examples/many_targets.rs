//! Eight targets at once on one engine, counted in one folder.
#![allow(clippy::print_stdout, reason = "a program for a terminal")]

use imprint::{
    Devices, Engine, RunOptions, Silent, TwinOptions,
    account::{StateFolder, UnitAccount, UnitDemand},
    image::*,
    plugin::PluginStore,
    report::{Failure, UnitReport},
};
use std::{
    collections::BTreeMap,
    fs::File,
    path::PathBuf,
    sync::Arc,
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

fn main() -> Result<(), Failure> {
    let author = PublicKey::load("author.pub".as_ref())?;
    let plugins = PluginStore::open(&[PathBuf::from("plugins")], &[author.to_bytes()])?;
    let engine = Engine::new(plugins);
    let books = Arc::new(StateFolder::open("state".as_ref())?);

    thread::scope(|scope| {
        let slot = |_| scope.spawn(|| unit(&engine, &books));
        let slots: Vec<_> = (0..8).map(slot).collect();
        for slot in slots {
            let report = slot.join().expect("the slot does not panic")?;
            let uid = report.uid.unwrap_or_default();
            println!("{:?} {:?} {uid}", report.outcome, report.ordinal);
        }
        Ok(())
    })
}

/// One slot: a chip is put in, programmed and counted.
fn unit(engine: &Engine, books: &Arc<StateFolder>) -> Result<UnitReport, Failure> {
    let owner = TrustAnchors::new([PublicKey::load("owner.pub".as_ref())?]);
    let file = File::open("counted.sap").expect("the image is there");
    let mut image = Image::open(file, &owner)?.unlock(Unlock::default())?;
    let devices = Devices::load(&[PathBuf::from("devices")])?;
    let twin = engine.twin(devices.get("nRF52832_xxAA")?, TwinOptions::default())?;

    let demand = UnitDemand::of(&mut image, None, &BTreeMap::new())?;
    let account = UnitAccount::admit(books, demand, now)?; // refused before the chip is touched
    let options = RunOptions {
        gate: Some(Box::new(account.gate())),
        ..RunOptions::default()
    };
    let report = engine.run(image, twin.link(), options, &mut Silent).report;
    account.end(Some(&report))?; // before anybody is told
    Ok(report)
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
