//! `imprint plugin`: which plugins there are, and who says which may be loaded. One file a verb.

mod check;
mod list;
mod new;
mod sign;
mod trust;

use crate::{
    failure::Result, keys::Passphrase, options::Plugin as Verb, output::Output, places::Places,
};

pub fn run(verb: &Verb, places: &Places, passphrase: &Passphrase, output: &Output) -> Result {
    match verb {
        Verb::Check(options) => check::run(options, places, output),
        Verb::New(options) => new::run(options, output),
        Verb::List => list::run(places, output),
        Verb::Sign { file, key } => sign::run(file, key, passphrase, output),
        Verb::Trust { file } => trust::run(file, places, output),
    }
}
