"""FAL's upload host: asked with a token for that alone, and never with the key."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, aclosing
from functools import partial
from typing import Self

import httpx

from .bodies import read_reply
from .connections import CONNECT_TIMEOUT, RAW_ERRORS, direct, http_client, in_words, warm
from .errors import ForeignAddress, Refused, Unreachable
from .exchange import Exchange
from .patience import Sleep, patiently
from .policy import checked_upload_url
from .upload_values import Token
from .values import Reply
from .wire import read_json
from .wire_uploads import read_token

AT_ONCE = 4
"""Requests with parts of a file that are under way at a time."""

_TRIES = 4
_TOKEN_MARGIN = 60.0
_TOKEN_LIFE = 600.0
# Our clock may be ahead of FAL's: a token that was given just now is good for a moment at least.
_TOKEN_LEAST = 30.0
_PATIENCE = 300.0
_SLOWEST = 8 * 1024

Body = Callable[[], AsyncGenerator[bytes, None]]


class UploadHost:
    """The host that takes files, as an async context manager beside the exchange that asks for the token.

    `stall` is in seconds: how long it may take no byte, or give no answer.
    """

    def __init__(
        self,
        exchange: Exchange,
        transport: httpx.AsyncBaseTransport | None = None,
        *,
        stall: float = 60.0,
        clock: Callable[[], float] = time.time,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.hosts = exchange.hosts
        self.clock = clock
        self._exchange = exchange
        self._given = transport
        self._stall = stall
        self._sleep = sleep
        self._open = AsyncExitStack()
        self._http: httpx.AsyncClient | None = None
        self._token: Token | None = None
        self._token_ends = 0.0
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        transport = self._given or direct(await warm(), connections=AT_ONCE, kept=AT_ONCE)
        limits = httpx.Timeout(self._stall, connect=min(CONNECT_TIMEOUT, self._stall), pool=None)
        self._http = await self._open.enter_async_context(http_client(transport, limits))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._http = None
        await self._open.aclose()

    async def base(self) -> str:
        """The host for uploads that the token names; FAL's usual one where that is none of FAL's."""
        try:
            return checked_upload_url(self.hosts, (await self._leave()).base)
        except ForeignAddress:
            return self.hosts.cdn

    async def ask(
        self, method: str, url: str, headers: Mapping[str, str], body: Body | None = None, length: int = 0
    ) -> Reply:
        """The answer of 2xx to a request that may be repeated; what may pass is tried four times.

        A token that is refused is asked for anew, once. Raises ForeignAddress, and what any other answer
        means.
        """
        checked_upload_url(self.hosts, url)
        once = partial(self._once, method, url, headers, body, length)
        try:
            return await patiently(once, self._sleep, tries=_TRIES)
        except Refused as error:
            if error.status not in (401, 403):
                raise
        self._token = None
        return await patiently(once, self._sleep, tries=_TRIES)

    async def _once(
        self, method: str, url: str, headers: Mapping[str, str], body: Body | None, length: int
    ) -> Reply:
        if self._http is None:
            raise RuntimeError("The uploads are not open: use them in `async with Uploads(…) as uploads`.")
        asked = {**headers, "Content-Length": str(length), "Authorization": (await self._leave()).header}
        try:
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(asyncio.timeout(_PATIENCE + length / _SLOWEST))
                content = await stack.enter_async_context(aclosing(body())) if body else b""
                request = self._http.build_request(method, url, headers=asked, content=content)
                response = await self._http.send(request, stream=True)
                stack.push_async_callback(response.aclose)
                return await read_reply(response, None)
        except RAW_ERRORS as error:
            # Not `from error`: the frames of httpx hold the token, and some tracebacks print locals.
            raise Unreachable(f"FAL's upload host did not answer ({in_words(error)}).") from None

    async def _leave(self) -> Token:
        """The token, asked for with the key by the first who needs it, and kept until near its end."""
        async with self._turn:
            if self._token is None or self._token_ends <= self.clock():
                url = f"{self.hosts.rest}/storage/auth/token?storage_type=fal-cdn-v3"
                headers = {"Content-Type": "application/json"}
                question = partial(self._exchange.ask, "POST", url, content=b"{}", headers=headers)
                asked_at = self.clock()
                self._token = read_token(read_json((await patiently(question, self._sleep)).text))
                life = (
                    _TOKEN_LIFE if self._token.until is None else self._token.until - asked_at - _TOKEN_MARGIN
                )
                self._token_ends = asked_at + max(life, _TOKEN_LEAST)
            return self._token
