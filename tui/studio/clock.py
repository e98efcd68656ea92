"""Time as a seam: the engine asks a clock, and tests bring one of their own."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """The wall for records, a steady clock for durations, and waiting."""

    def now(self) -> float:
        """Seconds since 1970, UTC."""
        ...

    def steady(self) -> float:
        """Seconds on a clock that never jumps."""
        ...

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """Wait until `event` is set, at most `seconds`; True if it was."""
        ...


class SystemClock:
    """The clock of this machine."""

    def now(self) -> float:
        """Seconds since 1970, UTC."""
        return time.time()

    def steady(self) -> float:
        """Seconds on a clock that never jumps."""
        return time.monotonic()

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """Wait until `event` is set, at most `seconds`; True if it was."""
        try:
            async with asyncio.timeout(seconds):
                return await event.wait()
        except TimeoutError:
            return False
