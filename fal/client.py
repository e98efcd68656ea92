"""The client of FAL's queue: a request is sent once, then asked about as often as it takes."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Self

import httpx

from .connections import in_words
from .errors import NotSent, Unreachable
from .events import statuses
from .exchange import Exchange
from .hosts import Hosts
from .key import Key
from .policy import endpoint_path, make_ticket
from .replies import read_cancel, read_state
from .terms import Terms
from .values import CancelAnswer, Reply, Status, Ticket


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
        *,
        streams: int = 150,
        terms: Terms | None = None,
    ) -> None:
        self.hosts = hosts
        self._terms = terms or Terms()
        self.exchange = Exchange(hosts, key, transport, timeout, streams=streams)

    async def __aenter__(self) -> Self:
        await self.exchange.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.exchange.__aexit__()

    async def submit(
        self,
        endpoint: str,
        input_: Mapping[str, object],
        *,
        terms: Terms | None = None,
        spill: Path | None = None,
    ) -> Reply:
        """One POST to the queue, on a connection of its own and never repeated; any HTTP answer is a Reply.

        Raises NotSent (it may be sent again), NoAnswer (no one here knows), and ValueError for
        `sync_mode` true: FAL keeps no record of such a request.
        """
        refuse_sync_mode(input_)
        url = f"{self.hosts.queue}/{endpoint_path(endpoint)}"
        return await self.exchange.post(
            url, _encoded(input_), headers=(terms or self._terms).headers(), spill=spill
        )

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
        return read_state(await self.exchange.ask("GET", f"{ticket.status_url}?logs={int(logs)}"))

    async def watch(
        self, ticket: Ticket, *, first: float = 10.0, silence: float = 40.0
    ) -> AsyncGenerator[Status, None]:
        """Each status as FAL streams it, up to Completed; ends in no other way than by raising.

        FAL sends a comment every 15 s, so `silence` (seconds) tells a dead stream; `first` is what the head,
        and then the first status, may take: a proxy that holds a stream back lets nothing through at all.
        Raises Unreachable, NotUnderstood and what `status` raises.
        """
        url = f"{ticket.status_url.rstrip('/')}/stream?logs=1"
        async with (
            self.exchange.listen(url, first=first, silence=silence) as response,
            aclosing(statuses(response)) as told,
        ):
            try:
                async with asyncio.timeout(first):
                    status = await anext(told)
            except TimeoutError:
                raise Unreachable(f"FAL's status stream said nothing for {first:g} s.") from None
            yield status
            async for status in told:
                yield status

    @property
    def may_watch(self) -> bool:
        """Whether one more status stream may be opened; where not, there is `status`."""
        return self.exchange.may_listen

    async def result(self, ticket: Ticket, *, spill: Path) -> Reply:
        """The result as it came, for `read_result`; a body over 4 MiB is in the file `spill`.

        Raises Unreachable, NotKept where `spill` cannot be written, and NotUnderstood over 64 MiB.
        """
        return await self.exchange.ask("GET", ticket.response_url, spill=spill)

    async def cancel(self, ticket: Ticket) -> CancelAnswer:
        """Asks FAL to stop the request, which is a wish; raises what `status` raises."""
        return read_cancel(await self.exchange.ask("PUT", ticket.cancel_url))


def refuse_sync_mode(input_: Mapping[str, object]) -> None:
    """Raises ValueError for `sync_mode` true; words such as sync-lipsync's `cut_off` are another field."""
    if str(input_.get("sync_mode")).strip().lower() in ("true", "1"):
        raise ValueError("sync_mode true is never sent: FAL keeps no record of such a request.")


def _encoded(input_: Mapping[str, object]) -> bytes:
    try:
        return json.dumps(input_, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise NotSent(
            f"The input cannot be written as JSON ({in_words(error)}): nothing was sent."
        ) from error
