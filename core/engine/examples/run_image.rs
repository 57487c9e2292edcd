//! Runs an image on a virtual chip. On a real one, `Link::probe(&"".parse()?)?` stands in place of `twin.link()`.
#![allow(clippy::print_stdout, reason = "a program for a terminal")]

use imprint::{Devices, Engine, RunOptions, Silent, TwinOptions, image::*, plugin::PluginStore};
use std::{fs::File, path::PathBuf};

fn main() -> Result<(), imprint::report::Failure> {
    let author = PublicKey::load("author.pub".as_ref())?; // whose plugins may be loaded
    let owner = PublicKey::load("owner.pub".as_ref())?; // whose images may be run
    let plugins = PluginStore::open(&[PathBuf::from("plugins")], &[author.to_bytes()])?;
    let engine = Engine::new(plugins);
    let file = File::open("hello.sap").expect("the image is there");
    let image = Image::open(file, &TrustAnchors::new([owner]))?;
    let devices = Devices::load(&[PathBuf::from("devices")])?;
    let twin = engine.twin(devices.get("nRF52832_xxAA")?, TwinOptions::default())?;
    let unit = engine.run(
        image.unlock(Unlock::default())?,
        twin.link(),
        RunOptions::default(),
        &mut Silent,
    );
    println!("{:?} {:?}", unit.report.outcome, unit.report.records);
    Ok(())
}
