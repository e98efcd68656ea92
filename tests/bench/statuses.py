"""`python -m tests.bench.statuses`: FAL's status of any request, asked for or streamed once a second.

A process of its own, so that its cost is not the client's. `GET /sent` says how many events were streamed.
"""

import asyncio
import json
import random
import sys

WORKING = json.dumps({"status": "IN_PROGRESS", "request_id": "x", "logs": None, "metrics": {}}).encode()
EVENT = b"data: " + WORKING + b"\n\n"
STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


class Statuses:
    """Every connection is a task; what it is asked first decides what it is."""

    def __init__(self) -> None:
        self.sent = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if b"/status/stream" in head:
                    await self.stream(writer)
                body = str(self.sent).encode() if b"GET /sent" in head else WORKING
                await answer(writer, body)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    async def stream(self, writer: asyncio.StreamWriter) -> None:
        """An event a second from a random moment on: hundreds of jobs do not change in step."""
        piece = f"{len(EVENT):x}\r\n".encode() + EVENT + b"\r\n"
        writer.write(STREAM + piece)
        await asyncio.sleep(random.random())
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            writer.write(piece)
            self.sent += 1
            await writer.drain()
            due += 1
            await asyncio.sleep(max(0.0, due - loop.time()))


async def answer(writer: asyncio.StreamWriter, body: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()


async def main() -> None:
    server = await asyncio.start_server(Statuses().serve, "127.0.0.1", 0, backlog=1024)
    print(f"READY http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    async with server:
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
