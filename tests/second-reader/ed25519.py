"""Ed25519 signatures, verified strictly: canonical S and R, no point of small order, the equation without the cofactor.

The equation itself is left to OpenSSL, which checks S and compares R as bytes. It takes public keys that are not canonical
and points of small order; these are refused here, with the curve of RFC 8032, section 5.1.
"""

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
IDENTITY = (0, 1)


@lru_cache(maxsize=256)
def is_sound(public):
    """Whether bytes are a public key: a point in its canonical encoding, not of small order."""
    point = decompress(public)
    return point is not None and not is_small_order(point)


def verify(public, message, signature):
    """Whether a signature of 64 bytes holds."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if not (is_sound(public) and is_sound(r) and s < L):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def decompress(encoded):
    """The point (x, y) of 32 bytes, or None if they are not the canonical encoding of one (RFC 8032, 5.1.3)."""
    y = int.from_bytes(encoded, "little") & (1 << 255) - 1
    sign = encoded[31] >> 7
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT_OF_MINUS_ONE % P
    if x * x % P != square or (x == 0 and sign):
        return None
    return (P - x if x & 1 != sign else x, y)


def compress(point):
    """The canonical encoding of a point."""
    x, y = point
    return (y | (x & 1) << 255).to_bytes(32, "little")


def is_small_order(point):
    """Whether eight times the point is nothing."""
    return multiply(8, point) == IDENTITY


def add(left, right):
    """The sum of two points."""
    (x1, y1), (x2, y2) = left, right
    product = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P)
    y = (y1 * y2 + x1 * x2) * pow(1 - product, -1, P)
    return (x % P, y % P)


def multiply(count, point):
    """A point, so many times. Not in constant time: for public points only."""
    total = IDENTITY
    while count:
        if count & 1:
            total = add(total, point)
        point = add(point, point)
        count >>= 1
    return total
