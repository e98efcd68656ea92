"""Blocking work on files that a task may close: its thread is waited for, also when the task is cancelled."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def in_thread(work: Callable[..., T], *arguments: object) -> asyncio.Future[T]:
    """Begin blocking work; whoever begins it waits for it with `settled` before closing what it uses."""
    return asyncio.get_running_loop().run_in_executor(None, work, *arguments)


async def settled(work: asyncio.Future[T]) -> T:
    """Wait to the end of work in a thread, and only then let a cancellation go on.

    A thread cannot be cancelled: it would write on into a descriptor that is closed, or another file's.
    """
    interruption: asyncio.CancelledError | None = None
    while not work.done():
        try:
            await asyncio.wait({work})
        except asyncio.CancelledError as error:
            interruption = error
    if interruption is not None:
        work.exception()
        raise interruption
    return work.result()
