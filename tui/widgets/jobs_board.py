"""The job board: one widget that draws every job row."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Blur, Click, Focus, Leave, MouseDown, MouseScrollDown, MouseScrollUp, Resize
from textual.geometry import Offset

from .jobs_shown import JobsShown


class JobBoard(JobsShown, can_focus=True):
    """Every job of today and everything unfinished: what needs a person, what is worked on, what is done.

    Without the focus it shows its share of each group in the room it has; with it, all rows, which scroll.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("!", "needs_me", "needs me", id="jobs.needs_me"),
        Binding("up", "select(-1)", "up", show=False, id="jobs.up"),
        Binding("down", "select(1)", "down", show=False, id="jobs.down"),
        Binding("pageup", "page(-1)", "page up", show=False, id="jobs.page_up"),
        Binding("pagedown", "page(1)", "page down", show=False, id="jobs.page_down"),
        Binding("home", "select(-1000000)", "first", show=False, id="jobs.first"),
        Binding("end", "select(1000000)", "last", show=False, id="jobs.last"),
    ]

    DEFAULT_CSS = """
    JobBoard { height: 1fr; width: 1fr; overflow: hidden auto; scrollbar-size-vertical: 1; }
    """

    _press: tuple[Offset, float, str | None] | None = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """`!` is offered while anything needs a person."""
        if action == "needs_me":
            return bool(self._rows.groups.needs_you)
        return super().check_action(action, parameters)

    def action_select(self, step: int) -> None:
        """Select the job so many rows further."""
        self.selected = self._rows.neighbour(self.selected, step)

    def action_page(self, step: int) -> None:
        """Select the job a page further."""
        self.action_select(step * max(1, self._room.height - 2))

    def action_needs_me(self) -> None:
        """Select the next job that needs a person; after the last one, the first again."""
        waiting = self._rows.groups.needs_you
        at = waiting.index(self.selected) + 1 if self.selected in waiting else 0
        if waiting:
            self.selected = waiting[at % len(waiting)]

    def on_focus(self, _event: Focus) -> None:
        """Show all rows, once a press that brought the focus has met the row that was seen."""
        self.call_later(self._unfold)

    def _unfold(self) -> None:
        if not self.has_focus:
            return
        self._active = True
        if self.selected is None:
            self.selected = self._rows.neighbour(None, 1)
        self._relay()
        self._show_selected()
        self.refresh_bindings()

    def on_blur(self, _event: Blur) -> None:
        """Back to a share of each group."""
        self._active = False
        self.armed = None
        self._fold()

    def _fold(self) -> None:
        self._peeking = False
        self._relay()
        self.scroll_to(y=0, animate=False, force=True)

    def on_resize(self, _event: Resize) -> None:
        """Another width has other columns, another height other rows."""
        self._relay()
        self._show_selected()

    def on_mouse_down(self, event: MouseDown) -> None:
        """Select the job under the mouse; the second press of a double click stays with the first."""
        again = self._press is not None and self._press[0] == event.screen_offset
        if self._press and again and event.time - self._press[1] <= self.app.CLICK_CHAIN_TIME_THRESHOLD:
            return
        offset = event.get_content_offset(self)
        job_id = self._rows.job_at(offset.y + self.scroll_offset.y) if offset is not None else None
        self._press = (event.screen_offset, event.time, job_id)
        if job_id is not None:
            self.selected = job_id

    def on_click(self, event: Click) -> None:
        """A double click opens."""
        if event.chain == 2 and self._press and self._press[2] == self.selected:
            self.action_open()

    def on_mouse_scroll_down(self, _event: MouseScrollDown) -> None:
        """The wheel shows all rows, also without the focus."""
        self._peek()

    def on_mouse_scroll_up(self, _event: MouseScrollUp) -> None:
        """As above."""
        self._peek()

    def _peek(self) -> None:
        if not self._active and not self._peeking:
            self._peeking = True
            self._relay()

    def on_leave(self, _event: Leave) -> None:
        """The mouse has gone: fold what the wheel unfolded."""
        if self._peeking and not self._active:
            self._fold()
