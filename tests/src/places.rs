//! Where the things under test lie: beside the test, in cargo's target folder.

use std::{
    env::consts::{DLL_PREFIX, DLL_SUFFIX, EXE_SUFFIX},
    path::{Path, PathBuf},
};

/// The root of the repository.
pub fn repository() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// The `imprint` command.
pub fn command_path() -> PathBuf {
    built(&format!("imprint{EXE_SUFFIX}"))
}

/// The shared library of a family, by the name of its crate.
pub fn library_path(package: &str) -> PathBuf {
    built(&library_name(package))
}

/// The file name of a family's shared library.
pub fn library_name(package: &str) -> String {
    format!("{DLL_PREFIX}{}{DLL_SUFFIX}", package.replace('-', "_"))
}

/// A file that cargo built in the same profile as this test: the test is in `deps`, an example in `examples`.
fn built(name: &str) -> PathBuf {
    let test =
        std::env::current_exe().unwrap_or_else(|error| panic!("no path of the test: {error}"));
    let folder = test.ancestors().nth(2).unwrap_or(&test);
    let path = folder.join(name);
    if !path.exists() {
        panic!("{name} is not built: run `cargo build --workspace` first (or `cargo xtask test`)");
    }
    path
}
