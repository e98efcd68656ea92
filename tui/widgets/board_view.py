"""Everything that the board shows, as one value, and how each of its lines reads."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from reelroom.store.records import Job, Media
from reelroom.store.states import JobState
from reelroom.tui.standing import elsewhere
from reelroom.tui.studio.progress import Progress
from reelroom.tui.theme import Ground

from .furthest import Furthest
from .job_keys import question
from .job_line import Columns, gauge, job_spans, opened_spans, title_spans
from .job_rows import Groups, Line
from .job_words import describe
from .strips import Span
from .told import Told, UsualTime

Drawn = tuple[tuple[Span, ...], Ground]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardView:
    """The jobs and what stands beside them at one moment."""

    jobs: Mapping[str, Job]
    progress: Mapping[str, Progress]
    usual: Mapping[str, UsualTime]
    clips: Mapping[str, Media]
    now: float
    origin: str | None = None
    sender: str | None = None
    selected: str | None = None
    armed: str | None = None

    def told(self, job: Job) -> Told:
        """What is said about one of the jobs."""
        return describe(
            job,
            self.progress.get(job.id),
            self.usual.get(job.endpoint),
            self.now,
            clip=self.clips.get(job.id),
            origin=self.origin,
            sender=self.sender,
        )

    def line(self, line: Line, cols: Columns, furthest: Furthest) -> Drawn:
        """One line of the board, and the ground it stands on."""
        job = self.jobs.get(line.job_id or "")
        if job is None:
            return tuple(title_spans(line, cols)), "background"
        selected = job.id == self.selected
        if line.kind == "opened":
            asked = question(job) if self.armed == job.id else self.told(job)
            return tuple(opened_spans(asked, cols)), "selected"
        progress = self.progress.get(job.id)
        told = self.told(job)
        if furthest.restarted(job, progress):
            told = replace(told, wordings=tuple(f"started over · {wording}" for wording in told.wordings))
        away = elsewhere(job, self.origin)
        bar = None if away else gauge(job, progress, self.usual.get(job.endpoint), self.now, cols)
        row = job_spans(job, told, furthest.keep(job, bar, cols), cols, selected=selected, away=away)
        return tuple(row), "selected" if selected else "background"

    def counts(self, groups: Groups) -> tuple[int, int, int]:
        """How many need a person, are worked on, and were saved today."""
        saved = sum(self.jobs[job_id].state is JobState.SAVED for job_id in groups.finished)
        return len(groups.needs_you), len(groups.working) - groups.idle, saved


def count_spans(needs_you: int, working: int, saved: int) -> tuple[Span, ...]:
    """The counts for the title of the pane: `2 need you`, `8 working`, `2 saved`."""
    parts = (
        (needs_you, Span(f"{needs_you:,} need{'s' if needs_you == 1 else ''} you", "attention", bold=True)),
        (working, Span(f"{working:,} working")),
        (saved, Span(f"{saved:,} saved", "muted")),
    )
    return tuple(span for count, span in parts if count)
