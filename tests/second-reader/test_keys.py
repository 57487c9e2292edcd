"""Key files, locked ones, and shares."""

import unittest

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import codes
import keys
from refused import Refused
from writer import bytes_of, signer, station

HEX = bytes_of("some key").hex()
PUBLIC = signer("owner").public().material.hex()
KEY, SHARE = keys.parse_key, keys.parse_share


def locked(passphrase="open", kind="imprint-signing-secret-1", lock="argon2id:m=8,t=1,p=1", salt="00" * 16, zeros=12):
    start = f"{kind}.locked:{lock}:{salt}"
    key = hash_secret_raw(passphrase.encode(), bytes.fromhex(salt), 1, 8, 1, 32, Type.ID)
    return start + ":" + AESGCM(key).encrypt(bytes(zeros), bytes.fromhex(HEX), start.encode()).hex()


class Keys(unittest.TestCase):
    def refused(self, code, data, **options):
        with self.subTest(data):
            with self.assertRaises(Refused) as refused:
                KEY(data.encode("latin-1"), **options)
            self.assertEqual(refused.exception.code, code)

    def test_line_ends(self):
        for end in ("", "\n", "\r\n"):
            self.assertEqual(KEY(f"imprint-station-secret-1:{HEX}{end}".encode()).material.hex(), HEX)
        for end in ("\r", "\n\n", " ", "\r\r\n", "\n ", "\0"):
            self.refused(codes.DAMAGED_KEY, f"imprint-station-secret-1:{HEX}{end}")

    def test_what_is_no_key(self):
        self.refused(codes.NOT_A_KEY, "")
        self.refused(codes.NOT_A_KEY, "hello")
        self.refused(codes.NOT_A_KEY, "imprint-station-secret-1:" + HEX + "0" * 512)
        self.refused(codes.NOT_A_KEY, "imprint-station-secret-1:" + HEX[:-1] + "\xe9")
        self.refused(codes.NOT_A_KEY, f"\xef\xbb\xbfimprint-station-secret-1:{HEX}")
        self.refused(codes.UNKNOWN_KIND_OF_KEY, f"imprint-station-secret-2:{HEX}")
        self.refused(codes.UNKNOWN_KIND_OF_KEY, f"imprint-station-public-1.locked:{HEX}")
        self.refused(codes.KEY_FOR_ANOTHER_PURPOSE, f"imprint-station-public-1:{HEX}", purpose=keys.STATION_SECRET)
        for digits in (HEX[:-1], HEX + "0", HEX.upper(), HEX[:-1] + "g", HEX[:-1] + "\xc3\xa9", " " + HEX, ""):
            self.refused(codes.DAMAGED_KEY, f"imprint-station-public-1:{digits}")

    def test_public_keys_of_signers_are_sound(self):
        self.assertEqual(KEY(f"imprint-signing-public-1:{PUBLIC}".encode()).id(), signer("owner").id())
        for bad in ("00" * 32, "01" + "00" * 31, "ee" + "ff" * 30 + "7f", "ed" + "ff" * 30 + "7f", "02" + "00" * 31):
            self.refused(codes.DAMAGED_KEY, f"imprint-signing-public-1:{bad}")

    def test_a_lock_opens_with_its_passphrase_only(self):
        self.assertEqual(KEY(locked().encode(), "open").material.hex(), HEX)
        self.assertEqual(KEY((locked(kind="imprint-station-secret-1") + "\r\n").encode(), "open").material.hex(), HEX)
        rows = [
            (codes.KEY_UNDER_PASSPHRASE, locked(), None),
            (codes.KEY_UNDER_PASSPHRASE, locked()[:-1], None),
            (codes.WRONG_PASSPHRASE, locked(), "Open"),
            (codes.WRONG_PASSPHRASE, locked().replace("signing", "station"), "open"),
            (codes.WRONG_PASSPHRASE, locked().replace("m=8", "m=9"), "open"),
            (codes.DAMAGED_KEY, locked()[:-1], "open"),
            (codes.DAMAGED_KEY, locked() + "0", "open"),
            (codes.UNKNOWN_KIND_OF_KEY, locked().replace("secret", "public"), "open"),
        ]
        for code, line, passphrase in rows:
            self.refused(code, line, passphrase=passphrase)

    def test_a_lock_out_of_its_range(self):
        for lock in ("m=7,t=1,p=1", "m=1048577,t=1,p=1", f"m={10**30},t=1,p=1", "m=8,t=0,p=1", "m=8,t=17,p=1", "m=8,t=1,p=0",
                     "m=64,t=1,p=5", "m=8,t=1,p=2", "m=0,t=0,p=0"):
            self.refused(codes.COST_OUT_OF_RANGE, locked(lock=f"argon2id:{lock}"), passphrase="open")
        for lock in ("m=08,t=1,p=1", "t=1,m=8,p=1", "m=8,t=1,p=1,x=1", "m=+8,t=1,p=1", "m=8,t=1", "m=-8,t=1,p=1", "m= 8,t=1,p=1"):
            self.refused(codes.DAMAGED_KEY, locked(lock=f"argon2id:{lock}"), passphrase="open")
        self.refused(codes.DAMAGED_KEY, locked(lock="argon2i:m=8,t=1,p=1"), passphrase="open")

    def test_shares(self):
        good = f"imprint-job-share-1:{HEX[:32]}:{HEX}:{HEX}"
        self.assertEqual(SHARE((good + "\n").encode()).image.hex(), HEX)
        for bad in (good.upper(), good[:-1], good + ":", good.replace("-1:", "-2:"), good + "\n\n", f"imprint-job-share-1:{HEX}"):
            with self.subTest(bad), self.assertRaises(Refused):
                SHARE(bad.encode())

    def test_key_ids_differ_by_kind(self):
        self.assertNotEqual(keys.Key(keys.SIGNING_PUBLIC, bytes(32)).id(), keys.Key(keys.STATION_PUBLIC, bytes(32)).id())
        self.assertEqual(station("a").id(), station("a").public().id())


if __name__ == "__main__":
    unittest.main()
