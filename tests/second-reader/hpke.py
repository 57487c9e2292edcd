"""Opening in HPKE base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-GCM (RFC 9180, sections 4 and 5).

`cryptography` has HPKE too, but takes no associated data there; the tests compare the two where there is none.
"""

import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_KEM = b"KEM\x00\x20"
AES_128_GCM, AES_256_GCM = 1, 2
_KEY_LEN = {AES_128_GCM: 16, AES_256_GCM: 32}


def open_base(secret, encapsulated, info, associated, sealed, aead=AES_256_GCM):
    """The one message, or None if it does not open. `aead` is the number of RFC 9180, section 7.3."""
    shared = decapsulate(secret, encapsulated)
    if shared is None:
        return None
    key, nonce = key_schedule(shared, info, aead)
    try:
        return AESGCM(key).decrypt(nonce, sealed, associated)
    except InvalidTag:
        return None


def decapsulate(secret, encapsulated):
    """The shared secret, or None for a point that makes it zero (section 7.1.4)."""
    own = X25519PrivateKey.from_private_bytes(secret)
    public = own.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    try:
        exchanged = own.exchange(X25519PublicKey.from_public_bytes(encapsulated))
    except ValueError:
        return None
    return shared_secret(exchanged, encapsulated, public)


def shared_secret(exchanged, encapsulated, public):
    """ExtractAndExpand of section 4.1."""
    prk = _extract(b"", _KEM, b"eae_prk", exchanged)
    return _expand(prk, _KEM, b"shared_secret", encapsulated + public, 32)


def key_schedule(shared, info, aead):
    """Key and base nonce of section 5.1, mode base."""
    suite = b"HPKE\x00\x20\x00\x01" + aead.to_bytes(2, "big")
    context = b"\x00" + _extract(b"", suite, b"psk_id_hash", b"") + _extract(b"", suite, b"info_hash", info)
    secret = _extract(shared, suite, b"secret", b"")
    return (_expand(secret, suite, b"key", context, _KEY_LEN[aead]), _expand(secret, suite, b"base_nonce", context, 12))


def _extract(salt, suite, label, material):
    return hmac.digest(salt, b"HPKE-v1" + suite + label + material, "sha256")


def _expand(prk, suite, label, info, length):
    """One block of HKDF-Expand is enough: nothing here is longer than 32 bytes."""
    labeled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return hmac.digest(prk, labeled + b"\x01", "sha256")[:length]
