"""Where each setting stands: the drawing and the mouse read the same cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from .offers import LABELS, Name

GRID: tuple[tuple[Name, ...], ...] = (("length", "shape"), ("size", "copies"), ("seed",))
ORDER: tuple[Name, ...] = tuple(name for row in GRID for name in row)
LEFT_LABEL, RIGHT_LABEL, EDGE, OPENER = 8, 7, 2, 2


@dataclass(frozen=True, slots=True)
class Place:
    """One setting in its line: the cell of its label, and of its value with the opener."""

    name: Name
    row: int
    label_at: int
    label: str
    value_at: int
    width: int

    def holds(self, x: int, y: int) -> bool:
        """Whether this cell belongs to the setting."""
        return y == self.row and self.label_at <= x < self.value_at + self.width


def grid(width: int) -> list[Place]:
    """Three lines of two columns, the seed alone in the last, since a number is never cut."""
    left = max(6, (width - LEFT_LABEL - RIGHT_LABEL - 5) // 2)
    right = max(6, width - LEFT_LABEL - RIGHT_LABEL - 4 - left)
    whole = LEFT_LABEL + left + EDGE + RIGHT_LABEL + right
    places = []
    for row, names in enumerate(GRID):
        places.append(_place(names[0], row, 1, LEFT_LABEL, left if len(names) > 1 else whole - LEFT_LABEL))
        if len(names) > 1:
            places.append(_place(names[1], row, 1 + LEFT_LABEL + left + EDGE, RIGHT_LABEL, right))
    return places


def _place(name: Name, row: int, at: int, label: int, width: int) -> Place:
    return Place(name, row, at, LABELS[name], at + label, width)


def line(shown: Mapping[Name, str], width: int) -> list[Place]:
    """All in one line: `5 s ▾   16:9 ▾   720p ▾   ×1 ▾   seed random ▾`, closer together where it must be."""
    widths = [cell_len(shown[name]) + OPENER for name in ORDER]
    gap = next((gap for gap in (3, 2) if sum(widths) + gap * (len(widths) - 1) <= width - 2), 1)
    places, at = [], 1
    for name, taken in zip(ORDER, widths, strict=True):
        places.append(Place(name, 0, at, "", at, taken))
        at += taken + gap
    return places


def place_at(places: Sequence[Place], x: int, y: int) -> Place | None:
    """The setting that is drawn at this cell."""
    return next((place for place in places if place.holds(x, y)), None)
