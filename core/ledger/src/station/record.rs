//! What happened, as it is journalled. The state of a station is what its records make of nothing.
//!
//! A record is a CBOR array that begins with its kind; a frame's body is an array of records that happen together.

use super::demand::OnFailure;
use crate::{
    AttemptId, Damage, DefinitionHash, DeploymentId, SerialId, Uid, ValueHash,
    cbor::{Code, Decoded, In, Out, Put, array, put_all, take_all, wrong},
    limits::{FRAME_RECORD_COUNT_MAX, INDEX_COUNT_MAX, SERIAL_COUNT_MAX},
};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// An attempt begins: must be durable before the first operation on the target that cannot be undone.
    Begun(Begun),
    /// An attempt ends: must be durable before anybody is told.
    Ended {
        /// Which one.
        attempt: AttemptId,
        /// How.
        end: End,
        /// The clock, in seconds since 1970.
        time: u64,
    },
    /// An attempt was found open after a crash. What it did to its target is not known.
    Abandoned {
        /// Which one.
        attempt: AttemptId,
        /// The clock, in seconds since 1970.
        time: u64,
    },
    /// An operator set where a serial number goes on.
    NextSet {
        /// Which one.
        serial: SerialId,
        /// What its indices mean.
        definition: DefinitionHash,
        /// The next index.
        next: u64,
        /// The clock, in seconds since 1970.
        time: u64,
    },
    /// The clock was read.
    Seen {
        /// The clock, in seconds since 1970.
        time: u64,
    },
}

/// An attempt that begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// Which one.
    pub attempt: AttemptId,
    /// Whose counts it is in.
    pub deployment: DeploymentId,
    /// The target, if its id can be read.
    pub uid: Option<Uid>,
    /// Which permitted unit it is. A target that is taken up again keeps its number.
    pub ordinal: u64,
    /// The serial numbers the unit has.
    pub draws: Vec<Draw>,
    /// The values supplied for the unit.
    pub values: Vec<Value>,
    /// The clock, in seconds since 1970.
    pub time: u64,
}

/// Indices of one serial number that a unit has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// Which serial number.
    pub serial: SerialId,
    /// What its indices mean.
    pub definition: DefinitionHash,
    /// The indices, in the order the unit uses them.
    pub indices: Vec<u64>,
    /// What becomes of them if the unit fails.
    pub on_failure: OnFailure,
}

/// A value that a unit has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// Its list.
    pub list: SerialId,
    /// Its hash.
    pub value: ValueHash,
    /// What becomes of it if the unit fails.
    pub on_failure: OnFailure,
}

/// How an attempt ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// The whole unit passed: it is counted, its numbers are used.
    Pass,
    /// It failed, and the target may have been changed.
    Fail,
    /// It failed or was cancelled before anything was changed: as if it had not begun.
    Untouched,
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

    /// The clock when it happened, in seconds since 1970.
    pub fn time(&self) -> u64 {
        match self {
            Record::Begun(begun) => begun.time,
            Record::Ended { time, .. }
            | Record::Abandoned { time, .. }
            | Record::NextSet { time, .. }
            | Record::Seen { time } => *time,
        }
    }
}

struct Batch(Vec<Record>);

impl Code for Batch {
    fn put(&self, out: &mut Out) -> Put {
        put_all(self.0.iter(), out)
    }
    fn take(input: &mut In<'_>) -> Decoded<Self> {
        take_all(input, FRAME_RECORD_COUNT_MAX).map(Batch)
    }
}

impl Code for Record {
    fn put(&self, out: &mut Out) -> Put {
        match self {
            Record::Begun(begun) => {
                out.array(8)?.u8(1)?;
                begun.attempt.put(out)?;
                begun.deployment.put(out)?;
                begun.uid.put(out)?;
                begun.ordinal.put(out)?;
                put_all(begun.draws.iter(), out)?;
                put_all(begun.values.iter(), out)?;
                begun.time.put(out)
            }
            Record::Ended { attempt, end, time } => {
                out.array(4)?.u8(2)?;
                attempt.put(out)?;
                out.u8(*end as u8)?;
                time.put(out)
            }
            Record::Abandoned { attempt, time } => {
                out.array(3)?.u8(3)?;
                attempt.put(out)?;
                time.put(out)
            }
            Record::NextSet {
                serial,
                definition,
                next,
                time,
            } => {
                out.array(5)?.u8(4)?;
                serial.put(out)?;
                definition.put(out)?;
                next.put(out)?;
                time.put(out)
            }
            Record::Seen { time } => {
                out.array(2)?.u8(5)?;
                time.put(out)
            }
        }
    }

    fn take(input: &mut In<'_>) -> Decoded<Self> {
        let len = input.array()?;
        let record = match (len, input.u8()?) {
            (Some(8), 1) => Record::Begun(Begun {
                attempt: Code::take(input)?,
                deployment: Code::take(input)?,
                uid: Code::take(input)?,
                ordinal: input.u64()?,
                draws: take_all(input, SERIAL_COUNT_MAX)?,
                values: take_all(input, SERIAL_COUNT_MAX)?,
                time: input.u64()?,
            }),
            (Some(4), 2) => Record::Ended {
                attempt: Code::take(input)?,
                end: take_end(input)?,
                time: input.u64()?,
            },
            (Some(3), 3) => Record::Abandoned {
                attempt: Code::take(input)?,
                time: input.u64()?,
            },
            (Some(5), 4) => Record::NextSet {
                serial: Code::take(input)?,
                definition: Code::take(input)?,
                next: input.u64()?,
                time: input.u64()?,
            },
            (Some(2), 5) => Record::Seen { time: input.u64()? },
            _ => return wrong("unknown kind of record"),
        };
        Ok(record)
    }
}

fn take_end(input: &mut In<'_>) -> Decoded<End> {
    match input.u8()? {
        0 => Ok(End::Pass),
        1 => Ok(End::Fail),
        2 => Ok(End::Untouched),
        _ => wrong("unknown end of an attempt"),
    }
}

impl Code for Draw {
    fn put(&self, out: &mut Out) -> Put {
        out.array(4)?;
        self.serial.put(out)?;
        self.definition.put(out)?;
        put_all(self.indices.iter(), out)?;
        self.on_failure.put(out)
    }
    fn take(input: &mut In<'_>) -> Decoded<Self> {
        array(input, 4)?;
        Ok(Draw {
            serial: Code::take(input)?,
            definition: Code::take(input)?,
            indices: take_all(input, INDEX_COUNT_MAX)?,
            on_failure: Code::take(input)?,
        })
    }
}

impl Code for Value {
    fn put(&self, out: &mut Out) -> Put {
        out.array(3)?;
        self.list.put(out)?;
        self.value.put(out)?;
        self.on_failure.put(out)
    }
    fn take(input: &mut In<'_>) -> Decoded<Self> {
        array(input, 3)?;
        Ok(Value {
            list: Code::take(input)?,
            value: Code::take(input)?,
            on_failure: Code::take(input)?,
        })
    }
}

impl Code for OnFailure {
    fn put(&self, out: &mut Out) -> Put {
        out.u8(*self as u8)?;
        Ok(())
    }
    fn take(input: &mut In<'_>) -> Decoded<Self> {
        match input.u8()? {
            0 => Ok(OnFailure::Return),
            1 => Ok(OnFailure::Burn),
            _ => wrong("unknown end of a number"),
        }
    }
}
