"""What comes down to the job board, and the lines it makes of it: only those that read anew are painted."""

from collections.abc import Mapping
from time import monotonic

from textual.geometry import Size
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip

from reelroom.store.records import Job, Media
from reelroom.tui.messages import BoardCounts
from reelroom.tui.standing import start_of_day
from reelroom.tui.studio.progress import Progress

from .board_lines import BoardLines
from .board_view import BoardView
from .job_keys import JobKeys
from .job_line import Columns
from .painted import Painted
from .strips import Span, cut, paint_line
from .told import UsualTime

NOTHING_YET = "No jobs yet. ^j makes the first clip."
NOTHING_TODAY = "No jobs today. ^j makes a clip."


class JobsShown(JobKeys, Painted, ScrollView):
    """What comes down to the board, and the lines it makes of it."""

    jobs: var[Mapping[str, Job]] = var[Mapping[str, Job]](dict, always_update=True)
    progress: var[Mapping[str, Progress]] = var[Mapping[str, Progress]](dict, always_update=True)
    usual: var[Mapping[str, UsualTime]] = var[Mapping[str, UsualTime]](dict, always_update=True)
    """The usual time of each endpoint that has one."""
    clips: var[Mapping[str, Media]] = var[Mapping[str, Media]](dict, always_update=True)
    """The first clip of each saved job, by the job's id."""
    now: var[float] = var(0.0)
    """The time of day, in seconds since 1970; set once a second it keeps all elapsed times right."""
    frame: var[float] = var(0.25)
    """Seconds between two repaints for progress alone; 1 suits a slow link."""
    selected: var[str | None] = var[str | None](None)

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id, classes=classes)
        self._rows = BoardLines()
        self._counted: tuple[int, int, int] | None = None
        self._day = 0.0
        self._painted_at = -1.0
        self._soon = False
        self._later = False
        self._active = False
        """The board has the focus, and was drawn so: a press of the mouse still meets what was seen."""
        self._peeking = False
        """The wheel was turned over a board without the focus, and the mouse is still there."""

    def watch_jobs(self) -> None:
        """The records have changed."""
        self._regroup()

    def watch_origin(self) -> None:
        """Other jobs are worked on now."""
        self._regroup()

    def watch_sender(self) -> None:
        """Other intents are one's own now."""
        self._regroup()

    def watch_now(self, now: float) -> None:
        """Time goes on; at midnight what was finished leaves the board."""
        if start_of_day(now) != self._day:
            self._regroup()
        self._paint_soon()

    def watch_progress(self) -> None:
        """Progress is news only a few times a second."""
        wait = self._painted_at + self.frame - monotonic()
        if wait <= 0:
            self._paint_soon()
        elif not self._soon and not self._later:
            self._later = True
            self.set_timer(wait, self._paint_later)

    def watch_usual(self) -> None:
        """The usual times have changed."""
        self._paint_soon()

    def watch_clips(self) -> None:
        """More is known of the clips that came."""
        self._paint_soon()

    def watch_armed(self) -> None:
        """A question is asked, or is no longer."""
        self._paint_soon()

    def watch_selected(self) -> None:
        """Another job is selected: what was asked about the one before is void."""
        self.armed = None
        self._relay()
        self._show_selected()
        self.refresh_bindings()

    @property
    def current(self) -> Job | None:
        """The selected job."""
        return self.jobs.get(self.selected or "")

    @property
    def _room(self) -> Size:
        return self.scrollable_content_region.size

    @property
    def _columns(self) -> Columns:
        return Columns.of(self._room.width, ascii_only=self.paint.ascii_only)

    @property
    def _view(self) -> BoardView:
        return BoardView(
            jobs=self.jobs,
            progress=self.progress,
            usual=self.usual,
            clips=self.clips,
            now=self.now,
            origin=self.origin,
            sender=self.sender,
            selected=self.selected if self._active else None,
            armed=self.armed,
        )

    def _regroup(self) -> None:
        was, at = self._rows.place(self.selected), self._place_in_order()
        self._day = start_of_day(self.now)
        self._rows.regroup(self._view)
        order = self._rows.groups.order
        if self.selected not in order and (self._active or self.selected is not None):
            self.selected = order[min(at, len(order) - 1)] if order else None
        self._relay()
        self._stay(was)
        self._count()
        self.refresh_bindings()

    def _place_in_order(self) -> int:
        order = self._rows.groups.order
        return order.index(self.selected) if self.selected in order else 0

    def _count(self) -> None:
        counts = self._view.counts(self._rows.groups)
        if counts != self._counted:
            self._counted = counts
            self.post_message(BoardCounts(*counts))

    def _relay(self) -> None:
        """Put the rows on lines; the layout of the screen is asked only where their number changes."""
        room = self._room
        opened = self.selected if self._active else None
        if room and self._rows.lay(room.height, opened=opened, whole=self._active or self._peeking):
            self.virtual_size = Size(room.width, len(self._rows))
        self._paint_soon()

    def _stay(self, was: int | None) -> None:
        """Keep the selected row where it stands on the screen while others come and go above it."""
        at = self._rows.place(self.selected)
        if self._active and self.scroll_offset.y and was is not None and at is not None and at != was:
            self.scroll_to(y=self.scroll_offset.y + at - was, animate=False, force=True)

    def _show_selected(self) -> None:
        at = self._rows.place(self.selected)
        if not self._active or at is None:
            return
        top, height = self.scroll_offset.y, self._room.height
        first = at - self._rows.first_of_group(at)
        if first < top:
            self.scroll_to(y=first, animate=False, force=True)
        elif at + 1 >= top + height:
            self.scroll_to(y=at + 2 - height, animate=False, force=True)

    def _paint_soon(self) -> None:
        """Once, after everything that came down together has been set."""
        if not self._soon:
            self._soon = True
            self.call_next(self._paint_changes)

    def _paint_later(self) -> None:
        if self._later:
            self._paint_changes()

    def _paint_changes(self) -> None:
        self._soon = self._later = False
        self._painted_at = monotonic()
        top = self.scroll_offset.y
        in_view = range(top, top + self._room.height)
        if not len(self._rows):
            self._rows.forget()
            self.refresh()
            return
        for at in self._rows.changed(self._view, self._columns, self.paint, in_view):
            self.refresh_line(at)

    def repaint(self) -> None:
        """Draw everything anew."""
        self._rows.forget()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of the board, as it was read last."""
        cols = self._columns
        if not len(self._rows):
            sentence = NOTHING_TODAY if self.jobs else NOTHING_YET
            spans = [Span(f" {cut(sentence, cols.width - 2)}", "muted")] if y == 0 else []
            return paint_line(spans, cols.width, self.paint)
        strip = self._rows.strip(y + self.scroll_offset.y, self._view, cols, self.paint)
        return paint_line([], cols.width, self.paint) if strip is None else strip
