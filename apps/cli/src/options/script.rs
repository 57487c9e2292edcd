//! The verbs of scripts.

use clap::{Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum Script {
    /// Find in a script what would fail when the line runs
    Check {
        /// The script, or a recipe (*.ron): its script, and all the names that it may use
        file: PathBuf,
        /// The device whose memories the script names; a recipe names its own
        #[arg(long, value_name = "NAME")]
        device: Option<String>,
        /// How to show findings
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Print the functions a script can call, as Markdown
    Reference,
    /// Write the definitions of these functions for editors (*.d.rhai)
    Definitions {
        /// The folder to write them to; it is made if need be
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Put modules of the library beside a recipe, or list what there is
    Library {
        /// Names of the modules [default: list all]
        #[arg(value_name = "MODULE")]
        modules: Vec<String>,
        /// The recipe's folder; what is there is never replaced
        #[arg(long, value_name = "DIR", default_value = ".")]
        to: PathBuf,
    },
}

/// How findings are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people: with the line, and what to do
    Text,
    /// A line each, for editors: FILE:LINE:COLUMN: SEVERITY[CODE]: WHAT; WHAT TO DO
    Short,
    /// One object, for editors and programs
    Json,
}
