"""The payload of an image: salt and object in chunks, plain or encrypted, read by offset."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from index import leaf_hash
from refused import Refused

CHUNK_LEN = 65_536
TAG_LEN = 16
SALT_LEN = 32


def chunk_count(object_len):
    """The last chunk is always shorter, perhaps empty."""
    return (SALT_LEN + object_len) // CHUNK_LEN + 1


class ChunkKeys:
    """What a content key gives: key and nonces of the chunks, and the commitment to it."""

    def __init__(self, content_key, suite, deployment):
        info = b"imprint-v1\0" + suite.to_bytes(2, "little") + deployment
        derived = _hkdf(content_key, info, 76)
        self.cipher = AESGCM(derived[:32])
        self.base_nonce = int.from_bytes(derived[32:44], "big")
        self.commitment = derived[44:]

    def open(self, number, chunk):
        nonce = (self.base_nonce ^ number).to_bytes(12, "big")
        try:
            return self.cipher.decrypt(nonce, chunk, None)
        except InvalidTag as wrong:
            raise Refused("IMP-2112", f"chunk {number} does not decrypt") from wrong

    def seal(self, number, chunk):
        return self.cipher.encrypt((self.base_nonce ^ number).to_bytes(12, "big"), chunk, None)


def job_content_key(station_share, cloud_share, suite, deployment):
    info = b"imprint-job-key-v1\0" + suite.to_bytes(2, "little") + deployment
    return _hkdf(station_share + cloud_share, info, 32)


def _hkdf(material, info, length):
    return HKDF(hashes.SHA512(), length, None, info).derive(material)


class Payload:
    """Salt and object of an image; whatever is read of it has been checked."""

    def __init__(self, read, offset, index, object_len, keys):
        """`keys` are those of an encrypted image, else None."""
        self.read_file = read
        self.offset = offset
        self.index = index
        self.object_len = object_len
        self.keys = keys
        self.chunk_count = chunk_count(object_len)
        self.held = None

    def chunk(self, number):
        """A chunk against its leaf and its tag (row 23)."""
        if self.held and self.held[0] == number:
            return self.held[1]
        tag_len = TAG_LEN if self.keys else 0
        start = number * CHUNK_LEN
        length = min(CHUNK_LEN, SALT_LEN + self.object_len - start)
        stored = self.read_file(self.offset + start + number * tag_len, length + tag_len)
        if leaf_hash(stored) != self.index.leaf(number):
            raise Refused("IMP-2112", f"chunk {number} is not what the index says")
        plain = self.keys.open(number, stored) if self.keys else stored
        self.held = (number, plain)
        return plain

    def salt(self):
        return self.chunk(0)[:SALT_LEN]

    def object_bytes(self, offset, length):
        """A part of the object."""
        at, end = SALT_LEN + offset, SALT_LEN + offset + length
        parts = []
        while at < end:
            number, within = divmod(at, CHUNK_LEN)
            parts.append(self.chunk(number)[within : within + end - at])
            at += len(parts[-1])
        return b"".join(parts)

    def all_chunks(self):
        """Every chunk in order, the empty one too; salt first."""
        for number in range(self.chunk_count):
            yield self.chunk(number)
