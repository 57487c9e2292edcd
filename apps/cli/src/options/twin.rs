//! Verbs of virtual boards.

use super::Unsigned;
use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum Twin {
    /// Make a virtual board
    New {
        /// The part number
        device: String,
        /// The board's file
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        /// Its unique identifier, in hexadecimal [default: a random one]
        #[arg(long, value_name = "HEX")]
        uid: Option<String>,
        /// A fault it has; may be repeated: no-target, vanish@N, wait@N[xK], fault@N, stuck@ADDRESS.BIT=0|1, brownout@N,
        /// random@SEED/PER_MILLE
        #[arg(long, value_name = "SPEC")]
        fault: Vec<String>,
        #[command(flatten)]
        unsigned: Unsigned,
    },
    /// Show a virtual board
    Show {
        /// The board's file
        file: PathBuf,
    },
}
