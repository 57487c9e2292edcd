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
        with self.subTest():
            with self.assertRaises(Refused) as refused:
                read(*data)
            self.assertEqual(refused.exception.code, code)

    def test_a_sound_one(self):
        document = root.parse_root(root_of(ROLES, [A, C]))
        self.assertEqual((document.owner, document.number), ("Acme", 1))
        self.assertTrue(document.role(root.RELEASE).has_enough([D.public().material]))
        self.assertIsNone(document.role(root.POLICY))

    def test_not_enough_or_strange_signatures(self):
        for signers in ([A], [A, D], [D]):
            self.refused(codes.ROOT_SIGNED_BY_TOO_FEW, root.parse_root, root_of(ROLES, signers))
        self.refused(codes.ROOT_SIGNED_BY_STRANGER, root.parse_root, root_of(ROLES, [A, B, D]))
        sound = root_of(ROLES, [A, B])
        self.refused(codes.ROOT_SIGNATURES, root.parse_root, sound[:-1] + bytes([sound[-1] ^ 1]))

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
            (codes.ROOT_SIGNATURES, sound + sound[-96:]),
            (codes.ROOT_SIGNATURES, sound[:body_end] + sound[-96:] + sound[body_end : body_end + 96]),
        ]
        for code, data in rows:
            self.refused(code, root.parse_root, data)

    def test_bodies(self):
        twice = [root.ROOT, 1, [A.public().material] * 2]
        down = [root.ROOT, 1, sorted((A.public().material, B.public().material), reverse=True)]
        small = [root.RELEASE, 1, [b"\1" + bytes(31)]]
        many = role(root.RELEASE, 1, *(signer(f"many {number}") for number in range(17)))
        damaged = [
            {1: ""}, {1: "x" * 65}, {1: b"Acme"}, {1: DROP}, {2: 0}, {2: -1}, {2: DROP}, {3: {}}, {4: 0}, {1000: b""},
            {3: [[1, 1]]}, {3: [[1, 1, [bytes(31)]]]}, {3: [["root", 1, []]]},
        ]
        impossible = [
            [], ROLES[:1], ROLES[1:], ROLES[::-1], ROLES + [ROLES[1]], ROLES + [role(6, 1, A)], [role(0, 1, A)] + ROLES,
            [role(root.ROOT, 0, A), ROLES[1]], [role(root.ROOT, 4, A, B, C), ROLES[1]],
            ROLES + [role(root.DISTRIBUTOR, 2, A, B)], [role(root.ROOT, 1), ROLES[1]],
            [twice, ROLES[1]], [down, ROLES[1]], [ROLES[0], small], [ROLES[0], many],
        ]
        for changes in damaged:
            self.refused(codes.DAMAGED_ROOT, root.parse_root, root_of(ROLES, [A, B], changes=changes))
        for roles in impossible:
            self.refused(codes.IMPOSSIBLE_ROLES, root.parse_root, root_of(roles, [A, B]))

    def test_following(self):
        first = root.parse_root(root_of(ROLES, [A, B]))
        roles = [role(root.ROOT, 1, D), ROLES[1]]

        def follow(signers, number=2, owner="Acme"):
            return root.parse_root(root_of(roles, signers, number, owner), first)

        self.assertEqual(follow([A, B, D]).number, 2)
        self.assertEqual(follow([A, B, C, D]).number, 2)
        self.refused(codes.ROOT_SIGNED_BY_TOO_FEW, follow, [A, B])
        self.refused(codes.ROOT_SIGNED_BY_TOO_FEW, follow, [A, D])
        self.refused(codes.ROOT_SIGNED_BY_STRANGER, follow, [A, B, D, signer("stranger")])
        for number in (1, 3):
            self.refused(codes.ROOT_DOES_NOT_FOLLOW, follow, [A, B, D], number)
        self.refused(codes.ROOT_OF_ANOTHER_OWNER, follow, [A, B, D], 2, "Acme ")

    def test_a_start_with_a_later_number(self):
        """Its signers may be of a document that is not known any more; they must hold all the same."""
        later = root_of(ROLES, [A, B, D], 7)
        self.assertEqual(root.parse_root(later).number, 7)
        self.refused(codes.ROOT_SIGNATURES, root.parse_root, later[:-1] + bytes([later[-1] ^ 1]))
        self.refused(codes.ROOT_SIGNED_BY_TOO_FEW, root.parse_root, root_of(ROLES, [A, D], 7))


if __name__ == "__main__":
    unittest.main()
