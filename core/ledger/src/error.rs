//! Why a unit is refused, and why a journal cannot be believed.

use crate::{AttemptId, SerialId, Uid};

/// A demand that the accounting refuses. Nothing was changed, neither in the books nor on a target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// All units of the deployment are made, or begun.
    #[error("the image allows {cap} units, and {spent} are made, begun or left in the middle")]
    Units {
        /// What the policy allows.
        cap: u64,
        /// Passed, open and unknown units.
        spent: u64,
    },
    /// All units of this station are made, or begun.
    #[error("this station may make {cap} units, and {spent} are made, begun or left in the middle")]
    StationUnits {
        /// What the station's grant allows.
        cap: u64,
        /// Passed, open and unknown units.
        spent: u64,
    },
    /// All attempts are used up.
    #[error("the image allows {cap} attempts, and {spent} were begun")]
    Attempts {
        /// What the policy allows.
        cap: u64,
        /// Begun so far.
        spent: u64,
    },
    /// Too many units failed.
    #[error("the image allows {cap} failures, and {spent} units failed or have no known end yet")]
    Failures {
        /// What the policy allows.
        cap: u64,
        /// Failed, open and unknown.
        spent: u64,
    },
    /// Before the date window.
    #[error("the image may be used from {not_before} on, and it is {now} (seconds since 1970)")]
    TooEarly {
        /// First second of the window.
        not_before: u64,
        /// The clock.
        now: u64,
    },
    /// After the date window.
    #[error("the image may be used until {not_after}, and it is {now} (seconds since 1970)")]
    TooLate {
        /// Last second of the window.
        not_after: u64,
        /// The latest time seen.
        now: u64,
    },
    /// The clock was set back.
    #[error("the clock says {now}, and {floor} has been seen (seconds since 1970)")]
    ClockBack {
        /// The latest time seen.
        floor: u64,
        /// The clock.
        now: u64,
    },
    /// Not enough serial numbers are left.
    #[error("serial number {serial} is exhausted: a unit takes {count}, {remaining} are left")]
    SerialExhausted {
        /// Which one.
        serial: SerialId,
        /// What a unit takes.
        count: u64,
        /// What is left.
        remaining: u64,
    },
    /// The same serial number with another meaning.
    #[error("serial number {serial} is defined otherwise than when it was first used")]
    SerialDefinition {
        /// Which one.
        serial: SerialId,
    },
    /// A value that a unit has already.
    #[error("the value {position} of the unit was used before, for list {list}")]
    ValueUsed {
        /// Its list.
        list: SerialId,
        /// Which value of the demand, from 0.
        position: usize,
    },
    /// An attempt with this id is open.
    #[error("attempt {attempt} is open already")]
    AttemptOpen {
        /// Which one.
        attempt: AttemptId,
    },
    /// The same target in two attempts at once.
    #[error("target {uid} is in attempt {attempt}, which is open")]
    TargetOpen {
        /// Its unique id.
        uid: Uid,
        /// The open attempt.
        attempt: AttemptId,
    },
    /// No such attempt.
    #[error("attempt {attempt} is not open")]
    NotOpen {
        /// Which one.
        attempt: AttemptId,
    },
    /// Setting a serial number back over used indices.
    #[error(
        "serial number {serial} cannot go back to index {wanted}: all below {lowest} were drawn"
    )]
    SerialBack {
        /// Which one.
        serial: SerialId,
        /// The next index wanted.
        wanted: u64,
        /// The lowest that is possible.
        lowest: u64,
    },
    /// A demand beyond the limits, or that names a thing twice.
    #[error("the demand is not possible: {message}")]
    Demand {
        /// What is wrong with it.
        message: String,
    },
    /// Too much is open or unresolved.
    #[error("{what} are {count}, more than this station remembers")]
    Full {
        /// Open attempts, or targets without a good end.
        what: &'static str,
        /// How many there are.
        count: usize,
    },
}

impl Refusal {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Units { .. } => "IMP-8100",
            Refusal::StationUnits { .. } => "IMP-8101",
            Refusal::Attempts { .. } => "IMP-8102",
            Refusal::Failures { .. } => "IMP-8103",
            Refusal::TooEarly { .. } => "IMP-8104",
            Refusal::TooLate { .. } => "IMP-8105",
            Refusal::ClockBack { .. } => "IMP-8106",
            Refusal::SerialExhausted { .. } => "IMP-8107",
            Refusal::SerialDefinition { .. } => "IMP-8108",
            Refusal::ValueUsed { .. } => "IMP-8109",
            Refusal::AttemptOpen { .. } => "IMP-8110",
            Refusal::TargetOpen { .. } => "IMP-8111",
            Refusal::NotOpen { .. } => "IMP-8112",
            Refusal::SerialBack { .. } => "IMP-8113",
            Refusal::Demand { .. } => "IMP-8114",
            Refusal::Full { .. } => "IMP-8115",
        }
    }

    /// What was expected, where that is a number.
    pub fn expected(&self) -> Option<String> {
        let expected = match self {
            Refusal::Units { cap, .. }
            | Refusal::StationUnits { cap, .. }
            | Refusal::Attempts { cap, .. }
            | Refusal::Failures { cap, .. } => format!("less than {cap}"),
            Refusal::TooEarly { not_before, .. } => format!("at least {not_before}"),
            Refusal::TooLate { not_after, .. } => format!("at most {not_after}"),
            Refusal::ClockBack { floor, .. } => format!("at least {floor}"),
            Refusal::SerialExhausted { count, .. } => format!("at least {count}"),
            Refusal::SerialBack { lowest, .. } => format!("at least {lowest}"),
            _ => return None,
        };
        Some(expected)
    }

    /// What was found in its place.
    pub fn found(&self) -> Option<String> {
        let found = match self {
            Refusal::Units { spent, .. }
            | Refusal::StationUnits { spent, .. }
            | Refusal::Attempts { spent, .. }
            | Refusal::Failures { spent, .. } => spent,
            Refusal::TooEarly { now, .. }
            | Refusal::TooLate { now, .. }
            | Refusal::ClockBack { now, .. } => now,
            Refusal::SerialExhausted { remaining, .. } => remaining,
            Refusal::SerialBack { wanted, .. } => wanted,
            _ => return None,
        };
        Some(found.to_string())
    }

    /// What to do next.
    pub fn help(&self) -> &'static str {
        match self {
            Refusal::Units { .. } => {
                "the owner of the image can seal one with a higher cap; a target that was left in the middle can be finished"
            }
            Refusal::StationUnits { .. } => "the owner of the image can grant this station more",
            Refusal::Attempts { .. } | Refusal::Failures { .. } => {
                "find out why units fail, then ask the owner of the image for a new policy"
            }
            Refusal::TooEarly { .. } => "wait, or set the clock of the station right",
            Refusal::TooLate { .. } => "ask the owner of the image for one with a later end",
            Refusal::ClockBack { .. } => "set the clock of the station right",
            Refusal::SerialExhausted { .. } => {
                "define a serial number with more room, under a new id"
            }
            Refusal::SerialDefinition { .. } => {
                "give the changed serial number a new id, or use the definition it began with"
            }
            Refusal::ValueUsed { .. } => "supply a value that no unit has",
            Refusal::AttemptOpen { .. } => "choose a new random id for each attempt",
            Refusal::TargetOpen { .. } => {
                "wait until the other attempt has ended; two targets with one UID cannot be told apart"
            }
            Refusal::NotOpen { .. } => "an attempt ends once",
            Refusal::SerialBack { .. } => "go forward, or define a serial number under a new id",
            Refusal::Demand { .. } => "correct the image's policy or its serial numbers",
            Refusal::Full { .. } => {
                "finish the targets that were left in the middle, or set them aside and begin with a new state folder"
            }
        }
    }
}

/// Books that cannot be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// A frame in the middle of a journal is not what was written.
    #[error("the journal is damaged at byte {offset:#010x}, before its end")]
    Frame {
        /// Where.
        offset: u64,
    },
    /// A record that nothing here writes.
    #[error("the journal holds a record that cannot be read: {message}")]
    Record {
        /// How it shows.
        message: String,
    },
    /// A record that cannot have followed what came before.
    #[error("the journal contradicts itself: {message}")]
    Contradiction {
        /// How it shows.
        message: String,
    },
    /// A message of the permit protocol that nobody writes.
    #[error("the message cannot be read: {message}")]
    Message {
        /// How it shows.
        message: String,
    },
    /// A snapshot that is not what was written.
    #[error("the snapshot is damaged: {message}")]
    Snapshot {
        /// How it shows.
        message: String,
    },
}

impl Damage {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Damage::Frame { .. } => "IMP-8120",
            Damage::Record { .. } => "IMP-8121",
            Damage::Contradiction { .. } => "IMP-8122",
            Damage::Snapshot { .. } => "IMP-8123",
            Damage::Message { .. } => "IMP-8176",
        }
    }

    /// What to do next.
    pub fn help(&self) -> &'static str {
        match self {
            Damage::Message { .. } => "use the same version on both sides",
            _ => {
                "stop producing with this state folder and keep it: nothing can tell what was made from it. Test the disk"
            }
        }
    }
}
