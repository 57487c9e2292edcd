"""What a decoded value must be. Python takes `True` for 1, so types are asked for exactly."""

from refused import require

U16_MAX = (1 << 16) - 1
U32_MAX = (1 << 32) - 1
U64_MAX = (1 << 64) - 1


def integer(value, low=0, high=U64_MAX):
    require(type(value) is int and low <= value <= high, f"not an integer from {low} to {high}")
    return value


def text(value, low=0, high=None):
    require(type(value) is str, "not text")
    length = len(value.encode())
    require(low <= length and (high is None or length <= high), "text of a length that is not allowed")
    return value


def byte_string(value, length):
    require(type(value) is bytes and len(value) == length, f"not {length} bytes")
    return value


def listing(value, low=0, high=None):
    require(type(value) is list, "not a list")
    require(low <= len(value) and (high is None or len(value) <= high), "list of a length that is not allowed")
    return value


def mapping(value, needed, optional=()):
    """A map with integer keys: all that are needed, perhaps some optional ones, no others."""
    require(type(value) is dict, "not a map")
    require(all(type(key) is int for key in value), "map key that is no integer")
    missing = set(needed) - set(value)
    unknown = set(value) - set(needed) - set(optional)
    require(not missing, f"without key {min(missing, default=0)}")
    require(not unknown, f"unknown key {min(unknown, default=0)}")
    return value


def ascending(values):
    """Sorted, and each once."""
    require(all(left < right for left, right in zip(values, values[1:])), "a list that is not sorted, or has something twice")
    return values
