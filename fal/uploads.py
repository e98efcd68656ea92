"""Files that a request takes along, uploaded whole or in parts. One that is uploaded twice costs nothing."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from typing import Self
from urllib.parse import quote

import httpx

from .errors import FalError, NotFound, Refused, UnfitFile
from .exchange import Exchange
from .patience import Sleep
from .policy import checked_media_url
from .sniff import SUFFIXES
from .sources import OpenSource, opened, shown
from .upload_host import AT_ONCE, UploadHost
from .upload_values import Multipart, Source, Uploaded
from .wire import read_json
from .wire_uploads import read_access_url, read_etag, read_upload_id

PART = 10 * 2**20
"""Bytes of each part but the last, as FAL's own clients cut a file."""
WHOLE = 10
"""A file of up to so many parts' worth, 100 MiB, is sent whole."""
LIFETIME = 30 * 86400
"""Seconds that FAL is asked to keep a file for: a job may wait in a queue, or unsent, for days."""
PARTS_LIVE = 20 * 3600.0
"""Seconds for which an upload in parts is gone on with; how long FAL keeps one is not known."""

_MOST_PARTS = 10_000

Progress = Callable[[int, int], None]
Keep = Callable[[Multipart], Awaitable[None]]


class Uploads:
    """Where files are sent, as an async context manager inside that of the exchange.

    `stall` is in seconds: how long the host may take no byte, or give no answer. `part` is in bytes.
    """

    def __init__(
        self,
        exchange: Exchange,
        transport: httpx.AsyncBaseTransport | None = None,
        *,
        stall: float = 60.0,
        clock: Callable[[], float] = time.time,
        sleep: Sleep = asyncio.sleep,
        part: int = PART,
    ) -> None:
        self.host = UploadHost(exchange, transport, stall=stall, clock=clock, sleep=sleep)
        self._part = part
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._open.enter_async_context(self.host)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def send(
        self,
        source: Source,
        *,
        progress: Progress | None = None,
        kept: Multipart | None = None,
        keep: Keep | None = None,
    ) -> Uploaded:
        """Upload a file; `progress` hears of bytes sent, of how many, and never of fewer than before.

        A file over 100 MiB goes in parts: `keep` is given what it takes to go on with them, each time that
        this is more, and `kept` is that of an earlier try. Raises UnfitFile where the file changes meanwhile,
        Refused, NotFound, RateLimited, Trouble, Unreachable, NotUnderstood and ForeignAddress.
        """
        tally = _Tally(source.size, progress)
        with opened(source) as file:
            if source.size <= WHOLE * self._part:
                return await self._whole(source, file, tally)
            if source.size > (most := _MOST_PARTS * self._part):
                raise UnfitFile(f"{shown(source.path)} has {source.size} bytes; {most} can be sent.")
            if kept is not None and self._lives(kept, source):
                try:
                    return await self._in_parts(source, file, tally, kept, keep)
                except (NotFound, Refused) as error:
                    # FAL does not know the upload any more, or not so: it is begun anew, and only once.
                    if isinstance(error, Refused) and error.status in (401, 402, 403):
                        raise
            return await self._in_parts(source, file, tally, await self._begun(source, keep), keep)

    def _lives(self, kept: Multipart, source: Source) -> bool:
        """Whether what was kept is of this file cut as it is now, and young enough to be known to FAL."""
        last = -(-source.size // self._part)
        fits = kept.part_size == self._part and all(1 <= number <= last for number, _ in kept.parts)
        return fits and 0 <= self.host.clock() - kept.begun_at < PARTS_LIVE

    async def _whole(self, source: Source, file: OpenSource, tally: "_Tally") -> Uploaded:
        begun_at = self.host.clock()
        url = f"{await self.host.base()}/files/upload"
        reply = await self.host.ask(
            "POST", url, _described(source), lambda: tally.counted(1, file.whole()), source.size
        )
        return self._uploaded(read_access_url(read_json(reply.text)), begun_at)

    async def _begun(self, source: Source, keep: Keep | None) -> Multipart:
        begun_at = self.host.clock()
        reply = await self.host.ask(
            "POST", f"{await self.host.base()}/files/upload/multipart", _described(source)
        )
        answer = read_json(reply.text)
        begun = Multipart(read_access_url(answer), read_upload_id(answer), self._part, begun_at)
        if keep is not None:
            await keep(begun)
        return begun

    async def _in_parts(
        self, source: Source, file: OpenSource, tally: "_Tally", begun: Multipart, keep: Keep | None
    ) -> Uploaded:
        """The parts that FAL does not have yet, a few at a time; then the word that these were all."""
        url = f"{begun.url}/multipart/{quote(begun.upload_id, safe='')}"
        headers = {"Content-Type": source.content_type}
        done = dict(begun.parts)
        cut = [(at, min(begun.part_size, source.size - at)) for at in range(0, source.size, begun.part_size)]
        for number in done:
            tally.have(number, cut[number - 1][1])
        turn = asyncio.Semaphore(AT_ONCE)

        async def part(number: int) -> None:
            start, length = cut[number - 1]
            async with turn:
                reply = await self.host.ask(
                    "PUT",
                    f"{url}/{number}",
                    headers,
                    lambda: tally.counted(number, file.pieces(start, length)),
                    length,
                )
                done[number] = read_etag(reply.headers)
                if keep is not None:
                    await keep(replace(begun, parts=tuple(sorted(done.items()))))

        await _together(part(number) for number in range(1, len(cut) + 1) if number not in done)
        await file.check_whole()
        parts = [{"partNumber": number, "etag": etag} for number, etag in sorted(done.items())]
        body = json.dumps({"parts": parts}).encode()
        await self.host.ask(
            "POST", f"{url}/complete", {"Content-Type": "application/json"}, lambda: _just(body), len(body)
        )
        return self._uploaded(begun.url, begun.begun_at)

    def _uploaded(self, url: str, begun_at: float) -> Uploaded:
        return Uploaded(checked_media_url(self.host.hosts, url), begun_at + LIFETIME)


class _Tally:
    """The bytes of each part that went out; a part that is sent again takes nothing back."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total = total
        self._progress = progress
        self._parts: dict[int, int] = {}
        self._sent = 0
        self._most = 0

    def have(self, number: int, sent: int) -> None:
        """So many bytes of the part are on their way, or there."""
        self._sent += sent - self._parts.get(number, 0)
        self._parts[number] = sent
        self._most = max(self._most, self._sent)
        if self._progress is not None:
            self._progress(self._most, self._total)

    async def counted(self, number: int, pieces: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        """The pieces of a part as they are asked for, each counted once the next one is."""
        sent = 0
        async with aclosing(pieces):
            async for piece in pieces:
                yield piece
                sent += len(piece)
                self.have(number, sent)


async def _just(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body


async def _together(parts: Iterable[Coroutine[None, None, None]]) -> None:
    """All at once; the first error ends the others, and is raised as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(part)
    except* FalError as errors:
        first = errors
    else:
        return
    raise first.exceptions[0]


def _described(source: Source) -> dict[str, str]:
    """What FAL is told of a file. Its own name is nobody's business, and would stand in the public URL."""
    lifetime = json.dumps({"expiration_duration_seconds": LIFETIME})
    return {
        "Content-Type": source.content_type,
        "X-Fal-File-Name": source.sha256[:16] + SUFFIXES.get(source.content_type, ""),
        # The media host reads the first, storage behind it the second: FAL's own client sends both.
        "X-Fal-Object-Lifecycle": lifetime,
        "X-Fal-Object-Lifecycle-Preference": lifetime,
    }
