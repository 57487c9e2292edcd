"""Records of a public key and a signature, as images and root documents have them."""

import ed25519
from expect import ascending
from keys import signer_id
from refused import require

RECORD_LEN = 96


def parse_records(data):
    """Pairs of public key and signature; sound keys, sorted by key id, each once."""
    records = [data[at : at + RECORD_LEN] for at in range(0, len(data), RECORD_LEN)]
    records = [(record[:32], record[32:]) for record in records]
    for public, _ in records:
        require(ed25519.is_sound(public), "a public key that is not sound")
    ascending([signer_id(public) for public, _ in records])
    return records


def verify_all(signed, records):
    """Every signature over `signed` and all public keys in their order."""
    message = signed + b"".join(public for public, _ in records)
    for public, signature in records:
        require(ed25519.verify(public, message, signature), f"the signature of {public.hex()} does not hold")
