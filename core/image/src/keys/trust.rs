//! Who is trusted here: keys by themselves, and the roles that root documents give.
//!
//! A key that is trusted by itself may do everything alone. Under a root document an image needs as many signers of the
//! role release as its threshold says; a Job or a restricted image also of the role policy, if the document has one.
//! Documents are judged one by one: signers of two owners never add up.

use super::{KeyId, PublicKey, Role, RootDocument};
use std::collections::BTreeMap;

/// The keys and root documents that are trusted here.
#[derive(Clone, Debug, Default)]
pub struct TrustAnchors {
    keys: BTreeMap<KeyId, PublicKey>,
    roots: Vec<RootDocument>,
}

/// What vouches for one image.
#[derive(Clone, Debug)]
pub(crate) struct Vouchers {
    /// One signer is trusted by itself.
    by_key: bool,
    roots: Vec<RootDocument>,
}

/// A threshold that was not reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shortfall {
    pub owner: String,
    pub role: Role,
    pub threshold: usize,
    pub found: usize,
}

impl TrustAnchors {
    /// Trusts these keys, each by itself.
    pub fn new(keys: impl IntoIterator<Item = PublicKey>) -> Self {
        TrustAnchors::with_roots(keys, [])
    }

    /// Trusts these keys, each by itself, and what these documents say.
    pub fn with_roots(
        keys: impl IntoIterator<Item = PublicKey>,
        roots: impl IntoIterator<Item = RootDocument>,
    ) -> Self {
        TrustAnchors {
            keys: keys.into_iter().map(|key| (key.id(), key)).collect(),
            roots: roots.into_iter().collect(),
        }
    }

    /// Whether nobody is trusted.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.roots.is_empty()
    }

    /// Whether `key` is trusted by itself.
    pub fn contains(&self, key: &PublicKey) -> bool {
        self.keys.get(&key.id()) == Some(key)
    }

    /// The keys that may sign lists of plugins: those of the role plugin. A key that is trusted by itself signs images, which
    /// says nothing about plugins; and a list has one signature, so a role that wants more than one is not met by any.
    pub fn plugin_signers(&self) -> impl Iterator<Item = &PublicKey> {
        let roles = self.roots.iter().filter_map(|root| root.role(Role::Plugin));
        roles
            .filter(|role| role.threshold() == 1)
            .flat_map(|role| role.keys())
    }

    /// What vouches for an image that `signers` have signed, if its signatures hold. The error is the threshold that
    /// came nearest to being reached, if any of them counts at all.
    pub(crate) fn vouch(&self, signers: &[PublicKey]) -> Result<Vouchers, Option<Shortfall>> {
        let by_key = signers.iter().any(|signer| self.contains(signer));
        let (roots, shortfall) = enough(&self.roots, Role::Release, signers);
        match by_key || !roots.is_empty() {
            true => Ok(Vouchers { by_key, roots }),
            false => Err(shortfall.filter(|it| it.found > 0)),
        }
    }
}

impl Vouchers {
    /// Keeps what also vouches for restrictions and Jobs.
    pub fn demand_policy(&mut self, signers: &[PublicKey]) -> Result<(), Shortfall> {
        let (roots, shortfall) = enough(&self.roots, Role::Policy, signers);
        self.roots = roots;
        match shortfall {
            Some(shortfall) if !self.by_key && self.roots.is_empty() => Err(shortfall),
            _ => Ok(()),
        }
    }

    /// Whether `key` may issue grants for one of those who vouch.
    pub fn distributes(&self, key: &PublicKey) -> bool {
        let mut roles = self
            .roots
            .iter()
            .filter_map(|root| root.role(Role::Distributor));
        roles.any(|role| role.keys().contains(key))
    }
}

/// The documents of whose role enough have signed, or that do not have it; and of the others the one that came nearest.
fn enough(
    roots: &[RootDocument],
    role: Role,
    signers: &[PublicKey],
) -> (Vec<RootDocument>, Option<Shortfall>) {
    let mut kept = Vec::new();
    let mut nearest: Option<Shortfall> = None;
    for root in roots {
        let (threshold, found) = match root.role(role) {
            Some(keys) => (keys.threshold(), keys.count_in(signers)),
            None => (0, 0),
        };
        if found >= threshold {
            kept.push(root.clone());
        } else if nearest.as_ref().is_none_or(|it| it.found < found) {
            nearest = Some(Shortfall {
                owner: root.owner().into(),
                role,
                threshold,
                found,
            });
        }
    }
    (kept, nearest)
}
