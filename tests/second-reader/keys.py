"""Key files, and the share of a Job: one line each."""

import re
from dataclasses import dataclass
from hashlib import sha256

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import codes
import ed25519
from refused import Refused, Unsound, refusing, require

SIGNING_SECRET = "imprint-signing-secret-1"
SIGNING_PUBLIC = "imprint-signing-public-1"
STATION_SECRET = "imprint-station-secret-1"
STATION_PUBLIC = "imprint-station-public-1"
SHARE = "imprint-job-share-1"

KINDS = (SIGNING_SECRET, SIGNING_PUBLIC, STATION_SECRET, STATION_PUBLIC)
LOCKED = ".locked"
FILE_LEN_MAX = 512
ARGON2_VERSION = 0x13

_HEX_32_BYTES = re.compile("[0-9a-f]{64}")
_LOCK = re.compile("argon2id:m={0},t={0},p={0}:([0-9a-f]{{32}}):([0-9a-f]{{96}})".format("(0|[1-9][0-9]*)"))


@dataclass(frozen=True)
class Key:
    """A key of a file; `kind` says what its 32 bytes are."""

    kind: str
    material: bytes

    def public(self):
        """The public half, which of a public key is itself."""
        match self.kind:
            case "imprint-signing-secret-1":
                half = Ed25519PrivateKey.from_private_bytes(self.material).public_key()
                return Key(SIGNING_PUBLIC, half.public_bytes(Encoding.Raw, PublicFormat.Raw))
            case "imprint-station-secret-1":
                half = X25519PrivateKey.from_private_bytes(self.material).public_key()
                return Key(STATION_PUBLIC, half.public_bytes(Encoding.Raw, PublicFormat.Raw))
        return self

    def id(self):
        public = self.public()
        return sha256(public.kind.encode() + b"\0" + public.material).digest()


@dataclass(frozen=True)
class Share:
    """The cloud's half of a Job's content key."""

    deployment: bytes
    image: bytes
    share: bytes


def signer_id(public):
    """Key id of the public key of a signer."""
    return Key(SIGNING_PUBLIC, public).id()


def parse_key(data, passphrase=None, purpose=None):
    """The key of a file. With a purpose, a key of another kind is refused."""
    line = _line(data)
    kind, _, rest = line.partition(":")
    bare = kind.removesuffix(LOCKED)
    if not kind.startswith("imprint-"):
        raise Refused(codes.NOT_A_KEY, "not a key")
    if bare not in KINDS or (bare != kind and "-secret-" not in kind):
        raise Refused(codes.UNKNOWN_KIND_OF_KEY, f"unknown kind {kind}")
    if purpose and bare != purpose:
        raise Refused(codes.KEY_FOR_ANOTHER_PURPOSE, f"{bare} in the place of {purpose}")
    if bare != kind:
        return Key(bare, _unlock(line, rest, passphrase))
    with refusing(codes.DAMAGED_KEY):
        require(_HEX_32_BYTES.fullmatch(rest), "not 64 lower-case hexadecimal digits")
        key = Key(kind, bytes.fromhex(rest))
        require(kind != SIGNING_PUBLIC or ed25519.is_sound(key.material), "no point of the curve, or one of small order")
        return key


def parse_share(data):
    """The share of a file."""
    line = _line(data, codes.NOT_A_SHARE)
    with refusing(codes.NOT_A_SHARE):
        form = re.compile(f"{SHARE}:([0-9a-f]{{32}}):([0-9a-f]{{64}}):([0-9a-f]{{64}})")
        found = form.fullmatch(line)
        require(found, "not a share")
        return Share(*map(bytes.fromhex, found.groups()))


def _line(data, code=codes.NOT_A_KEY):
    """The one line of a file: its end is LF, CR LF, or that of the file."""
    with refusing(code):
        require(len(data) <= FILE_LEN_MAX, "larger than a key file is")
        try:
            line = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Unsound("not text") from error
    return line.removesuffix("\r\n" if line.endswith("\r\n") else "\n")


def _unlock(line, rest, passphrase):
    """The key within a box."""
    if passphrase is None:
        raise Refused(codes.KEY_UNDER_PASSPHRASE, "locked, and no passphrase")
    found = _LOCK.fullmatch(rest)
    with refusing(codes.DAMAGED_KEY):
        require(found, "a lock that cannot be read")
    memory, passes, lanes = (int(number) for number in found.groups()[:3])
    with refusing(codes.COST_OUT_OF_RANGE):
        require(1 <= passes <= 16 and 1 <= lanes <= 4, "passes or lanes out of their range")
        require(8 * lanes <= memory <= 1 << 20, "memory out of its range")
    salt, box = bytes.fromhex(found[4]), bytes.fromhex(found[5])
    key = hash_secret_raw(passphrase.encode(), salt, passes, memory, lanes, 32, Type.ID, ARGON2_VERSION)
    associated = line.rpartition(":")[0].encode()
    try:
        return AESGCM(key).decrypt(bytes(12), box, associated)
    except InvalidTag as wrong:
        raise Refused(codes.WRONG_PASSPHRASE, "the passphrase is not the one, or the file was changed") from wrong
