"""CBOR as the formats have it: one encoding of everything (RFC 8949, section 4.2.1), no tags, no floats.

Written here and not taken from a library, because libraries read more than that and do not tell which of two encodings it was.
"""

from refused import Unsound, require

DEPTH_MAX = 32
"""Nothing in the formats is nested deeper than a handful; a bound keeps the stack."""

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _LIST, _MAP, _TAG, _OTHER = range(8)
_FALSE, _TRUE, _NULL = 20, 21, 22


def decode(data):
    """The one item that the bytes are; unsound if they are not its only encoding.

    Gives `int`, `bytes`, `str`, `list`, `dict`, `bool` and `None`.
    """
    reader = _Reader(data, strict=True)
    value = reader.item()
    require(reader.at == len(data), "something is behind the CBOR item")
    return value


def loose_keys(data):
    """The keys of the map that the bytes begin with, in any encoding that is CBOR at all; unsound if there is no such map."""
    require(data[:1] and data[0] >> 5 == _MAP, "not a CBOR map")
    return [key for key, _ in _Reader(data, strict=False).item()]


class _Reader:
    def __init__(self, data, strict):
        self.data = data
        self.at = 0
        self.strict = strict

    def take(self, count):
        require(count <= len(self.data) - self.at, "CBOR is cut short")
        taken = self.data[self.at : self.at + count]
        self.at += count
        return taken

    def item(self, depth=0):
        require(depth <= DEPTH_MAX, "CBOR is nested too deep")
        first = self.take(1)[0]
        major, info = first >> 5, first & 31
        if major == _OTHER:
            return self.other(info)
        if info == 31:
            return self.indefinite(major, depth)
        argument = self.argument(info)
        match major:
            case 0:
                return argument
            case 1:
                return -1 - argument
            case 2:
                return self.take(argument)
            case 3:
                return self.text(argument)
            case 4:
                return self.items(argument, depth)
            case 5:
                return self.pairs(argument, depth)
        require(not self.strict, "CBOR tag")
        return ("tag", argument, self.item(depth + 1))

    def argument(self, info):
        if info < 24:
            return info
        require(info < 28, "CBOR length that is reserved")
        size = 1 << (info - 24)
        argument = int.from_bytes(self.take(size), "big")
        least = 24 if size == 1 else 1 << (4 * size)
        require(argument >= least or not self.strict, "CBOR integer longer than it need be")
        return argument

    def text(self, length):
        encoded = self.take(length)
        try:
            return encoded.decode("utf-8")
        except UnicodeDecodeError:
            require(not self.strict, "text that is not UTF-8")
            return encoded

    def items(self, count, depth):
        # Each item is a byte at least.
        require(count <= len(self.data) - self.at, "CBOR is cut short")
        return [self.item(depth + 1) for _ in range(count)]

    def pairs(self, count, depth):
        require(2 * count <= len(self.data) - self.at, "CBOR is cut short")
        pairs, last = [], b""
        for _ in range(count):
            start = self.at
            key = self.item(depth + 1)
            encoded = self.data[start : self.at]
            require(encoded > last or not self.strict, "map keys that do not ascend")
            last = encoded
            pairs.append((key, self.item(depth + 1)))
        if not self.strict:
            return pairs
        require(all(type(key) in (int, str) for key, _ in pairs), "map key that is neither integer nor text")
        return dict(pairs)

    def other(self, info):
        if info in (_FALSE, _TRUE, _NULL):
            return {_FALSE: False, _TRUE: True, _NULL: None}[info]
        require(not self.strict, "CBOR float or simple value")
        require(info < 28, "CBOR break, or what is reserved")
        return ("other", info, self.take(0 if info < 24 else 1 << (info - 24)))

    def indefinite(self, major, depth):
        require(not self.strict, "CBOR of indefinite length")
        require(_BYTES <= major <= _MAP, "CBOR length that is reserved")
        parts = []
        while self.data[self.at : self.at + 1] != b"\xff":
            part = self.item(depth + 1)
            parts.append((part, self.item(depth + 1)) if major == _MAP else part)
        self.at += 1
        return parts


def encode(value):
    """The one encoding of a value."""
    if value is None or type(value) is bool:
        return bytes([0xE0 | {False: _FALSE, True: _TRUE, None: _NULL}[value]])
    if type(value) is int:
        return _head(_UNSIGNED, value) if value >= 0 else _head(_NEGATIVE, -1 - value)
    if type(value) is bytes:
        return _head(_BYTES, len(value)) + value
    if type(value) is str:
        return _head(_TEXT, len(value.encode())) + value.encode()
    if type(value) is list:
        return _head(_LIST, len(value)) + b"".join(map(encode, value))
    pairs = sorted((encode(key), encode(item)) for key, item in value.items())
    return _head(_MAP, len(pairs)) + b"".join(key + item for key, item in pairs)


def _head(major, argument):
    if argument < 24:
        return bytes([major << 5 | argument])
    size = next(size for size in (1, 2, 4, 8) if argument < 1 << (8 * size))
    return bytes([major << 5 | 23 + size.bit_length()]) + argument.to_bytes(size, "big")
