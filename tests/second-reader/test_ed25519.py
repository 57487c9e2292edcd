"""Strict Ed25519: what other verifiers let pass, and what nobody may."""

import unittest
from hashlib import sha512

import ed25519
from ed25519 import IDENTITY, L, P, add, compress, decompress, multiply

MESSAGE = b"a message"
BASE = (
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
)
# The eight points of small order are the multiples of this one.
EIGHTH = decompress(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"))


def sign(scalar, public, nonce=5, r=None, challenge_r=None):
    """Signs with a scalar; a public key, R, and the R within the hash may be any."""
    r = compress(multiply(nonce, BASE)) if r is None else r
    hashed = sha512((challenge_r or r) + public + MESSAGE).digest()
    s = (nonce + int.from_bytes(hashed, "little") * scalar) % L
    return r + s.to_bytes(32, "little")


def holds(public, signature):
    return ed25519.verify(public, MESSAGE, signature)


class Strict(unittest.TestCase):
    scalar = 1234567890123456789
    public = compress(multiply(scalar, BASE))

    def test_a_sound_signature_holds_and_each_changed_bit_counts(self):
        signature = sign(self.scalar, self.public)
        self.assertTrue(holds(self.public, signature))
        for bit in range(512):
            changed = int.from_bytes(signature, "little") ^ 1 << bit
            self.assertFalse(holds(self.public, changed.to_bytes(64, "little")), bit)

    def test_rfc_8032_section_7_1(self):
        rows = [
            ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
             "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
            ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
             "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
        ]
        for public, message, signature in rows:
            self.assertTrue(ed25519.verify(*map(bytes.fromhex, (public, message, signature))))

    def test_s_must_be_below_the_order(self):
        signature = sign(self.scalar, self.public)
        s = int.from_bytes(signature[32:], "little") + L
        self.assertFalse(holds(self.public, signature[:32] + s.to_bytes(32, "little")))

    def test_the_points_of_small_order_are_no_keys(self):
        points = {compress(multiply(count, EIGHTH)) for count in range(8)}
        self.assertEqual(len(points), 8)
        for public in points:
            self.assertFalse(ed25519.is_sound(public), public.hex())

    def test_a_key_of_small_order_signs_nothing(self):
        # With the identity as the key, R = S·B holds for every message.
        for count in range(8):
            public = compress(multiply(count, EIGHTH))
            for nonce in range(1, 9):
                self.assertFalse(holds(public, sign(0, public, nonce)))

    def test_r_must_not_be_of_small_order(self):
        # S = k·a and R the identity fit the equation.
        r = compress(IDENTITY)
        self.assertFalse(holds(self.public, sign(self.scalar, self.public, 0, r)))

    def test_encodings_that_are_not_canonical_are_no_points(self):
        for y in range(P, 1 << 255):
            for sign_bit in (0, 1):
                encoded = (y | sign_bit << 255).to_bytes(32, "little")
                self.assertIsNone(decompress(encoded))
        for y in (1, P - 1):
            self.assertIsNone(decompress((y | 1 << 255).to_bytes(32, "little")), "minus zero")

    def test_half_of_all_bytes_are_no_point(self):
        count = sum(decompress(y.to_bytes(32, "little")) is not None for y in range(200))
        self.assertTrue(60 < count < 140, count)

    def test_the_equation_is_the_one_without_the_cofactor(self):
        """A key with a part of small order is a key; a signature that holds only when multiplied by eight does not hold."""
        public = compress(add(multiply(self.scalar, BASE), EIGHTH))
        self.assertTrue(ed25519.is_sound(public))
        signatures = [sign(self.scalar, public, nonce) for nonce in range(1, 65)]
        challenges = [int.from_bytes(sha512(it[:32] + public + MESSAGE).digest(), "little") % L for it in signatures]
        self.assertEqual([holds(public, it) for it in signatures], [challenge % 8 == 0 for challenge in challenges])
        self.assertTrue(any(challenge % 8 == 0 for challenge in challenges))

    def test_r_with_a_part_of_small_order_does_not_hold(self):
        r = compress(add(multiply(5, BASE), EIGHTH))
        self.assertFalse(holds(self.public, sign(self.scalar, self.public, 5, r)))


if __name__ == "__main__":
    unittest.main()
