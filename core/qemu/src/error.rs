//! What can go wrong with QEMU itself, apart from what the chip in it answers.

use crate::limits::{ANSWER_TIME, VERSION_MIN};

/// The line that installs QEMU.
const INSTALL: &str = "apt-get install --no-install-recommends qemu-system-arm";

/// Why there is no board, or none any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QemuError {
    /// The program is not there, or cannot be run.
    #[error("`{program}` cannot be started: {reason}")]
    NotStarted {
        /// What was to be started.
        program: String,
        /// What the system says.
        reason: String,
    },
    /// Another version than those that are known.
    #[error("`{program}` is too old, or no QEMU: it says it is `{found}`")]
    Version {
        /// What was asked.
        program: String,
        /// What it answered.
        found: String,
    },
    /// It ended by itself, or somebody ended it.
    #[error("QEMU ended before it was told to{}", reason(.text))]
    Ended {
        /// The last it wrote to its standard error.
        text: String,
    },
    /// It runs, and does not answer.
    #[error("QEMU did not answer to `{asked}` within {} seconds", ANSWER_TIME.as_secs())]
    Silent {
        /// What it was asked.
        asked: String,
    },
    /// It answered something that is no answer.
    #[error("QEMU answered `{asked}` with `{found}`")]
    Answer {
        /// What it was asked.
        asked: String,
        /// What it answered.
        found: String,
    },
    /// No board of that name.
    #[error("there is no QEMU board `{machine}`")]
    MachineUnknown {
        /// The name.
        machine: String,
    },
}

impl QemuError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotStarted { .. } => "IMP-7130",
            Self::Version { .. } => "IMP-7131",
            Self::Ended { .. } => "IMP-7132",
            Self::Silent { .. } => "IMP-7133",
            Self::Answer { .. } => "IMP-7134",
            Self::MachineUnknown { .. } => "IMP-7135",
        }
    }

    /// What to do next.
    pub fn help(&self) -> String {
        match self {
            Self::NotStarted { .. } => format!("install it: {INSTALL}"),
            Self::Version { .. } => {
                let (major, minor) = VERSION_MIN;
                format!("version {major}.{minor} or newer is needed: {INSTALL}")
            }
            Self::Ended { .. } => {
                "what the board held is gone with it; a core that locks up ends QEMU: look at what the code on the chip does"
                    .into()
            }
            Self::Silent { .. } | Self::Answer { .. } => {
                "try again on a machine that is less busy; if it stays so, this version of QEMU is one that is not known"
                    .into()
            }
            Self::MachineUnknown { .. } => "write --on qemu:microbit".into(),
        }
    }
}

fn reason(text: &str) -> String {
    match text.is_empty() {
        true => String::new(),
        false => format!(": {text}"),
    }
}
