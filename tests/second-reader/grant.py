"""Grants: each one station's way to the content key of one image."""

from dataclasses import dataclass

import ed25519
import hpke
from expect import U64_MAX
from refused import Refused

MAGIC = b"\x89IMG\r\n\x1a\n"
LEN = 288
COUNT_MAX = 65_536
OWNER_FLAG = 1


@dataclass(frozen=True)
class Grant:
    """A record that begins as a grant. Nothing of it is believed yet."""

    data: bytes

    def _integer(self, start, end):
        return int.from_bytes(self.data[start:end], "little")

    @property
    def version(self):
        return self._integer(8, 10)

    @property
    def kind(self):
        return self._integer(10, 12)

    @property
    def suite(self):
        return self._integer(12, 14)

    @property
    def flags(self):
        return self._integer(14, 16)

    @property
    def is_owners(self):
        return bool(self.flags & OWNER_FLAG)

    @property
    def image(self):
        return self.data[16:48]

    @property
    def station(self):
        return self.data[48:80]

    @property
    def cap(self):
        return self._integer(80, 88)

    @property
    def until(self):
        return self._integer(88, 96)

    @property
    def issuer(self):
        return self.data[192:224]

    def open(self, secret, suite):
        """What it carries, or None if it does not decrypt with a station's secret key."""
        info = b"imprint-grant-v1\0" + suite.to_bytes(2, "little")
        return hpke.open_base(secret, self.data[112:144], info, self.data[:112], self.data[144:192])

    def fault(self, kind, suite, issuers, now):
        """Why it is not good, of all that needs no secret; None if nothing."""
        checks = [
            (self.version == 1, "unknown version"),
            (self.kind == kind, "another kind of image"),
            (self.suite == suite, "another suite"),
            (self.flags in (0, OWNER_FLAG), "unknown flags"),
            (self.data[96:112] == bytes(16), "reserved bytes that are not zero"),
            (now <= self.until or self.until == U64_MAX, "it is over"),
            (self.issuer in issuers, "an issuer who may not"),
            (
                ed25519.verify(self.issuer, b"imprint-grant-v1\0" + self.data[:224], self.data[224:]),
                "its signature does not hold",
            ),
        ]
        return next((why for holds, why in checks if not holds), None)


def split_grants(data, code):
    """Whole records that begin as grants, or a refusal with this code."""
    if len(data) % LEN or len(data) // LEN > COUNT_MAX:
        raise Refused(code, "no whole number of grants, or too many")
    grants = [Grant(data[at : at + LEN]) for at in range(0, len(data), LEN)]
    if any(grant.data[:8] != MAGIC for grant in grants):
        raise Refused(code, "something that does not begin as a grant")
    return grants


def best(good):
    """Of pairs of grant and content: no owner's grant where there is another, then the largest cap, then the latest end."""
    return max(good, key=lambda pair: (not pair[0].is_owners, pair[0].cap, pair[0].until), default=None)
