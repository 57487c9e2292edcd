//! Restrictions: how often, when, where and on what an image may be used.
//!
//! They are set when an object is sealed, and signed with the manifest. Whoever runs the image enforces them; this file
//! only says what they are, and which cannot be.

use crate::{keys::KeyId, limits::RESTRICTED_STATION_COUNT_MAX};
use minicbor::{Decoder, Encoder, decode::Error, encode};
use std::{collections::BTreeSet, convert::Infallible, num::NonZeroU64};

/// What restricts an image beyond its rights. Whatever is absent or empty does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restrictions {
    /// First second of use, since 1970-01-01 UTC. Key 1.
    pub not_before_s: Option<u64>,
    /// Last second of use, since 1970-01-01 UTC. Key 2.
    pub not_after_s: Option<u64>,
    /// Most units that may pass. Key 3.
    pub units: Option<NonZeroU64>,
    /// Most units that may be begun. Key 4.
    pub attempts: Option<NonZeroU64>,
    /// Most units that may fail. Key 5.
    pub failures: Option<NonZeroU64>,
    /// The only stations that may use it. Key 6.
    pub stations: BTreeSet<KeyId>,
    /// Least revision of the device. Key 7.
    pub device_revision_min: Option<u32>,
}

impl Restrictions {
    /// Whether nothing is restricted.
    pub fn is_empty(&self) -> bool {
        self.entry_count() == 0
    }

    /// Whether something is counted, for which a run needs to remember earlier ones.
    pub fn are_counted(&self) -> bool {
        self.units.is_some() || self.attempts.is_some() || self.failures.is_some()
    }

    /// Whether they can be: the error says what cannot.
    pub fn check(&self) -> Result<(), String> {
        if let (Some(first), Some(last)) = (self.not_before_s, self.not_after_s)
            && first > last
        {
            return Err("the time of use ends before it begins".into());
        }
        let count = self.stations.len();
        if count > RESTRICTED_STATION_COUNT_MAX {
            return Err(format!(
                "it is restricted to {count} stations, at most {RESTRICTED_STATION_COUNT_MAX} can be listed"
            ));
        }
        Ok(())
    }

    fn entry_count(&self) -> u64 {
        let present = [
            self.not_before_s.is_some(),
            self.not_after_s.is_some(),
            self.units.is_some(),
            self.attempts.is_some(),
            self.failures.is_some(),
            !self.stations.is_empty(),
            self.device_revision_min.is_some(),
        ];
        present.into_iter().filter(|it| *it).count() as u64
    }

    pub(super) fn encode(
        &self,
        to: &mut Encoder<&mut Vec<u8>>,
    ) -> Result<(), encode::Error<Infallible>> {
        to.map(self.entry_count())?;
        let numbers = [
            (1, self.not_before_s),
            (2, self.not_after_s),
            (3, self.units.map(NonZeroU64::get)),
            (4, self.attempts.map(NonZeroU64::get)),
            (5, self.failures.map(NonZeroU64::get)),
        ];
        for (key, number) in numbers {
            if let Some(number) = number {
                to.u8(key)?.u64(number)?;
            }
        }
        if !self.stations.is_empty() {
            to.u8(6)?.encode(&self.stations)?;
        }
        if let Some(revision) = self.device_revision_min {
            to.u8(7)?.u32(revision)?;
        }
        Ok(())
    }

    /// Reads them. An empty map or list, and entries twice or out of order, show when the manifest is written again.
    pub(super) fn decode(from: &mut Decoder) -> Result<Restrictions, Error> {
        let count = from.map()?.unwrap_or_default();
        let mut read = Restrictions::default();
        for _ in 0..count {
            match from.u64()? {
                1 => read.not_before_s = Some(from.u64()?),
                2 => read.not_after_s = Some(from.u64()?),
                3 => read.units = Some(from.decode()?),
                4 => read.attempts = Some(from.decode()?),
                5 => read.failures = Some(from.decode()?),
                6 => read.stations = from.decode()?,
                7 => read.device_revision_min = Some(from.u32()?),
                key => return Err(Error::message(format!("restriction {key} is unknown"))),
            }
        }
        read.check().map_err(Error::message)?;
        Ok(read)
    }
}
