"""Images: the fixed parts, and the order of checks up to the object."""

from dataclasses import dataclass
from hashlib import sha256

import grant
from index import Index, index_len
from manifest import parse_manifest
from payload import CHUNK_LEN, SALT_LEN, TAG_LEN, ChunkKeys, Payload, chunk_count, job_content_key
from refused import Refused, refusing, require
from signatures import RECORD_LEN, parse_records, verify_all

MAGIC = b"\x89IMP\r\n\x1a\n"
HEADER_LEN = 64
ENCRYPTED, PLAIN = 0x0001, 0x8001
MANIFEST_LEN_MAX = 1 << 20
SIGNERS_MAX = 8
PAYLOAD_LEN_MAX = 64 << 30


@dataclass(frozen=True)
class Header:
    data: bytes
    suite: int
    manifest_len: int
    signatures_len: int
    index_len: int
    payload_len: int

    @property
    def image_len(self):
        """Without the grants behind it."""
        return HEADER_LEN + self.manifest_len + self.signatures_len + self.index_len + self.payload_len


class Image:
    """An image whose signatures hold: rows 1 to 15. `source` is a file opened for reading bytes."""

    def __init__(self, source, trust):
        self.source = source
        self.length = source.seek(0, 2)
        self.trust = trust
        self.header = parse_header(self._read_here(0, HEADER_LEN))
        if self.length < self.header.image_len:
            raise Refused("IMP-2104", "the file is shorter than its header says")
        manifest = self.read(HEADER_LEN, self.header.manifest_len)
        records = self.read(HEADER_LEN + len(manifest), self.header.signatures_len)
        with refusing("IMP-2107"):
            records = parse_records(records)
        self.signers = [public for public, _ in records]
        trust.require_signers(self.signers)
        with refusing("IMP-2107"):
            verify_all(b"imprint-image-v1\0" + self.header.data + manifest, records)
        self.id = sha256(self.header.data + manifest).digest()
        self.manifest = parse_manifest(manifest)
        self._check_suite()
        trust.require_policy(self.signers, self.manifest.needs_policy())
        self.index_at = HEADER_LEN + self.header.manifest_len + self.header.signatures_len
        self.index = Index(self.read, self.index_at, self.chunk_count, self.manifest.root)
        self.grants = self._grants_behind()

    def _read_here(self, offset, length):
        """What there is from an offset on, at most so much."""
        self.source.seek(offset)
        return self.source.read(length)

    def read(self, offset, length):
        """A part of the file that was there when its length was taken."""
        data = self._read_here(offset, length)
        if len(data) != length:
            raise Refused("IMP-2104", "the file became shorter")
        return data

    def _check_suite(self):
        """Row 12."""
        is_encrypted = self.header.suite == ENCRYPTED
        self.chunk_count = chunk_count(self.manifest.object_len)
        stored = SALT_LEN + self.manifest.object_len + (self.chunk_count * TAG_LEN if is_encrypted else 0)
        with refusing("IMP-2108"):
            require(is_encrypted or not self.manifest.is_job(), "a Job that is not encrypted")
            require((self.manifest.key_commitment is not None) == is_encrypted, "key 12 belongs to suite 0x0001 only")
            require(stored == self.header.payload_len, "key 9 and the length of the payload contradict each other")

    def _grants_behind(self):
        """Row 15."""
        behind = self.length - self.header.image_len
        if behind and self.header.suite == PLAIN:
            raise Refused("IMP-2105", "something is behind a plain image")
        if behind > grant.LEN * grant.COUNT_MAX:
            raise Refused("IMP-2105", "too much is behind the image")
        return grant.split_grants(self.read(self.header.image_len, behind), "IMP-2105")

    def unlock(self, station=None, share=None, grants=b"", now=0):
        """Rows 16 to 22. Gives the payload, and the grant that opened it if there is one."""
        chosen = keys = None
        if self.header.suite == ENCRYPTED:
            chosen, carried = self._carried(station, grants, now)
            keys = self._job_keys(carried, share) if self.manifest.is_job() else self._chunk_keys(carried)
        at = self.index_at + self.header.index_len
        return Payload(self.read, at, self.index, self.manifest.object_len, keys), chosen

    def _carried(self, station, beside, now):
        """The grant that counts, and what it carries."""
        if station is None:
            raise Refused("IMP-2200", "encrypted, and no key of a station")
        mine = []
        for candidate in grant.split_grants(beside, "IMP-2203") + self.grants:
            if candidate.station == station.id() and candidate.image == self.id:
                mine.append(candidate)
        if not mine:
            raise Refused("IMP-2201", "no grant for this station")
        manifest = self.manifest
        issuers = self.trust.issuers(self.signers, manifest.distributors, manifest.needs_policy())
        good, faults = [], []
        for candidate in mine:
            carried, fault = self._open_grant(candidate, station, issuers, now)
            faults.append(fault)
            if fault is None:
                good.append((candidate, carried))
        if not good:
            raise Refused("IMP-2202", f"no good grant: {'; '.join(faults)}")
        return grant.best(good)

    def _open_grant(self, candidate, station, issuers, now):
        """What a grant carries, or None and why."""
        fault = candidate.fault(self.manifest.kind, self.header.suite, issuers, now)
        if fault:
            return None, fault
        carried = candidate.open(station.material, self.header.suite)
        if carried is None:
            return None, "it does not decrypt"
        if not self.manifest.is_job() and self._chunk_keys(carried).commitment != self.manifest.key_commitment:
            return None, "another content key than the manifest's"
        return carried, None

    def _chunk_keys(self, content_key):
        return ChunkKeys(content_key, self.header.suite, self.manifest.deployment)

    def _job_keys(self, station_share, share):
        if share is None:
            raise Refused("IMP-2120", "a Job, and no share")
        if (share.deployment, share.image) != (self.manifest.deployment, self.id):
            raise Refused("IMP-2121", "the share is of another Job")
        deployment = self.manifest.deployment
        keys = self._chunk_keys(job_content_key(station_share, share.share, self.header.suite, deployment))
        if keys.commitment != self.manifest.key_commitment:
            raise Refused("IMP-2122", "the two shares are not those of the image")
        return keys


def parse_header(data):
    """Rows 1 to 5, of the first 64 bytes of a file or what there is of them."""
    if data[:8] != MAGIC:
        raise Refused("IMP-2100", "not an image")
    if len(data) < HEADER_LEN:
        raise Refused("IMP-2104", "shorter than a header")
    if data[8:10] != b"\x01\0":
        raise Refused("IMP-2101", "unknown version")
    suite, manifest_len, signatures_len, index, payload = (
        int.from_bytes(data[start:end], "little") for start, end in ((10, 12), (16, 20), (20, 24), (24, 32), (32, 40))
    )
    if suite not in (ENCRYPTED, PLAIN):
        raise Refused("IMP-2102", "unknown suite")
    with refusing("IMP-2103"):
        require(data[12:16] == bytes(4) and data[40:64] == bytes(24), "reserved bytes that are not zero")
        require(1 <= manifest_len <= MANIFEST_LEN_MAX, "a manifest of a length that is not allowed")
        signers, rest = divmod(signatures_len, RECORD_LEN)
        require(rest == 0 and 1 <= signers <= SIGNERS_MAX, "signatures of a length that is not allowed")
        require(payload <= PAYLOAD_LEN_MAX, "a payload that is too long")
        require(index == index_len(_count_stored(suite, payload)), "an index that is not the payload's")
    return Header(data, suite, manifest_len, signatures_len, index, payload)


def _count_stored(suite, payload_len):
    """How many chunks are stored in so many bytes; unsound if chunks cannot have that length."""
    tag_len = TAG_LEN if suite == ENCRYPTED else 0
    whole, last = divmod(payload_len, CHUNK_LEN + tag_len)
    require(last >= tag_len, "a payload that chunks cannot have")
    return whole + 1
