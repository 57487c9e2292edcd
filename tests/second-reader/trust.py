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
        """Row 8: one key that is trusted by itself, or enough of one document's role release."""
        if not self._has_own(signers) and not self._released_under(signers):
            raise Refused("IMP-2106", "signed by nobody who is trusted")

    def require_policy(self, signers, is_needed):
        """Row 13: where no signer is trusted by itself, one document must be satisfied in both roles."""
        if not self._has_own(signers) and not self.documents(signers, is_needed):
            raise Refused("IMP-2106", "not signed by the threshold of the role policy")

    def documents(self, signers, needs_policy):
        """The documents whose thresholds the signers of an image reach."""
        released = self._released_under(signers)
        return [document for document in released if not needs_policy or _has_policy(document, signers)]

    def issuers(self, signers, distributors, needs_policy):
        """Who may issue grants to an image: public keys, and the ids of its distributors."""
        publics = self.keys | set(signers)
        for document in self.documents(signers, needs_policy):
            role = document.role(root.DISTRIBUTOR)
            publics |= role.keys if role else set()
        return Issuers(publics, set(distributors))

    def _has_own(self, signers):
        return not self.keys.isdisjoint(signers)

    def _released_under(self, signers):
        return [document for document in self.roots if document.role(root.RELEASE).has_enough(signers)]


def _has_policy(document, signers):
    role = document.role(root.POLICY)
    return role is None or role.has_enough(signers)


@dataclass
class Issuers:
    publics: set
    ids: set

    def __contains__(self, public):
        return public in self.publics or signer_id(public) in self.ids
