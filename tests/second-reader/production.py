"""What an object's directory says of each unit beyond its firmware: link, power, serial numbers, data, barcode, run tests."""

import expect
from manifest import parse_name
from refused import require

ENTRIES_MAX = 256
TESTS_MAX = 32
POSITIONS_MAX = 64
LIST_VALUES_MAX = 1_000_000
ADDRESS_MAX = expect.U32_MAX
PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
DIGITS, UPPER, LOWER = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
HEX = DIGITS + "ABCDEF"
COUNTER, LIST, SUPPLIED = range(3)
DATE_LETTERS = "YymdjHMSGVu%"


def check_production(fields, payloads, sections):
    """Keys 9 to 14 of a directory, against the payloads and sections it has."""
    link = expect.mapping(fields.get(9, {1: 0, 3: 0, 4: 0}), (1, 3, 4), (2,))
    for key, low, high in ((1, 0, 0), (2, 1, 50_000), (3, 0, 1), (4, 0, 2)):
        expect.integer(link.get(key, low), low, high)
    power = expect.mapping(fields.get(10, {2: 0, 3: 0, 4: 0}), (2, 3, 4), (1,))
    for key, low, high in ((1, 1_000, 5_500), (2, 0, 60_000), (3, 0, 60_000), (4, 0, 1)):
        expect.integer(power.get(key, low), low, high)
    tests = _tests(fields, payloads)
    _serials(fields, payloads, sections)
    _data(fields, payloads, tests)
    _barcode(fields)
    waiting = [name for name, payload in payloads.items() if 5 in payload]
    require(tests or not waiting, "a payload waits for tests, and there are none")


def named(value, parse, most=ENTRIES_MAX):
    """A list of [name, value], sorted by name, each name once; as a dictionary."""
    pairs = {}
    for pair in expect.listing(value, 0, most):
        name, item = expect.listing(pair, 2, 2)
        pairs[expect.text(name)] = item
        parse(item)
    expect.ascending([pair[0].encode() for pair in value])
    return pairs


def _present(fields, key, most=ENTRIES_MAX):
    """A list that is not there where it has nothing."""
    return expect.listing(fields[key], 1, most) if key in fields else []


def _serials(fields, payloads, sections):
    ids = []

    def serial(value):
        expect.mapping(value, (1, 2, 3, 4, 7), (5, 6))
        ids.append(_definition(value[1]))
        expect.integer(value[2], 0, ADDRESS_MAX)
        _encoding(value[3])
        expect.integer(value[4], 1, expect.U32_MAX)
        _into(value, payloads)
        expect.integer(value[7], 0, 1)

    named(_present(fields, 11), serial)
    require(len(ids) == len(set(ids)), "two serial numbers of one id")
    needed = {f"list/{name}" for name, value in fields.get(11, []) if value[1][2][0] == LIST}
    require({name for name in sections if name.startswith("list/")} == needed, "lists that are not those of the serial numbers")


def _data(fields, payloads, tests):
    def window(value):
        expect.mapping(value, (1, 2, 3, 4), (5, 6))
        expect.integer(value[1], 0, ADDRESS_MAX)
        length = expect.integer(value[2], 1, 65_536)
        _source(value[3], tests)
        own = _encoding(value[4])
        require(own in (None, length), "a window that is not as long as its encoding")
        _into(value, payloads)

    named(_present(fields, 12), window)


def _into(value, payloads):
    require(5 not in value or value[5] in payloads, "into a payload that is not there")
    require(value.get(6, True) is True, "over that is not true")


def _barcode(fields):
    if 13 not in fields:
        return
    barcode = expect.mapping(fields[13], (1,), (2,))
    _positions(barcode[1])
    for part in expect.listing(barcode[2], 1, 2) if 2 in barcode else []:
        first, digits, least, greatest = expect.listing(part, 4, 4)
        expect.integer(first)
        expect.integer(digits, 1, 18)
        require(expect.integer(least) <= expect.integer(greatest), "a range that ends before it begins")


def _tests(fields, payloads):
    """The names of the tests."""
    names = []
    for test in _present(fields, 14, TESTS_MAX):
        expect.mapping(test, (1, 2, 4, 5, 6), (3,))
        names.append(expect.text(test[1]))
        require(expect.text(test[2]) in payloads, "a test of a payload that is not there")
        for argument in expect.listing(test[3], 1, 4) if 3 in test else []:
            expect.integer(argument, 0, expect.U32_MAX)
        expect.integer(test[4], 1, 86_400_000)
        _choice(test[5], {0: (), 1: (lambda address: expect.integer(address, 0, ADDRESS_MAX),)})
        expect.integer(test[6], 0, 1)
    require(len(names) == len(set(names)), "two tests of one name")
    return names


def _choice(value, kinds):
    """A list [number, values...]; `kinds` has the checks of the values for each number. Gives the number."""
    number, *values = expect.listing(value, 1)
    checks = kinds.get(expect.integer(number))
    require(checks is not None and len(checks) == len(values), "a choice that there is not")
    for check, item in zip(checks, values):
        check(item)
    return number


def _encoding(value):
    """The length it has by itself, or None."""
    length = lambda item: expect.integer(item, 1, 8)
    ascii_length = lambda item: expect.integer(item, 1, 65_536)
    fill = lambda item: expect.integer(item, 0, 255)
    number = _choice(value, {0: (), 1: (ascii_length, fill), 2: (length,), 3: (length,), 4: (), 5: ()})
    return {1: value[1:2], 2: value[1:2], 3: value[1:2], 4: [6], 5: [8]}.get(number, [None])[0]


def _source(value, tests):
    def transform(item):
        expect.integer(item, 0, 2)

    def date(item):
        expect.text(item, 1, 64)
        require(all(letter in PRINTABLE for letter in item), "a date of letters that are not printable")
        parts = item.replace("%%", "").split("%")[1:]
        require(all(part[:1] and part[0] in DATE_LETTERS for part in parts), "a date of an unknown part")

    def test(item):
        require(expect.text(item) in tests, "a result of a test that is not there")

    _choice(value, {0: (), 1: (), 2: (transform,), 3: (date,), 4: (), 5: (), 6: (test, expect.text)})


def _definition(value):
    """The id."""
    expect.mapping(value, (1, 2, 3))
    parse_name(value[1])
    kind = _choice(value[2], {COUNTER: (_counter,), LIST: (_count, _digest), SUPPLIED: (_positions,)})
    expect.integer(value[3], 1, 1 if kind == SUPPLIED else 64)
    return value[1]


def _count(value):
    expect.integer(value, 1, LIST_VALUES_MAX)


def _digest(value):
    expect.byte_string(value, 32)


def _counter(value):
    expect.mapping(value, range(1, 7))
    positions = _positions(value[1])
    for key in (2, 3):
        _matches(expect.text(value[key]), positions)
    expect.integer(value[4], 1, expect.U32_MAX)
    expect.integer(value[5], 0, 1)
    expect.integer(value[6], 0, 1)


def _positions(value):
    """The letters each position may have; None for a byte."""
    letters = []

    def constant(item):
        letters.append(chr(expect.integer(item, 0x20, 0x7E)))

    def some(item):
        require(len(expect.text(item, 1)) == len(set(item)), "a set with a letter twice")
        require(all(letter in PRINTABLE for letter in item), "a set of letters that are not printable")
        letters.append(item)

    fixed = {1: None, 2: DIGITS, 3: UPPER, 4: LOWER, 5: PRINTABLE, 6: HEX}
    for position in expect.listing(value, 1, POSITIONS_MAX):
        number = _choice(position, {0: (constant,), 7: (some,)} | {number: () for number in fixed})
        if number in fixed:
            letters.append(fixed[number])
    return letters


def _matches(text, positions):
    """A value as text: a byte is two hexadecimal digits there."""
    for letters in positions:
        width = 2 if letters is None else 1
        part, text = text[:width], text[width:]
        require(len(part) == width and all(letter in (letters or HEX) for letter in part), "a value of other letters")
    require(not text, "a value that is too long")
