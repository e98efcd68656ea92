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
from reelroom.store.library import Library
from reelroom.store.reasons import REASONS
from reelroom.store.records import Job
from reelroom.store.states import HoldUp
from reelroom.store.store import Store

from .bills import Bills
from .clock import Clock
from .holds import Holds, with_room
from .listing import Listing
from .money import Limits
from .nudges import Nudge
from .pace import Pace, Usual
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


@dataclass(slots=True)
class Reach:
    """How FAL is reached: another way once this process becomes the engine and has a sandbox of its own."""

    fal: Client
    cdn: Cdn
    listing: Listing


@dataclass(frozen=True, slots=True)
class Rig:
    """The services, seams and shared marks of one engine."""

    reach: Reach
    store: Store
    library: Library
    origin: str
    sender: str
    clock: Clock
    pace: Pace
    step: Callable[[str], None]
    """Called with the name of each step of a job; does nothing in the program itself."""
    holds: Holds
    limits: Limits
    bills: Bills
    posts: Posts = field(default_factory=Posts)
    usual: Usual = field(default_factory=Usual)
    polled: set[str] = field(default_factory=set)
    """The jobs that wait for their next poll."""
    nudges: dict[str, Nudge] = field(default_factory=dict)
    looked: dict[str, int] = field(default_factory=dict)
    """How often FAL's listing was asked for each lost job."""

    @property
    def fal(self) -> Client:
        """FAL's queue."""
        return self.reach.fal

    @property
    def cdn(self) -> Cdn:
        """Where the clips are fetched."""
        return self.reach.cdn

    @property
    def listing(self) -> Listing:
        """What FAL says of past requests."""
        return self.reach.listing

    @property
    def sandbox(self) -> bool:
        """Whether this engine talks to its own sandbox."""
        return self.origin == "sandbox"

    @property
    def charged(self) -> bool:
        """Whether what is sent may be charged: at FAL, or at a stand-in on another machine."""
        return self.origin.startswith(("fal:", "https:"))

    def spill(self, job: Job) -> Path:
        """Where a reply is written that is too long for the database, until it is kept or thrown away."""
        return self.library.path(f".{job.id}.reply.tmp")

    def bell(self, job_id: str) -> Nudge:
        """What ends the waits of a job early."""
        return self.nudges.setdefault(job_id, Nudge())

    def nudge(self, job_id: str) -> None:
        """End the present wait of a job: something has changed for it."""
        self.bell(job_id).ring()

    async def pause(self, job_id: str, seconds: float) -> None:
        """Wait, unless the job is nudged."""
        rung = self.bell(job_id).event
        await self.clock.wait(rung, seconds)
        rung.clear()

    def show(self, progress: Progress) -> None:
        """Publish what is known of a job right now."""
        self.store.publish(progress, ("progress", progress.job_id))

    async def with_room(self, job: Job, work: Callable[[], Awaitable[T]]) -> T:
        """Do work that needs the disk; a full or forbidden disk holds the job up until it is mended."""
        return await with_room(self.holds, self.pause, job, work, self.pace.disk_check)

    async def ask(self, job: Job, question: Callable[[], Awaitable[T]]) -> T:
        """Ask FAL something that may be asked again, until it answers.

        No answer is no ending: the job's hold-up says what is wrong meanwhile. A 404 is asked again for
        minutes, since FAL is known to answer it for a request that it has only just taken; a 404 that
        stays is raised as NotFound.
        """
        retries = self.pace.retries()
        missing = 0
        since = self.clock.steady()
        while True:
            wait = next(retries)
            try:
                answer = await question()
            except NotFound as error:
                missing += 1
                if missing >= self.pace.missing and self.clock.steady() - since >= self.pace.missing_for:
                    raise
                await self.holds.clear(job)
                self.holds.silent(job.id)
                await self.holds.say(job, "not_known", str(error))
            except (
                Unreachable,
                Trouble,
                RateLimited,
                NotUnderstood,
                NotKept,
                Refused,
            ) as error:
                missing, since = 0, self.clock.steady()
                self.holds.silent(job.id)
                hold_up, least = self._meaning(error)
                await self.holds.hold(job, hold_up, str(error))
                wait = max(wait, least)
            else:
                await self.holds.clear(job)
                return answer
            await self.pause(job.id, wait)

    def _meaning(self, error: Exception) -> tuple[HoldUp, float]:
        """What a missing answer says of the job, and the least time to wait then."""
        if isinstance(error, NotKept):
            return HoldUp.DISK, self.pace.disk_check
        if isinstance(error, Refused) and REASONS[error.reason].of_account:
            return HoldUp.AUTH, self.pace.longest_retry
        if isinstance(error, RateLimited) and error.after is not None:
            return HoldUp.NETWORK, error.after
        return HoldUp.NETWORK, 0.0
