"""CBOR as the formats have it: one encoding of everything (RFC 8949, section 4.2.1), no tags, no floats.

Written here and not taken from a library, because libraries read more than that and do not tell which of two encodings it was.
"""

from refused import Unsound, require

DEPTH_MAX = 32
"""Nothing in the formats is nested deeper than a handful; a bound keeps the stack."""

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _LIST, _MAP, _TAG, _OTHER = range(8)
_SIMPLE = {20: False, 21: True, 22: None}
_INDEFINITE = 31
_BREAK = b"\xff"


def decode(data):
    """The one item that the bytes are; unsound if they are not its only encoding.

    Gives `int`, `bytes`, `str`, `list`, `dict`, `bool` and `None`.
    """
    reader = _Reader(data)
    value = reader.item()
    require(reader.at == len(data), "something is behind the CBOR item")
    return value


def leading_keys(data):
    """The keys of a map, one after the other, whatever the values are and however they are encoded.

    Ends where the map ends, or where it is no map of definite length with unsigned integers as keys.
    """
    walk = _Walk(data)
    try:
        major, info = walk.head()
        require(major == _MAP, "not a map")
        for _ in range(walk.argument(info)):
            major, info = walk.head()
            require(major == _UNSIGNED, "not an unsigned integer")
            yield walk.argument(info)
            walk.skip()
    except Unsound:
        return


class _Cursor:
    """Takes heads and bytes, as they come."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, count):
        require(count <= len(self.data) - self.at, "CBOR is cut short")
        taken = self.data[self.at : self.at + count]
        self.at += count
        return taken

    def head(self):
        """Major type, and what says how the argument is written."""
        first = self.take(1)[0]
        return first >> 5, first & 31

    def argument(self, info):
        require(info < 28, "CBOR length that is reserved or indefinite")
        return info if info < 24 else int.from_bytes(self.take(1 << (info - 24)), "big")


class _Walk(_Cursor):
    """Passes over whatever is CBOR, in any encoding and of any depth."""

    def skip(self):
        """One item. `open` has how many items each list or map around still has; None until a break."""
        open = [1]
        while open:
            if open[-1] == 0:
                open.pop()
                continue
            if open[-1] is None and self.data[self.at : self.at + 1] == _BREAK:
                self.at += 1
                open.pop()
                continue
            if open[-1] is not None:
                open[-1] -= 1
            major, info = self.head()
            if info == _INDEFINITE:
                require(_BYTES <= major <= _MAP, "CBOR length that is reserved")
                open.append(None)
                continue
            argument = self.argument(info)
            if major in (_BYTES, _TEXT):
                self.take(argument)
            elif major in (_LIST, _MAP, _TAG):
                open.append({_LIST: argument, _MAP: 2 * argument, _TAG: 1}[major])


class _Reader(_Cursor):
    """Reads the only encoding."""

    def item(self, depth=0):
        require(depth <= DEPTH_MAX, "CBOR is nested too deep")
        major, info = self.head()
        if major == _OTHER:
            require(info in _SIMPLE, "CBOR float, or another simple value")
            return _SIMPLE[info]
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
        raise Unsound("CBOR tag")

    def argument(self, info):
        argument = super().argument(info)
        # One byte is for what is from 24, two are for what does not fit in one, and so on.
        least = {24: 24, 25: 1 << 8, 26: 1 << 16, 27: 1 << 32}.get(info, 0)
        require(argument >= least, "CBOR integer longer than it need be")
        return argument

    def text(self, length):
        try:
            return self.take(length).decode("utf-8")
        except UnicodeDecodeError as error:
            raise Unsound("text that is not UTF-8") from error

    def items(self, count, depth):
        # Each item is a byte at least.
        require(count <= len(self.data) - self.at, "CBOR is cut short")
        return [self.item(depth + 1) for _ in range(count)]

    def pairs(self, count, depth):
        require(2 * count <= len(self.data) - self.at, "CBOR is cut short")
        pairs, last = {}, b""
        for _ in range(count):
            start = self.at
            key = self.item(depth + 1)
            require(type(key) in (int, str), "map key that is neither integer nor text")
            encoded = self.data[start : self.at]
            require(encoded > last, "map keys that do not ascend")
            last = encoded
            pairs[key] = self.item(depth + 1)
        return pairs


def encode(value):
    """The one encoding of a value."""
    if value is None or type(value) is bool:
        return _head(_OTHER, next(number for number, simple in _SIMPLE.items() if simple is value))
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
