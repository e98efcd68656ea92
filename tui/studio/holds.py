"""What holds jobs up: known here first, since the disk that is full may refuse to record it."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from reelroom.store.errors import (
    NameTaken,
    NotAllowed,
    NotFound,
    NotWritable,
    PartInUse,
    StoreClosed,
    StoreError,
)
from reelroom.store.records import Job
from reelroom.store.states import HoldUp
from reelroom.store.store import Store

from .clock import Clock

log = logging.getLogger(__name__)

T = TypeVar("T")


class Holds:
    """The hold-ups of the jobs that are worked on, and since when FAL gave no useful answer for each."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._now: dict[str, HoldUp] = {}
        self._said: set[str] = set()
        self._silent: dict[str, float] = {}

    def of(self, job_id: str) -> HoldUp | None:
        """What holds the job up now, also where that could not be recorded."""
        return self._now.get(job_id)

    def silent_for(self, job_id: str) -> float:
        """Seconds since the first of a row of questions that got no useful answer; 0 if the last got one."""
        since = self._silent.get(job_id)
        return 0.0 if since is None else self._clock.steady() - since

    def silent(self, job_id: str) -> None:
        """A question got no useful answer."""
        self._silent.setdefault(job_id, self._clock.steady())

    async def hold(self, job: Job, hold_up: HoldUp, detail: str) -> None:
        """Say what holds the job up: to those who listen even where the store cannot take it."""
        if self._now.get(job.id) is not hold_up:
            log.warning("job %s is held up by %s: %s", job.id, hold_up, detail)
        self._now[job.id] = hold_up
        try:
            await self._store.hold(job.id, hold_up, detail)
        except StoreClosed:
            raise
        except StoreError as error:
            log.warning("job %s: the hold-up could not be recorded: %s", job.id, error)
            self._store.publish(replace(job, hold_up=hold_up, detail=detail), (Job, job.id))

    async def say(self, job: Job, reason: str, detail: str) -> None:
        """Give a reason for which a job waits that is no hold-up."""
        self._said.add(job.id)
        await self._store.update(job.id, reason=reason, detail=detail)

    async def clear(self, job: Job) -> None:
        """The job goes on: nothing holds it up, and what was said about its waiting is past."""
        self._silent.pop(job.id, None)
        if self._now.pop(job.id, None) is not None or job.hold_up is not None:
            await self._store.hold(job.id, None)
        if job.id in self._said:
            self._said.discard(job.id)
            await self._store.update(job.id, reason=None, detail=None)

    def lifted(self, job: Job) -> bool:
        """Whether the job waits here for a reason that its row has no more: somebody wants it tried now."""
        return (job.hold_up is None and job.id in self._now) or (job.reason is None and job.id in self._said)

    def forget(self, job_id: str) -> None:
        """The job's state has changed, and took its hold-up along."""
        self._now.pop(job_id, None)
        self._said.discard(job_id)
        self._silent.pop(job_id, None)


def trouble_of(error: StoreError) -> HoldUp:
    """Whether the disk is what failed, or a right to it."""
    rights = isinstance(error, NotWritable | NotFound | NameTaken | PartInUse)
    return HoldUp.PERMISSION if rights else HoldUp.DISK


async def with_room(
    holds: Holds,
    pause: Callable[[str, float], Awaitable[None]],
    job: Job,
    work: Callable[[], Awaitable[T]],
    wait: float,
) -> T:
    """Do work that needs the disk, however often it takes: a full or forbidden one holds the job up."""
    while True:
        try:
            done = await work()
        except (NotAllowed, StoreClosed):
            raise
        except StoreError as error:
            await holds.hold(job, trouble_of(error), str(error))
        else:
            await holds.clear(job)
            return done
        await pause(job.id, wait)
