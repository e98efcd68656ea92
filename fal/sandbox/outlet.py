"""The way out of an answer that goes wrong: late, slow, cut, or framed as HTTP does not allow."""

import asyncio
from collections.abc import Iterator
from http import HTTPStatus

from starlette.types import Message, Send

from .fault import Fault
from .wires import Wire

Headers = list[tuple[bytes, bytes]]
UNKNOWN_HALF = 1000
"""Bytes before a cut within a body whose size nobody said."""
TICK_S = 0.05


class Torn(Exception):
    """The connection is no more: whoever still answers may stop."""


class Outlet:
    """The `send` of one answer."""

    def __init__(self, fault: Fault, step: str, send: Send, wire: Wire) -> None:
        self._fault, self._streams, self._send, self._wire = fault, step == "stream", send, wire
        self._raw = fault.length is not None or fault.unsized
        self._left: int | None = None

    async def __call__(self, message: Message) -> None:
        """Send a part of the answer; raises Torn where that was the end."""
        if message["type"] == "http.response.start":
            await self._start(message)
        elif message["type"] == "http.response.body":
            await self._go_on(message)

    async def tear(self) -> None:
        """End the connection as the fault says; always raises Torn."""
        # What was written last would be lost to a reset that follows at once.
        await asyncio.sleep(TICK_S)
        if self._fault.how == "reset":
            await self._wire.reset()
        elif self._fault.how == "close":
            await self._wire.close()
        else:
            await self._wire.gone()
        raise Torn

    async def _start(self, message: Message) -> None:
        await asyncio.sleep(self._fault.after_s)
        if self._fault.cut == "after":
            await self.tear()
        status = message["status"] if self._fault.status is None else self._fault.status
        headers = _changed(list(message.get("headers", [])), self._fault)
        if self._fault.cut == "body":
            self._left = self._fault.keep if self._fault.keep is not None else self._half(headers)
        if self._raw:
            await self._write(_head(status, headers, self._fault.length))
        else:
            await self._send({**message, "status": status, "headers": headers})
        if self._left == 0 and self._fault.how != "mute":
            await self.tear()

    def _half(self, headers: Headers) -> int:
        sizes = [int(value) for name, value in headers if name == b"content-length"]
        return 1 if self._streams else sizes[0] // 2 if sizes else UNKNOWN_HALF

    async def _go_on(self, message: Message) -> None:
        body = message.get("body", b"")
        if self._streams and self._left is not None:
            await self._event(body)
        else:
            await self._bytes(body)
        if message.get("more_body", False):
            return
        if self._left is not None and self._fault.how == "mute":
            await self.tear()
        if self._raw:
            await self._wire.close()
            raise Torn
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _event(self, body: bytes) -> None:
        """One event or comment of a stream; of events no more than are left."""
        assert self._left is not None
        comment = body.startswith(b":")
        if comment or self._left > 0:
            await self._pass(body)
        if comment or self._left == 0:
            return
        self._left -= 1
        if self._left == 0 and self._fault.how != "mute":
            await self.tear()

    async def _bytes(self, body: bytes) -> None:
        for piece in self._pieces(body):
            if self._left is not None and self._left <= len(piece):
                await self._pass(piece[: self._left])
                await self.tear()
            if self._left is not None:
                self._left -= len(piece)
            await self._pass(piece)
            if self._fault.bytes_per_s is not None:
                await asyncio.sleep(len(piece) / self._fault.bytes_per_s)

    def _pieces(self, body: bytes) -> Iterator[bytes]:
        rate = self._fault.bytes_per_s
        size = len(body) if rate is None else max(1, int(rate * TICK_S))
        for start in range(0, len(body), max(1, size)):
            yield body[start : start + size]

    async def _pass(self, piece: bytes) -> None:
        if self._wire.lost:
            raise Torn
        if self._raw:
            await self._write(piece)
        elif piece:
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    async def _write(self, data: bytes) -> None:
        try:
            await self._wire.write(data)
        except ConnectionError:
            raise Torn from None


def _changed(headers: Headers, fault: Fault) -> Headers:
    put = {name.lower().encode(): value.encode() for name, value in (fault.headers or {}).items()}
    kept = [(name, value) for name, value in headers if name.lower() not in put]
    return kept + [(name, value) for name, value in put.items() if value]


def _head(status: int, headers: Headers, length: int | None) -> bytes:
    """The head of an HTTP/1.1 answer that ends with its connection, whatever length it claims."""
    sized = {b"content-length", b"transfer-encoding", b"connection"}
    lines = [f"HTTP/1.1 {status} {_phrase(status)}".encode()]
    lines += [name + b": " + value for name, value in headers if name.lower() not in sized]
    lines += (
        [b"connection: close"] if length is None else [b"connection: close", b"content-length: %d" % length]
    )
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
