"""HPKE against RFC 9180, appendix A.1.1, and against another implementation in the suite that grants have."""

import unittest

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

import hpke
from writer import bytes_of, seal_base

INFO = bytes.fromhex("4f6465206f6e2061204772656369616e2055726e")
ENCAPSULATED = bytes.fromhex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431")
SECRET = bytes.fromhex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8")
PLAIN = bytes.fromhex("4265617574792069732074727574682c20747275746820626561757479")
SEALED = bytes.fromhex(
    "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a"
)


class Rfc9180(unittest.TestCase):
    def test_shared_secret_and_key_schedule(self):
        shared = hpke.decapsulate(SECRET, ENCAPSULATED)
        self.assertEqual(shared.hex(), "fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc")
        key, nonce = hpke.key_schedule(shared, INFO, hpke.AES_128_GCM)
        self.assertEqual(key.hex(), "4531685d41d65f03dc48f6b8302c05b0")
        self.assertEqual(nonce.hex(), "56d890e5accaaf011cff4b7d")

    def test_the_first_message(self):
        opened = hpke.open_base(SECRET, ENCAPSULATED, INFO, b"Count-0", SEALED, hpke.AES_128_GCM)
        self.assertEqual(opened, PLAIN)

    def test_another_message_does_not_open(self):
        rows = [
            (b"Count-1", INFO, SEALED),
            (b"Count-0", b"", SEALED),
            (b"Count-0", INFO, SEALED[:-1] + b"\0"),
        ]
        for associated, info, sealed in rows:
            self.assertIsNone(hpke.open_base(SECRET, ENCAPSULATED, info, associated, sealed, hpke.AES_128_GCM))


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
