//! Failures of the command line itself, and the type that every verb returns.

use crate::exit::Exit;
use imprint::{
    account::AccountError,
    image::{
        ImageError,
        container::{PolicyError, SealError},
        keys::{KeyError, RingError, RootError},
        object::ObjectError,
        write::WriteError,
    },
    plugin::PluginError,
    report::Failure,
};
use std::path::Path;

/// An argument that clap cannot judge.
const ARGUMENT: &str = "IMP-9001";
/// A file that would be overwritten.
const EXISTS: &str = "IMP-9002";
/// An output that is an input, or another output.
const SAME_FILE: &str = "IMP-9003";
/// A file or folder that cannot be read.
const UNREADABLE: &str = "IMP-9010";
/// A file or folder that cannot be written.
const UNWRITABLE: &str = "IMP-9011";
/// The user's configuration folder is not known.
const NO_HOME: &str = "IMP-9012";

/// An address that cannot be listened at.
const NOT_SERVED: &str = "IMP-7120";

/// What a verb returns.
pub type Result<T = Exit, E = Failures> = std::result::Result<T, E>;

/// One failure or more, the first cause first.
#[derive(Clone, Debug)]
pub struct Failures(Vec<Failure>);

impl std::ops::Deref for Failures {
    type Target = [Failure];

    fn deref(&self) -> &[Failure] {
        &self.0
    }
}

impl From<Failure> for Failures {
    fn from(failure: Failure) -> Self {
        Failures(vec![failure])
    }
}

impl From<Vec<Failure>> for Failures {
    fn from(failures: Vec<Failure>) -> Self {
        Failures(failures)
    }
}

/// A failure of a library that knows bytes but not their file, with its name.
pub fn in_file(path: &Path, error: impl Into<Failure>) -> Failures {
    let failure = error.into();
    Failure {
        message: format!("`{}`: {}", path.display(), failure.message),
        ..failure
    }
    .into()
}

/// Errors of the libraries become the one failure that they are.
macro_rules! failures {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$error> for Failures {
            fn from(error: $error) -> Self {
                Failure::from(error).into()
            }
        }
    )+};
}

failures!(
    AccountError,
    ImageError,
    KeyError,
    ObjectError,
    PluginError,
    PolicyError,
    RingError,
    RootError,
    SealError,
    WriteError
);

/// An argument that cannot be used.
pub fn argument(message: impl Into<String>, help: impl Into<String>) -> Failure {
    Failure::new(ARGUMENT, message).with_help(help)
}

/// A file that is there already.
pub fn exists(path: &Path) -> Failure {
    Failure::new(EXISTS, format!("`{}` exists already", path.display()))
        .with_help("choose another name, or remove it first")
}

/// A file to write that is `other`, which is read or written already.
pub fn same_file(output: &Path, other: &Path, use_of_other: &str) -> Failure {
    let named = match output == other {
        true => String::new(),
        false => format!("the same file as `{}`, which is ", other.display()),
    };
    let output = output.display();
    Failure::new(
        SAME_FILE,
        format!("`{output}` cannot be written: it is {named}{use_of_other}"),
    )
    .with_help("name another file to write; nothing was written")
}

/// A file or folder that cannot be read.
pub fn unreadable(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::new(
        UNREADABLE,
        format!("`{}` cannot be read: {error}", path.display()),
    )
    .with_help("check the path and its permissions")
}

/// A file or folder that cannot be written.
pub fn unwritable(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::new(
        UNWRITABLE,
        format!("`{}` cannot be written: {error}", path.display()),
    )
    .with_help("check that the folder exists, may be written and has room")
}

/// An address that cannot be listened at.
pub fn not_served(address: &impl std::fmt::Display, error: impl std::fmt::Display) -> Failure {
    Failure::new(
        NOT_SERVED,
        format!("`{address}` cannot be listened at: {error}"),
    )
    .with_help("name another port, or port 0 for any free one")
}

/// Nobody says where the user's configuration is.
pub fn no_home(error: impl std::fmt::Display) -> Failure {
    Failure::new(
        NO_HOME,
        format!("the user's configuration folder is not known: {error}"),
    )
    .with_help("name one with `--home DIR` or the variable IMPRINT_HOME")
}
