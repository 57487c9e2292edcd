//! Proofs, made from all leaves and verified from a root. The verifiers are those of RFC 9162 sections 2.1.3.2 and 2.1.4.2,
//! whose trees are the same.

use super::frontier::{Hash, node_hash, root};

/// What shows that leaf `index` is among `leaves`; `None` if there is no such leaf.
pub fn inclusion(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    if index >= leaves.len() {
        return None;
    }
    let (mut proof, mut leaves, mut index) = (vec![], leaves, index);
    while leaves.len() > 1 {
        let (left, right) = leaves.split_at(split(leaves.len()));
        if index < left.len() {
            proof.push(root(right));
            leaves = left;
        } else {
            proof.push(root(left));
            index -= left.len();
            leaves = right;
        }
    }
    proof.reverse();
    Some(proof)
}

/// What shows that the tree over the first `old` of `leaves` is the beginning of the whole; `None` if there are fewer.
pub fn consistency(leaves: &[Hash], old: usize) -> Option<Vec<Hash>> {
    if old > leaves.len() {
        return None;
    }
    let (mut proof, mut leaves, mut old) = (vec![], leaves, old);
    if old == 0 || old == leaves.len() {
        return Some(proof);
    }
    // Whether the old tree is still a subtree of the new one, whose root the verifier knows.
    let mut is_known = true;
    while old != leaves.len() {
        let (left, right) = leaves.split_at(split(leaves.len()));
        if old <= left.len() {
            proof.push(root(right));
            leaves = left;
        } else {
            proof.push(root(left));
            old -= left.len();
            leaves = right;
            is_known = false;
        }
    }
    if !is_known {
        proof.push(root(leaves));
    }
    proof.reverse();
    Some(proof)
}

/// The largest power of two below `count`, which is at least two.
fn split(count: usize) -> usize {
    count.next_power_of_two() / 2
}

/// Whether `proof` shows that `leaf` is leaf `index` of the tree of `size` leaves with this root.
pub fn verify_inclusion(index: u64, size: u64, leaf: &Hash, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut index, mut last, mut node) = (index, size - 1, *leaf);
    for step in proof {
        if last == 0 {
            return false;
        }
        if index & 1 == 1 || index == last {
            node = node_hash(step, &node);
            while index & 1 == 0 && index != 0 {
                (index, last) = (index >> 1, last >> 1);
            }
        } else {
            node = node_hash(&node, step);
        }
        (index, last) = (index >> 1, last >> 1);
    }
    last == 0 && node == *root
}

/// Whether `proof` shows that the tree of `old` leaves is the beginning of the tree of `new`.
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Hash,
    new_root: &Hash,
    proof: &[Hash],
) -> bool {
    if old > new {
        return false;
    }
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    if old == 0 {
        // Nothing is the beginning of everything.
        return proof.is_empty() && *old_root == root(&[]);
    }
    let (mut index, mut last) = (old - 1, new - 1);
    while index & 1 == 1 {
        (index, last) = (index >> 1, last >> 1);
    }
    // A power of two is itself the first node of the path.
    let (first, steps) = match (old.is_power_of_two(), proof) {
        (true, steps) => (*old_root, steps),
        (false, [first, steps @ ..]) => (*first, steps),
        (false, []) => return false,
    };
    let (mut old_node, mut new_node) = (first, first);
    for step in steps {
        if last == 0 {
            return false;
        }
        if index & 1 == 1 || index == last {
            old_node = node_hash(step, &old_node);
            new_node = node_hash(step, &new_node);
            while index & 1 == 0 && index != 0 {
                (index, last) = (index >> 1, last >> 1);
            }
        } else {
            new_node = node_hash(&new_node, step);
        }
        (index, last) = (index >> 1, last >> 1);
    }
    last == 0 && old_node == *old_root && new_node == *new_root
}
