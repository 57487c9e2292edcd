"""What a program is told while a unit runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Callable, Optional, Union

from ._error import _known
from ._report import Changes, LogLine, Step, Value


@dataclass(frozen=True)
class StepStarted:
    """A step began."""

    name: str
    detail: str
    len: int
    """Bytes to move or cover; 0 where it is not known."""


@dataclass(frozen=True)
class Progress:
    """A step came further."""

    done: int
    total: int
    virtual_us: Optional[int] = None
    """Time of the twin's clock since the step began, in microseconds."""


@dataclass(frozen=True)
class StepFinished:
    """A step ended."""

    step: Step


@dataclass(frozen=True)
class Changing:
    """The target is about to be changed."""

    changes: Changes


@dataclass(frozen=True)
class Recorded:
    """The script recorded a value."""

    name: str
    value: Value


@dataclass(frozen=True)
class Logged:
    """A line was logged."""

    line: LogLine


Event = Union[StepStarted, Progress, StepFinished, Changing, Recorded, Logged]

_EVENTS: dict[str, Callable[[dict[str, Any]], Event]] = {
    "step_started": lambda data: StepStarted(**_known(StepStarted, data)),
    "progress": lambda data: Progress(**_known(Progress, data)),
    "step_finished": lambda data: StepFinished(Step._of(data)),
    "changing": lambda data: Changing(Changes._of(data)),
    "recorded": lambda data: Recorded(**_known(Recorded, data)),
    "logged": lambda data: Logged(LogLine(**_known(LogLine, data))),
}


def event_of_json(text: str) -> Optional[Event]:
    """The event; None for one of a kind that is not known here."""
    [(kind, data)] = json.loads(text).items()
    make = _EVENTS.get(kind)
    return None if make is None else make(data)
