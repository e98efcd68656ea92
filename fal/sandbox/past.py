"""The Platform API's memory of an account: its requests, what they cost, and what is left."""

import json
from collections.abc import Iterator
from decimal import Decimal

from starlette.datastructures import QueryParams

from .asked import Unfit, ids, moment, one_of, page, stamp
from .clip import clip_of
from .ledger import Ledger
from .outputs import Outputs
from .requests import Request, State
from .settings import Settings, listed

_DAY = 86400.0
_LONGEST = 90 * _DAY
_CREDITS = Decimal(100)
"""US dollars that a sandbox begins with."""


class Past:
    """Questions about requests that were made; each raises Unfit for one that FAL would not take."""

    def __init__(self, ledger: Ledger, outputs: Outputs) -> None:
        self._ledger, self._outputs, self._facts = ledger, outputs, outputs.facts

    def requests(self, query: QueryParams, origin: str, settings: Settings, now: float) -> dict[str, object]:
        """A page of the requests of some endpoints, the newest first; `expand=payloads` adds their data."""
        endpoints, only = ids(query, "endpoint_id", needed=True), ids(query, "request_id")
        since = moment(query, "start", now - (_LONGEST if only else _DAY))
        until = moment(query, "end", now + _DAY)
        wanted = one_of(query, "status", ("success", "error", "user_error"))
        order = one_of(query, "sort_by", ("ended_at", "duration")) or "ended_at"
        payloads = settings.listing_payloads and "payloads" in ids(query, "expand")
        return page(query, usual=50, most=100).cut(
            "items",
            (
                request
                for request in self._ledger.past(endpoints, since, until, order)
                if listed(request, settings, now)
                and (not only or request.id in only)
                and wanted in {None, _outcome(request)}
            ),
            lambda request: self._item(request, origin, payloads=payloads and request.plan.stored),
        )

    def charges(self, query: QueryParams, now: float) -> dict[str, object]:
        """A page of what was billed, the newest first."""
        since = moment(query, "start", now - _DAY)
        until = moment(query, "end", now + 1)
        if not 0 <= until - since <= _LONGEST + 1:
            raise Unfit("start and end: at most 90 days lie between them")
        only = ids(query, "request_id")
        found = (
            request
            for request in self._billed(ids(query, "endpoint_id"), since, until)
            if not only or request.id in only
        )
        return page(query, usual=1000, most=10_000).cut("billing_events", found, self._charge)

    def account(self, query: QueryParams, now: float) -> dict[str, object]:
        """Who it is; `expand=credits` adds what is left of a hundred dollars."""
        account: dict[str, object] = {"username": "sandbox"}
        if "credits" not in ids(query, "expand"):
            return account
        spent = sum(
            (self._cost(request) or Decimal(0) for request in self._billed([], 0.0, now + 1)), Decimal(0)
        )
        return account | {"credits": {"current_balance": float(_CREDITS - spent), "currency": "USD"}}

    def _billed(self, endpoints: list[str], since: float, until: float) -> Iterator[Request]:
        past = self._ledger.past(endpoints, since, until, "ended_at")
        return (request for request in past if request.state is State.COMPLETED)

    def _item(self, request: Request, origin: str, *, payloads: bool) -> dict[str, object]:
        ran = request.ended_at is not None and request.started_at is not None
        item: dict[str, object] = {
            "request_id": request.id,
            "endpoint_id": request.endpoint,
            "sent_at": stamp(request.submitted_at),
            "started_at": stamp(request.started_at),
            "ended_at": stamp(request.ended_at),
            "status_code": _status_code(request),
            "duration": round((request.ended_at or 0) - (request.started_at or 0), 3) if ran else None,
        }
        if payloads:
            item["json_input"] = json.loads(request.input)
            if request.failure:
                item["json_output"] = {"detail": json.loads(request.failure.detail)}
            elif request.state.over:
                item["json_output"] = self._outputs.body(origin, request)
        return item

    def _charge(self, request: Request) -> dict[str, object]:
        cost = self._cost(request)
        price = self._facts.prices.get(request.endpoint)
        return {
            "request_id": request.id,
            "endpoint_id": request.endpoint,
            "timestamp": stamp(request.ended_at),
            "output_units": float(_units(request, price[0])) if price else None,
            "unit_price": price[1] if price else None,
            "percent_discount": 0,
            "cost_subtotal": None if cost is None else float(cost),
            "cost_discount": 0,
            "cost_total": None if cost is None else float(cost),
            "cost_estimate_nano_usd": None if cost is None else int(cost * 10**9),
        }

    def _cost(self, request: Request) -> Decimal | None:
        """US dollars; None where no price is known, which is not the same as free."""
        price = self._facts.prices.get(request.endpoint)
        return None if price is None else _units(request, price[0]) * Decimal(str(price[1]))


def _units(request: Request, unit: str) -> Decimal:
    clip = clip_of(request.endpoint, json.loads(request.input))
    seconds = Decimal(clip.frames) / clip.fps
    return {"second": seconds, "10 seconds": seconds / 10}.get(unit, Decimal(1))


def _status_code(request: Request) -> int | None:
    if not request.state.over:
        return None
    return request.failure.status if request.failure else 200


def _outcome(request: Request) -> str | None:
    code = _status_code(request)
    return None if code is None else "success" if code < 400 else "user_error" if code < 500 else "error"
