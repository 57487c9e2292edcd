"""The index: RFC 6962 trees, in tiles."""

import unittest
from hashlib import sha256

from index import HASH_LEN, TILE, Index, index_len, leaf_hash, level_counts, tree_hash
from refused import Refused
from writer import index_levels

# Roots over the leaves of RFC 6962's reference implementation, for 1 to 8 of them.
LEAVES = [bytes.fromhex(leaf) for leaf in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def chunks_of(count):
    return [number.to_bytes(4, "little") for number in range(count)]


def stored(levels):
    return b"".join(b"".join(level) for level in reversed(levels))


def reader(data):
    return lambda offset, length: data[offset : offset + length]


def simple_root(hashes):
    """The definition of section 2.1 once more, from the leaves up: pairs, the odd one is carried."""
    while len(hashes) > 1:
        pairs = [sha256(b"\1" + hashes[at] + hashes[at + 1]).digest() for at in range(0, len(hashes) - 1, 2)]
        hashes = pairs + ([hashes[-1]] if len(hashes) % 2 else [])
    return hashes[0]


class Tree(unittest.TestCase):
    def test_known_roots(self):
        for count, root in enumerate(ROOTS, 1):
            self.assertEqual(tree_hash([leaf_hash(leaf) for leaf in LEAVES[:count]]).hex(), root)

    def test_levels_for_a_count_of_chunks(self):
        rows = {
            1: [1], 256: [256], 257: [257, 2], 65_536: [65_536, 256], 65_537: [65_537, 257, 2],
            (1 << 20) + 1: [(1 << 20) + 1, 4097, 17],
        }
        for count, counts in rows.items():
            self.assertEqual(level_counts(count), counts)
            self.assertEqual(index_len(count), HASH_LEN * sum(counts))


class Tiles(unittest.TestCase):
    def test_each_leaf_is_proven_to_the_root_of_the_whole_tree(self):
        for count in (1, 2, 3, 255, 256, 257, 511, 512, 513, 70_000):
            levels = index_levels(chunks_of(count))
            root = simple_root(levels[0])
            index = Index(reader(b"behind the header" + stored(levels)), 17, count, root)
            for number in {0, 1, 255, 256, 257, 511, 512, 65_535, 65_536, count - 1}:
                if number < count:
                    self.assertEqual(index.leaf(number), leaf_hash(number.to_bytes(4, "little")))

    def test_a_damaged_hash_is_found_in_its_tile_and_nowhere_else(self):
        count = 600
        levels = index_levels(chunks_of(count))
        data = stored(levels)
        for place in range(len(data) // HASH_LEN):
            damaged = bytearray(data)
            damaged[place * HASH_LEN] ^= 1
            if place < len(levels[1]):
                with self.assertRaises(Refused):
                    Index(reader(bytes(damaged)), 0, count, tree_hash(levels[1]))
                continue
            index = Index(reader(bytes(damaged)), 0, count, tree_hash(levels[1]))
            tile = (place - len(levels[1])) // TILE
            for number in range(0, count, 128):
                if number // TILE == tile:
                    with self.assertRaises(Refused):
                        index.leaf(number)
                else:
                    index.leaf(number)


if __name__ == "__main__":
    unittest.main()
