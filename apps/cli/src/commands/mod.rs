//! The verbs, one file each.

mod build;
mod device;
mod diff;
mod explain;
mod grant;
mod import;
mod inspect;
mod key;
mod keyring;
mod new;
mod plugin;
mod probe;
mod replay;
mod root;
mod run;
mod script;
mod seal;
mod state;
mod twin;
mod verify;
mod worker;

use crate::{
    failure::Result,
    keys::Passphrase,
    options::{Command, Options},
    output::Output,
    places::Places,
};

/// Runs the verb. Its failures are rendered, and made an exit code, by the caller.
pub fn run(options: Options, output: &Output) -> Result {
    match options.command {
        // A worker is told its places by its client.
        Command::Worker => return Ok(worker::run()),
        // Who has no places may be asking why.
        Command::Explain(options) => return explain::run(&options, output),
        _ => {}
    }
    let places = Places::find(&options.places)?;
    let passphrase = Passphrase(options.passphrase_file);
    match options.command {
        Command::New(options) => new::run(&options, &places, output),
        Command::Import(options) => import::run(&options, &places, output),
        Command::Build(options) => build::run(&options, &places, output),
        Command::Seal(options) => seal::run(&options, &passphrase, output),
        Command::Grant(options) => grant::run(&options, &passphrase, output),
        Command::Verify(options) => verify::run(&options, &passphrase, output),
        Command::Inspect(options) => inspect::run(&options, &passphrase, output),
        Command::Diff(options) => diff::run(&options, &passphrase, output),
        Command::Run(options) => run::run(&options, &places, &passphrase, output),
        Command::Replay(options) => replay::run(&options, &places, &passphrase, output),
        Command::State(verb) => state::run(&verb, output),
        Command::Script(verb) => script::run(&verb, &places, output),
        Command::Device(verb) => device::run(&verb, &places, output),
        Command::Probe(verb) => probe::run(&verb, output),
        Command::Plugin(verb) => plugin::run(&verb, &places, &passphrase, output),
        Command::Key(verb) => key::run(&verb, &passphrase, output),
        Command::Keyring(verb) => keyring::run(&verb, output),
        Command::Root(verb) => root::run(&verb, &passphrase, output),
        Command::Twin(verb) => twin::run(&verb, &places, output),
        Command::Explain(options) => explain::run(&options, output),
        Command::Worker => Ok(worker::run()),
    }
}
