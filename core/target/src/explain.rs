//! From probe-rs's errors to ours.
//!
//! The watch knows how the last transfer ended, which says more than the chain of errors above it.

use crate::{
    error::TargetError,
    probe::wire_fault,
    progress::{Changes, Step},
    watch::Watch,
    wire::WireFault,
};
use probe_rs::architecture::arm::ArmError;

/// What was tried.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Access {
    Read(u64),
    Write(u64),
    /// Something about the debug port or the core as a whole.
    Port(&'static str),
}

impl Watch {
    /// Why something that went through probe-rs failed.
    pub(crate) fn explain(&self, error: &ArmError, access: Access) -> TargetError {
        if let ArmError::MissingPermissions(_) = error {
            let reason = "its debug sequence would have to erase the chip".into();
            return TargetError::Locked { reason };
        }
        match self.refusal() {
            Some(Ok(stop)) => self.stop_error(stop),
            Some(Err(fault)) => access.failed(Some(fault), error),
            None => access.failed(wire_fault(error), error),
        }
    }
}

impl Access {
    fn failed(self, fault: Option<WireFault>, error: &ArmError) -> TargetError {
        let (name, address) = match self {
            Self::Read(address) => ("read", address),
            Self::Write(address) => ("write", address),
            Self::Port(action) => (action, 0),
        };
        match (fault, self) {
            (Some(WireFault::NoAnswer), _) => TargetError::Lost {
                step: Step::Access,
                address,
                changed: Changes::default(),
            },
            (Some(WireFault::Fault), Self::Read(_) | Self::Write(_)) => TargetError::BusFault {
                access: name,
                address,
            },
            (Some(WireFault::Wait), Self::Read(_) | Self::Write(_)) => TargetError::Busy {
                access: name,
                address: Some(address),
            },
            (Some(WireFault::Wait), Self::Port(_)) => TargetError::Busy {
                access: name,
                address: None,
            },
            (Some(WireFault::Fault), Self::Port(_)) => TargetError::Probe {
                action: name,
                message: "the target answered with a fault".into(),
            },
            _ => TargetError::Probe {
                action: name,
                message: chain(error),
            },
        }
    }
}

/// An error with its causes, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        // Some of probe-rs's errors repeat their cause.
        if !text.contains(&cause_text) {
            text = format!("{text} {cause_text}");
        }
        next = cause.source();
    }
    text
}
