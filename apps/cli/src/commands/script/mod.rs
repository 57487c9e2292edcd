//! `imprint script`: what is wrong with a script before it runs, and what it can call.
//!
//! Each verb has a file.

mod check;
mod reference;

use crate::{failure::Result, options::Script as Verb, output::Output, places::Places};

pub fn run(verb: &Verb, places: &Places, output: &Output) -> Result {
    match verb {
        Verb::Check { file, device, .. } => check::run(file, device.as_deref(), places, output),
        Verb::Reference => reference::run(output),
    }
}
