"""The index of an image: the tree of RFC 6962 over its chunks, stored in levels of tiles of 256 hashes."""

from hashlib import sha256

from refused import Refused

TILE = 256
HASH_LEN = 32


def leaf_hash(chunk):
    return sha256(b"\0" + chunk).digest()


def tree_hash(hashes):
    """The root over some hashes (section 2.1): the left half is the largest power of two below their count."""
    if len(hashes) == 1:
        return hashes[0]
    middle = 1 << (len(hashes) - 1).bit_length() - 1
    return sha256(b"\x01" + tree_hash(hashes[:middle]) + tree_hash(hashes[middle:])).digest()


def level_counts(chunk_count):
    """How many hashes each level has, the lowest first."""
    counts = [chunk_count]
    while counts[-1] > TILE:
        counts.append(-(-counts[-1] // TILE))
    return counts


def index_len(chunk_count):
    return HASH_LEN * sum(level_counts(chunk_count))


class Index:
    """Leaves, each proven up to the root. Holds one tile of each level."""

    def __init__(self, read, offset, chunk_count, root):
        """`read(offset, length)` reads the file; the top level is checked now (row 14)."""
        self.read = read
        self.counts = level_counts(chunk_count)
        self.offsets = []
        for level in range(len(self.counts)):
            self.offsets.append(offset + HASH_LEN * sum(self.counts[level + 1 :]))
        top = self._read_tile(len(self.counts) - 1, 0)
        if tree_hash(top) != root:
            raise Refused("IMP-2111", "the top of the index is not what the manifest says")
        self.held = {len(self.counts) - 1: (0, top)}

    def leaf(self, number):
        """The hash of a chunk."""
        return self._hash(0, number)

    def _hash(self, level, number):
        tile, within = divmod(number, TILE)
        held = self.held.get(level)
        if held is None or held[0] != tile:
            hashes = self._read_tile(level, tile)
            if tree_hash(hashes) != self._hash(level + 1, tile):
                raise Refused("IMP-2111", f"tile {tile} of level {level} of the index is damaged")
            self.held[level] = held = (tile, hashes)
        return held[1][within]

    def _read_tile(self, level, tile):
        count = min(TILE, self.counts[level] - tile * TILE)
        data = self.read(self.offsets[level] + HASH_LEN * TILE * tile, HASH_LEN * count)
        return [data[at : at + HASH_LEN] for at in range(0, len(data), HASH_LEN)]
