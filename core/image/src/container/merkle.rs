//! The index: a tree of hashes over all stored chunks, after RFC 6962 section 2.1.
//!
//! The tree is stored as levels of up to 256 hashes a tile. The lowest level is the leaves; an entry of a higher level is
//! the root of one tile below it. Because 256 is a power of two, the root over the highest level is the root of RFC 6962
//! over all leaves. Levels are stored top first, so that opening reads one tile, whatever the size.

use super::ImageError;
use sha2::{Digest, Sha256};
use std::io::{Read, Seek, SeekFrom};

/// A node of the tree.
pub(super) type Hash = [u8; 32];

/// Hashes in a full tile.
pub(super) const TILE_COUNT: u64 = 256;

const HASH_LEN: u64 = 32;

/// The hash of a stored chunk.
pub(super) fn leaf(chunk: &[u8]) -> Hash {
    let digest = Sha256::new().chain_update([0x00]).chain_update(chunk);
    digest.finalize().into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    let digest = Sha256::new().chain_update([0x01]);
    digest
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// The root of the tree whose lowest nodes are `hashes`, of which there is at least one.
pub(super) fn root(hashes: &[Hash]) -> Hash {
    match hashes {
        [] => Sha256::digest([]).into(),
        [hash] => *hash,
        _ => {
            // The largest power of two below the count.
            let split = hashes.len().next_power_of_two() / 2;
            let (left, right) = hashes.split_at(split);
            node(&root(left), &root(right))
        }
    }
}

/// How many hashes each level has, top first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Levels(Vec<u64>);

impl Levels {
    /// The levels over `leaf_count` leaves, at least one.
    pub fn of(leaf_count: u64) -> Levels {
        let mut counts = vec![leaf_count];
        let mut top = leaf_count;
        while top > TILE_COUNT {
            top = top.div_ceil(TILE_COUNT);
            counts.insert(0, top);
        }
        Levels(counts)
    }

    /// Bytes of all levels.
    pub fn index_len(&self) -> u64 {
        self.0.iter().sum::<u64>() * HASH_LEN
    }

    /// Offset in the index, and number of hashes, of a tile.
    fn tile(&self, level: usize, tile: u64) -> (u64, u64) {
        let before: u64 = self.0[..level].iter().sum();
        let first = tile * TILE_COUNT;
        let count = TILE_COUNT.min(self.0[level] - first);
        ((before + first) * HASH_LEN, count)
    }

    /// Which hash of a level has the leaf `number` below it.
    fn ancestor(&self, level: usize, number: u64) -> u64 {
        let levels_below = (self.0.len() - 1 - level) as u32;
        number / TILE_COUNT.pow(levels_below)
    }
}

/// The bytes of the index over `leaves`, and its root.
pub(super) fn build(leaves: Vec<Hash>) -> (Vec<u8>, Hash) {
    let mut levels = vec![leaves];
    while levels[0].len() as u64 > TILE_COUNT {
        let above = levels[0].chunks(TILE_COUNT as usize).map(root).collect();
        levels.insert(0, above);
    }
    let root = root(&levels[0]);
    (levels.concat().concat(), root)
}

/// The index of an open image. Tiles are read when they are needed and checked against the one above; of each level the
/// last one is kept, so that reading in order reads each tile once, in constant memory.
pub(super) struct Index {
    levels: Levels,
    /// Where the index is in the file.
    offset: u64,
    /// For each level, the tile that was used last.
    tiles: Vec<Tile>,
}

#[derive(Default)]
struct Tile {
    number: u64,
    /// Empty if none was used yet.
    hashes: Vec<Hash>,
}

impl Index {
    /// Reads the top tile and checks it against the root.
    pub fn open<R: Read + Seek>(
        reader: &mut R,
        offset: u64,
        leaf_count: u64,
        expected: &Hash,
    ) -> Result<Index, ImageError> {
        let levels = Levels::of(leaf_count);
        let mut index = Index {
            tiles: levels.0.iter().map(|_| Tile::default()).collect(),
            levels,
            offset,
        };
        index.load(reader, 0, 0, expected)?;
        Ok(index)
    }

    /// The checked hash of chunk `number`.
    pub fn leaf<R: Read + Seek>(
        &mut self,
        reader: &mut R,
        number: u64,
    ) -> Result<Hash, ImageError> {
        let mut hash = self.hash(0, number);
        for level in 1..self.tiles.len() {
            let tile = self.levels.ancestor(level, number) / TILE_COUNT;
            if self.tiles[level].number != tile || self.tiles[level].hashes.is_empty() {
                self.load(reader, level, tile, &hash)?;
            }
            hash = self.hash(level, number);
        }
        Ok(hash)
    }

    /// The hash above leaf `number` in the tile that is loaded at `level`.
    fn hash(&self, level: usize, number: u64) -> Hash {
        let index = self.levels.ancestor(level, number) % TILE_COUNT;
        self.tiles[level].hashes[index as usize]
    }

    fn load<R: Read + Seek>(
        &mut self,
        reader: &mut R,
        level: usize,
        number: u64,
        expected: &Hash,
    ) -> Result<(), ImageError> {
        let (offset, count) = self.levels.tile(level, number);
        let mut bytes = vec![0; (count * HASH_LEN) as usize];
        reader.seek(SeekFrom::Start(self.offset + offset))?;
        reader.read_exact(&mut bytes)?;
        let (hashes, _) = bytes.as_chunks::<32>();
        if root(hashes) != *expected {
            return Err(ImageError::Index {
                message: format!("tile {number} of level {level}"),
            });
        }
        self.tiles[level] = Tile {
            number,
            hashes: hashes.to_vec(),
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        base16ct::lower::encode_string(bytes)
    }

    /// Inputs and roots of the reference tests of Certificate Transparency.
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
        let leaves: Vec<Hash> = inputs.iter().map(|input| leaf(input)).collect();
        for (count, expected) in roots.iter().enumerate() {
            assert_eq!(hex(&root(&leaves[..count])), *expected, "{count} leaves");
        }
    }

    #[test]
    fn tiles_have_the_root_of_the_whole_tree_and_give_every_leaf() {
        let leaves: Vec<Hash> = (0..66_000u32).map(|it| leaf(&it.to_le_bytes())).collect();
        for count in [
            1, 2, 255, 256, 257, 511, 512, 513, 1000, 4097, 65_536, 65_537, 66_000,
        ] {
            let leaves = &leaves[..count];
            let (bytes, tiled) = build(leaves.to_vec());
            assert_eq!(tiled, root(leaves), "{count}");
            assert_eq!(Levels::of(count as u64).index_len(), bytes.len() as u64);
            let mut file = std::io::Cursor::new([&[7; 5][..], &bytes].concat());
            let mut index = Index::open(&mut file, 5, count as u64, &tiled).unwrap();
            for number in (0..count).step_by(97).chain([count - 1, 0]) {
                assert_eq!(
                    index.leaf(&mut file, number as u64).unwrap(),
                    leaves[number]
                );
            }
        }
    }

    #[test]
    fn a_changed_tile_is_found_when_it_is_used() {
        let leaves: Vec<Hash> = (0..1000u32).map(|it| leaf(&it.to_le_bytes())).collect();
        let (mut bytes, root) = build(leaves);
        bytes[4 * 32 + 300 * 32] ^= 1;
        let mut file = std::io::Cursor::new(bytes);
        let mut index = Index::open(&mut file, 0, 1000, &root).unwrap();
        assert!(index.leaf(&mut file, 10).is_ok());
        for number in [256, 300, 511] {
            assert_eq!(
                index.leaf(&mut file, number).unwrap_err().code(),
                "IMP-2111"
            );
        }
        assert!(index.leaf(&mut file, 512).is_ok());
    }
}
