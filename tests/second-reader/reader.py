#!/usr/bin/env python3
"""Reads an image as `docs/image-format.md` says, and prints what it found as JSON.

Exit code 0: it opens. 1: it is refused, and `code` says why. 2: the command line is wrong, or a file is not there.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import keys
import root
from image import Image
from keys import SIGNING_PUBLIC, STATION_SECRET
from refused import Refused
from sealed_object import check_everything, check_object
from trust import Trust

NO_LIMIT = (1 << 64) - 1


def read_image(source, trust, station=None, share=None, grants=b"", now=0, full=True):
    """Everything the page checks, and what was found. `source` is a file opened for reading bytes."""
    image = Image(source, trust)
    payload, chosen = image.unlock(station, share, grants, now)
    directory = check_object(payload, image.manifest)
    found = {"image": image.id.hex(), "signers": [keys.signer_id(public).hex() for public in image.signers]}
    found |= _plain(image.manifest)
    if chosen:
        found["grant"] = {"cap": chosen.cap, "until": chosen.until, "owner": chosen.is_owners}
    found["sections"] = [name for name, _, _ in directory.sections]
    found["memory"] = directory.memory_hash.hex()
    if full:
        found["object"] = check_everything(payload, image.manifest).hex()
    return found


def _plain(manifest):
    """The manifest as JSON can have it."""

    def plain(value):
        match value:
            case bytes():
                return value.hex()
            case list():
                return [plain(item) for item in value]
            case dict():
                return {str(key): plain(item) for key, item in value.items()}
        return value

    fields = plain(vars(manifest))
    fields["kind"] = "job" if manifest.is_job() else "sap"
    return {name: value for name, value in fields.items() if value is not None}


def main():
    options = _options()
    try:
        passphrase = options.passphrase_file.read_text().rstrip("\r\n") if options.passphrase_file else None
        publics = [keys.parse_key(path.read_bytes(), purpose=SIGNING_PUBLIC) for path in options.trust]
        roots = [root.parse_root(path.read_bytes()) for path in options.root]
        trust = Trust({key.material for key in publics}, roots)
        station = options.station and keys.parse_key(options.station.read_bytes(), passphrase, STATION_SECRET)
        share = options.share and keys.parse_share(options.share.read_bytes())
        grants = options.grants.read_bytes() if options.grants else b""
        with options.image.open("rb") as source:
            found = read_image(source, trust, station, share, grants, options.now, options.full)
    except Refused as refused:
        print(json.dumps({"result": "refused", "code": refused.code, "why": refused.why}, indent=2))
        return 1
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps({"result": "ok"} | found, indent=2))
    return 0


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("image", type=Path)
    parser.add_argument("--trust", type=Path, nargs="+", default=[], metavar="KEY", help="public keys of signers who are trusted")
    parser.add_argument("--root", type=Path, nargs="+", default=[], metavar="FILE", help="root documents that are trusted")
    parser.add_argument("--station", type=Path, metavar="KEY", help="the secret key of the station")
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help="what the key of the station is locked with")
    parser.add_argument("--share", type=Path, metavar="FILE", help="the cloud's share of a Job")
    parser.add_argument("--grants", type=Path, metavar="FILE", help="grants beside the image")
    parser.add_argument("--now", type=int, default=int(time.time()), metavar="SECONDS", help="since 1970; else the clock's")
    parser.add_argument("--full", action="store_true", help="check every chunk, and the commitment to the object")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
