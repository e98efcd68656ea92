"""A pane, and the rule above it that bears its name."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.containers import Vertical
from textual.events import DescendantBlur, DescendantFocus
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from reelroom.tui.theme import Ground

from .painted import Painted
from .strips import Span, cut, length, paint_line

SEPARATOR = Span(" · ", "faint")


class PaneTitle(Painted):
    """`─ Jobs ───────── 2 need you · 8 working ─`, in the accent and with a thick rule where the focus is."""

    DEFAULT_CSS = """
    PaneTitle { height: 1; width: 1fr; }
    """

    label: reactive[str] = reactive("")
    right: reactive[tuple[Span, ...]] = reactive(())
    """The parts at the right, the most important first: what has no room is left out whole, from the end."""
    focused: reactive[bool] = reactive(default=False)

    def __init__(self, label: str = "", right: Sequence[Span] = (), *, on: Ground = "background") -> None:
        super().__init__()
        self._on: Ground = on
        self.set_reactive(PaneTitle.label, label)
        self.set_reactive(PaneTitle.right, tuple(right))

    def render_line(self, y: int) -> Strip:
        """The rule in the present width; a second line stays empty."""
        width = self.size.width
        if y:
            return Strip.blank(width)
        return paint_line(list(self._spans(width)), width, self.paint, on=self._on)

    def _spans(self, width: int) -> Iterator[Span]:
        thick, thin = ("=", "-") if self.paint.ascii_only else ("━", "─")
        rule = Span(thick, "accent") if self.focused else Span(thin, "hairline")
        label = cut(self.label, max(0, width - 4))
        right = _parts_that_fit(self.right, width - 9 - length([Span(label)]))
        yield rule
        yield Span(f" {label} ", "accent" if self.focused else "text", bold=True)
        end = length(right) + 3 if right else 0
        yield rule._replace(text=rule.text * max(0, width - 3 - length([Span(label)]) - end))
        if right:
            yield Span(" ")
            yield from right
            yield Span(" ")
            yield rule


def _parts_that_fit(parts: Sequence[Span], width: int) -> list[Span]:
    spans: list[Span] = []
    for part in parts:
        longer = [*spans, SEPARATOR, part] if spans else [part]
        if length(longer) > width:
            break
        spans = longer
    return spans


class Pane(Vertical):
    """A titled pane: `with Pane("Jobs"): yield JobBoard()`. Its rule shows whether the focus is inside."""

    # Its children are all that is drawn: an empty line for each of its own would be thrown away.
    BLANK: ClassVar[bool] = True
    DEFAULT_CSS = """
    Pane { height: 1fr; width: 1fr; }
    """

    GROUND: ClassVar[Ground] = "background"

    label: reactive[str] = reactive("")
    right: reactive[tuple[Span, ...]] = reactive(())

    def __init__(
        self,
        label: str,
        *children: Widget,
        right: Sequence[Span] = (),
        id: str | None = None,  # noqa: A002 - the word that every widget of Textual takes
        classes: str | None = None,
    ) -> None:
        self.title_rule = PaneTitle(label, right, on=self.GROUND)
        super().__init__(self.title_rule, *children, id=id, classes=classes)
        self.set_reactive(Pane.label, label)
        self.set_reactive(Pane.right, tuple(right))

    def watch_label(self, label: str) -> None:
        """Hand the name on to the rule."""
        self.title_rule.label = label

    def watch_right(self, right: tuple[Span, ...]) -> None:
        """Hand the parts at the right on to the rule."""
        self.title_rule.right = right

    def on_descendant_focus(self, _event: DescendantFocus) -> None:
        """The focus came in."""
        self.title_rule.focused = True

    def on_descendant_blur(self, _event: DescendantBlur) -> None:
        """The focus went elsewhere, or to another widget of this pane, which then says so."""
        self.title_rule.focused = False


class Sheet(Pane):
    """A pane above a page, whose first and last line stay in view; without tones it has an outline."""

    BLANK: ClassVar[bool] = False
    GROUND: ClassVar[Ground] = "surface"
    DEFAULT_CSS = """
    Sheet { height: auto; max-width: 100%; max-height: 100%; margin: 1 0; background: $surface; }
    Sheet:ansi { border: solid $border; border-top: none; }
    """
