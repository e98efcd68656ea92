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


def matched(
    lost: Sequence[Job], listed: Sequence[PastRequest], claimed: Collection[str]
) -> Iterator[tuple[Job, PastRequest]]:
    """Each lost job with the listed request that has its input, none of them twice.

    A seed in the input makes it one of a kind; without one the request was sent about when the job was. Equal
    jobs are interchangeable: of several that fit, each gets the one nearest in time.
    """
    free = [past for past in listed if past.request_id not in claimed]
    for job in lost:
        fitting = [past for past in free if _fits(job, past)]
        if fitting:
            nearest = min(fitting, key=lambda past: abs((_moment(past) or 0.0) - (job.submitted_at or 0.0)))
            free.remove(nearest)
            yield job, nearest


def _fits(job: Job, past: PastRequest) -> bool:
    ours, theirs = json.loads(job.input), _parsed(past.input)
    if not isinstance(theirs, dict) or not _holds(theirs, ours):
        return False
    at = _moment(past)
    near = DAY if ours.get("seed") is not None else ROUND
    return at is not None and job.submitted_at is not None and abs(at - job.submitted_at) <= near


def _holds(theirs: dict[str, Any], ours: dict[str, Any]) -> bool:
    """Whether all that we sent is there as it was sent; FAL may have written its defaults beside it."""
    return all(name in theirs and theirs[name] == value for name, value in ours.items())


def _parsed(text: str | None) -> object:
    try:
        return json.loads(text or "null")
    except (ValueError, RecursionError):
        return None


def _moment(past: PastRequest) -> float | None:
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
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def find(self, endpoint: str) -> list[tuple[Job, PastRequest]]:
        """The lost jobs of an endpoint that are listed, with their requests; empty right after another look.

        Raises FalError; Refused where the key may not read the listing.
        """
        async with self._one:
            last = self._asked.get(endpoint)
            if last is not None and self.steady() - last < self.fresh:
                return []
            lost = await self._lost(endpoint)
            if not lost:
                return []
            begin = min(job.submitted_at or job.created_at for job in lost) - DAY
            listed = [past async for past in self.platform.requests(endpoint, start=begin)]
            self._asked[endpoint] = self.steady()
            claimed = await self.store.claimed(self.origin, [past.request_id for past in listed])
            return list(matched(lost, listed, claimed))

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
