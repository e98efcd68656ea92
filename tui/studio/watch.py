"""Looking for what other processes write into the library."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

from reelroom.store.errors import StoreClosed, StoreError
from reelroom.store.records import Job
from reelroom.store.store import Store

log = logging.getLogger(__name__)

Heed = Callable[[Mapping[str, Job], Sequence[Job]], None]
"""Told the unfinished jobs as they were known, and all those that are unfinished now or have just ended."""


class Watch:
    """Tells the jobs that other processes have changed, within `look` seconds, as if they were our own."""

    def __init__(self, store: Store, heed: Heed, *, look: float) -> None:
        self._store = store
        self._heed = heed
        self._look = look
        self._known: dict[str, Job] = {}
        self._version = 0
        self._since = 0

    async def begin(self) -> None:
        """Tell everything from here on: what is read after this is never older than what is told."""
        before = None
        while before != self._version:
            before = self._version
            self._since = await self._store.last_event()
            self._version = await self._store.version()

    async def run(self) -> None:
        """Look until the store is closed. A library that cannot be read now is read later."""
        while True:
            try:
                now = await self._store.version()
                if now != self._version:
                    await self._news()
                self._version = now
            except StoreClosed:
                return
            except StoreError as error:
                log.warning("the library could not be read anew: %s", error)
            await asyncio.sleep(self._look)

    async def _news(self) -> None:
        found, self._since = await self._store.news(self._known, self._since)
        known, self._known = self._known, {job.id: job for job in found if not job.terminal}
        self._heed(known, found)
