"""The status stream: one event for each change, a comment now and then, and the end with the last state."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable

from .line import Line
from .logs import log_lines
from .requests import Request
from .settings import Settings

Say = Callable[[Request, list[dict[str, object]] | None], dict[str, object]]
"""The status of a request, with these of its log lines."""


class StatusStream:
    """The events of one request, each with the log lines that are new (FAL's page on the status stream)."""

    def __init__(
        self,
        find: Callable[[], Request | None],
        say: Say,
        line: Line,
        settings: Settings,
        clock: Callable[[], float],
    ) -> None:
        self._find, self._say, self._line = find, say, line
        self._settings, self._clock = settings, clock

    async def events(self, *, logs: bool) -> AsyncIterator[bytes]:
        """Lines of `text/event-stream`, until the request is over."""
        said: object = None
        printed, last = 0, time.monotonic()
        while request := self._find():
            lines = log_lines(request, self._clock()) if logs and request.started_at is not None else []
            body = self._say(request, lines[printed:] if logs else None)
            now = (body["status"], body.get("queue_position"), len(lines))
            if now != said:
                said, printed, last = now, len(lines), time.monotonic()
                yield b"data: " + json.dumps(body, separators=(",", ":")).encode("ascii") + b"\n\n"
            elif time.monotonic() - last >= self._settings.stream_comment_s:
                last = time.monotonic()
                yield b": still here\n\n"
            if request.state.over:
                return
            await self._line.ended(request.id, within=self._settings.stream_tick_s)
            await asyncio.sleep(0)
