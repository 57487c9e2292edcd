//! `imprint script`: what is wrong with a script before it runs, and what it can call.
//!
//! Each verb has a file.

mod check;
mod definitions;
mod library;
mod memory;
mod reference;
mod test;
mod r#try;

use crate::{failure::Result, options::Script as Verb, output::Output, places::Places};

pub fn run(verb: &Verb, places: &Places, output: &Output) -> Result {
    match verb {
        Verb::Check {
            file,
            device,
            format,
        } => check::run(file, device.as_deref(), *format, places, output),
        Verb::Test(options) => test::run(options, places, output),
        Verb::Try(options) => r#try::run(options, places, output),
        Verb::Reference => reference::run(output),
        Verb::Definitions { folder } => definitions::run(folder, output),
        Verb::Library { modules, to } => library::run(modules, to, output),
    }
}
