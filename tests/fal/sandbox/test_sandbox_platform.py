import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from reelroom.fal.sandbox.facts import Facts

from .conftest import SMALL, TEXT, Caller

KLING = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video"
PAST = "models/requests/by-endpoint"
Ask = Any


async def ask(sandbox: Caller, path: str, **query: object) -> httpx.Response:
    return await sandbox.http.get(f"{sandbox.base}/v1/{path}", params={**query})  # type: ignore[arg-type]


async def told(sandbox: Caller, path: str, **query: object) -> dict[str, Any]:
    answer = await ask(sandbox, path, **query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def pages(sandbox: Caller, path: str, **query: object) -> AsyncIterator[dict[str, Any]]:
    cursor = None
    for _ in range(100):
        body = await told(sandbox, path, **query, **({"cursor": cursor} if cursor else {}))
        yield body
        cursor = body["next_cursor"]
        assert body["has_more"] is (cursor is not None)
        if cursor is None:
            return
    raise AssertionError("the listing does not end")


async def test_all_models_come_once_each_page_by_page(sandbox: Caller) -> None:
    sizes, names = [], []
    async for body in pages(sandbox, "models", limit=200):
        sizes.append(len(body["models"]))
        names += [model["endpoint_id"] for model in body["models"]]
    assert sizes == [200, 200, 151]
    assert names == list(Facts())


async def test_a_model_has_what_fals_document_says_that_it_has(sandbox: Caller) -> None:
    (model,) = (await told(sandbox, "models", endpoint_id=KLING))["models"]
    assert model["endpoint_id"] == KLING
    about = model["metadata"]
    assert (about["category"], about["status"], about["kind"]) == ("text-to-video", "active", "inference")
    wanted = "display_name description tags updated_at is_favorited thumbnail_url model_url date"
    assert set(wanted.split()) <= set(about)
    assert datetime.fromisoformat(about["updated_at"]).tzinfo is not None
    assert "openapi" not in model


async def test_models_come_with_their_documents_when_asked(sandbox: Caller) -> None:
    seen = 0
    async for body in pages(sandbox, "models", expand="openapi-3.0", q="kling turbo"):
        for model in body["models"]:
            assert f"/{model['endpoint_id']}" in model["openapi"]["paths"]
            seen += 1
    assert seen > 3


@pytest.mark.parametrize(
    ("query", "all_"),
    [
        ({"q": "KLING pro"}, lambda model: "kling" in str(model).lower()),
        ({"category": "image-to-video"}, lambda m: m["metadata"]["category"] == "image-to-video"),
        ({"status": "deprecated"}, lambda model: model["metadata"]["status"] == "deprecated"),
    ],
)
async def test_models_are_found_by_what_they_are(sandbox: Caller, query: dict[str, str], all_: Ask) -> None:
    found = [model async for body in pages(sandbox, "models", **query) for model in body["models"]]
    assert found != []
    assert all(all_(model) for model in found)
    assert len(found) < 551


async def test_of_the_models_named_those_that_are_known_come(sandbox: Caller) -> None:
    body = await told(sandbox, "models", endpoint_id=[KLING, "no/such", TEXT])
    assert [model["endpoint_id"] for model in body["models"]] == [KLING, TEXT]
    body = await told(sandbox, "models", endpoint_id=f"{KLING},{TEXT}")
    assert len(body["models"]) == 2
    answer = await ask(sandbox, "models", endpoint_id="no/such")
    assert answer.status_code == 404
    assert answer.json()["error"]["type"] == "not_found"


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("models", {"limit": "0"}),
        ("models", {"limit": "many"}),
        ("models", {"cursor": "!"}),
        ("models", {"cursor": "LTE="}),
        ("models", {"status": "gone"}),
        ("models", {"endpoint_id": ",".join(f"a/{n}" for n in range(51))}),
        ("models/pricing", {}),
        (PAST, {}),
        (PAST, {"endpoint_id": TEXT, "limit": "101"}),
        (PAST, {"endpoint_id": TEXT, "start": "yesterday"}),
        (PAST, {"endpoint_id": TEXT, "sort_by": "name"}),
        (PAST, {"endpoint_id": TEXT, "status": "fine"}),
        ("models/billing-events", {"start": "2026-01-01", "end": "2026-06-01"}),
    ],
)
async def test_a_question_that_makes_no_sense_is_400_in_the_platforms_form(
    sandbox: Caller, path: str, query: dict[str, str]
) -> None:
    answer = await ask(sandbox, path, **query)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "validation_error"
    assert answer.json()["error"]["message"]


async def test_prices_come_for_endpoints_that_have_a_known_one(sandbox: Caller) -> None:
    body = await told(sandbox, "models/pricing", endpoint_id=[KLING, TEXT, "no/such"])
    (price,) = body["prices"]
    assert price == {"endpoint_id": KLING, "unit_price": 0.7, "unit": "video", "currency": "USD"}


@pytest.mark.parametrize(
    ("kind", "quantity", "total"),
    [("historical_api_price", {"call_quantity": 3}, 2.1), ("unit_price", {"unit_quantity": 0.5}, 0.35)],
)
async def test_an_estimate_is_the_sum_of_its_parts(
    sandbox: Caller, kind: str, quantity: dict[str, float], total: float
) -> None:
    url = f"{sandbox.base}/v1/models/pricing/estimate"
    body = {"estimate_type": kind, "endpoints": {KLING: quantity}}
    answer = await sandbox.http.post(url, json=body)
    assert answer.json() == {"estimate_type": kind, "total_cost": total, "currency": "USD"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ([], 400),
        ({"estimate_type": "guess", "endpoints": {KLING: {"call_quantity": 1}}}, 400),
        ({"estimate_type": "unit_price", "endpoints": {KLING: {"call_quantity": 1}}}, 400),
        ({"estimate_type": "historical_api_price", "endpoints": {KLING: {"call_quantity": 0}}}, 400),
        ({"estimate_type": "historical_api_price", "endpoints": {KLING: {"call_quantity": True}}}, 400),
        ({"estimate_type": "historical_api_price", "endpoints": {TEXT: {"call_quantity": 1}}}, 404),
    ],
)
async def test_an_estimate_of_nothing_known_is_refused(sandbox: Caller, body: object, status: int) -> None:
    answer = await sandbox.http.post(f"{sandbox.base}/v1/models/pricing/estimate", json=body)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


async def test_a_past_request_is_listed_with_its_payloads(sandbox: Caller) -> None:
    await sandbox.pace(queue_s=0, run_s=0)
    video = await sandbox.video(seed=7)
    body = await told(sandbox, PAST, endpoint_id=TEXT, expand="payloads")
    (item,) = body["items"]
    assert item["request_id"].replace("-", "") in video["url"]
    assert (item["endpoint_id"], item["status_code"]) == (TEXT, 200)
    assert item["json_input"] == SMALL | {"seed": 7}
    assert item["json_output"]["video"] == video
    assert item["duration"] >= 0
    assert item["sent_at"] <= item["started_at"] <= item["ended_at"]
    (bare,) = (await told(sandbox, PAST, endpoint_id=TEXT))["items"]
    assert not {"json_input", "json_output"} & set(bare)
    assert (await told(sandbox, PAST, endpoint_id=KLING))["items"] == []


async def test_past_requests_are_found_by_time_outcome_and_id(sandbox: Caller) -> None:
    await sandbox.pace(queue_s=0, run_s=0)
    tickets = [await sandbox.submit(seed=n) for n in range(3)]
    bad = (await sandbox.http.post(f"{sandbox.base}/queue/{TEXT}", json={})).json()
    for ticket in [*tickets, bad]:
        await sandbox.until(ticket, "COMPLETED")

    async def found(**query: object) -> list[str]:
        return [
            item["request_id"]
            async for body in pages(sandbox, PAST, endpoint_id=TEXT, **query)
            for item in body["items"]
        ]

    every = {ticket["request_id"] for ticket in [*tickets, bad]}
    assert set(await found()) == set(await found(limit=1)) == every
    assert await found(status="user_error") == [bad["request_id"]]
    assert await found(status="error") == []
    assert len(await found(status="success", sort_by="duration")) == 3
    assert await found(request_id=bad["request_id"]) == [bad["request_id"]]
    now = datetime.now(UTC)
    assert await found(start=(now + timedelta(minutes=1)).isoformat()) == []
    assert await found(end=f"{now - timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}") == []
    assert set(await found(start=f"{now - timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}")) == every


async def test_the_listing_can_be_late_partial_bare_off_and_forbidden(sandbox: Caller) -> None:
    await sandbox.pace(queue_s=0, run_s=0)
    await sandbox.video()
    unlisted: dict[str, object] = {"step": "request", "listed": False}
    asked = {"endpoint_id": TEXT, "expand": "payloads"}
    assert len((await told(sandbox, PAST, **asked))["items"]) == 1
    await sandbox.scenario(listing_lag_s=60)
    assert (await told(sandbox, PAST, **asked))["items"] == []
    await sandbox.scenario(listing="off")
    assert (await told(sandbox, PAST, **asked))["items"] == []
    await sandbox.scenario(listing_payloads=False)
    (item,) = (await told(sandbox, PAST, **asked))["items"]
    assert "json_input" not in item
    await sandbox.scenario(listing="forbidden")
    answer = await ask(sandbox, PAST, **asked)
    assert (answer.status_code, answer.json()["error"]["type"]) == (403, "authorization_error")
    await sandbox.scenario(unlisted)
    await sandbox.video(seed=4)
    assert len((await told(sandbox, PAST, **asked))["items"]) == 1


async def test_unfinished_requests_are_listed_only_where_that_is_set(sandbox: Caller) -> None:
    await sandbox.pace(queue_s=0, run_s=30)
    await sandbox.until(await sandbox.submit(), "IN_PROGRESS")
    assert (await told(sandbox, PAST, endpoint_id=TEXT))["items"] == []
    await sandbox.scenario(listing_unfinished=True)
    (item,) = (await told(sandbox, PAST, endpoint_id=TEXT, expand="payloads"))["items"]
    assert (item["ended_at"], item["status_code"], item["duration"]) == (None, None, None)
    assert item["json_input"] == SMALL
    assert "json_output" not in item


async def test_what_was_rendered_is_charged_by_its_price(sandbox: Caller) -> None:
    await sandbox.pace(queue_s=0, run_s=0)
    given = {"prompt": "a", "duration": "5", "resolution": "144p"}
    for endpoint in (KLING, TEXT):
        ticket = (await sandbox.http.post(f"{sandbox.base}/queue/{endpoint}", json=given)).json()
        await sandbox.until(ticket, "COMPLETED")
    events = {e["endpoint_id"]: e for e in (await told(sandbox, "models/billing-events"))["billing_events"]}
    assert (events[KLING]["cost_total"], events[KLING]["output_units"]) == (0.7, 1)
    assert events[KLING]["cost_estimate_nano_usd"] == 700_000_000
    assert events[TEXT]["cost_total"] is None
    only = await told(sandbox, "models/billing-events", request_id=events[TEXT]["request_id"])
    assert [event["endpoint_id"] for event in only["billing_events"]] == [TEXT]
    assert await told(sandbox, "account/billing") == {"username": "sandbox"}
    account = await told(sandbox, "account/billing", expand="credits")
    assert account["credits"] == {"current_balance": 99.3, "currency": "USD"}


async def test_a_key_is_needed_only_where_that_is_set(sandbox: Caller) -> None:
    await sandbox.scenario(platform_key=True)
    url = f"{sandbox.base}/v1/account/billing"
    for headers in ({}, {"authorization": "Bearer x"}, {"authorization": "Key"}):
        answer = await sandbox.http.get(url, headers=headers)
        assert (answer.status_code, answer.json()["error"]["type"]) == (401, "authorization_error")
    assert (await sandbox.http.get(url, headers={"authorization": "Key a:b"})).status_code == 200
    assert (await ask(sandbox, "models", limit=1)).status_code == 200


async def test_a_minute_allows_only_so_many_questions(sandbox: Caller) -> None:
    await sandbox.scenario(platform_per_minute=2)
    answers = await asyncio.gather(*(ask(sandbox, "account/billing") for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 429, 429]
    (refused, _) = [answer for answer in answers if answer.status_code == 429]
    assert refused.json()["error"]["type"] == "rate_limited"


@pytest.mark.parametrize("path", ["nothing", "models/usage", ""])
async def test_what_the_platform_does_not_have_is_404_in_its_form(sandbox: Caller, path: str) -> None:
    answer = await ask(sandbox, path)
    assert (answer.status_code, answer.json()["error"]["type"]) == (404, "not_found")
