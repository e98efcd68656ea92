"""Text in roles, and the escape codes that a role becomes. Nothing else writes an escape code."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from reelroom.fal.clean import clean
from reelroom.tui import words
from reelroom.tui.words import Role

Span = tuple[str, Role]
Line = tuple[Span, ...]

# A command writes on whatever background the terminal has, dark or light, so it keeps to the colours
# that are legible on both: no greys, no bright variants.
COLOURS: Final[Mapping[Role, str]] = MappingProxyType(
    {"faint": "2", "accent": "36", "good": "32", "attention": "33", "bad": "31", "bar": "36", "track": "2"}
)
PLAIN: Final[Mapping[Role, str]] = MappingProxyType(
    {"faint": "2", "accent": "1", "attention": "1", "bad": "1", "track": "2"}
)


@dataclass(frozen=True, slots=True)
class Style:
    """What a terminal can show: escape codes at all, colours, and more than ASCII."""

    escapes: bool = False
    colours: bool = False
    unicode: bool = True

    @property
    def mark(self) -> str:
        """What stands where a text was cut."""
        return "…" if self.unicode else "..."

    def spell(self, text: str) -> str:
        """The text in signs that this terminal has."""
        return text if self.unicode else words.in_ascii(text)

    def paint(self, line: Line) -> str:
        """The line as it is written; every part passes `clean` a last time, the codes come after it."""
        return "".join(self._span(text, role) for text, role in line).rstrip(" ")

    def _span(self, text: str, role: Role) -> str:
        shown = self.spell(clean(text))
        code = (COLOURS if self.colours else PLAIN).get(role) if self.escapes else None
        return f"\x1b[{code}m{shown}\x1b[0m" if code and shown.strip() else shown


def width_of(line: Line) -> int:
    """Cells that a line takes."""
    return sum(words.cells(text) for text, _ in line)
