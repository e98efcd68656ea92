"""FAL's Platform API: what models there are, what they cost, and what an account has asked for."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Literal
from urllib.parse import urlencode

from .errors import NotFound, NotUnderstood
from .exchange import Exchange
from .patience import Sleep, patiently
from .platform_values import Balance, BillingEvent, Estimate, Listed, PastRequest, UnitPrice
from .policy import is_endpoint
from .values import Reply
from .wire import read_json
from .wire_platform import (
    read_balance,
    read_charge,
    read_estimate,
    read_listed,
    read_page,
    read_price,
    read_request,
)

MOST_PAGES = 500
"""Pages of one listing: more than FAL has models, or a day has requests."""
MOST_IDS = 50
"""Endpoint ids that FAL takes in one question (its document of the Platform API)."""
LONGEST_WINDOW = 90 * 86400.0
"""Seconds that one question about billing may span (the same document)."""


Params = list[tuple[str, str]]


class Platform:
    """Questions about models, prices and the account; each may be asked again, and none costs anything.

    A key may have no right to some of them: those raise Refused, which a caller takes as "not available",
    since FAL says it of the key and not of the question. Besides, each raises Unreachable, RateLimited and
    Trouble once it was asked three times, and NotUnderstood for an answer that is not in FAL's form or a
    listing that does not end.
    """

    def __init__(self, exchange: Exchange, *, sleep: Sleep = asyncio.sleep) -> None:
        self._exchange = exchange
        self._sleep = sleep
        self._hosts = exchange.hosts

    async def models(
        self,
        *,
        query: str | None = None,
        category: str | None = None,
        status: Literal["active", "deprecated"] | None = None,
        endpoints: Collection[str] = (),
        schemas: bool = False,
    ) -> AsyncIterator[Listed]:
        """The models that FAL lists, with their OpenAPI documents if `schemas`; an unknown id is left out."""
        given = {"q": query, "category": category, "status": status}
        params = [(name, value) for name, value in given.items() if value]
        if schemas:
            params.append(("expand", "openapi-3.0"))
        for some in _ids(endpoints) if endpoints else [[]]:
            try:
                async with aclosing(self._pages("models", "models", params + some)) as entries:
                    async for entry in entries:
                        if listed := read_listed(entry):
                            yield listed
            except NotFound:
                # FAL answers 404 where it knows none of the ids, and the known ones where it knows some.
                if not some:
                    raise

    async def document(self, endpoint: str) -> str:
        """The OpenAPI document of an endpoint as JSON text, asked without the key; raises NotFound."""
        unknown = f"FAL has no document of {endpoint!r}."
        if not is_endpoint(endpoint):
            raise NotFound(unknown)
        url = f"{self._hosts.schema}/api/openapi/queue/openapi.json?{urlencode({'endpoint_id': endpoint})}"
        reply = await self._answer(partial(self._exchange.ask, "GET", url, authorized=False))
        spec = read_json(reply.text)
        if spec is None:
            raise NotFound(unknown)
        if not isinstance(spec, dict) or not isinstance(spec.get("openapi"), str):
            raise NotUnderstood(f"FAL's document of {endpoint} is not an OpenAPI document.")
        return reply.text

    async def prices(self, endpoints: Collection[str]) -> dict[str, UnitPrice]:
        """What a unit costs with these endpoints; one whose price FAL does not say is left out."""
        found: dict[str, UnitPrice] = {}
        for some in _ids(endpoints):
            async with aclosing(self._pages("models/pricing", "prices", some)) as entries:
                async for entry in entries:
                    if price := read_price(entry):
                        found[price.endpoint] = price
        return found

    async def estimate(
        self, quantities: Mapping[str, int | Decimal], *, by: Literal["calls", "units"] = "calls"
    ) -> Estimate:
        """What that many calls, or billed units, of each endpoint would cost; nothing is ordered by it."""
        kind, word = {
            "calls": ("historical_api_price", "call_quantity"),
            "units": ("unit_price", "unit_quantity"),
        }[by]
        numbers = {name: {word: int(n) if n == int(n) else float(n)} for name, n in quantities.items()}
        body = json.dumps({"estimate_type": kind, "endpoints": numbers}).encode()
        url = f"{self._hosts.platform}/models/pricing/estimate"
        headers = {"Content-Type": "application/json"}
        reply = await self._answer(partial(self._exchange.ask, "POST", url, content=body, headers=headers))
        return read_estimate(read_json(reply.text))

    async def requests(
        self,
        endpoint: str,
        *,
        start: float | None = None,
        end: float | None = None,
        request_id: str | None = None,
        payloads: bool = True,
    ) -> AsyncIterator[PastRequest]:
        """The requests that FAL remembers of an endpoint; `start` and `end` are seconds since 1970.

        Without `start` FAL looks back a day; with a `request_id` it can look back 90 (its document).
        """
        params = [("endpoint_id", endpoint), ("limit", "100"), *_between(start, end)]
        if request_id:
            params.append(("request_id", request_id))
        if payloads:
            params.append(("expand", "payloads"))
        async with aclosing(self._pages("models/requests/by-endpoint", "items", params)) as entries:
            async for entry in entries:
                if request := read_request(entry):
                    yield request

    async def billing_events(
        self,
        *,
        start: float,
        end: float,
        endpoints: Sequence[str] = (),
        request_ids: Sequence[str] = (),
    ) -> AsyncIterator[BillingEvent]:
        """What each request was charged from `start` until before `end`, in seconds since 1970.

        A longer time is asked in windows of 90 days, the longest that FAL answers for.
        """
        only = [("endpoint_id", name) for name in endpoints] + [("request_id", name) for name in request_ids]
        while start < end:
            until = min(end, start + LONGEST_WINDOW)
            params = [*_between(start, until), *only]
            async with aclosing(self._pages("models/billing-events", "billing_events", params)) as entries:
                async for entry in entries:
                    if event := read_charge(entry):
                        yield event
            start = until

    async def balance(self) -> Balance | None:
        """What is left to spend; None where FAL does not say it to this key."""
        url = f"{self._hosts.platform}/account/billing?expand=credits"
        reply = await self._answer(partial(self._exchange.ask, "GET", url))
        return read_balance(read_json(reply.text))

    async def _pages(self, path: str, name: str, params: Params) -> AsyncGenerator[dict[str, Any], None]:
        """The entries of all pages of a listing; raises NotUnderstood for one that goes round or on."""
        seen: set[str] = set()
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            asked = urlencode(params + ([("cursor", cursor)] if cursor else []))
            url = f"{self._hosts.platform}/{path}" + (f"?{asked}" if asked else "")
            reply = await self._answer(partial(self._exchange.ask, "GET", url))
            entries, cursor = read_page(read_json(reply.text), name)
            for entry in entries:
                yield entry
            if cursor is None:
                return
            if cursor in seen:
                raise NotUnderstood("FAL's listing goes round in a circle: it gave the same cursor twice.")
            seen.add(cursor)
        raise NotUnderstood(f"FAL's listing does not end: {MOST_PAGES} pages were read.")

    async def _answer(self, question: Callable[[], Awaitable[Reply]]) -> Reply:
        return await patiently(question, self._sleep)


def _ids(endpoints: Collection[str]) -> list[Params]:
    """The ids in portions that FAL takes; what has not the form of one is not asked about."""
    known = [("endpoint_id", name) for name in dict.fromkeys(endpoints) if is_endpoint(name)]
    return [known[at : at + MOST_IDS] for at in range(0, len(known), MOST_IDS)]


def _between(start: float | None, end: float | None) -> Params:
    given = (("start", start), ("end", end))
    return [
        (name, f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}")
        for name, at in given
        if at is not None
    ]
