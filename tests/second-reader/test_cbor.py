"""One encoding of everything."""

import unittest

import cbor
from refused import Unsound

ONLY = [
    ("00", 0), ("17", 23), ("1818", 24), ("18ff", 255), ("190100", 256), ("19ffff", 65535), ("1a00010000", 65536),
    ("1b0000000100000000", 1 << 32), ("1bffffffffffffffff", (1 << 64) - 1), ("20", -1), ("3818", -25),
    ("40", b""), ("43010203", b"\1\2\3"), ("60", ""), ("62c3bc", "\u00fc"), ("80", []), ("820102", [1, 2]),
    ("a0", {}), ("a201020304", {1: 2, 3: 4}), ("a218200119010002", {32: 1, 256: 2}), ("a261780162787802", {"x": 1, "xx": 2}),
    ("f4", False), ("f5", True), ("f6", None), ("8180", [[]]),
]

REFUSED = {
    "": "nothing",
    "1817": "one byte where none is needed",
    "1900ff": "two bytes where one is enough",
    "1a0000ffff": "four bytes where two are enough",
    "1b00000000ffffffff": "eight bytes where four are enough",
    "1c": "a reserved length",
    "1f": "an integer of indefinite length",
    "5801": "cut short",
    "580161": "a length longer than it need be",
    "5f4101ff": "bytes of indefinite length",
    "7f6161ff": "text of indefinite length",
    "9f01ff": "a list of indefinite length",
    "bf0102ff": "a map of indefinite length",
    "62c328": "not UTF-8",
    "61ff": "not UTF-8",
    "62c0af": "UTF-8 longer than it need be",
    "63eda080": "half a surrogate pair",
    "64f4908080": "behind the last code point",
    "a203040102": "keys that descend",
    "a201020102": "a key twice",
    "a2010203": "cut within a pair",
    "a262787801617802": "longer text first",
    "a1410001": "bytes for a key",
    "a1f501": "a bool for a key",
    "c000": "a tag",
    "c24101": "a big integer",
    "f93c00": "a float",
    "fa3f800000": "a float",
    "f7": "undefined",
    "e0": "a simple value",
    "f814": "a simple value in two bytes",
    "f820": "a simple value in two bytes",
    "ff": "a break alone",
    "0000": "two items",
    "f6f6": "two items",
    "9affffffff": "four thousand million items in five bytes",
    "9bffffffffffffffff": "more items than there are",
    "5bffffffffffffffff": "more bytes than there are",
    "bbffffffffffffffff": "more pairs than there are",
    "81" * 100 + "80": "a hundred lists in each other",
    "9f" * 100_000: "a stack that is not there",
}


class OnlyEncoding(unittest.TestCase):
    def test_reads_and_writes_the_only_encoding(self):
        for encoded, value in ONLY:
            with self.subTest(encoded):
                self.assertEqual(cbor.decode(bytes.fromhex(encoded)), value)
                self.assertEqual(cbor.encode(value).hex(), encoded)

    def test_refuses_every_other(self):
        for encoded, why in REFUSED.items():
            with self.subTest(why), self.assertRaises(Unsound):
                cbor.decode(bytes.fromhex(encoded))

    def test_whatever_is_read_is_written_again_to_the_same_bytes(self):
        for first in range(256):
            for second in range(256):
                for tail in (b"", b"\0", b"\x18\x18\0", b"aa", b"\1\2\3\4\5\6\7\x08"):
                    data = bytes([first, second]) + tail
                    try:
                        value = cbor.decode(data)
                    except Unsound:
                        continue
                    self.assertEqual(cbor.encode(value), data)

    def test_keys_are_seen_as_far_as_there_are_any(self):
        rows = {
            "": [], "01": [], "80": [], "a103": [3], "a2031f0100": [3], "a203f93c000100": [3, 1], "b90001190003a0": [3],
            "a2037f6161ff01c1c200": [3, 1], "a20361ff01f7": [3, 1], "a303bf0102ff01a1010203f6": [3, 1, 3], "a29fff00": [],
            "a220000100": [], "a26161000100": [], "a30100616100": [1], "bf0100ff": [], "bbffffffffffffffff0100": [1],
            "a2035bffffffffffffffff0100": [3], "a203" + "81" * 100_000 + "000100": [3, 1], "a203" + "9f" * 100_000: [3],
        }
        for encoded, keys in rows.items():
            with self.subTest(encoded[:40]):
                self.assertEqual(list(cbor.leading_keys(bytes.fromhex(encoded))), keys)


if __name__ == "__main__":
    unittest.main()
