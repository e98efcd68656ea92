import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from reelroom.fal.errors import (
    FalError,
    NotFound,
    NotUnderstood,
    RateLimited,
    Refused,
    Trouble,
    Unreachable,
)
from reelroom.fal.exchange import Exchange
from reelroom.fal.key import Key
from reelroom.fal.platform import MOST_PAGES, Platform
from reelroom.fal.platform_values import Balance, BillingEvent, Estimate, Listed, PastRequest, UnitPrice
from tests.fal.loopback import Loopback, Peer, serving

KEY = Key.parse("key-id:s3cret-canary")
KLING = "fal-ai/kling-video/v3/pro/image-to-video"
VEO = "fal-ai/veo3.1"

Answer = tuple[int, object] | tuple[int, object, str] | None
"""Status, body (JSON unless it is bytes), further header lines; None cuts the connection."""
Script = Callable[[str, dict[str, list[str]], bytes], Answer]


@asynccontextmanager
async def platform(script: Script) -> AsyncIterator[tuple[Platform, Loopback, list[float]]]:
    """The Platform API on a real socket, and the pauses that were made."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0)

    async def answer(peer: Peer) -> None:
        while True:
            await peer.request()
            head, _, body = peer.place.requests[-1].partition(b"\r\n\r\n")
            url = urlsplit(head.split()[1].decode())
            given = script(url.path, parse_qs(url.query), body)
            if given is None:
                peer.reset()
                return
            await peer.send(written(*given))

    async with serving(answer) as place, Exchange(place.hosts, KEY, timeout=5.0) as exchange:
        yield Platform(exchange, sleep=sleep), place, slept


def written(status: int, body: object, more: str = "") -> bytes:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"HTTP/1.1 {status} X\r\ncontent-length: {len(content)}\r\n{more}\r\n"
    return head.encode() + content


def always(*answer: Any) -> Script:
    return lambda _path, _query, _body: answer  # type: ignore[return-value]


async def everything(entries: AsyncIterator[Any]) -> list[Any]:
    return [entry async for entry in entries]


async def test_models_are_read_page_by_page_and_as_plain_values() -> None:
    pages = {
        None: {
            "models": [{"endpoint_id": VEO, "metadata": METADATA}],
            "next_cursor": "Mg==",
            "has_more": True,
        },
        "Mg==": {"models": [{"endpoint_id": KLING}], "next_cursor": None, "has_more": False},
    }

    def script(path: str, query: dict[str, list[str]], _body: bytes) -> Answer:
        assert path == "/v1/models"
        assert query["q"] == ["a fox & 2"]
        assert query["status"] == ["active"]
        return 200, pages[query.get("cursor", [None])[0]]

    async with platform(script) as (api, place, _):
        found = await everything(api.models(query="a fox & 2", status="active"))
    assert found == [
        Listed(
            endpoint=VEO,
            name="Veo 3.1",
            category="text-to-video",
            description="Sound\nand picture ␛[2J",
            status="active",
            kind="inference",
            tags=("new",),
            updated_at=1736942400.0,
            minutes=1.5,
        ),
        Listed(endpoint=KLING, name=KLING),
    ]
    assert all(KEY.header().encode() in asked for asked in place.requests)


METADATA = {
    "display_name": "Veo 3.1",
    "category": "text-to-video",
    "description": "Sound\nand picture \x1b[2J",
    "status": "active",
    "kind": "inference",
    "tags": ["new", 7, None],
    "updated_at": "2025-01-15T12:00:00Z",
    "duration_estimate": 1.5,
    "is_favorited": None,
}


async def test_documents_come_along_where_they_are_asked_for_and_fal_could_make_them() -> None:
    models = [
        {"endpoint_id": VEO, "openapi": {"openapi": "3.0.4", "info": {"title": "ü"}}},
        {"endpoint_id": KLING, "openapi": {"error": {"code": "expansion_failed", "message": "no"}}},
    ]

    def script(_path: str, query: dict[str, list[str]], _body: bytes) -> Answer:
        assert query["expand"] == ["openapi-3.0"]
        return 200, {"models": models, "has_more": False}

    async with platform(script) as (api, _, _):
        veo, kling = await everything(api.models(schemas=True))
    assert json.loads(veo.document) == {"openapi": "3.0.4", "info": {"title": "ü"}}
    assert kling.document is None


async def test_many_ids_are_asked_in_portions_and_an_unknown_one_is_left_out() -> None:
    asked: list[int] = []

    def script(_path: str, query: dict[str, list[str]], _body: bytes) -> Answer:
        asked.append(len(query["endpoint_id"]))
        if len(asked) == 2:
            return 404, {"error": {"type": "not_found", "message": "no such model"}}
        return 200, {"models": [{"endpoint_id": name} for name in query["endpoint_id"]], "has_more": False}

    names = [f"fal-ai/model-{number}" for number in range(101)]
    async with platform(script) as (api, _, _):
        found = await everything(api.models(endpoints=[*names, "no id", "fal-ai/../x"]))
        assert await everything(api.models(endpoints=["no id"])) == []
    assert asked == [50, 50, 1]
    assert [listed.endpoint for listed in found] == [*names[:50], names[100]]


async def test_a_listing_without_ids_that_is_not_there_says_so() -> None:
    async with platform(always(404, {"error": {"type": "not_found", "message": "gone"}})) as (api, _, _):
        with pytest.raises(NotFound, match="gone"):
            await everything(api.models())


async def test_odd_entries_are_passed_over_and_the_others_kept() -> None:
    models = [None, 7, {}, {"endpoint_id": 5}, {"endpoint_id": "../x"}, {"endpoint_id": VEO, "metadata": [1]}]
    async with platform(always(200, {"models": models, "has_more": "perhaps"})) as (api, _, _):
        assert await everything(api.models()) == [Listed(endpoint=VEO, name=VEO)]


async def test_a_cursor_that_comes_back_ends_the_listing_with_an_error() -> None:
    def script(_path: str, query: dict[str, list[str]], _body: bytes) -> Answer:
        after = {"": "a", "a": "b", "b": "a"}[query.get("cursor", [""])[0]]
        return 200, {"models": [{"endpoint_id": VEO}], "next_cursor": after, "has_more": True}

    async with platform(script) as (api, place, _):
        with pytest.raises(NotUnderstood, match="circle"):
            await everything(api.models())
    assert len(place.requests) == 3


async def test_a_listing_without_end_is_left_after_a_number_of_pages() -> None:
    numbers = count()
    async with platform(
        lambda *_: (200, {"models": [], "next_cursor": f"c{next(numbers)}", "has_more": True})
    ) as (api, place, _):
        with pytest.raises(NotUnderstood, match="does not end"):
            await everything(api.models())
    assert len(place.requests) == MOST_PAGES


async def test_a_cursor_goes_out_as_it_came_in_whatever_it_holds() -> None:
    odd = "a+b/c==&limit=1#%20 ü?"
    seen: list[str] = []

    def script(_path: str, query: dict[str, list[str]], _body: bytes) -> Answer:
        if "cursor" not in query:
            return 200, {"models": [], "next_cursor": odd, "has_more": True}
        seen.extend(query["cursor"])
        return 200, {"models": [], "next_cursor": None, "has_more": False}

    async with platform(script) as (api, _, _):
        await everything(api.models())
    assert seen == [odd]


async def test_a_cursor_of_a_megabyte_is_not_sent_back() -> None:
    page = {"models": [], "next_cursor": "x" * 2**20, "has_more": True}
    async with platform(always(200, page)) as (api, place, _):
        with pytest.raises(NotUnderstood, match="cursor"):
            await everything(api.models())
    assert len(place.requests) == 1


async def test_a_large_page_is_read_whole() -> None:
    models = [{"endpoint_id": f"a/m{n}", "openapi": {"openapi": "3", "x": "y" * 40_000}} for n in range(200)]
    async with platform(always(200, {"models": models, "has_more": False})) as (api, _, _):
        found = await everything(api.models(schemas=True))
    assert len(found) == 200
    assert all(len(listed.document) > 40_000 for listed in found)


GARBAGE = [b"", b"<html>", b"\xff\xfe", b"[1]", b'"x"', b"null", b"{}", b'{"models": 5}', b"[" * 100_000]


@pytest.mark.parametrize("body", GARBAGE)
async def test_an_answer_that_is_no_listing_is_not_understood(body: bytes) -> None:
    async with platform(always(200, body)) as (api, _, _):
        for ask in (everything(api.models()), api.prices([VEO]), everything(api.requests(VEO))):
            with pytest.raises(NotUnderstood):
                await ask


Ask = Callable[[Platform], Awaitable[object]]
QUESTIONS: dict[str, Ask] = {
    "models": lambda api: everything(api.models()),
    "document": lambda api: api.document(VEO),
    "prices": lambda api: api.prices([VEO]),
    "estimate": lambda api: api.estimate({VEO: 1}),
    "requests": lambda api: everything(api.requests(VEO)),
    "billing events": lambda api: everything(api.billing_events(start=0, end=1)),
    "balance": lambda api: api.balance(),
}
every_question = pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS.keys())


@every_question
@pytest.mark.parametrize("status", [401, 403])
async def test_what_the_key_may_not_ask_is_refused_once_and_in_fals_words(ask: Ask, status: int) -> None:
    body = {"error": {"type": "authorization_error", "message": "An admin API key is required"}}
    async with platform(always(status, body)) as (api, place, slept):
        with pytest.raises(Refused, match="admin API key") as caught:
            await ask(api)
    assert (caught.value.reason, caught.value.status) == ("auth", status)
    assert (len(place.requests), slept) == (1, [])


@every_question
async def test_a_limit_is_waited_for_as_fal_says_and_then_reported(ask: Ask) -> None:
    body = {"error": {"type": "rate_limited", "message": "slow down"}}
    async with platform(always(429, body, "retry-after: 7\r\n")) as (api, place, slept):
        with pytest.raises(RateLimited, match="slow down") as caught:
            await ask(api)
    assert caught.value.after == 7
    assert (len(place.requests), slept) == (3, [7, 7])


@every_question
async def test_trouble_that_passes_is_not_noticed_and_trouble_that_stays_is_reported(ask: Ask) -> None:
    async with platform(always(500, b"<html>nginx</html>")) as (api, place, slept):
        with pytest.raises(Trouble):
            await ask(api)
    assert (len(place.requests), slept) == (3, [1, 2])


@every_question
async def test_a_connection_that_breaks_is_asked_again_and_then_reported(ask: Ask) -> None:
    async with platform(lambda *_: None) as (api, place, slept):
        with pytest.raises(Unreachable):
            await ask(api)
    assert (place.connections, slept) == (3, [1, 2])


@every_question
async def test_a_wait_of_a_day_is_not_waited(ask: Ask) -> None:
    async with platform(always(429, {}, "retry-after: 86400\r\n")) as (api, _, slept):
        with pytest.raises(RateLimited):
            await ask(api)
    assert slept == [30, 30]


async def test_a_page_that_fails_once_is_asked_again_and_nothing_is_lost_or_doubled() -> None:
    answers: list[Answer] = [
        (200, {"models": [{"endpoint_id": VEO}], "next_cursor": "b", "has_more": True}),
        (502, b"bad gateway"),
        None,
        (200, {"models": [{"endpoint_id": KLING}], "has_more": False}),
    ]
    async with platform(lambda *_: answers.pop(0)) as (api, _, _):
        assert [listed.endpoint for listed in await everything(api.models())] == [VEO, KLING]


async def test_a_document_is_asked_of_the_schema_host_without_the_key() -> None:
    text = '{"openapi": "3.0.4", "paths": {}}'

    def script(path: str, query: dict[str, list[str]], _body: bytes) -> Answer:
        assert (path, query) == ("/schema/api/openapi/queue/openapi.json", {"endpoint_id": [KLING]})
        return 200, text.encode()

    async with platform(script) as (api, place, _):
        assert await api.document(KLING) == text
    assert b"canary" not in place.requests[0]
    assert b"uthorization" not in place.requests[0]


@pytest.mark.parametrize("answer", [(404, {"detail": "no"}), (200, b"null")])
async def test_an_endpoint_without_a_document_is_not_found(answer: tuple[int, object]) -> None:
    async with platform(always(*answer)) as (api, place, _):
        with pytest.raises(NotFound):
            await api.document(KLING)
        with pytest.raises(NotFound):
            await api.document("../../etc/passwd?x=1")
    assert len(place.requests) == 1


@pytest.mark.parametrize("body", [b"<html>", b"{}", b"[]", b'{"openapi": 3}', b'{"error": {"code": "x"}}'])
async def test_a_document_in_another_form_is_not_understood(body: bytes) -> None:
    async with platform(always(200, body)) as (api, _, _):
        with pytest.raises(NotUnderstood):
            await api.document(KLING)


async def test_prices_are_exact_and_an_unknown_one_is_left_out_and_never_free() -> None:
    prices = [
        {"endpoint_id": VEO, "unit_price": 0.07, "unit": "second", "currency": "USD"},
        {"endpoint_id": KLING, "unit_price": "0.1120", "unit": None},
        {"endpoint_id": "a/free", "unit_price": 0},
        {"endpoint_id": "a/none", "unit_price": None},
        {"endpoint_id": "a/odd", "unit_price": True},
        {"endpoint_id": "a/nan", "unit_price": "NaN"},
        {"unit_price": 3},
    ]
    async with platform(always(200, {"prices": prices, "has_more": False})) as (api, _, _):
        found = await api.prices([VEO, KLING, "a/free", "a/none", "a/odd", "a/nan"])
        assert await api.prices([]) == {}
    assert found == {
        VEO: UnitPrice(VEO, Decimal("0.07"), "second", "USD"),
        KLING: UnitPrice(KLING, Decimal("0.1120"), "", "USD"),
        "a/free": UnitPrice("a/free", Decimal(0), "", "USD"),
    }


async def test_an_estimate_is_asked_by_calls_or_by_units() -> None:
    bodies: list[object] = []

    def script(path: str, _query: dict[str, list[str]], body: bytes) -> Answer:
        assert path == "/v1/models/pricing/estimate"
        bodies.append(json.loads(body))
        return 200, {"estimate_type": "unit_price", "total_cost": 1.05, "currency": "USD"}

    async with platform(script) as (api, place, _):
        assert await api.estimate({VEO: 3}) == Estimate(Decimal("1.05"), "USD")
        await api.estimate({VEO: Decimal("2.5")}, by="units")
    assert bodies == [
        {"estimate_type": "historical_api_price", "endpoints": {VEO: {"call_quantity": 3}}},
        {"estimate_type": "unit_price", "endpoints": {VEO: {"unit_quantity": 2.5}}},
    ]
    assert all(asked.startswith(b"POST ") for asked in place.requests)


async def test_an_estimate_without_a_total_is_not_understood() -> None:
    async with platform(always(200, {"currency": "USD"})) as (api, _, _):
        with pytest.raises(NotUnderstood, match="total"):
            await api.estimate({VEO: 1})


async def test_requests_bring_their_payloads_and_times() -> None:
    items = [
        {
            "request_id": "r1",
            "endpoint_id": VEO,
            "sent_at": "2025-01-15T12:00:00.500Z",
            "started_at": "2025-01-15T12:00:01+00:00",
            "ended_at": "2025-01-15T12:00:41",
            "status_code": 200,
            "duration": 40.0,
            "json_input": {"prompt": "zwölf", "seed": 7},
            "json_output": '{"video": {}}',
        },
        {"request_id": "r2", "endpoint_id": VEO, "ended_at": None, "status_code": None, "started_at": "soon"},
        {"endpoint_id": VEO},
    ]

    def script(path: str, query: dict[str, list[str]], _body: bytes) -> Answer:
        assert path == "/v1/models/requests/by-endpoint"
        assert query == {
            "endpoint_id": [VEO],
            "limit": ["100"],
            "start": ["2025-01-15T00:00:00Z"],
            "end": ["2025-01-16T00:00:00Z"],
            "request_id": ["r1"],
            "expand": ["payloads"],
        }
        return 200, {"items": items, "next_cursor": None, "has_more": False}

    async with platform(script) as (api, _, _):
        first, second = await everything(
            api.requests(VEO, start=1736899200.7, end=1736985600, request_id="r1")
        )
    assert first == PastRequest(
        request_id="r1",
        endpoint=VEO,
        sent_at=1736942400.5,
        started_at=1736942401.0,
        ended_at=1736942441.0,
        status=200,
        seconds=40.0,
        input='{"prompt": "zwölf", "seed": 7}',
        output='{"video": {}}',
    )
    assert second == PastRequest(request_id="r2", endpoint=VEO)


async def test_billing_is_asked_in_windows_of_at_most_ninety_days() -> None:
    windows: list[tuple[str, str]] = []

    def script(_path: str, query: dict[str, list[str]], _body: bytes) -> Answer:
        windows.append((query["start"][0], query["end"][0]))
        charge = {"request_id": f"r{len(windows)}", "endpoint_id": VEO, "cost_total": 0.35}
        return 200, {"billing_events": [charge], "has_more": False}

    async with platform(script) as (api, _, _):
        found = await everything(api.billing_events(start=0, end=200 * 86400))
        assert await everything(api.billing_events(start=5, end=5)) == []
    assert [event.request_id for event in found] == ["r1", "r2", "r3"]
    assert [event.cost for event in found] == [Decimal("0.35")] * 3
    assert windows == [
        ("1970-01-01T00:00:00Z", "1970-04-01T00:00:00Z"),
        ("1970-04-01T00:00:00Z", "1970-06-30T00:00:00Z"),
        ("1970-06-30T00:00:00Z", "1970-07-20T00:00:00Z"),
    ]


async def test_a_charge_without_a_total_has_fals_estimate_of_it_or_none() -> None:
    events = [
        {"request_id": "r1", "cost_estimate_nano_usd": 350_000_000, "output_units": 5, "unit_price": 0.07},
        {"request_id": "r2", "cost_total": 0},
        {"request_id": "r3"},
        {"cost_total": 9},
    ]
    async with platform(always(200, {"billing_events": events, "has_more": False})) as (api, _, _):
        found = await everything(api.billing_events(start=0, end=1, request_ids=["r1", "r2"]))
    assert found == [
        BillingEvent("r1", "", units=Decimal(5), unit_price=Decimal("0.07"), cost=Decimal("0.35")),
        BillingEvent("r2", "", cost=Decimal(0)),
        BillingEvent("r3", ""),
    ]


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ({"username": "me", "credits": {"current_balance": 12.3, "currency": "USD"}}, Decimal("12.3")),
        ({"username": "me", "credits": {"current_balance": -0.5}}, Decimal("-0.5")),
        ({"username": "me"}, None),
        ({"credits": {"current_balance": "much"}}, None),
        ([], None),
    ],
)
async def test_the_balance_is_what_fal_says_or_unknown(body: object, left: Decimal | None) -> None:
    async with platform(always(200, body)) as (api, _, _):
        assert await api.balance() == (None if left is None else Balance(left, "USD"))


async def test_the_key_is_in_no_error() -> None:
    async with platform(always(403, b"no")) as (api, _, _):
        with pytest.raises(FalError) as caught:
            await api.balance()
    assert "canary" not in repr(caught.value)
