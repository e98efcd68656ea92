"""The last look at what is drawn: no character that a terminal would obey leaves the program.

Text from outside is made visible by `clean()` where it enters. This holds for the rest: rows that an older
version kept, files of people, and every widget of Textual, which all pass such characters on as they are.
"""

import unicodedata
from collections.abc import Iterable

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_OBEYED = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"


class Harmless(LineFilter):
    """Replaces characters of control by as many question marks as they have cells, which is mostly none."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's own
        """The segments of a line; the very same where there is nothing to do."""
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [Segment(harmless(segment.text), segment.style) for segment in segments]


def harmless(text: str) -> str:
    """The text without what a terminal would obey, in as many cells as before."""
    return text if text.isprintable() else "".join(_shown(text))


def _shown(text: str) -> Iterable[str]:
    for char in text:
        obeyed = unicodedata.category(char) in _OBEYED and char not in _JOINERS
        yield "?" * cell_len(char) if obeyed else char
