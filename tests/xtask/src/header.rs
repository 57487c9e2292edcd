//! `header`: writes `plugins/include/imprint_plugin.h` from the Rust side of the ABI.
//!
//! The test that compares the two knows how to write it, so there is one generator.

use crate::{Result, process};

/// Writes the header.
pub fn run() -> Result<()> {
    let mut command = process::cargo(&["test", "--quiet", "--package", "imprint-plugin-abi"]);
    process::run(command.env("IMPRINT_WRITE_HEADER", "1"))
}
