"""Root documents, by themselves and after each other."""

import unittest

import codes
import root
from refused import Refused
from writer import DROP, bytes_of, role, root_of, signer

A, B, C, D = (signer(name) for name in "ABCD")
ROLES = [role(root.ROOT, 2, A, B, C), role(root.RELEASE, 1, D)]


class Roots(unittest.TestCase):
    def refused(self, code, read, *data):
        with self.subTest(), self.assertRaises(Refused) as refused:
            read(*data)
        self.assertEqual(refused.exception.code, code)

    def test_a_sound_one(self):
        document = root.parse_root(root_of(ROLES, [A, C]))
        self.assertEqual((document.owner, document.number), ("Acme", 1))
        self.assertTrue(document.role(root.RELEASE).has_enough([D.public().material]))
        self.assertIsNone(document.role(root.POLICY))

    def test_not_enough_or_strange_signatures(self):
        for signers in ([A], [A, D], [A, B, D]):
            self.refused(codes.ROOT_NOT_SIGNED, root.parse_root, root_of(ROLES, signers))
        sound = root_of(ROLES, [A, B])
        self.refused(codes.ROOT_NOT_SIGNED, root.parse_root, sound[:-1] + bytes([sound[-1] ^ 1]))

    def test_fixed_parts(self):
        sound = root_of(ROLES, [A, B])
        body_end = 16 + int.from_bytes(sound[12:16], "little")
        rows = [
            (codes.NOT_A_ROOT, b""),
            (codes.NOT_A_ROOT, b"\x09" + sound[1:]),
            (codes.ROOT_OF_UNKNOWN_VERSION, sound[:8] + b"\2\0" + sound[10:]),
            (codes.DAMAGED_ROOT, sound[:12]),
            (codes.DAMAGED_ROOT, sound[:10] + b"\1\0" + sound[12:]),
            (codes.DAMAGED_ROOT, sound[:12] + bytes(4) + sound[16:]),
            (codes.DAMAGED_ROOT, sound[:12] + b"\xff" * 4 + sound[16:]),
            (codes.DAMAGED_ROOT, sound[:body_end]),
            (codes.DAMAGED_ROOT, sound[:-1]),
            (codes.DAMAGED_ROOT, sound + b"\0"),
            (codes.DAMAGED_ROOT, sound + sound[-96:]),
            (codes.DAMAGED_ROOT, sound[:body_end] + sound[-96:] + sound[body_end : body_end + 96]),
        ]
        for code, data in rows:
            self.refused(code, root.parse_root, data)

    def test_bodies(self):
        twice = [root.ROOT, 1, [A.public().material] * 2]
        down = [root.ROOT, 1, sorted((A.public().material, B.public().material), reverse=True)]
        small = [root.RELEASE, 1, [b"\1" + bytes(31)]]
        many = role(root.RELEASE, 1, *(signer(f"many {number}") for number in range(17)))
        rows = [
            {1: ""}, {1: "x" * 65}, {1: b"Acme"}, {1: DROP}, {2: 0}, {2: -1}, {2: DROP}, {3: []}, {4: 0}, {1000: b""},
            {3: ROLES[:1]}, {3: ROLES[1:]}, {3: ROLES[::-1]}, {3: ROLES + [ROLES[1]]},
            {3: ROLES + [role(6, 1, A)]}, {3: [role(0, 1, A)] + ROLES},
            {3: [role(root.ROOT, 0, A), ROLES[1]]}, {3: [role(root.ROOT, 4, A, B, C), ROLES[1]]},
            {3: ROLES + [role(root.DISTRIBUTOR, 2, A, B)]}, {3: [role(root.ROOT, 1), ROLES[1]]},
            {3: [twice, ROLES[1]]}, {3: [down, ROLES[1]]}, {3: [ROLES[0], small]}, {3: [ROLES[0], many]},
        ]
        for changes in rows:
            self.refused(codes.DAMAGED_ROOT, root.parse_root, root_of(ROLES, [A, B], changes=changes))

    def test_following(self):
        first = root.parse_root(root_of(ROLES, [A, B]))
        roles = [role(root.ROOT, 1, D), ROLES[1]]

        def follow(signers, **options):
            return root.follow(first, root.parse_root(root_of(roles, signers, **({"number": 2} | options))))

        self.assertEqual(follow([A, B, D]).number, 2)
        self.assertEqual(follow([A, B, C, D]).number, 2)
        self.refused(codes.ROOT_NOT_SIGNED, follow, [A, B])
        self.refused(codes.ROOT_NOT_SIGNED, follow, [A, D])
        self.refused(codes.ROOT_NOT_SIGNED, follow, [A, B, D, signer("stranger")])
        for options in ({"number": 3}, {"owner": "Acme "}):
            with self.assertRaises(Refused) as refused:
                follow([A, B, D], **options)
            self.assertEqual(refused.exception.code, codes.ROOT_DOES_NOT_FOLLOW)


if __name__ == "__main__":
    unittest.main()
