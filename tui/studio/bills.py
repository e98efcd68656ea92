"""What FAL has charged: asked some time after jobs are over, then ever more rarely. It spends nothing."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from reelroom.fal.errors import FalError, Refused
from reelroom.fal.platform import Platform
from reelroom.store.errors import StoreClosed, StoreError
from reelroom.store.records import Job
from reelroom.store.store import Store

from .clock import Clock
from .overcharge import overcharge

log = logging.getLogger(__name__)

DAY: Final = 86_400.0
AT_MOST: Final = 50
"""Requests that are asked about at once: their ids stand in one address."""


class Bills:
    """The bills of one engine's jobs. Only FAL's own are asked for: practice has none."""

    def __init__(
        self, platform: Platform, store: Store, origin: str, clock: Clock, waits: Sequence[float]
    ) -> None:
        self._platform = platform
        self._store = store
        self._origin = origin
        self._clock = clock
        self._waits = waits
        self._asked: dict[str, int] = {}
        self._due: dict[str, float] = {}
        self.over = asyncio.Event()
        """To be set when a job is over."""

    async def run(self) -> None:
        """Ask until the engine leaves, or FAL says that this key may not; nothing of it reaches a job."""
        if not self._origin.startswith("fal:"):
            return
        while True:
            try:
                unbilled = await self._unbilled()
                due = [job for job in unbilled if self._due[job.id] <= self._clock.now()]
                if due:
                    await self._settle(due[:AT_MOST])
                else:
                    await self._wait(unbilled)
            except Refused as error:
                log.info("bills are not asked for any more: %s", error)
                return
            except StoreClosed:
                return
            except (FalError, StoreError) as error:
                log.info("bills could not be read: %s", error)
                await self._clock.wait(self.over, self._waits[0])

    async def _unbilled(self) -> list[Job]:
        """The jobs that are still asked about, each with the moment when it is next."""
        now = self._clock.now()
        jobs = await self._store.unbilled(self._origin, now - 30 * DAY)
        for job in jobs:
            self._due.setdefault(job.id, (job.ended_at or now) + self._waits[0])
        return [job for job in jobs if self._asked.get(job.id, 0) < len(self._waits)]

    async def _wait(self, jobs: Sequence[Job]) -> None:
        """Until another job is over, or the next one is due."""
        self.over.clear()
        if not jobs:
            await self.over.wait()
            return
        soon = min(self._due[job.id] for job in jobs) - self._clock.now()
        await self._clock.wait(self.over, max(soon, 1.0))

    async def _settle(self, jobs: Sequence[Job]) -> None:
        """Ask about these jobs, and write down what FAL knows of them by now."""
        for job in jobs:
            # Counted before it is asked: what goes wrong every time is not asked for ever.
            asked = self._asked[job.id] = self._asked.get(job.id, 0) + 1
            self._due[job.id] = self._clock.now() + self._waits[min(asked, len(self._waits) - 1)]
        wanted = {job.request_id: job for job in jobs if job.request_id}
        costs: dict[str, Decimal] = {}
        events = self._platform.billing_events(
            start=min(job.submitted_at or job.created_at for job in jobs) - DAY,
            end=self._clock.now() + DAY,
            request_ids=list(wanted),
        )
        async for event in events:
            if event.cost is not None and event.request_id in wanted:
                costs[event.request_id] = costs.get(event.request_id, Decimal(0)) + event.cost
        for request_id, cost in costs.items():
            job = wanted[request_id]
            said = overcharge([replace(job, cost=cost)])
            if said:
                log.warning("job %s: %s", job.id, said)
            await self._store.bill(job.id, cost, [said] if said else [])
