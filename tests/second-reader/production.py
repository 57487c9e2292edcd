"""What an object's directory says of each unit beyond its firmware: link, power, serial numbers, data, barcode, run tests."""

import re

import expect
from manifest import parse_name
from refused import require

ENTRIES_MAX = 256
TESTS_MAX = 32
POSITIONS_MAX = 64
LIST_VALUES_MAX = 1_000_000
ADDRESS_END = 1 << 32
PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
DIGITS, UPPER, LOWER = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
HEX = DIGITS + "ABCDEF"
COUNTER, LIST, SUPPLIED = range(3)
RAW, ASCII, LITTLE, BIG, MAC, EUI_64 = range(6)
DATE = 3
DATE_LETTERS = {"Y": 4, "y": 2, "m": 2, "d": 2, "j": 3, "H": 2, "M": 2, "S": 2, "G": 4, "V": 2, "u": 1, "%": 1}
"""What may stand behind `%`, and how many letters it gives."""
_NUMBER = re.compile("(0x[0-9A-Fa-f]+)|-?[0-9]+")


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


def named(value, parse, parse_key=parse_name, most=ENTRIES_MAX):
    """A list of [name, value], sorted by name, each name once; as a dictionary."""
    pairs = {}
    for pair in expect.listing(value, 0, most):
        name, item = expect.listing(pair, 2, 2)
        pairs[parse_key(name)] = item
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
        identity, positions = _definition(value[1])
        bytes_of_value = len(positions)
        ids.append(identity)
        own = _encoding(value[3])
        length = expect.integer(value[4], 1, ADDRESS_END)
        require(length == (own or bytes_of_value or length), "a serial number of another length than its values")
        require(value[3][0] != ASCII or length <= 255, "a serial number of too many letters")
        _writable(positions, value[3])
        _placed(value[2], length)
        _into(value, payloads)
        expect.integer(value[7], 0, 1)

    named(_present(fields, 11), serial)
    require(len(ids) == len(set(ids)), "two serial numbers of one id")
    needed = {f"list/{name}" for name, value in fields.get(11, []) if value[1][2][0] == LIST}
    require({name for name in sections if name.startswith("list/")} == needed, "lists that are not those of the serial numbers")


def _data(fields, payloads, tests):
    def window(value):
        expect.mapping(value, (1, 2, 3, 4), (5, 6))
        length = expect.integer(value[2], 1, 65_536)
        _placed(value[1], length)
        _source(value[3], tests)
        own = _encoding(value[4]) or length
        fits = own <= length if value[4][0] in (MAC, EUI_64) else own == length
        require(fits, "a window that is not as long as its encoding")
        date_len = _date_len(value[3][1]) if value[3][0] == DATE else 0
        require(date_len <= length, "a date that is longer than its window")
        _into(value, payloads)

    named(_present(fields, 12), window)


def _into(value, payloads):
    require(5 not in value or value[5] in payloads, "into a payload that is not there")
    require(6 not in value or (value[6] is True and 5 in value), "over that is not true, or over nothing")


def _placed(address, length):
    require(expect.integer(address) + length <= ADDRESS_END, "something that leaves the address space")


def _barcode(fields):
    if 13 not in fields:
        return
    barcode = expect.mapping(fields[13], (1,), (2,))
    letters = _positions(barcode[1])
    require(None not in letters, "a barcode with a byte")
    for part in expect.listing(barcode[2], 1, 2) if 2 in barcode else []:
        first, digits, least, greatest = expect.listing(part, 4, 4)
        expect.integer(digits, 1, 18)
        require(letters[expect.integer(first) : first + digits] == [DIGITS] * digits, "a range over what is no digit")
        require(expect.integer(least) <= expect.integer(greatest) < 10**digits, "a range that cannot be")


def _tests(fields, payloads):
    """The names of the tests."""
    names = []
    for test in _present(fields, 14, TESTS_MAX):
        expect.mapping(test, (1, 2, 4, 5, 6), (3,))
        names.append(parse_name(test[1]))
        require(expect.text(test[2]) in payloads, "a test of a payload that is not there")
        for argument in expect.listing(test[3], 1, 4) if 3 in test else []:
            expect.integer(argument, 0, expect.U32_MAX)
        expect.integer(test[4], 1, 86_400_000)
        _choice(test[5], {0: (), 1: (expect.integer,)})
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

    def length(item):
        expect.integer(item, 1, 8)

    def letters(item):
        expect.integer(item, 1, 65_536)

    def fill(item):
        expect.integer(item, 0, 255)

    number = _choice(value, {RAW: (), ASCII: (letters, fill), LITTLE: (length,), BIG: (length,), MAC: (), EUI_64: ()})
    return {RAW: None, MAC: 6, EUI_64: 8}[number] if len(value) == 1 else value[1]


def _writable(positions, encoding):
    """Every letter of every position, the others at their greatest: what holds for each of them holds for all values."""
    places = [[f"{byte:02X}" for byte in range(256)] if letters is None else letters for letters in positions]
    greatest = [max(letters, key=lambda letter: HEX.find(letter.upper())) for letters in places]
    for at, letters in enumerate(places):
        for letter in letters:
            text = "".join([*greatest[:at], letter, *greatest[at + 1 :]])
            require(_can_write(text, encoding, None in positions), f"a value {text} that its encoding cannot write")


def _can_write(text, encoding, has_bytes):
    number, *lengths = encoding
    if number in (LITTLE, BIG):
        bits = 8 * lengths[0]
        found = _NUMBER.fullmatch(text)
        is_plain = not has_bytes or text.startswith("0x")
        return found and is_plain and -(1 << (bits - 1)) <= int(text, 16 if found[1] else 10) < 1 << bits
    if number in (MAC, EUI_64):
        return any(re.fullmatch(f"[0-9A-Fa-f]{{2}}({mark}[0-9A-Fa-f]{{2}}){{{5 if number == MAC else 7}}}", text) for mark in ("", ":", "-"))
    return number == RAW or len(text) <= lengths[0]


def _date_len(form):
    """How many letters a date has."""
    return sum(DATE_LETTERS.get(part[1], 1) if len(part) == 2 else 1 for part in re.findall("%.|.", form))


def _source(value, tests):
    def transform(item):
        expect.integer(item, 0, 2)

    def date(item):
        expect.text(item, 1, 64)
        require(all(letter in PRINTABLE for letter in item), "a date of letters that are not printable")
        require(all(part in DATE_LETTERS for part in re.findall("%(.?)", item)), "a date of an unknown part")

    def test(item):
        require(expect.text(item) in tests, "a result of a test that is not there")

    _choice(value, {0: (), 1: (), 2: (transform,), 3: (date,), 4: (), 5: (), 6: (test, parse_name)})


def _definition(value):
    """The id, and the letters of each position; there are none where the values are those of a list."""
    expect.mapping(value, (1, 2, 3))
    parse_name(value[1])
    kind = _choice(value[2], {COUNTER: (_counter,), LIST: (_count, _digest), SUPPLIED: (_positions,)})
    expect.integer(value[3], 1, 1 if kind == SUPPLIED else 64)
    letters = {COUNTER: lambda: _positions(value[2][1][1]), LIST: lambda: [], SUPPLIED: lambda: _positions(value[2][1])}
    return value[1], letters[kind]()


def _count(value):
    expect.integer(value, 1, LIST_VALUES_MAX)


def _digest(value):
    expect.byte_string(value, 32)


def _counter(value):
    expect.mapping(value, range(1, 7))
    positions = _positions(value[1])
    expect.integer(value[4], 1, expect.U32_MAX)
    is_down = expect.integer(value[5], 0, 1)
    first_is_fastest = expect.integer(value[6], 0, 1)
    ends = [_places(expect.text(value[key]), positions) for key in (2, 3)]
    if first_is_fastest:
        ends = [end[::-1] for end in ends]
    require(ends[0] >= ends[1] if is_down else ends[0] <= ends[1], "a counter that never comes to its end")


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


def _places(text, positions):
    """Where each position of a value stands in its order. A byte is two hexadecimal digits."""
    places = []
    for letters in positions:
        width = 2 if letters is None else 1
        part, text = text[:width], text[width:]
        require(len(part) == width and all(letter in (letters or HEX) for letter in part), "a value of other letters")
        places.append(int(part, 16) if letters is None else letters.index(part))
    require(not text, "a value that is too long")
    return places
