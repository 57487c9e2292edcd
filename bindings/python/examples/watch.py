"""Progress, records, a question, the station's books, and cancelling from another thread:
watch.py IMAGE.sap SIGNER.pub PLUGINS AUTHOR.pub STATE [SECONDS]

STATE is the folder of the station's books. After SECONDS, if given, the unit is cancelled."""

from __future__ import annotations

import sys
import threading

import imprint

path, signer, plugins, author, state, *seconds = sys.argv[1:]


def progress(event: imprint.Event) -> None:
    if isinstance(event, imprint.StepFinished):
        print(f"{event.step.name:10} {event.step.detail:10} {'ok' if event.step.ok else 'failed'}")
    elif isinstance(event, imprint.Recorded):
        print(f"record     {event.name} = {event.value}")


def prompt(question: imprint.Prompt) -> str:
    print(f"asked for  {question.name}")
    return "L7"  # a real program asks its operator


try:
    image = imprint.Image.open(path, trust=[signer])
    image.verify()
    engine = imprint.Engine(plugins=[plugins], trust=[author], state=state, station_name="bench 3")
    cancel = imprint.CancelToken()
    if seconds:
        threading.Timer(float(seconds[0]), cancel.cancel).start()
    report = engine.run(image, on="twin:nRF52832_xxAA", progress=progress, prompt=prompt, cancel=cancel)
except imprint.ImprintError as error:  # nothing was touched
    sys.exit(f"{error.code}: {error.message}\nhelp: {error.help}")
print(report.outcome.name, "unit", report.ordinal)
if report.failure:
    sys.exit(str(report.failure))
