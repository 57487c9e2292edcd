//! Appending: the roots of the full subtrees are all that has to be kept.

use sha2::{Digest, Sha256};

/// A node of the tree.
pub type Hash = [u8; 32];

/// The hash of an entry.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    let digest = Sha256::new().chain_update([0x00]).chain_update(entry);
    digest.finalize().into()
}

pub(super) fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let digest = Sha256::new()
        .chain_update([0x01])
        .chain_update(left)
        .chain_update(right);
    digest.finalize().into()
}

/// The root over these leaves.
pub fn root(leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::default();
    leaves.iter().for_each(|leaf| frontier.push(*leaf));
    frontier.root()
}

/// A tree that only grows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Frontier {
    size: u64,
    /// Roots of full subtrees, the largest first: one for each bit of `size` that is set.
    subtrees: Vec<Hash>,
}

impl Frontier {
    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends the hash of an entry.
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        // Every bit that the addition carries over joins two subtrees of one size.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.subtrees.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.subtrees.push(node);
        self.size += 1;
    }

    /// The root over all leaves; that of no leaves is the hash of nothing.
    pub fn root(&self) -> Hash {
        let mut subtrees = self.subtrees.iter().rev();
        let Some(last) = subtrees.next() else {
            return Sha256::digest([]).into();
        };
        subtrees.fold(*last, |right, left| node_hash(left, &right))
    }
}
