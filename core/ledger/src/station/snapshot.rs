//! The whole state in one file, so that a journal need not grow for ever.
//!
//! ```text
//! 0    32  SHA-256 of `imprint-station-v1`, a zero byte, and what follows
//! 32       CBOR: [head of the journal, latest time, deployments, serial numbers, values, open attempts]
//! ```
//!
//! The journal that goes with a snapshot begins after the snapshot's head.

use super::{
    books::{Account, Bound, Counter, Counts, Open, Station},
    record::Record,
};
use crate::{
    AttemptId, Damage, DeploymentId,
    cbor::{Code, Decoded, In, Out, Put, array, bytes, put_all, take_all},
    journal::{Frames, Head},
    limits::{COUNT_MAX, SERIAL_COUNT_MAX},
};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

const DOMAIN: &[u8] = b"imprint-station-v1\0";

/// A state, and the journal's head that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// What the next frame of the journal is chained to.
    pub head: Head,
    /// The state after it.
    pub station: Station,
}

impl Default for Snapshot {
    fn default() -> Snapshot {
        Snapshot {
            head: Head::START,
            station: Station::default(),
        }
    }
}

impl Snapshot {
    /// The bytes of a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let body = self.to_cbor();
        [&hash(&body)[..], &body].concat()
    }

    /// Reads them.
    ///
    /// # Errors
    /// [`Damage::Snapshot`] for anything that [`Snapshot::to_bytes`] does not write.
    pub fn from_bytes(bytes: &[u8]) -> Result<Snapshot, Damage> {
        let damaged = |message: &str| Damage::Snapshot {
            message: message.into(),
        };
        let (found, body) = bytes
            .split_first_chunk::<32>()
            .ok_or_else(|| damaged("it is cut short"))?;
        if hash(body) != *found {
            return Err(damaged("its hash does not fit"));
        }
        let snapshot = Snapshot::from_cbor(body).map_err(|message| damaged(&message))?;
        match snapshot.is_possible() {
            true => Ok(snapshot),
            false => Err(damaged("its counts do not agree")),
        }
    }

    /// Whether the counts are those of what is listed, so that counting on cannot go wrong.
    fn is_possible(&self) -> bool {
        let accounts = &self.station.accounts;
        let open = |id| {
            self.station
                .open
                .values()
                .filter(move |it| it.deployment == id)
        };
        let is_known = |open: &Open| accounts.contains_key(&open.deployment);
        let agrees = |(id, account): (&DeploymentId, &Account)| {
            let counts = &account.counts;
            let all = [
                counts.passed,
                counts.failures,
                counts.unknown,
                account.next_ordinal,
            ];
            let attempts = counts.attempts;
            counts.open == open(*id).count() as u64
                && counts.unknown >= account.resumable().count() as u64
                && attempts >= counts.open
                && all
                    .into_iter()
                    .chain([attempts])
                    .all(|count| count < COUNT_MAX)
        };
        let has_room = self.head.sequence < COUNT_MAX;
        has_room && self.station.open.values().all(is_known) && accounts.iter().all(agrees)
    }

    /// The state after the journal that follows: what a station begins with. Also tells how the journal ends.
    ///
    /// # Errors
    /// [`Damage`] of the journal.
    pub fn replay<'a>(self, journal: &'a [u8]) -> Result<(Snapshot, Frames<'a>), Damage> {
        let frames = Frames::read(self.head, journal)?;
        let mut station = self.station;
        for body in &frames.bodies {
            for record in Record::decode(body)? {
                station.apply(&record)?;
            }
        }
        let head = frames.head;
        Ok((Snapshot { head, station }, frames))
    }
}

fn hash(body: &[u8]) -> [u8; 32] {
    let digest = Sha256::new().chain_update(DOMAIN).chain_update(body);
    digest.finalize().into()
}

impl Code for Snapshot {
    fn put(&self, out: &mut Out) -> Put {
        out.array(6)?;
        self.head.put(out)?;
        self.station.time_floor.put(out)?;
        self.station.accounts.put(out)?;
        self.station.counters.put(out)?;
        self.station.values.put(out)?;
        self.station.open.put(out)
    }
    fn take(input: &mut In<'_>) -> Decoded<Self> {
        array(input, 6)?;
        Ok(Snapshot {
            head: Code::take(input)?,
            station: Station {
                time_floor: Code::take(input)?,
                accounts: Code::take(input)?,
                counters: Code::take(input)?,
                values: Code::take(input)?,
                open: BTreeMap::<AttemptId, Open>::take(input)?,
            },
        })
    }
}

impl Code for Head {
    fn put(&self, out: &mut Out) -> Put {
        out.array(2)?.u64(self.sequence)?.bytes(&self.hash)?;
        Ok(())
    }
    fn take(input: &mut In<'_>) -> Decoded<Self> {
        array(input, 2)?;
        Ok(Head {
            sequence: input.u64()?,
            hash: bytes(input)?,
        })
    }
}

/// Keys in order, each followed by its value. Out of order or twice shows when it is written again.
impl<K: Code + Ord, V: Code> Code for BTreeMap<K, V> {
    fn put(&self, out: &mut Out) -> Put {
        out.map(self.len() as u64)?;
        for (key, value) in self {
            key.put(out)?;
            value.put(out)?;
        }
        Ok(())
    }
    fn take(input: &mut In<'_>) -> Decoded<Self> {
        let mut map = BTreeMap::new();
        for _ in 0..input.map()?.unwrap_or(0) {
            map.insert(K::take(input)?, V::take(input)?);
        }
        Ok(map)
    }
}

impl<T: Code + Ord> Code for BTreeSet<T> {
    fn put(&self, out: &mut Out) -> Put {
        put_all(self.iter(), out)
    }
    fn take(input: &mut In<'_>) -> Decoded<Self> {
        Ok(take_all(input, usize::MAX)?.into_iter().collect())
    }
}

impl Code for Account {
    fn put(&self, out: &mut Out) -> Put {
        let Counts {
            passed,
            attempts,
            failures,
            unknown,
            open,
        } = self.counts;
        out.array(8)?;
        for count in [passed, attempts, failures, unknown, open, self.next_ordinal] {
            out.u64(count)?;
        }
        self.free_ordinals.put(out)?;
        self.bound.put(out)
    }
    fn take(input: &mut In<'_>) -> Decoded<Self> {
        array(input, 8)?;
        Ok(Account {
            counts: Counts {
                passed: input.u64()?,
                attempts: input.u64()?,
                failures: input.u64()?,
                unknown: input.u64()?,
                open: input.u64()?,
            },
            next_ordinal: input.u64()?,
            free_ordinals: Code::take(input)?,
            bound: Code::take(input)?,
        })
    }
}

impl Code for Bound {
    fn put(&self, out: &mut Out) -> Put {
        out.array(4)?.bool(self.is_unknown)?.u64(self.ordinal)?;
        put_all(self.draws.iter(), out)?;
        put_all(self.values.iter(), out)
    }
    fn take(input: &mut In<'_>) -> Decoded<Self> {
        array(input, 4)?;
        Ok(Bound {
            is_unknown: input.bool()?,
            ordinal: input.u64()?,
            draws: take_all(input, SERIAL_COUNT_MAX)?,
            values: take_all(input, SERIAL_COUNT_MAX)?,
        })
    }
}

impl Code for Open {
    fn put(&self, out: &mut Out) -> Put {
        out.array(6)?;
        self.deployment.put(out)?;
        self.uid.put(out)?;
        out.u64(self.ordinal)?;
        put_all(self.draws.iter(), out)?;
        put_all(self.values.iter(), out)?;
        self.before.put(out)
    }
    fn take(input: &mut In<'_>) -> Decoded<Self> {
        array(input, 6)?;
        Ok(Open {
            deployment: Code::take(input)?,
            uid: Code::take(input)?,
            ordinal: input.u64()?,
            draws: take_all(input, SERIAL_COUNT_MAX)?,
            values: take_all(input, SERIAL_COUNT_MAX)?,
            before: Code::take(input)?,
        })
    }
}

impl Code for Counter {
    fn put(&self, out: &mut Out) -> Put {
        out.array(5)?;
        self.definition.put(out)?;
        out.u64(self.next)?.u64(self.drawn_end)?.u64(self.floor)?;
        self.free.put(out)
    }
    fn take(input: &mut In<'_>) -> Decoded<Self> {
        array(input, 5)?;
        Ok(Counter {
            definition: Code::take(input)?,
            next: input.u64()?,
            drawn_end: input.u64()?,
            floor: input.u64()?,
            free: Code::take(input)?,
        })
    }
}
