"""A tiny loopback server whose every byte a test decides: FAL and its media host on their bad days."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from reelroom.fal.hosts import Hosts


@dataclass
class Loopback:
    """The server: where it is, and what came."""

    base: str = ""
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    @property
    def hosts(self) -> Hosts:
        return Hosts.at(self.base)


@dataclass
class Peer:
    """One connection, seen from the server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    place: Loopback

    async def request(self) -> None:
        """One whole request: its head, and a body of the length it states."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        stated = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        length = int(stated[0].partition(b":")[2]) if stated else 0
        self.place.requests.append(head + await self.reader.readexactly(length))

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """Close so that the other side gets a RST, as when a process dies with unread data."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Script = Callable[[Peer], Awaitable[None]]


@asynccontextmanager
async def serving(script: Script) -> AsyncIterator[Loopback]:
    place = Loopback()
    tasks: set[asyncio.Task[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        place.connections += 1
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        try:
            await script(Peer(reader, writer, place))
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        place.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield place
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()
