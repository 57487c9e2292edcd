//! The messages, and their bytes: deterministic CBOR, a struct as the array of its fields. The bytes are what the transport
//! signs.
//!
//! A station has at most one request under way. Requests are numbered without gap, and a reply names the hash of the request
//! it answers, so that nothing answers another question.

use super::denial::Denial;
use crate::{
    AttemptId, Damage, DeploymentId, ImageId, KeyShare, LeaseId, RequestHash, SerialId, StationId,
    Uid,
    cbor::{Code, Decoded, In, Out, Put, code_of_enum, code_of_struct},
    limits::MESSAGE_LEN_MAX,
    log::Hash,
};
use sha2::{Digest, Sha256};

/// From a station to the cloud.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// Who asks.
    pub station: StationId,
    /// Its number, from 1.
    pub op: u64,
    /// The station's log before this request.
    pub log: LogState,
    /// What it asks.
    pub ask: Ask,
}

/// How a station's log has grown since the cloud last saw it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LogState {
    /// How many entries it has.
    pub size: u64,
    /// Its root.
    pub root: Hash,
    /// The hashes of the entries that the cloud has not confirmed.
    pub leaves: Vec<Hash>,
}

/// What a station asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ask {
    /// Permits.
    Lease(LeaseAsk),
    /// To take note of what became of units.
    Outcomes(Vec<Outcome>),
    /// To take a lease back.
    Close(Close),
    /// Nothing: that the log is seen, and that the station is alive.
    Heartbeat,
}

/// A request for permits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LeaseAsk {
    /// The Job.
    pub job: DeploymentId,
    /// The image that the station has of it.
    pub image: ImageId,
    /// How many, at least one; exactly one with a UID.
    pub want: u64,
    /// The target that the permit is for.
    pub uid: Option<Uid>,
}

/// What became of one attempt at a unit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Outcome {
    /// The lease it was made under.
    pub lease: LeaseId,
    /// Which permitted unit.
    pub ordinal: u64,
    /// Which attempt.
    pub attempt: AttemptId,
    /// The target, if its id can be read.
    pub uid: Option<Uid>,
    /// How it ended.
    pub end: UnitEnd,
}

/// How an attempt ended that may have changed its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnitEnd {
    /// The whole unit passed.
    Pass,
    /// It failed.
    Fail,
    /// A crash left it in the middle.
    Unknown,
}

/// A lease given back. What is in neither list is in use, and its outcome has come or will come.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Close {
    /// Which one.
    pub lease: LeaseId,
    /// Ordinals that no target has, on the station's word.
    pub unused: Vec<u64>,
    /// Ordinals of which the station cannot tell. They are spent.
    pub lost: Vec<u64>,
}

/// From the cloud to a station.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reply {
    /// Who asked.
    pub station: StationId,
    /// The number of the request.
    pub op: u64,
    /// Its hash.
    pub request: RequestHash,
    /// The answer.
    pub answer: Answer,
}

/// What the cloud answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// A lease.
    Granted(Grant),
    /// Noted.
    Accepted,
    /// No.
    Denied(Denial),
    /// The cloud has seen a later request: the number of its last. The station has lost some of its past.
    Behind(u64),
}

/// A lease.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Grant {
    /// Its number.
    pub lease: LeaseId,
    /// The Job.
    pub job: DeploymentId,
    /// The only target it is for, if it is for one.
    pub uid: Option<Uid>,
    /// What may be made.
    pub permits: Vec<Permit>,
    /// How long it may be used, in seconds from when it was asked for. It makes a pause reach everybody in time, and returns
    /// nothing.
    pub ttl_s: u64,
    /// The revision of the policy it was given under.
    pub policy_revision: u64,
    /// The cloud's share of the content key.
    pub share: KeyShare,
}

/// The right to make one unit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Permit {
    /// Which one.
    pub ordinal: u64,
    /// Its serial numbers: the same ones whenever this ordinal is granted.
    pub serials: Vec<SerialRange>,
}

/// Indices of one serial number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SerialRange {
    /// Which serial number.
    pub serial: SerialId,
    /// The first index.
    pub first: u64,
    /// How many.
    pub count: u64,
}

impl Request {
    /// Its bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_cbor()
    }

    /// Reads them.
    ///
    /// # Errors
    /// [`Damage::Message`] for anything that [`Request::to_bytes`] does not write.
    pub fn from_bytes(bytes: &[u8]) -> Result<Request, Damage> {
        from_bytes(bytes)
    }

    /// What a reply to it names.
    pub fn hash(&self) -> RequestHash {
        let digest = Sha256::new()
            .chain_update(b"imprint-permit-v1\0")
            .chain_update(self.to_cbor());
        RequestHash(digest.finalize().into())
    }
}

impl Reply {
    /// Its bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_cbor()
    }

    /// Reads them.
    ///
    /// # Errors
    /// [`Damage::Message`] for anything that [`Reply::to_bytes`] does not write.
    pub fn from_bytes(bytes: &[u8]) -> Result<Reply, Damage> {
        from_bytes(bytes)
    }
}

fn from_bytes<T: Code>(bytes: &[u8]) -> Result<T, Damage> {
    if bytes.len() > MESSAGE_LEN_MAX {
        let message = format!("it has {} bytes", bytes.len());
        return Err(Damage::Message { message });
    }
    T::from_cbor(bytes).map_err(|message| Damage::Message { message })
}

code_of_struct!(Request {
    station,
    op,
    log,
    ask
});
code_of_struct!(LogState { size, root, leaves });
code_of_enum!(Ask { 1 => Lease(it), 2 => Outcomes(it), 3 => Close(it), 4 => Heartbeat });
code_of_struct!(LeaseAsk {
    job,
    image,
    want,
    uid
});
code_of_struct!(Outcome {
    lease,
    ordinal,
    attempt,
    uid,
    end
});
code_of_enum!(UnitEnd { 1 => Pass, 2 => Fail, 3 => Unknown });
code_of_struct!(Close {
    lease,
    unused,
    lost
});
code_of_struct!(Reply {
    station,
    op,
    request,
    answer
});
code_of_enum!(Answer { 1 => Granted(it), 2 => Accepted, 3 => Denied(it), 4 => Behind(it) });
code_of_struct!(Grant {
    lease,
    job,
    uid,
    permits,
    ttl_s,
    policy_revision,
    share
});
code_of_struct!(Permit { ordinal, serials });
code_of_struct!(SerialRange {
    serial,
    first,
    count
});
