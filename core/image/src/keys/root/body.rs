//! The body: what the signers of a root document say.
//!
//! ```text
//! 1  name of the owner    2  number, from 1    3  list of [role, threshold, list of public keys]
//! ```
//!
//! Deterministic CBOR; roles are sorted by their numbers and keys by their bytes. What was read is written again and
//! compared, so that there is one encoding only; what the roles mean is looked at after that.

use super::{Role, RoleKeys, RootError, damaged};
use crate::{keys::PublicKey, limits::NAME_LEN_MAX};
use minicbor::{Decode, Encode, bytes::ByteArray};
use std::{collections::BTreeMap, num::NonZeroU64};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Body {
    pub owner: String,
    pub number: NonZeroU64,
    pub roles: BTreeMap<Role, RoleKeys>,
}

/// As it is written.
#[derive(Encode, Decode)]
#[cbor(map)]
struct Written {
    #[n(1)]
    owner: String,
    #[n(2)]
    number: NonZeroU64,
    #[n(3)]
    roles: Vec<WrittenRole>,
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct WrittenRole {
    #[n(0)]
    role: u64,
    #[n(1)]
    threshold: u64,
    #[n(2)]
    keys: Vec<ByteArray<32>>,
}

impl Body {
    /// Whether a document can say it.
    pub fn check(&self) -> Result<(), RootError> {
        if !(1..=NAME_LEN_MAX).contains(&self.owner.len()) {
            return Err(damaged(format!(
                "the owner's name must have 1 to {NAME_LEN_MAX} bytes"
            )));
        }
        for needed in [Role::Root, Role::Release] {
            if !self.roles.contains_key(&needed) {
                return Err(refused(format!("the role {needed} is missing")));
            }
        }
        let distributor = self.roles.get(&Role::Distributor);
        if distributor.is_some_and(|role| role.threshold() != 1) {
            return Err(refused(
                "a grant has one issuer: the threshold of distributor is 1",
            ));
        }
        Ok(())
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let key = |key: &PublicKey| key.to_bytes().into();
        let role = |(role, keys): (&Role, &RoleKeys)| WrittenRole {
            role: role.number(),
            threshold: keys.threshold() as u64,
            keys: keys.keys().iter().map(key).collect(),
        };
        encode(&Written {
            owner: self.owner.clone(),
            number: self.number,
            roles: self.roles.iter().map(role).collect(),
        })
    }

    /// Reads a body, strictly.
    pub fn from_bytes(bytes: &[u8]) -> Result<Body, RootError> {
        let written: Written =
            minicbor::decode(bytes).map_err(|error| damaged(error.to_string()))?;
        if encode(&written) != bytes {
            return Err(damaged("its body is not in its only encoding"));
        }
        let mut body = Body {
            owner: written.owner,
            number: written.number,
            roles: BTreeMap::new(),
        };
        for written in written.roles {
            let (role, keys) = written.read()?;
            if body
                .roles
                .last_key_value()
                .is_some_and(|last| *last.0 >= role)
            {
                return Err(refused("they are not sorted, or one is there twice"));
            }
            body.roles.insert(role, keys);
        }
        body.check()?;
        Ok(body)
    }
}

impl WrittenRole {
    fn read(&self) -> Result<(Role, RoleKeys), RootError> {
        let role = Role::ALL
            .into_iter()
            .find(|role| role.number() == self.role);
        let role = role.ok_or_else(|| refused(format!("the role {} is unknown", self.role)))?;
        let key = |bytes: &ByteArray<32>| PublicKey::from_bytes(bytes);
        let keys: Option<Vec<PublicKey>> = self.keys.iter().map(key).collect();
        let keys = keys.ok_or_else(|| refused(format!("a key of {role} is none")))?;
        if !keys.is_sorted_by_key(PublicKey::to_bytes) {
            return Err(refused(format!("the keys of {role} are not sorted")));
        }
        let threshold = usize::try_from(self.threshold).unwrap_or(usize::MAX);
        Ok((role, RoleKeys::new(threshold, keys)?))
    }
}

fn encode(written: &Written) -> Vec<u8> {
    minicbor::to_vec(written).expect("writing to a vector cannot fail, and no type here refuses")
}

fn refused(message: impl Into<String>) -> RootError {
    RootError::Roles {
        message: message.into(),
    }
}
