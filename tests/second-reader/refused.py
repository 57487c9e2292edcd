"""Why a file is refused: a stable code and a sentence.

Parsers raise `Unsound`, which says what is wrong; who called them knows which row of "The order of checks" that is.
"""

from contextlib import contextmanager


class Refused(Exception):
    """A file that is not used. `code` is what the page says."""

    def __init__(self, code, why):
        super().__init__(f"{code}: {why}")
        self.code = code
        self.why = why


class Unsound(Exception):
    """Something that the format does not allow."""


@contextmanager
def refusing(code):
    """Makes a refusal with this code of whatever is unsound."""
    try:
        yield
    except Unsound as unsound:
        raise Refused(code, str(unsound)) from unsound


def require(holds, why):
    """Unsound, unless it holds."""
    if not holds:
        raise Unsound(why)
