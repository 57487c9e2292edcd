//! The verbs of scripts.

use clap::{Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum Script {
    /// Find in a script what would fail when the line runs
    Check {
        /// The script
        file: PathBuf,
        /// The device whose memories the script names
        #[arg(long, value_name = "NAME")]
        device: Option<String>,
        /// How to show findings
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Print the functions a script can call, as Markdown
    Reference,
}

/// How findings are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// One object, for editors and programs
    Json,
}
