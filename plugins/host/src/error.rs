//! Why a library is of no use, and why a call of a family failed.

use imprint_plugin_abi::{
    IMPRINT_E_CANCELLED, IMPRINT_E_DEVICE, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_E_LOCKED,
    IMPRINT_E_MISMATCH, IMPRINT_E_PANIC, IMPRINT_E_TARGET, IMPRINT_E_UNSUPPORTED, imprint_status,
};
use std::fmt;

/// Why a library is of no use. Which library it is, its user knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LibraryError {
    /// The system's loader refuses it.
    #[error("it cannot be loaded: {0}")]
    Load(String),
    /// No entry function of this ABI.
    #[error("it exports no imprint_plugin_entry_v1")]
    MissingEntry,
    /// Its tables are not of this ABI: the first thing that differs, found and expected.
    #[error("{0}")]
    WrongAbi(String),
}

/// What kind of failure a plugin reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FamilyStatus {
    /// An argument is out of range or does not exist.
    InvalidArgument,
    /// The plugin panicked; its session is of no more use.
    Panic,
    /// The family or the device does not offer this.
    Unsupported,
    /// The user cancelled.
    Cancelled,
    /// The probe or the target did not answer.
    Target,
    /// The device reported that an operation failed.
    Device,
    /// Something was read that is not what was expected.
    Mismatch,
    /// The target is protected against debug access.
    Locked,
    /// The plugin broke the rules of the boundary.
    Misbehaved,
    /// A status that this version does not know.
    Unknown(i32),
}

impl FamilyStatus {
    /// The kind that a status of the ABI tells.
    pub fn of(status: imprint_status) -> Self {
        match status {
            IMPRINT_E_INVALID_ARGUMENT => Self::InvalidArgument,
            IMPRINT_E_PANIC => Self::Panic,
            IMPRINT_E_UNSUPPORTED => Self::Unsupported,
            IMPRINT_E_CANCELLED => Self::Cancelled,
            IMPRINT_E_TARGET => Self::Target,
            IMPRINT_E_DEVICE => Self::Device,
            IMPRINT_E_MISMATCH => Self::Mismatch,
            IMPRINT_E_LOCKED => Self::Locked,
            other => Self::Unknown(other),
        }
    }

    /// The status of the ABI.
    pub fn number(self) -> imprint_status {
        match self {
            Self::InvalidArgument | Self::Misbehaved => IMPRINT_E_INVALID_ARGUMENT,
            Self::Panic => IMPRINT_E_PANIC,
            Self::Unsupported => IMPRINT_E_UNSUPPORTED,
            Self::Cancelled => IMPRINT_E_CANCELLED,
            Self::Target => IMPRINT_E_TARGET,
            Self::Device => IMPRINT_E_DEVICE,
            Self::Mismatch => IMPRINT_E_MISMATCH,
            Self::Locked => IMPRINT_E_LOCKED,
            Self::Unknown(status) => status,
        }
    }
}

/// Why a call of a family failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FamilyError {
    /// The family.
    pub family: String,
    /// What was called, for example `read_uid`.
    pub operation: &'static str,
    /// What kind of failure it is.
    pub status: FamilyStatus,
    /// The family's own code; 0 for none.
    pub detail: u32,
    /// Target address of the failure.
    pub address: Option<u64>,
    /// The family's sentence.
    pub message: String,
}

impl FamilyError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self.status {
            FamilyStatus::InvalidArgument => "IMP-5101",
            FamilyStatus::Panic => "IMP-5102",
            FamilyStatus::Unsupported => "IMP-5103",
            FamilyStatus::Cancelled => "IMP-5104",
            FamilyStatus::Target => "IMP-5105",
            FamilyStatus::Device => "IMP-5106",
            FamilyStatus::Mismatch => "IMP-5107",
            FamilyStatus::Locked => "IMP-5108",
            FamilyStatus::Misbehaved => "IMP-5109",
            FamilyStatus::Unknown(_) => "IMP-5110",
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        match self.status {
            FamilyStatus::Panic | FamilyStatus::Misbehaved => {
                Some(format!("this is a mistake in the plugin of `{}`; tell its author", self.family))
            }
            FamilyStatus::Locked => Some(
                "a script opens a locked chip by erasing it, with `unit.unlock()` and the right `unlock_by_erase`".into(),
            ),
            _ => None,
        }
    }
}

impl fmt::Display for FamilyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of `{}` failed: {}",
            self.operation, self.family, self.message
        )?;
        // Most sentences have the address already.
        match self.address.map(|address| format!("{address:#010x}")) {
            Some(address) if !self.message.contains(&address) => write!(f, " (at {address})")?,
            _ => {}
        }
        if let FamilyStatus::Unknown(status) = self.status {
            write!(f, " (plugin status {status})")?;
        }
        if self.detail != 0 {
            write!(f, " (family code {:#x})", self.detail)?;
        }
        Ok(())
    }
}

impl std::error::Error for FamilyError {}
