"""Images and grants: sound ones open, and each fault has its code."""

import unittest
from io import BytesIO

import cbor
import image
import root
from expect import U64_MAX
from keys import Share
from reader import read_image
from refused import Refused
from trust import Trust
from writer import DROP, Seal, bytes_of, object_of, role, root_of, signer, station

OWNER = signer("owner")
TRUST = Trust({OWNER.public().material})
ONE, TWO = station("one"), station("two")
CHUNK = 65_536


def encrypted(**options):
    return Seal(suite=image.ENCRYPTED, **({"stations": [ONE, TWO]} | options))


def job(**options):
    return encrypted(kind=1, **options)


def share_of(sealed, **changes):
    return Share(**({"deployment": sealed.deployment, "image": sealed.image_id(), "share": sealed.cloud_share} | changes))


def read(data, trust=TRUST, **options):
    return read_image(BytesIO(data), trust, **options)


class Case(unittest.TestCase):
    def refused(self, code, data, **options):
        with self.subTest(code):
            with self.assertRaises(Refused) as refused:
                read(data, **options)
            self.assertEqual(refused.exception.code, code, refused.exception.why)


class Opens(Case):
    def test_plain_encrypted_and_job_give_the_same_object(self):
        sealed = job()
        objects = {
            read(Seal().write())["object"],
            read(encrypted().write(), station=TWO)["object"],
            read(sealed.write(), station=ONE, share=share_of(sealed))["object"],
        }
        self.assertEqual(len(objects), 1)

    def test_any_length_of_object(self):
        # 32 bytes of salt, so that the last chunk is empty, full but for one byte, or one byte long.
        empty = len(object_of(b""))
        for total in (CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 257 * CHUNK):
            firmware = bytes_of("firmware", total - 32 - empty)
            firmware = firmware[: len(firmware) - (len(object_of(firmware)) - empty - len(firmware))]
            for sealed in (Seal(object_of(firmware)), encrypted(object=object_of(firmware))):
                self.assertEqual(len(sealed.object) + 32, total)
                read(sealed.write(), station=ONE)

    def test_cosigned(self):
        signers = [signer(number) for number in range(7)] + [OWNER]
        self.assertEqual(len(read(Seal(signers=signers).write())["signers"]), 8)


class EveryBit(Case):
    def test_every_flipped_bit_of_the_image_proper_is_refused(self):
        for sealed in (Seal(object_of(b"x")), encrypted(object=object_of(b"x"))):
            data = sealed.write(grants=b"")
            behind = b"".join(sealed.grant(to) for to in sealed.stations)
            for place in range(len(data)):
                changed = bytearray(data)
                changed[place] ^= 1 << place % 8
                with self.assertRaises(Refused, msg=place):
                    read(bytes(changed) + behind, station=ONE)

    def test_every_length_is_refused(self):
        data = Seal(object_of(b"x")).write()
        for length in range(len(data)):
            self.refused("IMP-2100" if length < 8 else "IMP-2104", data[:length])
        self.refused("IMP-2105", data + b"\0")


class Rows(Case):
    """The order of checks, row by row, each with the later faults in the file too where that is possible."""

    def test_header(self):
        def edit(start, value):
            return lambda header: header[:start] + value + header[start + len(value) :]

        rows = [
            ("IMP-2100", edit(0, b"\x89IMO")), ("IMP-2101", edit(8, b"\2")), ("IMP-2101", edit(8, b"\2\0\2")),
            ("IMP-2102", edit(10, b"\2\0")), ("IMP-2102", edit(10, b"\0\0\1")), ("IMP-2103", edit(12, b"\1")),
            ("IMP-2103", edit(63, b"\1")), ("IMP-2103", edit(16, bytes(4))), ("IMP-2103", edit(16, b"\1\0\x10\0")),
            ("IMP-2104", edit(16, b"\0\0\x10\0")), ("IMP-2103", edit(20, bytes(4))), ("IMP-2103", edit(20, b"\x61")),
            ("IMP-2103", edit(20, (96 * 9).to_bytes(4, "little"))), ("IMP-2103", edit(24, b"\x40")),
            ("IMP-2108", edit(32, (31).to_bytes(8, "little"))), ("IMP-2103", edit(39, b"\1")),
        ]
        for code, header_edit in rows:
            self.refused(code, Seal(header_edit=header_edit).write())
        # In suite 1 a chunk has a tag: 15 bytes behind a whole one are none.
        for length in (0, 15, 65_552, 65_552 + 15):
            self.refused("IMP-2103", encrypted(header_edit=edit(32, length.to_bytes(8, "little"))).write())

    def test_signatures(self):
        sealed = Seal(signers=[OWNER, signer("another")])
        data = sealed.write()
        at = 64 + int.from_bytes(data[16:20], "little")
        first, second = data[at : at + 96], data[at + 96 : at + 192]

        def with_records(*records):
            return data[:at] + b"".join(records) + data[at + 192 :]

        self.refused("IMP-2107", with_records(second, first))
        self.refused("IMP-2107", with_records(first, first))
        self.refused("IMP-2107", with_records(b"\1" + bytes(31) + first[32:], second))
        self.refused("IMP-2107", with_records(first[:-1] + b"\x10", second))
        self.refused("IMP-2106", data, trust=Trust())
        # Who is not trusted is told before a signature that does not hold.
        self.refused("IMP-2106", with_records(first[:-1] + b"\x10", second), trust=Trust())

    def test_manifests_in_another_encoding(self):
        sound = cbor.encode(Seal().manifest_map())
        self.assertEqual(sound[:3], b"\xab\x01\x00")
        rows = [
            b"", b"\xa0", b"\x80", b"\xf6", b"\x00", sound[:-1], sound + b"\xf6", b"\xbf" + sound[1:] + b"\xff",
            b"\xb8\x0b" + sound[1:], b"\xab\x18\x01\x00" + sound[3:], b"\xab\x01\x18\x00" + sound[3:],
            b"\xac\x01\x00" + sound[1:], b"\xbf\x10\x00\xff", b"\xac" + sound[1:] + b"\x01\x00", b"\xac\x20\x00" + sound[1:],
            b"\xac" + sound[1:] + b"\x20\x00", b"\xac" + sound[1:] + b"\x61a\x00",
        ]
        for manifest in rows[1:]:
            self.refused("IMP-2108", Seal(manifest=manifest).write())

    def test_manifest_keys(self):
        many = {key: b"" for key in range(1000, 1065)}
        unknown = [{0: 0}, {16: 0}, {999: b""}, {16: 0, 2: 7}, {16: 0, 1: DROP}, {16: 0, 13: {}}]
        for changes in unknown:
            self.refused("IMP-2109", Seal(manifest_changes=changes).write())
        # Of a manifest that is newer and unreadable it is said that it is newer.
        for manifest in (b"\xa1\x10", b"\xa2\x01\xf9\x3c\x00\x18\x10\x00", b"\xa2\x01" + b"\x81" * 9999 + b"\x00\x10\x00"):
            self.refused("IMP-2109", Seal(manifest=manifest).write())
        ids = sorted(bytes_of(number) for number in range(9))
        bad = [{key: DROP} for key in (1, 2, 3, 4, 5, 6, 7, 9, 10, 11)]
        bad += [{key: None} for key in range(1, 16)]
        bad += [{1: 2}, {1: False}, {2: ""}, {2: "x" * 65}, {2: "-x"}, {2: ".x"}, {2: "a b"}, {2: "\u00e4"}, {2: "a\n"}, {2: b"a"}]
        bad += [{3: "x" * 65}, {4: bytes(15)}, {4: bytes(17)}, {4: "x" * 16}]
        bad += [{5: [0]}, {5: [6]}, {5: [2, 1]}, {5: [1, 1]}, {5: [True]}, {5: {}}]
        bad += [{6: limits} for limits in ({}, {1: 1}, {2: 1}, {1: 0, 2: 1}, {1: 1, 2: 0}, {1: 86_400_001, 2: 1},
                                           {1: 1, 2: 3_600_001}, {1: 1, 2: 1, 3: 1}, [1, 1])]
        bad += [{7: family} for family in ([], ["x", 1], ["x" * 65, 1, [1, 0, 0]], ["x", 1 << 16, [1, 0, 0]],
                                           ["x", 1, [1, 0]], ["x", 1, [1, 0, 1 << 32]], ["x", 1, [1, 0, 0], 1])]
        bad += [{8: distributors} for distributors in ([], ids, ids[1::-1], ids[:1] * 2, [bytes(31)], [True])]
        bad += [{9: -1}, {9: 1}, {10: bytes(31)}, {11: bytes(33)}, {12: bytes(32)}, {14: bytes(16)}, {15: 1}]
        bad += [{13: them} for them in ({}, {1: 2, 2: 1}, {3: 0}, {4: 0}, {5: 0}, {6: []}, {6: ids[::-1]}, {6: [bytes(31)]},
                                        {7: 1 << 32}, {8: 1}, {0: 1}, {1: -1}, {1: True}, [], {1000: b""})]
        bad += [many, {1000: "x"}, {1000: 1}, {U64_MAX: []}]
        for changes in bad:
            self.refused("IMP-2108", Seal(manifest_changes=changes).write())
        for changes in ({14: DROP}, {15: DROP}, {15: 0}, {14: bytes(15)}, {12: DROP}, {12: bytes(31)}):
            self.refused("IMP-2108", job(manifest_changes=changes).write(), station=ONE)
        self.refused("IMP-2108", Seal(kind=1).write())
        for changes in ({1000: b"x" * 65}, many | {1001: DROP}, {U64_MAX: b""}, {8: ids[:8]}, {13: {1: 5, 2: 5, 3: 1, 4: U64_MAX, 6: ids, 7: 0}}):
            read(Seal(manifest_changes=changes).write())

    def test_index_and_chunks(self):
        sealed = Seal(object_of(bytes(CHUNK)))
        data = sealed.write()
        header = image.parse_header(data[:64])
        index_at = header.image_len - header.payload_len - header.index_len

        def flipped(place):
            return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]

        self.refused("IMP-2111", flipped(index_at))
        # The index is looked at before what is behind the image.
        self.refused("IMP-2111", flipped(index_at) + b"\0")
        self.refused("IMP-2112", flipped(index_at + header.index_len))
        self.refused("IMP-2112", flipped(len(data) - 1))
        self.refused("IMP-2111", Seal(manifest_changes={11: bytes(32)}).write())

    def test_objects(self):
        good = object_of()
        bad = [b"", good[:47], b"\x09" + good[1:], good[:8] + b"\2" + good[9:], good[:10] + b"\1" + good[11:],
               good[:13] + b"\xff" + good[14:], good[:16] + bytes(32) + good[48:]]
        bad += [object_of(changes={key: DROP}) for key in (1, 2, 3, 4, 5, 6, 7, 8, 15, 16)]
        bad += [object_of(changes={key: 7}) for key in range(1, 18)]
        bad += [object_of(sections={name: DROP}) for name in ("device", "plan", "script", "payload/firmware")]
        bad += [object_of(sections={name: b""}) for name in ("payload/another", "spare", "modules/x", "module/")]
        roles = ["device", "payload/firmware", "recipe", "script"]
        bad += [object_of(changes={15: [[role, bytes(32)] for role in them]}) for them in (roles, roles[1:], [*roles, "serial/sn"])]
        for data in bad:
            self.refused("IMP-2113", Seal(data).write())
        other = [{1: "other"}, {2: "other"}, {3: "other"}, {4: []}, {5: {1: 1, 2: 1}}]
        for changes in other:
            self.refused("IMP-2114", Seal(object_of(changes=changes)).write())
        for data in (good[:-1], good + b"\0"):
            self.refused("IMP-2114", Seal(data).write())
        self.refused("IMP-2114", Seal(manifest_changes={10: bytes(32)}).write())


class Grants(Case):
    sealed = encrypted(stations=[])
    data = sealed.write()

    def of(self, *options):
        return b"".join(self.sealed.grant(ONE, **it) for it in options)

    def test_without_a_way_in(self):
        self.refused("IMP-2200", self.data)
        self.refused("IMP-2201", self.data, station=ONE)
        self.refused("IMP-2201", self.data + self.sealed.grant(TWO), station=ONE)
        self.refused("IMP-2201", self.data + self.of({"image": bytes(32)}), station=ONE)
        self.refused("IMP-2203", self.data + self.of({}), station=ONE, grants=b"\0")
        self.refused("IMP-2203", self.data, station=ONE, grants=self.of({})[:-1])
        self.refused("IMP-2203", self.data, station=ONE, grants=self.of({}) + bytes(288))
        self.refused("IMP-2105", self.data + self.of({}) + bytes(288), station=ONE)
        self.refused("IMP-2105", self.data + self.of({})[:-1], grants=b"\0")

    def test_bad_ones(self):
        stranger = signer("stranger")
        bad = [{"version": 2}, {"kind": 1}, {"kind": 2}, {"suite": 0x8001}, {"flags": 2}, {"flags": 0x8000}, {"zero": b"\1" + bytes(15)},
               {"until": 9}, {"issuer": stranger}, {"carried": bytes(32)}]
        for options in bad:
            self.refused("IMP-2202", self.data + self.of(options), station=ONE, now=10)
            # A bad one does no harm beside a good one, wherever it is.
            for grants in (self.of(options, {}), self.of({}, options)):
                self.assertEqual(read(self.data + grants, station=ONE, now=10)["grant"]["cap"], U64_MAX)
                self.assertEqual(read(self.data, station=ONE, now=10, grants=grants)["grant"]["cap"], U64_MAX)
        good = self.of({})
        for place in range(8, 288):
            changed = bytearray(good)
            changed[place] ^= 1 << place % 8
            self.refused("IMP-2201" if 16 <= place < 80 else "IMP-2202", self.data + changed, station=ONE)

    def test_which_one_counts(self):
        rows = [
            ([{"cap": 5}, {"cap": 7}, {"cap": 6}], 0, 7, False),
            ([{"cap": 5}, {"cap": 7, "until": 9}], 9, 7, False),
            ([{"cap": 5}, {"cap": 7, "until": 9}], 10, 5, False),
            ([{"cap": 0}, {"flags": 1}], 0, 0, False),
            ([{"cap": 3, "until": 9}, {"flags": 1, "cap": 2}], 10, 2, True),
            ([{"cap": 3, "issuer": signer("stranger")}, {"flags": 1, "cap": 1}, {"flags": 1, "cap": 2}], 0, 2, True),
        ]
        for options, now, cap, is_owners in rows:
            half = len(options) // 2
            for behind, beside in ((options, []), ([], options), (options[half:], options[:half])):
                found = read(self.data + self.of(*behind), station=ONE, grants=self.of(*beside), now=now)["grant"]
                self.assertEqual((found["cap"], found["owner"]), (cap, is_owners))

    def test_who_may_issue(self):
        distributor = signer("distributor")
        sealed = encrypted(manifest_changes={8: [distributor.id()]}, signers=[OWNER, signer("another")])
        for issuer in (OWNER, distributor, signer("another")):
            read(sealed.write(sealed.grant(ONE, issuer=issuer)), station=ONE)
        roles = [role(root.ROOT, 1, signer("root")), role(root.RELEASE, 1, OWNER, signer("idle")), role(root.DISTRIBUTOR, 1, distributor)]
        trust = Trust(roots=[root.parse_root(root_of(roles, [signer("root")]))])
        read(self.data + self.of({"issuer": distributor}), station=ONE, trust=trust)
        for issuer in (signer("idle"), signer("root")):
            self.refused("IMP-2202", self.data + self.of({"issuer": issuer}), station=ONE, trust=trust)

    def test_jobs(self):
        sealed = job()
        data = sealed.write()
        self.refused("IMP-2120", data, station=ONE)
        self.refused("IMP-2121", data, station=ONE, share=share_of(sealed, image=bytes(32)))
        self.refused("IMP-2121", data, station=ONE, share=share_of(sealed, deployment=bytes(16)))
        self.refused("IMP-2122", data, station=ONE, share=share_of(sealed, share=bytes(32)))
        self.refused("IMP-2200", data, share=share_of(sealed))
        wrong = sealed.grant(ONE, carried=bytes(32))
        self.refused("IMP-2122", sealed.write(wrong), station=ONE, share=share_of(sealed))


class Roots(Case):
    A, B, C = (signer(name) for name in "ABC")

    def trust(self, *roles):
        document = root_of([role(root.ROOT, 1, self.A), *roles], [self.A])
        return Trust(roots=[root.parse_root(document)])

    def test_thresholds(self):
        two = self.trust(role(root.RELEASE, 2, self.A, self.B, self.C))
        read(Seal(signers=[self.A, self.C]).write(), trust=two)
        read(Seal(signers=[self.A, self.C, OWNER]).write(), trust=two)
        self.refused("IMP-2106", Seal(signers=[self.A, OWNER]).write(), trust=two)
        # The root key alone releases nothing.
        self.refused("IMP-2106", Seal(signers=[self.A]).write(), trust=self.trust(role(root.RELEASE, 1, self.B)))

    def test_policy(self):
        trust = self.trust(role(root.RELEASE, 1, self.B), role(root.POLICY, 2, self.B, self.C))
        restricted = {13: {3: 5}}
        read(Seal(signers=[self.B]).write(), trust=trust)
        read(Seal(signers=[self.B, self.C], manifest_changes=restricted).write(), trust=trust)
        self.refused("IMP-2106", Seal(signers=[self.B], manifest_changes=restricted).write(), trust=trust)
        self.refused("IMP-2106", job(signers=[self.B]).write(), trust=trust, station=ONE)
        # A manifest that cannot be read is told first, a damaged index later.
        self.refused("IMP-2108", Seal(signers=[self.B], manifest_changes={13: {}}).write(), trust=trust)
        self.refused("IMP-2106", Seal(signers=[self.B], manifest_changes=restricted | {11: bytes(32)}).write(), trust=trust)
        read(Seal(signers=[self.B], manifest_changes=restricted).write(), trust=self.trust(role(root.RELEASE, 1, self.B)))
        # Who is trusted by himself needs no policy.
        by_itself = Trust({self.B.public().material}, trust.roots)
        read(Seal(signers=[self.B], manifest_changes=restricted).write(), trust=by_itself)


if __name__ == "__main__":
    unittest.main()
