"""Who is trusted: keys by themselves, and root documents."""

from dataclasses import dataclass, field

import root
from keys import signer_id
from refused import Refused


@dataclass
class Trust:
    keys: set = field(default_factory=set)
    """Public keys that are trusted by themselves."""
    roots: list = field(default_factory=list)

    def require_signers(self, signers):
        """Row 8. Gives the root documents the image is trusted under; None if a signer is trusted by itself."""
        if self.keys & set(signers):
            return None
        under = [document for document in self.roots if document.role(root.RELEASE).has_enough(signers)]
        if not under:
            raise Refused("IMP-2106", "signed by nobody who is trusted")
        return under

    def issuers(self, signers, distributors):
        """Public keys that may issue grants, as a set that knows them by id where only ids are known."""
        known = self.keys | set(signers)
        for document in self.roots:
            role = document.role(root.DISTRIBUTOR)
            known |= role.keys if role else set()
        return Issuers(known, set(distributors))


def require_policy(under, signers):
    """Row 13, for an image that needs it: one document must be satisfied in both its roles."""
    for document in under:
        role = document.role(root.POLICY)
        if role is None or role.has_enough(signers):
            return
    raise Refused("IMP-2106", "not signed by the threshold of the role policy")


@dataclass
class Issuers:
    publics: set
    ids: set

    def __contains__(self, public):
        return public in self.publics or signer_id(public) in self.ids
