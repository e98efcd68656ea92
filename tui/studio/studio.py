"""The engine: takes orders, runs every job as a task of its own, and tells what changes."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

from reelroom.fal.cdn import Cdn
from reelroom.fal.client import Client
from reelroom.fal.platform import Platform
from reelroom.store.ids import new_id
from reelroom.store.library import Library
from reelroom.store.records import Change, Job
from reelroom.store.states import JobState
from reelroom.store.store import Store

from .bills import Bills
from .clock import Clock
from .crew import Crew
from .errors import NoSpending, NothingToRetry, TooLate
from .holds import Holds
from .intents import commit
from .listing import Listing
from .money import Limits
from .orders import Order
from .progress import Progress
from .promise import promised, videos
from .replies import kept_reply, promises
from .rig import Rig
from .seams import Seams
from .settling import Settling

LIVE = frozenset({JobState.QUEUED, JobState.RUNNING})


@asynccontextmanager
async def open_studio(
    fal: Client,
    cdn: Cdn,
    store: Store,
    library: Library,
    *,
    origin: str,
    limits: Limits | None = None,
    seams: Seams | None = None,
) -> AsyncIterator["Studio"]:
    """Run an engine for as long as the block lasts. Leaving it detaches from jobs and cancels none at FAL."""
    seams = seams or Seams()
    clock, pace = seams.clock, seams.pace
    sender = f"{os.getpid()}:{new_id(clock.now())}"
    platform = Platform(fal.exchange, sleep=partial(_sleep, clock))
    rig = Rig(
        fal=fal,
        cdn=cdn,
        store=store,
        library=library,
        origin=origin,
        sender=sender,
        clock=clock,
        pace=pace,
        step=seams.step,
        holds=Holds(store, clock),
        listing=Listing(platform, store, origin, clock.steady, fresh=pace.first_retry),
        limits=limits or Limits(),
        bills=Bills(platform, store, origin, clock, pace.bills),
    )
    async with asyncio.TaskGroup() as group:
        studio = Studio(rig, group)
        bills = group.create_task(rig.bills.run(), name="bills")
        try:
            yield studio
        finally:
            bills.cancel()
            await studio.leave()


async def _sleep(clock: Clock, seconds: float) -> None:
    await clock.wait(asyncio.Event(), seconds)


class Studio:
    """What a screen and the commands talk to. Every change is committed before it is told."""

    def __init__(self, rig: Rig, group: asyncio.TaskGroup) -> None:
        self._rig = rig
        self._crew = Crew(rig, group)

    @property
    def origin(self) -> str:
        """Where this engine's jobs belong."""
        return self._rig.origin

    @property
    def sender(self) -> str:
        """This engine, as the intents that it makes name it."""
        return self._rig.sender

    @property
    def posting(self) -> int:
        """How many POSTs are under way."""
        return len(self._rig.posts.under_way)

    def changes(self) -> AbstractAsyncContextManager[AsyncIterator[Change | Progress]]:
        """Every record as it was just committed, and what is known of running jobs; the latest of each."""
        return self._rig.store.changes()

    async def submit(self, orders: Sequence[Order]) -> list[Job]:
        """Commit the intents in one transaction, then send them all at once.

        Returns as soon as they are committed: only then may a form clear. Raises StoreError (OverBudget among
        them), NoRoom where the disk may not hold what would be paid for, and NoSpending.
        """
        jobs = await commit(self._rig, orders)
        for job in jobs:
            self._crew.start(job)
        return jobs

    async def resume(self, *, send_unsent: bool = False) -> list[Job]:
        """Take up everything unfinished of this origin; returns what was taken up.

        An intent that another process made goes out only with `send_unsent`: a person has said so.
        """
        found = await self._rig.store.jobs(unfinished=True, origin=self.origin)
        send_unsent = send_unsent and not self._rig.limits.no_spend
        taken = []
        for job in found:
            unsent = job.state is JobState.INTENT and job.sender != self._rig.sender
            if not self._crew.knows(job.id) and (send_unsent or not unsent):
                taken.append(await self._adopt(job) if unsent else job)
        for job in taken:
            self._crew.start(job)
        return taken

    async def _adopt(self, job: Job) -> Job:
        """Make an intent of another process one's own: a person has said that it is to be sent."""
        job = await self._rig.store.update(job.id, sender=self._rig.sender)
        self._rig.step("adopted.committed")
        return job

    async def send_unsent(self, job_ids: Sequence[str]) -> list[Job]:
        """Send intents that an earlier process left unsent: a person has asked for these."""
        if self._rig.limits.no_spend:
            raise NoSpending("Spending is switched off (no_spend), so nothing was sent.")
        sent = []
        for job in [await self._mine(job_id) for job_id in job_ids]:
            if job.state is JobState.INTENT and not self._crew.at_work(job.id):
                sent.append(await self._adopt(job))
                self._crew.start(sent[-1])
        return sent

    async def _mine(self, job_id: str) -> Job:
        """A job that this engine may touch; raises TooLate for one that belongs elsewhere."""
        job = await self._rig.store.job(job_id)
        if job.origin != self.origin:
            raise TooLate(f"This job belongs to {job.origin}, and is left alone here ({self.origin}).")
        return job

    async def cancel(self, job_id: str) -> Job:
        """Record the wish to cancel; FAL is told at once, and the job is followed to its true end.

        Raises TooLate where nothing can be cancelled any more.
        """
        job = await self._mine(job_id)
        if job.state is JobState.INTENT:
            return await self._move(job, JobState.CANCELLED, reason="never_sent", billed=False)
        if job.state in LIVE:
            job = await self._move(job, JobState.CANCELLING)
            self._rig.step("cancelling.committed")
            self._crew.start(job)
            return job
        raise TooLate(_why_not_cancel(job))

    async def dismiss(self, job_id: str) -> Job:
        """Put away an intent that was never sent, or a request that no one can find. Raises TooLate."""
        job = await self._rig.store.job(job_id)
        if job.state not in {JobState.INTENT, JobState.UNKNOWN}:
            raise TooLate(f"Only what waits unsent or unknown can be dismissed; this job is {job.state}.")
        if job.state is JobState.INTENT:
            return await self._move(job, JobState.DISMISSED, billed=False)
        return await self._move(job, JobState.DISMISSED)

    async def retry(self, job_id: str) -> Job:
        """Go on with a job that waits, or read the reply of an ended one again. Never pays.

        Raises NothingToRetry where only a new, paid job could bring a clip.
        """
        job = await self._mine(job_id)
        if job.rereadable:
            job = await self._reopen(job)
        elif job.terminal or job.state is JobState.UNKNOWN or self._unsent(job):
            raise NothingToRetry(_why_not_retry(job))
        self._crew.start(job)
        return job

    def _unsent(self, job: Job) -> bool:
        return job.state is JobState.INTENT and not self._crew.at_work(job.id)

    def settle(
        self, job_ids: Collection[str], *, patience: float = 60.0, taken: bool = False
    ) -> AsyncGenerator[Job, None]:
        """Each of the jobs, once: when it has ended, or cannot go on now. `patience` is in seconds.

        With `taken` a job is also given as soon as FAL has taken its request.
        """
        return Settling(self._rig, self._crew, patience, taken=taken).each(job_ids)

    async def leave(self, *, patience: float = 15.0) -> None:
        """Stop. POSTs already begun have `patience` seconds to be answered; then those jobs are unknown."""
        await self._crew.leave(patience)

    async def _move(self, job: Job, to: JobState, **ending: str | bool) -> Job:
        moved = await self._rig.store.move(job.id, to, reopen=False, **ending)
        self._rig.nudge(job.id)
        return moved

    async def _reopen(self, job: Job) -> Job:
        kept = await kept_reply(self._rig, job, "result")
        result = promises(job, kept) if kept and job.state is JobState.FAILED else None
        if result is not None and videos(result.files):
            return await promised(self._rig, job, result, reopen=True)
        if job.request_id is None:
            raise NothingToRetry(_why_not_retry(job))
        return await self._rig.store.move(job.id, JobState.QUEUED, reopen=True)


def _why_not_cancel(job: Job) -> str:
    if job.state in {JobState.READY, JobState.DOWNLOADING}:
        return "It has finished at FAL and is being saved."
    if job.state is JobState.SUBMITTING:
        return "The request is on its way; it can be cancelled once FAL has taken it."
    if job.state is JobState.CANCELLING:
        return "FAL has been asked to cancel it already."
    return f"Nothing to cancel: the job is {job.state}."


def _why_not_retry(job: Job) -> str:
    if job.state is JobState.INTENT:
        return "It was never sent, so there is nothing to read again. `resume` sends it."
    if job.state is JobState.UNKNOWN:
        return "It may have been charged, so it is not sent again. Dismiss it, or generate anew."
    if job.state is JobState.SAVED:
        return "It is saved already."
    why = job.why.sentence if job.why else "It is over."
    return f"{why} That is final: generating it again makes a new, paid job."
