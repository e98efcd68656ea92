"""What every job is run with."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from reelroom.fal.cdn import Cdn
from reelroom.fal.client import Client
from reelroom.fal.errors import (
    NotFound,
    NotKept,
    NotUnderstood,
    RateLimited,
    Refused,
    Trouble,
    Unreachable,
)
from reelroom.store.ids import new_id
from reelroom.store.library import Library
from reelroom.store.records import Job
from reelroom.store.states import HoldUp
from reelroom.store.store import Store

from .clock import Clock
from .pace import Pace
from .progress import Progress

T = TypeVar("T")


class Posts:
    """The POSTs that are under way: leaving waits for them, and no new one begins once it is closed."""

    def __init__(self) -> None:
        self.open = True
        self.under_way: set[str] = set()
        self._done = asyncio.Event()

    @asynccontextmanager
    async def one(self, job_id: str) -> AsyncIterator[None]:
        """Hold the door open for one POST, from before its first byte until its reply is committed."""
        self.under_way.add(job_id)
        try:
            yield
        finally:
            self.under_way.discard(job_id)
            self._done.set()

    async def drained(self) -> None:
        """Return once no POST is under way."""
        while self.under_way:
            self._done.clear()
            await self._done.wait()


@dataclass(frozen=True, slots=True)
class Rig:
    """The services, seams and shared marks of one engine."""

    fal: Client
    cdn: Cdn
    store: Store
    library: Library
    origin: str
    sender: str
    clock: Clock
    pace: Pace
    step: Callable[[str], None]
    """Called with the name of each step of a job; does nothing in the program itself."""
    posts: Posts = field(default_factory=Posts)
    nudges: dict[str, asyncio.Event] = field(default_factory=dict)
    silent_since: dict[str, float] = field(default_factory=dict)
    """By job id, the steady time of the first of a row of questions that got no answer."""

    @property
    def sandbox(self) -> bool:
        """Whether this engine talks to its own sandbox."""
        return self.origin == "sandbox"

    def spill(self, job: Job) -> Path:
        """Where a reply goes that is too long for the database: a dot-file of the library, never reused."""
        return self.library.path(f".{job.id}.{new_id(self.clock.now())[-8:]}.json")

    def nudge(self, job_id: str) -> None:
        """End the present wait of a job: something has changed for it."""
        self.nudges.setdefault(job_id, asyncio.Event()).set()

    async def pause(self, job_id: str, seconds: float) -> None:
        """Wait, unless the job is nudged."""
        nudged = self.nudges.setdefault(job_id, asyncio.Event())
        await self.clock.wait(nudged, seconds)
        nudged.clear()

    def show(self, progress: Progress) -> None:
        """Publish what is known of a job right now."""
        self.store.publish(progress, ("progress", progress.job_id))

    async def ask(self, job: Job, question: Callable[[], Awaitable[T]]) -> T:
        """Ask FAL something that may be asked again, until it answers.

        No answer holds the job up and is no ending: the job's hold-up says what is wrong meanwhile. A 404
        is asked again too, since FAL is known to answer it for a request it has only just taken.
        """
        retries = self.pace.retries()
        while True:
            try:
                answer = await question()
            except (Unreachable, Trouble, RateLimited, NotUnderstood) as error:
                await self._unanswered(job, HoldUp.NETWORK, str(error))
                wait = next(retries)
                if isinstance(error, RateLimited) and error.after is not None:
                    wait = max(wait, error.after)
            except NotFound as error:
                self.silent_since.setdefault(job.id, self.clock.steady())
                await self.store.update(job.id, reason="not_found", detail=str(error))
                wait = next(retries)
            except NotKept as error:
                await self._unanswered(job, HoldUp.DISK, str(error))
                wait = self.pace.disk_check
            except Refused as error:
                await self._unanswered(job, HoldUp.AUTH, str(error))
                wait = self.pace.longest_retry
            else:
                await self.answered(job)
                return answer
            await self.pause(job.id, wait)

    async def _unanswered(self, job: Job, hold_up: HoldUp, detail: str) -> None:
        self.silent_since.setdefault(job.id, self.clock.steady())
        await self.store.hold(job.id, hold_up, detail)

    async def answered(self, job: Job) -> None:
        """FAL, or the media host, has answered: nothing holds the job up any longer."""
        if self.silent_since.pop(job.id, None) is not None:
            await self.store.hold(job.id, None)
