"""Which clips are in view: rows of cards over any number of clips, and how they stay put when others come."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewport:
    """A stretch of whole rows. Drawing and the mouse both ask it which clip is where.

    `lead` leaves that many cells of the first row of all free, so that clips that come or go above the view
    do not move what is in it. At the top it is always 0.
    """

    columns: int = 1
    rows: int = 1
    """Whole rows that have room."""
    total: int = 0
    top: int = 0
    """The first row in view."""
    lead: int = 0

    @property
    def last_row(self) -> int:
        """The row of the oldest clip."""
        return max(0, self.total + self.lead - 1) // self.columns

    @property
    def first(self) -> int:
        """The place of the first clip in view."""
        return max(0, self.top * self.columns - self.lead)

    @property
    def end(self) -> int:
        """The place behind the last clip in view."""
        return max(0, min(self.total, (self.top + self.rows) * self.columns - self.lead))

    def place(self, row: int, column: int) -> int | None:
        """The clip in a cell of the view, or None where there is none."""
        if not (0 <= row < self.rows and 0 <= column < self.columns):
            return None
        place = (self.top + row) * self.columns + column - self.lead
        return place if 0 <= place < self.total else None

    def row_of(self, place: int) -> int:
        """The row of a clip, counted from the first row of all."""
        return (place + self.lead) // self.columns

    def shows(self, place: int) -> bool:
        """Whether a clip is in view."""
        return self.first <= place < self.end

    def scrolled(self, rows: int) -> "Viewport":
        """The view so many rows further down, as far as there are clips."""
        return _at(self, self.top + rows)

    def towards(self, place: int) -> "Viewport":
        """The nearest view that shows a clip."""
        row = self.row_of(place)
        view = _at(self, min(row, max(self.top, row - self.rows + 1)))
        return view if view.lead == self.lead else view.towards(place)

    def shaped(self, columns: int, rows: int, keep: int) -> "Viewport":
        """The view after a change of size: the clip `keep` stays about where it was."""
        if (columns, rows) == (self.columns, self.rows):
            return self
        down = min(max(0, self.row_of(keep) - self.top), rows - 1)
        view = replace(self, columns=columns, rows=rows, lead=0)
        return _at(view, 0 if self.top == 0 else view.row_of(keep) - down).towards(keep)

    def kept(self, total: int, before: int, after: int) -> "Viewport":
        """The view after clips have come or gone: the clip that was at place `before` stays where it is."""
        lead = (before + self.lead - after) % self.columns
        moved = (after + lead - before - self.lead) // self.columns
        return _at(replace(self, total=total, lead=lead), self.top + moved)


def _at(view: Viewport, top: int) -> Viewport:
    top = max(0, min(top, view.last_row - view.rows + 1))
    return replace(view, top=top, lead=view.lead if top else 0)
