//! Unlocking: from a station's key to what opens the chunks.
//!
//! A grant's claims are signed with it, so the best grants are tried first, and the first good one is the one that counts.
//! Of a SAP its secret is the content key. Of a Job it is one half, and the cloud's share is the other.

use super::{
    Grant, GrantTerms, Granting, Image, ImageError, Kind, OpenImage, Share,
    chunk::{ChunkCipher, ContentKey},
    grant::Subject,
    header::Suite,
};
use crate::keys::{PublicKey, StationSecret};
use std::io::{Read, Seek};

/// What opens an encrypted image. A plain one needs nothing.
#[derive(Clone, Copy, Default)]
pub struct Unlock<'a> {
    /// The station's key.
    pub station: Option<&'a StationSecret>,
    /// A file of grants, beside those behind the image.
    pub grants: Option<&'a [u8]>,
    /// The cloud's share of a Job.
    pub share: Option<&'a Share>,
    /// Now, in seconds since 1970-01-01 UTC: grants that are over do not count. Without it, no grant is over.
    pub time_s: Option<u64>,
}

impl<R: Read + Seek> Image<R> {
    /// Whether grants that `issuer` issues count here.
    pub fn may_issue(&self, issuer: &PublicKey) -> bool {
        self.trust.contains(issuer)
            || self.vouchers.distributes(issuer)
            || self.signers.contains(issuer)
            || self.manifest.distributors.contains(&issuer.id())
    }

    /// The key, of several that a station has, that the image was granted to; where none was, the first there is. `beside`
    /// are grants that are not behind the image.
    pub fn station_among<'a>(
        &mut self,
        stations: &'a [StationSecret],
        beside: Option<&[u8]>,
    ) -> Result<Option<&'a StationSecret>, ImageError> {
        let mut grants = self.grants()?;
        grants.extend(Grant::parse_all(beside.unwrap_or_default())?);
        let image = self.id();
        let granted = stations.iter().find(|station| {
            let id = station.public().id();
            let mut grants = grants.iter();
            grants.any(|grant| grant.station() == id && grant.image() == image)
        });
        Ok(granted.or(stations.first()))
    }

    /// Unlocks the payload.
    pub fn unlock(mut self, with: Unlock) -> Result<OpenImage<R>, ImageError> {
        if self.header.suite == Suite::Plain {
            return OpenImage::new(self, ChunkCipher::Plain, None);
        }
        let (granted, terms) = self.open_grants(&with)?;
        let cipher = match self.manifest.kind {
            Kind::Sap => self.cipher(&granted),
            Kind::Job { .. } => {
                let share = with.share.ok_or(ImageError::ShareNeeded)?;
                self.check_share(share)?;
                self.cipher(&share.content_key(&granted))
            }
        };
        // Of a SAP it was found with the grant that the key is the image's.
        let cipher = cipher.ok_or(ImageError::WrongShare)?;
        OpenImage::new(self, cipher, Some(terms))
    }

    /// What further grants are made of, taken from the one that `with` opens. A Job's needs no share.
    pub fn granting(&mut self, with: &Unlock) -> Result<Granting, ImageError> {
        if self.header.suite == Suite::Plain {
            return Err(ImageError::NotEncrypted);
        }
        let subject = Subject {
            image: self.id,
            kind: self.manifest.kind,
        };
        let (secret, _) = self.open_grants(with)?;
        Ok(Granting { subject, secret })
    }

    /// The secret in the best good grant, and what that grant permits.
    fn open_grants(&mut self, with: &Unlock) -> Result<(ContentKey, GrantTerms), ImageError> {
        let station = with.station.ok_or(ImageError::StationKeyNeeded)?;
        let mut candidates = Grant::parse_all(with.grants.unwrap_or_default())?;
        candidates.extend(self.grants()?);
        let id = station.public().id();
        candidates.retain(|grant| grant.station() == id && grant.image() == self.id);
        // What a grant claims is signed: the first good one is the best.
        candidates.sort_by_key(|grant| grant.terms().rank());
        let mut refusal = ImageError::NotForThisStation { station: id };
        for grant in candidates {
            match self.open_grant(&grant, station, with.time_s) {
                Ok(secret) => return Ok((secret, grant.terms())),
                Err(message) => {
                    refusal = ImageError::Grant {
                        station: id,
                        message,
                    }
                }
            }
        }
        Err(refusal)
    }

    fn open_grant(
        &self,
        grant: &Grant,
        station: &StationSecret,
        time_s: Option<u64>,
    ) -> Result<ContentKey, String> {
        let kind = self.manifest.kind;
        let secret = grant.open(kind, station, |issuer| self.may_issue(issuer), time_s)?;
        // A Job's shares are one half only: the whole can be checked when the other is there.
        if kind == Kind::Sap && self.cipher(&secret).is_none() {
            return Err("its key is not the one of the image".into());
        }
        Ok(secret)
    }

    /// What opens the chunks, if the key is the image's.
    fn cipher(&self, content_key: &ContentKey) -> Option<ChunkCipher> {
        let (cipher, commitment) = ChunkCipher::derive(content_key, &self.manifest.deployment_id);
        (self.manifest.key_commitment == Some(commitment)).then_some(cipher)
    }

    fn check_share(&self, share: &Share) -> Result<(), ImageError> {
        let same = share.image == self.id && share.deployment_id == self.manifest.deployment_id;
        match same {
            true => Ok(()),
            false => Err(ImageError::ShareOfAnother {
                expected: self.id,
                found: share.image,
            }),
        }
    }
}
