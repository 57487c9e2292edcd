//! The command line: verbs and options, as clap reads them.
//!
//! Each file has the verbs of one subject.

mod device;
mod image;
mod key;
mod plugin;
mod run;
mod script;
mod twin;

pub use device::{Device, DeviceImport};
pub use image::{Build, Diff, Grant, Inspect, Seal, TrustOptions, Verify};
pub use key::{Key, Keyring, Root, RootRoles};
pub use plugin::{CheckBoard, Plugin, PluginCheck, PluginNew, Unsigned};
pub use run::{Replay, Run, State};
pub use script::{Format, Script, ScriptTest, ScriptTry};
pub use twin::{ServeTwin, Twin};

use crate::places::SEARCH_ORDER;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Program microcontrollers from signed images.
#[derive(Debug, Parser)]
#[command(name = "imprint", version, after_long_help = SEARCH_ORDER, max_term_width = 100, arg_required_else_help = true)]
pub struct Options {
    #[command(flatten)]
    pub places: PlaceOptions,
    /// Print one JSON object on standard output
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub json: bool,
    /// The passphrase of secret keys that have one: the first line of this file. Without it, it is asked for
    #[arg(long, global = true, value_name = "FILE", help_heading = "Everywhere")]
    pub passphrase_file: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

/// Where things are, beyond what is installed.
#[derive(Debug, Args)]
pub struct PlaceOptions {
    /// Add a folder of device descriptions (*.ron); may be repeated
    #[arg(long, global = true, value_name = "DIR", help_heading = "Everywhere")]
    pub devices: Vec<PathBuf>,
    /// Add a folder of plugins and their lists; may be repeated
    #[arg(long, global = true, value_name = "DIR", help_heading = "Everywhere")]
    pub plugins: Vec<PathBuf>,
    /// Folder of your trust and your own devices and plugins [default: $IMPRINT_HOME, or `imprint` in your configuration
    /// folder]
    #[arg(long, global = true, value_name = "DIR", help_heading = "Everywhere")]
    pub home: Option<PathBuf>,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a project that builds and runs at once
    New(New),
    /// Make a recipe and a script of a PEmicro script file
    Import(Import),
    /// Make an object of a recipe and all it refers to
    Build(Build),
    /// Make a signed image of an object
    Seal(Seal),
    /// Let one more station open an image, without signing it again
    Grant(Grant),
    /// Check the signatures and every byte of an image
    Verify(Verify),
    /// Show what is in an image or object
    Inspect(Inspect),
    /// Say what differs between two objects or images
    Diff(Diff),
    /// Program one unit
    Run(Run),
    /// Play a transcript again, and name the first difference
    Replay(Replay),
    /// Show and set what a station has counted
    #[command(subcommand)]
    State(State),
    /// Check scripts, and show what they can call
    #[command(subcommand)]
    Script(Script),
    /// Show the known devices
    #[command(subcommand)]
    Device(Device),
    /// Show the connected probes
    #[command(subcommand)]
    Probe(Probe),
    /// Show, list and trust plugins
    #[command(subcommand)]
    Plugin(Plugin),
    /// Make and show keys
    #[command(subcommand)]
    Key(Key),
    /// Keep the keys and the trust of a station in a folder
    #[command(subcommand)]
    Keyring(Keyring),
    /// Make and replace root documents, which say who may do what
    #[command(subcommand)]
    Root(Root),
    /// Make and show virtual boards, and serve them to debuggers of others
    #[command(subcommand)]
    Twin(Twin),
    /// Explain the code of an error
    Explain(Explain),
    /// Runs a unit for the process that started this one
    #[command(hide = true)]
    Worker,
}

#[derive(Debug, Args)]
pub struct New {
    /// The project's folder; it must not exist or be empty
    pub dir: PathBuf,
    /// The device it programs
    #[arg(long, value_name = "NAME", default_value = "nRF52832_xxAA")]
    pub device: String,
}

#[derive(Debug, Args)]
pub struct Import {
    /// The script file, as the Image Creation Utility saves it
    #[arg(value_name = "FILE.cfg")]
    pub file: PathBuf,
    /// Folder for recipe and script; what is there is never replaced [default: the file's name without `.cfg`]
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// The device the recipe is for
    #[arg(long, value_name = "PART")]
    pub device: Option<String>,
    /// Text for the placeholder `/PARAMN/`; may be repeated
    #[arg(long, value_name = "N=TEXT")]
    pub param: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub enum Probe {
    /// List the connected probes; none is opened
    List,
}

#[derive(Debug, Args)]
pub struct Explain {
    /// The code: IMP-2110, imp-2110 or 2110 [default: list all]
    pub code: Option<String>,
}
