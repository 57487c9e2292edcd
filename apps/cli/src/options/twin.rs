//! Verbs of virtual boards.

use super::Unsigned;
use clap::{Args, Subcommand};
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
        /// lost@N, random@SEED/PER_MILLE
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
    /// Let programs of others debug a virtual board, until Ctrl-C
    Serve(ServeTwin),
}

#[derive(Debug, Args)]
pub struct ServeTwin {
    /// A part number for a new board, or the file of one (its name has a dot or a separator), which is saved at the end
    #[arg(value_name = "DEVICE|FILE")]
    pub board: String,
    /// Serve probe-rs, as a Glasgow does. An address is HOST:PORT, with port 0 for any free one, or unix:/PATH
    #[arg(long, value_name = "ADDR")]
    pub glasgow: Option<String>,
    /// Serve pyOCD, as its remote probe
    #[arg(long, value_name = "ADDR")]
    pub pyocd: Option<String>,
    /// Serve OpenOCD, as remote_bitbang with JTAG
    #[arg(long, value_name = "ADDR")]
    pub bitbang: Option<String>,
    /// A fault of a new board; may be repeated: as for `twin new`
    #[arg(long, value_name = "SPEC")]
    pub fault: Vec<String>,
    #[command(flatten)]
    pub unsigned: Unsigned,
}
