//! What goes wrong before the engine is reached.

use imprint::report::Failure;
use std::path::Path;

/// An argument of a call cannot be used.
const INVALID: &str = "IMP-9030";
/// A file that a program named cannot be read.
const UNREADABLE: &str = "IMP-9031";
/// The library itself failed: a mistake in Imprint.
pub const INTERNAL: &str = "IMP-9032";

/// An argument that cannot be used, and what would be right.
pub fn invalid(message: impl Into<String>, help: &str) -> Failure {
    Failure::new(INVALID, message).with_help(help)
}

pub(crate) fn unreadable(path: &Path, error: impl std::fmt::Display) -> Failure {
    let message = format!("`{}` cannot be read: {error}", path.display());
    Failure::new(UNREADABLE, message).with_help("check the path and the permissions")
}
