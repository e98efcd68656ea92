"""Waiting for jobs: until each has ended, or cannot go on now."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection
from dataclasses import replace
from enum import Enum, auto
from itertools import islice

from reelroom.store.records import Change, Job
from reelroom.store.states import HoldUp, JobState

from .crew import Crew
from .progress import Progress
from .rig import Rig

LOOK = 0.5
"""Seconds after which jobs are looked at again though nothing was told: time itself may hold one up."""


WAITS = frozenset({HoldUp.AUTH, HoldUp.DISK, HoldUp.PERMISSION})
"""What only a person can mend."""


class Whose(Enum):
    """Whose work the jobs are."""

    OURS = auto()
    ANOTHERS = auto()
    NOBODYS = auto()
    """The process that is the engine takes none of them."""


class Settling:
    """One wait; `patience` is how many seconds FAL may be silent, `taken` ends it once FAL has a request."""

    def __init__(
        self, rig: Rig, crew: Crew, whose: Callable[[], Whose], patience: float, *, taken: bool
    ) -> None:
        self._rig = rig
        self._crew = crew
        self._whose = whose
        self._patience = patience
        self._taken = taken
        self._since: dict[str, tuple[object, float]] = {}

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
                    yield self._known(job) if self._crew.at_work(job.id) else await store.job(job.id)
                change = await _next_or(changes, LOOK) if waiting else None
                if isinstance(change, Job) and change.id in waiting:
                    waiting[change.id] = change

    def _known(self, job: Job) -> Job:
        """The job with what holds it up, also where that is neither recorded nor told yet."""
        hold_up = self._rig.holds.of(job.id)
        return replace(job, hold_up=hold_up) if hold_up is not None else job

    def _done(self, job: Job) -> bool:
        if self._taken and job.state not in {JobState.INTENT, JobState.SUBMITTING}:
            return True
        if job.terminal:
            return True
        whose = self._whose()
        if whose is Whose.ANOTHERS:
            return self._stuck_elsewhere(job)
        return whose is Whose.NOBODYS or self._stuck(job)

    def _stuck_elsewhere(self, job: Job) -> bool:
        """The same by what the row says: what the engine knows beside that stays in its process."""
        pace, steady = self._rig.pace, self._rig.clock.steady()
        now = (job.state, job.hold_up)
        known, since = self._since.get(job.id, (None, steady))
        if known != now:
            self._since[job.id] = (now, since := steady)
        if job.state is JobState.UNKNOWN:
            return steady - since >= sum(islice(pace.searches(), pace.looks))
        silent = job.hold_up is HoldUp.NETWORK and steady - since >= self._patience > 0
        return silent or job.hold_up in WAITS

    def _stuck(self, job: Job) -> bool:
        holds = self._rig.holds
        if job.state is JobState.SUBMITTING and self._crew.at_work(job.id) and not holds.of(job.id):
            return False
        if job.state is JobState.UNKNOWN and self._rig.looked.get(job.id, 0) >= self._rig.pace.looks:
            return True
        if holds.of(job.id) in WAITS:
            return True
        return holds.silent_for(job.id) >= self._patience > 0 or not self._crew.at_work(job.id)


async def _next_or(news: AsyncIterator[Change | Progress], seconds: float) -> Change | Progress | None:
    try:
        async with asyncio.timeout(seconds):
            return await anext(news)
    except TimeoutError:
        return None
