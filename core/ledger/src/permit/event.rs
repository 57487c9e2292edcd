//! What happens at the cloud: its journal is the list of these, and its state what they make of nothing.

use super::message::Request;
use crate::{
    DeploymentId, ImageId, KeyShare, LeaseId, SerialId, StationId,
    cbor::{Code, Decoded, In, Out, Put, code_of_enum, code_of_struct},
};

/// One thing that happens. All but the last two are orders of an owner; who may give them, and how many have to agree, is
/// asked before.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A station belongs to the virtual factory.
    Enrolled(StationId),
    /// A Job is there.
    Created(Terms),
    /// The owner signed a new policy for the Job.
    PolicySet((DeploymentId, Policy)),
    /// Another image of the Job, with its revision. Counts go on.
    ImageSet((DeploymentId, (ImageId, u64))),
    /// No lease is given from here on.
    Paused(DeploymentId),
    /// Leases are given again.
    Resumed(DeploymentId),
    /// The Job is over, and the cloud forgets its share of the key.
    Deleted(DeploymentId),
    /// A station gets nothing from here on; what it holds is quarantined.
    Revoked(StationId),
    /// The owner gives a lease up: what is not settled of it is spent.
    WrittenOff(LeaseId),
    /// A lease is older than its time. Nothing comes back of it.
    TimedOut(LeaseId),
    /// A request came.
    Received(Request),
}

/// A Job.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Terms {
    /// Its id: the deployment of its image.
    pub job: DeploymentId,
    /// Its image.
    pub image: ImageId,
    /// The image's revision.
    pub image_revision: u64,
    /// The cloud's share of the content key.
    pub share: KeyShare,
    /// The serial numbers of a unit.
    pub serials: Vec<SerialTerms>,
    /// What the owner allows.
    pub policy: Policy,
}

/// A serial number of a Job. Several Jobs that name the same one draw from one counter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SerialTerms {
    /// Which one.
    pub serial: SerialId,
    /// How many a unit takes.
    pub count: u64,
    /// One past its last index.
    pub index_end: u64,
}

/// What an owner allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Policy {
    /// Goes up with each new policy.
    pub revision: u64,
    /// Permits: each is for one target.
    pub cap: u64,
    /// Attempts.
    pub attempts: Option<u64>,
    /// Failed attempts.
    pub failures: Option<u64>,
    /// Permits that a station may hold without asking for each; 0 asks before every unit.
    pub offline_units: u64,
    /// How long a lease may be used, in seconds.
    pub ttl_s: u64,
}

impl Event {
    /// Its bytes, as the cloud journals it.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_cbor()
    }

    /// Reads them.
    ///
    /// # Errors
    /// [`Damage::Record`](crate::Damage::Record) for anything that [`Event::to_bytes`] does not write.
    pub fn from_bytes(bytes: &[u8]) -> Result<Event, crate::Damage> {
        Event::from_cbor(bytes).map_err(|message| crate::Damage::Record { message })
    }
}

code_of_enum!(Event {
    1 => Enrolled(it), 2 => Created(it), 3 => PolicySet(it), 4 => ImageSet(it), 5 => Paused(it),
    6 => Resumed(it), 7 => Deleted(it), 8 => Revoked(it), 9 => WrittenOff(it), 10 => TimedOut(it),
    11 => Received(it),
});
code_of_struct!(Terms {
    job,
    image,
    image_revision,
    share,
    serials,
    policy
});
code_of_struct!(SerialTerms {
    serial,
    count,
    index_end
});
code_of_struct!(Policy {
    revision,
    cap,
    attempts,
    failures,
    offline_units,
    ttl_s
});
