"""The top line: the project, the sandbox's badge, what today has cost, and the way to help."""

from dataclasses import dataclass

from rich.cells import cell_len
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from reelroom.tui.theme import Ground, Role

from .painted import Painted
from .strips import Span, cut, fit, length, paint_line


@dataclass
class HeaderPressed(Message):
    """A word of the top line was clicked: `project`, `commands` or `help`."""

    word: str


class Header(Painted):
    """`Reelroom  Winter fables ▾  SANDBOX …… practice money $3.42 today   ^p commands   ? help`."""

    DEFAULT_CSS = "Header { height: 1; width: 1fr; dock: top; }"

    project: reactive[str] = reactive("")
    practice: reactive[bool] = reactive(default=False)
    spent: reactive[str] = reactive("")
    """Today's money in words, empty until it is known."""

    def render_line(self, y: int) -> Strip:
        """The line in the present width; what has no room is left out whole."""
        width = self.size.width
        if y:
            return Strip.blank(width)
        left, badge, right = self._parts(width)
        gap = width - length(left) - length(badge) - length(right)
        pieces = [
            self._strip(left, "panel"),
            self._strip(badge, "badge"),
            self._strip([Span(" " * max(0, gap)), *right], "panel"),
        ]
        return Strip.join(pieces).crop(0, width)

    def _strip(self, spans: list[Span], on: Ground) -> Strip:
        return paint_line(spans, length(spans), self.paint, on=on)

    def _parts(self, width: int) -> tuple[list[Span], list[Span], list[Span]]:
        mark = "#" if self.paint.ascii_only else "▞"
        opens = "v" if self.paint.ascii_only else "▾"
        badge = [Span(" SANDBOX ", bold=True)] if self.practice else []
        right = self._right(width)
        name = "Reelroom  " if width >= 70 else ""
        room = width - 3 - len(name) - 4 - length(badge) - length(right) - 2
        project = cut(self.project, max(8, room))
        left = [Span(f" {mark} ", "accent"), Span(name, bold=True), Span(f"{project} {opens}  ")]
        return left, badge, right

    def _right(self, width: int) -> list[Span]:
        spans: list[Span] = []
        if self.spent:
            money = ("practice money " if self.practice else "spent ") if width >= 100 else ""
            spans += [Span(money, "muted"), Span(self.spent, bold=True), Span(" today   ", "muted")]
        if width >= 100:
            spans += [Span("^p commands   ", "muted")]
        return [*spans, Span("? help ", "muted")]

    def on_click(self, event: Click) -> None:
        """Find the word under the pointer from the same parts that were drawn."""
        left, _badge, right = self._parts(self.size.width)
        drawn = "".join(span.text for span in right)
        at = event.x - (self.size.width - cell_len(drawn))
        if event.x < length(left):
            self.post_message(HeaderPressed("project"))
        elif at >= drawn.find("? help"):
            self.post_message(HeaderPressed("help"))
        elif 0 <= drawn.find("^p") <= at:
            self.post_message(HeaderPressed("commands"))


class Notice(Painted):
    """The line under the header, there only while something holds the whole program up."""

    DEFAULT_CSS = """
    Notice { height: 1; width: 1fr; display: none; }
    Notice.-said { display: block; }
    """

    text: reactive[str] = reactive("")
    bad: reactive[bool] = reactive(default=False)

    def watch_text(self, text: str) -> None:
        """Take room only while there is something to say."""
        self.set_class(bool(text), "-said")

    def render_line(self, y: int) -> Strip:
        """The sentence, cut at its end where it is too long."""
        width = self.size.width
        if y:
            return Strip.blank(width)
        sign = "!" if self.paint.ascii_only else "‖"
        role: Role = "bad" if self.bad else "attention"
        return paint_line([Span(f" {sign} ", role), Span(fit(self.text, width - 4), role)], width, self.paint)
