"""Runs an image on a new virtual chip: run.py IMAGE.sap SIGNER.pub PLUGINS AUTHOR.pub"""

import sys

import imprint

path, signer, plugins, author = sys.argv[1:]
image = imprint.Image.open(path, trust=[signer])
engine = imprint.Engine(plugins=[plugins], trust=[author])
report = engine.run(image, on="twin:nRF52832_xxAA")
print(report.outcome.name, report.uid, report.failure or "")
sys.exit(0 if report.passed else 1)
