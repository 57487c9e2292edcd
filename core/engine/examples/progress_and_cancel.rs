//! Shows how far a unit is, and stops it from another thread.
#![allow(clippy::print_stdout, reason = "a program for a terminal")]

use imprint::{
    CancelToken, Devices, Engine, Event, RunOptions, TwinOptions, image::*, plugin::PluginStore,
};
use std::{fs::File, path::PathBuf, sync::mpsc, thread};

fn main() -> Result<(), imprint::report::Failure> {
    let author = PublicKey::load("author.pub".as_ref())?;
    let owner = PublicKey::load("owner.pub".as_ref())?;
    let plugins = PluginStore::open(&[PathBuf::from("plugins")], &[author.to_bytes()])?;
    let engine = Engine::new(plugins);
    let devices = Devices::load(&[PathBuf::from("devices")])?;
    let twin = engine.twin(devices.get("nRF52832_xxAA")?, TwinOptions::default())?;
    let file = File::open("hello.sap").expect("the image is there");
    let image = Image::open(file, &TrustAnchors::new([owner]))?.unlock(Unlock::default())?;

    // Somebody presses the red button once the flash is erased.
    let cancel = CancelToken::new();
    let button = cancel.clone();
    let (press, pressed) = mpsc::channel();
    thread::spawn(move || pressed.recv().map(|()| button.cancel()));

    let mut observer = |event: &Event| match event {
        Event::StepStarted { name, detail, .. } => println!("{name} {detail}"),
        Event::Progress { done, total, .. } => println!("  {done} of {total} bytes"),
        Event::Changing(changes) => println!("  about to change {changes:?}"),
        Event::StepFinished(step) if step.name == "erase" => {
            press.send(()).expect("the other thread waits");
        }
        _ => {}
    };
    let options = RunOptions {
        on: "bench 3".into(),
        cancel,
        ..RunOptions::default()
    };
    let unit = engine.run(image, twin.link(), options, &mut observer);
    // A unit that was quicker than the button has passed.
    println!(
        "{:?}, changed: {:?}",
        unit.report.outcome, unit.report.changes
    );
    Ok(())
}
