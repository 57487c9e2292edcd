#!/usr/bin/env python3
"""Reads every vector of a folder and compares what comes of it with what its text says.

Exit code 0: all agree. 1: some do not, each with a line. 2: there are no vectors.
"""

import sys
from io import BytesIO
from pathlib import Path

import keys
import root
from keys import STATION_SECRET
from reader import read_image
from refused import Refused
from trust import Trust

IMAGES = (".sap", ".job")
FIELDS = {"about", "expect", "trust", "station", "share", "grants", "now", "object", "passphrase"}


def main(folder):
    vectors = sorted(folder.glob("*.txt"))
    disagreements = [line for vector in vectors for line in disagreements_of(vector)]
    for line in disagreements:
        print(line)
    if not vectors:
        print(f"{folder}: no vectors")
        return 2
    print(f"{len(vectors)} vectors, {len(disagreements)} disagreements")
    return 1 if disagreements else 0


def disagreements_of(text):
    """A line for each thing that is not as the text of a vector says."""
    fields = parse_fields(text.read_text("utf-8"))
    unknown = fields.keys() - FIELDS
    if unknown:
        yield f"{text.stem}: does not know the field {', '.join(sorted(unknown))}"
        return
    expected, why, found = fields["expect"][0], "", {}
    try:
        found = read_vector(text, {name: values[0] for name, values in fields.items()} | {"trust": fields.get("trust", [])})
        code = "ok"
    except Refused as refused:
        code, why = refused.code, f" ({refused.why})"
    if code != expected:
        yield f"{text.stem}: expected {expected}, found {code}{why}"
    elif "object" in fields and found.get("object") != fields["object"][0]:
        yield f"{text.stem}: expected object {fields['object'][0]}, found {found.get('object')}"


def parse_fields(text):
    """Lines of `name: value`; a name may be there more than once."""
    fields = {}
    for line in text.splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip(), []).append(value.strip())
    return fields


def read_vector(text, fields):
    """Reads the file that a text is about. Gives what was found."""
    file = next(path for path in sorted(text.parent.glob(f"{text.stem}.*")) if path.stem == text.stem and path.suffix != ".txt")
    if file.suffix == ".key":
        keys.parse_key(file.read_bytes(), fields.get("passphrase"))
        return {}
    if file.suffix == ".root":
        return read_root(text, fields)
    station, share = fields.get("station"), fields.get("share")
    with file.open("rb") as source:
        return read_image(
            source,
            trust_of(text, fields["trust"]),
            station and keys.parse_key(station.encode(), purpose=STATION_SECRET),
            share and keys.parse_share(share.encode()),
            bytes.fromhex(fields.get("grants", "")),
            int(fields.get("now", "0")),
        )


def read_root(text, fields):
    """A root document; where one is trusted, as the one that follows it."""
    before = [root.parse_root(beside(text, name)) for name in fields["trust"]]
    root.parse_root(text.with_suffix(".root").read_bytes(), *before)
    return {}


def trust_of(text, names):
    publics = [name for name in names if name.startswith("imprint-")]
    roots = [name for name in names if name not in publics]
    return Trust(
        {keys.parse_key(line.encode()).material for line in publics},
        [root.parse_root(beside(text, name)) for name in roots],
    )


def beside(text, name):
    """A root document beside a vector, named with its ending or without."""
    return (text.parent / f"{name.removesuffix('.root')}.root").read_bytes()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: run_vectors.py FOLDER")
    sys.exit(main(Path(sys.argv[1])))
