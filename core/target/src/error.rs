//! What can go wrong with a chip on a wire.
//!
//! One enum for the whole boundary, because a script, a report and a person meet all of it. No type of probe-rs is in
//! it: those are translated where they arise.

use crate::progress::{Changes, Step};

/// Why an operation on a target failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// Nothing answers on the wire.
    #[error("no target answers on {probe}{}", voltage(*.voltage_mv))]
    NoTarget {
        /// The probe.
        probe: String,
        /// Supply of the target, where the probe measures it.
        voltage_mv: Option<u32>,
    },
    /// Another chip than the one the device describes.
    #[error("the target is not a {device}: {register} is {found:#010x}, expected {expected:#010x}")]
    WrongTarget {
        /// The device that was asked for.
        device: String,
        /// The register that tells.
        register: &'static str,
        /// What the device has there.
        expected: u32,
        /// What the target has there.
        found: u32,
    },
    /// The chip's protection keeps the debugger out. It is never removed implicitly.
    #[error("the target is locked: {reason}")]
    Locked {
        /// How that is known.
        reason: String,
    },
    /// The target stopped answering.
    #[error("the target was lost during {step} at {address:#010x}; {changed}")]
    Lost {
        /// What was being done.
        step: Step,
        /// Where.
        address: u64,
        /// What had been changed until then.
        changed: Changes,
    },
    /// The bus of the target refused a transfer.
    #[error("the target refused to {access} {address:#010x}")]
    BusFault {
        /// `read` or `write`.
        access: &'static str,
        /// Where.
        address: u64,
    },
    /// The target answered WAIT for too long.
    #[error("the target did not get ready to {access}{}", at(*.address))]
    Busy {
        /// `read`, `write`, or what the debug port was to do.
        access: &'static str,
        /// Where, for an access to memory.
        address: Option<u64>,
    },
    /// The probe or its connection failed.
    #[error("the probe failed to {action}: {message}")]
    Probe {
        /// What it was asked.
        action: &'static str,
        /// What it said.
        message: String,
    },
    /// The core did not do what it was told.
    #[error("the core did not {action} within {timeout_ms} ms")]
    CoreTimeout {
        /// What it was told.
        action: &'static str,
        /// The limit.
        timeout_ms: u64,
    },

    /// A byte differs from what was programmed.
    #[error("verify failed at {address:#010x}: expected {expected:#04x}, found {found:#04x}")]
    VerifyMismatch {
        /// The first byte that differs.
        address: u64,
        /// What it should be.
        expected: u8,
        /// What it is.
        found: u8,
    },
    /// The CRC differs, yet every byte reads back right.
    #[error(
        "the CRC-32 of {len} bytes at {address:#010x} is {found:#010x}, expected {expected:#010x}, \
         but the bytes read back are right"
    )]
    CrcMismatch {
        /// First byte.
        address: u64,
        /// Number of bytes.
        len: u64,
        /// What it should be.
        expected: u32,
        /// What the target computed.
        found: u32,
    },
    /// A byte is not erased.
    #[error("blank check failed at {address:#010x}: found {found:#04x}, expected {erased:#04x}")]
    NotBlank {
        /// The first byte that is not erased.
        address: u64,
        /// What it is.
        found: u8,
        /// What an erased byte is.
        erased: u8,
    },

    /// A function of a flash algorithm reported an error.
    #[error("`{function}` of algorithm `{algorithm}` failed at {address:#010x} with code {result}")]
    Algorithm {
        /// The algorithm.
        algorithm: String,
        /// The function.
        function: &'static str,
        /// What it was called for.
        address: u64,
        /// What it returned.
        result: u32,
    },
    /// Code on the target did not end in its time.
    #[error("{what} did not end within {timeout_ms} ms (pc {pc:#010x})")]
    CallTimeout {
        /// What ran.
        what: String,
        /// The limit.
        timeout_ms: u64,
        /// Where it was halted.
        pc: u32,
    },
    /// The core locked up.
    #[error("the core locked up in {what} (pc {pc:#010x})")]
    Lockup {
        /// What ran.
        what: String,
        /// Where it was.
        pc: u32,
    },
    /// The core took a HardFault.
    #[error("the core took a HardFault in {what} (pc {pc:#010x})")]
    HardFault {
        /// What ran.
        what: String,
        /// The instruction that faulted.
        pc: u32,
    },
    /// The core stopped where it should not.
    #[error("the core stopped in {what} (pc {pc:#010x})")]
    UnexpectedHalt {
        /// What ran.
        what: String,
        /// Where it stopped.
        pc: u32,
    },
    /// An algorithm used more stack than it was given.
    #[error("algorithm `{algorithm}` overran its stack of {stack_len} bytes")]
    StackOverrun {
        /// The algorithm.
        algorithm: String,
        /// Its stack.
        stack_len: u32,
    },
    /// Code did not arrive in RAM.
    #[error(
        "{what} did not load: RAM at {address:#010x} reads {found:#04x}, expected {expected:#04x}"
    )]
    RamDefect {
        /// What was loaded.
        what: String,
        /// The first byte that differs.
        address: u64,
        /// What was written.
        expected: u8,
        /// What it reads.
        found: u8,
    },
    /// The RAM does not hold an algorithm and its buffer.
    #[error("{what} needs {needed} bytes of RAM, {available} are there")]
    RamTooSmall {
        /// What was to be loaded.
        what: String,
        /// What it needs.
        needed: u64,
        /// What there is.
        available: u64,
    },

    /// No chip description of that name.
    #[error("there is no chip description `{chip}`")]
    ChipUnknown {
        /// The name.
        chip: String,
    },
    /// The chip description has no such algorithm.
    #[error("chip description `{chip}` has no algorithm `{algorithm}`")]
    AlgorithmUnknown {
        /// The chip.
        chip: String,
        /// The algorithm.
        algorithm: String,
    },
    /// The algorithm is not the one that was reviewed.
    #[error("algorithm `{algorithm}` of `{chip}` has SHA-256 {found}, expected {expected}")]
    AlgorithmHash {
        /// The chip.
        chip: String,
        /// The algorithm.
        algorithm: String,
        /// What the device file states.
        expected: String,
        /// What its code has.
        found: String,
    },
    /// The algorithm cannot be run here.
    #[error("algorithm `{algorithm}` cannot be used: {reason}")]
    AlgorithmUnusable {
        /// The algorithm.
        algorithm: String,
        /// Why.
        reason: String,
    },

    /// Addresses that no memory of the device has.
    #[error("{len} bytes at {address:#010x} are not in a memory of {device}")]
    OutsideMemory {
        /// The device.
        device: String,
        /// First byte.
        address: u64,
        /// Number of bytes.
        len: u64,
    },
    /// No memory of that name.
    #[error("{device} has no memory `{memory}`")]
    MemoryUnknown {
        /// The device.
        device: String,
        /// The name.
        memory: String,
    },
    /// A memory without an algorithm.
    #[error("memory `{memory}` has no flash algorithm")]
    NotProgrammable {
        /// The memory.
        memory: String,
    },
    /// Two segments for one address.
    #[error("two segments have data for {address:#010x}")]
    Overlap {
        /// The first such address.
        address: u64,
    },

    /// No probe that fits.
    #[error("{}", no_probe(.selector))]
    NoProbe {
        /// What was asked for.
        selector: String,
    },
    /// More than one probe that fits.
    #[error("{} probes fit `{selector}`: {}", found.len(), found.join(", "))]
    ManyProbes {
        /// What was asked for.
        selector: String,
        /// How each could be named.
        found: Vec<String>,
    },
    /// Another program has the probe, or this user may not open it.
    #[error("probe {probe} cannot be opened: {reason}")]
    ProbeUnavailable {
        /// The probe.
        probe: String,
        /// Why.
        reason: String,
    },
    /// Not a way to name a probe.
    #[error("`{text}` does not name a probe: {reason}")]
    BadSelector {
        /// What was given.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },

    /// Test code asked for something that is not offered.
    #[error("test code asked for semihosting operation {operation:#04x} (pc {pc:#010x})")]
    Semihosting {
        /// Number of the operation.
        operation: u32,
        /// Where.
        pc: u32,
    },
    /// Test code left something in its mailbox that is no answer.
    #[error("the mailbox at {address:#010x} has no answer: {message}")]
    Mailbox {
        /// Its address.
        address: u64,
        /// What was found.
        message: String,
    },
    /// Not possible on this probe, chip or register.
    #[error("{what} is not possible: {reason}")]
    Unsupported {
        /// What was asked.
        what: &'static str,
        /// Why not.
        reason: &'static str,
    },

    /// Someone asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// The time for the unit is over.
    #[error("the time of {budget_ms} ms for this unit is over")]
    OutOfTime {
        /// The budget.
        budget_ms: u64,
    },
}

impl TargetError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoTarget { .. } => "IMP-4001",
            Self::WrongTarget { .. } => "IMP-4002",
            Self::Locked { .. } => "IMP-4003",
            Self::Lost { .. } => "IMP-4004",
            Self::BusFault { .. } => "IMP-4005",
            Self::Busy { .. } => "IMP-4006",
            Self::Probe { .. } => "IMP-4007",
            Self::CoreTimeout { .. } => "IMP-4008",
            Self::VerifyMismatch { .. } => "IMP-4010",
            Self::CrcMismatch { .. } => "IMP-4011",
            Self::NotBlank { .. } => "IMP-4012",
            Self::Algorithm { .. } => "IMP-4020",
            Self::CallTimeout { .. } => "IMP-4021",
            Self::Lockup { .. } => "IMP-4022",
            Self::HardFault { .. } => "IMP-4023",
            Self::UnexpectedHalt { .. } => "IMP-4024",
            Self::StackOverrun { .. } => "IMP-4025",
            Self::RamDefect { .. } => "IMP-4026",
            Self::RamTooSmall { .. } => "IMP-4027",
            Self::ChipUnknown { .. } => "IMP-4030",
            Self::AlgorithmUnknown { .. } => "IMP-4031",
            Self::AlgorithmHash { .. } => "IMP-4032",
            Self::AlgorithmUnusable { .. } => "IMP-4033",
            Self::OutsideMemory { .. } => "IMP-4040",
            Self::MemoryUnknown { .. } => "IMP-4041",
            Self::NotProgrammable { .. } => "IMP-4042",
            Self::Overlap { .. } => "IMP-4043",
            Self::NoProbe { .. } => "IMP-4050",
            Self::ManyProbes { .. } => "IMP-4051",
            Self::ProbeUnavailable { .. } => "IMP-4052",
            Self::BadSelector { .. } => "IMP-4053",
            Self::Semihosting { .. } => "IMP-4060",
            Self::Unsupported { .. } => "IMP-4061",
            Self::Mailbox { .. } => "IMP-4062",
            Self::Cancelled => "IMP-8001",
            Self::OutOfTime { .. } => "IMP-8002",
        }
    }

    /// What to do next, where that is known.
    pub fn help(&self) -> Option<String> {
        let text = match self {
            Self::NoTarget {
                voltage_mv: Some(voltage_mv),
                ..
            } if *voltage_mv < crate::limits::TARGET_VOLTAGE_MV_MIN => {
                "the target has no power; check its supply and the probe's VTref wire"
            }
            Self::NoTarget { .. } => {
                "check that a chip is in the socket, powered, and that SWDIO, SWCLK and GND are wired"
            }
            Self::WrongTarget { .. } => {
                "put the right chip in the socket, or name the right device in the recipe"
            }
            Self::Locked { .. } => {
                "let the script call `unit.unlock()` with the right `unlock_by_erase`; that erases the chip"
            }
            Self::Lost { changed, .. } if changed.is_empty() => {
                "check contacts and supply; the flash is as it was"
            }
            Self::Lost { .. } => {
                "check contacts and supply; the chip is in an undefined state and has to be erased again"
            }
            Self::VerifyMismatch { .. } | Self::NotBlank { .. } => {
                "erase before programming; if it stays, the part is worn out or defective"
            }
            Self::Algorithm { .. } => {
                "erase before programming; check that the memory is not write protected"
            }
            Self::HardFault { .. } | Self::Lockup { .. } => {
                "check that the code fits the chip, and its stack and addresses"
            }
            Self::Mailbox { .. } => {
                "write the magic first and the state last; the address in the recipe must be that of the mailbox"
            }
            Self::AlgorithmHash { .. } => {
                "the chip descriptions changed: review the algorithm, then put the found hash in the device file"
            }
            Self::ManyProbes { .. } => "name one of them by its serial number or its USB path",
            Self::ProbeUnavailable { .. } => {
                "close the other program, or allow your user to use USB probes (udev rules on Linux)"
            }
            Self::BadSelector { .. } => {
                "write a serial number, VID:PID, VID:PID:SERIAL, or usb:BUS-PORT as `imprint probe list` shows it"
            }
            Self::BusFault { .. } => {
                "check the address against the chip's memory map; a protected chip answers so, too"
            }
            Self::NotProgrammable { .. } => {
                "words there are options of the family: use `chip.set_option(name, value)`"
            }
            Self::NoProbe { .. } => {
                "plug a probe in; `imprint probe list` shows those that are there"
            }
            Self::Probe { .. } | Self::Busy { .. } => {
                "check the probe's cable and the wires to the target; a slower clock may help"
            }
            _ => return None,
        };
        Some(text.to_string())
    }

    /// States where a lost target was lost and what had been changed. Other errors say so themselves.
    pub(crate) fn during(self, step: Step, address: u64, changed: &Changes) -> Self {
        match self {
            Self::Lost { .. } => Self::Lost {
                step,
                address,
                changed: changed.clone(),
            },
            other => other,
        }
    }
}

fn no_probe(selector: &str) -> String {
    match selector {
        "" => "no probe is connected".into(),
        selector => format!("no probe fits `{selector}`"),
    }
}

fn at(address: Option<u64>) -> String {
    address.map_or(String::new(), |address| format!(" {address:#010x}"))
}

fn voltage(voltage_mv: Option<u32>) -> String {
    match voltage_mv {
        Some(mv) => format!(" (target supply {}.{:02} V)", mv / 1000, mv % 1000 / 10),
        None => String::new(),
    }
}
