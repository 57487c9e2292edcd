"""Serial numbers, data, barcodes and tests in the directory of an object."""

import unittest

from production import check_production
from refused import Unsound

DIGEST = bytes(32)
TEXT = [[0, 65], [2], [1], [7, "XY"]]
COUNTER = {1: TEXT, 2: "A000X", 3: "A9FFY", 4: 1, 5: 0, 6: 0}
SERIAL = {1: {1: "acme-sn", 2: [0, COUNTER], 3: 1}, 2: 0x7F000, 3: [1, 8, 32], 4: 8, 7: 0}
DATA = {1: 0x7F020, 2: 16, 3: [0], 4: [1, 16, 0]}
TEST = {1: "ram", 2: "firmware", 4: 2000, 5: [0], 6: 0}
PAYLOADS = {"firmware": {}}


def serial(**changes):
    return {11: [["sn", SERIAL | {int(key[1:]): value for key, value in changes.items()}]]}


def values(kind, per_unit=1):
    return serial(_1={1: "acme-sn", 2: kind, 3: per_unit})


def supplied(positions, encoding, length):
    return serial(_1={1: "acme-sn", 2: [2, positions], 3: 1}, _3=encoding, _4=length)


def counter(**changes):
    return values([0, COUNTER | {int(key[1:]): value for key, value in changes.items()}])


def data(**changes):
    return {12: [["lot", DATA | {int(key[1:]): value for key, value in changes.items()}]]}


def test(**changes):
    return {14: [TEST | {int(key[1:]): value for key, value in changes.items()}]}


def without(fields, *keys):
    return {key: value for key, value in fields.items() if key not in keys}


GOOD = [
    {}, {9: {1: 0, 2: 50_000, 3: 1, 4: 2}}, {10: {1: 5_500, 2: 60_000, 3: 0, 4: 1}}, {10: {2: 0, 3: 0, 4: 0}},
    serial(), serial(_5="firmware", _6=True), serial(_3=[0], _4=4), supplied([[1]] * 8, [5], 8), supplied([[2]] * 4, [2, 4], 4), supplied([[0, 45], [2]], [3, 1], 1), serial(_2=(1 << 32) - 8),
    values([1, 1_000_000, DIGEST], 64), values([2, TEXT]), counter(_1=[[1], [2], [3], [4], [5], [6], [7, "b"]],
                                                                  _2="000Aa 0b", _3="FF9Zz~Fb"),
    data(), data(_3=[2, 2]), data(_3=[3, "%Y%m%d %%Q"]), data(_4=[0]), data(_2=8, _4=[5]), data(_2=7, _4=[4]), data(_5="firmware", _6=True), data(_1=(1 << 32) - 16),
    counter(_2="A9FFY", _3="A000X", _5=1), counter(_2="A900X", _3="A000Y", _6=1), counter(_3="A000X"),
    test(), test(_3=[1, 2, 3, 0xFFFF_FFFF], _5=[1, 0x2000_0000], _6=1), test() | data(_3=[6, "ram", "trim"]),
    {13: {1: [[0, 65]] + [[2]] * 18, 2: [[1, 18, 0, 50], [3, 1, 5, 9]]}}, {13: {1: [[5]] * 64}},
]

BAD = [
    {9: {}}, {9: {1: 1, 3: 0, 4: 0}}, {9: {1: 0, 2: 0, 3: 0, 4: 0}}, {9: {1: 0, 3: 2, 4: 0}}, {9: {1: 0, 3: 0, 4: 3}}, {9: []},
    {10: {1: 999, 2: 0, 3: 0, 4: 0}}, {10: {2: 60_001, 3: 0, 4: 0}}, {10: {2: 0, 3: 0, 4: 2}}, {10: {2: 0, 3: 0, 4: 0, 5: 0}},
    {11: []}, {11: {}}, {11: [["sn", without(SERIAL, 7)]]}, {11: [["b", SERIAL], ["a", SERIAL]]}, {11: [["a", SERIAL], ["b", SERIAL]]},
    serial(_2=1 << 32), serial(_3=[6]), serial(_3=[2, 9]), serial(_3=[1, 8]), serial(_3=[0, 0]), serial(_5="another"),
    serial(_6=False), serial(_7=2), serial(_8=0), values([3]), values([1, 0, DIGEST]), values([1, 1_000_001, DIGEST]),
    values([2, TEXT], 2), values([2, TEXT], 0), values([1, 1, DIGEST], 65), values([2, []]), values([2, [[2]] * 65]),
    values([2, [[8]]]), values([2, [[0, 31]]]), values([2, [[0, 127]]]), values([2, [[7, ""]]]), values([2, [[7, "aa"]]]), values([2, [[2, 1]]]),
    counter(_2="A000"), counter(_2="A000XX"), counter(_2="B000X"), counter(_2="A0fFX"), counter(_3="A000Z"), counter(_4=0),
    counter(_4=1 << 32), counter(_5=2), counter(_6=2), counter(_7=0),
    supplied(TEXT, [5], 8), supplied(TEXT, [2, 4], 4), supplied([[2]] * 3, [2, 1], 1), supplied([[1]], [1, 1, 0], 1), supplied([[1]], [2, 1], 1),
    supplied([[0, 43], [2]], [2, 1], 1), supplied([[1], [0, 58], [1], [1], [1], [1], [1]], [4], 6),
    serial(_4=7), serial(_3=[0], _4=5), serial(_3=[1, 256, 0], _4=256), serial(_2=(1 << 32) - 7), serial(_6=True),
    counter(_2="A000Y", _3="A000X"), counter(_5=1), counter(_2="A900X", _3="A000Y"), {11: [["a b", SERIAL]]}, {12: [["", DATA]]}, test(_1=""),
    data(_1=(1 << 32) - 15), data(_6=True), data(_3=[3, "%Y%m%d%Y%m%d%y"]), data(_2=5, _4=[4]), data(_1=-1), data(_2=0), data(_2=65_537), data(_2=15), data(_2=7, _4=[5]), data(_3=[7]), data(_3=[2, 3]), data(_3=[2]),
    data(_3=[3, ""]), data(_3=[3, "%x"]), data(_3=[3, "%"]), data(_3=[3, "%%%"]), data(_3=[3, "\n"]), data(_3=[3, "a" * 65]), data(_3=[6, "ram", "trim"]),
    test(_2="another"), test(_3=[]), test(_3=[1] * 5), test(_3=[1 << 32]), test(_4=0), test(_4=86_400_001), test(_5=[1]), test(_5=[0, 0]),
    test(_6=2), {14: []}, {14: [TEST] * 2}, {14: [TEST | {1: str(number)} for number in range(33)]},
    {13: {}}, {13: {1: []}}, {13: {1: [[2]], 2: []}}, {13: {1: [[2]], 2: [[0, 0, 0, 0]]}}, {13: {1: [[2]] * 19, 2: [[0, 19, 0, 0]]}},
    {13: {1: [[2]], 2: [[0, 1, 2, 1]]}}, {13: {1: [[2]], 2: [[0, 1, 0, 1]] * 3}}, {13: {1: [[2]], 2: [[0, 1, 0, 10]]}}, {13: {1: [[1]]}},
    {13: {1: [[2]], 2: [[0, 2, 0, 1]]}}, {13: {1: [[2]], 2: [[1, 1, 0, 1]]}}, {13: {1: [[3]], 2: [[0, 1, 0, 1]]}},
]


class Production(unittest.TestCase):
    def check(self, fields):
        has_list = isinstance(fields.get(11), list) and any(it[1].get(1, {}).get(2, [])[:1] == [1] for it in fields[11])
        check_production(fields, PAYLOADS, {"list/sn"} if has_list else set())

    def test_sound_ones(self):
        for fields in GOOD:
            with self.subTest(fields):
                self.check(fields)

    def test_others(self):
        for fields in BAD:
            with self.subTest(fields), self.assertRaises(Unsound):
                self.check(fields)

    def test_lists_are_those_of_the_serial_numbers(self):
        listed = values([1, 5, DIGEST])
        check_production(listed, PAYLOADS, {"list/sn", "script"})
        for fields, sections in ((listed, set()), (listed, {"list/sn", "list/other"}), (serial(), {"list/sn"})):
            with self.subTest(sections), self.assertRaises(Unsound):
                check_production(fields, PAYLOADS, sections)

    def test_who_waits_for_tests_needs_one(self):
        check_production(test(), {"firmware": {5: True}}, set())
        with self.assertRaises(Unsound):
            check_production({}, {"firmware": {5: True}}, set())


if __name__ == "__main__":
    unittest.main()
