"""What became of a unit: plain data."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Optional, Union

from ._error import Failure, UnitFailed, _known

Value = Union[bool, int, str]
"""A recorded value. Bytes are text in hexadecimal."""


class Outcome(Enum):
    """How a unit ended."""

    PASS = "pass"
    FAIL = "fail"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Time:
    """A duration, in microseconds: on the wall, and on the clock of a twin."""

    real_us: int
    virtual_us: Optional[int] = None


@dataclass(frozen=True)
class Step:
    """One step of a unit."""

    name: str
    detail: str
    ok: bool
    len: int
    """Bytes moved or covered."""
    time: Time

    @classmethod
    def _of(cls, data: dict[str, Any]) -> Step:
        return cls(**{**_known(cls, data), "time": Time(**_known(Time, data["time"]))})


@dataclass(frozen=True)
class MemoryRange:
    """A range of target addresses."""

    address: int
    len: int


@dataclass(frozen=True)
class Changes:
    """What was changed on the target; matters most after a failure."""

    erased: tuple[MemoryRange, ...]
    programmed: tuple[MemoryRange, ...]
    options: tuple[str, ...]
    unlocked: bool
    protected: bool

    @classmethod
    def _of(cls, data: dict[str, Any]) -> Changes:
        def ranges(name: str) -> tuple[MemoryRange, ...]:
            return tuple(MemoryRange(**_known(MemoryRange, it)) for it in data[name])

        return cls(
            erased=ranges("erased"),
            programmed=ranges("programmed"),
            options=tuple(data["options"]),
            unlocked=data["unlocked"],
            protected=data["protected"],
        )


@dataclass(frozen=True)
class LogLine:
    """One line of the log, and who wrote it: `script`, `family`, `test`."""

    source: str
    text: str


@dataclass(frozen=True)
class ImageFacts:
    """The image a unit ran."""

    id: str
    name: str
    signer: str


@dataclass(frozen=True)
class UnitReport:
    """What became of a unit."""

    outcome: Outcome
    failure: Optional[Failure]
    """What failed; None after a pass."""
    image: ImageFacts
    device: str
    on: str
    """Where it ran, as it was given."""
    identity: Optional[str]
    """What the family said the chip is."""
    ordinal: Optional[int]
    """The number of the unit among all that were permitted, from 0."""
    uid: Optional[str]
    """The unique identifier in hexadecimal."""
    serials: dict[str, tuple[str, ...]]
    records: dict[str, Value]
    """What the script recorded, in its order."""
    steps: tuple[Step, ...]
    changes: Changes
    log: tuple[LogLine, ...]
    time: Time
    transfer_count: int
    json: str = field(repr=False, compare=False)
    """All of it, as `imprint run --json` prints it."""

    @property
    def passed(self) -> bool:
        """Whether every step of the script succeeded."""
        return self.outcome is Outcome.PASS

    def raise_for_failure(self) -> None:
        """Raises UnitFailed unless the unit has passed."""
        if self.failure is not None:
            raise UnitFailed(self.failure, self)

    @classmethod
    def _of_json(cls, text: str) -> UnitReport:
        data = json.loads(text)
        failure = data.get("failure")
        return cls(
            outcome=Outcome(data["outcome"]),
            failure=None if failure is None else Failure._of(failure),
            image=ImageFacts(**_known(ImageFacts, data["image"])),
            device=data["device"],
            on=data["on"],
            identity=data.get("identity"),
            ordinal=data.get("ordinal"),
            uid=data.get("uid"),
            serials={name: tuple(texts) for name, texts in data.get("serials", {}).items()},
            records={record["name"]: record["value"] for record in data["records"]},
            steps=tuple(Step._of(step) for step in data["steps"]),
            changes=Changes._of(data["changes"]),
            log=tuple(LogLine(**_known(LogLine, line)) for line in data["log"]),
            time=Time(**_known(Time, data["time"])),
            transfer_count=data["transfer_count"],
            json=text,
        )
