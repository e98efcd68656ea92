"""What a screen and the commands talk to: the engine of a library, or a process beside it.

The engine runs every job as a task of its own. A process beside it commits what a person wants, sees in the
store what becomes of it, and takes the engine's place when that is free.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager

from reelroom.store.records import Change, Job
from reelroom.store.states import JobState

from . import wishes
from .crew import Crew
from .errors import NoSpending, NothingToRetry, TooLate
from .intents import commit
from .orders import Order
from .progress import Progress, Standing
from .rig import Reach, Rig
from .seat import Seat
from .settling import Settling, Whose


class Studio:
    """What is asked of a library's jobs. Every change is committed before it is told."""

    def __init__(self, rig: Rig, group: asyncio.TaskGroup, seat: Seat) -> None:
        self._rig = rig
        self._seat = seat
        self._crew = Crew(rig, group)
        self._made: set[str] = set()
        self._leads = self.settled_in = seat.taken
        """Whether the work of the engine before, if there was one, has been taken up."""
        self._told: Standing | None = None

    @property
    def origin(self) -> str:
        """Where the jobs belong that are made here."""
        return self._rig.origin

    @property
    def leads(self) -> bool:
        """Whether this process is the engine."""
        return self._leads

    @property
    def elsewhere(self) -> str | None:
        """Who else is the engine, and what that means here, as a sentence; None where it is this process."""
        return None if self._leads else self._seat.elsewhere()

    @property
    def sender(self) -> str | None:
        """The engine, as the intents that it sends name it."""
        return self._rig.sender if self._leads else self._seat.holder.sender

    @property
    def posting(self) -> int:
        """How many POSTs are under way here."""
        return len(self._rig.posts.under_way)

    def changes(self) -> AbstractAsyncContextManager[AsyncIterator[Change | Progress | Standing]]:
        """Every record after its commit, here or elsewhere, and what is known now; the latest of each."""
        return self._rig.store.changes()

    def check(self) -> None:
        """Raise WorkedElsewhere where another process is the engine and takes nothing from this one."""
        if not self._leads:
            self._seat.check()

    async def submit(self, orders: Sequence[Order]) -> list[Job]:
        """Commit the intents in one transaction, then send them all at once, or have the engine send them.

        Returns as soon as they are committed: only then may a form clear. Raises StoreError (OverBudget among
        them), NoRoom where the disk may not hold what would be paid for, NoSpending and WorkedElsewhere.
        """
        self.check()
        jobs = await commit(self._rig, orders, self.sender)
        self._made.update(job.id for job in jobs)
        # The engine's place may have become ours meanwhile.
        return [await self._begin(job) for job in jobs]

    async def resume(self, *, send_unsent: bool = False) -> list[Job]:
        """Take up everything unfinished of this origin; returns what was taken up, here or by the engine.

        An intent that another process made goes out only with `send_unsent`: a person has said so.
        """
        found = await self._rig.store.jobs(unfinished=True, origin=self.origin)
        send_unsent = send_unsent and not self._rig.limits.no_spend
        mine = [job for job in found if send_unsent or job.id in self._made or not self.is_unsent(job)]
        return [await self._begin(job) for job in mine if not self._crew.knows(job.id)]

    def is_unsent(self, job: Job) -> bool:
        """Whether a job is an intent that no process at work here will send by itself."""
        return job.state is JobState.INTENT and job.sender != self.sender

    async def _begin(self, job: Job) -> Job:
        """Have the engine work on a job; an intent is the engine's own from here on, as a person said."""
        if self.is_unsent(job):
            self.check()
            self._made.add(job.id)
            job = await self._rig.store.update(job.id, sender=self.sender)
            self._rig.step("adopted.committed")
        if self._leads:
            self._crew.start(job)
        return job

    async def send_unsent(self, job_ids: Sequence[str]) -> list[Job]:
        """Send intents that an earlier process left unsent: a person has asked for these."""
        self.check()
        if self._rig.limits.no_spend:
            raise NoSpending("Spending is switched off (no_spend), so nothing was sent.")
        jobs = [await self._mine(job_id) for job_id in job_ids]
        return [await self._begin(job) for job in jobs if job.state is JobState.INTENT]

    async def _mine(self, job_id: str) -> Job:
        """A job that this process may touch; raises TooLate for one that belongs elsewhere."""
        job = await self._rig.store.job(job_id)
        if job.origin != self.origin:
            raise TooLate(f"This job belongs to {job.origin}, and is left alone here ({self.origin}).")
        return job

    async def cancel(self, job_id: str) -> Job:
        """Record the wish to cancel; FAL is told at once, and the job is followed to its true end.

        Raises TooLate where nothing can be cancelled any more.
        """
        job = await self._mine(job_id)
        if job.state is not JobState.INTENT:
            self.check()
        job = await wishes.cancel(self._rig.store, job)
        self._rig.nudge(job.id)
        if job.terminal:
            return job
        self._rig.step("cancelling.committed")
        return await self._begin(job)

    async def dismiss(self, job_id: str) -> Job:
        """Put away an intent that was never sent, or a request that no one can find. Raises TooLate."""
        job = await wishes.dismiss(self._rig.store, job_id)
        self._rig.nudge(job.id)
        return job

    async def retry(self, job_id: str) -> Job:
        """Go on with a job that waits, or read the reply of an ended one again. Never pays.

        Raises NothingToRetry where only a new, paid job could bring a clip.
        """
        job = await self._mine(job_id)
        self.check()
        if self.is_unsent(job):
            raise NothingToRetry(wishes.why_not_retry(job))
        job = await wishes.retry(self._rig, job)
        return await self._begin(job if self._leads else await wishes.wake(self._rig.store, job))

    def settle(
        self, job_ids: Collection[str], *, patience: float = 60.0, taken: bool = False
    ) -> AsyncGenerator[Job, None]:
        """Each of the jobs, once: when it has ended, or cannot go on now. `patience` is in seconds.

        With `taken` a job is also given as soon as FAL has taken its request.
        """
        return Settling(self._rig, self._crew, self._whose, patience, taken=taken).each(job_ids)

    def _whose(self) -> Whose:
        if self.settled_in:
            return Whose.OURS
        return Whose.NOBODYS if self._seat.refusal() else Whose.ANOTHERS

    # Beside other processes.

    def heed(self, known: Mapping[str, Job], found: Sequence[Job]) -> None:
        """Do what other processes have written down to be done; `known` is what was seen the last time."""
        for job in found if self._leads else ():
            if job.origin == self.origin and not job.terminal and not self.is_unsent(job):
                self._heed(job, known.get(job.id))

    def _heed(self, job: Job, before: Job | None) -> None:
        if job.state is JobState.INTENT and self._rig.limits.no_spend:
            return
        if not self._crew.at_work(job.id):
            # Where looking for an unknown one is over, it stays over.
            if job.state is not JobState.UNKNOWN or not self._crew.knows(job.id):
                self._crew.start(job)
            return
        cancelled = job.state is JobState.CANCELLING and (before is None or before.state != job.state)
        if cancelled or self._rig.holds.lifted(job):
            self._rig.nudge(job.id)

    async def hand_over(self) -> None:
        """Give what was made here to the engine that is there now: the one before may have ended."""
        self._tell()
        if self._seat.refusal():
            return
        for job_id in sorted(self._made):
            job = await self._rig.store.job(job_id)
            if job.terminal or job.request_id is not None:
                self._made.discard(job_id)
            elif self.is_unsent(job):
                await self._begin(job)

    def move_in(self, reach: Reach) -> None:
        """Become the engine: the place is ours, and FAL is reached in this way from now on."""
        here = self._rig.reach
        here.fal, here.cdn, here.listing = reach.fal, reach.cdn, reach.listing
        self._leads = True

    async def settle_in(self) -> None:
        """Take up everything unfinished, in the place of the engine before. May be tried again."""
        await self.resume()
        self.settled_in = True
        self._tell()

    def _tell(self) -> None:
        """Say who does the work, if that has changed."""
        standing = Standing(self._leads, self.sender, self.elsewhere)
        if standing != self._told:
            self._told = standing
            self._rig.store.publish(standing, Standing)

    async def leave(self, *, patience: float = 15.0) -> None:
        """Stop. POSTs already begun have `patience` seconds to be answered; then those jobs are unknown."""
        await self._crew.leave(patience)
