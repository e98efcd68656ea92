"""The lines of the board as they stand and as they were painted last. It knows no widget."""

from collections.abc import Iterator

from textual.strip import Strip

from reelroom.tui.theme import Paint

from .board_view import BoardView, Drawn
from .furthest import Furthest
from .job_line import Columns
from .job_rows import Groups, Line, grouped, lay_out
from .strips import paint_line


class BoardLines:
    """Which job stands on which line, for drawing and for the mouse alike, and the strips in view."""

    def __init__(self) -> None:
        self.groups = Groups()
        self._lines: tuple[Line, ...] = ()
        self._places: dict[str, int] = {}
        self._drawn: dict[int, tuple[Drawn, Strip]] = {}
        self._furthest = Furthest()
        self._cols = Columns(0, 0, 0, 0)

    def __len__(self) -> int:
        return len(self._lines)

    def regroup(self, view: BoardView) -> None:
        """Sort the jobs into their groups."""
        before = self.groups.order
        self.groups = grouped(view.jobs.values(), view.now, view.origin, view.sender)
        gone = set(before).difference(self.groups.order)
        if gone:
            self._furthest.forget(gone)

    def lay(self, height: int, *, opened: str | None, whole: bool) -> bool:
        """Put the groups on lines; returns whether any line is another one now."""
        lines = lay_out(self.groups, height, opened=opened, whole=whole)
        if lines == self._lines:
            return False
        self._lines = lines
        self._places = {
            line.job_id: at for at, line in enumerate(lines) if line.kind == "job" and line.job_id
        }
        return True

    def place(self, job_id: str | None) -> int | None:
        """The line of a job; None where it is not shown."""
        return self._places.get(job_id or "")

    def job_at(self, at: int) -> str | None:
        """The job that a line belongs to."""
        return self._lines[at].job_id if 0 <= at < len(self._lines) else None

    def first_of_group(self, at: int) -> bool:
        """Whether the line above is the title of its group."""
        return at > 0 and self._lines[at - 1].kind == "title"

    def neighbour(self, job_id: str | None, step: int) -> str | None:
        """The job so many rows further, or the last one that way; without one, as from above the first."""
        order = self.groups.order
        if not order:
            return None
        at = order.index(job_id) if job_id in order else -1
        return order[min(len(order) - 1, max(0, at + step))]

    def changed(self, view: BoardView, cols: Columns, paint: Paint, in_view: range) -> Iterator[int]:
        """Read the lines in view anew, and give those that must be painted again."""
        if cols != self._cols:
            self.forget()
            self._cols = cols
        before, self._drawn = self._drawn, {}
        for at in in_view:
            known = before.pop(at, None)
            if at >= len(self._lines):
                if known is not None:
                    yield at
                continue
            drawn = view.line(self._lines[at], cols, self._furthest)
            if known is None or known[0] != drawn:
                known = (drawn, _painted(drawn, cols, paint))
                yield at
            self._drawn[at] = known
        yield from before

    def strip(self, at: int, view: BoardView, cols: Columns, paint: Paint) -> Strip | None:
        """The painted line; None below the last one."""
        if at >= len(self._lines):
            return None
        known = self._drawn.get(at) if cols == self._cols else None
        if known is None:
            drawn = view.line(self._lines[at], cols, self._furthest)
            known = (drawn, _painted(drawn, cols, paint))
            if cols == self._cols:
                self._drawn[at] = known
        return known[1]

    def forget(self) -> None:
        """Everything is to be painted again."""
        self._drawn = {}


def _painted(drawn: Drawn, cols: Columns, paint: Paint) -> Strip:
    spans, ground = drawn
    return paint_line(spans, cols.width, paint, on=ground)
