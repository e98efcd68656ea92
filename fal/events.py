"""The status of a request as FAL tells it by itself: one server-sent event for each change."""

import codecs
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import cast

import httpx

from .bodies import read_reply
from .errors import NotUnderstood, Unreachable
from .refusals import refusal
from .replies import read_event
from .values import Completed, Status

MAX_EVENT = 4 * 2**20
"""Bytes: what may come between two events."""


class _Text:
    """A response as httpx-sse reads it: its text, bounded since the last event, and nothing in between.

    httpx would pass each chunk through three generators; with hundreds of streams those are megabytes.
    """

    def __init__(self, response: httpx.Response) -> None:
        self.headers = response.headers
        self._response = response
        self.held = 0

    async def aiter_text(self) -> AsyncIterator[str]:
        assert isinstance(self._response.stream, httpx.AsyncByteStream)
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        async for chunk in self._response.stream:
            self.held += len(chunk)
            if self.held > MAX_EVENT:
                raise NotUnderstood(f"FAL's status stream sent {MAX_EVENT >> 20} MiB that are no event.")
            if text := decoder.decode(chunk):
                yield text


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
    text = _Text(response)
    async with aclosing(EventSource(cast("httpx.Response", text)).aiter_sse()) as events:
        async for event in events:
            text.held = 0
            if not event.data:
                continue
            status = read_event(event.data)
            yield status
            if isinstance(status, Completed):
                return
    raise Unreachable("FAL's status stream ended before the request did.")
