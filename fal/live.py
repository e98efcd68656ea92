"""The status of a request as FAL tells it by itself: one server-sent event for each change."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import httpx

from .bodies import read_reply
from .errors import NotUnderstood, Unreachable
from .refusals import refusal
from .replies import read_event
from .values import Completed, Status

MAX_EVENT = 4 * 2**20
"""Bytes: what may come between two events."""


class _Bounded(httpx.AsyncByteStream):
    """The bytes of a stream, counted since its last event: httpx-sse would keep a line without end."""

    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream
        self.held = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            self.held += len(chunk)
            if self.held > MAX_EVENT:
                raise NotUnderstood(f"FAL's status stream sent {MAX_EVENT >> 20} MiB that are no event.")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


async def statuses(response: httpx.Response) -> AsyncGenerator[Status, None]:
    """Each status of an opened stream, up to Completed.

    Raises Unreachable where it ends before that, NotUnderstood for what is no stream of statuses, and what
    `refusal` tells for an answer outside 2xx.
    """
    from httpx_sse import EventSource  # noqa: PLC0415 - only a running job needs it, never the start

    if response.status_code != 200:
        raise refusal(await read_reply(response, None))
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    packed = response.headers.get("content-encoding", "identity").strip().lower()
    if kind != "text/event-stream" or packed not in ("", "identity"):
        raise NotUnderstood("FAL's answer is no stream of events.")
    assert isinstance(response.stream, httpx.AsyncByteStream)
    response.stream = bounded = _Bounded(response.stream)
    response.encoding = "utf-8"  # events are nothing else, whatever the header says
    async with aclosing(EventSource(response).aiter_sse()) as events:
        async for event in events:
            bounded.held = 0
            if not event.data:
                continue
            status = read_event(event.data)
            yield status
            if isinstance(status, Completed):
                return
    raise Unreachable("FAL's status stream ended before the request did.")
