//! From the errors of every crate below to one `Failure`, which apps render and reports keep.

use crate::{
    account::AccountError,
    plugin::PluginError,
    report::{Failure, Place},
};
use imprint_device::DeviceError;
use imprint_image::{
    container::{ImageError, PolicyError, SealError},
    keys::{KeyError, RingError, RootError},
    object::{BuildError, ObjectError},
    recipe::{RecipeError, SourceError},
    write::WriteError,
};
use imprint_legacy::LegacyError;
use imprint_packs::PackError;
use imprint_qemu::QemuError;
use imprint_target::TargetError;
use imprint_transcript::TranscriptError;
use imprint_twin::{TwinError, serve::ServeError};

/// Implements `From` for errors that know their code, sentence and advice.
macro_rules! failures {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Failure {
                    code: error.code().to_string(),
                    message: error.to_string(),
                    help: error.help(),
                    ..Failure::default()
                }
            }
        }
    )+};
}

failures!(
    AccountError,
    BuildError,
    DeviceError,
    ImageError,
    KeyError,
    LegacyError,
    ObjectError,
    PackError,
    PluginError,
    PolicyError,
    RecipeError,
    RingError,
    RootError,
    SealError,
    ServeError,
    SourceError,
    TwinError,
    WriteError,
);

impl From<TranscriptError> for Failure {
    fn from(error: TranscriptError) -> Self {
        Failure::new(error.code(), error.to_string()).with_help(error.help())
    }
}

impl From<QemuError> for Failure {
    fn from(error: QemuError) -> Self {
        Failure::new(error.code(), error.to_string()).with_help(error.help())
    }
}

impl From<TargetError> for Failure {
    fn from(error: TargetError) -> Self {
        let mut failure = Failure::new(error.code(), error.to_string());
        failure.help = error.help();
        let (address, difference) = details(&error);
        failure.address = address;
        if let Some((expected, found)) = difference {
            failure.expected = Some(expected);
            failure.found = Some(found);
        }
        failure
    }
}

/// The address of an error, and what was expected and found.
fn details(error: &TargetError) -> (Option<u64>, Option<(String, String)>) {
    let byte = |value: u8| format!("{value:#04x}");
    let word = |value: u32| format!("{value:#010x}");
    match *error {
        TargetError::WrongTarget {
            expected, found, ..
        } => (None, Some((word(expected), word(found)))),
        TargetError::VerifyMismatch {
            address,
            expected,
            found,
        }
        | TargetError::RamDefect {
            address,
            expected,
            found,
            ..
        } => (Some(address), Some((byte(expected), byte(found)))),
        TargetError::CrcMismatch {
            address,
            expected,
            found,
            ..
        } => (Some(address), Some((word(expected), word(found)))),
        TargetError::NotBlank {
            address,
            found,
            erased,
        } => (Some(address), Some((byte(erased), byte(found)))),
        TargetError::AlgorithmHash {
            ref expected,
            ref found,
            ..
        } => (None, Some((expected.clone(), found.clone()))),
        TargetError::Lost { address, .. }
        | TargetError::BusFault { address, .. }
        | TargetError::Algorithm { address, .. }
        | TargetError::OutsideMemory { address, .. }
        | TargetError::Overlap { address } => (Some(address), None),
        TargetError::Busy { address, .. } => (address, None),
        _ => (None, None),
    }
}

/// The failure of a text file, with the line it is about.
pub(crate) fn in_text(error: RecipeError, text: &str) -> Failure {
    let at = error.place();
    let mut failure = Failure::from(error);
    if let Some((script, line, column)) = at {
        // The place says it better than a prefix of the message.
        let prefix = format!("{script}:{line}:{column}: ");
        if let Some(rest) = failure.message.strip_prefix(&prefix) {
            failure.message = rest.to_string();
        }
        let excerpt = text
            .lines()
            .nth(line.saturating_sub(1))
            .unwrap_or_default()
            .to_string();
        failure.place = Some(Place {
            script,
            line,
            column,
            text: excerpt,
            calls: Vec::new(),
        });
    }
    failure
}
