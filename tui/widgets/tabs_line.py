"""The tabs of a small window: one line, `1 Compose  2 Jobs 2!  3 Media 2 new`."""

from dataclasses import dataclass

from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from .painted import Painted
from .strips import Span, length, paint_line

TABS = ("Compose", "Jobs", "Media")


@dataclass
class TabPressed(Message):
    """The pane of this number (from 1) is wanted."""

    number: int


class TabsLine(Painted):
    """Drawn only where the panes do not fit beside each other."""

    DEFAULT_CSS = "TabsLine { height: 1; width: 1fr; }"

    active: reactive[int] = reactive(1)
    needs_you: reactive[int] = reactive(0)
    working: reactive[int] = reactive(0)
    unseen: reactive[int] = reactive(0)

    def render_line(self, y: int) -> Strip:
        """The tabs, the active one on the accent."""
        width = self.size.width
        if y:
            return Strip.blank(width)
        pieces = [
            paint_line(
                spans,
                length(spans),
                self.paint,
                on="accent" if number == self.active and index == 0 else "background",
            )
            for number, parts in enumerate(self._tabs(), 1)
            for index, spans in enumerate(parts)
        ]
        return Strip.join(pieces).adjust_cell_length(width, self.paint("text"))

    def _tabs(self) -> list[tuple[list[Span], list[Span]]]:
        return [
            ([Span(f" {number} {name} ", bold=number == self.active)], [*self._news(name), Span("  ")])
            for number, name in enumerate(TABS, 1)
        ]

    def _news(self, name: str) -> list[Span]:
        if name == "Jobs":
            needs = [Span(f"{self.needs_you}! ", "attention", bold=True)] if self.needs_you else []
            sign = ">" if self.paint.ascii_only else "▶"
            return needs + ([Span(f"{self.working}{sign}", "muted")] if self.working else [])
        if name == "Media" and self.unseen:
            return [Span(f" {self.unseen} new", "accent")]
        return []

    def on_click(self, event: Click) -> None:
        """The tab under the pointer."""
        x = 0
        for number, (label, news) in enumerate(self._tabs(), 1):
            x += length(label) + length(news)
            if event.x < x:
                self.post_message(TabPressed(number))
                return
