//! The product: the command, and the families as shared libraries.

use crate::{Result, process};
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX, EXE_SUFFIX};

/// The packages of the families.
const FAMILIES: &[&str] = &[
    "imprint-nordic-nrf5",
    "imprint-st-stm32f1",
    "imprint-st-stm32f4",
];

/// Builds it in release.
pub fn build() -> Result<()> {
    let mut command = process::cargo(&["build", "--release", "--package", "imprint-cli"]);
    for family in FAMILIES {
        command.args(["--package", family]);
    }
    process::run(&mut command)
}

/// The file of the command.
pub fn command() -> String {
    format!("imprint{EXE_SUFFIX}")
}

/// The files of the families.
pub fn libraries() -> impl Iterator<Item = String> {
    let name = |family: &&str| format!("{DLL_PREFIX}{}{DLL_SUFFIX}", family.replace('-', "_"));
    FAMILIES.iter().map(name)
}
