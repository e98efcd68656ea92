"""What ends a job's present wait: something has changed for it, and it is to look at once."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


class Nudged(Exception):
    """The wait was cut short: the job's row says why."""


class Nudge:
    """One job's bell, rung from outside and heard wherever the job waits."""

    def __init__(self) -> None:
        self.event = asyncio.Event()
        self._wait: asyncio.Timeout | None = None

    def ring(self) -> None:
        """Cut the present wait short, or the next one."""
        self.event.set()
        if self._wait is not None:
            # A deadline of now costs a waiting stream nothing, where a second task per event would.
            self._wait.reschedule(0)

    async def unless(self, work: Awaitable[T]) -> T:
        """The work's outcome; raises Nudged, with the work cancelled, when the bell is rung before that."""
        try:
            async with asyncio.timeout(0 if self.event.is_set() else None) as self._wait:
                return await work
        except TimeoutError:
            if self.event.is_set():
                raise Nudged from None
            raise
        finally:
            self._wait = None
