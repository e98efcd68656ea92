"""The jobs of a command as a person sees them while they go on."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from reelroom.store.records import Job, Media
from reelroom.tui import sentences, words
from reelroom.tui.studio.progress import Progress
from reelroom.tui.studio.studio import Studio

from .live import Row, block, draw, plain
from .paint import Line
from .terminal import Terminal

REDRAW = 0.25
"""Seconds between two drawings."""


class View:
    """On a terminal a block of lines redrawn in place; elsewhere one line for each change of state."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._rows: dict[str, Row] = {}
        self._order: list[str] = []
        self._told: dict[str, str] = {}

    def follow(self, jobs: Iterable[Job]) -> None:
        """Show these jobs from now on."""
        for job in jobs:
            self._order.append(job.id)
            self._take_job(self._rows[job.id].job if job.id in self._rows else job)

    def take(self, change: object) -> None:
        """News from the studio."""
        if isinstance(change, Job):
            self._take_job(change)
        elif isinstance(change, Progress) and change.job_id in self._rows:
            self._rows[change.job_id] = self._rows[change.job_id].moved(change)

    def close_job(self, job: Job, clips: Sequence[Media]) -> None:
        """The last line about a job: it has ended, or cannot go on now."""
        row = Row(job, clip=clips[0] if clips else None)
        self._rows[job.id] = row
        if job.id in self._order:
            self._order.remove(job.id)
        now = time.time()
        if self._terminal.live:
            self._terminal.draw(self._lines(now))
            self._terminal.tell(draw(row, now, self._terminal.width, self._terminal.style))
        elif self._told.get(job.id) != _mark(job):
            self._terminal.say(plain(row, now))
        self._told[job.id] = _mark(job)
        for sentence in sentences.last_words(job):
            self._terminal.say(f"  {sentence}")

    def redraw(self) -> None:
        """Draw the block as it is now."""
        self._terminal.draw(self._lines(time.time()))

    def clear(self) -> None:
        """Take the block away."""
        self._terminal.draw(())

    def _lines(self, now: float) -> Sequence[Line]:
        rows = [self._rows[job_id] for job_id in self._order]
        return block(rows, now, self._terminal.width, self._terminal.height, self._terminal.style)

    def _take_job(self, job: Job) -> None:
        """A change that is read late never takes back an ending."""
        row = self._rows.get(job.id)
        if row is not None and row.job.terminal and not job.terminal:
            return
        self._rows[job.id] = Row(job, row.progress, row.clip, row.most) if row else Row(job)
        if self._terminal.live or job.terminal or job.id not in self._order:
            return
        if self._told.get(job.id) != _mark(job):
            self._told[job.id] = _mark(job)
            self._terminal.say(plain(self._rows[job.id], time.time()))


def _mark(job: Job) -> str:
    return words.look_of(job).word


@asynccontextmanager
async def watched(studio: Studio, terminal: Terminal) -> AsyncIterator[View]:
    """A view that follows the studio's changes for as long as the block lasts."""
    view = View(terminal)

    async def read(changes: AsyncIterator[object]) -> None:
        async for change in changes:
            view.take(change)

    async def redraw() -> None:
        while True:
            view.redraw()
            await asyncio.sleep(REDRAW)

    async with studio.changes() as changes, asyncio.TaskGroup() as group:
        tasks = [group.create_task(read(changes)), group.create_task(redraw())]
        try:
            yield view
        finally:
            for task in tasks:
                task.cancel()
            view.clear()
