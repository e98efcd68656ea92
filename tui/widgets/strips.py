"""Lines made of spans: text with a role, measured and cut by terminal cells."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.cells import cell_len, split_text
from rich.segment import Segment
from textual.strip import Strip

from reelroom.tui.theme import Ground, Paint, Role


class Span(NamedTuple):
    """A piece of a line: what it says and what it means."""

    text: str
    role: Role = "text"
    bold: bool = False


class Row:
    """A line that is filled from left to right, and knows how far it has come."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.at = 0
        """Cells so far."""

    def add(self, *spans: Span) -> None:
        """Put spans at the end."""
        for span in spans:
            if span.text:
                self.spans.append(span)
                self.at += cell_len(span.text)

    def to(self, column: int) -> None:
        """Fill with spaces up to a column; nothing where the line is there already."""
        if column > self.at:
            self.spans.append(Span(" " * (column - self.at)))
            self.at = column


def cut(text: str, width: int, mark: str = "…") -> str:
    """The text in at most `width` cells, cut at its end with `mark`; nothing where not even that has room."""
    if cell_len(text) <= width:
        return text
    if width < len(mark):
        return ""
    return split_text(text, width - len(mark))[0].rstrip() + mark


def fit(text: str, width: int, *, right: bool = False, mark: str = "…") -> str:
    """The text in exactly `width` cells: cut, or filled with spaces (on its left where `right`)."""
    short = cut(text, width, mark)
    gap = " " * (width - cell_len(short))
    return gap + short if right else short + gap


def length(spans: Iterable[Span]) -> int:
    """How many cells the spans take."""
    return sum(cell_len(span.text) for span in spans)


def paint_line(spans: Sequence[Span], width: int, paint: Paint, *, on: Ground = "background") -> Strip:
    """One line of exactly `width` cells; what does not fit is cut off."""
    segments = [Segment(span.text, paint(span.role, on=on, bold=span.bold)) for span in spans if span.text]
    return Strip(segments, length(spans)).adjust_cell_length(width, paint("text", on=on))
