"""HPKE against the vectors of RFC 9180, and against another implementation in the suite that grants have."""

import json
import unittest
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

import hpke
from writer import bytes_of, seal_base

PUBLISHED = Path(__file__).parent.parent / "vectors/foreign/rfc9180.json"
MODE_BASE = 0
INFO, PLAIN = b"an info", b"a message"


def published():
    """Those of mode base that encrypt, with the number of the AEAD."""
    vectors = json.loads(PUBLISHED.read_text())
    found = [it for it in vectors if it["mode"] == MODE_BASE and it["encryptions"]]
    return [(it["aead_id"], it) for it in found]


class Rfc9180(unittest.TestCase):
    def test_shared_secret_key_and_nonce(self):
        self.assertEqual([aead for aead, _ in published()], [hpke.AES_128_GCM, hpke.AES_256_GCM])
        for aead, vector in published():
            shared = hpke.decapsulate(bytes.fromhex(vector["skRm"]), bytes.fromhex(vector["enc"]))
            self.assertEqual(shared.hex(), vector["shared_secret"])
            key, nonce = hpke.key_schedule(shared, bytes.fromhex(vector["info"]), aead)
            self.assertEqual((key.hex(), nonce.hex()), (vector["key"], vector["base_nonce"]))

    def test_only_the_first_message_opens(self):
        for aead, vector in published():
            secret, encapsulated, info = (bytes.fromhex(vector[name]) for name in ("skRm", "enc", "info"))
            messages = []
            for message in vector["encryptions"]:
                plain, associated, sealed = (bytes.fromhex(message[name]) for name in ("pt", "aad", "ct"))
                self.assertIsNone(hpke.open_base(secret, encapsulated, b"", associated, sealed, aead))
                self.assertIsNone(hpke.open_base(secret, encapsulated, info, b"", sealed, aead))
                messages.append(hpke.open_base(secret, encapsulated, info, associated, sealed, aead) == plain)
            self.assertEqual(messages, [True] + [False] * (len(messages) - 1))


class Aes256(unittest.TestCase):
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    secret = bytes_of("a station")
    key = X25519PrivateKey.from_private_bytes(secret)

    def test_opens_what_cryptography_sealed(self):
        sealed = self.suite.encrypt(PLAIN, self.key.public_key(), INFO)
        self.assertEqual(hpke.open_base(self.secret, sealed[:32], INFO, b"", sealed[32:]), PLAIN)

    def test_cryptography_opens_what_the_writer_sealed(self):
        sealed = seal_base(self.key.public_key().public_bytes_raw(), INFO, b"", PLAIN, bytes_of("ephemeral"))
        self.assertEqual(self.suite.decrypt(sealed, self.key, INFO), PLAIN)

    def test_a_point_that_makes_the_secret_zero_opens_nothing(self):
        for encapsulated in (bytes(32), b"\1" + bytes(31)):
            self.assertIsNone(hpke.open_base(self.secret, encapsulated, INFO, b"", bytes(48)))


if __name__ == "__main__":
    unittest.main()
