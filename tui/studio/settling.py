"""Waiting for jobs: until each has ended, or cannot go on now."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Collection

from reelroom.store.records import Change, Job
from reelroom.store.states import HoldUp, JobState

from .crew import Crew
from .progress import Progress
from .rig import Rig

LOOK = 0.5
"""Seconds after which jobs are looked at again though nothing was told: time itself may hold one up."""


class Settling:
    """One wait; `patience` is how many seconds FAL may be silent, `taken` ends it once FAL has a request."""

    def __init__(self, rig: Rig, crew: Crew, patience: float, *, taken: bool) -> None:
        self._rig = rig
        self._crew = crew
        self._patience = patience
        self._taken = taken

    async def each(self, job_ids: Collection[str]) -> AsyncGenerator[Job, None]:
        """Each job, once, as it stands when it is settled."""
        store = self._rig.store
        async with store.changes() as changes:
            waiting = {job_id: await store.job(job_id) for job_id in job_ids}
            while waiting:
                done = [job for job in waiting.values() if self._done(job)]
                for job in done:
                    del waiting[job.id]
                    if job.terminal:
                        await self._crew.over(job.id)
                    # A task that is over may have committed what the mailbox has not told yet.
                    yield job if self._crew.at_work(job.id) else await store.job(job.id)
                change = await _next_or(changes, LOOK) if waiting else None
                if isinstance(change, Job) and change.id in waiting:
                    waiting[change.id] = change

    def _done(self, job: Job) -> bool:
        if self._taken and job.state not in {JobState.INTENT, JobState.SUBMITTING}:
            return True
        return job.terminal or self._stuck(job)

    def _stuck(self, job: Job) -> bool:
        holds = self._rig.holds
        if job.state is JobState.SUBMITTING and self._crew.at_work(job.id) and not holds.of(job.id):
            return False
        if job.state is JobState.UNKNOWN and self._rig.looked.get(job.id, 0) >= self._rig.pace.looks:
            return True
        if holds.of(job.id) in {HoldUp.AUTH, HoldUp.DISK, HoldUp.PERMISSION}:
            return True
        return holds.silent_for(job.id) >= self._patience > 0 or not self._crew.at_work(job.id)


async def _next_or(news: AsyncIterator[Change | Progress], seconds: float) -> Change | Progress | None:
    try:
        async with asyncio.timeout(seconds):
            return await anext(news)
    except TimeoutError:
        return None
