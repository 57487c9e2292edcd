"""What goes wrong: one failure as data, and the exceptions that carry it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional

if TYPE_CHECKING:
    from ._report import UnitReport


@dataclass(frozen=True)
class Call:
    """One call on the way to a failure in a script."""

    function: str
    line: int
    column: int


@dataclass(frozen=True)
class Place:
    """A place in a script. Lines and columns count from 1."""

    script: str
    line: int
    column: int
    text: str
    calls: tuple[Call, ...]


@dataclass(frozen=True)
class Failure:
    """Why a unit, or anything else, failed."""

    code: str
    """Stable: `IMP-xxxx`. `imprint explain CODE` and docs/errors.md say more."""
    message: str
    """One sentence in lower case."""
    help: Optional[str] = None
    """What to do next."""
    address: Optional[int] = None
    """Target address."""
    expected: Optional[str] = None
    found: Optional[str] = None
    place: Optional[Place] = None
    """Where in the script."""

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    @classmethod
    def _of(cls, data: dict[str, Any]) -> Failure:
        place = data.get("place")
        if place is not None:
            calls = tuple(Call(**_known(Call, call)) for call in place["calls"])
            place = Place(**{**_known(Place, place), "calls": calls})
        return cls(**{**_known(cls, data), "place": place})


class ImprintError(Exception):
    """Something failed. All exceptions of this module are of this class."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure

    @property
    def code(self) -> str:
        """Stable: `IMP-xxxx`."""
        return self.failure.code

    @property
    def message(self) -> str:
        """One sentence in lower case."""
        return self.failure.message

    @property
    def help(self) -> Optional[str]:
        """What to do next."""
        return self.failure.help

    @classmethod
    def _of_json(cls, text: str) -> ImprintError:
        return cls(Failure._of(json.loads(text)))


class UnitFailed(ImprintError):
    """A unit did not pass, and its report was asked for an exception."""

    def __init__(self, failure: Failure, report: UnitReport) -> None:
        super().__init__(failure)
        self.report = report


def _known(cls: Any, data: dict[str, Any]) -> dict[str, Any]:
    """The fields that a class has: a newer library may tell more."""
    return {name: data[name] for name in cls.__dataclass_fields__ if name in data}
