//! Options of the verbs that program units and count them.

use super::{TrustOptions, Unsigned};
use crate::range::DumpOption;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Run {
    /// The image; several with --barcode, of which exactly one must match the scanned text
    #[arg(required = true)]
    pub image: Vec<PathBuf>,
    #[command(flatten)]
    pub trust: TrustOptions,
    /// The unit: `twin:DEVICE` a new virtual board, `twin:FILE` one in a file (its name has a dot or a separator),
    /// `probe` the only probe, `probe:SELECTOR` a serial number, VID:PID, VID:PID:SERIAL or usb:BUS-PORT;
    /// `qemu:microbit` a new board of QEMU, which holds an nRF51822
    #[arg(long, value_name = "UNIT")]
    pub on: String,
    #[command(flatten)]
    pub unsigned: Unsigned,
    /// The station's state folder, where units and serial numbers are counted; it is made when it is not there
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// A value for this unit that the image takes from outside; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    pub value: Vec<String>,
    /// The text that was scanned from this unit
    #[arg(long, value_name = "TEXT")]
    pub barcode: Option<String>,
    /// What this station is called, for images that program or record it
    #[arg(long, value_name = "NAME")]
    pub station_name: Option<String>,
    /// Append the unit's record to a file, one JSON object a line; it is on the disk before the result is shown
    #[arg(long, value_name = "FILE")]
    pub records: Option<PathBuf>,
    /// Read target memory into a file after the script; may be repeated. Numbers as 4096, 0x1000, 4K
    #[arg(long, value_name = "START:LEN=FILE")]
    pub dump: Vec<DumpOption>,
    /// Write every transfer on the wire to a file
    #[arg(long, value_name = "FILE")]
    pub transcript: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(
    after_long_help = "Exit codes: 0 no difference, 1 a difference. docs/transcript.md has the format and what is compared."
)]
pub struct Replay {
    /// The transcript that `imprint run --transcript FILE` wrote
    pub file: PathBuf,
    /// Play the host's side on a twin, and compare what it answers: `twin:DEVICE` a new one with the recorded identifier,
    /// `twin:FILE` one in a file, as it was before the run; it is not written
    #[arg(
        long,
        value_name = "UNIT",
        required_unless_present = "image",
        conflicts_with = "image"
    )]
    pub on: Option<String>,
    /// Run this image with the transcript in the place of a wire, and compare what the engine asks
    #[arg(long, value_name = "X.sap")]
    pub image: Option<PathBuf>,
    #[command(flatten)]
    pub trust: TrustOptions,
}

#[derive(Debug, Subcommand)]
pub enum State {
    /// Show the counts of each deployment, the serial numbers and what is open
    Show {
        /// The state folder
        dir: PathBuf,
    },
    /// Let a serial number go on at a value
    Serial {
        /// The state folder
        dir: PathBuf,
        /// An object that has the serial number
        #[arg(long, value_name = "X.sapobj")]
        object: PathBuf,
        /// Its name in that object
        #[arg(long, value_name = "NAME")]
        name: String,
        /// The value that the next unit takes; never one that was drawn before
        #[arg(long, value_name = "VALUE")]
        next: String,
    },
}
