"""Ctrl+C, SIGTERM and SIGHUP: the first leaves in order, the second at once. Nothing is cancelled at FAL."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager

from .ending import Code

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Leaving:
    """Whether a person wants to leave. Until somebody listens for that, a press ends the command as it is."""

    def __init__(self, command: asyncio.Task[int]) -> None:
        self._command = command
        self._pressed = asyncio.Event()
        self._listened = False

    def press(self) -> None:
        """A signal came."""
        if self._pressed.is_set() or not self._listened:
            self._command.cancel()
        self._pressed.set()

    @contextmanager
    def listened(self) -> Iterator[None]:
        """From here on the first press is answered in order; the second cancels the command."""
        self._listened = True
        yield

    async def unless(self, work: Coroutine[None, None, None]) -> bool:
        """Do the work, unless a press comes first; True if it was done to its end."""
        async with asyncio.TaskGroup() as group:
            doing = group.create_task(work)
            pressed = group.create_task(self._pressed.wait())
            await asyncio.wait({doing, pressed}, return_when=asyncio.FIRST_COMPLETED)
            done = doing.done()
            doing.cancel()
            pressed.cancel()
        return done


@asynccontextmanager
async def _signals(leaving: Leaving) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    # What was ignored from the start (nohup, a shell's background) stays ignored.
    taken = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    for number in taken:
        loop.add_signal_handler(number, leaving.press)
    try:
        yield
    finally:
        for number in taken:
            loop.remove_signal_handler(number)


def run_async(command: Callable[[Leaving], Awaitable[int]]) -> int:
    """Run a command to its exit code; 130 when a second press cut it short."""

    async def main() -> int:
        task = asyncio.current_task()
        assert task is not None
        leaving = Leaving(task)
        async with _signals(leaving):
            return await command(leaving)

    try:
        return asyncio.run(main())
    except (asyncio.CancelledError, KeyboardInterrupt):
        return Code.INTERRUPTED
