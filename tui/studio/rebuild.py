"""After a database was put back or made anew: what FAL lists, and nothing here knows, are jobs again."""

import json
import time
from dataclasses import dataclass

from reelroom.fal.clean import clean
from reelroom.fal.platform import Platform
from reelroom.fal.platform_values import PastRequest
from reelroom.store.ids import new_id
from reelroom.store.records import Job
from reelroom.store.states import JobState
from reelroom.store.store import Store

from .listing import matched, moment
from .orders import canonical

NO_CLIP = 400
"""From this status on a request has ended without a result."""


@dataclass(frozen=True, slots=True)
class Rebuild:
    """The listing, and the library whose jobs are looked for in it."""

    platform: Platform
    store: Store
    origin: str

    async def since(self, begin: float) -> int:
        """Take in what was asked of FAL since `begin` (seconds since 1970); how many jobs that brings back.

        Only the endpoints that jobs here have are asked about. Raises FalError and StoreError.
        """
        jobs = await self.store.jobs()
        names = {job.endpoint: job.model for job in jobs}
        lost = [job for job in jobs if job.state is JobState.UNKNOWN and job.origin == self.origin]
        taken = 0
        for endpoint, name in names.items():
            listed = [past async for past in self.platform.requests(endpoint, start=begin)]
            known = await self.store.claimed(self.origin, [past.request_id for past in listed])
            mine = [job for job in lost if job.endpoint == endpoint]
            found = {past.request_id: job for job, past in matched(mine, listed, known, at_any_time=True)}
            new = [
                self._job(past, endpoint, name, found.get(past.request_id))
                for past in listed
                if past.request_id not in known and (past.status or 0) < NO_CLIP
            ]
            taken += len(await self.store.take_in(new))
        return taken

    def _job(self, past: PastRequest, endpoint: str, name: str, lost: Job | None) -> Job:
        input_ = _input(past.input)
        prompt, seed = input_.get("prompt"), input_.get("seed")
        at = moment(past) or time.time()
        return Job(
            id=lost.id if lost else new_id(at),
            origin=self.origin,
            endpoint=endpoint,
            model=name,
            prompt=clean(prompt, lines=True) if isinstance(prompt, str) else "",
            input=canonical(input_),
            seed=seed if isinstance(seed, int) and not isinstance(seed, bool) else None,
            state=JobState.QUEUED,
            request_id=past.request_id,
            created_at=at,
            state_since=at,
            submitted_at=at,
        )


def _input(text: str | None) -> dict[str, object]:
    """What was sent, where FAL kept it in a form that can be kept here."""
    try:
        found = json.loads(text or "{}")
        canonical(found).encode()
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
