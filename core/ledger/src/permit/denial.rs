//! Why the cloud gives nothing, and why a station does nothing.

use crate::{
    AttemptId, LeaseId, Uid,
    cbor::{Code, Decoded, In, Out, Put, code_of_enum},
};

/// Why the cloud gives nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Denial {
    /// No ordinal is free.
    #[error("all units that the Job allows are made or given to stations")]
    Exhausted,
    /// Not enrolled.
    #[error("the cloud does not know this station")]
    UnknownStation,
    /// The owner paused the Job.
    #[error("the Job is paused")]
    Paused,
    /// The station's past is not the one the cloud has seen.
    #[error("the station is quarantined: its past is not the one that the cloud has seen")]
    Forked,
    /// The owner revoked the station.
    #[error("the station is revoked")]
    Revoked,
    /// Not the Job's current image.
    #[error("the image is not the current one of the Job")]
    OldImage,
    /// The target's permit is elsewhere.
    #[error("another lease has the permit of this target")]
    TargetLeased,
    /// No such Job, or deleted.
    #[error("there is no such Job")]
    UnknownJob,
    /// More than the policy allows to hold, or not one for one target.
    #[error("the policy does not allow as many permits at once")]
    Want,
    /// All attempts are used up.
    #[error("all attempts that the Job allows were begun")]
    Attempts,
    /// Too many failed.
    #[error("as many units failed as the Job allows")]
    Failures,
    /// Not this station's lease.
    #[error("the station has no such lease")]
    UnknownLease,
    /// A number was left out.
    #[error("the request's number does not follow the last one")]
    OutOfOrder,
    /// What an owner asked cannot be done.
    #[error("the owner's order is not possible: {0}")]
    Order(Impossible),
}

/// Why an owner's order cannot be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Impossible {
    /// More units were given out already.
    #[error("more units were given to stations than the new cap allows")]
    CapTooLow,
    /// A revision that is not above the last.
    #[error("its revision is not above the last one")]
    OldRevision,
    /// It is there already.
    #[error("it exists already")]
    Exists,
    /// Serial numbers would be given twice.
    #[error("a serial number has no room for as many units")]
    Serials,
    /// Not in this state.
    #[error("the lease is settled")]
    Settled,
}

code_of_enum!(Denial {
    1 => Exhausted, 2 => UnknownStation, 3 => Paused, 4 => Forked, 5 => Revoked, 6 => OldImage,
    7 => TargetLeased, 8 => UnknownJob, 9 => Want, 10 => Attempts, 11 => Failures,
    12 => UnknownLease, 13 => OutOfOrder, 14 => Order(it),
});
code_of_enum!(Impossible {
    1 => CapTooLow, 2 => OldRevision, 3 => Exists, 4 => Serials, 5 => Settled,
});

impl Denial {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Denial::Exhausted => "IMP-8150",
            Denial::UnknownStation => "IMP-8151",
            Denial::Paused => "IMP-8152",
            Denial::Forked => "IMP-8153",
            Denial::Revoked => "IMP-8154",
            Denial::OldImage => "IMP-8155",
            Denial::TargetLeased => "IMP-8156",
            Denial::UnknownJob => "IMP-8157",
            Denial::Want => "IMP-8158",
            Denial::Attempts => "IMP-8159",
            Denial::Failures => "IMP-8160",
            Denial::UnknownLease => "IMP-8161",
            Denial::OutOfOrder => "IMP-8162",
            Denial::Order(_) => "IMP-8163",
        }
    }

    /// What to do next.
    pub fn help(&self) -> &'static str {
        match self {
            Denial::Exhausted => {
                "the owner can raise the cap, or write off leases of lost stations"
            }
            Denial::UnknownStation => "enrol the station in the virtual factory",
            Denial::Paused => "wait until the owner resumes the Job",
            Denial::Forked => {
                "its disk was set back or copied: the owner has to look into it and enrol it anew"
            }
            Denial::Revoked => "ask the owner of the virtual factory",
            Denial::OldImage => "load the Job's current image",
            Denial::TargetLeased => {
                "finish it on the station that has it, or let the owner write that lease off"
            }
            Denial::UnknownJob => "remove the image: its Job was deleted, or never was",
            Denial::Want => "ask for one permit, or let the owner allow more offline",
            Denial::Attempts | Denial::Failures => {
                "find out why units fail, then ask the owner of the Job"
            }
            Denial::UnknownLease => {
                "the station's books and the cloud's differ: ask the owner to look into it"
            }
            Denial::OutOfOrder => {
                "the cloud has lost some of its past: restore it from its journal"
            }
            Denial::Order(_) => "correct the order",
        }
    }
}

/// Why a station does nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PermitRefusal {
    /// The counter is ahead of the books.
    #[error(
        "the station's books are of {found} and its counter stands at {expected}: its disk was set back"
    )]
    RolledBack {
        /// Of the counter.
        expected: u64,
        /// Of the books.
        found: u64,
    },
    /// It was stopped before.
    #[error("the station has stopped: its past is not the one that was seen before")]
    Stopped,
    /// A request is under way.
    #[error("request {op} is not answered yet")]
    Busy {
        /// Its number.
        op: u64,
    },
    /// Nothing to use.
    #[error("the station has no permit for this target")]
    NoPermit,
    /// The same target in two attempts.
    #[error("target {uid} is in an open attempt")]
    TargetOpen {
        /// Which one.
        uid: Uid,
    },
    /// An attempt that is not open.
    #[error("attempt {attempt} is not open")]
    NotOpen {
        /// Which one.
        attempt: AttemptId,
    },
    /// The lease was for a time.
    #[error("lease {} was to be used within {ttl_s} seconds", lease.0)]
    Expired {
        /// Which one.
        lease: LeaseId,
        /// How long.
        ttl_s: u64,
    },
    /// What the cloud granted cannot be.
    #[error("the cloud's lease cannot be: {message}")]
    Grant {
        /// Why.
        message: String,
    },
    /// The counter was not advanced after the last record that asked for it.
    #[error("the counter stands at {found}, expected {expected}")]
    CounterBehind {
        /// Of the books.
        expected: u64,
        /// Of the counter.
        found: u64,
    },
    /// It cannot be closed.
    #[error("lease {} is not there, or a unit of it is open", lease.0)]
    CannotClose {
        /// Which one.
        lease: LeaseId,
    },
    /// Too much is waiting for the cloud.
    #[error("{count} entries wait to be seen by the cloud")]
    Full {
        /// How many.
        count: usize,
    },
}

impl PermitRefusal {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            PermitRefusal::RolledBack { .. } => "IMP-8165",
            PermitRefusal::Stopped => "IMP-8166",
            PermitRefusal::Busy { .. } => "IMP-8167",
            PermitRefusal::NoPermit => "IMP-8168",
            PermitRefusal::TargetOpen { .. } => "IMP-8169",
            PermitRefusal::NotOpen { .. } => "IMP-8170",
            PermitRefusal::Expired { .. } => "IMP-8171",
            PermitRefusal::Grant { .. } => "IMP-8172",
            PermitRefusal::CounterBehind { .. } => "IMP-8173",
            PermitRefusal::CannotClose { .. } => "IMP-8174",
            PermitRefusal::Full { .. } => "IMP-8175",
        }
    }

    /// What to do next.
    pub fn help(&self) -> &'static str {
        match self {
            PermitRefusal::RolledBack { .. } | PermitRefusal::Stopped => {
                "keep the disk as it is; the owner writes its leases off and enrols the station anew"
            }
            PermitRefusal::Busy { .. } => "send it again until it is answered",
            PermitRefusal::NoPermit => "ask the cloud for one",
            PermitRefusal::TargetOpen { .. } => "wait until the other attempt has ended",
            PermitRefusal::NotOpen { .. } => "an attempt ends once",
            PermitRefusal::Expired { .. } => "close the lease and ask for another",
            PermitRefusal::Grant { .. } => {
                "tell the owner: the cloud granted what its policy does not allow"
            }
            PermitRefusal::CounterBehind { .. } => "advance the counter first",
            PermitRefusal::CannotClose { .. } => "end its units first",
            PermitRefusal::Full { .. } => "connect the station to the cloud",
        }
    }
}
