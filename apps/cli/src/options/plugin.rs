//! Verbs of plugins.

use crate::places::SEARCH_ORDER;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Of verbs that run a plugin on a twin.
#[derive(Clone, Copy, Debug, Args)]
pub struct Unsigned {
    /// Load plugins that nobody you trust has signed; on twins only, with a warning each time
    #[arg(long)]
    pub allow_unsigned_plugins: bool,
}

#[derive(Debug, Subcommand)]
pub enum Plugin {
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
