"""How jobs look on a terminal: pure drawing, from records to lines."""

from collections.abc import Sequence
from dataclasses import dataclass

from reelroom.store.records import Job, Media
from reelroom.store.states import JobState
from reelroom.tui import bars, sentences, words
from reelroom.tui.studio.progress import Progress

from .paint import Line, Span, Style, width_of

MODEL = 14
WORD = 11
WIDE, NARROW = 110, 66
"""Terminal widths: from WIDE on a bar has 14 cells, below NARROW there is none."""

IN_LINE = frozenset({JobState.INTENT, JobState.SUBMITTING, JobState.QUEUED})
AT_WORK = frozenset({JobState.RUNNING, JobState.CANCELLING, JobState.READY})


@dataclass(frozen=True, slots=True)
class Row:
    """All that is known of a job at this moment."""

    job: Job
    progress: Progress | None = None
    clip: Media | None = None
    most: int = 0
    """The most bytes that a bar has shown: it never runs backwards."""

    def moved(self, progress: Progress) -> "Row":
        """The row with news of the running job."""
        return Row(self.job, progress, self.clip, max(self.most, progress.done or 0))


def draw(row: Row, now: float, width: int, style: Style) -> Line:
    """One job in one line of at most `width` cells; word and price are never cut."""
    look = words.look_of(row.job)
    glyph = look.glyph if style.unicode else look.ascii
    cost = _cost(row.job, style)
    bar = _bar(row, width, style)
    word = look.word.ljust(WORD) if bar or width >= NARROW else look.word
    room = width - 2 - words.cells(word) - 1 - len(cost)
    model = words.cut(style.spell(row.job.model), max(0, min(MODEL, room - 1)), style.mark)
    if room > MODEL:
        model += " " * (MODEL - words.cells(model))
    name = f"{model} " if model else ""
    left: list[Span] = [(f"{glyph} ", look.role), (name, "text"), (word, look.role), *bar]
    room = width - width_of(tuple(left)) - len(cost) - 2
    detail = _fit(sentences.facts(row.job, row.progress, row.clip, now), room - 1, style)
    text = f" {detail}" if detail else ""
    gap = width - width_of(tuple(left)) - words.cells(text) - len(cost)
    return (*left, (text, "muted"), (" " * gap, "text"), (cost, _cost_role(row.job)))


def plain(row: Row, now: float) -> str:
    """One job as a line of a log, for where nothing can be redrawn."""
    look = words.look_of(row.job)
    detail = " · ".join(sentences.facts(row.job, row.progress, row.clip, now))
    return f"{words.short_id(row.job.id)}  {row.job.model}  {look.word}  {detail}  {words.job_price(row.job)}"


def block(rows: Sequence[Row], now: float, width: int, height: int, style: Style) -> list[Line]:
    """The rows that fit, and how many more there are."""
    room = max(1, height - 2)
    shown = list(rows) if len(rows) <= room else list(rows)[: room - 1]
    lines = [draw(row, now, width, style) for row in shown]
    if len(shown) < len(rows):
        lines.append(((f"↓ {len(rows) - len(shown)} more", "faint"),))
    return lines


def _cost(job: Job, style: Style) -> str:
    return style.spell(words.job_price(job)).rjust(8)


def _cost_role(job: Job) -> words.Role:
    return "text" if job.cost is not None or job.billed is False else "muted"


def _bar(row: Row, width: int, style: Style) -> tuple[Span, ...]:
    """The bar of a job at work, between one blank and the detail; nothing for the others."""
    if width < NARROW:
        return ()
    cells = 14 if width >= WIDE else 12
    bar = _progress(row, cells, style)
    if bar is None:
        return ()
    return ((" ", "text"), (bar.filled, "bar"), (bar.rest, "track"), (" ", "text"))


def _progress(row: Row, cells: int, style: Style) -> bars.Bar | None:
    job, progress = row.job, row.progress
    if job.state is JobState.DOWNLOADING:
        if progress is not None and progress.done is not None and progress.total:
            return bars.known(max(row.most, progress.done), progress.total, cells, unicode=style.unicode)
        return None if job.hold_up else bars.unknown(cells, unicode=style.unicode)
    if job.hold_up is not None:
        return None
    if job.state in IN_LINE:
        return bars.waiting(cells, unicode=style.unicode)
    if job.state in AT_WORK:
        return bars.unknown(cells, unicode=style.unicode)
    return None


def _fit(parts: Sequence[str], room: int, style: Style) -> str:
    """As many parts as there is room for; only a part of words alone is cut, and only the first."""
    parts = [style.spell(part) for part in parts]
    between = style.spell(" · ")
    for many in range(len(parts), 0, -1):
        text = between.join(parts[:many])
        if words.cells(text) <= room:
            return text
    if not parts or room < 8 or parts[0][:1].isdigit():
        return ""
    return words.cut(parts[0], room, style.mark)
