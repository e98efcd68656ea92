"""FAL's own listing of past requests: there a lost submit is found, and a result that FAL's queue forgot.

Whether a key may read it, how late it is, and whether it shows unfinished requests is not known. So "listed"
proves that a request was taken, and "not listed" proves nothing.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from reelroom.fal.errors import FalError
from reelroom.fal.platform import Platform
from reelroom.fal.platform_values import PastRequest
from reelroom.fal.values import Reply
from reelroom.store.records import Job
from reelroom.store.states import JobState
from reelroom.store.store import Store

log = logging.getLogger(__name__)

DAY = 86_400.0
ROUND = 900.0
"""Seconds around its POST in which a request without a seed is taken for it: clocks differ by minutes."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A lost job, and what FAL would list of it."""

    job: Job
    input: dict[str, Any]

    def fits(self, past: PastRequest, theirs: object, *, at_any_time: bool = False) -> bool:
        """Whether a listed request with this input may be the job's."""
        if not at_any_time and not self._is_near(moment(past)):
            return False
        return isinstance(theirs, dict) and _holds(theirs, self.input)

    def _is_near(self, at: float | None) -> bool:
        sent = self.job.submitted_at
        near = DAY if self.input.get("seed") is not None else ROUND
        return at is not None and sent is not None and abs(at - sent) <= near


def wanted(lost: Sequence[Job]) -> list[Wanted]:
    """What to look for, for each lost job."""
    return [Wanted(job, json.loads(job.input)) for job in lost]


def matched(
    lost: Sequence[Job],
    listed: Sequence[PastRequest],
    claimed: Collection[str],
    *,
    at_any_time: bool = False,
) -> Iterator[tuple[Job, PastRequest]]:
    """Each lost job with the listed request that has its input, none of them twice.

    A seed in the input makes it one of a kind; without one the request was sent about when the job was. Equal
    jobs are interchangeable: of several that fit, each gets the one nearest in time. With `at_any_time`
    it is not known here when they were sent.
    """
    free = [(past, _parsed(past.input)) for past in listed if past.request_id not in claimed]
    for one in wanted(lost):
        fitting = [found for found in free if one.fits(*found, at_any_time=at_any_time)]
        if fitting:
            sent = one.job.submitted_at or 0.0
            nearest = min(fitting, key=lambda found: abs((moment(found[0]) or 0.0) - sent))
            free = [found for found in free if found[0] is not nearest[0]]
            yield one.job, nearest[0]


def _holds(theirs: dict[str, Any], ours: dict[str, Any]) -> bool:
    """Whether all that we sent is there as it was sent; FAL may have written its defaults beside it."""
    return all(name in theirs and theirs[name] == value for name, value in ours.items())


def _parsed(text: str | None) -> object:
    try:
        return json.loads(text or "null")
    except (ValueError, RecursionError):
        return None


def moment(past: PastRequest) -> float | None:
    """When a request was made, in seconds since 1970, as far as FAL says it."""
    return past.sent_at or past.started_at or past.ended_at


@dataclass(slots=True)
class Listing:
    """The listing, asked for all lost jobs of an endpoint at once, however many are looking."""

    platform: Platform
    store: Store
    origin: str
    steady: Callable[[], float]
    fresh: float
    """Seconds for which an answer is as good as a new one."""
    _asked: dict[str, float] = field(default_factory=dict)
    """When the listing was last read for each lost job."""
    _failed: dict[str, tuple[float, FalError]] = field(default_factory=dict)
    """The last failure of each endpoint."""
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def find(self, job: Job) -> list[tuple[Job, PastRequest]]:
        """The lost jobs of a job's endpoint that are listed, with their requests.

        Empty where another's look was for this job as well, just now. Raises FalError; Refused where the key
        may not read the listing.
        """
        async with self._one:
            if self._is_fresh(self._asked.get(job.id)):
                return []
            failed = self._failed.get(job.endpoint)
            if failed is not None and self._is_fresh(failed[0]):
                # Many wait for the same answer: it is not asked for by each of them in turn.
                raise failed[1]
            lost = await self._lost(job.endpoint)
            if not lost:
                return []
            try:
                listed = await self._fitting(job.endpoint, lost)
            except FalError as error:
                self._failed[job.endpoint] = self.steady(), error
                raise
            self._asked |= dict.fromkeys((one.id for one in lost), self.steady())
            claimed = await self.store.claimed(self.origin, [past.request_id for past in listed])
            return list(matched(lost, listed, claimed))

    def _is_fresh(self, at: float | None) -> bool:
        return at is not None and self.steady() - at < self.fresh

    async def _fitting(self, endpoint: str, lost: Sequence[Job]) -> list[PastRequest]:
        """Only what may be one of the lost jobs is kept in memory: a busy account lists very much."""
        sought = wanted(lost)
        begin = min(job.submitted_at or job.created_at for job in lost) - DAY
        listed = []
        async for past in self.platform.requests(endpoint, start=begin):
            theirs = _parsed(past.input)
            if any(one.fits(past, theirs) for one in sought):
                listed.append(past)
        return listed

    async def _lost(self, endpoint: str) -> list[Job]:
        jobs = await self.store.jobs(unfinished=True, origin=self.origin)
        return [job for job in jobs if job.state is JobState.UNKNOWN and job.endpoint == endpoint]

    async def result(self, job: Job) -> Reply | None:
        """What the listing keeps of a job's result; None where it has nothing, or cannot be asked."""
        assert job.request_id is not None
        try:
            async for past in self.platform.requests(job.endpoint, request_id=job.request_id):
                if past.request_id == job.request_id:
                    return kept_result(past)
        except FalError as error:
            log.info("job %s: FAL's listing did not help: %s", job.id, error)
        return None


def kept_result(past: PastRequest) -> Reply | None:
    """The listed result in the form in which FAL's queue would have given it."""
    if past.output is None or past.status is None:
        return None
    return Reply(past.status, past.output)
