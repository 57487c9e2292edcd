//! The tree of the index against the crate `ct-merkle`, which is written for Certificate Transparency (RFC 6962).
//!
//! Leaves and roots are compared. Proofs of inclusion and consistency are not: an image has none. A chunk is checked
//! against whole tiles, and an index never grows.

use crate::container::merkle::{Hash, Levels, build, leaf, root};
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use sha2::Sha256;

/// The same leaves here and there.
#[derive(Default)]
struct Both {
    leaves: Vec<Hash>,
    other: MemoryBackedTree<Sha256, Vec<u8>>,
}

impl Both {
    /// Grows to `count` chunks of lengths from none to some.
    fn grow(&mut self, count: usize) {
        while self.leaves.len() < count {
            let number = self.leaves.len();
            let chunk = number.to_le_bytes().repeat(number % 11);
            self.leaves.push(leaf(&chunk));
            self.other.push(chunk);
        }
    }

    fn check(&self) {
        let count = self.leaves.len();
        let expected: Hash = (*self.other.root().as_bytes()).into();
        assert_eq!(root(&self.leaves), expected, "{count} leaves");
        let (index, tiled) = build(self.leaves.clone());
        assert_eq!(tiled, expected, "{count} leaves in tiles");
        assert_eq!(index.len() as u64, Levels::of(count as u64).index_len());
    }
}

#[test]
fn roots_of_every_small_size() {
    let mut both = Both::default();
    for count in 0..=1_100 {
        both.grow(count);
        both.check();
    }
}

#[test]
fn roots_of_large_sizes() {
    let mut random = ChaCha8Rng::seed_from_u64(6962);
    // Around the sizes at which a third level begins, and any.
    let mut counts = vec![65_535, 65_536, 65_537, 65_792, 65_793];
    counts.extend((0..8).map(|_| random.next_u32() as usize % 100_000));
    counts.sort_unstable();
    let mut both = Both::default();
    for count in counts {
        both.grow(count);
        both.check();
    }
}
