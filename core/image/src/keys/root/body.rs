//! The body: what the signers of a root document say.
//!
//! ```text
//! 1  name of the owner    2  number, from 1    3  list of [role, threshold, list of public keys]
//! ```
//!
//! Deterministic CBOR; roles are sorted by their numbers and keys by their bytes. What was read is written again and
//! compared, so that there is one encoding only.

use super::{Role, RoleKeys, RootError, damaged};
use crate::{keys::PublicKey, limits::NAME_LEN_MAX};
use minicbor::{Decoder, Encoder, decode::Error};
use std::{collections::BTreeMap, num::NonZeroU64};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Body {
    pub owner: String,
    pub number: NonZeroU64,
    pub roles: BTreeMap<Role, RoleKeys>,
}

impl Body {
    /// Whether a document can say it.
    pub fn check(&self) -> Result<(), RootError> {
        let refuse = |message: String| Err(RootError::Roles { message });
        if !(1..=NAME_LEN_MAX).contains(&self.owner.len()) {
            return refuse(format!(
                "the owner's name must have 1 to {NAME_LEN_MAX} bytes"
            ));
        }
        for needed in [Role::Root, Role::Release] {
            if !self.roles.contains_key(&needed) {
                return refuse(format!("the role {needed} is missing"));
            }
        }
        let distributor = self.roles.get(&Role::Distributor);
        if distributor.is_some_and(|role| role.threshold() != 1) {
            return refuse("a grant has one issuer: the threshold of distributor is 1".into());
        }
        Ok(())
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.encode(&mut Encoder::new(&mut bytes))
            .expect("writing to a vector cannot fail, and no type here refuses");
        bytes
    }

    fn encode(
        &self,
        to: &mut Encoder<&mut Vec<u8>>,
    ) -> Result<(), minicbor::encode::Error<core::convert::Infallible>> {
        to.map(3)?.u8(1)?.str(&self.owner)?;
        to.u8(2)?.u64(self.number.get())?;
        to.u8(3)?.array(self.roles.len() as u64)?;
        for (role, keys) in &self.roles {
            to.array(3)?.encode(role)?.u64(keys.threshold() as u64)?;
            to.array(keys.keys().len() as u64)?;
            for key in keys.keys() {
                to.bytes(&key.to_bytes())?;
            }
        }
        Ok(())
    }

    /// Reads a body, strictly.
    pub fn from_bytes(bytes: &[u8]) -> Result<Body, RootError> {
        let mut from = Decoder::new(bytes);
        let body = Body::decode(&mut from)??;
        if body.to_bytes() != bytes {
            return Err(damaged("its body is not in its only encoding"));
        }
        body.check()?;
        Ok(body)
    }

    /// What is not in its only encoding shows when it is written again.
    fn decode(from: &mut Decoder) -> Result<Result<Body, RootError>, Error> {
        let entry = |from: &mut Decoder, key: u8| match from.u8()? == key {
            true => Ok(()),
            false => Err(Error::message(format!("expected entry {key}"))),
        };
        if from.map()? != Some(3) {
            return Err(Error::message("expected three entries"));
        }
        entry(from, 1)?;
        let owner = from.str()?.to_owned();
        entry(from, 2)?;
        let number = from.decode()?;
        entry(from, 3)?;
        let mut roles = BTreeMap::new();
        for _ in 0..from.array()?.unwrap_or_default() {
            if from.array()? != Some(3) {
                return Err(Error::message("a role has three entries"));
            }
            let role = from.decode()?;
            let threshold = from.u16()?;
            match RoleKeys::new(threshold.into(), public_keys(from)?) {
                Ok(keys) => roles.insert(role, keys),
                Err(error) => return Ok(Err(error)),
            };
        }
        Ok(Ok(Body {
            owner,
            number,
            roles,
        }))
    }
}

fn public_keys(from: &mut Decoder) -> Result<Vec<PublicKey>, Error> {
    let mut keys = Vec::new();
    for _ in 0..from.array()?.unwrap_or_default() {
        let key = from.bytes()?.try_into().ok();
        let key = key.and_then(PublicKey::from_bytes);
        keys.push(key.ok_or_else(|| Error::message("a key is none"))?);
    }
    Ok(keys)
}

impl From<Error> for RootError {
    fn from(error: Error) -> RootError {
        damaged(error.to_string())
    }
}
