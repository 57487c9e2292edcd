from collections.abc import Callable
from typing import Optional

from ._engine import Path

def version() -> str: ...
def list_probes() -> str: ...

class CancelToken:
    """Stops units from any thread. It is used up once it was cancelled."""

    def __init__(self) -> None: ...
    def cancel(self) -> None:
        """Stops each unit that was given the token, and returns at once."""

    @property
    def is_cancelled(self) -> bool:
        """Whether it was cancelled."""

class Image:
    def __init__(
        self, path: Path, trust: list[Path], station_key: Optional[Path], passphrase: Optional[str]
    ) -> None: ...
    def facts(self) -> str: ...
    def verify(self) -> None: ...

class Engine:
    def __init__(
        self,
        plugins: list[Path],
        trust: list[Path],
        devices: list[Path],
        state: Optional[Path],
        station_name: Optional[str],
    ) -> None: ...
    def devices(self) -> str: ...
    def run(
        self,
        image: Image,
        on: str,
        values: dict[str, str],
        barcode: Optional[str],
        cancel: CancelToken,
        on_event: Optional[Callable[[str], None]],
        on_prompt: Optional[Callable[[str, str], Optional[str]]],
    ) -> tuple[str, Optional[BaseException]]: ...
