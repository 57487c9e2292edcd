//! Why a board cannot be built or read back.

use crate::limits;

/// An error of a virtual board. A transfer on its wire that fails is a `WireFault`, not this.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TwinError {
    /// The identifier does not fit the device.
    #[error("unique identifier of {found} bytes, the device {device} has {expected}")]
    UidLen {
        /// The device.
        device: String,
        /// Bytes the device documents.
        expected: u32,
        /// Bytes that were given.
        found: usize,
    },
    /// A memory that the twin cannot hold.
    #[error("memory `{memory}` at {start:#010x}: {message}")]
    Memory {
        /// Name of the memory.
        memory: String,
        /// First address.
        start: u64,
        /// What is wrong.
        message: String,
    },
    /// A number in the device's twin data is out of range.
    #[error("device {device}: {field} is {found}, expected {expected}")]
    TwinData {
        /// The device.
        device: String,
        /// Name of the field.
        field: &'static str,
        /// What is allowed.
        expected: String,
        /// What was found.
        found: u64,
    },
    /// The family's board could not be built.
    #[error("the board of family `{family}` was not built: {message}")]
    Peripherals {
        /// The family.
        family: String,
        /// What it says.
        message: String,
    },
    /// The family's board does not know its own saved bytes.
    #[error(
        "the board of family `{family}` does not accept its {len} saved bytes: expected the state its own `save` gave"
    )]
    PeripheralState {
        /// The family.
        family: String,
        /// Number of bytes.
        len: usize,
    },
    /// A saved state that contradicts its own device.
    #[error("board state, memory `{memory}`: {message}")]
    State {
        /// Name of the memory.
        memory: String,
        /// What is wrong.
        message: String,
    },
    /// A fault that is not written as one.
    #[error("fault `{text}`: expected {expected}, found `{found}`")]
    Fault {
        /// The whole text.
        text: String,
        /// What would be right.
        expected: String,
        /// What is there.
        found: String,
    },
    /// More faults than a board takes.
    #[error("{found} faults, at most {} are taken", limits::FAULT_COUNT_MAX)]
    FaultCount {
        /// Number of faults.
        found: usize,
    },
    /// A link that no probe has.
    #[error("link: {field} is {found}, expected {expected}")]
    Link {
        /// Name of the field.
        field: &'static str,
        /// What is allowed.
        expected: String,
        /// What was found.
        found: u64,
    },
}

impl TwinError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            TwinError::UidLen { .. } => "IMP-7001",
            TwinError::Memory { .. } => "IMP-7002",
            TwinError::TwinData { .. } => "IMP-7003",
            TwinError::Peripherals { .. } => "IMP-7004",
            TwinError::PeripheralState { .. } => "IMP-7005",
            TwinError::State { .. } => "IMP-7006",
            TwinError::Fault { .. } => "IMP-7007",
            TwinError::FaultCount { .. } => "IMP-7008",
            TwinError::Link { .. } => "IMP-7009",
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            TwinError::UidLen { expected, .. } => {
                format!(
                    "give {} hexadecimal digits, or none for a random one",
                    expected * 2
                )
            }
            TwinError::Memory { .. } | TwinError::TwinData { .. } => {
                "correct the device file".into()
            }
            TwinError::Peripherals { .. } => {
                "check that the device file and the family plugin belong together".into()
            }
            TwinError::PeripheralState { .. } => {
                "the plugin changed since the board was saved: make a new board".into()
            }
            TwinError::State { .. } => "the file was changed: make a new board".into(),
            TwinError::Fault { .. } => format!("faults are {}", crate::fault::GRAMMAR),
            TwinError::FaultCount { .. } => "give fewer faults".into(),
            TwinError::Link { .. } => "use the high-speed or the full-speed link".into(),
        })
    }
}
