"""Who is the engine of a library: this process, or the one that holds the lock.

The lock decides who works, and the kernel takes it from a process that ends. There is no lease in time beside
it: clocks jump, and a lease that ran out says nothing about the process that had it. What has to hold even
where a file system does not keep locks is in the rows: only the process that an intent names as its sender
sends it, and only one process can take it from `intent` to `submitting`.
"""

import os
from collections.abc import Awaitable, Callable
from dataclasses import replace

from reelroom.fal.cdn import Cdn
from reelroom.fal.client import Client
from reelroom.store.errors import EngineBusy
from reelroom.store.ids import new_id
from reelroom.store.lock import EngineLock
from reelroom.store.records import Holder

from .errors import WorkedElsewhere

Way = Callable[[], Awaitable[tuple[Client, Cdn]]]


class Seat:
    """The engine's place: taken here, or by the process that `holder` names. Without a lock it is ours."""

    def __init__(self, lock: EngineLock | None, *, origin: str, at: float, no_spend: bool = False) -> None:
        self._lock = lock
        self.name = f"{os.getpid()}:{new_id(at)}"
        """This process, as the intents that it sends name it."""
        self.origin = origin
        self.me = Holder(sender=self.name, origin=origin, no_spend=no_spend)
        self.way: Way | None = None
        """How FAL is reached by the engine, where that is another way than beside one."""
        self.holder = Holder()
        """Who had the place when it was last asked for."""
        if lock is not None:
            lock.tell(self.me)

    @property
    def taken(self) -> bool:
        """Whether the place is ours."""
        return self._lock is None or self._lock.held

    def take(self) -> bool:
        """Take the place if it is free, and say whether it is ours; raises NotWritable."""
        if self._lock is not None and not self._lock.held:
            try:
                self._lock.take()
            except EngineBusy as error:
                # One that has just got the lock says in a moment who it is.
                self.holder = error.holder if error.holder.pid is not None else self.holder
        return self.taken

    def tell(self, base: str) -> None:
        """Say where the engine's own sandbox answers."""
        self.me = replace(self.me, base=base)
        if self._lock is not None:
            self._lock.tell(self.me)

    def release(self) -> None:
        """Let the next one have it."""
        if self._lock is not None:
            self._lock.release()

    def refusal(self) -> str | None:
        """Why the engine takes nothing from this process; None where it does."""
        if self.taken:
            return None
        there = self.holder
        if there.sender is None:
            return f"{EngineBusy(there)} It sends nothing meanwhile."
        if there.origin != self.origin:
            return f"{EngineBusy(there)} It works for {there.origin}, and here it is {self.origin}."
        return f"{EngineBusy(there)} It was told to send nothing (no_spend)." if there.no_spend else None

    def elsewhere(self) -> str | None:
        """Who else does the work, and what that means here; None where it is this process."""
        if self.taken:
            return None
        who = "Another Reelroom" if self.holder.pid is None else f"Another Reelroom ({self.holder.pid})"
        return self.refusal() or f"{who} does the work, and sends what is asked for here."

    def check(self) -> None:
        """Raise WorkedElsewhere where the engine takes nothing from this process."""
        if refusal := self.refusal():
            raise WorkedElsewhere(f"{refusal} Nothing was done here; wait for it, or end it.")
