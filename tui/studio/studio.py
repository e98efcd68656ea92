"""The engine: takes orders, runs every job as a task of its own, and tells what changes."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

from reelroom.fal.cdn import Cdn
from reelroom.fal.client import Client
from reelroom.fal.platform import Platform
from reelroom.store.ids import new_id
from reelroom.store.library import Library
from reelroom.store.records import Change, Job
from reelroom.store.states import REREADABLE, HoldUp, JobState
from reelroom.store.store import Store

from .clock import Clock, SystemClock
from .crew import Crew
from .errors import NothingToRetry, TooLate
from .holds import Holds
from .listing import Listing
from .orders import Order, canonical
from .pace import Pace
from .progress import Progress
from .promise import promised, videos
from .replies import kept_reply, promises
from .rig import Rig
from .room import refuse_without_room
from .threads import in_thread, settled

LIVE = frozenset({JobState.QUEUED, JobState.RUNNING})


def no_step(_name: str) -> None:
    """The seam for crash points: nothing, in the program itself."""


@asynccontextmanager
async def open_studio(
    fal: Client,
    cdn: Cdn,
    store: Store,
    library: Library,
    *,
    origin: str,
    clock: Clock | None = None,
    pace: Pace | None = None,
    step: Callable[[str], None] = no_step,
) -> AsyncIterator["Studio"]:
    """Run an engine for as long as the block lasts. Leaving it detaches from jobs and cancels none at FAL."""
    clock = clock or SystemClock()
    sender = f"{os.getpid()}:{new_id(clock.now())}"
    holds = Holds(store, clock)
    pace = pace or Pace()
    platform = Platform(fal.exchange, sleep=partial(_sleep, clock))
    listing = Listing(platform, store, origin, clock.steady, fresh=pace.first_retry)
    rig = Rig(fal, cdn, store, library, origin, sender, clock, pace, step, holds, listing)
    async with asyncio.TaskGroup() as group:
        studio = Studio(rig, group)
        try:
            yield studio
        finally:
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

        Returns as soon as they are committed: only then may a form clear. Raises StoreError, and NoRoom
        where the disk may not hold what would be paid for.
        """
        waiting = await self._rig.store.jobs(unfinished=True)
        clips = len(waiting) + len(orders)
        await settled(in_thread(refuse_without_room, self._rig.library, self._rig.store.journal, clips))
        jobs = await self._rig.store.add_jobs([self._intent(order) for order in orders])
        for job in jobs:
            self._crew.start(job)
        return jobs

    async def resume(self, *, send_unsent: bool = False) -> list[Job]:
        """Take up everything unfinished of this origin; returns what was taken up.

        An intent that another process made goes out only with `send_unsent`: a person has said so.
        """
        found = await self._rig.store.jobs(unfinished=True, origin=self.origin)
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
        return await self._rig.store.update(job.id, sender=self._rig.sender)

    async def send_unsent(self, job_ids: Sequence[str]) -> list[Job]:
        """Send intents that an earlier process left unsent: a person has asked for these."""
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
        if job.state in {JobState.FAILED, JobState.EXPIRED} and job.reason in REREADABLE:
            job = await self._reopen(job)
        elif job.terminal or job.state is JobState.UNKNOWN or self._unsent(job):
            raise NothingToRetry(_why_not_retry(job))
        self._crew.start(job)
        return job

    def _unsent(self, job: Job) -> bool:
        return job.state is JobState.INTENT and not self._crew.at_work(job.id)

    async def settle(
        self, job_ids: Collection[str], *, patience: float = 60.0, taken: bool = False
    ) -> AsyncGenerator[Job, None]:
        """Each of the jobs, once: when it has ended, or cannot go on now. `patience` is in seconds.

        With `taken` a job is also given as soon as FAL has taken its request.
        """
        async with self.changes() as changes:
            waiting = {job_id: await self._rig.store.job(job_id) for job_id in job_ids}
            while waiting:
                done = [job for job in waiting.values() if self._done(job, patience, taken=taken)]
                for job in done:
                    del waiting[job.id]
                    if job.terminal:
                        await self._crew.over(job.id)
                    # A task that is over may have committed what the mailbox has not told yet.
                    yield job if self._crew.at_work(job.id) else await self._rig.store.job(job.id)
                change = await _next_or(changes, 0.5) if waiting else None
                if isinstance(change, Job) and change.id in waiting:
                    waiting[change.id] = change

    def _done(self, job: Job, patience: float, *, taken: bool) -> bool:
        if taken and job.state not in {JobState.INTENT, JobState.SUBMITTING}:
            return True
        return job.terminal or self._stuck(job, patience)

    async def leave(self, *, patience: float = 15.0) -> None:
        """Stop. POSTs already begun have `patience` seconds to be answered; then those jobs are unknown."""
        await self._crew.leave(patience)

    def _intent(self, order: Order) -> Job:
        now = self._rig.clock.now()
        return Job(
            id=new_id(now),
            origin=self.origin,
            endpoint=order.endpoint,
            model=order.model,
            prompt=order.prompt,
            input=canonical(order.input),
            project_id=order.project_id,
            seed=order.seed,
            estimate=order.estimate,
            sender=self._rig.sender,
            replaces=order.replaces,
            created_at=now,
            state_since=now,
        )

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

    def _stuck(self, job: Job, patience: float) -> bool:
        holds = self._rig.holds
        if job.state is JobState.SUBMITTING and self._crew.at_work(job.id) and not holds.of(job.id):
            return False
        if job.state is JobState.UNKNOWN and self._rig.looked.get(job.id, 0) >= self._rig.pace.looks:
            return True
        if holds.of(job.id) in {HoldUp.AUTH, HoldUp.DISK, HoldUp.PERMISSION}:
            return True
        return holds.silent_for(job.id) >= patience > 0 or not self._crew.at_work(job.id)


async def _next_or(news: AsyncIterator[Change | Progress], seconds: float) -> Change | Progress | None:
    try:
        async with asyncio.timeout(seconds):
            return await anext(news)
    except TimeoutError:
        return None


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
    return f"FAL's answer is final ({job.reason or job.state}). Generating again makes a new, paid job."
