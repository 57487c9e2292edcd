"""The object within an image: its header, its directory, and what it has in common with the manifest."""

import re
from dataclasses import dataclass
from hashlib import sha256

import cbor
import expect
from manifest import parse_limits, parse_name, parse_rights
from payload import SALT_LEN
from production import check_production, named
from refused import Refused, refusing, require

MAGIC = b"\x89IMO\r\n\x1a\n"
HEADER_LEN = 48
DIRECTORY_LEN_MAX = 1 << 20
SEGMENTS_MAX = 4096
ADDRESS_END = 1 << 32
NEEDED = (1, 2, 3, 4, 5, 6, 7, 8, 15, 16)
SETTING_LEN_MAX = 4096
PATH_LEN_MAX = 255
SECTION_LEN_MAX = {"device": 1 << 20, "script": 1 << 20, "module": 1 << 20, "plan": 16 << 20, "list": 64 << 20, "payload": ADDRESS_END}
_SECTION = re.compile("device|script|plan|(module|payload|list)/.+", re.DOTALL)
_PATH = re.compile(r"[^\\:\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True)
class Directory:
    name: str
    device: str
    family: str
    rights: list
    limits: dict
    sections: list
    """Name, length and hash of each."""
    memory_hash: bytes
    end: int
    """Length of the object that this is the directory of."""


def check_object(payload, manifest):
    """Rows 24 and 25. Gives the directory."""
    with refusing("IMP-2113"):
        directory = _read_directory(payload)
    same = [
        ("name", directory.name == manifest.name),
        ("device", directory.device == manifest.device),
        ("family", directory.family == manifest.family[0]),
        ("rights", directory.rights == manifest.rights),
        ("limits", directory.limits == manifest.limits),
        ("length", directory.end == manifest.object_len),
    ]
    for what, holds in same:
        if not holds:
            raise Refused("IMP-2114", f"manifest and object have another {what}")
    return directory


def check_everything(payload, manifest):
    """Row 26. Gives the object id. The hashes of the sections prove no more than this does."""
    whole = sha256()
    for number, chunk in enumerate(payload.all_chunks()):
        whole.update(chunk[SALT_LEN:] if number == 0 else chunk)
    object_id = whole.digest()
    commitment = sha256(b"imprint-object-v1\0" + payload.salt() + object_id).digest()
    if commitment != manifest.object_commitment:
        raise Refused("IMP-2114", "the object is not the one that was committed to")
    return object_id


def _read_directory(payload):
    require(payload.object_len >= HEADER_LEN, "shorter than the header of an object")
    header = payload.object_bytes(0, HEADER_LEN)
    require(header[:8] == MAGIC, "not an object")
    require(header[8:10] == b"\x01\0", "an object of unknown version")
    require(header[10:12] == b"\0\0", "reserved bytes that are not zero")
    length = int.from_bytes(header[12:16], "little")
    require(length <= DIRECTORY_LEN_MAX, "a directory that is too long")
    require(length <= payload.object_len - HEADER_LEN, "a directory that is longer than the object")
    data = payload.object_bytes(HEADER_LEN, length)
    require(sha256(data).digest() == header[16:], "a directory that is not what the header says")
    return _parse(cbor.decode(data), HEADER_LEN + length)


def _parse(fields, sections_at):
    expect.mapping(fields, NEEDED, range(9, 15))
    named(fields[6], lambda value: expect.text(value, 0, SETTING_LEN_MAX))
    payloads = named(fields[7], _parse_payload)
    sections = _parse_sections(fields[8], payloads)
    check_production(fields, payloads, {name for name, _, _ in sections})
    inputs = named(fields[15], lambda value: expect.byte_string(value, 32), expect.text, most=None)
    roles = {name for name, _, _ in sections} - {"plan"} | {"recipe"} | {f"serial/{name}" for name, _ in fields.get(11, [])}
    require(set(inputs) == roles, "inputs that are not those of its parts")
    for name, payload in payloads.items():
        require(inputs[f"payload/{name}"] == payload[1], f"another input file than that of payload {name}")
    return Directory(
        name=parse_name(fields[1]),
        device=expect.text(fields[2]),
        family=expect.text(fields[3]),
        rights=parse_rights(fields[4]),
        limits=parse_limits(fields[5]),
        sections=sections,
        memory_hash=expect.byte_string(fields[16], 32),
        end=sections_at + sum(length for _, length, _ in sections),
    )


def _parse_payload(value):
    expect.mapping(value, (1, 2, 3, 4), (5,))
    expect.byte_string(value[1], 32)
    require(type(value[2]) is bool, "a window that is neither true nor false")
    require(value.get(5, True) is True, "after_tests that is not true")
    expect.byte_string(value[4], 32)
    free = -1
    for segment in expect.listing(value[3], 0, SEGMENTS_MAX):
        address, length = expect.listing(segment, 2, 2)
        expect.integer(address, 0, ADDRESS_END)
        expect.integer(length, 1, ADDRESS_END)
        require(address > free, "segments that are not sorted, or touch or overlap")
        free = address + length
        require(free <= ADDRESS_END, "a segment that ends behind 2^32")


def _parse_sections(value, payloads):
    sections = {}
    for section in expect.listing(value):
        name, length, digest = expect.listing(section, 3, 3)
        require(_SECTION.fullmatch(expect.text(name)), f"unknown section {name}")
        kind, _, rest = name.partition("/")
        require(kind != "module" or _is_path(rest), f"a module of the path {rest}")
        expect.integer(length, 0, SECTION_LEN_MAX[kind])
        sections[name] = (name, length, expect.byte_string(digest, 32))
    expect.ascending([section[0].encode() for section in value])
    for name in ("device", "script", "plan"):
        require(name in sections, f"without section {name}")
    for name, fields in payloads.items():
        section = sections.get(f"payload/{name}")
        require(section is not None, f"without the section of payload {name}")
        require(section[1] == sum(length for _, length in fields[3]), f"payload {name} is not as long as its segments")
    spare = [name for name in sections if name.startswith("payload/") and name[8:] not in payloads]
    require(not spare, "a section of a payload that is not there")
    return list(sections.values())


def _is_path(path):
    """Folders and a file below the recipe's folder."""
    parts = path.split("/")
    return len(path.encode()) <= PATH_LEN_MAX and _PATH.fullmatch(path) and not {"", ".", ".."} & set(parts)
