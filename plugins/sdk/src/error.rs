//! Why a call failed: a status of the ABI, a sentence, and where.

use imprint_plugin_abi::{
    IMPRINT_E_CANCELLED, IMPRINT_E_DEVICE, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_E_LOCKED,
    IMPRINT_E_MISMATCH, IMPRINT_E_PANIC, IMPRINT_E_TARGET, IMPRINT_E_UNSUPPORTED, imprint_status,
};
use std::fmt;

/// What family methods return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure, made by one of the functions below or handed on from the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub(crate) status: imprint_status,
    pub(crate) detail: u32,
    pub(crate) address: Option<u64>,
    pub(crate) message: String,
}

impl Error {
    pub(crate) fn new(status: imprint_status, message: impl Into<String>) -> Self {
        Self {
            status,
            detail: 0,
            address: None,
            message: message.into(),
        }
    }

    /// An argument is out of range or does not exist.
    pub fn invalid_argument(message: impl Into<String>) -> Self {
        Self::new(IMPRINT_E_INVALID_ARGUMENT, message)
    }

    /// This family or this device does not offer what was asked for.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(IMPRINT_E_UNSUPPORTED, message)
    }

    /// The user cancelled.
    pub fn cancelled() -> Self {
        Self::new(IMPRINT_E_CANCELLED, "cancelled")
    }

    /// The probe or the target did not answer.
    pub fn target(message: impl Into<String>) -> Self {
        Self::new(IMPRINT_E_TARGET, message)
    }

    /// The device reported that an operation failed.
    pub fn device(message: impl Into<String>) -> Self {
        Self::new(IMPRINT_E_DEVICE, message)
    }

    /// Something was read that is not what was expected.
    pub fn mismatch(message: impl Into<String>) -> Self {
        Self::new(IMPRINT_E_MISMATCH, message)
    }

    /// The target is protected against debug access.
    pub fn locked(message: impl Into<String>) -> Self {
        Self::new(IMPRINT_E_LOCKED, message)
    }

    pub(crate) fn panic(message: impl Into<String>) -> Self {
        Self::new(IMPRINT_E_PANIC, message)
    }

    /// Adds the target address of the failure.
    #[must_use]
    pub fn at(mut self, address: u64) -> Self {
        self.address = Some(address);
        self
    }

    /// Adds the family's own code, for the log.
    #[must_use]
    pub fn with_detail(mut self, detail: u32) -> Self {
        self.detail = detail;
        self
    }

    /// The status of the ABI, `IMPRINT_E_*`.
    pub fn status(&self) -> imprint_status {
        self.status
    }

    /// The target address of the failure.
    pub fn address(&self) -> Option<u64> {
        self.address
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
