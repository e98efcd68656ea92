"""How one line of the board is drawn: the columns of a job row, its bar, titles and the opened line."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from rich.cells import cell_len

from reelroom.store.records import Job
from reelroom.store.states import HoldUp, JobState
from reelroom.tui import bars, words
from reelroom.tui.studio.progress import Progress
from reelroom.tui.theme import Role

from .job_rows import Group, Line
from .strips import Row, Span, cut, fit
from .told import Told, UsualTime

MODEL_AT = 3
WORD = 11
MODELS = ((110, 22), (78, 19), (0, 14))
"""Cells of the model's name from a width of the board on."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns of a row stand, in cells; a width of 0 leaves a column out."""

    width: int
    model: int
    bar: int
    prompt: int
    ascii_only: bool = False

    @classmethod
    def of(cls, width: int, *, ascii_only: bool = False) -> "Columns":
        """The columns for a board of this width."""
        bar = 0 if width < 66 else 10 if width < 110 else 14
        prompt = 0 if width < 124 else min(60, 25 + max(0, width - 128) // 2)
        model = next(cells for least, cells in MODELS if width >= least)
        return cls(width, model, bar, prompt, ascii_only)

    @property
    def bar_at(self) -> int:
        """Where the bar begins, behind the state word."""
        return MODEL_AT + self.model + 1 + WORD

    @property
    def detail_at(self) -> int:
        """Where the detail begins behind a bar."""
        return self.bar_at + (self.bar + 2 if self.bar else 0)

    @property
    def prompt_at(self) -> int:
        """Where the prompt begins; there is one only where `prompt` is not 0."""
        return self.width - 11 - self.prompt


@dataclass(frozen=True, slots=True)
class Gauge:
    """The bar of a job: its text and what it means."""

    bar: bars.Bar
    role: Role = "bar"
    rest: Role = "track"

    @property
    def steps(self) -> int:
        """How far the filled part goes, in half cells."""
        return 2 * len(self.bar.filled) - self.bar.filled.count("╸")

    def spans(self) -> Iterator[Span]:
        """The filled part, the empty one, and the mark of the usual range."""
        yield Span(self.bar.filled, self.role)
        thin = self.bar.rest.rstrip("≈~")
        yield Span(thin, self.rest)
        yield Span(self.bar.rest[len(thin) :], "muted")


def gauge(
    job: Job, progress: Progress | None, usual: UsualTime | None, now: float, cols: Columns
) -> Gauge | None:
    """The bar of a job: a fraction only of bytes, dashes for an estimate, and none where it says nothing."""
    width, plain = cols.bar, not cols.ascii_only
    if job.terminal or not width or job.state is JobState.UNKNOWN:
        return None
    if job.state is JobState.DOWNLOADING and progress and progress.done is not None and progress.total:
        return Gauge(bars.known(progress.done, progress.total, width, unicode=plain))
    if job.hold_up is not None and job.hold_up is not HoldUp.NETWORK:
        return None
    if job.state is JobState.RUNNING and usual is not None:
        elapsed = now - job.state_since
        role: Role = "attention" if elapsed > usual.p90 else "bar"
        return Gauge(bars.estimate(elapsed, usual.p25, usual.p90, width, unicode=plain), role)
    if job.state in {JobState.RUNNING, JobState.DOWNLOADING}:
        return Gauge(bars.unknown(width, unicode=plain), rest="bar")
    return Gauge(bars.waiting(width, unicode=plain))


def job_spans(
    job: Job, told: Told, bar: Gauge | None, cols: Columns, *, selected: bool, away: bool
) -> list[Span]:
    """A job row in exactly the width of the board; the price and the state word are never cut."""
    price = _price(job)
    paid = job.cost is not None and job.cost > 0
    end = Span(f"{_own(price, cols)} ", "text" if paid else "muted")
    end_at = cols.width - cell_len(end.text)
    row = Row()
    row.add(*_head(job, cols, selected=selected, away=away))
    if bar is not None and row.at < cols.bar_at:
        row.to(cols.bar_at)
        row.add(*bar.spans())
        row.to(cols.detail_at)
    else:
        row.to(cols.bar_at if row.at < cols.bar_at else row.at + 2)
    stop = cols.prompt_at if cols.prompt else end_at
    row.add(_detail(told, stop - 1 - row.at, cols))
    if cols.prompt:
        row.to(cols.prompt_at)
        row.add(Span(cut(_own(" ".join(job.prompt.split()), cols), cols.prompt, _mark(cols)), "faint"))
    row.to(end_at)
    row.add(end)
    return row.spans


def _head(job: Job, cols: Columns, *, selected: bool, away: bool) -> Iterator[Span]:
    look = words.look_of(job)
    role: Role = "muted" if away else look.role
    yield _marker(cols, selected=selected)
    yield Span(look.ascii if cols.ascii_only else look.glyph, role, bold=role == "attention")
    yield Span(" ")
    yield Span(
        fit(_own(job.model, cols), cols.model, mark=_mark(cols)), "muted" if away else "text", bold=selected
    )
    yield Span(" ")
    yield Span(look.word, role)


def _price(job: Job) -> str:
    if job.state is JobState.DISMISSED and job.submitted_at is None:
        return words.price(Decimal(0))
    return words.job_price(job)


def _detail(told: Told, room: int, cols: Columns) -> Span:
    text = _own(told.detail_in(max(0, room)), cols)
    return Span(cut(text, max(0, room), _mark(cols)), "muted")


def opened_spans(sentence: Told | str, cols: Columns) -> list[Span]:
    """The line that a selected row opens by: what happens next, and by when."""
    room = max(0, cols.width - MODEL_AT - 1)
    text = sentence if isinstance(sentence, str) else sentence.next_in(room)
    return [_marker(cols, selected=True), Span("  "), Span(cut(_own(text, cols), room, _mark(cols)))]


def title_spans(line: Line, cols: Columns) -> list[Span]:
    """The title of a group, with how many of how many are shown where some are not."""
    if line.group is None:
        return []
    urgent = line.group is Group.NEEDS_YOU
    hidden = f"  {line.shown} of {line.total:,}" if line.shown < line.total else ""
    title = Span(cut(f" {line.group}", cols.width), "attention" if urgent else "muted", bold=urgent)
    return [title, Span(hidden, "faint")]


def _marker(cols: Columns, *, selected: bool) -> Span:
    return Span((">" if cols.ascii_only else "▌") if selected else " ", "accent")


def _own(text: str, cols: Columns) -> str:
    return words.in_ascii(text) if cols.ascii_only else text


def _mark(cols: Columns) -> str:
    return "..." if cols.ascii_only else "…"
