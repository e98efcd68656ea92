"""The opened HTTP side of a client: questions that may be asked again, and one POST that may not."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Self

import httpx

from .bodies import read_reply
from .connections import (
    BACKED_CONNECT_TIMEOUT,
    CONNECT_TIMEOUT,
    RAW_ERRORS,
    direct,
    http_client,
    in_words,
    never_sent,
    warm,
)
from .errors import NoAnswer, NotKept, NotSent, NotUnderstood, Unreachable
from .hosts import Hosts
from .key import Key
from .policy import checked_api_url, checked_media_url
from .values import Reply


class Exchange:
    """Requests to FAL and their answers, as an async context manager that several clients may share.

    `timeout` is in seconds: how long FAL may be silent. At most `at_once` questions are in flight: httpx's
    pool goes through all of its connections for each request that waits in it. `streams` is how many
    streams may be open beside them.
    """

    def __init__(
        self,
        hosts: Hosts,
        key: Key | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout: float = 30.0,
        at_once: int = 8,
        streams: int = 150,
    ) -> None:
        self.hosts = hosts
        self._key = key
        self._given = transport
        self._timeout = timeout
        self._at_once = at_once
        self._streams = streams
        self._free = streams
        self._turn = asyncio.Semaphore(at_once)
        self._tuning = asyncio.Semaphore(at_once)
        self._open = AsyncExitStack()
        self._tls: ssl.SSLContext | None = None
        self._http: httpx.AsyncClient | None = None
        self._streaming: httpx.AsyncBaseTransport | None = None

    async def __aenter__(self) -> Self:
        self._tls = await warm()
        transport = self._given or direct(self._tls, connections=2 * self._at_once, kept=self._at_once)
        self._http = await self._open.enter_async_context(http_client(transport, self._limits(self._timeout)))
        # A pool of its own: httpx goes through all connections of a pool for each of its requests.
        self._streaming = self._given or await self._open.enter_async_context(
            direct(self._tls, connections=self._streams, kept=0)
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._http = self._streaming = None
        await self._open.aclose()

    async def ask(
        self,
        method: str,
        url: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        authorized: bool = True,
        spill: Path | None = None,
        patience: float | None = None,
    ) -> Reply:
        """A question that may be asked again, whatever became of it; any HTTP answer is a Reply.

        With `authorized` the key goes along, and to FAL's own API hosts alone; without it the URL may be
        any that media may come from. A GET whose host cannot be reached is asked once more at the host that
        stands in for it. A body over 4 MiB is in the file `spill`, where one is named.
        `patience` is in seconds, for the whole exchange. Raises ForeignAddress, Unreachable, NotKept and
        NotUnderstood (over 64 MiB).
        """
        (checked_api_url if authorized else checked_media_url)(self.hosts, url)
        http = self._opened()
        other = self.hosts.backup(url) if authorized and method == "GET" else None
        named = self._headers(headers, authorized=authorized)
        reach = BACKED_CONNECT_TIMEOUT if other else CONNECT_TIMEOUT
        limits = self._limits(self._timeout, reach)

        async def asked(url: str) -> Reply:
            request = http.build_request(method, url, content=content, headers=named, timeout=limits)
            return await self._answer(http, request, patience or 11 * self._timeout, spill)

        async with self._turn:
            try:
                return await _reached(asked, url, other)
            except RAW_ERRORS as error:
                # Not `from error`: the frames of httpx hold the key, and some tracebacks print locals.
                raise Unreachable(f"FAL did not answer ({in_words(error)}).") from None

    async def post(
        self,
        url: str,
        content: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        spill: Path | None = None,
    ) -> Reply:
        """One POST of JSON with the key, on a connection of its own and never repeated.

        Raises ForeignAddress, NotSent (it may be sent again) and NoAnswer (no one here knows).
        """
        checked_api_url(self.hosts, url)
        reply: Reply | None = None
        try:
            async with self._fresh() as http:
                named = {"Content-Type": "application/json", **(headers or {})}
                request = http.build_request(
                    "POST", url, content=content, headers=self._headers(named, authorized=True)
                )
                reply = await self._answer(http, request, 11 * self._timeout, spill)
        except (*RAW_ERRORS, NotKept, NotUnderstood) as error:
            # An answer that is already here outweighs a connection that would not close.
            if reply is None:
                raise _outcome(error) from None
        assert reply is not None
        return reply

    @asynccontextmanager
    async def listen(self, url: str, *, first: float, silence: float) -> AsyncIterator[httpx.Response]:
        """A stream of events that is open until the block ends, beside the bound on questions in flight.

        Seconds: `first` is what its head may take, `silence` how long it may send nothing, a comment
        included. What the network does while the block reads is raised as Unreachable too.
        """
        checked_api_url(self.hosts, url)
        self._free -= 1
        try:
            response = await self._tuned(url, first, silence)
            try:
                yield response
            finally:
                await response.aclose()
        except RAW_ERRORS as error:
            raise Unreachable(f"FAL's status stream broke off ({in_words(error)}).") from None
        finally:
            self._free += 1

    @property
    def may_listen(self) -> bool:
        """Whether one more stream could be opened now, without waiting for the others."""
        return self._free > 0 and not self._tuning.locked()

    async def _tuned(self, url: str, first: float, silence: float) -> httpx.Response:
        """The head of a stream; hundreds that begin at once take turns, and leave the questions theirs."""
        http, transport = self._opened(), self._streaming
        assert transport is not None
        wanted = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        async with self._tuning:
            request = http.build_request(
                "GET", url, headers=self._headers(wanted, authorized=True), timeout=self._limits(silence)
            )
            # Straight to the transport: the client would wrap each chunk of hundreds of streams once more.
            async with asyncio.timeout(first):
                return await transport.handle_async_request(request)

    def _headers(self, given: Mapping[str, str] | None, *, authorized: bool) -> dict[str, str]:
        key = {"Authorization": self._key.header()} if self._key and authorized else {}
        return {**(given or {}), **key}

    async def _answer(
        self, http: httpx.AsyncClient, request: httpx.Request, patience: float, spill: Path | None
    ) -> Reply:
        # httpx's own limits never end a server that sends one byte now and then; this one does.
        async with asyncio.timeout(patience):
            response = await http.send(request, stream=True)
            try:
                return await read_reply(response, spill)
            finally:
                await response.aclose()

    @asynccontextmanager
    async def _fresh(self) -> AsyncIterator[httpx.AsyncClient]:
        """A connection that nothing was sent on before: a stale one would leave a POST in doubt."""
        http = self._opened()
        if self._given is not None or self._tls is None:
            yield http
            return
        transport = direct(self._tls, connections=1, kept=0)
        async with http_client(transport, self._limits(self._timeout)) as alone:
            yield alone

    def _limits(self, silence: float, reach: float = CONNECT_TIMEOUT) -> httpx.Timeout:
        return httpx.Timeout(self._timeout, connect=min(reach, self._timeout), read=silence, pool=None)

    def _opened(self) -> httpx.AsyncClient:
        if self._http is None:
            raise RuntimeError("The client is not open: use it in `async with Client(…) as fal`.")
        return self._http


async def _reached(asked: Callable[[str], Awaitable[Reply]], url: str, other: str | None) -> Reply:
    """The answer from the one host, or from the other where the one cannot be reached at all."""
    try:
        return await asked(url)
    except (httpx.ConnectError, httpx.ConnectTimeout):
        if other is None:
            raise
    return await asked(other)


def _outcome(error: BaseException) -> NotSent | NoAnswer:
    """The two that a failed POST can be, by the kind of error."""
    if never_sent(error):
        return NotSent(f"The request did not reach FAL ({in_words(error)}): nothing was sent.")
    return NoAnswer(f"FAL's answer did not arrive ({in_words(error)}): it may have taken the request.")
