"""The client of FAL's API: questions that may be asked again, and one POST that may not."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Self

import httpx

from .bodies import read_reply
from .connections import CONNECT_TIMEOUT, RAW_ERRORS, direct, http_client, never_sent, told, warm
from .errors import NoAnswer, NotKept, NotSent, NotUnderstood, Unreachable
from .hosts import Hosts
from .key import Key
from .policy import checked_api_url, endpoint_path, make_ticket
from .replies import read_cancel, read_state
from .values import CancelAnswer, Reply, Status, Ticket

_AT_ONCE = 8
_RUN_TIMEOUT = 3600.0


class Client:
    """FAL's API, as an async context manager. The key goes to FAL's own API hosts, in each request by itself.

    `timeout` is in seconds: how long FAL may be silent. Without a key, requests go out without one.
    """

    def __init__(
        self,
        hosts: Hosts,
        key: Key | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout: float = 30.0,
    ) -> None:
        self.hosts = hosts
        self._key = key
        self._given = transport
        self._timeout = timeout
        self._open = AsyncExitStack()
        self._asked = asyncio.Semaphore(_AT_ONCE)
        self._tls: ssl.SSLContext | None = None
        self._http: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        self._tls = await warm()
        transport = self._given or direct(self._tls, connections=2 * _AT_ONCE, kept=_AT_ONCE)
        self._http = await self._open.enter_async_context(http_client(transport, self._limits(self._timeout)))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._http = None
        await self._open.aclose()

    async def submit(
        self, endpoint: str, input_: Mapping[str, object], *, spill: Path | None = None
    ) -> Reply:
        """One POST to the queue, on a connection of its own and never repeated; any HTTP answer is a Reply.

        Raises NotSent (it may be sent again), NoAnswer (no one here knows), and ValueError for
        `sync_mode` true: FAL keeps no record of such a request.
        """
        return await self._post(f"{self.hosts.queue}/{endpoint_path(endpoint)}", input_, self._timeout, spill)

    async def run(self, endpoint: str, input_: Mapping[str, object], *, spill: Path | None = None) -> Reply:
        """One POST that waits up to an hour for the result itself; otherwise as `submit`."""
        return await self._post(f"{self.hosts.run}/{endpoint_path(endpoint)}", input_, _RUN_TIMEOUT, spill)

    def ticket(
        self,
        endpoint: str,
        request_id: str,
        *,
        status_url: str | None = None,
        response_url: str | None = None,
        cancel_url: str | None = None,
    ) -> Ticket:
        """A ticket for a request known by its id; URLs that are not FAL's queue are rebuilt."""
        return make_ticket(
            self.hosts,
            endpoint,
            request_id,
            status_url=status_url,
            response_url=response_url,
            cancel_url=cancel_url,
        )

    async def status(self, ticket: Ticket, *, logs: bool = True) -> Status:
        """Where the request stands.

        Raises Unreachable, RateLimited, Trouble, NotFound, Refused and NotUnderstood.
        """
        return read_state(await self._ask("GET", f"{ticket.status_url}?logs={int(logs)}"))

    async def result(self, ticket: Ticket, *, spill: Path) -> Reply:
        """The result as it came, for `read_result`; a body over 4 MiB is in the file `spill`.

        Raises Unreachable, NotKept where `spill` cannot be written, and NotUnderstood over 64 MiB.
        """
        return await self._ask("GET", ticket.response_url, spill)

    async def cancel(self, ticket: Ticket) -> CancelAnswer:
        """Asks FAL to stop the request, which is a wish; raises what `status` raises."""
        return read_cancel(await self._ask("PUT", ticket.cancel_url))

    async def _ask(self, method: str, url: str, spill: Path | None = None) -> Reply:
        """A question that may be asked again, whatever became of it."""
        checked_api_url(self.hosts, url)
        http = self._opened()
        async with self._asked:
            try:
                return await self._exchange(http, method, url, spill=spill)
            except RAW_ERRORS as error:
                # Not `from error`: the frames of httpx hold the key, and some tracebacks print locals.
                raise Unreachable(f"FAL did not answer ({told(error)}).") from None

    async def _post(
        self, url: str, input_: Mapping[str, object], silence: float, spill: Path | None
    ) -> Reply:
        refuse_sync_mode(input_)
        checked_api_url(self.hosts, url)
        body = _encoded(input_)
        reply: Reply | None = None
        try:
            async with self._fresh(silence) as http:
                reply = await self._exchange(http, "POST", url, body=body, silence=silence, spill=spill)
        except (*RAW_ERRORS, NotKept, NotUnderstood) as error:
            # An answer that is already here outweighs a connection that would not close.
            if reply is None:
                raise _outcome(error) from None
        assert reply is not None
        return reply

    async def _exchange(
        self,
        http: httpx.AsyncClient,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        silence: float | None = None,
        spill: Path | None = None,
    ) -> Reply:
        headers = {"Authorization": self._key.header()} if self._key else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        # httpx's own limits never end a server that sends one byte now and then; this one does.
        async with (
            asyncio.timeout((silence or self._timeout) + 10 * self._timeout),
            http.stream(method, url, content=body, headers=headers) as response,
        ):
            return await read_reply(response, spill)

    @asynccontextmanager
    async def _fresh(self, silence: float) -> AsyncIterator[httpx.AsyncClient]:
        """A connection that nothing was sent on before: a stale one would leave a POST in doubt."""
        http = self._opened()
        if self._given is not None or self._tls is None:
            yield http
            return
        transport = direct(self._tls, connections=1, kept=0)
        async with http_client(transport, self._limits(silence)) as alone:
            yield alone

    def _limits(self, silence: float) -> httpx.Timeout:
        return httpx.Timeout(
            self._timeout, connect=min(CONNECT_TIMEOUT, self._timeout), read=silence, pool=None
        )

    def _opened(self) -> httpx.AsyncClient:
        if self._http is None:
            raise RuntimeError("The client is not open: use it in `async with Client(…) as fal`.")
        return self._http


def refuse_sync_mode(input_: Mapping[str, object]) -> None:
    """Raises ValueError for `sync_mode` true; words such as sync-lipsync's `cut_off` are another field."""
    if str(input_.get("sync_mode")).strip().lower() in ("true", "1"):
        raise ValueError("sync_mode true is never sent: FAL keeps no record of such a request.")


def _encoded(input_: Mapping[str, object]) -> bytes:
    try:
        return json.dumps(input_, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise NotSent(f"The input cannot be written as JSON ({told(error)}): nothing was sent.") from error


def _outcome(error: BaseException) -> NotSent | NoAnswer:
    """The two that a failed POST can be, by the kind of error."""
    if never_sent(error):
        return NotSent(f"The request did not reach FAL ({told(error)}): nothing was sent.")
    return NoAnswer(f"FAL's answer did not arrive ({told(error)}): it may have taken the request.")
