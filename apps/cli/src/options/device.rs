//! Verbs of device files.

use super::Unsigned;
use crate::range::range;
use clap::{Args, Subcommand};
use imprint::device::Core;
use std::{ops::Range, path::PathBuf};

#[derive(Debug, Subcommand)]
pub enum Device {
    /// Find everything that is wrong with a device file
    Check {
        /// The device file
        file: PathBuf,
        #[command(flatten)]
        unsigned: Unsigned,
    },
    /// List the known devices and where each comes from
    List,
    /// Show a device's memories and where its figures come from
    Show {
        /// The part number
        name: String,
    },
    /// Make a device file of a CMSIS-Pack, a flash algorithm, or a target description of probe-rs
    Import(DeviceImport),
}

#[derive(Debug, Args)]
pub struct DeviceImport {
    /// The pack (.pack), the flash algorithm (.FLM), or the target description (.yaml)
    pub file: PathBuf,
    /// The part number: one of those in the file; for a flash algorithm, which has none, any name
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// List the part numbers in the file, and make nothing
    #[arg(long)]
    pub list: bool,
    /// Folder for the files; what is there is never replaced
    #[arg(short, long, value_name = "DIR", default_value = "devices")]
    pub output: PathBuf,
    /// A known device of the same family: what the file does not say is taken from it
    #[arg(long, value_name = "NAME")]
    pub like: Option<String>,
    /// Family of the device [default: that of --like]
    #[arg(long, value_name = "ID")]
    pub family: Option<String>,
    /// The core, for a flash algorithm: CortexM0, CortexM0Plus, CortexM3, CortexM4
    #[arg(long, value_name = "CORE", value_parser = core)]
    pub core: Option<Core>,
    /// The RAM, for a flash algorithm. Numbers as 4096, 0x1000, 4K
    #[arg(long, value_name = "START:LEN", value_parser = range)]
    pub ram: Option<Range<u64>>,
}

fn core(text: &str) -> Result<Core, String> {
    let known = [
        Core::CortexM0,
        Core::CortexM0Plus,
        Core::CortexM3,
        Core::CortexM4,
    ];
    let found = known.into_iter().find(|core| format!("{core:?}") == text);
    found.ok_or_else(|| "expected CortexM0, CortexM0Plus, CortexM3 or CortexM4".into())
}
