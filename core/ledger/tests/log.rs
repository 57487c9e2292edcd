//! The log tree, against the vectors of Certificate Transparency and the independent crate `ct-merkle`.
#![allow(clippy::unwrap_used)]

use ct_merkle::{ConsistencyProof, InclusionProof, RootHash, mem_backed_tree::MemoryBackedTree};
use imprint_ledger::log::{
    Frontier, Hash, consistency, inclusion, leaf_hash, root, verify_consistency, verify_inclusion,
};
use sha2::Sha256;

/// Past two powers of two, odd and even.
const COUNT: usize = 70;

fn entry(number: usize) -> Vec<u8> {
    vec![number as u8; number % 5]
}

fn leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|number| leaf_hash(&entry(number))).collect()
}

fn theirs(count: usize) -> MemoryBackedTree<Sha256, Vec<u8>> {
    let mut tree = MemoryBackedTree::new();
    (0..count).for_each(|number| tree.push(entry(number)));
    tree
}

fn root_hash(root: Hash, size: usize) -> RootHash<Sha256> {
    RootHash::new(root.into(), size as u64)
}

#[test]
fn roots_of_rfc_6962() {
    let inputs: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut frontier = Frontier::default();
    for (count, expected) in roots.iter().enumerate() {
        let found: String = frontier
            .root()
            .iter()
            .map(|it| format!("{it:02x}"))
            .collect();
        assert_eq!(found, *expected, "{count} leaves");
        if let Some(input) = inputs.get(count) {
            frontier.push(leaf_hash(input));
        }
    }
}

#[test]
fn roots_and_proofs_are_those_of_ct_merkle() {
    for count in 0..=COUNT {
        let (leaves, theirs) = (leaves(count), theirs(count));
        let ours = root(&leaves);
        assert_eq!(theirs.root().as_bytes()[..], ours[..], "{count}");
        for index in 0..count {
            let proof = inclusion(&leaves, index).unwrap();
            assert_eq!(theirs.prove_inclusion(index).as_bytes(), proof.concat());
            assert!(verify_inclusion(
                index as u64,
                count as u64,
                &leaves[index],
                &proof,
                &ours
            ));
            let proof = InclusionProof::<Sha256>::from_bytes(proof.concat());
            let accepted =
                root_hash(ours, count).verify_inclusion(&entry(index), index as u64, &proof);
            assert!(accepted.is_ok(), "{index} of {count}");
        }
        for old in 1..=count {
            let proof = consistency(&leaves, old).unwrap();
            let made = theirs.prove_consistency(count - old);
            assert_eq!(made.as_bytes(), proof.concat(), "{old} of {count}");
            let old_root = root(&leaves[..old]);
            assert!(verify_consistency(
                old as u64,
                count as u64,
                &old_root,
                &ours,
                &proof
            ));
            let proof = ConsistencyProof::<Sha256>::try_from_bytes(proof.concat()).unwrap();
            let accepted =
                root_hash(ours, count).verify_consistency(&root_hash(old_root, old), &proof);
            assert!(accepted.is_ok(), "{old} of {count}");
        }
    }
    assert_eq!(inclusion(&leaves(3), 3), None);
    assert_eq!(consistency(&leaves(3), 4), None);
}

#[test]
fn no_other_proof_holds() {
    for count in 1..20usize {
        let leaves = leaves(count);
        let root_of_all = root(&leaves);
        let size = count as u64;
        for index in 0..count {
            let proof = inclusion(&leaves, index).unwrap();
            for (other, leaf) in leaves.iter().enumerate() {
                let holds = verify_inclusion(other as u64, size, leaf, &proof, &root_of_all);
                assert_eq!(holds, other == index);
            }
            for wrong in changed(&proof) {
                let at = index as u64;
                assert!(!verify_inclusion(
                    at,
                    size,
                    &leaves[index],
                    &wrong,
                    &root_of_all
                ));
            }
            let beyond = verify_inclusion(size, size, &leaves[index], &proof, &root_of_all);
            assert!(!beyond);
        }
        for old in 0..=count {
            let proof = consistency(&leaves, old).unwrap();
            let old_root = root(&leaves[..old]);
            let check = |old: usize, old_root: &Hash, proof: &[Hash]| {
                verify_consistency(old as u64, size, old_root, &root_of_all, proof)
            };
            assert!(check(old, &old_root, &proof), "{old} of {count}");
            for wrong in changed(&proof) {
                assert!(!check(old, &old_root, &wrong), "{old} of {count}");
            }
            let mut other = old_root;
            other[31] ^= 1;
            assert!(!check(old, &other, &proof), "{old} of {count}");
            assert!(!check(count + 1, &old_root, &proof));
        }
    }
}

/// The root itself is no leaf of a tree that has several, and no proof may end below it.
#[test]
fn a_proof_reaches_the_root_and_stops_there() {
    let leaves = leaves(4);
    let whole = root(&leaves);
    assert!(!verify_inclusion(0, 2, &whole, &[], &whole));
    assert!(!verify_inclusion(0, 4, &whole, &[], &whole));
    assert!(!verify_consistency(2, 4, &whole, &whole, &[]));
    let proof = inclusion(&leaves, 0).unwrap();
    for size in [1, 2, 5, 8, 9] {
        let holds = verify_inclusion(0, size, &leaves[0], &proof, &whole);
        assert!(!holds, "{size} leaves");
    }
}

/// The proof with one step changed, one more, and one less.
fn changed(proof: &[Hash]) -> Vec<Vec<Hash>> {
    let mut all = vec![[proof, &[[7; 32]]].concat()];
    for step in 0..proof.len() {
        let mut wrong = proof.to_vec();
        wrong[step][0] ^= 1;
        all.push(wrong);
        let mut shorter = proof.to_vec();
        shorter.remove(step);
        all.push(shorter);
    }
    all
}
