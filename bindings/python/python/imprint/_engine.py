"""Images, engines, and what is there to run on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Callable, Optional, Union

from . import _native
from ._error import _known
from ._event import Event, event_of_json
from ._report import UnitReport

Path = Union[str, "os.PathLike[str]"]


@dataclass(frozen=True)
class DeviceInfo:
    """A device that is described."""

    name: str
    """The part number, for `twin:NAME`."""
    family: str
    file: str


@dataclass(frozen=True)
class ProbeInfo:
    """A probe that is plugged in."""

    on: str
    """What `run(on=...)` takes for it."""
    name: str
    driver: str
    state: str
    """`free`, `busy` or `no permission`."""


@dataclass(frozen=True)
class Prompt:
    """Something that the image needs and that was not given."""

    kind: str
    """`value`, `barcode` or `station_name`."""
    name: str


class Image:
    """A sealed image whose signature held when it was opened."""

    def __init__(self, native: _native.Image) -> None:
        self._native = native
        facts: dict[str, Any] = json.loads(native.facts())
        self.id: str = facts["id"]
        """SHA-256 over header and manifest, in hexadecimal."""
        self.name: str = facts["name"]
        self.device: str = facts["device"]
        """The part number of its device."""
        self.signers: tuple[str, ...] = tuple(facts["signers"])
        """Key ids, in hexadecimal."""
        self.rights: tuple[str, ...] = tuple(facts["rights"])
        """What its script may do to a target."""
        self.is_encrypted: bool = facts["is_encrypted"]

    @staticmethod
    def open(
        path: Path,
        *,
        trust: Iterable[Path],
        station_key: Optional[Path] = None,
        passphrase: Optional[str] = None,
    ) -> Image:
        """Opens an image that is signed by those who are trusted.

        `trust` names public keys of signers, root documents, or folders of them. `station_key` is the file of this
        station's secret key, for encrypted images; `passphrase` is what it is under. Grants in `PATH.grants` count.
        """
        return Image(_native.Image(path, list(trust), station_key, passphrase))

    def verify(self) -> None:
        """Checks every bit. Raises ImprintError for the first thing that is wrong."""
        self._native.verify()

    def __repr__(self) -> str:
        return f"<imprint.Image {self.name} for {self.device}, {self.id[:16]}>"


class Engine:
    """An engine: trusted plugins, devices, and the station's books. Several threads may use one at once."""

    def __init__(
        self,
        *,
        plugins: Iterable[Path],
        trust: Iterable[Path],
        devices: Iterable[Path] = (),
        state: Optional[Path] = None,
        station_name: Optional[str] = None,
    ) -> None:
        """`plugins` and `devices` are folders; `trust` names who may list plugins: public keys, root documents, or
        folders of them. `state` is the folder of the station's books, made when it is not there: images that count units
        or draw serial numbers need it."""
        self._native = _native.Engine(list(plugins), list(trust), list(devices), state, station_name)

    def devices(self) -> list[DeviceInfo]:
        """The devices that are described in its folders."""
        return [DeviceInfo(**_known(DeviceInfo, it)) for it in json.loads(self._native.devices())]

    def run(
        self,
        image: Image,
        *,
        on: str,
        values: Optional[Mapping[str, str]] = None,
        barcode: Optional[str] = None,
        progress: Optional[Callable[[Event], object]] = None,
        prompt: Optional[Callable[[Prompt], Optional[str]]] = None,
        cancel: Optional[_native.CancelToken] = None,
    ) -> UnitReport:
        """Runs one unit, in this process, and returns its report, whether it passed or not.

        `on` is `twin:DEVICE`, `twin:./FILE`, `probe` or `probe:SELECTOR`. `progress` is told what happens; `prompt` is
        asked, before anything is touched, for each input that the image needs and that was not given. Both are called on
        this thread. What they raise, and Ctrl-C, stops the unit and is raised here when it has ended; its attribute
        `report` then is the report.

        Raises ImprintError where the unit did not begin: nothing was touched and nothing is counted.
        """

        def on_event(text: str) -> None:
            event = event_of_json(text)
            if progress is not None and event is not None:
                progress(event)

        def on_prompt(kind: str, name: str) -> Optional[str]:
            return None if prompt is None else prompt(Prompt(kind, name))

        text, stopped_by = self._native.run(
            image._native,
            on,
            dict(values or {}),
            barcode,
            cancel if cancel is not None else _native.CancelToken(),
            None if progress is None else on_event,
            None if prompt is None else on_prompt,
        )
        report = UnitReport._of_json(text)
        if stopped_by is not None:
            setattr(stopped_by, "report", report)
            raise stopped_by
        return report


def list_probes() -> list[ProbeInfo]:
    """The probes that are plugged in. None is opened."""
    return [ProbeInfo(**_known(ProbeInfo, it)) for it in json.loads(_native.list_probes())]
