"""Media, fetched without a key: by https from a public host, or from the base of a sandbox."""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Self
from urllib.parse import urljoin

import httpx

from .addresses import ascii_url, shown
from .clean import clean
from .connections import CONNECT_TIMEOUT, LOCATION, RAW_ERRORS, direct, http_client, in_words, warm
from .datauri import Embedded, read_data_uri
from .downloads import chunks, content_length
from .errors import BadDownload, FalError, LinkRefused, RateLimited, Trouble, Unreachable
from .hosts import Hosts
from .policy import checked_media_url
from .refusals import retry_after
from .values import Reply

_AT_ONCE = 64
_REDIRECTS = 3
_RANGE = re.compile(r"bytes\s+([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Download:
    """The answer to a fetch. `start` is where its bytes begin in the file: 0, or the offset asked for.

    `total` is the length of the whole file as the server states it. `chunks` may be read once.
    """

    status: int
    start: int
    total: int | None
    etag: str | None
    content_type: str | None
    chunks: AsyncIterator[bytes]


class Cdn:
    """The media hosts, as an async context manager: no key, no cookies, no proxy of the environment.

    `stall` is in seconds: how long a download may go without 4 KiB arriving.
    """

    def __init__(
        self, hosts: Hosts, transport: httpx.AsyncBaseTransport | None = None, stall: float = 30.0
    ) -> None:
        self._hosts = hosts
        self._given = transport
        self._stall = stall
        self._open = AsyncExitStack()
        self._http: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        transport = self._given or direct(await warm(), connections=_AT_ONCE, kept=4)
        limits = httpx.Timeout(self._stall, connect=min(CONNECT_TIMEOUT, self._stall), pool=None)
        self._http = await self._open.enter_async_context(http_client(transport, limits))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._http = None
        await self._open.aclose()

    @asynccontextmanager
    async def fetch(self, url: str, *, offset: int = 0, etag: str | None = None) -> AsyncIterator[Download]:
        """The bytes of a file from `offset` on, if it still has that `etag`, else from its start.

        Raises ForeignAddress, LinkRefused, BadDownload (no file, or not the bytes asked for),
        RateLimited, Trouble and Unreachable, the last also while the chunks are read.
        """
        if self._http is None:
            raise RuntimeError("The client is not open: use it in `async with Cdn(…) as cdn`.")
        if url[:5].lower() == "data:":
            content = read_data_uri(url)
            async with aclosing(_pieces(content)) as pieces:
                yield Download(200, 0, content.size, None, content.content_type, pieces)
            return
        response = await self._answer(self._http, ascii_url(url), _asked(offset, etag))
        try:
            start, total = _placed(response, offset, etag)
            async with aclosing(chunks(response, self._stall)) as pieces:
                yield Download(
                    response.status_code,
                    start,
                    total,
                    response.headers.get("etag"),
                    clean(response.headers.get("content-type", ""), limit=100) or None,
                    pieces,
                )
        finally:
            await response.aclose()

    async def _answer(self, http: httpx.AsyncClient, url: str, headers: dict[str, str]) -> httpx.Response:
        """The first answer that is no redirect, each address on the way checked."""
        for _ in range(_REDIRECTS + 1):
            checked_media_url(self._hosts, url)
            try:
                response = await http.send(http.build_request("GET", url, headers=headers), stream=True)
            except RAW_ERRORS as error:
                raise Unreachable(f"The media host did not answer ({in_words(error)}).") from error
            if response.status_code not in (301, 302, 303, 307, 308):
                return response
            await response.aclose()
            url = _next(url, response.extensions.get(LOCATION, ""))
        raise BadDownload(f"The media host redirected more than {_REDIRECTS} times.")


async def _pieces(content: Embedded) -> AsyncGenerator[bytes, None]:
    for piece in content.pieces():
        yield piece


def _asked(offset: int, etag: str | None) -> dict[str, str]:
    if not offset:
        return {}
    headers = {"Range": f"bytes={offset}-"}
    # A weak tag may not stand in If-Range (RFC 9110): it is compared when the answer comes.
    if etag and etag.startswith('"') and etag.isascii() and etag.isprintable():
        headers["If-Range"] = etag
    return headers


def _next(url: str, location: str) -> str:
    try:
        return ascii_url(urljoin(url, location.strip()))
    except ValueError:
        raise BadDownload(f"The media host redirected to {shown(location)!r}, which is no address.") from None


def _placed(response: httpx.Response, offset: int, etag: str | None) -> tuple[int, int | None]:
    """Where the bytes of an answer begin, and how many the file has; raises what the answer means instead."""
    if response.status_code not in (200, 206):
        raise _refusal(response)
    if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise BadDownload("The media host sent the file compressed, which was not asked for.")
    if response.status_code == 200:
        return 0, content_length(response)
    start, total = read_content_range(response.headers.get("content-range", ""))
    if start != offset:
        raise BadDownload(f"The media host sent the file from byte {start}, not from {offset}.")
    if offset and etag and response.headers.get("etag", etag) != etag:
        raise BadDownload("The file at the media host has changed since its first part was fetched.")
    return start, total


def read_content_range(text: str) -> tuple[int, int | None]:
    """The first byte and the whole length of a Content-Range; raises BadDownload for one that cannot be."""
    found = _RANGE.fullmatch(text.strip())
    if not found:
        raise BadDownload(f"The media host sent a part without saying which: {clean(text, limit=80)!r}.")
    start, end, total = int(found[1]), int(found[2]), None if found[3] == "*" else int(found[3])
    if end < start or (total is not None and end >= total):
        raise BadDownload(f"The media host sent an impossible range: {clean(text, limit=80)!r}.")
    return start, total


def _refusal(response: httpx.Response) -> FalError:
    status = response.status_code
    if status in (401, 403, 404, 410):
        return LinkRefused(f"The media host does not hand out the file: it answered {status}.", status)
    if status == 429:
        wait = {name: response.headers[name] for name in ("retry-after", "date") if name in response.headers}
        return RateLimited("The media host asks to wait.", retry_after(Reply(status, headers=wait)))
    if status >= 500 or status == 408:
        return Trouble(f"The media host answered {status}.", status)
    if status == 416:
        return BadDownload("The media host has fewer bytes than were asked for to go on.")
    return BadDownload(f"The media host answered {status} instead of the file.")
