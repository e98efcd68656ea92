"""Pictures in half blocks: rows of pixels that go to the terminal as ready sequences, at any colour depth.

A row renders itself in one go. Only where something lies over it, or a sheet dims it, does it become
segments like any other line, with the very same colours.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from rich.color import Color
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from .shading import Cell, Code, Shading

RESET = "\x1b[0m"


class Pixels(Protocol):
    """Anything with RGB pixels in rows from the top, two rows of them to a line of cells."""

    @property
    def width(self) -> int:
        """In pixels, which is cells."""

    @property
    def height(self) -> int:
        """In pixels: two for each cell."""

    @property
    def rgb(self) -> bytes:
        """Three bytes a pixel."""


class PixelStrip(Strip):
    """One line of half blocks. Its segments are made only when somebody asks for them."""

    __slots__ = ("_cells", "_made")

    def __init__(self, cells: Sequence[Cell]) -> None:
        self._cells = cells
        self._made: list[Segment] | None = None
        super().__init__((), len(cells))

    @property
    def _segments(self) -> list[Segment]:
        """What Strip cuts, divides and filters."""
        if self._made is None:
            self._made = [Segment(run.text, _style(run.upper, run.lower)) for run in _runs(self._cells)]
        return self._made

    @_segments.setter
    def _segments(self, _segments: list[Segment]) -> None:
        """Strip's constructor sets them; here they follow from the cells."""

    def render(self, console: Console) -> str:  # noqa: ARG002 - the colours were chosen for it before
        """The sequences for the whole line, which name a colour only where it changes."""
        if self._render_cache is None:
            self._render_cache = "".join(_sequences(self._cells))
        return self._render_cache


class JoinedStrip(Strip):
    """Strips side by side that stay what they are until the line is cut."""

    __slots__ = ("_made", "_parts")

    def __init__(self, parts: Sequence[Strip]) -> None:
        self._parts = parts
        self._made: list[Segment] | None = None
        super().__init__((), sum(part.cell_length for part in parts))

    @property
    def _segments(self) -> list[Segment]:
        """What Strip cuts, divides and filters."""
        if self._made is None:
            self._made = [segment for part in self._parts for segment in part]
        return self._made

    @_segments.setter
    def _segments(self, _segments: list[Segment]) -> None:
        """Strip's constructor sets them; here they follow from the parts."""

    def render(self, console: Console) -> str:
        """The parts, one after the other."""
        if self._render_cache is None:
            self._render_cache = "".join([part.render(console) for part in self._parts])
        return self._render_cache


class Poster:
    """A picture to be drawn: each row is worked out when it is first shown."""

    def __init__(self, picture: Pixels, shading: Shading) -> None:
        self.picture = picture
        self._shading = shading
        self._rows: dict[tuple[int, int], PixelStrip] = {}

    @property
    def size(self) -> tuple[int, int]:
        """Cells across and down."""
        return self.picture.width, self.picture.height // 2

    def row(self, y: int, end: int | None = None) -> PixelStrip:
        """One line of it, up to the cell `end`."""
        width = self.picture.width if end is None else end
        row = self._rows.get((y, width))
        if row is None:
            row = self._rows[y, width] = PixelStrip(self._cells(y)[:width])
        return row

    def _cells(self, y: int) -> list[Cell]:
        size = 3 * self.picture.width
        upper = self.picture.rgb[2 * y * size : (2 * y + 1) * size]
        lower = self.picture.rgb[(2 * y + 1) * size : (2 * y + 2) * size]
        return self._shading.cells(upper, lower, y)


class Resized(NamedTuple):
    """A picture that was made for another size, until the right one comes."""

    width: int
    height: int
    rgb: bytes


def resized(picture: Pixels, width: int, height: int) -> Resized:
    """The nearest pixels of a picture at another size in pixels: rough, and there at once."""
    rgb, wide = picture.rgb, picture.width
    columns = [3 * (x * wide // width) for x in range(width)]
    rows = (3 * wide * (y * picture.height // height) for y in range(height))
    return Resized(width, height, b"".join(rgb[row + x : row + x + 3] for row in rows for x in columns))


class _Run(NamedTuple):
    text: str
    upper: Code
    lower: Code


def _runs(cells: Iterable[Cell]) -> list[_Run]:
    runs: list[_Run] = []
    for text, upper, lower in cells:
        if runs and runs[-1].upper == upper and runs[-1].lower == lower:
            runs[-1] = runs[-1]._replace(text=runs[-1].text + text)
        else:
            runs.append(_Run(text, upper, lower))
    return runs


def _style(upper: Code, lower: Code) -> Style:
    return Style.from_color(_colour(upper), _colour(lower))


def _colour(code: Code) -> Color | None:
    if code is None:
        return None
    return Color.from_ansi(code) if isinstance(code, int) else Color.from_rgb(*code)


def _sequences(cells: Iterable[Cell]) -> list[str]:
    parts: list[str] = []
    ink: Code = None
    ground: Code = None
    for text, upper, lower in cells:
        if upper != ink and text != " ":
            parts.append(_ink(upper))
            ink = upper
        if lower != ground:
            parts.append(_ground(lower))
            ground = lower
        parts.append(text)
    parts.append(RESET)
    return parts


def _ink(code: Code) -> str:
    match code:
        case None:
            return "\x1b[39m"
        case int():
            return f"\x1b[38;5;{code}m" if code > 15 else f"\x1b[{_basic(code)}m"
        case red, green, blue:
            return f"\x1b[38;2;{red};{green};{blue}m"


def _ground(code: Code) -> str:
    match code:
        case None:
            return "\x1b[49m"
        case int():
            return f"\x1b[48;5;{code}m" if code > 15 else f"\x1b[{_basic(code) + 10}m"
        case red, green, blue:
            return f"\x1b[48;2;{red};{green};{blue}m"


def _basic(code: int) -> int:
    return 30 + code if code < 8 else 82 + code
