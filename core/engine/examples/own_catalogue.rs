//! Plugins from a catalogue of your own: a database, an archive, the program itself. Signature and hash are checked all
//! the same.
#![allow(clippy::print_stdout, reason = "a program for a terminal")]

use imprint::{
    Devices, Engine, RunOptions, Silent, TwinOptions,
    image::*,
    plugin::{Catalogue, PluginStore},
};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Cursor, ErrorKind, Read},
    path::PathBuf,
};

/// What a query of a database returned.
#[derive(Debug)]
struct Rows(BTreeMap<String, Vec<u8>>);

impl Catalogue for Rows {
    fn name(&self) -> PathBuf {
        "database".into()
    }
    fn files(&self) -> io::Result<Vec<String>> {
        Ok(self.0.keys().cloned().collect())
    }
    fn open(&self, file: &str) -> io::Result<Box<dyn Read>> {
        let content = self.0.get(file).ok_or(ErrorKind::NotFound)?;
        Ok(Box::new(Cursor::new(content.clone())))
    }
}

fn rows() -> io::Result<Rows> {
    let mut rows = BTreeMap::new();
    for entry in fs::read_dir("plugins")? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        rows.insert(name, fs::read(entry.path())?);
    }
    Ok(Rows(rows))
}

fn main() -> Result<(), imprint::report::Failure> {
    let author = PublicKey::load("author.pub".as_ref())?;
    let owner = PublicKey::load("owner.pub".as_ref())?;
    let catalogue = rows().expect("the files are read");
    let plugins = PluginStore::of(vec![Box::new(catalogue)], &[author.to_bytes()])?;
    for plugin in plugins.list() {
        println!("{}: {:?}", plugin.path.display(), plugin.state);
    }
    let engine = Engine::new(plugins);
    let devices = Devices::load(&[PathBuf::from("devices")])?;
    let twin = engine.twin(devices.get("nRF52832_xxAA")?, TwinOptions::default())?;
    let file = File::open("hello.sap").expect("the image is there");
    let image = Image::open(file, &TrustAnchors::new([owner]))?.unlock(Unlock::default())?;
    let unit = engine.run(image, twin.link(), RunOptions::default(), &mut Silent);
    println!("{:?}", unit.report.outcome);
    Ok(())
}
