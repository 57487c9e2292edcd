//! Verbs of plugins.

use crate::places::SEARCH_ORDER;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

const CHECK_HELP: &str = "\
The library runs with all rights of this command: check what you built or trust. It need not be signed.
Exit codes: 0 every rule is kept, 7 a rule is broken. docs/conformance.md lists the cases.";

/// What `plugin new` is told.
#[derive(Debug, Args)]
pub struct PluginNew {
    /// The plugin's folder, whose name becomes the crate's; it must not exist or be empty
    pub dir: PathBuf,
    /// In C, with `make`, instead of Rust
    #[arg(long)]
    pub c: bool,
    /// The plugin's id, a reverse domain name; its last two parts become the family's [default: org.example.NAME]
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
}

/// Of verbs that run a plugin on a twin.
#[derive(Clone, Copy, Debug, Args)]
pub struct Unsigned {
    /// Load plugins that nobody you trust has signed; on twins only, with a warning each time
    #[arg(long)]
    pub allow_unsigned_plugins: bool,
}

#[derive(Debug, Subcommand)]
pub enum Plugin {
    /// Try a plugin's library against every rule of the ABI, each case in a process of its own
    #[command(after_long_help = CHECK_HELP)]
    Check(PluginCheck),
    /// Make a plugin that builds and passes the check: a folder with all it needs, and a chip that is an example
    New(PluginNew),
    /// List the plugins, whether they may be loaded, and where they are searched
    #[command(after_long_help = SEARCH_ORDER)]
    List,
    /// Put a plugin on a signed list beside it
    Sign {
        /// The shared library
        file: PathBuf,
        /// The key that signs
        #[arg(long, value_name = "SIGNING.key")]
        key: PathBuf,
    },
    /// Let this key say which plugins may be loaded
    Trust {
        /// The public key
        file: PathBuf,
    },
}

/// What `plugin check` is told.
#[derive(Debug, Args)]
pub struct PluginCheck {
    /// The shared library
    #[arg(required_unless_present = "list")]
    pub file: Option<PathBuf>,
    /// A device of the plugin, by file or name; again for more [default: all known devices of its families]
    #[arg(long, value_name = "FILE.ron|NAME")]
    pub device: Vec<String>,
    /// The board that stands in for the chip
    #[arg(long, value_enum, default_value_t = CheckBoard::Own)]
    pub board: CheckBoard,
    /// Run this case alone; again for more
    #[arg(long, value_name = "NAME")]
    pub case: Vec<String>,
    /// List the cases and what each is for
    #[arg(long)]
    pub list: bool,
    /// Show the broken rules alone
    #[arg(long)]
    pub only_failed: bool,
    /// Longest time of one case
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
    /// Run one case in this process, for a debugger
    #[arg(long, requires = "case")]
    pub in_process: bool,
    /// Tell the plugin's families; the check asks itself
    #[arg(long, hide = true)]
    pub families: bool,
}

/// The board of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheckBoard {
    /// The family's own, where it has one
    Own,
    /// A plain one: registers that hold what is written, cells that can be programmed
    Plain,
}
