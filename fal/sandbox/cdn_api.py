"""Media over HTTP: whole or in part, as fast as the pace allows."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable

from starlette.requests import Request as Http
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from reelroom.fal.clean import clean

from . import wire
from .answers import Json, not_allowed, not_found
from .companions import TYPES
from .endings import media_expired
from .knobs import Knobs
from .ledger import Ledger, Sending
from .outputs import Outputs
from .requests import Clipping, Request
from .settings import Settings

CHUNK = 64 * 1024


class CdnApi:
    """Everything under /cdn. A key has no business here: one that comes is noted."""

    def __init__(self, ledger: Ledger, outputs: Outputs, knobs: Knobs, clock: Callable[[], float]) -> None:
        self._ledger, self._outputs, self._shelf = ledger, outputs, outputs.shelf
        self._knobs, self._clock = knobs, clock

    async def media(self, http: Http) -> Response:
        """GET or HEAD of a file of a result; Range with If-Range on GET."""
        if "authorization" in http.headers:
            self._ledger.note_leak(self._clock(), http.method, clean(http.scope["path"], limit=500))
        path, name = http.path_params["path"], http.path_params["path"].rpartition("/")[2]
        request = self._wanted(path)
        if request is None or request.clip is None or name not in self._outputs.names(request.endpoint):
            return not_found(http)
        if http.method not in {"GET", "HEAD"}:
            return not_allowed()
        settings = self._knobs.settings
        if media_expired(request, settings, self._clock()):
            return Json({"detail": "File not found"}, settings.media_gone)
        suffix = name.rpartition(".")[2]
        file = request.clip if suffix == "mp4" else await asyncio.to_thread(self._shelf.companion, suffix)
        counted = request.id if name == wire.MEDIA_NAME else None
        return self._found(http, file, counted)

    def _found(self, http: Http, clip: Clipping, counted: str | None) -> Response:
        settings = self._knobs.settings
        headers = _headers(clip, settings)
        if http.method == "HEAD":
            return Response(headers=headers | {"content-length": str(clip.size)})
        wanted = byte_range(http.headers.get("range"), clip.size) if settings.media_ranges else None
        if wanted is None or http.headers.get("if-range", clip.etag) != clip.etag:
            return self._sending(clip, (0, clip.size), headers, counted)
        start, end = wanted
        if start >= end:
            return Response(status_code=416, headers=headers | {"content-range": f"bytes */{clip.size}"})
        headers["content-range"] = f"bytes {start}-{end - 1}/{clip.size}"
        return self._sending(clip, (start, end), headers, counted)

    def _wanted(self, path: str) -> Request | None:
        request_id = wire.media_request(path)
        return self._ledger.request(request_id) if request_id else None

    def _sending(
        self, clip: Clipping, part: tuple[int, int], headers: dict[str, str], counted: str | None
    ) -> Response:
        start, end = part
        whole = part == (0, clip.size)
        if self._knobs.settings.media_length:
            headers["content-length"] = str(end - start)

        def note(sent: int) -> None:
            kind: Sending = "broken" if sent < end - start else "complete" if whole else "resumed"
            if counted:
                self._ledger.note_download(counted, kind, sent)

        return _Sending(
            self._pieces(clip, start, end),
            note,
            status=206 if "content-range" in headers else 200,
            headers=headers,
        )

    async def _pieces(self, clip: Clipping, start: int, end: int) -> AsyncIterator[bytes]:
        while start < end:
            rate = self._knobs.pace.media_bytes_per_s
            size = min(end - start, CHUNK if rate is None else max(1, min(CHUNK, int(rate / 20))))
            piece = await asyncio.to_thread(self._shelf.read, clip, start, size)
            if not piece:
                return
            yield piece
            start += len(piece)
            if rate is not None:
                await asyncio.sleep(len(piece) / rate)


def _headers(clip: Clipping, settings: Settings) -> dict[str, str]:
    headers = {
        "content-type": TYPES[clip.file.rpartition(".")[2]],
        "cache-control": "public, max-age=5184000, immutable",
        "access-control-allow-origin": "*",
    }
    if settings.media_ranges:
        headers["accept-ranges"] = "bytes"
    if settings.media_etag:
        headers["etag"] = clip.etag
    return headers


class _Sending(StreamingResponse):
    """A body that says, when it is over, how many bytes of it were handed out."""

    def __init__(
        self,
        pieces: AsyncIterator[bytes],
        note: Callable[[int], None],
        *,
        status: int,
        headers: dict[str, str],
    ) -> None:
        super().__init__(pieces, status, headers)
        self._pieces, self._note = pieces, note

    async def stream_response(self, send: Send) -> None:
        sent = 0
        try:
            await send(
                {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            )
            async for piece in self._pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                sent += len(piece)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._note(sent)


def byte_range(header: str | None, size: int) -> tuple[int, int] | None:
    """The one range asked for, start and end (exclusive); None where there is none, or it is to be ignored.

    A range that begins at or after the end comes back empty, which is a 416 (RFC 9110, 14.2 and 15.5.17).
    """
    match = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", (header or "").strip())
    if not match or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    if last and int(last) < int(first):
        return None
    return int(first), min(size, int(last) + 1) if last else size
