"""Root documents: who may do what for one owner."""

from dataclasses import dataclass

import cbor
import codes
import ed25519
import expect
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
    """A root document whose signatures hold."""

    owner: str
    number: int
    roles: dict
    signers: tuple

    def role(self, number):
        return self.roles.get(number)


def parse_root(data, before=None):
    """A document in the place of the one before it, or one that a person gives as a start."""
    body, signatures = _split(data)
    with refusing(codes.DAMAGED_ROOT):
        fields = expect.mapping(cbor.decode(body), (1, 2, 3))
        owner, number = expect.text(fields[1], 1, 64), expect.integer(fields[2], 1)
        roles = _split_roles(fields[3])
    with refusing(codes.IMPOSSIBLE_ROLES):
        roles = _parse_roles(roles)
    with refusing(codes.ROOT_SIGNATURES):
        records = parse_records(signatures)
        document = Root(owner, number, roles, tuple(public for public, _ in records))
        verify_all(b"imprint-root-v1\0" + body, records)
    _check_signers(document, before)
    return document


def _check_signers(document, before):
    """Enough of its own role root and of that before, and nobody else."""
    if before and document.owner != before.owner:
        raise Refused(codes.ROOT_OF_ANOTHER_OWNER, "of another owner")
    if before and document.number != before.number + 1:
        raise Refused(codes.ROOT_DOES_NOT_FOLLOW, "not the next number")
    needed = [it.role(ROOT) for it in (document, before) if it]
    if not all(role.has_enough(document.signers) for role in needed):
        raise Refused(codes.ROOT_SIGNED_BY_TOO_FEW, "not signed by the threshold of its role root, or of that before")
    allowed = frozenset().union(*(role.keys for role in needed))
    # Who starts with a later number cannot tell the keys of the document before from strange ones.
    if (before or document.number == 1) and not allowed.issuperset(document.signers):
        raise Refused(codes.ROOT_SIGNED_BY_STRANGER, "signed by a key of neither role root")


def _split(data):
    """Body and signatures."""
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
    return body, signatures


def _split_roles(value):
    """Numbers, thresholds and public keys, of the types they must be."""
    for role in expect.listing(value):
        number, threshold, publics = expect.listing(role, 3, 3)
        expect.integer(number)
        expect.integer(threshold)
        for public in expect.listing(publics):
            expect.byte_string(public, 32)
    return value


def _parse_roles(roles):
    """What roles must be, beyond their types."""
    expect.ascending([number for number, _, _ in roles])
    for number, threshold, publics in roles:
        require(ROOT <= number <= PLUGIN, "an unknown role")
        require(1 <= len(publics) <= KEYS_MAX, "a role without keys, or with too many")
        require(all(ed25519.is_sound(public) for public in publics), "a public key that is not sound")
        expect.ascending(publics)
        expect.integer(threshold, 1, 1 if number == DISTRIBUTOR else len(publics))
    parsed = {number: Role(threshold, frozenset(publics)) for number, threshold, publics in roles}
    require(ROOT in parsed and RELEASE in parsed, "without the role root or release")
    return parsed
