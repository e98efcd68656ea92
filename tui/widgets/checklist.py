"""The models to choose from: one widget draws all rows, and prices only those in view."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Click, Resize
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from reelroom.fal.catalogue import Model
from reelroom.tui import words
from reelroom.tui.theme import Ground, Role

from .offers import Quotes
from .painted import Painted
from .strips import Span, cut, fit, paint_line

NAME_AT, LENGTH, PRICE = 5, 4, 7
ROOM_FOR_MORE = 8
"""Rows from which on the last one says how many more there are."""


class Checklist(Painted, ScrollView, can_focus=True):
    """`[x] Veo 3.1 Fast    8 s   $1.20`: space ticks, and the selection follows its model."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "tick", "choose model", key_display="space", id="models.tick"),
        Binding("up", "move(-1)", "up", show=False, id="models.up"),
        Binding("down", "move(1)", "down", show=False, id="models.down"),
        Binding("pageup", "page(-1)", "page up", show=False, id="models.page_up"),
        Binding("pagedown", "page(1)", "page down", show=False, id="models.page_down"),
        Binding("home", "move(-1000000)", "first", show=False, id="models.first"),
        Binding("end", "move(1000000)", "last", show=False, id="models.last"),
    ]

    DEFAULT_CSS = """
    Checklist { width: 100%; height: 1fr; min-height: 1; scrollbar-size: 0 0; overflow-x: hidden; }
    """

    models: reactive[tuple[Model, ...]] = reactive(())
    ticked: reactive[frozenset[str]] = reactive(frozenset[str]())
    quotes: reactive[Quotes] = reactive(Quotes)
    problems: reactive[Mapping[str, str]] = reactive[Mapping[str, str]](MappingProxyType({}))
    cursor: reactive[str] = reactive("")
    """The endpoint of the selected model."""
    empty: reactive[str] = reactive("")
    """What is said where there is no model to show."""

    @dataclass
    class Ticked(Message):
        """A model is wanted, or no longer."""

        endpoint: str

    def watch_models(self) -> None:
        """Other models: the selection stays with its own, or begins anew."""
        self._fit()
        if self.models and not any(model.endpoint == self.cursor for model in self.models):
            self.cursor = self.models[0].endpoint
        self._show_cursor()

    def watch_cursor(self) -> None:
        """Keep the selected row in view."""
        self._show_cursor()

    def on_resize(self, _event: Resize) -> None:
        """The room for rows has changed."""
        self._fit()
        self._show_cursor()

    def _fit(self) -> None:
        below = 1 if self._says_more else 0
        self.virtual_size = Size(self.size.width, len(self.models) + below)

    @property
    def _says_more(self) -> bool:
        """Whether the last line says how many more there are."""
        return len(self.models) > self.size.height >= ROOM_FOR_MORE

    @property
    def _visible(self) -> int:
        return max(1, self.size.height - self._says_more)

    def model_at(self, y: int) -> Model | None:
        """The model that is drawn in this line of the widget."""
        at = self.scroll_offset.y + y
        return self.models[at] if 0 <= y < self._visible and at < len(self.models) else None

    @property
    def _at(self) -> int:
        return next((at for at, model in enumerate(self.models) if model.endpoint == self.cursor), 0)

    def _show_cursor(self) -> None:
        if self.size.height:
            at, last = self._at, self._visible - 1
            top = min(max(self.scroll_offset.y, at - last), at)
            self.scroll_to(y=top, animate=False, force=True, immediate=True)
        self.refresh()

    def action_move(self, by: int) -> None:
        """Select another model."""
        if self.models:
            at = min(max(0, self._at + by), len(self.models) - 1)
            self.cursor = self.models[at].endpoint

    def action_page(self, by: int) -> None:
        """Select the model a page further."""
        self.action_move(by * max(1, self._visible - 1))

    def action_tick(self) -> None:
        """Want the selected model, or no longer."""
        if self.models:
            self.post_message(self.Ticked(self.cursor))

    def on_click(self, event: Click) -> None:
        """Select and tick what is drawn there."""
        model = self.model_at(event.y)
        if model is not None:
            self.cursor = model.endpoint
            self.action_tick()

    def render_line(self, y: int) -> Strip:
        """One line of the list."""
        width = self.size.width
        if not self.models:
            return self._empty_line(y)
        if self._says_more and y == self.size.height - 1:
            return self._more_line()
        model = self.model_at(y)
        return Strip.blank(width, self.paint("text")) if model is None else self._model_line(model)

    def _empty_line(self, y: int) -> Strip:
        text = self.empty if y == 0 else ""
        return paint_line([Span(" " + cut(text, self.size.width - 2), "muted")], self.size.width, self.paint)

    def _more_line(self) -> Strip:
        above = self.scroll_offset.y
        below = len(self.models) - above - self._visible
        down, up = ("v", "^") if self.paint.ascii_only else ("↓", "↑")
        parts = [f"{down} {below} more"] * (below > 0) + [f"{up} {above}"] * (above > 0)
        return paint_line([Span(" " * NAME_AT + "  ".join(parts), "faint")], self.size.width, self.paint)

    def _model_line(self, model: Model) -> Strip:
        chosen, here = model.endpoint in self.ticked, model.endpoint == self.cursor
        on: Ground = "selected" if here else "background"
        edge = (">" if self.paint.ascii_only else "▌") if here else " "
        left = [
            Span(edge, "accent" if self.has_focus else "hairline"),
            Span("[x]", "accent", bold=True) if chosen else Span("[ ]", "faint"),
            Span(" "),
        ]
        right = self._right(model, chosen=chosen)
        room = self.size.width - NAME_AT - 1 - sum(len(span.text) for span in right)
        name = Span(fit(model.name, room), "text" if chosen or here else "muted", bold=here)
        return paint_line([*left, name, *right], self.size.width, self.paint, on=on)

    def _right(self, model: Model, *, chosen: bool) -> list[Span]:
        """The length that it would make and the price, in columns; or what stands in its way."""
        if problem := self.problems.get(model.endpoint):
            return [Span(f" {'x' if self.paint.ascii_only else '✗'} {problem}", "bad")]
        quote = self.quotes(model)
        if quote.refusal is not None:
            return [Span(fit(quote.lacks, LENGTH + PRICE + 2, right=True), "faint")]
        if quote.price is None:
            price = Span(fit("unknown", PRICE, right=True), "attention")
        else:
            role: Role = "text" if chosen else "muted"
            price = Span(words.price(quote.price).rjust(PRICE), role)
        return [Span(f" {quote.length:>{LENGTH}}", "muted"), Span(" "), price]
