//! Verbs of device files.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Device {
    /// List the known devices and where each comes from
    List,
    /// Show a device's memories and where its figures come from
    Show {
        /// The part number
        name: String,
    },
}
