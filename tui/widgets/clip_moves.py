"""Moving among the clips: by key, by mouse and by wheel, over whatever is drawn."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Click, MouseScrollDown, MouseScrollUp

from reelroom.store.records import Media

from .clip_feed import ClipFeed
from .clip_keys import ClipKeys
from .media_grid import Grid
from .media_list import Rows

LINES = 3
"""How far the wheel goes in a list; of posters it goes one row."""


class ClipMoves(ClipKeys):
    """The clips that are loaded, the shape they are drawn in, and the ways from one to another."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "up", "up", show=False, id="media.up"),
        Binding("down", "down", "down", show=False, id="media.down"),
        Binding("left", "step(-1)", "left", show=False, id="media.left"),
        Binding("right", "step(1)", "right", show=False, id="media.right"),
        Binding("pageup", "page(-1)", "page up", show=False, id="media.page_up"),
        Binding("pagedown", "page(1)", "page down", show=False, id="media.page_down"),
        Binding("home", "first", "first", show=False, id="media.first"),
        Binding("end", "last", "last", show=False, id="media.last"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.feed = ClipFeed()
        self.shape: Grid | Rows = Grid(18, 8, 18)

    def moved(self, before: Media | None) -> None:
        """The view is another, or the selection is, which was on `before`."""
        raise NotImplementedError

    @property
    def current(self) -> Media | None:
        """The selected clip."""
        return self.feed.chosen

    def clip_at(self, x: int, y: int) -> int | None:
        """The place of the clip that is drawn at a point of the widget."""
        return self.feed.view.place(*self.shape.cell(x, y))

    def on_click(self, event: Click) -> None:
        """Select what is drawn there; the second click of two opens it."""
        place = self.clip_at(event.x, event.y)
        if place is not None:
            self._select(place)
            if event.chain == 2:
                self.action_open()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Look further down; the selection stays."""
        event.stop()
        self._scroll(1)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Look further up."""
        event.stop()
        self._scroll(-1)

    def action_step(self, by: int) -> None:
        """The clip beside, also over the end of a row; lines have none beside them."""
        if self.shape.columns > 1:
            self._select((self.feed.place or 0) + by)

    def action_up(self) -> None:
        """The clip above."""
        self._jump(-1)

    def action_down(self) -> None:
        """The clip below; the last one where the row below is short."""
        self._jump(1)

    def action_page(self, by: int) -> None:
        """As many rows further as are in view."""
        self._jump(by * self.feed.view.rows)

    def action_first(self) -> None:
        """The newest clip."""
        self._select(0)

    def action_last(self) -> None:
        """The oldest clip."""
        self._select((self.feed.window.total or 1) - 1)

    def _jump(self, rows: int) -> None:
        view = self.feed.view
        place = self.feed.place or 0
        last = view.total - 1
        target = place + rows * view.columns
        if target > last:
            target = last if view.row_of(last) > view.row_of(place) else place
        elif target < 0:
            target = place % view.columns if abs(rows) > 1 else place
        self._select(target)

    def _select(self, place: int) -> None:
        before = self.current
        self.feed.select(place)
        self.moved(before)

    def _scroll(self, by: int) -> None:
        self.feed.view = self.feed.view.scrolled(by if self.shape.pitch > 1 else LINES * by)
        self.moved(self.current)
