//! `imprint device`: the devices that recipes can name. One file a verb.

mod check;
mod import;
mod list;
mod show;

use crate::{failure::Result, options::Device as Verb, output::Output, places::Places};

pub fn run(verb: &Verb, places: &Places, output: &Output) -> Result {
    match verb {
        Verb::Check { file, unsigned } => check::run(file, *unsigned, places, output),
        Verb::Import(options) => import::run(options, places, output),
        Verb::List => list::run(places, output),
        Verb::Show { name } => show::run(name, places, output),
    }
}
