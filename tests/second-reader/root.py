"""Root documents: who may do what for one owner."""

from dataclasses import dataclass

import cbor
import codes
import ed25519
import expect
from keys import signer_id
from refused import Refused, refusing, require
from signatures import RECORD_LEN, parse_records, verify_all

MAGIC = b"\x89IMR\r\n\x1a\n"
HEADER_LEN = 16
BODY_LEN_MAX = 64 << 10
RECORDS_MAX = 32
KEYS_MAX = 16
ROOT, RELEASE, POLICY, DISTRIBUTOR, PLUGIN = range(1, 6)


@dataclass(frozen=True)
class Role:
    threshold: int
    keys: frozenset

    def has_enough(self, signers):
        return len(self.keys & set(signers)) >= self.threshold


@dataclass(frozen=True)
class Root:
    """A root document that is sound in itself: its signatures hold, and enough of its own role root have signed it."""

    owner: str
    number: int
    roles: dict
    signers: tuple

    def role(self, number):
        return self.roles.get(number)


def parse_root(data):
    """A document by itself, as one that is accepted without a predecessor."""
    body, records = _split(data)
    with refusing(codes.DAMAGED_ROOT):
        root = _parse_body(body, tuple(public for public, _ in records))
    if not root.role(ROOT).has_enough(root.signers):
        raise Refused(codes.ROOT_NOT_SIGNED, "not signed by the threshold of its own role root")
    with refusing(codes.ROOT_NOT_SIGNED):
        verify_all(b"imprint-root-v1\0" + body, records)
    if root.number == 1 and not set(root.signers) <= root.role(ROOT).keys:
        raise Refused(codes.ROOT_NOT_SIGNED, "signed by a key that is none of its role root")
    return root


def follow(before, root):
    """A document in the place of the one before it."""
    if root.owner != before.owner or root.number != before.number + 1:
        raise Refused(codes.ROOT_DOES_NOT_FOLLOW, "another owner, or not the next number")
    if not before.role(ROOT).has_enough(root.signers):
        raise Refused(codes.ROOT_NOT_SIGNED, "not signed by the threshold of the role root before")
    if not set(root.signers) <= before.role(ROOT).keys | root.role(ROOT).keys:
        raise Refused(codes.ROOT_NOT_SIGNED, "signed by a key of neither role root")
    return root


def _split(data):
    """Body, and the records of signatures."""
    if data[:8] != MAGIC:
        raise Refused(codes.NOT_A_ROOT, "not a root document")
    with refusing(codes.DAMAGED_ROOT):
        require(len(data) >= HEADER_LEN, "cut short")
    if data[8:10] != b"\x01\0":
        raise Refused(codes.ROOT_OF_UNKNOWN_VERSION, "unknown version")
    with refusing(codes.DAMAGED_ROOT):
        require(data[10:12] == b"\0\0", "reserved bytes that are not zero")
        body_len = int.from_bytes(data[12:16], "little")
        require(1 <= body_len <= BODY_LEN_MAX, "a body of a length that is not allowed")
        body, signatures = data[16 : 16 + body_len], data[16 + body_len :]
        require(len(body) == body_len, "cut short")
        require(len(signatures) % RECORD_LEN == 0, "no whole number of signatures")
        require(1 <= len(signatures) // RECORD_LEN <= RECORDS_MAX, "no signature, or too many")
        return body, parse_records(signatures)


def _parse_body(body, signers):
    body = expect.mapping(cbor.decode(body), (1, 2, 3))
    roles = {}
    numbers = []
    for role in expect.listing(body[3]):
        number, threshold, publics = expect.listing(role, 3, 3)
        numbers.append(expect.integer(number, ROOT, PLUGIN))
        roles[number] = _parse_role(number, threshold, publics)
    expect.ascending(numbers)
    require(ROOT in roles and RELEASE in roles, "without the role root or release")
    return Root(expect.text(body[1], 1, 64), expect.integer(body[2], 1), roles, signers)


def _parse_role(number, threshold, publics):
    expect.listing(publics, 1, KEYS_MAX)
    for public in publics:
        require(ed25519.is_sound(expect.byte_string(public, 32)), "a public key that is not sound")
    expect.ascending(publics)
    expect.integer(threshold, 1, 1 if number == DISTRIBUTOR else len(publics))
    return Role(threshold, frozenset(publics))
