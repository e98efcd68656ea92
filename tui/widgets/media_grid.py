"""The panel as a grid of posters: where each card is, and its lines."""

from dataclasses import dataclass
from functools import cached_property

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip

from reelroom.store.records import Media
from reelroom.tui.theme import Ground, Paint

from . import clip_words
from .pixels import JoinedStrip, Poster
from .strips import Span, cut, fit, paint_line

GAP = 2
"""Cells between two cards: the frame of a selected one has half of it."""
CAPTION = 2
NEARLY_BLACK = "#0B0C10"
ON_BLACK = "#F2F3F7"
SOON, NONE = "poster soon", "no poster"


@dataclass(frozen=True, slots=True)
class Card:
    """A clip as it is to be drawn; a clip that is not loaded yet is None."""

    clip: Media | None
    poster: Poster | None = None
    hopeless: bool = False
    """Whether there will be no poster."""
    selected: bool = False
    focused: bool = False


@dataclass(frozen=True)
class Grid:
    """Cards side by side, for a width in cells; a poster is 16:9 and at least `narrowest` cells wide."""

    width: int
    height: int
    narrowest: int
    header = 0

    @cached_property
    def columns(self) -> int:
        """Cards in a row."""
        return max(1, self.width // (self.narrowest + GAP))

    @cached_property
    def poster(self) -> tuple[int, int]:
        """A poster's size in cells; as high as the pane allows where that is less than 16:9."""
        across = max(1, self.width // self.columns - GAP)
        return across, max(1, min(round(across * 9 / 32), self.height - 1 - CAPTION))

    @property
    def pitch(self) -> int:
        """Lines from one row of cards to the next: the gap above, the poster, the caption."""
        return 1 + self.poster[1] + CAPTION

    @property
    def rows(self) -> int:
        """Whole rows of cards that have room."""
        return max(1, self.height // self.pitch)

    def cell(self, x: int, y: int) -> tuple[int, int]:
        """The row and column of the card at a point of the pane."""
        return y // self.pitch, x // (self.poster[0] + GAP)

    def line(self, y: int, cards: list[Card | None], paint: Paint) -> Strip:
        """Line `y` of a row of cards."""
        parts = [part for card in cards for part in self._card(y, card, paint)]
        rest = self.width - len(cards) * (self.poster[0] + GAP)
        return JoinedStrip([*parts, Strip.blank(max(0, rest), paint("text"))])

    def _card(self, y: int, card: Card | None, paint: Paint) -> list[Strip]:
        across, high = self.poster
        if card is None:
            return [Strip.blank(across + GAP, paint("text"))]
        if y == 0:
            return [_top(card, across + GAP, paint)]
        if y <= high:
            side = Strip.blank(1, _frame(card, paint))
            return [side, *self._picture(y - 1, card, paint), side]
        return [_caption(y - 1 - high, card, across, paint)]

    def _picture(self, y: int, card: Card, paint: Paint) -> list[Strip]:
        across, high = self.poster
        if card.poster is None or card.poster.size != (across, high):
            return [_words(y, card, across, high, paint)]
        badge = _badge(card, paint) if y == high - 1 else None
        if badge is None or badge.cell_length > across:
            return [card.poster.row(y)]
        return [card.poster.row(y, across - badge.cell_length), badge]


def _top(card: Card, width: int, paint: Paint) -> Strip:
    """The upper edge of the frame is half a line high."""
    if not card.selected:
        return Strip.blank(width, paint("text"))
    if paint.ascii_only:
        return Strip.blank(width, _frame(card, paint))
    if paint.plain:
        return Strip([Segment("▄" * width, paint("text" if card.focused else "faint"))], width)
    edge = paint("accent" if card.focused else "hairline")
    return Strip([Segment("▄" * width, edge)], width)


def _frame(card: Card, paint: Paint) -> Style:
    if not card.selected:
        return paint("text")
    if card.focused:
        return paint("text", on="accent")
    if paint.plain:
        return Style(reverse=True, dim=True)
    return Style(bgcolor=Color.parse(paint.palette.border).rich_color)


def _words(y: int, card: Card, across: int, high: int, paint: Paint) -> Strip:
    """A flat poster that says what is to be expected of it."""
    text = (NONE if card.hopeless else SOON) if card.clip is not None and y == (high - 1) // 2 else ""
    short = text if len(text) <= across else ""
    line = paint_line([Span(short.center(across), "muted")], across, paint, on="panel")
    badge = _badge(card, paint) if y == high - 1 and high > 1 else None
    if badge is None or badge.cell_length > across:
        return line
    return Strip.join([line.crop(0, across - badge.cell_length), badge])


def _badge(card: Card, paint: Paint) -> Strip | None:
    text = clip_words.length(card.clip) if card.clip is not None else ""
    if not text:
        return None
    return Strip([Segment(f" {text} ", _badge_style(paint))], len(text) + 2)


def _badge_style(paint: Paint) -> Style:
    if paint.plain:
        return Style(bold=True)
    few = paint.palette.background.startswith("ansi")
    ink, ground = ("ansi_bright_white", "ansi_black") if few else (ON_BLACK, NEARLY_BLACK)
    return Style(color=Color.parse(ink).rich_color, bgcolor=Color.parse(ground).rich_color, bold=True)


def _caption(y: int, card: Card, across: int, paint: Paint) -> Strip:
    clip = card.clip
    on: Ground = ("accent" if card.focused else "panel") if card.selected else "background"
    if clip is None:
        return paint_line([], across + GAP, paint, on=on)
    if y == 0:
        dot = clip_words.unseen(clip, paint)
        left = [dot, Span(" ")] if dot is not None else []
        room = across - len(left)
        name = cut(clip_words.title(clip), room, clip_words.end(paint))
        spans = [*left, Span(name, "selected" if card.selected else "text", bold=card.selected)]
    else:
        marks = clip_words.marks(clip, paint)
        room = across - (cell_len(marks) + 1 if marks else 0)
        spans = [Span(fit(clip_words.model(clip), max(0, room), mark=clip_words.end(paint)), "muted")]
        spans += [Span(" " + marks, "muted")] if marks and room >= 0 else []
    return paint_line([Span(" "), *spans], across + GAP, paint, on=on)
