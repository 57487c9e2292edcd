"""What is there: list.py DEVICES"""

import sys

import imprint

engine = imprint.Engine(plugins=[], trust=[], devices=sys.argv[1:])
for device in engine.devices():
    print(device.name, device.family)
for probe in imprint.list_probes():
    print(probe.on, probe.name, probe.state)
