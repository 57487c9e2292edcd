//! What happens at a station, as it is journalled, and what is to be done after it.

use super::message::{Reply, Request, UnitEnd};
use crate::{
    AttemptId, Damage, DeploymentId, Uid,
    cbor::{Code, Decoded, In, Out, Put, code_of_enum, code_of_struct, wrong},
    limits::FRAME_RECORD_COUNT_MAX,
    log::{Hash, leaf_hash},
};

/// What is to be done: make all records durable together, apply them, then do the effects in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Step {
    /// What happens.
    pub records: Vec<Record>,
    /// What it takes.
    pub effects: Vec<Effect>,
}

/// Something to do after the records are durable.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Advance the monotonic counter, and do not go on before it is.
    Advance(u64),
    /// Send this, now and again until it is answered.
    Send(Request),
}

/// One thing that happens at a station.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Record {
    /// The station reads its books and begins.
    Started,
    /// It ends in order: what follows begins where it left off.
    Rested,
    /// A request, before it is sent. A lease that it closes is gone from here on.
    Asked(Request),
    /// An answer, and the driver's clock when the request was sent, in seconds.
    Answered((Reply, u64)),
    /// An attempt begins: durable before anything on the target is changed.
    Began(Began),
    /// An attempt ends: durable before anybody is told.
    Ended(Ended),
    /// The station stops for good.
    Stopped(StopReason),
}

/// An attempt that begins.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Began {
    /// Of which Job.
    pub job: DeploymentId,
    /// Which permitted unit.
    pub ordinal: u64,
    /// Which attempt.
    pub attempt: AttemptId,
    /// The target, if its id can be read.
    pub uid: Option<Uid>,
}

/// An attempt that ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ended {
    /// Which attempt.
    pub attempt: AttemptId,
    /// How; `None` if nothing was changed on the target.
    pub end: Option<UnitEnd>,
}

/// Why a station stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StopReason {
    /// Its counter is ahead of its books.
    Counter,
    /// The cloud remembers later requests than it does, or does not know its log.
    Cloud,
    /// It was granted what it has, or what the owner does not allow.
    Grant,
}

impl Record {
    /// The body of a frame: `records` happen together or not at all.
    pub fn encode(records: &[Record]) -> Vec<u8> {
        Batch(records.to_vec()).to_cbor()
    }

    /// The records of a frame's body.
    ///
    /// # Errors
    /// [`Damage::Record`] for anything that [`Record::encode`] does not write.
    pub fn decode(body: &[u8]) -> Result<Vec<Record>, Damage> {
        let batch = Batch::from_cbor(body).map_err(|message| Damage::Record { message })?;
        Ok(batch.0)
    }

    /// Its leaf in the station's log.
    pub fn leaf(&self) -> Hash {
        leaf_hash(&self.to_cbor())
    }
}

struct Batch(Vec<Record>);

impl Code for Batch {
    fn put(&self, out: &mut Out) -> Put {
        self.0.put(out)
    }
    fn take(input: &mut In<'_>) -> Decoded<Self> {
        let records = Vec::take(input)?;
        match records.len() <= FRAME_RECORD_COUNT_MAX {
            true => Ok(Batch(records)),
            false => wrong("too many records"),
        }
    }
}

code_of_enum!(Record {
    1 => Started, 2 => Rested, 3 => Asked(it), 4 => Answered(it), 5 => Began(it), 6 => Ended(it),
    7 => Stopped(it),
});
code_of_struct!(Began {
    job,
    ordinal,
    attempt,
    uid
});
code_of_struct!(Ended { attempt, end });
code_of_enum!(StopReason { 1 => Counter, 2 => Cloud, 3 => Grant });
