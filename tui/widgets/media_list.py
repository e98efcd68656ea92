"""The panel as a list: a row of one line where lines are few, else two with a blank one below."""

from dataclasses import dataclass
from typing import NamedTuple

from textual.strip import Strip

from reelroom.store.records import Media
from reelroom.tui import words
from reelroom.tui.theme import Ground, Paint

from . import clip_words
from .media_grid import Card
from .pixels import JoinedStrip
from .strips import Span, fit, length, paint_line

MARKS, POSTER = 4, 7
"""Cells before the poster, for `▌●♥ `, and of it."""
LENGTH, SIZE, COST, AGE = 9, 10, 9, 16
MODELS = ((120, 24), (78, 20), (0, 15))
"""Cells of the model's name from a width of the list on."""
TITLE = 20
"""Cells below which a column is left out before the title gets narrower."""


class Columns(NamedTuple):
    """Which columns have room beside the title."""

    title: int
    size: bool
    cost: bool
    age: bool
    """A column of its own; where rows have two lines the age stands below the model."""


@dataclass(frozen=True)
class Rows:
    """Rows below a line of headings, for a width and height in cells."""

    width: int
    height: int
    roomy: bool
    """Whether each clip has two lines."""
    now: float
    """Seconds since 1970."""
    columns = 1
    header = 1

    @property
    def poster(self) -> tuple[int, int]:
        """A poster's size in cells."""
        return POSTER, 2 if self.roomy else 1

    @property
    def pitch(self) -> int:
        """Lines from one row to the next."""
        return 3 if self.roomy else 1

    @property
    def rows(self) -> int:
        """Whole rows that have room; the blank line of the last one need not be there."""
        return max(1, (self.height - self.header + self.roomy) // self.pitch)

    def cell(self, x: int, y: int) -> tuple[int, int]:
        """The row at a point of the pane; -1 for the headings and the blank lines."""
        row, line = divmod(y - self.header, self.pitch)
        return (row if y >= self.header and line < self.poster[1] and x >= 0 else -1), 0

    @property
    def model(self) -> int:
        """Cells of the model's name, and a blank."""
        return next(cells for least, cells in MODELS if self.width >= least)

    @property
    def shown(self) -> Columns:
        """The columns that have room, the size being the first to go."""
        room = self.width - MARKS - POSTER - 2 - 1 - self.model - LENGTH
        age = not self.roomy and room - AGE >= TITLE
        room -= AGE if age else 0
        cost = self.roomy and room - COST >= TITLE
        room -= COST if cost else 0
        size = room - SIZE >= TITLE
        return Columns(max(1, room - (SIZE if size else 0)), size, cost, age)

    def headings(self, paint: Paint) -> Strip:
        """The line above the rows."""
        it = self.shown
        spans = [Span(" " * (MARKS + POSTER + 2)), Span(fit("Clip", it.title), "muted")]
        spans.append(Span(fit("Model", self.model) + fit("Length", LENGTH, right=True), "muted"))
        for here, name, wide in ((it.size, "Size", SIZE), (it.cost, "Cost", COST), (it.age, "Made", AGE)):
            spans += [Span(fit(name, wide, right=True), "muted")] * here
        return paint_line(spans, self.width, paint)

    def line(self, y: int, cards: list[Card | None], paint: Paint) -> Strip:
        """Line `y` of a row."""
        card = cards[0]
        if card is None or y >= self.poster[1]:
            return Strip.blank(self.width, paint("text"))
        on: Ground = "selected" if card.selected else "background"
        left = paint_line(self._marks(y, card, paint), MARKS, paint, on=on)
        spans = [Span("  "), *(self._first(card, paint) if y == 0 else self._second(card, paint))]
        right = paint_line(spans, self.width - MARKS - POSTER, paint, on=on)
        return JoinedStrip([left, self._poster(y, card, paint), right])

    def _poster(self, y: int, card: Card, paint: Paint) -> Strip:
        if card.poster is None or card.poster.size != self.poster:
            return paint_line([], POSTER, paint, on="panel")
        return card.poster.row(y)

    def _marks(self, y: int, card: Card, paint: Paint) -> list[Span]:
        edge = (">" if paint.ascii_only else "▌") if card.selected else " "
        spans = [Span(edge, "accent" if card.focused else "hairline")]
        if y or card.clip is None:
            return spans
        spans.append(clip_words.unseen(card.clip, paint) or Span(" "))
        heart = "<3" if paint.ascii_only else "♥"
        return [*spans, Span(heart if card.clip.favourite else " ", "muted")]

    def _first(self, card: Card, paint: Paint) -> list[Span]:
        clip, it, end = card.clip, self.shown, clip_words.end(paint)
        if clip is None:
            return []
        name = Span(fit(clip_words.title(clip), it.title - 1, mark=end) + " ", "text", bold=card.selected)
        if card.selected:
            name = name._replace(role="selected")
        figures = [fit(clip_words.length(clip), LENGTH, right=True)]
        figures += [fit(words.size(clip.bytes), SIZE, right=True)] * it.size
        figures += [fit(_cost(clip), COST, right=True)] * it.cost
        figures += [fit(words.age(clip.created_at, self.now), AGE, right=True)] * it.age
        return [
            name,
            Span(fit(clip_words.model(clip), self.model - 1, mark=end) + " ", "muted"),
            Span("".join(figures), "muted" if it.age else "text"),
        ]

    def _second(self, card: Card, paint: Paint) -> list[Span]:
        if card.clip is None:
            return []
        star = "*" if paint.ascii_only else "★"
        rating = star * (card.clip.rating or 0)
        age = words.age(card.clip.created_at, self.now)
        spans = [Span(fit(rating, self.shown.title), "muted"), Span(fit(age, AGE), "faint")]
        return spans if length(spans) <= self.width else spans[:1]


def _cost(clip: Media) -> str:
    return words.price(clip.cost) if clip.cost is not None else ""
