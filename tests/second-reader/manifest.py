"""The manifest of an image: what anyone may know of it."""

import re
from dataclasses import dataclass

import cbor
import expect
from refused import Refused, refusing, require

SAP, JOB = 0, 1
KNOWN = range(1, 16)
IGNORABLE_FROM = 1000
IGNORABLE_COUNT_MAX = 64
NEEDED = (1, 2, 3, 4, 5, 6, 7, 9, 10, 11)
DISTRIBUTORS_MAX = 8
STATIONS_MAX = 4096
_NAME = re.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Manifest:
    kind: int
    name: str
    device: str
    deployment: bytes
    rights: list
    limits: dict
    family: list
    distributors: list
    object_len: int
    object_commitment: bytes
    root: bytes
    key_commitment: bytes | None
    restrictions: dict | None
    factory: bytes | None
    revision: int | None

    def is_job(self):
        return self.kind == JOB

    def needs_policy(self):
        return self.is_job() or self.restrictions is not None


def parse_manifest(data):
    """Rows 10 and 11 of the order of checks."""
    for key in cbor.leading_keys(data):
        if key < IGNORABLE_FROM and key not in KNOWN:
            raise Refused("IMP-2109", f"unknown critical key {key}")
    with refusing("IMP-2108"):
        return _parse(cbor.decode(data))


def _parse(fields):
    require(type(fields) is dict, "not a map")
    ignorable = [key for key in fields if type(key) is int and key >= IGNORABLE_FROM]
    require(len(ignorable) <= IGNORABLE_COUNT_MAX, "too many ignorable keys")
    for key in ignorable:
        require(type(fields.pop(key)) is bytes, "an ignorable value that is no byte string")
    expect.mapping(fields, NEEDED, (8, 12, 13, 14, 15))
    kind = expect.integer(fields[1], SAP, JOB)
    for key in (14, 15):
        require((key in fields) == (kind == JOB), f"key {key} belongs to a Job, and to nothing else")
    return Manifest(
        kind=kind,
        name=parse_name(fields[2]),
        device=expect.text(fields[3], 0, 64),
        deployment=expect.byte_string(fields[4], 16),
        rights=parse_rights(fields[5]),
        limits=parse_limits(fields[6]),
        family=_parse_family(fields[7]),
        distributors=_parse_key_ids(fields[8], DISTRIBUTORS_MAX) if 8 in fields else [],
        object_len=expect.integer(fields[9]),
        object_commitment=expect.byte_string(fields[10], 32),
        root=expect.byte_string(fields[11], 32),
        key_commitment=expect.byte_string(fields[12], 32) if 12 in fields else None,
        restrictions=_parse_restrictions(fields[13]) if 13 in fields else None,
        factory=expect.byte_string(fields[14], 16) if 14 in fields else None,
        revision=expect.integer(fields[15], 1) if 15 in fields else None,
    )


def parse_name(value):
    require(_NAME.fullmatch(expect.text(value)), "a name of other letters, or too long")
    return value


def parse_rights(value):
    for right in expect.listing(value):
        expect.integer(right, 1, 5)
    return expect.ascending(value)


def parse_limits(value):
    expect.mapping(value, (1, 2))
    expect.integer(value[1], 1, 86_400_000)
    expect.integer(value[2], 1, 3_600_000)
    return value


def _parse_family(value):
    identity, abi, version = expect.listing(value, 3, 3)
    expect.text(identity, 0, 64)
    expect.integer(abi, 0, expect.U16_MAX)
    for part in expect.listing(version, 3, 3):
        expect.integer(part, 0, expect.U32_MAX)
    return value


def _parse_key_ids(value, most):
    for key_id in expect.listing(value, 1, most):
        expect.byte_string(key_id, 32)
    return expect.ascending(value)


def _parse_restrictions(value):
    expect.mapping(value, (), range(1, 8))
    require(value, "restrictions without any")
    for key in (1, 2):
        expect.integer(value.get(key, 0))
    for key in (3, 4, 5):
        expect.integer(value.get(key, 1), 1)
    if 6 in value:
        _parse_key_ids(value[6], STATIONS_MAX)
    expect.integer(value.get(7, 0), 0, expect.U32_MAX)
    require(value.get(1, 0) <= value.get(2, expect.U64_MAX), "ends before it begins")
    return value
