"""Connections that an answer can tear: a reset, and an end without a reply, for which HTTP has no words."""

import asyncio
import logging
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from typing import cast

from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.config import Config
from hypercorn.typing import ASGIFramework
from starlette.types import ASGIApp, Receive, Scope, Send

from .errors import CannotServe

_log = logging.getLogger(__name__)

EXTENSION = "reelroom.wire"
"""Where the scope of a request holds its Wire."""
GRACE_S = 0.5


class Wire:
    """The connection that a request came by."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @property
    def lost(self) -> bool:
        """Whether the other side has left, or this one."""
        return self._writer.is_closing() or self._reader.at_eof()

    async def reset(self) -> None:
        """End the connection with a TCP reset; what was not sent yet is lost."""
        # To linger for no time at all makes the kernel send a reset where it would have sent an end.
        linger = struct.pack("ii", 1, 0)
        self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._writer.transport.abort()
        await self.gone()

    async def close(self) -> None:
        """End the connection as if all had been said, once what was written is sent."""
        self._writer.close()
        await self.gone()

    async def gone(self) -> None:
        """Wait until the connection is no more."""
        # A StreamReader tells of its end only to the one who reads, and that is Hypercorn.
        while not self._reader.at_eof():  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.02)

    async def write(self, data: bytes) -> None:
        """Bytes as they are, past all HTTP; raises ConnectionError where no one takes them."""
        self._writer.write(data)
        await self._writer.drain()


Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Door:
    """Where connections are taken: a port of 127.0.0.1, which can be shut for a while."""

    def __init__(self, port: int) -> None:
        """Port 0 is any free one."""
        self.port = port
        self._listener: socket.socket | None = None
        self._shut_s = 0.0
        self._shutting = asyncio.Event()

    def bind(self) -> None:
        """Take the port; raises CannotServe."""
        self._listener = _listener(self.port)
        self.port = self._listener.getsockname()[1]

    def close(self) -> None:
        """Leave the port to others."""
        if self._listener is not None:
            self._listener.close()

    def shut(self, seconds: float) -> None:
        """Refuse connections for so long, from the next moment on, and reset those that there are."""
        if seconds > 0:
            self._shut_s = seconds
            self._shutting.set()

    async def open(self, connected: Connected) -> None:
        """Take connections until it is to be shut."""
        if self._listener is None or self._listener.fileno() < 0:
            self.bind()
        server = await asyncio.start_server(connected, sock=self._listener)
        try:
            await self._shutting.wait()
            self._shutting.clear()
            # The one who asked for it is to hear the answer.
            await asyncio.sleep(0.1)
        finally:
            server.close()

    async def stay_shut(self) -> None:
        """Wait until it is to be opened again."""
        await asyncio.sleep(self._shut_s)


def _listener(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(100)
    except (OSError, OverflowError) as error:
        listener.close()
        raise CannotServe(f"The sandbox cannot listen on 127.0.0.1:{port}: {error}.") from error
    return listener


async def serve_at(door: Door, app: ASGIApp, config: Config) -> None:
    """Hypercorn's HTTP on every connection through the door, each with its Wire; until cancelled."""
    loop = asyncio.get_running_loop()
    context = WorkerContext(None)
    connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections[task] = writer
        # Hypercorn names each kind of ASGI message in its type, Starlette takes any mapping.
        framework = cast("ASGIFramework", _wired(app, Wire(reader, writer)))
        try:
            await TCPServer(ASGIWrapper(framework), loop, config, context, {}, reader, writer)
        except asyncio.CancelledError:
            # Only `serve_at` cancels, and asyncio reports a connection's task that ends so.
            _log.debug("an answer was broken off")
        finally:
            del connections[task]

    try:
        while True:
            await door.open(connected)
            await _broken_off(connections)
            await door.stay_shut()
    finally:
        await context.terminated.set()
        if connections:
            await asyncio.wait(connections, timeout=GRACE_S)
        await _broken_off(connections)


async def _broken_off(connections: Mapping[asyncio.Task[None], asyncio.StreamWriter]) -> None:
    for task, writer in connections.items():
        # The answer of an application that is broken off, a 500, is not to be sent any more.
        writer.transport.abort()
        task.cancel()
    if connections:
        await asyncio.wait(connections)


def _wired(app: ASGIApp, wire: Wire) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        scope["extensions"][EXTENSION] = wire
        await app(scope, receive, send)

    return answer
