"""The Imprint engine: runs signed programming images on microcontrollers, real or virtual.

    image = imprint.Image.open("hello.sap", trust=["me.pub"])
    engine = imprint.Engine(plugins=["plugins"], trust=["plugins.pub"])
    report = engine.run(image, on="twin:nRF52832_xxAA")

Nothing here prints, reads the environment, or knows a home directory: what is needed is handed in, what happened is
handed back. How to begin: docs/embedding-python.md.
"""

from ._engine import DeviceInfo, Engine, Image, Path, ProbeInfo, Prompt, list_probes
from ._error import Call, Failure, ImprintError, Place, UnitFailed
from ._event import Changing, Event, Logged, Progress, Recorded, StepFinished, StepStarted
from ._native import CancelToken, version
from ._report import Changes, ImageFacts, LogLine, MemoryRange, Outcome, Step, Time, UnitReport, Value

__version__ = version()

__all__ = [
    "Call",
    "CancelToken",
    "Changes",
    "Changing",
    "DeviceInfo",
    "Engine",
    "Event",
    "Failure",
    "Image",
    "ImageFacts",
    "ImprintError",
    "LogLine",
    "Logged",
    "MemoryRange",
    "Outcome",
    "Path",
    "Place",
    "ProbeInfo",
    "Progress",
    "Prompt",
    "Recorded",
    "Step",
    "StepFinished",
    "StepStarted",
    "Time",
    "UnitFailed",
    "UnitReport",
    "Value",
    "list_probes",
]
