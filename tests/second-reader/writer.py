"""Writes images, grants and root documents for the tests of the reader, sound ones and others.

Everything comes from seeds, so a test always sees the same bytes. It is a tool for tests: it checks nothing, and each part can
be replaced before it is signed.
"""

from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import cbor
import grant
import hpke
import image
import root
import sealed_object
from index import TILE, leaf_hash, level_counts, tree_hash
from keys import SIGNING_SECRET, STATION_SECRET, Key, signer_id
from payload import CHUNK_LEN, ChunkKeys, job_content_key

DROP = object()
"""The value of a key that is to be left out of a map."""


def bytes_of(seed, length=32):
    """Bytes that are always the same for a seed."""
    blocks = (sha256(f"{seed}/{number}".encode()).digest() for number in range(-(-length // 32)))
    return b"".join(blocks)[:length]


def signer(seed):
    return Key(SIGNING_SECRET, bytes_of(f"signer {seed}"))


def station(seed):
    return Key(STATION_SECRET, bytes_of(f"station {seed}"))


def sign(key, message):
    return Ed25519PrivateKey.from_private_bytes(key.material).sign(message)


def records(signers, prefix, signed):
    """Records of signatures, sorted by key id."""
    signers = sorted(signers, key=lambda key: key.id())
    message = prefix + b"\0" + signed + b"".join(key.public().material for key in signers)
    return b"".join(key.public().material + sign(key, message) for key in signers)


def changed(fields, changes):
    """A map with some keys changed, and those that are DROP left out."""
    fields = fields | (changes or {})
    return {key: value for key, value in fields.items() if value is not DROP}


def object_of(firmware=b"firmware" * 16, changes=None, sections=None):
    """An object with one payload; `changes` are to its directory, `sections` to the bytes of its sections."""
    parts = {"device": b"\xa0", "payload/firmware": firmware, "plan": b"\xa0", "script": b"fn main(unit) {}"}
    parts = changed(parts, sections)
    memory = (0).to_bytes(8, "little") + len(firmware).to_bytes(8, "little") + firmware
    memory_hash = sha256(memory).digest()
    inputs = {"payload/firmware": sha256(firmware).digest()}
    directory = {
        1: "sensor-node",
        2: "generic-m0",
        3: "acme.generic",
        4: [1],
        5: {1: 60_000, 2: 10_000},
        6: [],
        7: [["firmware", {1: sha256(firmware).digest(), 2: False, 3: [[0, len(firmware)]], 4: memory_hash}]],
        8: [[name, len(part), sha256(part).digest()] for name, part in sorted(parts.items())],
        15: [[role, inputs.get(role, bytes_of(role))] for role in sorted(parts.keys() - {"plan"} | {"recipe"})],
        16: memory_hash,
    }
    encoded = changed(directory, changes)
    encoded = encoded if isinstance(encoded, bytes) else cbor.encode(encoded)
    return object_around(encoded, b"".join(part for _, part in sorted(parts.items())))


def object_around(directory, sections):
    header = sealed_object.MAGIC + b"\x01\0\0\0" + len(directory).to_bytes(4, "little") + sha256(directory).digest()
    return header + directory + sections


@dataclass
class Seal:
    """An image to be written. Whatever is set differs from what a sound writer would put there."""

    object: bytes = field(default_factory=object_of)
    suite: int = image.PLAIN
    kind: int = 0
    signers: list = field(default_factory=lambda: [signer("owner")])
    manifest_changes: dict = None
    manifest: bytes = None
    """In the place of the encoded manifest."""
    header_edit: callable = lambda header: header
    """Before it is signed."""
    stations: list = field(default_factory=list)
    content_key: bytes = bytes_of("content key")
    station_share: bytes = bytes_of("station share")
    cloud_share: bytes = bytes_of("cloud share")
    deployment: bytes = bytes_of("deployment", 16)
    salt: bytes = bytes_of("salt")

    def is_encrypted(self):
        return self.suite == image.ENCRYPTED

    def keys(self):
        key = self.content_key
        if self.kind == 1:
            key = job_content_key(self.station_share, self.cloud_share, self.suite, self.deployment)
        return ChunkKeys(key, self.suite, self.deployment)

    def chunks(self):
        """As they are stored."""
        plain = self.salt + self.object
        parts = [plain[at : at + CHUNK_LEN] for at in range(0, len(plain) // CHUNK_LEN * CHUNK_LEN + 1, CHUNK_LEN)]
        if not self.is_encrypted():
            return parts
        keys = self.keys()
        return [keys.seal(number, part) for number, part in enumerate(parts)]

    def header_and_manifest(self, chunks, levels):
        manifest = self.manifest if self.manifest is not None else cbor.encode(self.manifest_map(levels))
        lengths = len(manifest).to_bytes(4, "little") + (96 * len(self.signers)).to_bytes(4, "little")
        lengths += sum(32 * len(level) for level in levels).to_bytes(8, "little")
        lengths += sum(map(len, chunks)).to_bytes(8, "little")
        header = image.MAGIC + b"\x01\0" + self.suite.to_bytes(2, "little") + bytes(4) + lengths + bytes(24)
        return self.header_edit(header), manifest

    def manifest_map(self, levels=None):
        levels = levels or index_levels(self.chunks())
        commitment = sha256(b"imprint-object-v1\0" + self.salt + sha256(self.object).digest()).digest()
        fields = {
            1: self.kind,
            2: "sensor-node",
            3: "generic-m0",
            4: self.deployment,
            5: [1],
            6: {1: 60_000, 2: 10_000},
            7: ["acme.generic", 1, [1, 0, 0]],
            9: len(self.object),
            10: commitment,
            11: tree_hash(levels[-1]),
            1000: b"ignorable",
        }
        if self.is_encrypted():
            fields[12] = self.keys().commitment
        if self.kind == 1:
            fields |= {14: bytes_of("factory", 16), 15: 1}
        return changed(fields, self.manifest_changes)

    def signed_part(self):
        """Header, manifest, and index and chunks behind the signatures."""
        chunks = self.chunks()
        levels = index_levels(chunks)
        header, manifest = self.header_and_manifest(chunks, levels)
        return header, manifest, b"".join(b"".join(level) for level in reversed(levels)), b"".join(chunks)

    def image_id(self):
        header, manifest, _, _ = self.signed_part()
        return sha256(header + manifest).digest()

    def write(self, grants=None):
        """The file. Grants are those for the stations, unless others are given."""
        header, manifest, index, payload = self.signed_part()
        signatures = records(self.signers, b"imprint-image-v1", header + manifest)
        if grants is None:
            grants = b"".join(self.grant(to) for to in self.stations)
        return header + manifest + signatures + index + payload + grants

    def grant(self, to, **options):
        carried = self.station_share if self.kind == 1 else self.content_key
        options = {"kind": self.kind, "suite": self.suite, "image": self.image_id(), "carried": carried} | options
        return grant_of(to, **options)


def index_levels(chunks):
    """The levels of the index, the lowest first."""
    levels = [[leaf_hash(chunk) for chunk in chunks]]
    for _ in level_counts(len(chunks))[1:]:
        low = levels[-1]
        levels.append([tree_hash(low[at : at + TILE]) for at in range(0, len(low), TILE)])
    return levels


def grant_of(to, kind, suite, image, carried, issuer=None, version=1, flags=0, cap=2**64 - 1, until=2**64 - 1, zero=bytes(16)):
    """A grant to a station, signed by the owner unless another issuer is given."""
    numbers = (version, kind, suite, flags)
    start = grant.MAGIC + b"".join(number.to_bytes(2, "little") for number in numbers) + image + to.id()
    start += cap.to_bytes(8, "little") + until.to_bytes(8, "little") + zero
    info = b"imprint-grant-v1\0" + suite.to_bytes(2, "little")
    issuer = issuer or signer("owner")
    body = start + seal_base(to.public().material, info, start, carried, bytes_of(start)) + issuer.public().material
    return body + sign(issuer, b"imprint-grant-v1\0" + body)


def seal_base(public, info, associated, message, ephemeral):
    """HPKE the other way: encapsulated key and what is sealed."""
    own = X25519PrivateKey.from_private_bytes(ephemeral)
    encapsulated = own.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    exchanged = own.exchange(X25519PublicKey.from_public_bytes(public))
    key, nonce = hpke.key_schedule(hpke.shared_secret(exchanged, encapsulated, public), info, hpke.AES_256_GCM)
    return encapsulated + AESGCM(key).encrypt(nonce, message, associated)


def role(number, threshold, *keys):
    """A role of a root document."""
    return [number, threshold, sorted(key.public().material for key in keys)]


def root_of(roles, signers, number=1, owner="Acme", changes=None):
    """A root document."""
    body = cbor.encode(changed({1: owner, 2: number, 3: roles}, changes))
    header = root.MAGIC + b"\x01\0\0\0" + len(body).to_bytes(4, "little")
    return header + body + records(signers, b"imprint-root-v1", body)
