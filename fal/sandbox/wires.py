"""Connections that an answer can tear: a reset, and an end without a reply, for which HTTP has no words."""

import asyncio
import logging
import socket
import struct
from typing import cast

from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.config import Config
from hypercorn.typing import ASGIFramework
from starlette.types import ASGIApp, Receive, Scope, Send

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
        while not self._reader.at_eof():  # noqa: ASYNC110
            await asyncio.sleep(0.02)

    async def write(self, data: bytes) -> None:
        """Bytes as they are, past all HTTP; raises ConnectionError where no one takes them."""
        self._writer.write(data)
        await self._writer.drain()


async def serve_on(listener: socket.socket, app: ASGIApp, config: Config, ended: asyncio.Event) -> None:
    """Hypercorn's HTTP on every connection to `listener`, each with its Wire; until `ended` is set."""
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
            # Only `serve_on` cancels, and asyncio reports a connection's task that ends so.
            _log.debug("an answer was broken off")
        finally:
            del connections[task]

    server = await asyncio.start_server(connected, sock=listener)
    try:
        await ended.wait()
    finally:
        server.close()
        await context.terminated.set()
        if connections:
            await asyncio.wait(connections, timeout=GRACE_S)
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
