"""Changes for whoever listens: one mailbox each, which keeps only the latest value of each key."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """What one subscriber has not read yet. A slow reader misses older values of a key, never the latest."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, T] = {}
        self._arrived = asyncio.Event()
        self._closed = False

    def put(self, key: Hashable, value: T) -> None:
        """Keep `value` in the place of an unread one of the same key."""
        self._waiting[key] = value
        self._arrived.set()

    def close(self) -> None:
        """End the iteration once what is waiting has been read."""
        self._closed = True
        self._arrived.set()

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        while not self._waiting:
            if self._closed:
                raise StopAsyncIteration
            self._arrived.clear()
            await self._arrived.wait()
        # Taken only after the last await: a cancelled reader loses nothing.
        return self._waiting.pop(next(iter(self._waiting)))


class Feed(Generic[T]):
    """Hands each value to all subscribers; everything happens on one event loop."""

    def __init__(self) -> None:
        self._mailboxes: set[Mailbox[T]] = set()
        self._closed = False

    def publish(self, key: Hashable, value: T) -> None:
        """Put `value` into each mailbox, instead of an unread value of the same key."""
        for mailbox in self._mailboxes:
            mailbox.put(key, value)

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[AsyncIterator[T]]:
        """Everything published from here on: subscribe first, load afterwards, and nothing falls between."""
        mailbox = Mailbox[T]()
        if self._closed:
            mailbox.close()
        self._mailboxes.add(mailbox)
        try:
            yield mailbox
        finally:
            self._mailboxes.discard(mailbox)

    def close(self) -> None:
        """End every subscription after what it still holds."""
        self._closed = True
        for mailbox in self._mailboxes:
            mailbox.close()
