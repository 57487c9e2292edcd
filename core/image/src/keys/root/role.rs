//! Roles: what a key may do, and how many of a role must sign.

use super::RootError;
use crate::{keys::PublicKey, limits::ROLE_KEY_COUNT_MAX};
use std::fmt;

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Replace the root document.
    Root = 1,
    /// Sign images.
    Release = 2,
    /// Sign restrictions and Jobs.
    Policy = 3,
    /// Issue grants.
    Distributor = 4,
    /// Sign lists of plugins.
    Plugin = 5,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 5] = [
        Role::Root,
        Role::Release,
        Role::Policy,
        Role::Distributor,
        Role::Plugin,
    ];

    pub(super) fn number(self) -> u64 {
        self as u64
    }

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Role::Root => "root",
            Role::Release => "release",
            Role::Policy => "policy",
            Role::Distributor => "distributor",
            Role::Plugin => "plugin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The keys of a role, and how many of them must sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleKeys {
    threshold: usize,
    /// Sorted by their bytes, each once.
    keys: Vec<PublicKey>,
}

impl RoleKeys {
    /// So many of these.
    pub fn new(
        threshold: usize,
        keys: impl IntoIterator<Item = PublicKey>,
    ) -> Result<RoleKeys, RootError> {
        let mut keys: Vec<PublicKey> = keys.into_iter().collect();
        keys.sort_by_key(PublicKey::to_bytes);
        let refuse = |message: String| Err(RootError::Roles { message });
        if !keys.is_sorted_by(|left, right| left.to_bytes() < right.to_bytes()) {
            return refuse("a role has a key twice".into());
        }
        let count = keys.len();
        if !(1..=ROLE_KEY_COUNT_MAX).contains(&count) {
            return refuse(format!(
                "a role has 1 to {ROLE_KEY_COUNT_MAX} keys, found {count}"
            ));
        }
        if !(1..=count).contains(&threshold) {
            return refuse(format!("{threshold} of {count} keys cannot sign"));
        }
        Ok(RoleKeys { threshold, keys })
    }

    /// How many must sign.
    pub fn threshold(&self) -> usize {
        self.threshold
    }

    /// Who may.
    pub fn keys(&self) -> &[PublicKey] {
        &self.keys
    }

    /// How many of `signers`, none of whom is there twice, are of this role.
    pub(in crate::keys) fn count_in(&self, signers: &[PublicKey]) -> usize {
        signers.iter().filter(|it| self.keys.contains(it)).count()
    }
}
