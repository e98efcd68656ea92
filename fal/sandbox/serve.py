"""The sandbox as a server on loopback: one port, until it is told to end."""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from pathlib import Path

from hypercorn.config import Config

from .app import sandbox_app
from .scenario import Scenario
from .wires import Door, serve_at


def serve(
    *,
    state: Path,
    port: int,
    speed: float,
    attached: bool,
    announce: Callable[[str], None],
    scenario: Scenario | None = None,
) -> None:
    """Serve on 127.0.0.1 until SIGTERM or SIGINT, or, if attached, until standard input ends.

    `port` 0 takes any free one. `speed` is a factor on all times: at 1 a request takes 4 to 8 s, at 10
    ten times as long, which is the pace of real models. `announce` is given `READY http://127.0.0.1:PORT`
    once connections are taken. Raises CannotServe or NotAccepted with a sentence.
    """
    started = running(state, port=port, speed=speed, scenario=scenario)
    asyncio.run(_serve(started, attached=attached, announce=announce))


async def _serve(
    started: AbstractAsyncContextManager[str], *, attached: bool, announce: Callable[[str], None]
) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    if attached:
        _watch_input(loop, ended)
    async with started as base:
        announce(f"READY {base}")
        await ended.wait()


@asynccontextmanager
async def running(
    state: Path,
    *,
    port: int = 0,
    speed: float = 1.0,
    slots: int = 2,
    scenario: Scenario | None = None,
) -> AsyncIterator[str]:
    """A sandbox that serves inside this loop; gives its base URL, and ends on leaving."""
    door = Door(port)

    def changed(now: Scenario) -> None:
        door.shut(now.settings.away_s)

    async with sandbox_app(state, speed=speed, slots=slots, scenario=scenario, changed=changed) as app:
        with closing(door):
            door.bind()
            config = Config()
            config.loglevel = "WARNING"
            config.include_server_header = False
            config.keep_alive_timeout = 60
            async with asyncio.TaskGroup() as tasks:
                serving = tasks.create_task(serve_at(door, app, config))
                try:
                    yield f"http://127.0.0.1:{door.port}"
                finally:
                    serving.cancel()


def _watch_input(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    """Set `ended` when standard input reaches its end, which is when the parent is gone, however it went."""

    def watch() -> None:
        try:
            while os.read(0, 4096):
                pass
        except OSError:
            pass
        if not loop.is_closed():
            loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=watch, name="standard input", daemon=True).start()
